//! The simulated projects' servers of `boinc_exporter demo`, and the settings with which the exporter watches them. Their pages lie
//! at other addresses than clients say, as with some real projects: so the labels are those of clients.

use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context as _;
use figment::value::{Dict, Value};
use tempfile::TempDir;

use crate::project::collectors::Collector;
use crate::simulation::project_server::ProjectServers;
use crate::simulation::scenario::Generation;
use crate::simulation::state::{PASSWORD, ProjectServer};
use crate::simulation::world::World;

/// Running servers, and the files that the exporter needs to watch them. They are gone when this is dropped.
#[derive(Debug)]
pub struct Projects {
    servers: ProjectServers,
    world: Arc<World>,
    /// Keys, and the times of requests: those of a simulation must not get among those of real projects.
    files: TempDir,
}

impl Projects {
    /// Starts the servers of all projects, and writes the keys of the accounts.
    ///
    /// # Errors
    /// A sentence about a port or a file.
    pub async fn start(world: &Arc<World>) -> anyhow::Result<Self> {
        let servers = ProjectServers::start(world).await?;
        let files = tempfile::tempdir().context("cannot make a directory for the keys of simulated projects")?;
        let projects = Self { servers, world: Arc::clone(world), files };
        for (at, server) in world.project_servers().iter().enumerate() {
            let path = projects.key_file(at);
            let written =
                std::fs::File::create(&path).and_then(|mut file| writeln!(file, "{}", server.authenticator()));
            written.with_context(|| format!("cannot write the key {}", path.display()))?;
        }
        Ok(projects)
    }

    fn key_file(&self, project: usize) -> PathBuf {
        self.files.path().join(format!("{project}.key"))
    }

    /// The settings of `[projects]`, with all collectors.
    #[must_use]
    pub fn settings(&self) -> Vec<(&'static str, Value)> {
        let optional = Collector::ALL.into_iter().filter(|collector| collector.is_by_choice()).map(Collector::name);
        let collectors: Vec<_> = ["default"].into_iter().chain(optional).collect();
        let servers = self.world.project_servers().iter().zip(self.servers.urls()).enumerate();
        let list: Vec<_> = servers.map(|(at, (server, url))| self.project(at, server, &url)).collect();
        vec![
            ("projects.watch", Value::from("attached")),
            ("projects.collectors", Value::from(collectors)),
            ("projects.state_file", Value::from(self.files.path().join("projects.json").display().to_string())),
            ("projects.list", Value::from(list)),
        ]
    }

    fn project(&self, at: usize, server: &ProjectServer, url: &str) -> Dict {
        let key_file = Value::from(self.key_file(at).display().to_string());
        let mut settings = Dict::from([
            ("url".to_owned(), Value::from(server.url.as_str())),
            ("web_rpc_url".to_owned(), Value::from(url)),
            ("scheduler_url".to_owned(), Value::from(self.servers.scheduler(at))),
            ("account_key_file".to_owned(), key_file.clone()),
        ]);
        if server.teamid > 0 {
            settings.insert("team".to_owned(), Value::from(server.teamid));
        }
        let submits = |side: &crate::simulation::behaviour::ProjectSide| {
            side.settings.submits && side.settings.server >= Generation::Of2015
        };
        if self.world.look_at_project(at, |side, _| submits(side)) {
            settings.insert("submitter".to_owned(), key_file);
        }
        settings
    }

    /// Instructions for the user.
    #[must_use]
    pub fn welcome(&self) -> String {
        let first = self.world.project_servers().iter().zip(self.servers.urls()).next();
        first.map_or_else(String::new, |(server, url)| {
            format!(
                "\nAsk the server of {} directly\n  {url}server_status.php?xml=1\n  boinc_exporter login {url}  with {} and \
                 the password {PASSWORD}\n",
                server.name,
                server.email_address()
            )
        })
    }
}
