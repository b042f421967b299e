//! On macOS, the BSDs and Windows, from the functions that their own task managers use.

use std::sync::{Mutex, PoisonError};

use sysinfo::{Pid, ProcessRefreshKind, ProcessesToUpdate, System};

use super::Usage;
use crate::platform::max_open_files;

const MILLISECONDS: f64 = 1000.0;

/// This process.
#[derive(Debug)]
pub struct Process {
    id: Pid,
    system: Mutex<System>,
}

impl Process {
    /// This one.
    #[must_use]
    pub fn this() -> Self {
        Self { id: Pid::from_u32(std::process::id()), system: Mutex::new(System::new()) }
    }

    /// What it uses now.
    pub fn usage(&self) -> Usage {
        let mut system = self.system.lock().unwrap_or_else(PoisonError::into_inner);
        let what = ProcessRefreshKind::nothing().with_cpu().with_memory();
        system.refresh_processes_specifics(ProcessesToUpdate::Some(&[self.id]), false, what);
        let Some(process) = system.process(self.id) else { return Usage::default() };
        Usage {
            cpu_seconds: Some(process.accumulated_cpu_time() as f64 / MILLISECONDS),
            resident_bytes: Some(process.memory() as f64),
            virtual_bytes: Some(process.virtual_memory() as f64),
            open_fds: process.open_files().map(|open| open as f64),
            max_fds: max_open_files().map(|limit| limit as f64),
            start_seconds: Some(process.start_time() as f64),
            threads: None,
        }
    }
}
