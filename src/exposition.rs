//! The two text formats of Prometheus. Metrics and an `Accept` header come in, text and its content type go out.
//! Knows nothing of BOINC.

mod accept;
mod text;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::text::encode_registry;
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

/// Writes the exporter's own metrics, if any, then those of a scrape, and the end.
///
/// # Panics
/// As [`families`].
pub fn render(own: Option<&Registry>, scrape: impl Collector, format: Format) -> String {
    let mut openmetrics = String::new();
    if let Some(own) = own {
        write(own, &mut openmetrics);
    }
    write(&registry_of(scrape), &mut openmetrics);
    in_format(openmetrics, format) + end(format)
}

/// Writes the families of a collector. Texts of several, and the [`end`], make a whole.
///
/// # Panics
/// If a collector makes up a [`std::fmt::Error`] of its own: like [`std::fmt::Display`], it may only pass on those of
/// the writer, and this one has none.
pub fn families(collector: impl Collector, format: Format) -> String {
    registered(&registry_of(collector), format)
}

/// Writes the families of a registry.
///
/// # Panics
/// As [`families`].
#[must_use]
pub fn registered(registry: &Registry, format: Format) -> String {
    let mut openmetrics = String::new();
    write(registry, &mut openmetrics);
    in_format(openmetrics, format)
}

/// What stands at the end.
#[must_use]
pub const fn end(format: Format) -> &'static str {
    match format {
        Format::OpenMetrics => "# EOF\n",
        Format::Text => "",
    }
}

fn registry_of(collector: impl Collector) -> Registry {
    let mut registry = Registry::default();
    registry.register_collector(Box::new(collector));
    registry
}

fn write(registry: &Registry, openmetrics: &mut String) {
    encode_registry(openmetrics, registry)
        .expect("writing to a string cannot fail, and collectors only pass on failures to write");
}

fn in_format(openmetrics: String, format: Format) -> String {
    match format {
        Format::OpenMetrics => openmetrics,
        Format::Text => from_openmetrics(&openmetrics),
    }
}
