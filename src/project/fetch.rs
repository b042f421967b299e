//! One exchange with a project's server over HTTP. A request comes in; status, headers and body go out, or a reason. It is
//! bounded in size and in time, follows no address but the same one over https, and says in no message what it asked for: the
//! query can hold a key. It does not know pages.

mod error;
mod redirect;

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use reqwest::header::{
    CONTENT_TYPE, DATE, ETAG, HeaderMap, HeaderName, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED, LOCATION,
    RETRY_AFTER,
};
use reqwest::{Client, Method, Response, Url, redirect::Policy};
use secrecy::{ExposeSecret, SecretString};

pub use self::error::{FetchError, place};
use super::pages::Answer;
use super::reason::Reason;

/// How long connecting may take. If it takes longer, packets are being dropped.
const CONNECT: Duration = Duration::from_secs(10);

/// Pages of a project are asked for one after another; then its connection is of no use for an hour.
const KEEP_IDLE: Duration = Duration::from_secs(10);

/// Hosts that are known to want https. No configuration has more.
const MAX_HOSTS: usize = 10_000;

/// Longer validators are not sent back.
const MAX_VALIDATOR: usize = 256;

/// Asks projects' servers.
#[derive(Debug)]
pub struct Web {
    client: Client,
    /// How long one exchange may take.
    timeout: Duration,
    /// Hosts, with their ports, that sent a request over http to https, and the port there. They need not do it twice.
    secure: Mutex<HashMap<String, u16>>,
}

/// What is asked for.
#[derive(Debug)]
pub struct Request<'a> {
    /// The address. Its query can hold a key: it must not get into any message.
    pub url: Url,
    /// What is posted; `None` is a GET.
    pub body: Option<Body>,
    /// What the last answer said to make this one short.
    pub validators: Option<&'a Validators>,
    /// How many bytes are read.
    pub max_body: usize,
    /// Where the server may send the request instead.
    pub redirects: Redirects,
}

/// What is posted.
#[derive(Debug)]
pub enum Body {
    /// The field `request` of a form.
    Form(SecretString),
    /// XML as it is.
    Xml(&'static str),
}

/// Which redirects are followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Redirects {
    /// Only to the same address over https. All others are answers: the query would go with them.
    ToHttps,
    /// Up to five, for the page that people see first: it may lie on another host, or exist once a language.
    Follow,
}

/// What makes the next answer short if nothing has changed.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Validators {
    /// `ETag`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
    /// `Last-Modified`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modified: Option<String>,
}

/// What came back.
#[derive(Debug)]
pub struct Reply {
    /// Status of HTTP.
    pub status: u16,
    /// The header `Location`.
    location: String,
    body: Vec<u8>,
    /// How long the server does not want to be asked.
    pub retry_after: Option<Duration>,
    /// For the next request.
    pub validators: Validators,
}

impl Reply {
    /// For the readers of pages.
    #[must_use]
    pub fn answer(&self) -> Answer<'_> {
        Answer { status: self.status, location: &self.location, body: &self.body }
    }

    /// Whether the page has not changed since the validators.
    #[must_use]
    pub const fn is_unchanged(&self) -> bool {
        self.status == 304
    }
}

impl Request<'_> {
    /// A request for a page.
    #[must_use]
    pub const fn get(url: Url, max_body: usize) -> Self {
        Self { url, body: None, validators: None, max_body, redirects: Redirects::ToHttps }
    }

    /// A request that posts something.
    #[must_use]
    pub const fn post(url: Url, body: Body, max_body: usize) -> Self {
        Self { url, body: Some(body), validators: None, max_body, redirects: Redirects::ToHttps }
    }
}

impl Web {
    /// Asks in the name of this contact.
    ///
    /// # Panics
    /// Never: a client without authorities needs nothing of the system.
    #[must_use]
    pub fn new(timeout: Duration, contact: Option<&str>) -> Self {
        // An error: another part of the process has chosen one.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let agent = user_agent(contact);
        let builder = || {
            let builder = Client::builder().user_agent(agent.as_str()).redirect(Policy::none()).referer(false);
            // Before the exchange ends for its own timeout: a host that does not even connect is not asked for each page.
            builder.connect_timeout(CONNECT.min(timeout / 2)).pool_idle_timeout(KEEP_IDLE).pool_max_idle_per_host(1)
        };
        let client = builder().build().unwrap_or_else(|error| {
            let error = error.without_url();
            tracing::warn!(%error, "no certificate authorities are known, so no project can be asked over https; install ca-certificates");
            builder().tls_certs_only([]).build().expect("a client without authorities needs nothing of the system")
        });
        Self { client, timeout, secure: Mutex::default() }
    }

    /// Sends a request and reads the answer.
    ///
    /// # Errors
    /// There is no whole answer.
    pub async fn send(&self, request: Request<'_>) -> Result<Reply, FetchError> {
        let place = error::place(&request.url);
        let exchange = tokio::time::timeout(self.timeout, self.exchange(request)).await;
        exchange.unwrap_or_else(|_| {
            Err(FetchError::of(Reason::Timeout, &place, Some(&format!("{} s", self.timeout.as_secs_f64()))))
        })
    }

    async fn exchange(&self, mut request: Request<'_>) -> Result<Reply, FetchError> {
        if let Some(port) = self.secure_port(&request.url) {
            redirect::to_https(&mut request.url, port);
        }
        let origin = request.url.clone();
        for _ in 0..redirect::MAX_HOPS {
            let response = self.once(&request).await?;
            let location = text(response.headers(), &LOCATION);
            let Some(next) = redirect::next(&request.url, response.status().as_u16(), &location, request.redirects)
            else {
                // That it works there, too, shows only when it answers there.
                if request.redirects == Redirects::ToHttps && origin.scheme() != request.url.scheme() {
                    self.remember_secure(&origin, &request.url);
                }
                return reply(response, location, &request).await;
            };
            if redirect::leads_inside(&origin, &next) {
                return Err(FetchError::of(
                    Reason::Redirect,
                    &error::place(&origin),
                    Some("to the exporter's own computer"),
                ));
            }
            request.url = next;
        }
        Err(FetchError::of(Reason::Redirect, &error::place(&origin), Some("too often")))
    }

    async fn once(&self, request: &Request<'_>) -> Result<Response, FetchError> {
        let method = if request.body.is_some() { Method::POST } else { Method::GET };
        let mut builder = self.client.request(method, request.url.clone());
        builder = match &request.body {
            None => builder,
            Some(Body::Form(text)) => builder.form(&[("request", text.expose_secret())]),
            Some(Body::Xml(text)) => builder.header(CONTENT_TYPE, "text/xml").body(*text),
        };
        let validators = request.validators.into_iter();
        let validators =
            validators.flat_map(|known| [(IF_NONE_MATCH, &known.etag), (IF_MODIFIED_SINCE, &known.modified)]);
        for (name, value) in validators.filter_map(|(name, value)| Some((name, value.as_ref()?))) {
            builder = builder.header(name, value);
        }
        builder.send().await.map_err(|error| FetchError::sending(&request.url, &error.without_url()))
    }

    fn secure_port(&self, url: &Url) -> Option<u16> {
        self.secure().get(&error::place(url)).filter(|_| url.scheme() == "http").copied()
    }

    fn remember_secure(&self, url: &Url, over_https: &Url) {
        let mut secure = self.secure();
        if secure.len() < MAX_HOSTS
            && let Some(port) = over_https.port_or_known_default()
        {
            secure.insert(error::place(url), port);
        }
    }

    fn secure(&self) -> std::sync::MutexGuard<'_, HashMap<String, u16>> {
        self.secure.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The body of an answer, up to a limit.
async fn reply(mut response: Response, location: String, request: &Request<'_>) -> Result<Reply, FetchError> {
    let place = error::place(&request.url);
    let status = response.status().as_u16();
    let validator =
        |name| Some(text(response.headers(), &name)).filter(|text| (1..=MAX_VALIDATOR).contains(&text.len()));
    let validators = Validators { etag: validator(ETAG), modified: validator(LAST_MODIFIED) };
    let retry_after = retry_after(response.headers());
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(None) => return Ok(Reply { status, location, body, retry_after, validators }),
            Ok(Some(part)) if body.len() + part.len() > request.max_body => {
                let limit = format!("{} bytes", request.max_body);
                return Err(FetchError::of(Reason::TooLarge, &place, Some(&limit)));
            }
            Ok(Some(part)) => body.extend_from_slice(&part),
            Err(error) => return Err(FetchError::receiving(&place, &error.without_url())),
        }
    }
}

fn text(headers: &HeaderMap, name: &HeaderName) -> String {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
}

/// `Retry-After`: seconds, or a date. A date is taken by the server's own clock.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let value = text(headers, &RETRY_AFTER);
    if let Ok(seconds) = value.trim().parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date: SystemTime = httpdate::parse_http_date(&value).ok()?;
    date.duration_since(httpdate::parse_http_date(&text(headers, &DATE)).ok()?).ok()
}

/// Who asks, so that an operator can complain. Not the client's own: servers read its version.
fn user_agent(contact: Option<&str>) -> String {
    let contact = contact.unwrap_or("no contact given");
    format!("boinc_exporter/{} (+{contact})", env!("CARGO_PKG_VERSION"))
}
