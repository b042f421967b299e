//! The two text formats of Prometheus. Metrics and an `Accept` header come in, text and its content type go out.
//! Knows nothing of BOINC.

mod accept;

use std::fmt;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{prometheus_text, text};
use prometheus_client::registry::Registry;

pub use accept::negotiate;

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
    let mut rendered = String::new();
    if let Some(own) = own {
        write(own, format, &mut rendered);
    }
    write(&registry_of(scrape), format, &mut rendered);
    rendered + end(format)
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
    let mut rendered = String::new();
    write(registry, format, &mut rendered);
    rendered
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

fn write(registry: &Registry, format: Format, rendered: &mut String) {
    let encode: fn(&mut String, &Registry) -> fmt::Result = match format {
        Format::OpenMetrics => text::encode_registry,
        Format::Text => prometheus_text::encode,
    };
    encode(rendered, registry).expect("writing to a string cannot fail, and collectors only pass on failures to write");
}
