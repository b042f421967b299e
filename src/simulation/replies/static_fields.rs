//! Fields of replies that are not part of the simulated state: platforms, directories, ids.

use std::fmt;

use crate::simulation::state::{App, Client, Os};

/// Bytes of the data directory itself.
pub(super) const OWN_DISK_USAGE: f64 = 34_603_008.0;

/// Bytes that a workunit's limit allows for files other than input and output.
pub(super) const SPARE_DISK: f64 = 500_000_000.0;

/// The client's platform, and another one whose applications it can run.
pub(super) const fn platforms(os: Os) -> [&'static str; 2] {
    match os {
        Os::Linux => ["x86_64-pc-linux-gnu", "i686-pc-linux-gnu"],
        Os::Windows => ["windows_x86_64", "windows_intelx86"],
        Os::Mac => ["arm64-apple-darwin", "x86_64-apple-darwin"],
    }
}

/// The data directory.
pub(super) fn data_directory(client: &Client) -> &'static str {
    match client.os {
        // Debian's packages moved it.
        Os::Linux if client.at_least(7, 24) => "/var/lib/boinc",
        Os::Linux => "/var/lib/boinc-client",
        Os::Windows => r"C:\ProgramData\BOINC",
        Os::Mac => "/Library/Application Support/BOINC Data",
    }
}

/// The venue of all projects: clients that run as a service are assumed to be at work.
pub(super) const fn venue(client: &Client) -> &'static str {
    if client.daemon { "work" } else { "" }
}

/// A project's directory in `projects/`: its URL, with characters replaced that file names cannot have.
pub(in crate::simulation) struct Folder<'a>(pub &'a str);

impl fmt::Display for Folder<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (_, rest) = self.0.split_once("://").unwrap_or(("", self.0));
        rest.trim_end_matches('/').chars().try_for_each(|c| {
            let plain = c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
            fmt::Write::write_char(f, if plain { c } else { '_' })
        })
    }
}

/// File name of an application version.
pub(super) struct Program<'a>(pub &'a App, pub Os);

impl fmt::Display for Program<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(app, os) = self;
        write!(f, "{}_{}.{:02}_{}", app.name, app.version_num / 100, app.version_num % 100, platforms(*os)[0])?;
        if !app.plan_class.is_empty() {
            write!(f, "__{}", app.plan_class)?;
        }
        f.write_str(if matches!(os, Os::Windows) { ".exe" } else { "" })
    }
}

/// Kinds of application.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A plain program.
    Program,
    /// A multi-threaded program.
    Threads,
    /// A program for a GPU.
    Gpu,
    /// A virtual machine in a wrapper.
    VirtualMachine,
    /// A container, whose image and resources each job specifies.
    Container,
    /// A program that reads a sensor and sends its measurements.
    Sensor,
}

impl Kind {
    /// Determined by the plan class and by the resources that the application uses.
    pub fn of(app: &App) -> Self {
        match app {
            app if app.plan_class.starts_with("vbox") => Self::VirtualMachine,
            app if app.plan_class.starts_with("docker") => Self::Container,
            app if app.non_cpu_intensive => Self::Sensor,
            app if app.coproc.is_some() => Self::Gpu,
            app if app.avg_ncpus > 1.0 => Self::Threads,
            _ => Self::Program,
        }
    }
}
