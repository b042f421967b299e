//! A past of simulated clients in a Prometheus, as docs/demo.md says how to make it.

use std::fs;
use std::process::Command;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use super::files::must;
use super::heat;
use super::support::{Prometheus, make_blocks};

/// An evening (in the clients' time zone, too) on which some computers are in use, and most things that go wrong do so. The
/// same past each time: what is drawn is not another picture each day.
pub const END: u64 = 1_795_032_000;

/// How long a past is, and how often its samples are.
pub struct Past {
    pub length: Duration,
    pub step: Duration,
    /// With single tasks too: they are most of all samples.
    pub tasks: bool,
}

/// For what is looked at by the hour. Two days, since much is shown of the day before each moment.
pub const DAY: Past = Past { length: Duration::from_secs(49 * 3600), step: Duration::from_secs(20 * 60), tasks: true };

/// For what is looked at over weeks. At every twenty minutes it would be two gigabytes of text, and take as many minutes to
/// load as the rest of all tests.
pub const MONTH: Past =
    Past { length: Duration::from_secs(30 * 86400), step: Duration::from_secs(2 * 3600), tasks: false };

/// A past that several tests look at. It is loaded once if they do so at the same time, and goes with the last of them.
pub struct Shared(Mutex<Weak<Prometheus>>, Past);

impl Shared {
    pub const fn new(past: Past) -> Self {
        Self(Mutex::new(Weak::new()), past)
    }

    pub fn load(&self) -> Arc<Prometheus> {
        let mut loaded = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        loaded.upgrade().unwrap_or_else(|| {
            let prometheus = Arc::new(self.1.load());
            *loaded = Arc::downgrade(&prometheus);
            prometheus
        })
    }
}

impl Past {
    /// Lives through it, adds simulated hardware, and loads it.
    pub fn load(&self) -> Prometheus {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let file = folder.path().join("past.om");
        let config = folder.path().join("exporter.toml");
        let collectors = if self.tasks { r#"["default", "tasks", "app_versions"]"# } else { r#"["default"]"# };
        fs::write(&config, format!("[scrape]\ncollectors = {collectors}\n")).expect("a temporary folder is writable");
        must(
            Command::new(env!("CARGO_BIN_EXE_boinc_exporter"))
                .args(["demo", "--config.file"])
                .arg(config)
                .arg(format!("--history={}s", self.length.as_secs()))
                .arg(format!("--step={}s", self.step.as_secs()))
                .arg(format!("--until={END}"))
                .arg("--data-directory")
                .arg(folder.path().join("clients"))
                .arg("--output")
                .arg(&file)
                .env_clear(),
        );
        heat::add(&file, self);
        make_blocks(&file, folder.path());
        fs::remove_file(&file).expect("it was written");
        // A second less than a step: at the time of a sample, what was gone by then is not shown beside it.
        Prometheus::start(folder, "", &[&format!("--query.lookback-delta={}s", self.step.as_secs() - 1)])
    }
}
