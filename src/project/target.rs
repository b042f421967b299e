//! One project to watch: its addresses, whose account, and what to collect. Comes from the configuration, or from what clients
//! tell; keys are read here, from their files. It does not know when a page is asked for.

use std::fmt;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use reqwest::Url;
use secrecy::SecretString;

use super::collectors::Collectors;
use crate::secret_file::{self, Purpose, Unreadable, shown_name};

/// A project to watch.
#[derive(Debug, Clone, PartialEq)]
pub struct Target {
    /// The label `project`; `None`: the project's own name.
    pub name: Option<String>,
    /// Where the project is.
    pub url: MasterUrl,
    /// Ids of the accounts to watch. They are public.
    pub accounts: Vec<u64>,
    /// The file with the account key.
    pub account_key: Option<PathBuf>,
    /// Id of the team to watch.
    pub team: Option<u64>,
    /// The file with the key of an account that submits jobs.
    pub submitter: Option<PathBuf>,
    /// What to collect.
    pub collectors: Collectors,
    /// Where the web RPCs are, if not at the master URL. Ends with a slash.
    pub web_rpc_url: Option<Url>,
    /// The page of the server status, if it has another address.
    pub status_url: Option<Url>,
    /// The scheduler, if the project's first page cannot be had or does not tell.
    pub scheduler_url: Option<Url>,
    /// The folder of the statistics export, or the file itself, if it has another address.
    pub stats_url: Option<Url>,
}

impl Target {
    /// A project of which only the address is known.
    #[must_use]
    pub const fn new(url: MasterUrl, collectors: Collectors) -> Self {
        Self {
            name: None,
            url,
            accounts: Vec::new(),
            account_key: None,
            team: None,
            submitter: None,
            collectors,
            web_rpc_url: None,
            status_url: None,
            scheduler_url: None,
            stats_url: None,
        }
    }

    /// The address of a page of the web RPCs.
    #[must_use]
    pub fn page(&self, page: &str) -> Url {
        joined(self.web_rpc_url.as_ref().unwrap_or(&self.url.0), page)
    }

    /// The address of the server status, as XML.
    #[must_use]
    pub fn status_page(&self) -> Url {
        const PAGE: &str = "server_status.php";
        let mut url = match &self.status_url {
            None => self.page(PAGE),
            Some(url) if url.path().ends_with('/') => joined(url, PAGE),
            Some(url) => url.clone(),
        };
        // Some servers have a static file instead.
        let is_script = url.path().rsplit_once('.').is_some_and(|(_, end)| end.eq_ignore_ascii_case("php"));
        if url.query().is_none() && is_script {
            // The argument is an integer: `xml=true` leads to an error page.
            url.set_query(Some("xml=1"));
        }
        url
    }

    /// The address of the file with the totals of the statistics export.
    #[must_use]
    pub fn statistics_page(&self) -> Url {
        match &self.stats_url {
            None => self.page("stats/tables.xml"),
            Some(url) if url.path().ends_with('/') => joined(url, "tables.xml"),
            Some(url) => url.clone(),
        }
    }

    /// All addresses to which a key may be sent. The scheme must be https, or the host this computer.
    #[must_use]
    pub fn takes_keys(&self) -> bool {
        is_private(self.web_rpc_url.as_ref().unwrap_or(&self.url.0))
    }
}

/// Reads a key from its file. It is read again each time, so a changed file needs no reload.
///
/// # Errors
/// A sentence that names the file and says what to do.
pub fn read_key(file: &Path) -> Result<SecretString, Unreadable> {
    const KEY_FILE: Purpose = Purpose {
        name: "key file",
        create: "create it with the account key as its first line; `boinc_exporter login URL` finds the key",
        secret: "key",
    };
    let shown = shown_key_file(file);
    let key = secret_file::first_line(file, &shown, KEY_FILE)?;
    key.ok_or_else(|| Unreadable::Other(format!("the key file {shown} is empty")))
}

/// The path of a key file for messages. By mistake its name may be the key itself.
#[must_use]
pub fn shown_key_file(file: &Path) -> String {
    let name = shown_name(file.file_name().map_or(file, Path::new));
    file.parent().unwrap_or(Path::new("")).join(name).display().to_string()
}

/// The URL that identifies a project: where a browser finds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MasterUrl(Url);

impl MasterUrl {
    /// Reads a URL as people and clients write it.
    ///
    /// # Errors
    /// The end of a sentence. It does not repeat the URL, which may contain a password.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut url = parse_url(text)?;
        if url.query().is_some() {
            return Err("must not have a query (`?…`): it is the address of the project's first page".to_owned());
        }
        if !url.path().ends_with('/') {
            url.set_path(&format!("{}/", url.path()));
        }
        Ok(Self(url))
    }

    /// What identifies the project: the URL without its scheme, because projects have moved from http to https and clients
    /// keep the address with which they were attached.
    #[must_use]
    pub fn key(&self) -> String {
        let url = self.0.as_str();
        url.split_once("://").map_or(url, |(_, rest)| rest).trim_end_matches('/').to_owned()
    }

    /// The URL.
    #[must_use]
    pub const fn url(&self) -> &Url {
        &self.0
    }

    /// The URL, in full.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl fmt::Display for MasterUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str())
    }
}

/// A web address, without a user name and a fragment.
///
/// # Errors
/// The end of a sentence. It does not repeat the URL, which may contain a password.
pub fn parse_url(text: &str) -> Result<Url, String> {
    const WANTED: &str = "must be the address of a web page, such as \"https://einstein.phys.uwm.edu/\"";
    let url = Url::parse(text.trim()).map_err(|_| WANTED.to_owned())?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none_or(str::is_empty) {
        return Err(WANTED.to_owned());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("must not contain a user name or a password".to_owned());
    }
    if url.fragment().is_some() {
        return Err("must not contain a `#`".to_owned());
    }
    Ok(url)
}

/// Whether nobody on the way can read what is sent there: over https, or to this computer.
#[must_use]
pub fn is_private(url: &Url) -> bool {
    url.scheme() == "https" || is_loopback(url)
}

/// Whether the host is this computer.
#[must_use]
pub fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// A page in the folder of this URL.
fn joined(folder: &Url, page: &str) -> Url {
    let mut url = folder.clone();
    url.set_query(None);
    let (path, query) = page.split_once('?').map_or((page, None), |(path, query)| (path, Some(query)));
    let folder = if folder.path().ends_with('/') { folder.path().to_owned() } else { format!("{}/", folder.path()) };
    url.set_path(&format!("{folder}{path}"));
    url.set_query(query);
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(url: &str) -> Target {
        Target::new(MasterUrl::parse(url).unwrap(), Collectors::default())
    }

    #[test]
    fn a_project_is_the_same_over_http_and_https_and_with_or_without_a_slash() {
        for url in ["https://Example.ORG/Alpha", "http://example.org/Alpha/", " https://example.org:443/Alpha/"] {
            assert_eq!(MasterUrl::parse(url).unwrap().key(), "example.org/Alpha", "{url}");
        }
        // Paths are case-sensitive.
        assert_ne!(MasterUrl::parse("https://example.org/alpha").unwrap().key(), "example.org/Alpha");
        assert_eq!(MasterUrl::parse("https://moowrap.net").unwrap().as_str(), "https://moowrap.net/");
    }

    #[test]
    fn what_is_no_address_of_a_project() {
        for url in [
            "",
            "einstein",
            "einstein.phys.uwm.edu",
            "ftp://a/",
            "https://",
            "https://me:hunter2@a/",
            "https://a/?x",
            "https://a/#x",
        ] {
            let problem = MasterUrl::parse(url).unwrap_err();
            assert!(problem.starts_with("must ") && !problem.contains("hunter2"), "{url}: {problem}");
        }
    }

    #[test]
    fn pages_lie_where_they_are_said_to_lie() {
        let mut target = target("https://example.org/alpha");
        let pages = |target: &Target| {
            [target.page("show_user.php"), target.status_page(), target.statistics_page()].map(|url| url.to_string())
        };
        assert_eq!(
            pages(&target),
            [
                "https://example.org/alpha/show_user.php",
                "https://example.org/alpha/server_status.php?xml=1",
                "https://example.org/alpha/stats/tables.xml"
            ]
        );
        target.web_rpc_url = Some(parse_url("https://rpc.example.org/boinc").unwrap());
        assert_eq!(
            pages(&target),
            [
                "https://rpc.example.org/boinc/show_user.php",
                "https://rpc.example.org/boinc/server_status.php?xml=1",
                "https://rpc.example.org/boinc/stats/tables.xml"
            ]
        );
        target.status_url = Some(parse_url("https://example.org/server_status.xml").unwrap());
        target.stats_url = Some(parse_url("https://download.example.org/stats/").unwrap());
        assert_eq!(
            pages(&target)[1..],
            ["https://example.org/server_status.xml", "https://download.example.org/stats/tables.xml"]
        );
    }

    #[test]
    fn keys_travel_over_https_or_within_this_computer() {
        for (url, private) in [
            ("https://example.org/", true),
            ("http://example.org/", false),
            ("http://localhost:8080/", true),
            ("http://127.0.0.1/alpha/", true),
            ("http://127.1.2.3/", true),
            ("http://[::1]/", true),
            ("http://localhost.example.org/", false),
            ("http://128.0.0.1/", false),
        ] {
            assert_eq!(target(url).takes_keys(), private, "{url}");
        }
    }
}
