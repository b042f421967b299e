//! What states do not hold and clients say all the same: platforms, folders, ids.

use std::fmt;

use crate::simulation::state::{App, Client, Os, Site};

/// Bytes of the data directory itself.
pub(super) const OWN_DISK_USAGE: f64 = 34_603_008.0;

/// Of a workunit: files beside input and output.
pub(super) const SPARE_DISK: f64 = 500_000_000.0;

/// The client's platform, and the other whose applications it can run.
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
        // Where the packages keep it moved.
        Os::Linux if client.at_least(7, 24) => "/var/lib/boinc",
        Os::Linux => "/var/lib/boinc-client",
        Os::Windows => r"C:\ProgramData\BOINC",
        Os::Mac => "/Library/Application Support/BOINC Data",
    }
}

/// The venue of all projects: services are thought to run where people work.
pub(super) const fn venue(client: &Client) -> &'static str {
    if client.daemon { "work" } else { "" }
}

/// A project's folder below `projects/`: its URL without what is no letter of a file name.
pub(super) struct Folder<'a>(pub &'a str);

impl fmt::Display for Folder<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (_, rest) = self.0.split_once("://").unwrap_or(("", self.0));
        rest.trim_end_matches('/').chars().try_for_each(|c| {
            let plain = c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
            fmt::Write::write_char(f, if plain { c } else { '_' })
        })
    }
}

/// An application version's file.
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

/// An account's ids.
pub(super) struct Ids {
    /// Of the e-mail address.
    pub email: md5::Digest,
    /// The same for the account at all projects.
    pub cross_project: md5::Digest,
    /// As projects publish it.
    pub external: md5::Digest,
}

impl Ids {
    /// All of them are made of the account's name.
    pub fn of(site: &Site) -> Self {
        let email = md5::compute(&site.user_name);
        let cross_project = md5::compute(email.as_ref());
        let external = md5::compute([cross_project.as_ref(), email.as_ref()].concat());
        Self { email, cross_project, external }
    }
}

/// What an application is put together of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A program that runs as it is.
    Program,
    /// A program for several CPUs at a time.
    Threads,
    /// A program for a GPU.
    Gpu,
    /// A virtual machine below a wrapper.
    VirtualMachine,
    /// A container, of which the job says what it needs.
    Container,
    /// A program that listens to a sensor, and sends what it hears.
    Sensor,
}

impl Kind {
    /// Told by the plan class, and by what the application uses.
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
