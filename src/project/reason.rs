//! Why a page of a project could not be had: the label `reason`. The same outage looks different from page to page, and
//! the same answer means different things on one page and on all: each page keeps its own reason.

use std::fmt;

macro_rules! reasons {
    ($($(#[$doc:meta])* $reason:ident $name:literal $sentence:literal;)*) => {
        /// A reason, as the label shows it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Reason { $($(#[$doc])* $reason),* }

        impl Reason {
            /// All, in the order in which they are shown.
            pub const ALL: &'static [Self] = &[$(Self::$reason),*];

            /// The value of the label.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$reason => $name),* }
            }

            /// What happened and what to do, for an operator.
            #[must_use]
            pub const fn sentence(self) -> &'static str {
                match self { $(Self::$reason => $sentence),* }
            }
        }
    };
}

reasons! {
    /// The host has no address.
    Dns "dns" "the name of the server has no address: check the URL";
    /// Nothing listens.
    Refused "refused" "nothing listens at the server's address: check the URL, or wait";
    /// No way to the host, or the connection broke.
    Unreachable "unreachable" "the server cannot be reached: check the network, or wait";
    /// No answer in time.
    Timeout "timeout" "no answer in time: the server is busy, or drops requests";
    /// The certificate or the handshake is bad.
    Tls "tls" "no secure connection: the certificate expired, is not trusted, or is for another name";
    /// The answer is longer than allowed.
    TooLarge "too_large" "the answer is longer than allowed";
    /// The answer ended too early.
    Truncated "truncated" "the answer broke off";
    /// An address that does not belong to what was asked.
    Redirect "redirect" "the page has moved: give the address that a browser ends at";
    /// The page wants somebody to log in on the web site.
    Login "login" "the project shows this page only to people who are logged in";
    /// HTTP authentication.
    Unauthorized "unauthorized" "the page wants a user name and password of HTTP";
    /// Kept out: 403, or a page that tells robots from people.
    Blocked "blocked" "the project keeps programs out of this page: ask its operator";
    /// 429.
    TooManyRequests "too_many_requests" "the project asks for fewer requests";
    /// 404 or 410: older code, another address, or a wall.
    MissingPage "missing_page" "the project does not offer this page at this address";
    /// The project is stopped on purpose.
    Maintenance "maintenance" "the project is down for maintenance";
    /// The project's database does not answer.
    Database "database" "the project's database is down";
    /// The server's own software failed.
    ServerError "server_error" "the project's server failed while it made the page";
    /// 502, 503, 504: what stands before the server answers in its place.
    Unavailable "unavailable" "the project's server is not available behind its front end";
    /// Any other status of HTTP.
    HttpError "http_error" "the server answered with an HTTP error";
    /// HTML of the project, but not what was asked for.
    Html "html" "the project answered with a page for people: it does not offer this page to programs";
    /// HTML that is no page of BOINC.
    Portal "portal" "a page that is not the project's came instead: a captive portal, a proxy, or another web site";
    /// The page at the project's address names no scheduler.
    NoScheduler "no_scheduler" "the page at this address names no scheduler: give the address that clients attach to";
    /// Nothing, or nothing but the declaration.
    Empty "empty" "the answer is empty";
    /// No such account, team or batch, or no account with this key.
    UnknownId "unknown_id" "the project does not know this id or key";
    /// The key is wrong.
    BadKey "bad_key" "the project does not accept this key: it wants the account key, not the weak one";
    /// The key is right and does not suffice.
    AccessDenied "access_denied" "the account may not do this: it needs the right to submit batches";
    /// The server did not take the form of the request.
    Rejected "rejected" "the server did not accept the form of the request: it may be older or newer than known ones";
    /// Any other error that the project names.
    ProjectError "project_error" "the project answered with an error";
    /// An account manager, not a project.
    AccountManager "account_manager" "this is an account manager, not a project: give the address of a project";
    /// Something else.
    Unknown "unknown" "the answer has a form that is not known";
    /// The file with the key cannot be read.
    KeyFile "key_file" "the key file cannot be read";
    /// It was not this page's turn.
    NotAsked "not_asked" "the page has not been asked for yet";
    /// A defect of the exporter.
    Internal "internal" "a defect of the exporter";
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
