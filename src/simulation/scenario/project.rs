//! Projects and applications of a scenario.

use std::time::Duration;

use serde::Deserialize;

use super::host::GpuVendor;

/// A project, and the account that all its hosts share.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Project {
    /// Name.
    pub name: String,
    /// Master URL.
    pub url: String,
    /// Name of the account.
    pub user: String,
    /// Team of the account.
    #[serde(default)]
    pub team: String,
    /// Cobblestones that the account earned with hosts that are gone.
    #[serde(default)]
    pub earlier_credit: f64,
    /// Average time between the report of a task and its credit.
    #[serde(default = "six_hours", with = "humantime_serde")]
    pub validation: Duration,
    /// Maximum number of tasks in progress per CPU or GPU.
    #[serde(default = "many")]
    pub limit: u32,
    /// Generation of its server's code.
    #[serde(default)]
    pub server: Generation,
    /// Other people's computers that work for it.
    #[serde(default = "thousand")]
    pub population: u32,
    /// Fraction of the successful tasks that are found invalid.
    #[serde(default = "seldom")]
    pub invalid: f64,
    /// Fraction of the successful tasks whose first validation is inconclusive.
    #[serde(default = "sometimes")]
    pub inconclusive: f64,
    /// The account submits batches of jobs.
    #[serde(default)]
    pub submits: bool,
    /// Applications.
    pub apps: Vec<App>,
}

/// Generations of servers, by the year: their pages differ.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub enum Generation {
    /// Before releases had numbers.
    #[serde(rename = "2010")]
    Of2010,
    /// Before releases had numbers, with the interface of the web of 2014.
    #[serde(rename = "2015")]
    Of2015,
    /// Release 1.2.
    #[serde(rename = "2020")]
    Of2020,
    /// With a wall of logins before pages for people.
    #[default]
    #[serde(rename = "2026")]
    Of2026,
}

/// An application.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct App {
    /// Short name.
    pub name: String,
    /// User-friendly name.
    pub title: String,
    /// Version: 101 is 1.01.
    #[serde(default = "first_version")]
    pub version: u32,
    /// Plan class, such as `mt` or `cuda124`.
    #[serde(default)]
    pub plan_class: String,
    /// Run time on a CPU of 5 GFLOPS, or on a GPU of 10 TFLOPS.
    #[serde(with = "humantime_serde")]
    pub takes: Duration,
    /// Time until the deadline.
    #[serde(with = "humantime_serde")]
    pub deadline: Duration,
    /// CPUs.
    #[serde(default = "one")]
    pub cpus: f64,
    /// GPUs that a task uses.
    #[serde(default)]
    pub gpu: Option<GpuShare>,
    /// Mebibytes in RAM.
    #[serde(default = "memory")]
    pub memory_mb: f64,
    /// Megabytes to download.
    #[serde(default = "one")]
    pub input_mb: f64,
    /// Megabytes to upload.
    #[serde(default = "one")]
    pub output_mb: f64,
    /// Megabytes on disk of a running task, of the 500 that it may have beside its files; those alone by default.
    #[serde(default)]
    pub disk_mb: f64,
    /// Fraction of the tasks that fail.
    #[serde(default)]
    pub errors: f64,
    /// Exit status of failed tasks.
    #[serde(default = "one_code")]
    pub exit_status: i32,
    /// Cobblestones per hour on a CPU of 5 GFLOPS, or on a GPU of 10 TFLOPS.
    pub credit: f64,
    /// Time between checkpoints; 0: no checkpoints.
    #[serde(default = "five_minutes", with = "humantime_serde")]
    pub checkpoint: Duration,
    /// Ratio of actual to estimated run time.
    #[serde(default = "one")]
    pub underestimated: f64,
    /// Runs in addition to everything else, regardless of limits.
    #[serde(default)]
    pub non_cpu_intensive: bool,
}

/// GPUs that a task uses.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GpuShare {
    /// Kind.
    pub vendor: GpuVendor,
    /// How many; may be less than 1.
    #[serde(default = "one")]
    pub count: f64,
}

const fn thousand() -> u32 {
    1000
}
const fn seldom() -> f64 {
    0.004
}
const fn sometimes() -> f64 {
    0.03
}
const fn six_hours() -> Duration {
    Duration::from_secs(6 * 3600)
}
const fn five_minutes() -> Duration {
    Duration::from_secs(300)
}
const fn many() -> u32 {
    100
}
const fn first_version() -> u32 {
    101
}
const fn one_code() -> i32 {
    1
}
const fn one() -> f64 {
    1.0
}
const fn memory() -> f64 {
    250.0
}
