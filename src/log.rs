//! Logging, mostly to stderr. Times are in UTC.

use std::io;

use serde::{Deserialize, Serialize};
use tracing::Subscriber;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::Registry;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::{Layer, SubscriberExt};

/// Minimum level of log lines.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogLevel {
    /// Something does not work.
    Error,
    /// Something may not work, or works only in part.
    Warn,
    /// Startup, shutdown and changes.
    #[default]
    Info,
    /// Details for troubleshooting.
    Debug,
}

/// Format of log lines.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// `key=value` pairs, as Prometheus writes them.
    #[default]
    Logfmt,
    /// One JSON object per line.
    Json,
}

/// Starts logging to stderr. Only the first call in a process has an effect.
pub fn init(level: LogLevel, format: LogFormat) {
    init_with(level, format, io::stderr);
}

/// The same, to somewhere else.
pub fn init_with<W>(level: LogLevel, format: LogFormat, writer: W)
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let subscriber = subscriber(level, format, writer);
    // Fails only if logging has been started already, which then goes on unchanged.
    let _ = tracing::subscriber::set_global_default(subscriber);
}

fn subscriber<W>(level: LogLevel, format: LogFormat, writer: W) -> impl Subscriber
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let layer: Box<dyn Layer<Registry> + Send + Sync> = match format {
        LogFormat::Logfmt => tracing_logfmt::builder().layer().with_writer(writer).boxed(),
        LogFormat::Json => tracing_subscriber::fmt::layer().json().flatten_event(true).with_writer(writer).boxed(),
    };
    Registry::default().with(layer.with_filter(filter(level)))
}

/// The level applies to this program. Of libraries, only warnings and errors are logged: the rest is about internals.
fn filter(level: LogLevel) -> Targets {
    let level = match level {
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
    };
    Targets::new().with_target("boinc_exporter", level).with_default(level.min(LevelFilter::WARN))
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// The log of a few events, with the time of each line replaced.
    fn logged(level: LogLevel, format: LogFormat) -> String {
        let lines = Lines::default();
        let writer = lines.clone();
        tracing::subscriber::with_default(subscriber(level, format, move || writer.clone()), || {
            tracing::error!(target: "boinc_exporter::http", "an error");
            tracing::info!(target: "boinc_exporter::http", address = %"127.0.0.1:31415", clients = 2, "listening");
            tracing::debug!(target: "boinc_exporter::client", "a \"quoted\"\ndetail");
            tracing::warn!(target: "hyper", "a library's warning");
            tracing::info!(target: "hyper", "a library's chatter");
        });
        let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
        text.lines().map(without_time).collect()
    }

    /// Requires a time of the form `2026-01-02T03:04:05.678Z`.
    fn without_time(line: &str) -> String {
        let start = line.find("20").expect("a year");
        let end = start + line[start..].find('Z').expect("the mark of UTC");
        assert!(line[start..end].bytes().all(|b| b.is_ascii_digit() || b"-:.T".contains(&b)), "{line}");
        format!("{}TIME{}\n", &line[..start], &line[end + 1..])
    }

    #[test]
    fn logfmt() {
        insta::assert_snapshot!(logged(LogLevel::Debug, LogFormat::Logfmt), @r#"
        ts=TIME level=error target=boinc_exporter::http message="an error"
        ts=TIME level=info target=boinc_exporter::http message=listening address=127.0.0.1:31415 clients=2
        ts=TIME level=debug target=boinc_exporter::client message="a \"quoted\"\ndetail"
        ts=TIME level=warn target=hyper message="a library\'s warning"
        "#);
        insta::assert_snapshot!(logged(LogLevel::Error, LogFormat::Logfmt), @r#"ts=TIME level=error target=boinc_exporter::http message="an error""#);
    }

    #[test]
    fn json() {
        insta::assert_snapshot!(logged(LogLevel::Info, LogFormat::Json), @r#"
        {"timestamp":"TIME","level":"ERROR","message":"an error","target":"boinc_exporter::http"}
        {"timestamp":"TIME","level":"INFO","message":"listening","address":"127.0.0.1:31415","clients":2,"target":"boinc_exporter::http"}
        {"timestamp":"TIME","level":"WARN","message":"a library's warning","target":"hyper"}
        "#);
    }
}
