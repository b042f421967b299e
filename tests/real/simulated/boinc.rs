//! Simulated clients as `boinccmd` and an exporter meet them. Their time stands still: what is asked twice is the same.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Command, Output as Ended};
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use boinc_exporter::clock::Clock;
use boinc_exporter::simulation::behaviour::Reachability;
use boinc_exporter::simulation::scenario::Scenario;
use boinc_exporter::simulation::server::Servers;
use boinc_exporter::simulation::world::{Member, World};
use tempfile::TempDir;

use crate::boinccmd::Output;
use crate::comparison::Client;

const PASSWORD: &str = "correct horse";

/// Some seconds after a tick at which every host of the shipped fleet `home` is on: a Wednesday evening in Europe.
const NOW: Duration = Duration::from_millis(1_795_030_203_700);

/// The clients of a scenario.
pub struct Fleet {
    world: Arc<World>,
    servers: Servers,
    folder: TempDir,
}

impl Fleet {
    /// Those of a scenario that comes with the exporter, after a few hours of work.
    pub async fn start(name: &str) -> Self {
        let mut scenario = Scenario::named(name).expect("it comes with the exporter");
        PASSWORD.clone_into(&mut scenario.password);
        scenario.warm_up = Duration::from_secs(6 * 3600);
        let world = Arc::new(World::new(&scenario, Clock::stepped(UNIX_EPOCH + NOW)));
        let servers = Servers::start(&world, None).await.expect("127.0.0.1 has free ports");
        let folder = tempfile::tempdir().expect("a temporary directory");
        Self { world, servers, folder }
    }

    /// Those that answer: of the shipped fleets, some are off.
    pub fn clients(&self) -> impl Iterator<Item = Boinc> {
        self.world.members().iter().filter(|member| member.reachability() == Reachability::Answers).map(|member| {
            Boinc {
                name: member.name.clone(),
                address: self.servers.address(&member.name).expect("every member is served"),
                password: member.password().expect("the scenario has one"),
                folder: self.folder.path().to_owned(),
            }
        })
    }

    /// What is simulated.
    pub fn member(&self, name: &str) -> &Member {
        self.world.members().iter().find(|member| member.name == name).expect("there is such a client")
    }

    pub fn client(&self, name: &str) -> Boinc {
        self.clients().find(|client| client.name == name).expect("there is such a client")
    }
}

/// One of them.
pub struct Boinc {
    pub name: String,
    address: SocketAddr,
    pub password: String,
    folder: PathBuf,
}

impl Boinc {
    /// Starts the tool.
    pub fn run(&self, arguments: &[&str]) -> Ended {
        Command::new("boinccmd")
            .args(["--host", &self.address()])
            .args(arguments)
            // It prints times in the local zone.
            .env("TZ", "UTC")
            .env("LC_ALL", "C")
            // It reads a password from where it is started.
            .current_dir(&self.folder)
            .output()
            .unwrap_or_else(|e| panic!("cannot start boinccmd: {e}; `make tools` installs what the tests need"))
    }
}

impl Client for Boinc {
    fn address(&self) -> String {
        self.address.to_string()
    }

    fn password_file(&self) -> PathBuf {
        let file = self.folder.join(&self.name);
        std::fs::write(&file, &self.password).expect("the directory can be written");
        file
    }

    /// The tool must be content.
    fn boinccmd(&self, question: &str) -> Output {
        let Ended { status, stdout, stderr } = self.run(&["--passwd", &self.password, question]);
        let [text, complaint] = [stdout, stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        assert!(status.success() && complaint.is_empty(), "{} {question}: {status}\n{text}\n{complaint}", self.name);
        Output::parse(&text)
    }
}
