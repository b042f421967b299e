//! `boinc_exporter --config.check`: a configuration comes in, what it means goes out.

use crate::config::Config;
use crate::http::WebAccess;

/// The configuration in words, with that of the pages.
///
/// # Errors
/// A sentence about what is wrong with it.
pub fn summary(config: &Config) -> anyhow::Result<String> {
    let web_access = WebAccess::from_config(&config.web)?;
    let scheme = if web_access.as_ref().is_some_and(WebAccess::has_tls) { "https" } else { "http" };
    let pages = web_access.map(|web_access| web_access.summary() + "\n").unwrap_or_default();
    Ok(config.summary(scheme)? + &pages)
}
