//! The web configuration file: TLS, users and headers of the pages, in the format that all Prometheus exporters share.
//! Text comes in; validated settings, or a sentence, go out. Certificate files are not read here.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::path::{Path, PathBuf};

use axum::http::{HeaderName, HeaderValue};
use secrecy::SecretString;
use serde::Deserialize;
use serde_saphyr::{Error as YamlError, Spanned};

use super::auth::Users;
use super::rate_limit::RateLimit;
use super::tls::{ClientAuth, Pem, Tls, curves, suites};
use crate::duration;
use crate::words::{list, nearest, visible};

/// The headers that may be added, with their allowed values; an empty list means any value. Other headers could contradict
/// the pages' own. <https://prometheus.io/docs/prometheus/latest/configuration/https/>
const HEADERS: [(&str, &[&str]); 5] = [
    ("Content-Security-Policy", &[]),
    ("Strict-Transport-Security", &[]),
    ("X-Content-Type-Options", &["nosniff"]),
    ("X-Frame-Options", &["deny", "sameorigin"]),
    ("X-XSS-Protection", &[]),
];

/// Why a web configuration cannot be used: a sentence with file, key, and what is allowed. Contains no secrets.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct WebConfigError(String);

impl WebConfigError {
    /// `problem` follows the name of the file.
    pub(super) fn new(file: &Path, problem: impl Display) -> Self {
        Self(visible(&format!("{}{problem}", file.display())))
    }
}

/// A validated web configuration file.
#[derive(Debug)]
pub struct WebConfig {
    /// Without it, the pages are served without encryption.
    pub tls: Option<Tls>,
    /// Added to every response.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// Who may see the pages. Without users: everybody.
    pub users: Users,
    /// How many requests are answered.
    pub rate_limit: Option<RateLimit>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct File {
    tls_server_config: Option<TlsSection>,
    http_server_config: Option<HttpSection>,
    basic_auth_users: Option<BTreeMap<String, Spanned<SecretString>>>,
    rate_limit: Option<RateLimitSection>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct TlsSection {
    cert: Option<SecretString>,
    cert_file: Option<PathBuf>,
    key: Option<SecretString>,
    key_file: Option<PathBuf>,
    client_ca: Option<SecretString>,
    client_ca_file: Option<PathBuf>,
    client_auth_type: Option<String>,
    client_allowed_sans: Option<Vec<String>>,
    min_version: Option<String>,
    max_version: Option<String>,
    cipher_suites: Option<Vec<String>>,
    prefer_server_cipher_suites: Option<bool>,
    curve_preferences: Option<Vec<String>>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct RateLimitSection {
    interval: Option<String>,
    burst: Option<u32>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct HttpSection {
    /// Accepted but ignored, for files shared with other exporters: the pages are served over HTTP/1.1, which every client
    /// speaks.
    #[serde(rename = "http2")]
    _http2: Option<bool>,
    headers: Option<BTreeMap<String, String>>,
}

/// The key that is wrong, and how.
type Fault = (String, String);

fn fault(key: &str, problem: impl Into<String>) -> Fault {
    (key.to_owned(), problem.into())
}

/// Parses the text of `file`. Relative paths in it start at its directory.
///
/// # Errors
/// A sentence that names the file, the line or the key, and what is allowed. It contains no secrets.
pub fn parse(file: &Path, text: &str) -> Result<WebConfig, WebConfigError> {
    // Snippets would show lines that may contain a secret.
    let options = serde_saphyr::options! { with_snippet: false };
    let raw: Option<File> = serde_saphyr::from_str_with_options(text, options)
        .map_err(|error| WebConfigError::new(file, not_understood(&error)))?;
    let folder = file.parent().unwrap_or(Path::new(""));
    validate(raw.unwrap_or_default(), folder)
        .map_err(|(key, problem)| WebConfigError::new(file, format_args!(": `{key}` {problem}")))
}

fn validate(file: File, folder: &Path) -> Result<WebConfig, Fault> {
    let headers = file.http_server_config.and_then(|http| http.headers).unwrap_or_default();
    Ok(WebConfig {
        tls: file.tls_server_config.map(|section| tls(section, folder)).transpose()?.flatten(),
        headers: headers
            .iter()
            .filter_map(|(name, value)| header(name, value).transpose())
            .collect::<Result<_, _>>()?,
        users: users(file.basic_auth_users.unwrap_or_default())?,
        rate_limit: file.rate_limit.map(rate_limit).transpose()?.flatten(),
    })
}

/// A user is named by the line: where the name belongs, there may be a hash or a password.
fn users(users: BTreeMap<String, Spanned<SecretString>>) -> Result<Users, Fault> {
    let lines: BTreeMap<_, _> = users.iter().map(|(name, hash)| (name.clone(), hash.referenced.line())).collect();
    let hashes = users.into_iter().map(|(name, hash)| (name, hash.value)).collect();
    Users::new(hashes).map_err(|(name, problem)| {
        let line = lines.get(&name).copied().unwrap_or_default();
        fault("basic_auth_users", format!("has an entry in line {line} that {problem}"))
    })
}

/// As in other exporters, an interval of 0 means no limit.
fn rate_limit(section: RateLimitSection) -> Result<Option<RateLimit>, Fault> {
    const KEY: &str = "rate_limit.interval";
    let interval = section.interval.unwrap_or_default();
    if interval.is_empty() || interval == "0" {
        return match section.burst {
            Some(burst) if burst > 0 && interval.is_empty() => {
                Err(fault(KEY, "is missing; without it, `burst` limits nothing"))
            }
            _ => Ok(None),
        };
    }
    // In other exporters, a number without a unit would be nanoseconds.
    let with_unit = Some(&interval).filter(|text| text.parse::<f64>().is_err());
    let Some(Ok(interval)) = with_unit.map(|text| duration::parse(text)) else {
        return Err(fault(KEY, format!("is \"{interval}\", but must be a duration with a unit, such as \"1s\"")));
    };
    Ok((!interval.is_zero()).then(|| RateLimit::new(interval, section.burst.unwrap_or_default())))
}

fn header(name: &str, value: &str) -> Result<Option<(HeaderName, HeaderValue)>, Fault> {
    let key = format!("http_server_config.headers.{name}");
    let Some((_, values)) = HEADERS.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)) else {
        let known: Vec<_> = HEADERS.iter().map(|(known, _)| *known).collect();
        // What resembles none of them could be anything.
        let Some(near) = nearest(name, known.iter().copied()) else {
            let problem = format!("contains a header that cannot be set; valid names are {}", list(&known, "and"));
            return Err(fault("http_server_config.headers", problem));
        };
        return Err(fault(&key, format!("is not a header that can be set; did you mean `{near}`?")));
    };
    if value.is_empty() {
        return Ok(None);
    }
    if !values.is_empty() && !values.iter().any(|allowed| allowed.eq_ignore_ascii_case(value)) {
        return Err(fault(&key, format!("is \"{value}\", but must be {}", list(values, "or"))));
    }
    let value = HeaderValue::from_str(value).map_err(|_| fault(&key, "must be one line of printable characters"))?;
    let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| fault(&key, "is not a valid header name"))?;
    Ok(Some((name, value)))
}

/// The TLS settings. As in other exporters, an empty section does not enable TLS.
fn tls(section: TlsSection, folder: &Path) -> Result<Option<Tls>, Fault> {
    let certificate = pem("cert", section.cert, section.cert_file, folder)?;
    let key = pem("key", section.key, section.key_file, folder)?;
    let client_ca = pem("client_ca", section.client_ca, section.client_ca_file, folder)?;
    let client_auth = client_auth(section.client_auth_type.as_deref(), client_ca.is_some())?;
    if section.client_allowed_sans.is_some() && client_auth != ClientAuth::RequireAndVerify {
        return Err(fault(
            "tls_server_config.client_allowed_sans",
            "requires `client_auth_type: RequireAndVerifyClientCert`: anyone can put any name into a certificate",
        ));
    }
    let (certificate, key) = match (certificate, key) {
        (Some(certificate), Some(key)) => (certificate, key),
        (None, None) if client_ca.is_none() && client_auth == ClientAuth::None => return Ok(None),
        (None, _) => return Err(fault("tls_server_config", "lacks `cert_file`, the certificate of this server")),
        (_, None) => return Err(fault("tls_server_config", "lacks `key_file`, the private key of the certificate")),
    };
    let tls12 = version("min_version", section.min_version.as_deref())? != Some(Version::Tls13);
    let tls13 = version("max_version", section.max_version.as_deref())? != Some(Version::Tls12);
    if !tls12 && !tls13 {
        return Err(fault("tls_server_config.max_version", "is \"TLS12\", but `min_version` is \"TLS13\""));
    }
    let named = |key: &'static str| move |problem| fault(&format!("tls_server_config.{key}"), problem);
    let suites = suites(section.cipher_suites.as_deref().unwrap_or_default()).map_err(named("cipher_suites"))?;
    if !tls13 && !suites.iter().any(|suite| suite.tls13().is_none()) {
        return Err(fault(
            "tls_server_config.cipher_suites",
            "contains none for TLS12, the only version that is allowed",
        ));
    }
    let curves =
        curves(section.curve_preferences.as_deref().unwrap_or_default()).map_err(named("curve_preferences"))?;
    let prefer_server_order = section.prefer_server_cipher_suites.unwrap_or(true);
    let client_allowed_sans = section.client_allowed_sans;
    Ok(Some(Tls {
        certificate,
        key,
        client_ca,
        client_auth,
        client_allowed_sans,
        tls12,
        tls13,
        suites,
        curves,
        prefer_server_order,
    }))
}

fn pem(
    key: &'static str,
    inline: Option<SecretString>,
    file: Option<PathBuf>,
    folder: &Path,
) -> Result<Option<Pem>, Fault> {
    match (inline, file) {
        (Some(_), Some(_)) => {
            Err(fault(&format!("tls_server_config.{key}"), format!("and `{key}_file` are both set; remove one")))
        }
        (Some(text), None) => Ok(Some(Pem::Inline { key: format!("tls_server_config.{key}"), text })),
        (None, Some(file)) if file.to_string_lossy().contains("-----BEGIN ") => {
            let problem = format!("must be the path of a file; the text of a certificate or key belongs to `{key}`");
            Err(fault(&format!("tls_server_config.{key}_file"), problem))
        }
        (None, Some(file)) => {
            Ok(Some(Pem::File { key: format!("tls_server_config.{key}_file"), path: folder.join(file) }))
        }
        (None, None) => Ok(None),
    }
}

fn client_auth(name: Option<&str>, has_ca: bool) -> Result<ClientAuth, Fault> {
    const KEY: &str = "tls_server_config.client_auth_type";
    let kind = match name.unwrap_or_default() {
        "" | "NoClientCert" => ClientAuth::None,
        "RequestClientCert" => ClientAuth::Request,
        // The second is the old name.
        "RequireAnyClientCert" | "RequireClientCert" => ClientAuth::RequireAny,
        "VerifyClientCertIfGiven" => ClientAuth::VerifyIfGiven,
        "RequireAndVerifyClientCert" => ClientAuth::RequireAndVerify,
        other => {
            let known = [
                "NoClientCert",
                "RequestClientCert",
                "RequireAnyClientCert",
                "VerifyClientCertIfGiven",
                "RequireAndVerifyClientCert",
            ];
            return Err(fault(KEY, format!("is \"{other}\", but must be {}", list(&known, "or"))));
        }
    };
    let verifies = matches!(kind, ClientAuth::VerifyIfGiven | ClientAuth::RequireAndVerify);
    if verifies && !has_ca {
        return Err(fault(KEY, "requires `client_ca_file`, the certificates of the authorities that sign clients"));
    }
    if has_ca && kind == ClientAuth::None {
        return Err(fault(
            KEY,
            "is NoClientCert, so `client_ca_file` would not be used; set RequireAndVerifyClientCert",
        ));
    }
    Ok(kind)
}

#[derive(PartialEq)]
enum Version {
    Tls12,
    Tls13,
}

fn version(key: &str, name: Option<&str>) -> Result<Option<Version>, Fault> {
    let key = format!("tls_server_config.{key}");
    match name {
        None | Some("") => Ok(None),
        Some("TLS12") => Ok(Some(Version::Tls12)),
        Some("TLS13") => Ok(Some(Version::Tls13)),
        Some(old @ ("TLS10" | "TLS11")) => {
            Err(fault(&key, format!("is \"{old}\", which is insecure and not supported; must be `TLS12` or `TLS13`")))
        }
        Some(other) => Err(fault(&key, format!("is \"{other}\", but must be `TLS12` or `TLS13`"))),
    }
}

/// What is wrong with the YAML, without the value: it may be a secret in the wrong place.
fn not_understood(error: &YamlError) -> String {
    let problem = match error {
        YamlError::SerdeUnknownField { field, expected, .. } => unknown_key(field, expected),
        YamlError::SerdeInvalidType { expected, .. } => format!("the value must be {}", wanted(expected)),
        YamlError::InvalidScalar { ty, .. } => format!("the value must be {}", wanted(ty)),
        YamlError::Unexpected { expected, .. } => format!("the value must be {}", wanted(expected)),
        YamlError::InvalidBooleanStrict { .. } => "the value must be true or false".to_owned(),
        YamlError::DuplicateMappingKey { .. } => "the same key for the second time".to_owned(),
        _ => "invalid YAML; check indentation, colons and quotes".to_owned(),
    };
    match error.location().filter(|location| location.line() > 0) {
        Some(location) => format!(", line {}: {problem}", location.line()),
        None => format!(": {problem}"),
    }
}

fn wanted(expected: &str) -> &str {
    match expected {
        "a boolean" | "boolean" | "bool" => "true or false",
        "a sequence" | "sequence" | "sequence start" => "a list: one item per line, each after a dash",
        "a string" | "string" | "string scalar" | "path string" => "text",
        "a map" | "mapping" | "mapping start" => "a section: indented keys with values, one per line",
        expected if expected.starts_with("struct ") => "a section: indented keys with values, one per line",
        other => other,
    }
}

/// A suggestion, or all known names. What resembles none of them could be a secret in the wrong place.
fn unknown_key(unknown: &str, known: &[&str]) -> String {
    match nearest(unknown, known.iter().copied()) {
        Some(name) => format!("`{unknown}` is not a known key; did you mean `{name}`?"),
        None => format!("there is a key that is not known; valid names are {}", list(known, "and")),
    }
}
