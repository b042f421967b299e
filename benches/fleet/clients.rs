//! Simulated clients in separate processes, so that their cost is not counted as the exporter's.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::SystemTime;

use boinc_exporter::clock::Clock;
use boinc_exporter::simulation::scenario::Scenario;
use boinc_exporter::simulation::server::Servers;
use boinc_exporter::simulation::world::World;

/// The argument that makes this program such a process.
pub const ROLE: &str = "--simulate";
/// Clients per process: each needs two descriptors, and many systems limit a process to 1 024.
const OF_A_PROCESS: usize = 400;

/// Whether time passes for the clients.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Time {
    /// They generate each reply, about three times as fast as a real client.
    Passes,
    /// They send the same bytes each time, at almost no cost.
    Stands,
}

/// Running clients. They end when dropped.
pub struct Clients {
    processes: Vec<Child>,
    /// Their addresses.
    pub addresses: Vec<String>,
}

impl Clients {
    /// Starts `clients` clients with `tasks` tasks each.
    pub fn start(clients: usize, tasks: usize, time: Time) -> Self {
        let mut all = Self { processes: Vec::new(), addresses: Vec::new() };
        for first in (0..clients).step_by(OF_A_PROCESS) {
            let count = OF_A_PROCESS.min(clients - first);
            let program = std::env::current_exe().expect("this program was started from a file");
            let mut process = Command::new(program)
                .args([
                    ROLE,
                    &count.to_string(),
                    &tasks.to_string(),
                    if time == Time::Passes { "passes" } else { "stands" },
                ])
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn()
                .expect("this program can be started again");
            let output = BufReader::new(process.stdout.take().expect("stdout is piped"));
            all.addresses.extend(output.lines().map(|line| line.expect("addresses are text")).take(count));
            all.processes.push(process);
        }
        assert_eq!(all.addresses.len(), clients, "each client says where it listens");
        all
    }
}

impl Drop for Clients {
    fn drop(&mut self) {
        for process in &mut self.processes {
            // This fails only if the process has already ended.
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

/// Runs such a process: it listens, prints its addresses, and ends when its parent does.
pub fn simulate(clients: &str, tasks: &str, time: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let scenario = Scenario::from_text(&scenario(clients, tasks)).expect("the scenario below is valid");
        let clock = if time == "passes" { Clock::default() } else { Clock::stepped(SystemTime::now()) };
        let world = Arc::new(World::new(&scenario, clock));
        let servers = Servers::start(&world, None).await.expect("free ports");
        let mut stdout = std::io::stdout().lock();
        for (_, address) in servers.addresses() {
            writeln!(stdout, "{address}").expect("the parent reads");
        }
        let parent = tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new()));
        // The process ends with its parent, whatever the result.
        let _ = parent.await;
    });
}

fn scenario(clients: &str, tasks: &str) -> String {
    format!(
        r#"
        warm_up = "10m"
        projects = [
            {{ name = "Asteroid Tracks", url = "https://asteroids.example/", user = "crowd", apps = [
                {{ name = "lightcurve", title = "Light curve inversion", takes = "40h", deadline = "10d", credit = 22 }},
            ] }},
            {{ name = "Protein Lab@home", url = "https://proteins.example/lab/", user = "crowd", apps = [
                {{ name = "fold", title = "Folding", takes = "80h", deadline = "9d", credit = 25 }},
            ] }},
        ]
        [[hosts]]
        name = "host"
        count = {clients}
        cpus = 8
        memory_gb = 32
        buffer_days = [0, 0]
        tasks = {tasks}
        projects = [{{ project = "Asteroid Tracks" }}, {{ project = "Protein Lab@home" }}]
        "#
    )
}
