//! Hosts of a scenario.

use serde::Deserialize;

use crate::simulation::state::{Os, Vendor};

/// A host, or several identical ones.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Host {
    /// Name; a number is added if there are several.
    pub name: String,
    /// How many.
    #[serde(default = "once")]
    pub count: u32,
    /// Label `group` in the exporter's configuration.
    #[serde(default)]
    pub group: Option<String>,
    /// Operating system.
    #[serde(default)]
    pub os: System,
    /// Version of the client.
    #[serde(default = "newest")]
    pub version: [u32; 3],
    /// CPUs.
    pub cpus: u32,
    /// Model of the CPU.
    #[serde(default = "cpu_model")]
    pub cpu_model: String,
    /// Speed of a CPU, in 10⁹ floating-point operations per second.
    #[serde(default = "five")]
    pub gflops: f64,
    /// Gibibytes of RAM.
    #[serde(default = "sixteen")]
    pub memory_gb: f64,
    /// Gibibytes of disk.
    #[serde(default = "disk")]
    pub disk_gb: f64,
    /// GPUs.
    #[serde(default)]
    pub gpus: Vec<Gpu>,
    /// Hours that local time is ahead of UTC.
    #[serde(default)]
    pub timezone: f64,
    /// CPU tasks that it has at the start.
    #[serde(default)]
    pub tasks: u32,
    /// Names of projects, and their resource shares.
    pub projects: Vec<Attachment>,
    /// Local hours between which the computer is on; always on by default.
    #[serde(default)]
    pub on: Option<[f64; 2]>,
    /// Local hours between which somebody uses it.
    #[serde(default)]
    pub in_use: Option<[f64; 2]>,
    /// Compute while somebody uses it.
    #[serde(default = "yes")]
    pub run_if_user_active: bool,
    /// Local hours between which the preferences let it compute.
    #[serde(default)]
    pub compute: Option<[f64; 2]>,
    /// Percent of CPUs to use.
    #[serde(default = "hundred")]
    pub cpus_percent: f64,
    /// Percent of CPU time to use.
    #[serde(default = "hundred")]
    pub cpu_time_percent: f64,
    /// Days of work to keep at least, and days to keep in addition.
    #[serde(default = "buffer")]
    pub buffer_days: [f64; 2],
    /// Gibibytes that BOINC may use on disk.
    #[serde(default = "hundred")]
    pub disk_max_gb: f64,
    /// Network speed in megabits per second, up and down.
    #[serde(default = "network")]
    pub network_mbit: [f64; 2],
}

/// GPUs of a host.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gpu {
    /// Kind.
    pub vendor: GpuVendor,
    /// Model.
    pub name: String,
    /// How many.
    #[serde(default = "once")]
    pub count: u32,
    /// Speed, in 10¹² floating-point operations per second.
    pub tflops: f64,
    /// Gibibytes of memory.
    pub memory_gb: f64,
    /// Version of the driver.
    #[serde(default)]
    pub driver: String,
}

/// A project that a host is attached to.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attachment {
    /// Name of the project.
    pub project: String,
    /// Resource share.
    #[serde(default = "hundred")]
    pub share: f64,
    /// The user wants no more work from it.
    #[serde(default)]
    pub no_new_tasks: bool,
    /// The user suspended it.
    #[serde(default)]
    pub suspended: bool,
    /// No contact yet: its master page cannot be fetched.
    #[serde(default)]
    pub never_reached: bool,
}

/// [`Os`] as scenarios spell it.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum System {
    /// Linux.
    #[default]
    Linux,
    /// Windows.
    Windows,
    /// macOS.
    Mac,
}

impl From<System> for Os {
    fn from(system: System) -> Self {
        match system {
            System::Linux => Self::Linux,
            System::Windows => Self::Windows,
            System::Mac => Self::Mac,
        }
    }
}

/// [`Vendor`] as scenarios spell it.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum GpuVendor {
    /// NVIDIA.
    Nvidia,
    /// AMD.
    Amd,
    /// Intel.
    Intel,
    /// Apple.
    Apple,
}

impl From<GpuVendor> for Vendor {
    fn from(vendor: GpuVendor) -> Self {
        match vendor {
            GpuVendor::Nvidia => Self::Nvidia,
            GpuVendor::Amd => Self::Amd,
            GpuVendor::Intel => Self::Intel,
            GpuVendor::Apple => Self::Apple,
        }
    }
}

impl Host {
    /// Its name, or its names if there are several.
    pub fn names(&self) -> impl Iterator<Item = String> {
        let width = self.count.to_string().len();
        (1..=self.count).map(
            move |n| {
                if self.count == 1 { self.name.clone() } else { format!("{}-{n:0width$}", self.name) }
            },
        )
    }
}

const fn once() -> u32 {
    1
}
const fn five() -> f64 {
    5.0
}
const fn sixteen() -> f64 {
    16.0
}
const fn hundred() -> f64 {
    100.0
}
const fn disk() -> f64 {
    500.0
}
const fn yes() -> bool {
    true
}
const fn newest() -> [u32; 3] {
    [8, 2, 15]
}
const fn buffer() -> [f64; 2] {
    [0.1, 0.5]
}
const fn network() -> [f64; 2] {
    [20.0, 100.0]
}
fn cpu_model() -> String {
    String::from("Generic 64-bit CPU [Family 6 Model 158 Stepping 10]")
}
