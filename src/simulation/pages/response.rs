//! What a server answers.

use std::time::Duration;

/// What every page in XML begins with. The bytes are UTF-8 all the same, as with real servers.
const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"ISO-8859-1\" ?>\n";

/// A response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// Status of HTTP.
    pub status: u16,
    /// The header `Content-Type`.
    pub content_type: &'static str,
    /// The header `Location`; may be empty.
    pub location: String,
    /// The header `ETag`; may be empty.
    pub etag: String,
    /// The header `Last-Modified`, Unix seconds.
    pub modified: Option<u64>,
    /// The body.
    pub body: Vec<u8>,
    /// Real time for which it is held back.
    pub delay: Duration,
}

impl Response {
    /// A response with this body.
    #[must_use]
    pub fn new(status: u16, content_type: &'static str, body: impl Into<Vec<u8>>) -> Self {
        let (location, etag) = (String::new(), String::new());
        Self { status, content_type, location, etag, modified: None, body: body.into(), delay: Duration::ZERO }
    }

    /// A page of a web RPC, without the declaration.
    #[must_use]
    pub fn xml(text: &str) -> Self {
        Self::new(200, "text/xml;charset=UTF-8", format!("{DECLARATION}{text}"))
    }

    /// A page for people.
    #[must_use]
    pub fn html(status: u16, text: &str) -> Self {
        Self::new(status, "text/html; charset=utf-8", text)
    }

    /// Another address.
    #[must_use]
    pub fn redirect(location: String) -> Self {
        Self { location, ..Self::new(302, "text/html; charset=UTF-8", "") }
    }

    /// An error of BOINC's.
    #[must_use]
    pub fn error(number: i32, text: &str) -> Self {
        Self::xml(&error(number, text))
    }
}

/// An error of BOINC's as an element.
#[must_use]
pub fn error(number: i32, text: &str) -> String {
    format!("<error>\n    <error_num>{number}</error_num>\n    <error_msg>{text}</error_msg>\n</error>\n")
}

/// A text in which BOINC's servers replace characters that mean something to XML.
#[must_use]
pub fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
