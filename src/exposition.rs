//! The two text formats of Prometheus. Metrics and an `Accept` header come in, text and its content type go out.
//! Knows nothing of BOINC.

mod accept;
mod text;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::text::{encode_eof, encode_registry};
use prometheus_client::registry::Registry;

pub use accept::negotiate;
pub use text::from_openmetrics;

/// A format that Prometheus reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// `OpenMetrics` 1.0.
    OpenMetrics,
    /// The older text format, 0.0.4, which everything reads.
    Text,
}

impl Format {
    /// The content type. Prometheus 3 fails a scrape whose type it does not know.
    #[must_use]
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores",
            Self::Text => "text/plain; version=0.0.4; charset=utf-8; escaping=underscores",
        }
    }
}

/// Writes the exporter's own metrics, if any, and then those of a scrape.
///
/// # Panics
/// If a collector makes up a [`std::fmt::Error`] of its own: like [`std::fmt::Display`], it may only pass on those of
/// the writer, and this one has none.
pub fn render(own: Option<&Registry>, scrape: impl Collector, format: Format) -> String {
    const CANNOT_FAIL: &str = "writing to a string cannot fail, and collectors only pass on failures to write";
    let mut openmetrics = String::new();
    if let Some(own) = own {
        encode_registry(&mut openmetrics, own).expect(CANNOT_FAIL);
    }
    let mut registry = Registry::default();
    registry.register_collector(Box::new(scrape));
    encode_registry(&mut openmetrics, &registry).expect(CANNOT_FAIL);
    match format {
        Format::OpenMetrics => {
            encode_eof(&mut openmetrics).expect(CANNOT_FAIL);
            openmetrics
        }
        Format::Text => from_openmetrics(&openmetrics),
    }
}
