//! The names of projects. What the client tells of them comes in; what is labelled with a project gets its present name and its
//! master URL. It does not know what is labelled.

use std::collections::HashMap;
use std::sync::Arc;

use crate::client::snapshot::OfProject;

/// Maximum number of names, of all projects attached since the exporter started. Users attach dozens at most.
const MAX: usize = 1000;

/// Project names by master URL. Names of detached projects are kept: tasks reported for them are still exported under the
/// same name.
#[derive(Debug, Default)]
pub struct ProjectNames {
    names: HashMap<Arc<str>, Arc<str>>,
    /// The client has told them.
    told: bool,
}

impl ProjectNames {
    /// Records the present names of the client's projects: master URLs and names.
    pub fn record<'a>(&mut self, projects: impl Iterator<Item = (&'a str, &'a str)>) {
        if self.names.len() > MAX {
            self.names.clear();
        }
        self.told = true;
        self.names.extend(projects.map(|(url, name)| (Arc::from(url), Arc::from(name))));
    }

    /// Whether the client has told its projects.
    #[must_use]
    pub const fn are_told(&self) -> bool {
        self.told
    }

    /// Records a name, unless the client has told one.
    pub fn suggest(&mut self, url: &str, name: &str) {
        self.names.entry(url.into()).or_insert_with(|| name.into());
    }

    /// Labels `item` with the project that has this master URL.
    #[must_use]
    pub fn of_url<T>(&self, url: &str, item: T) -> OfProject<T> {
        let (url, name) = match self.names.get_key_value(url) {
            Some((url, name)) => (Arc::clone(url), Arc::clone(name)),
            None => (Arc::from(url), Arc::from(url)),
        };
        OfProject { url, name, item }
    }

    /// Labels `item` with the project of this name, or with this master URL. The client's texts have the one or, before the first
    /// contact, the other. A name that no project has now is left as it is, without a URL.
    #[must_use]
    pub fn of_text<T>(&self, text: &str, item: T) -> OfProject<T> {
        if self.names.contains_key(text) {
            return self.of_url(text, item);
        }
        let named = self.names.iter().filter(|(_, name)| &***name == text && !text.is_empty());
        // Of two projects of one name, always the same.
        match named.min_by_key(|(url, _)| *url) {
            Some((url, name)) => OfProject { url: Arc::clone(url), name: Arc::clone(name), item },
            None => OfProject { url: Arc::from(""), name: Arc::from(text), item },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ProjectNames;

    #[test]
    fn a_project_is_the_same_by_url_and_by_name() {
        let mut names = ProjectNames::default();
        names.record([("https://b/", "Beta"), ("https://a/", "Beta"), ("https://c/", "https://c/")].into_iter());
        names.suggest("https://c/", "Gamma");
        names.suggest("https://d/", "Delta");
        let of = |text| {
            let of = names.of_text(text, ());
            (of.name.to_string(), of.url.to_string())
        };
        let pair = |name: &str, url: &str| (name.to_owned(), url.to_owned());
        assert!(names.are_told());
        assert_eq!(of("https://b/"), pair("Beta", "https://b/"));
        assert_eq!(of("Beta"), pair("Beta", "https://a/"));
        assert_eq!(of("https://c/"), pair("https://c/", "https://c/"));
        assert_eq!(of("Delta"), pair("Delta", "https://d/"));
        assert_eq!(of("Old name"), pair("Old name", ""));
        assert_eq!(of(""), pair("", ""));
        assert_eq!(&*names.of_url("https://e/", ()).name, "https://e/");
    }
}
