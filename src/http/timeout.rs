//! How long a scrape may take.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderName};

/// Prometheus announces here how long it waits.
const HEADER: HeaderName = HeaderName::from_static("x-prometheus-scrape-timeout-seconds");

/// Even clients on this computer could only time out in less.
const MIN: Duration = Duration::from_millis(100);

/// A request must end, and beyond some point times cannot be added.
const MAX: Duration = Duration::from_secs(3600);

/// The header is not a time.
#[derive(Debug, PartialEq, thiserror::Error)]
#[error("The header X-Prometheus-Scrape-Timeout-Seconds must be a number of seconds, such as 10 or 2.5.")]
pub struct InvalidTimeout;

/// The time for asking clients: what the request announces, else `default`, minus `offset` for the response to reach
/// Prometheus.
///
/// # Errors
/// The header is not a time.
pub fn of_request(headers: &HeaderMap, default: Duration, offset: Duration) -> Result<Duration, InvalidTimeout> {
    let whole = match headers.get(HEADER) {
        None => default.min(MAX),
        Some(value) => value
            .to_str()
            .ok()
            .and_then(|text| text.trim().parse().ok())
            .filter(|seconds: &f64| seconds.is_finite() && *seconds >= 0.0)
            .map(|seconds| Duration::from_secs_f64(seconds.min(MAX.as_secs_f64())))
            .ok_or(InvalidTimeout)?,
    };
    Ok(whole.saturating_sub(offset).max(MIN))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn of(header: Option<&str>) -> Result<Duration, InvalidTimeout> {
        let headers = header.map(|value| (HEADER, HeaderValue::from_bytes(value.as_bytes()).unwrap()));
        of_request(&headers.into_iter().collect(), Duration::from_secs(8), Duration::from_millis(500))
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
            (Some("1e300"), 3599.5),
        ] {
            assert_eq!(of(header), Ok(Duration::from_secs_f64(seconds)), "{header:?}");
        }
    }

    #[test]
    fn garbage() {
        for header in ["", "ten", "-1", "inf", "-inf", "NaN", "10s", "1,5", "\u{661}"] {
            assert_eq!(of(Some(header)), Err(InvalidTimeout), "{header:?}");
        }
    }
}
