//! Metrics about the exporter itself: its build, its process, its reloads. They are collected when they are rendered. Knows
//! nothing of BOINC.

mod open_files;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, NoLabelSet};
use prometheus_client::metrics::MetricType;
use prometheus_client::registry::{Registry, Unit};

use crate::platform::process::{Process, Usage};
pub use open_files::OpenFiles;

/// The version of this program.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

const UNKNOWN: &str = "unknown";

/// The build, as labels of `boinc_exporter_build_info`.
pub const BUILD: [(&str, &str); 4] = [
    ("version", VERSION),
    ("revision", or_unknown(option_env!("BOINC_EXPORTER_REVISION"))),
    ("rustversion", or_unknown(option_env!("BOINC_EXPORTER_RUSTC"))),
    ("target", or_unknown(option_env!("BOINC_EXPORTER_TARGET"))),
];

const fn or_unknown(value: Option<&'static str>) -> &'static str {
    match value {
        Some(value) => value,
        None => UNKNOWN,
    }
}

/// One metric about the process.
pub struct Metric {
    /// Its full name: `_total` makes it a counter, a base unit before that is its unit.
    pub name: &'static str,
    /// What it means.
    pub help: &'static str,
    value: fn(&Usage) -> Option<f64>,
}

/// The name and help of the one metric with labels.
pub const BUILD_INFO: (&str, &str) = (
    "boinc_exporter_build_info",
    "Always 1; version, source revision, compiler and platform of the exporter are in its labels.",
);

/// The process metrics that every Prometheus client library exports.
pub const PROCESS: &[Metric] = &[
    Metric {
        name: "process_cpu_seconds_total",
        help: "Total user and system CPU time of the exporter in seconds.",
        value: |usage| usage.cpu_seconds,
    },
    Metric {
        name: "process_resident_memory_bytes",
        help: "Resident memory size of the exporter in bytes.",
        value: |usage| usage.resident_bytes,
    },
    Metric {
        name: "process_virtual_memory_bytes",
        help: "Virtual memory size of the exporter in bytes. Most of it is reserved and unused.",
        value: |usage| usage.virtual_bytes,
    },
    Metric {
        name: "process_open_fds",
        help: "Number of open file descriptors of the exporter.",
        value: |usage| usage.open_fds,
    },
    Metric {
        name: "process_max_fds",
        help: "Maximum number of open file descriptors of the exporter (soft limit).",
        value: |usage| usage.max_fds,
    },
    Metric {
        name: "process_start_time_seconds",
        help: "Start time of the exporter in seconds since the Unix epoch.",
        value: |usage| usage.start_seconds,
    },
    Metric {
        name: "process_threads",
        help: "Number of operating-system threads of the exporter.",
        value: |usage| usage.threads,
    },
];

/// The name of the family, its unit and its type.
fn family(name: &str) -> (&str, Option<Unit>, MetricType) {
    let (name, kind) = match name.strip_suffix("_total") {
        Some(name) => (name, MetricType::Counter),
        None => (name, MetricType::Gauge),
    };
    for unit in [Unit::Seconds, Unit::Bytes] {
        if let Some(name) = name.strip_suffix(unit.as_str()).and_then(|name| name.strip_suffix('_')) {
            return (name, Some(unit), kind);
        }
    }
    (name, None, kind)
}

/// Whether the last reload succeeded, and when the last successful one was.
pub const RELOADS: [(&str, &str); 2] = [
    (
        "boinc_exporter_config_last_reload_successful",
        "1 if the last attempt to load the configuration succeeded; 0 if it failed and the previous one is still in force.",
    ),
    (
        "boinc_exporter_config_last_reload_success_timestamp_seconds",
        "Time of the last successful load of the configuration in seconds since the Unix epoch.",
    ),
];

/// The same for the web configuration, and when the certificate ends. Absent without them.
pub const WEB_RELOADS: [(&str, &str); 3] = [
    (
        "boinc_exporter_web_config_last_reload_successful",
        "1 if the last attempt to load the web configuration and its certificates succeeded; 0 if it failed and the previous ones are still in force. Absent without --web.config.file.",
    ),
    (
        "boinc_exporter_web_config_last_reload_success_timestamp_seconds",
        "Time of the last successful load of the web configuration in seconds since the Unix epoch. Absent without --web.config.file.",
    ),
    (
        "boinc_exporter_certificate_not_after_timestamp_seconds",
        "Time when the TLS certificate in force expires in seconds since the Unix epoch. Absent without TLS.",
    ),
];

/// Outcome of the last reload, and time of the last successful one. Starting counts as a reload.
#[derive(Debug)]
pub struct Reloads(Mutex<LastReload>);

#[derive(Debug, Clone)]
struct LastReload {
    /// Why it failed, in a sentence.
    failure: Option<String>,
    succeeded_at: SystemTime,
}

impl LastReload {
    fn success() -> Self {
        Self { failure: None, succeeded_at: SystemTime::now() }
    }
}

impl Default for Reloads {
    fn default() -> Self {
        Self(Mutex::new(LastReload::success()))
    }
}

impl Reloads {
    /// Records that the configuration was read and is in force.
    pub fn succeeded(&self) {
        *self.lock() = LastReload::success();
    }

    /// Records that it is invalid, and why.
    pub fn failed(&self, sentence: String) {
        self.lock().failure = Some(sentence);
    }

    /// Why the last one failed; `None` if it succeeded.
    #[must_use]
    pub fn failure(&self) -> Option<String> {
        self.lock().failure.clone()
    }

    /// In the order of [`RELOADS`].
    fn values(&self) -> [f64; 2] {
        let last = self.lock();
        [f64::from(u8::from(last.failure.is_none())), timestamp(last.succeeded_at)]
    }

    fn lock(&self) -> MutexGuard<'_, LastReload> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Loads of the web configuration.
#[derive(Debug)]
pub struct WebReloads {
    reloads: Reloads,
    not_after: Mutex<Option<SystemTime>>,
}

impl WebReloads {
    /// It was loaded, with a certificate that ends then, if any.
    #[must_use]
    pub fn new(not_after: Option<SystemTime>) -> Self {
        Self { reloads: Reloads::default(), not_after: Mutex::new(not_after) }
    }

    /// Records that it was loaded again and is in force.
    pub fn succeeded(&self, not_after: Option<SystemTime>) {
        *self.not_after.lock().unwrap_or_else(PoisonError::into_inner) = not_after;
        self.reloads.succeeded();
    }

    /// Records that it is invalid, and why.
    pub fn failed(&self, sentence: String) {
        self.reloads.failed(sentence);
    }

    /// Why the last load failed; `None` if it succeeded.
    #[must_use]
    pub fn failure(&self) -> Option<String> {
        self.reloads.failure()
    }

    /// In the order of [`WEB_RELOADS`].
    fn values(&self) -> [Option<f64>; 3] {
        let [successful, succeeded_at] = self.reloads.values().map(Some);
        let not_after = *self.not_after.lock().unwrap_or_else(PoisonError::into_inner);
        [successful, succeeded_at, not_after.map(timestamp)]
    }
}

fn timestamp(time: SystemTime) -> f64 {
    time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs_f64()
}

/// The registry of these metrics, to be kept for the life of the process.
#[must_use]
pub fn registry(reloads: Arc<Reloads>, web: Option<Arc<WebReloads>>) -> Registry {
    let mut registry = Registry::default();
    registry.register_collector(Box::new(ExporterMetrics { process: Process::this(), reloads, web }));
    registry
}

#[derive(Debug)]
struct ExporterMetrics {
    process: Process,
    reloads: Arc<Reloads>,
    /// `None` without a web configuration.
    web: Option<Arc<WebReloads>>,
}

impl Collector for ExporterMetrics {
    fn encode(&self, mut encoder: DescriptorEncoder) -> fmt::Result {
        let (name, help) = BUILD_INFO;
        encoder.encode_descriptor(name, help, None, MetricType::Gauge)?.encode_family(&BUILD)?.encode_gauge(&1_u32)?;
        let web = self.web.as_ref().map(|web| web.values()).unwrap_or_default();
        let reloads = RELOADS.iter().zip(self.reloads.values().map(Some)).chain(WEB_RELOADS.iter().zip(web));
        for ((name, help), value) in reloads {
            let Some(value) = value else { continue };
            let (name, unit, kind) = family(name);
            encoder.encode_descriptor(name, help, unit.as_ref(), kind)?.encode_gauge(&value)?;
        }
        let usage = self.process.usage();
        for metric in PROCESS {
            let Some(value) = (metric.value)(&usage) else { continue };
            let (name, unit, kind) = family(metric.name);
            let mut family = encoder.encode_descriptor(name, metric.help, unit.as_ref(), kind)?;
            match kind {
                MetricType::Counter => family.encode_counter::<NoLabelSet, _, f64>(&value, None)?,
                _ => family.encode_gauge(&value)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn help_is_a_sentence_on_one_line() {
        let reloads = RELOADS.into_iter().chain(WEB_RELOADS).map(|(_, help)| help);
        for help in PROCESS.iter().map(|metric| metric.help).chain([BUILD_INFO.1]).chain(reloads) {
            assert!(help.ends_with('.') && !help.contains(['\n', '\\']), "{help}");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn everything_is_there_on_linux() {
        let mut text = String::new();
        prometheus_client::encoding::text::encode(&mut text, &registry(Arc::default(), None)).unwrap();
        let names: Vec<_> = text
            .lines()
            .filter(|line| !line.starts_with('#'))
            .map(|line| line.split(['{', ' ']).next().unwrap_or_default())
            .collect();
        assert_eq!(
            names,
            [
                "boinc_exporter_build_info",
                "boinc_exporter_config_last_reload_successful",
                "boinc_exporter_config_last_reload_success_timestamp_seconds",
                "process_cpu_seconds_total",
                "process_resident_memory_bytes",
                "process_virtual_memory_bytes",
                "process_open_fds",
                "process_max_fds",
                "process_start_time_seconds",
                "process_threads",
            ]
        );
        assert!(text.contains(&format!("boinc_exporter_build_info{{version=\"{VERSION}\",revision=\"")), "{text}");
        assert!(text.contains("# TYPE process_cpu_seconds counter\n# UNIT process_cpu_seconds seconds\n"), "{text}");
    }
}
