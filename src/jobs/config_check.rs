//! `boinc_exporter --config.check`: summarizes the configuration.

use crate::config::Config;
use crate::http::WebAccess;

/// The summary of the configuration and the web configuration.
///
/// # Errors
/// One of them is invalid.
pub fn summary(config: &Config) -> anyhow::Result<String> {
    let web_access = WebAccess::from_config(&config.web)?;
    let scheme = if web_access.as_ref().is_some_and(WebAccess::has_tls) { "https" } else { "http" };
    let pages = web_access.map(|web_access| web_access.summary() + "\n").unwrap_or_default();
    Ok(config.summary(scheme)? + &pages)
}
