//! `boinc_exporter --config.check`: a configuration comes in, what it means goes out.

use crate::config::Config;
use crate::http::Guard;

/// The configuration in words, with that of the pages.
///
/// # Errors
/// A sentence about what is wrong with it.
pub fn summary(config: &Config) -> anyhow::Result<String> {
    let guard = Guard::configured(&config.web)?;
    let scheme = if guard.as_ref().is_some_and(Guard::has_tls) { "https" } else { "http" };
    let pages = guard.map(|guard| guard.summary() + "\n").unwrap_or_default();
    Ok(config.summary(scheme)? + &pages)
}
