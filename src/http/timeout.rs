//! How long a scrape may take.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderName};

/// Prometheus announces here how long it waits.
const HEADER: HeaderName = HeaderName::from_static("x-prometheus-scrape-timeout-seconds");

/// Even clients on this computer could only time out in less.
const MIN: Duration = Duration::from_millis(100);

/// A request says how long it may keep its place, so it is believed no further: Prometheus's scrape timeout is ten seconds
/// by default. An operator who needs more says so in the configuration.
const MAX: Duration = Duration::from_secs(120);

/// The header is not a time.
#[derive(Debug, PartialEq, thiserror::Error)]
#[error("The header X-Prometheus-Scrape-Timeout-Seconds must be a number of seconds, such as 10 or 2.5.")]
pub struct InvalidTimeout;

/// The time for asking clients: what the request announces, up to two minutes or to a longer `default`; without that,
/// `default`; minus `offset` for the response to reach Prometheus.
///
/// # Errors
/// The header is not a time.
pub fn of_request(headers: &HeaderMap, default: Duration, offset: Duration) -> Result<Duration, InvalidTimeout> {
    let whole = match headers.get(HEADER) {
        None => default,
        Some(value) => value
            .to_str()
            .ok()
            .and_then(|text| text.trim().parse().ok())
            .filter(|seconds: &f64| seconds.is_finite() && *seconds >= 0.0)
            .map(|seconds| Duration::from_secs_f64(seconds.min(default.max(MAX).as_secs_f64())))
            .ok_or(InvalidTimeout)?,
    };
    Ok(whole.saturating_sub(offset).max(MIN))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn within(header: Option<&str>, default: u64) -> Result<Duration, InvalidTimeout> {
        let headers = header.map(|value| (HEADER, HeaderValue::from_bytes(value.as_bytes()).unwrap()));
        of_request(&headers.into_iter().collect(), Duration::from_secs(default), Duration::from_millis(500))
    }

    fn of(header: Option<&str>) -> Result<Duration, InvalidTimeout> {
        within(header, 8)
    }

    #[test]
    fn times() {
        for (header, seconds) in [
            (None, 7.5),
            (Some("10"), 9.5),
            (Some("2.5"), 2.0),
            (Some(" 1e1 "), 9.5),
            (Some("0.55"), 0.1),
            (Some("0"), 0.1),
            (Some("3600"), 119.5),
            (Some("1e300"), 119.5),
        ] {
            assert_eq!(of(header), Ok(Duration::from_secs_f64(seconds)), "{header:?}");
        }
    }

    #[test]
    fn the_operator_may_allow_more() {
        for (header, seconds) in [(None, 599.5), (Some("10"), 9.5), (Some("500"), 499.5), (Some("3600"), 599.5)] {
            assert_eq!(within(header, 600), Ok(Duration::from_secs_f64(seconds)), "{header:?}");
        }
    }

    #[test]
    fn garbage() {
        for header in ["", "ten", "-1", "inf", "-inf", "NaN", "10s", "1,5", "\u{661}"] {
            assert_eq!(of(Some(header)), Err(InvalidTimeout), "{header:?}");
        }
    }
}
