//! How long a scrape may take.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderName};

/// Prometheus says here how long it waits.
const HEADER: HeaderName = HeaderName::from_static("x-prometheus-scrape-timeout-seconds");

/// However short the time: less would bring nothing but timeouts, even from clients on this computer.
const LEAST: Duration = Duration::from_millis(100);

/// However long the time: a request must end, and times beyond some point cannot be computed with.
const MOST: Duration = Duration::from_secs(3600);

/// The time for asking clients: what the request says, else `default`, less what the answer needs to reach Prometheus.
///
/// # Errors
/// A sentence, if the header is no time.
pub fn of_request(headers: &HeaderMap, default: Duration, offset: Duration) -> Result<Duration, String> {
    let whole = match headers.get(HEADER) {
        None => default.min(MOST),
        Some(value) => value
            .to_str()
            .ok()
            .and_then(|text| text.trim().parse().ok())
            .filter(|seconds: &f64| seconds.is_finite() && *seconds >= 0.0)
            .map(|seconds| Duration::from_secs_f64(seconds.min(MOST.as_secs_f64())))
            .ok_or(
                "The header X-Prometheus-Scrape-Timeout-Seconds must be a number of seconds, such as 10 or 2.5.\n",
            )?,
    };
    Ok(whole.saturating_sub(offset).max(LEAST))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn of(header: Option<&str>) -> Result<Duration, String> {
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
            assert_eq!(
                of(Some(header)),
                Err("The header X-Prometheus-Scrape-Timeout-Seconds must be a number of seconds, such as 10 or 2.5.\n"
                    .into()),
                "{header:?}"
            );
        }
    }
}
