//! What this process uses, as every Prometheus client library exports it. What a system does not tell is absent.

#[cfg(not(target_os = "linux"))]
mod elsewhere;
#[cfg(target_os = "linux")]
mod linux;

#[cfg(not(target_os = "linux"))]
pub use self::elsewhere::Process;
#[cfg(target_os = "linux")]
pub use self::linux::Process;

/// Current resource usage.
#[derive(Debug, Default, PartialEq)]
pub struct Usage {
    /// User and system time.
    pub cpu_seconds: Option<f64>,
    /// In main memory.
    pub resident_bytes: Option<f64>,
    /// Reserved.
    pub virtual_bytes: Option<f64>,
    /// Open files, sockets and whatever else the system counts as such. On Windows: handles.
    pub open_fds: Option<f64>,
    /// How many may be open.
    pub max_fds: Option<f64>,
    /// Unix time.
    pub start_seconds: Option<f64>,
    /// Threads.
    pub threads: Option<f64>,
}
