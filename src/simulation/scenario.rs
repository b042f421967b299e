//! Descriptions of fleets, in TOML: projects with their applications, hosts attached to them, and faults with their times.

mod fault;
mod host;
mod project;

use std::path::Path;
use std::time::Duration;

use figment::providers::{Format as _, Toml};
use figment::{Figment, Provider};
use serde::Deserialize;

pub use fault::{Fault, FaultKind};
pub use host::{Attachment, Gpu, GpuVendor, Host, System};
pub use project::{App, Generation, GpuShare, Project};

/// The built-in scenarios.
const BUILT_IN: [(&str, &str); 5] = [
    ("home", include_str!("scenarios/home.toml")),
    ("faults", include_str!("scenarios/faults.toml")),
    ("servers", include_str!("scenarios/servers.toml")),
    ("lab", include_str!("scenarios/lab.toml")),
    ("crowd", include_str!("scenarios/crowd.toml")),
];

/// A fleet.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// The same seed always gives the same world.
    #[serde(default)]
    pub seed: u64,
    /// How long the clients have been running when the simulation starts.
    #[serde(default = "two_days", with = "humantime_serde")]
    pub warm_up: Duration,
    /// The password required from other computers. Empty: none.
    #[serde(default)]
    pub password: String,
    /// Projects.
    pub projects: Vec<Project>,
    /// Hosts.
    pub hosts: Vec<Host>,
    /// Faults.
    #[serde(default)]
    pub faults: Vec<Fault>,
    /// The time that fault times are relative to, in Unix seconds. Defaults to the start of the simulation.
    #[serde(skip)]
    pub present: Option<f64>,
}

impl Scenario {
    /// The built-in scenario with this name.
    ///
    /// # Panics
    /// Never: tests check that the built-in scenarios are valid.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let (_, text) = BUILT_IN.iter().find(|(shipped, _)| *shipped == name)?;
        Some(Self::parse(Toml::string(text)).expect("tests check that the built-in scenarios are valid"))
    }

    /// Names of the built-in scenarios.
    pub fn names() -> impl Iterator<Item = &'static str> {
        BUILT_IN.iter().map(|(name, _)| *name)
    }

    /// Reads a scenario from a file.
    ///
    /// # Errors
    /// A sentence that says what is wrong, and where.
    pub fn read(file: &Path) -> Result<Self, String> {
        let shown = file.display();
        if !file.is_file() {
            return Err(format!("there is no scenario file {shown}"));
        }
        Self::parse(Toml::file_exact(file)).map_err(|error| format!("the scenario {shown} is invalid: {error}"))
    }

    /// Parses a scenario from text.
    ///
    /// # Errors
    /// A sentence that says what is wrong.
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
                return Err(format!(
                    "a host is attached to `{}`, which is not a project of this scenario",
                    attachment.project
                ));
            }
        }
        for fault in &self.faults {
            if let Some(name) = fault.client.as_ref().filter(|name| !host(name)) {
                return Err(format!("a fault affects client `{name}`, which is not a host of this scenario"));
            }
            if fault.kind.is_of_server() && fault.client.is_some() {
                return Err(
                    "a fault of a project's server has a `client`, but it affects all of them; remove it".to_owned()
                );
            }
            if let Some(name) = fault.project.as_ref().filter(|name| !project(name)) {
                return Err(format!("a fault affects project `{name}`, which is not a project of this scenario"));
            }
        }
        Ok(())
    }
}

const fn two_days() -> Duration {
    Duration::from_secs(2 * 86_400)
}
