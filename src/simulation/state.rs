//! The state of a simulated client: plain data with BOINC's own names. [`super::behaviour`] changes it, tick by tick;
//! [`super::replies`] formats it as a client does. Times are Unix seconds on the client's own clock.

mod account;
mod credit;
mod work;

use std::collections::VecDeque;

pub use account::{Ids, PASSWORD};
pub use credit::Account;
pub use work::{Active, App, Backoff, Credit, CreditDay, OldResult, Project, ProjectServer, Task, Transfer};

/// Seconds between two changes of a client's state. A real client checks its tasks' memory and its own uptime as often.
pub const TICK: f64 = 10.0;

/// What a client says when it is asked for its traffic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Traffic {
    /// How much there was, as all clients since 7.0 do.
    Told,
    /// An error.
    Refused,
    /// That it does not know the request.
    Unknown,
}

/// A client.
#[derive(Debug, Clone)]
pub struct Client {
    /// 8, 2, 15 of 8.2.15.
    pub version: [u32; 3],
    /// Operating system of its computer.
    pub os: Os,
    /// Whether it runs as a service.
    pub daemon: bool,
    /// What it says to `get_daily_xfer_history`.
    pub traffic: Traffic,
    /// It cannot delete what tasks leave in their slots.
    pub leaves_files: bool,
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
    /// Activity of CPU computing.
    pub run: Activity,
    /// Activity of GPU computing.
    pub gpu: Activity,
    /// Activity of the network.
    pub network: Activity,
    /// Code of the network's state: 0 in use, 2 not needed.
    pub network_status: i32,
    /// Attached projects, by name.
    pub projects: Vec<Project>,
    /// Files being transferred.
    pub transfers: Vec<Transfer>,
    /// The event log: the newest 2 000.
    pub messages: VecDeque<Message>,
    /// Number of the newest message.
    pub last_message: u64,
    /// Notices for its user.
    pub notices: Vec<Notice>,
    /// Number of the newest notice.
    pub last_notice: u64,
    /// Traffic by day, oldest first.
    pub daily_transfers: VecDeque<DailyTransfer>,
    /// Tasks that were reported within the last hour or so, oldest first.
    pub old_results: VecDeque<OldResult>,
}

/// Operating systems whose clients' replies differ.
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
    /// In the documentation network, 192.0.2.0/24.
    pub ip_addr: String,
    /// Seconds that local standard time is ahead of UTC.
    pub timezone: i32,
    /// CPUs.
    pub ncpus: u32,
    /// Vendor of the CPU.
    pub cpu_vendor: String,
    /// Model of the CPU, with `[Family … Model … Stepping …]`.
    pub cpu_model: String,
    /// Floating-point operations per second and CPU.
    pub fpops: f64,
    /// Integer operations per second and CPU.
    pub iops: f64,
    /// When the two were measured.
    pub benchmarked: f64,
    /// Bytes of RAM.
    pub memory: f64,
    /// Bytes of swap.
    pub swap: f64,
    /// Bytes of the disk.
    pub disk_total: f64,
    /// Bytes free on it now; the client reports the value of its last check, [`Self::disk_free_seen`].
    pub disk_free: f64,
    /// Bytes free at the client's last check.
    pub disk_free_seen: f64,
    /// Name of the operating system.
    pub os_name: String,
    /// Its version.
    pub os_version: String,
    /// Make and model of the computer; empty if unknown.
    pub product_name: String,
    /// Version of VirtualBox; empty if there is none.
    pub virtualbox_version: String,
    /// Version of Docker; empty if there is none. Reported by clients since 8.2.
    pub docker_version: String,
    /// GPUs, one element per kind.
    pub gpus: Vec<Gpu>,
}

/// All GPUs of one kind.
#[derive(Debug, Clone, PartialEq)]
pub struct Gpu {
    /// Kind.
    pub vendor: Vendor,
    /// How many there are now.
    pub count: u32,
    /// Model.
    pub name: String,
    /// Floating-point operations per second of one GPU.
    pub peak_flops: f64,
    /// Bytes of memory of one GPU.
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
    /// Fraction of that with both computing and network allowed.
    pub cpu_and_network_available_frac: f64,
    /// Fraction of that with computing allowed.
    pub active_frac: f64,
    /// Fraction of that with GPU computing allowed.
    pub gpu_active_frac: f64,
    /// When this process started.
    pub client_start_time: f64,
    /// Seconds that the previous process ran.
    pub previous_uptime: f64,
    /// Seconds of this process with computing allowed.
    pub session_active_duration: f64,
    /// Seconds of this process with GPU computing allowed.
    pub session_gpu_active_duration: f64,
    /// When the client was first started.
    pub total_start_time: f64,
    /// Total seconds that it has run.
    pub total_duration: f64,
    /// Total seconds with computing allowed.
    pub total_active_duration: f64,
    /// Total seconds with GPU computing allowed.
    pub total_gpu_active_duration: f64,
}

/// `net_stats`: uploads, then downloads.
#[derive(Debug, Clone, Copy, Default)]
pub struct NetStats {
    /// Bytes per second of single transfers.
    pub bandwidth: [f64; 2],
    /// Bytes per day.
    pub average: [f64; 2],
    /// When the average was computed.
    pub average_time: [f64; 2],
}

/// The preferences that scenarios set. All others have the client's defaults.
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
    /// Days of work to keep in addition.
    pub work_buf_additional_days: f64,
    /// Local hours between which it computes; if equal, it always does.
    pub hours: [f64; 2],
    /// Bytes that it may use on the disk.
    pub disk_max: f64,
}

/// Whether computing, GPU computing or use of the network is allowed.
#[derive(Debug, Clone, Copy)]
pub struct Activity {
    /// Code of the mode: 1 always, 2 by preferences, 3 never.
    pub mode: i32,
    /// The permanent mode, to which it returns.
    pub permanent: i32,
    /// When it returns; 0 if never.
    pub until: f64,
    /// Code of the reason for the suspension; 0 if not suspended.
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

/// A notice for the user.
#[derive(Debug, Clone, PartialEq)]
pub struct Notice {
    /// Title; empty for notices of the client and of schedulers.
    pub title: String,
    /// HTML.
    pub description: String,
    /// When it was written.
    pub create_time: f64,
    /// When it arrived.
    pub arrival_time: f64,
    /// Project; empty for the client's own.
    pub project_name: String,
    /// `client`, `scheduler`, or the category of the feed.
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
    /// Whether the version is at least this one: replies differ by version.
    #[must_use]
    pub fn at_least(&self, major: u32, minor: u32) -> bool {
        self.version >= [major, minor, 0]
    }

    /// Bytes of memory that all tasks together may have: what the preferences allow while nobody uses the computer.
    #[must_use]
    pub fn memory_allowed(&self) -> f64 {
        self.host.memory * 0.9
    }

    /// Seconds since the last tick, at `now` on the client's clock. Running tasks have run for this long since then.
    #[must_use]
    pub fn since(&self, now: f64) -> f64 {
        (now - self.clock).clamp(0.0, TICK)
    }
}
