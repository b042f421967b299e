//! What a server is asked: a path, arguments, and what was posted.

use reqwest::Url;

/// Last part of the path of every scheduler.
pub const SCHEDULER: &str = "cgi";

/// A request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The address that it was sent to, such as `http://127.0.0.1:31501`.
    pub origin: String,
    /// Path and query.
    pub target: String,
    /// What was posted; `None` is a GET.
    pub posted: Option<String>,
    /// The header `If-None-Match`; may be empty.
    pub if_none_match: String,
}

impl Request {
    /// A GET of this path and query.
    #[must_use]
    pub fn get(target: &str) -> Self {
        let (origin, target) = ("http://127.0.0.1".to_owned(), target.to_owned());
        Self { origin, target, posted: None, if_none_match: String::new() }
    }

    /// A POST to this path.
    #[must_use]
    pub fn post(target: &str, posted: &str) -> Self {
        Self { posted: Some(posted.to_owned()), ..Self::get(target) }
    }

    /// The last part of the path; empty for the first page.
    #[must_use]
    pub fn page(&self) -> &str {
        let path = self.target.split('?').next().unwrap_or_default();
        path.rsplit('/').next().unwrap_or_default()
    }

    /// The folder of the path, with slashes around it.
    #[must_use]
    pub fn folder(&self) -> &str {
        let path = self.target.split('?').next().unwrap_or_default();
        let folder = &path[..path.rfind('/').map_or(0, |slash| slash + 1)];
        if folder.is_empty() { "/" } else { folder }
    }

    /// An argument of the query.
    #[must_use]
    pub fn argument(&self, name: &str) -> Option<String> {
        let (_, query) = self.target.split_once('?')?;
        pair(query, name)
    }

    /// A field of the form that was posted.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<String> {
        pair(self.posted.as_deref()?, name)
    }
}

/// A value of a query or a form.
fn pair(query: &str, name: &str) -> Option<String> {
    let url = Url::parse(&format!("http://localhost/?{query}")).ok()?;
    url.query_pairs().find(|(known, _)| known == name).map(|(_, value)| value.into_owned())
}

/// The text of the first element with this name.
pub fn leaf<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(&format!("<{name}>"))?;
    rest.split('<').next().map(str::trim)
}
