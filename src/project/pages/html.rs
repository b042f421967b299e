//! Pages for people that come instead of data, told apart by their titles, and by words of fixed sentences. Bytes come in, the kind of the
//! page goes out. Words of a page's own text mean nothing: news tell of maintenance that is over.

use memchr::memmem;

use crate::project::reason::Reason;

/// Bytes that are looked at. Titles stand at the beginning, and the fixed sentences after a menu of 10 kB at most.
const MAX_LOOKED_AT: usize = 64 << 10;

/// What kind of page it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The operator stopped the project.
    Maintenance,
    /// The database is down.
    Database,
    /// An error that the project writes for people.
    Error,
    /// A program of the server failed.
    Broken,
    /// It tells robots from people.
    Robots,
    /// It asks for a login.
    Login,
    /// What stands before the server says that it is not there.
    Unavailable,
    /// There is no such page.
    Missing,
    /// Any other page of a BOINC project.
    Boinc,
    /// No page of a BOINC project.
    Other,
}

impl Kind {
    /// What it means, whatever the status.
    pub const fn reason(self) -> Option<Reason> {
        Some(match self {
            Self::Maintenance => Reason::Maintenance,
            Self::Database => Reason::Database,
            Self::Error => Reason::ProjectError,
            Self::Broken => Reason::ServerError,
            Self::Robots => Reason::Blocked,
            Self::Login => Reason::Login,
            Self::Unavailable => Reason::Unavailable,
            Self::Missing => Reason::MissingPage,
            Self::Boinc | Self::Other => return None,
        })
    }
}

/// Sentences of BOINC's own pages, as they end (`html/inc/util.inc`).
const SENTENCES: [(&[u8], Kind); 6] = [
    (b"is temporarily shut down for maintenance", Kind::Maintenance),
    (b"unable to connect to database - please try again later", Kind::Database),
    (b"can't connect to database", Kind::Database),
    (b"can&#039;t connect to database", Kind::Database),
    (b"can't open database", Kind::Database),
    (b"database is down", Kind::Database),
];

/// Words in titles.
const TITLES: [(&[u8], Kind); 27] = [
    (b"maintenance", Kind::Maintenance),
    (b"wartung", Kind::Maintenance),
    (b"mantenimiento", Kind::Maintenance),
    (b"manutenzione", Kind::Maintenance),
    (b"temporarily offline", Kind::Maintenance),
    (b"database", Kind::Database),
    (b"just a moment", Kind::Robots),
    (b"attention required", Kind::Robots),
    (b"cloudflare access", Kind::Robots),
    (b"access denied", Kind::Robots),
    (b"403 forbidden", Kind::Robots),
    (b"not acceptable", Kind::Robots),
    (b"checking your browser", Kind::Robots),
    (b"not a bot", Kind::Robots),
    (b"not a robot", Kind::Robots),
    (b"ddos", Kind::Robots),
    (b"captcha", Kind::Robots),
    (b"are you human", Kind::Robots),
    (b"internal server error", Kind::Broken),
    (b"502 bad gateway", Kind::Unavailable),
    (b"503 service", Kind::Unavailable),
    (b"504 gateway", Kind::Unavailable),
    (b"service unavailable", Kind::Unavailable),
    (b"bad gateway", Kind::Unavailable),
    (b"gateway time", Kind::Unavailable),
    (b"404", Kind::Missing),
    (b"not found", Kind::Missing),
];

/// Marks of walls against robots anywhere in a page.
const ROBOTS: [&[u8]; 7] = [
    b"cdn-cgi/challenge-platform",
    b"_cf_chl_opt",
    b"cf-browser-verification",
    b"/.within.website/x/cmd/anubis",
    b"_incapsula_resource",
    b"px-captcha",
    b"ddos-guard",
];

/// Marks of BOINC's pages. None can stand in an address that is asked for: portals repeat it.
const BOINC: [&[u8]; 10] = [
    b"boinc.berkeley.edu",
    b"powered by boinc",
    b"boinc_scheduler",
    b"forum_index.php",
    b"rss_main.php",
    b"login_form.php",
    b"top_users.php",
    b"@home",
    b"berkeley open infrastructure",
    b"volunteer computing",
];

/// What kind of page it is; `None` if it is no HTML.
pub fn kind(page: &[u8]) -> Option<Kind> {
    let text = page[..page.len().min(MAX_LOOKED_AT)].to_ascii_lowercase();
    let has = |mark: &[u8]| memmem::find(&text, mark).is_some();
    if ![b"<html".as_slice(), b"<!doctype html", b"<head", b"<body", b"<title"].into_iter().any(has) {
        return None;
    }
    let title = title(&text);
    let titled = |word: &[u8]| memmem::find(title, word).is_some();
    let boinc = BOINC.into_iter().any(has);
    let sentence = || SENTENCES.into_iter().find(|(sentence, _)| has(sentence)).map(|(_, kind)| kind);
    if titled(b"unable to handle request") {
        return Some(sentence().unwrap_or(Kind::Error));
    }
    if let Some((_, kind)) = TITLES.into_iter().find(|(word, _)| titled(word)) {
        return Some(kind);
    }
    let login = title.starts_with(b"log in") || title.starts_with(b"login") || title.starts_with(b"sign in");
    Some(if ROBOTS.into_iter().any(has) {
        Kind::Robots
    } else if has(b"login_action.php") || login && boinc {
        Kind::Login
    } else if let Some(kind) = sentence() {
        kind
    } else if boinc {
        Kind::Boinc
    } else {
        Kind::Other
    })
}

/// The title of a page in small letters.
fn title(text: &[u8]) -> &[u8] {
    let Some(start) = memmem::find(text, b"<title") else { return b"" };
    let rest = &text[start..];
    let rest = &rest[memchr::memchr(b'>', rest).map_or(rest.len(), |at| at + 1)..];
    rest[..memmem::find(rest, b"</title").unwrap_or(rest.len())].trim_ascii()
}
