//! What a project's server knows: the account's credit, its computers and their tasks, and what it does with what clients
//! report. It goes on whether anybody looks or not.

mod batches;
mod export;
mod queues;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use self::batches::Batch;
pub use self::export::Export;
pub use self::queues::Queues;
use crate::simulation::scenario::{self, Fault, FaultKind, Scenario};
use crate::simulation::state::{Account, Client, Project, ProjectServer, Task};

/// Seconds for which the server remembers a task that is over: `db_purge` with a minimum age of a week.
const PURGED_AFTER: f64 = 7.0 * 86_400.0;

/// Seconds between two looks for tasks that are late or to be forgotten.
const HOUSEKEEPING: f64 = 600.0;

/// A project as its server knows it.
#[derive(Debug)]
pub struct ProjectSide {
    /// What does not change.
    pub server: Arc<ProjectServer>,
    /// The project in the scenario.
    pub settings: scenario::Project,
    /// Credit of the account.
    pub account: Account,
    /// The account's computers, by id.
    pub hosts: BTreeMap<u32, HostRecord>,
    /// Tasks of the account's computers, by name.
    pub results: BTreeMap<String, ResultRecord>,
    /// Work for everybody.
    pub queues: Queues,
    /// Batches of jobs of the account, oldest first.
    pub batches: Vec<Batch>,
    /// The statistics export.
    pub export: Export,
    /// When the simulation began, Unix seconds.
    pub begun: f64,
    /// The last tick, Unix seconds.
    pub time: f64,
    /// Faults of the server at the moment.
    faults: Vec<Fault>,
    /// Number of the last task.
    last_result: u32,
    /// When it last looked for tasks that are late.
    tidied: f64,
}

/// A computer as the server knows it: as of its last contact.
#[derive(Debug, Clone)]
pub struct HostRecord {
    /// When it first came.
    pub create_time: f64,
    /// Scheduler requests so far.
    pub rpc_seqno: u32,
    /// The last one.
    pub rpc_time: f64,
    /// Its credit.
    pub credit: Account,
    /// Its name.
    pub domain_name: String,
    /// Its id, the same at all projects.
    pub cpid: String,
    /// CPUs.
    pub ncpus: u32,
    /// Their vendor.
    pub cpu_vendor: String,
    /// Their model.
    pub cpu_model: String,
    /// Floating-point operations a second and CPU.
    pub fpops: f64,
    /// Integer operations a second and CPU.
    pub iops: f64,
    /// Operating system.
    pub os_name: String,
    /// Its version.
    pub os_version: String,
    /// Bytes of RAM.
    pub memory: f64,
    /// Bytes free on the disk.
    pub disk_free: f64,
    /// Bytes of the disk.
    pub disk_total: f64,
    /// The user's grouping.
    pub venue: &'static str,
}

/// A task as the server knows it, with BOINC's codes.
#[derive(Debug, Clone)]
pub struct ResultRecord {
    /// Number.
    pub id: u32,
    /// The computer that has it.
    pub hostid: u32,
    /// Position of its application.
    pub app: usize,
    /// When it was sent.
    pub sent_time: f64,
    /// When it has to be back.
    pub report_deadline: f64,
    /// When it came back; 0 before.
    pub received_time: f64,
    /// 4 in progress, 5 over.
    pub server_state: u8,
    /// 0 none yet, 1 success, 3 failed, 4 no reply.
    pub outcome: u8,
    /// The client's state of it.
    pub client_state: u8,
    /// 0 waits, 1 valid, 2 invalid, 4 inconclusive.
    pub validate_state: u8,
    /// Cobblestones.
    pub granted_credit: f64,
    /// Exit status.
    pub exit_status: i32,
    /// Seconds that it ran.
    pub elapsed_time: f64,
    /// CPU seconds.
    pub cpu_time: f64,
    /// Floating-point operations a second.
    pub flops: f64,
}

/// What a validator finds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Verdict {
    /// It earns this credit.
    Valid(f64),
    /// It earns nothing.
    Invalid,
    /// Another computer has to do it too.
    Inconclusive,
    /// No validator looks at it now.
    Wait,
}

impl ProjectSide {
    /// A project at the start of the simulation.
    #[must_use]
    pub fn new(server: Arc<ProjectServer>, settings: scenario::Project, time: f64) -> Self {
        let account = Account::of(settings.earlier_credit, 0.0, time);
        let mut side = Self {
            queues: Queues::new(&settings),
            batches: batches::history(&settings, time),
            export: Export::default(),
            server,
            settings,
            account,
            hosts: BTreeMap::new(),
            results: BTreeMap::new(),
            begun: time,
            time,
            faults: Vec::new(),
            last_result: 4_000_000,
            tidied: time,
        };
        export::tick(&mut side);
        side
    }

    /// Simulates the tick that ends at `time`.
    pub fn tick(&mut self, scenario: &Scenario, time: f64, present: f64) {
        let passed = time - self.time;
        self.time = time;
        let name = &self.settings.name;
        // What goes wrong between one client and the project is not the server's.
        let mine = scenario.faults.iter().filter(|fault| fault.client.is_none() && fault.affects_project(name));
        self.faults = mine.filter(|fault| fault.is_active(time, present)).cloned().collect();
        queues::tick(self, passed);
        batches::tick(self, passed);
        export::tick(self);
        if time - self.tidied >= HOUSEKEEPING {
            self.tidied = time;
            self.tidy();
        }
    }

    /// Whether this is wrong with the server.
    #[must_use]
    pub fn has(&self, kind: FaultKind) -> bool {
        self.faults.iter().any(|fault| fault.kind == kind)
    }

    /// The value of a fault, if it is there.
    #[must_use]
    pub fn value(&self, kind: FaultKind) -> Option<f64> {
        self.faults.iter().find(|fault| fault.kind == kind).map(|fault| fault.value)
    }

    /// Whether a program of the server runs. The name of a validator is not the same everywhere.
    #[must_use]
    pub fn runs(&self, program: &str) -> bool {
        let down = |fault: &Fault| fault.kind == FaultKind::DaemonDown && program.contains(&fault.daemon);
        !(self.has(FaultKind::Maintenance) || self.has(FaultKind::DatabaseDown) || self.faults.iter().any(down))
    }

    /// Whether anything is validated.
    #[must_use]
    pub fn validates(&self) -> bool {
        self.runs("validator") && !self.has(FaultKind::ValidatorStuck)
    }

    /// Whether a scheduler answers as it should.
    #[must_use]
    pub fn schedules(&self) -> bool {
        self.runs("feeder") && !(self.has(FaultKind::SchedulerDown) || self.has(FaultKind::ProjectDown))
    }

    /// A computer contacts the scheduler.
    pub fn contact(&mut self, client: &Client, project: &Project, credit: Account) {
        let host = &client.host;
        let record = HostRecord {
            create_time: project.host_create_time,
            rpc_seqno: project.rpc_seqno,
            rpc_time: project.last_rpc_time.min(self.time),
            credit,
            domain_name: host.domain_name.clone(),
            cpid: host.cpid.clone(),
            ncpus: host.ncpus,
            cpu_vendor: host.cpu_vendor.clone(),
            cpu_model: host.cpu_model.clone(),
            fpops: host.fpops,
            iops: host.iops,
            os_name: host.os_name.clone(),
            os_version: host.os_version.clone(),
            memory: host.memory,
            disk_free: host.disk_free_seen,
            disk_total: host.disk_total,
            venue: if client.daemon { "work" } else { "" },
        };
        self.hosts.insert(project.hostid, record);
    }

    /// Sends a task to a computer.
    pub fn send(&mut self, hostid: u32, task: &Task) {
        self.last_result += 1;
        let record = ResultRecord {
            id: self.last_result,
            hostid,
            app: task.app,
            sent_time: self.time.floor(),
            report_deadline: task.deadline,
            received_time: 0.0,
            server_state: 4,
            outcome: 0,
            client_state: 0,
            validate_state: 0,
            granted_credit: 0.0,
            exit_status: 0,
            elapsed_time: 0.0,
            cpu_time: 0.0,
            flops: task.flops,
        };
        self.results.insert(task.name(), record);
    }

    /// Takes a task back.
    pub fn report(&mut self, task: &Task) {
        let Some(result) = self.results.get_mut(&task.name()) else { return };
        let failed = task.fate != 0;
        (result.server_state, result.received_time) = (5, self.time.floor());
        (result.outcome, result.client_state) = if failed { (3, 3) } else { (1, 5) };
        result.exit_status = task.exit_status;
        (result.elapsed_time, result.cpu_time) = (task.final_elapsed, task.final_cpu);
    }

    /// Validates a task that would earn this credit.
    pub fn validate(&mut self, name: &str, hostid: u32, amount: f64) -> Verdict {
        if !self.validates() {
            return Verdict::Wait;
        }
        let invalid = if self.has(FaultKind::Invalid) { 0.6 } else { self.settings.invalid };
        let doubtful = chance(name, "inconclusive") < self.settings.inconclusive;
        let verdict = match self.results.get(name) {
            Some(result) if doubtful && result.validate_state == 0 => Verdict::Inconclusive,
            _ if chance(name, "invalid") < invalid => Verdict::Invalid,
            _ => Verdict::Valid(amount),
        };
        if let Some(result) = self.results.get_mut(name) {
            (result.validate_state, result.granted_credit) = match verdict {
                Verdict::Valid(amount) => (1, amount),
                Verdict::Invalid => (2, 0.0),
                Verdict::Inconclusive => (4, 0.0),
                Verdict::Wait => (0, 0.0),
            };
        }
        if let Verdict::Valid(amount) = verdict {
            self.account.add(amount, self.time);
            if let Some(host) = self.hosts.get_mut(&hostid) {
                host.credit.add(amount, self.time);
            }
        }
        verdict
    }

    /// Tasks of the account's computers that are in progress, of this application.
    #[must_use]
    pub fn in_progress(&self, app: usize) -> usize {
        self.results.values().filter(|result| result.app == app && result.server_state == 4).count()
    }

    /// Gives up tasks that did not come back, and forgets old ones.
    fn tidy(&mut self) {
        let time = self.time;
        for result in self.results.values_mut().filter(|result| result.server_state == 4) {
            if result.report_deadline < time {
                (result.server_state, result.outcome) = (5, 4);
            }
        }
        let late = |result: &ResultRecord| time - result.received_time.max(result.report_deadline.min(time));
        self.results.retain(|_, result| result.server_state == 4 || late(result) < PURGED_AFTER);
    }
}

/// A number from 0 to 1 that depends on the name alone, so that what servers do changes nothing of what clients do.
#[must_use]
pub fn chance(name: &str, of_what: &str) -> f64 {
    let digest = md5::compute(format!("{of_what} {name}"));
    let bytes = <[u8; 4]>::try_from(&digest.0[..4]).unwrap_or_default();
    f64::from(u32::from_le_bytes(bytes)) / f64::from(u32::MAX)
}
