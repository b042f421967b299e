//! What a simulated client is at a moment: plain data in BOINC's own words. [`super::behaviour`] changes it, tick by tick;
//! [`super::replies`] writes it as a client does. Times are Unix seconds on the client's own clock.

mod work;

use std::collections::VecDeque;

pub use work::{Active, App, Backoff, Credit, CreditDay, OldResult, Project, Site, Task, Transfer};

/// Seconds between two changes of a client's state. A real one looks at its tasks' memory and its own uptime as often.
pub const TICK: f64 = 10.0;

/// A client.
#[derive(Debug, Clone)]
pub struct Client {
    /// 8, 2, 15 of 8.2.15.
    pub version: [u32; 3],
    /// Operating system of its computer.
    pub os: Os,
    /// Runs as a service.
    pub daemon: bool,
    /// Knows `get_daily_xfer_history`, as all clients since 7.0.
    pub knows_traffic: bool,
    /// Its clock at the last tick.
    pub clock: f64,
    /// The computer.
    pub host: Host,
    /// Averages of its uptime.
    pub time: TimeStats,
    /// Averages of its network.
    pub net: NetStats,
    /// The preferences in force.
    pub preferences: Preferences,
    /// Computing.
    pub run: Activity,
    /// Computing on GPUs.
    pub gpu: Activity,
    /// Network.
    pub network: Activity,
    /// Code of the network's state: 0 in use, 2 not needed.
    pub network_status: i32,
    /// Attached projects, by name.
    pub projects: Vec<Project>,
    /// Files on the way.
    pub transfers: Vec<Transfer>,
    /// The event log: the newest 2 000.
    pub messages: VecDeque<Message>,
    /// Number of the newest message.
    pub last_message: u64,
    /// What it tells its user.
    pub notices: Vec<Notice>,
    /// Number of the newest notice.
    pub last_notice: u64,
    /// Traffic by day, oldest first.
    pub daily_transfers: VecDeque<DailyTransfer>,
    /// Tasks that were reported within the last hour or so, oldest first.
    pub old_results: VecDeque<OldResult>,
}

/// Operating systems whose clients differ in what they say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Os {
    /// Linux, as a Debian package.
    Linux,
    /// Windows.
    Windows,
    /// macOS on Apple's processors.
    Mac,
}

/// The computer.
#[derive(Debug, Clone)]
pub struct Host {
    /// Host name.
    pub domain_name: String,
    /// 32 hexadecimal digits.
    pub cpid: String,
    /// In the network of documentation, 192.0.2.0/24.
    pub ip_addr: String,
    /// Seconds that local standard time is ahead of UTC.
    pub timezone: i32,
    /// CPUs.
    pub ncpus: u32,
    /// Vendor of the CPU.
    pub cpu_vendor: String,
    /// Model of the CPU, with `[Family … Model … Stepping …]`.
    pub cpu_model: String,
    /// Floating-point operations a second and CPU.
    pub fpops: f64,
    /// Integer operations a second and CPU.
    pub iops: f64,
    /// When these were measured.
    pub benchmarked: f64,
    /// Bytes of RAM.
    pub memory: f64,
    /// Bytes of swap.
    pub swap: f64,
    /// Bytes of the disk.
    pub disk_total: f64,
    /// Bytes free on it now; the client tells it as of its last look, [`Self::disk_free_seen`].
    pub disk_free: f64,
    /// Bytes free at the client's last look.
    pub disk_free_seen: f64,
    /// Name of the operating system.
    pub os_name: String,
    /// Its version.
    pub os_version: String,
    /// Make and model of the computer; empty if unknown.
    pub product_name: String,
    /// Version of VirtualBox; empty if there is none.
    pub virtualbox_version: String,
    /// Version of Docker; empty if there is none. Clients since 8.2 tell it.
    pub docker_version: String,
    /// GPUs, one element a kind.
    pub gpus: Vec<Gpu>,
}

/// All GPUs of a kind.
#[derive(Debug, Clone, PartialEq)]
pub struct Gpu {
    /// Kind.
    pub vendor: Vendor,
    /// How many there are now.
    pub count: u32,
    /// Model.
    pub name: String,
    /// Floating-point operations a second of one.
    pub peak_flops: f64,
    /// Bytes of memory of one.
    pub memory: f64,
    /// Version of the driver.
    pub driver: String,
}

/// Kinds of GPU.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Vendor {
    /// `coproc_cuda`.
    Nvidia,
    /// `coproc_ati`.
    Amd,
    /// `coproc_intel_gpu`.
    Intel,
    /// `coproc_apple_gpu`; clients since 8.0.
    Apple,
}

impl Vendor {
    /// BOINC's name of the resource.
    #[must_use]
    pub const fn resource(self) -> &'static str {
        match self {
            Self::Nvidia => "NVIDIA",
            Self::Amd => "ATI",
            Self::Intel => "intel_gpu",
            Self::Apple => "apple_gpu",
        }
    }
}

/// `time_stats`.
#[derive(Debug, Clone, Default)]
pub struct TimeStats {
    /// Fraction of time that the client runs.
    pub on_frac: f64,
    /// Of that, computing and network both allowed.
    pub cpu_and_network_available_frac: f64,
    /// Of that, computing allowed.
    pub active_frac: f64,
    /// Of that, computing on GPUs allowed.
    pub gpu_active_frac: f64,
    /// When this process started.
    pub client_start_time: f64,
    /// Seconds that the process before ran.
    pub previous_uptime: f64,
    /// Seconds of this process with computing allowed.
    pub session_active_duration: f64,
    /// Seconds of this process with computing on GPUs allowed.
    pub session_gpu_active_duration: f64,
    /// When the client was first started.
    pub total_start_time: f64,
    /// Seconds that it ever ran.
    pub total_duration: f64,
    /// Seconds that computing was ever allowed.
    pub total_active_duration: f64,
    /// Seconds that computing on GPUs was ever allowed.
    pub total_gpu_active_duration: f64,
}

/// `net_stats`: uploads, then downloads.
#[derive(Debug, Clone, Copy, Default)]
pub struct NetStats {
    /// Bytes a second of single transfers.
    pub bandwidth: [f64; 2],
    /// Bytes a day.
    pub average: [f64; 2],
    /// When that was computed.
    pub average_time: [f64; 2],
}

/// The preferences that scenarios set. All others have the client's own defaults.
#[derive(Debug, Clone)]
pub struct Preferences {
    /// When they were set.
    pub mod_time: f64,
    /// Compute while somebody uses the computer.
    pub run_if_user_active: bool,
    /// Percent of the CPUs.
    pub max_ncpus_pct: f64,
    /// Percent of the CPUs' time.
    pub cpu_usage_limit: f64,
    /// Days of work to keep.
    pub work_buf_min_days: f64,
    /// Days of work to add to that.
    pub work_buf_additional_days: f64,
    /// Local hours between which it computes; equal: always.
    pub hours: [f64; 2],
    /// Bytes that it may use on the disk.
    pub disk_max: f64,
}

/// What may be done: computing, computing on GPUs, or using the network.
#[derive(Debug, Clone, Copy)]
pub struct Activity {
    /// Code of the mode: 1 always, 2 by preferences, 3 never.
    pub mode: i32,
    /// The mode to which it returns.
    pub permanent: i32,
    /// When it returns; 0 if it does not.
    pub until: f64,
    /// Code of why it is suspended, 0 if it is not.
    pub suspend_reason: i32,
}

/// A line of the event log.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// Project; empty for the client's own.
    pub project: String,
    /// 1 information, 2 alert, 3 internal error.
    pub priority: u8,
    /// Number.
    pub seqno: u64,
    /// Text.
    pub body: String,
    /// When.
    pub time: f64,
}

/// What the client tells its user.
#[derive(Debug, Clone, PartialEq)]
pub struct Notice {
    /// Title; empty for those of client and scheduler.
    pub title: String,
    /// HTML.
    pub description: String,
    /// When it was written.
    pub create_time: f64,
    /// When it arrived.
    pub arrival_time: f64,
    /// Project; empty for the client's own.
    pub project_name: String,
    /// `client`, `scheduler`, or what the feed says.
    pub category: String,
    /// Link; may be empty.
    pub link: String,
    /// Number.
    pub seqno: u64,
}

/// Traffic of a day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DailyTransfer {
    /// Days since 1970 in local standard time.
    pub day: i64,
    /// Bytes sent.
    pub up: f64,
    /// Bytes received.
    pub down: f64,
}

impl Client {
    /// Whether the version is at least this one: what clients say differs by version.
    #[must_use]
    pub fn at_least(&self, major: u32, minor: u32) -> bool {
        self.version >= [major, minor, 0]
    }

    /// Seconds since the last tick, at this time on the client's clock. What runs has gone on for so long.
    #[must_use]
    pub fn since(&self, now: f64) -> f64 {
        (now - self.clock).clamp(0.0, TICK)
    }
}
