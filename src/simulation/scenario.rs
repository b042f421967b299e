//! Descriptions of fleets, in TOML: projects with applications, hosts that are attached to them, and what goes wrong when.

mod fault;
mod host;
mod project;

use std::path::Path;
use std::time::Duration;

use figment::providers::{Format as _, Toml};
use figment::{Figment, Provider};
use serde::Deserialize;

pub use fault::{Fault, Trouble};
pub use host::{Attachment, Gpu, GpuVendor, Host, System};
pub use project::{App, GpuShare, Project};

/// Those that come with the exporter.
const SHIPPED: [(&str, &str); 4] = [
    ("home", include_str!("scenarios/home.toml")),
    ("faults", include_str!("scenarios/faults.toml")),
    ("lab", include_str!("scenarios/lab.toml")),
    ("crowd", include_str!("scenarios/crowd.toml")),
];

/// A fleet.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Two worlds of the same seed are the same.
    #[serde(default)]
    pub seed: u64,
    /// How long the clients had been at work when they are first seen.
    #[serde(default = "two_days", with = "humantime_serde")]
    pub warm_up: Duration,
    /// What others than the client's own computer have to log in with. Empty: nothing.
    #[serde(default)]
    pub password: String,
    /// Projects.
    pub projects: Vec<Project>,
    /// Hosts.
    pub hosts: Vec<Host>,
    /// What goes wrong.
    #[serde(default)]
    pub faults: Vec<Fault>,
    /// The moment from which faults are counted, Unix seconds: that of the world's first sight unless set.
    #[serde(skip)]
    pub present: Option<f64>,
}

impl Scenario {
    /// The one of this name that comes with the exporter.
    ///
    /// # Panics
    /// Never: those are tested to be right.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let (_, text) = SHIPPED.iter().find(|(shipped, _)| *shipped == name)?;
        Some(Self::parse(Toml::string(text)).expect("scenarios that come with the exporter are tested to be right"))
    }

    /// Names of those that come with the exporter.
    pub fn names() -> impl Iterator<Item = &'static str> {
        SHIPPED.iter().map(|(name, _)| *name)
    }

    /// Reads one from a file.
    ///
    /// # Errors
    /// A sentence about what is wrong with it, and where.
    pub fn read(file: &Path) -> Result<Self, String> {
        let shown = file.display();
        if !file.is_file() {
            return Err(format!("there is no scenario file {shown}"));
        }
        Self::parse(Toml::file_exact(file)).map_err(|error| format!("the scenario {shown} is wrong: {error}"))
    }

    /// Reads one from text.
    ///
    /// # Errors
    /// A sentence about what is wrong with it.
    pub fn from_text(text: &str) -> Result<Self, String> {
        Self::parse(Toml::string(text))
    }

    fn parse(toml: impl Provider) -> Result<Self, String> {
        let scenario: Self = Figment::from(toml).extract().map_err(|error| error.to_string())?;
        scenario.check()?;
        Ok(scenario)
    }

    fn check(&self) -> Result<(), String> {
        let project = |name: &str| self.projects.iter().any(|project| project.name == name);
        let host = |name: &str| self.hosts.iter().any(|host| host.names().any(|known| known == name));
        for attachment in self.hosts.iter().flat_map(|host| &host.projects) {
            if !project(&attachment.project) {
                return Err(format!("a host is attached to `{}`, which is none of its projects", attachment.project));
            }
        }
        for fault in &self.faults {
            if let Some(name) = fault.client.as_ref().filter(|name| !host(name)) {
                return Err(format!("a fault is of client `{name}`, which is none of its hosts"));
            }
            if let Some(name) = fault.project.as_ref().filter(|name| !project(name)) {
                return Err(format!("a fault is of project `{name}`, which is none of its projects"));
            }
        }
        Ok(())
    }
}

const fn two_days() -> Duration {
    Duration::from_secs(2 * 86_400)
}
