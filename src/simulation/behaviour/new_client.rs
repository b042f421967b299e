//! A client at the start of the simulation: with a history of credit, but no tasks yet.

use std::collections::{HashSet, VecDeque};
use std::f64::consts::TAU;
use std::sync::Arc;

use super::{HiddenState, Membership, log};
use crate::simulation::scenario::{self, Scenario};
use crate::simulation::state::{
    Account, Activity, Backoff, Client, Credit, CreditDay, DailyTransfer, Gpu, Host, NetStats, Os, Preferences,
    Project, ProjectServer, TimeStats, Traffic,
};

const DAY: f64 = 86_400.0;
const GIB: f64 = 1_073_741_824.0;
/// Days of credit that a client keeps.
const CREDIT_DAYS: u32 = 30;

/// Creates the client of this host at this time.
#[must_use]
pub fn new_client(
    scenario: &Scenario,
    project_servers: &[Arc<ProjectServer>],
    host: &scenario::Host,
    name: String,
    time: f64,
) -> (Client, HiddenState) {
    let mut random = fastrand::Rng::with_seed(seed(scenario.seed, &name));
    let age = (200.0 + 1500.0 * random.f64()) * DAY;
    let gpus: Vec<Gpu> = host.gpus.iter().map(gpu).collect();
    let mut attachments: Vec<_> =
        host.projects.iter().map(|attachment| (attachment, position(scenario, attachment))).collect();
    // Sorted as the client sorts them.
    attachments.sort_by(|(_, a), (_, b)| {
        project_servers[*a].name.to_lowercase().cmp(&project_servers[*b].name.to_lowercase())
    });
    let mut projects = Vec::new();
    let mut memberships = Vec::new();
    for (attachment, at) in attachments {
        let average = expected_credit(host, &scenario.projects[at], attachment.share / shares(host));
        let (project, member) = attach(&project_servers[at], attachment, &gpus, average, age, time, &mut random);
        projects.push(project);
        memberships.push(Membership { project: at, ..member });
    }
    let mut client = Client {
        version: host.version,
        os: host.os.into(),
        traffic: Traffic::Told,
        leaves_files: false,
        daemon: matches!(host.os, scenario::System::Linux),
        clock: time,
        time: times(time, age, host),
        net: NetStats {
            bandwidth: [host.network_mbit[0] * 0.4e5, host.network_mbit[1] * 0.4e5],
            average: [6e7, 3e8],
            average_time: [time; 2],
        },
        preferences: preferences(host, time - age / 2.0),
        run: AUTO,
        gpu: AUTO,
        network: AUTO,
        network_status: 2,
        projects,
        transfers: Vec::new(),
        messages: VecDeque::new(),
        last_message: 0,
        notices: Vec::new(),
        last_notice: 0,
        daily_transfers: past_transfers(time, &mut random),
        old_results: VecDeque::new(),
        host: computer(host, &name, gpus.clone(), time - age / 3.0, &mut random),
    };
    log::start(&mut client);
    let hidden = HiddenState {
        name,
        random,
        host: host.clone(),
        gpus,
        disk_free: client.host.disk_free,
        memberships,
        faults: HashSet::new(),
        not_attached: HashSet::new(),
        detached: HashSet::new(),
        reinstalled: false,
        skew: 0.0,
        on: true,
        failing_with: 1,
        slower: 1.0,
        crashes_after: 0.0,
        delay: 0.0,
        reschedule: true,
        scheduled: 0.0,
        next: 1,
    };
    (client, hidden)
}

const AUTO: Activity = Activity { mode: 2, permanent: 2, until: 0.0, suspend_reason: 0 };

/// Makes a client one that was just installed on the same computer, without projects.
pub(super) fn forget_past(client: &mut Client, hidden: &mut HiddenState) {
    client.time = times(client.clock, 0.0, &hidden.host);
    client.time.previous_uptime = 0.0;
    client.net.average = [0.0; 2];
    client.host.cpid = format!("{:x}", md5::compute(hidden.random.u128(..).to_le_bytes()));
    client.messages.clear();
    client.last_message = 0;
    client.notices.clear();
    client.last_notice = 0;
    client.daily_transfers.clear();
    client.old_results.clear();
    log::start(client);
    hidden.reschedule = true;
}

/// Different for each host of a scenario, because it depends on the name.
fn seed(seed: u64, name: &str) -> u64 {
    // FNV-1a: the same on every machine and with every version of Rust.
    name.bytes().fold(0xcbf2_9ce4_8422_2325 ^ seed, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}

fn position(scenario: &Scenario, attachment: &scenario::Attachment) -> usize {
    let found = scenario.projects.iter().position(|project| project.name == attachment.project);
    found.expect("a scenario is read only if its hosts' projects are there")
}

fn shares(host: &scenario::Host) -> f64 {
    host.projects.iter().map(|attachment| attachment.share).sum::<f64>().max(1.0)
}

/// Cobblestones per day that a share of the host is expected to earn. Only used for the history; later credit comes from tasks.
fn expected_credit(host: &scenario::Host, project: &scenario::Project, share: f64) -> f64 {
    let hourly = |gpu: bool| {
        let apps: Vec<_> = project.apps.iter().filter(|app| app.gpu.is_some() == gpu).collect();
        // Applications that run in addition to everything else earn the same on any computer.
        let of = |app: &&scenario::App| {
            if app.non_cpu_intensive { 0.1 } else { app.credit / app.gpu.map_or(app.cpus, |gpu| gpu.count) }
        };
        if apps.is_empty() { 0.0 } else { apps.iter().map(of).sum::<f64>() / apps.len() as f64 }
    };
    let cpus = f64::from(host.cpus) * host.cpus_percent / 100.0 * host.cpu_time_percent / 100.0 * host.gflops / 5.0;
    let gpus: f64 = host.gpus.iter().map(|gpu| f64::from(gpu.count) * gpu.tflops / 10.0).sum();
    24.0 * share * (cpus * hourly(false) + gpus * hourly(true)) * uptime(host)
}

fn uptime(host: &scenario::Host) -> f64 {
    host.on.map_or(1.0, |[from, to]| (to - from).rem_euclid(24.0) / 24.0)
}

/// Attaches a project that the host has been a member of for `age` seconds, in which it earned `average` cobblestones per day.
pub(super) fn attach(
    server: &Arc<ProjectServer>,
    attachment: &scenario::Attachment,
    gpus: &[Gpu],
    average: f64,
    age: f64,
    time: f64,
    random: &mut fastrand::Rng,
) -> (Project, Membership) {
    let known = !attachment.never_reached;
    let days = age / DAY * 0.7;
    let credit = if known { Account::of(average * days, average * 0.8, time) } else { Account::of(0.0, 0.0, time) };
    let resources = ["CPU"].into_iter().chain(gpus.iter().map(|gpu| gpu.vendor.resource()));
    let backoff =
        |resource| Backoff { resource, until: 0.0, interval: 0.0, no_apps: known && !server.serves(resource) };
    let jobs = average * days / 400.0 * (0.7 + 0.6 * random.f64());
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a number of jobs is far below 2^32")]
    let jobs = jobs as u32;
    let project = Project {
        server: Arc::clone(server),
        known,
        hostid: if known { random.u32(100_000..9_000_000) } else { 0 },
        host_create_time: if known { (time - age * 0.9).floor() } else { 0.0 },
        user: Credit::default(),
        host: credit.credit(),
        days: VecDeque::new(),
        rpc_seqno: if known { random.u32(900..40_000) } else { 0 },
        last_rpc_time: if known { time - 600.0 } else { 0.0 },
        min_rpc_time: time + 30.0 * random.f64(),
        next_rpc_time: 0.0,
        said: Vec::new(),
        nrpc_failures: 0,
        master_fetch_failures: u32::from(!known),
        master_fetch_pending: false,
        sched_rpc_pending: if known { 0 } else { 6 },
        rec: average,
        rec_time: time,
        resource_share: attachment.share,
        sched_priority: 0.0,
        duration_correction_factor: 1.0,
        njobs_success: jobs,
        njobs_error: jobs / 60,
        elapsed_time: f64::from(jobs) * 7000.0,
        disk_usage: 0.0,
        disk_usage_seen: 0.0,
        suspended_via_gui: attachment.suspended,
        dont_request_more_work: attachment.no_new_tasks,
        ended: false,
        scheduler_rpc_in_progress: false,
        download_backoff_until: 0.0,
        upload_backoff_until: 0.0,
        backoffs: resources.map(backoff).collect(),
        tasks: Vec::new(),
    };
    let hostid = project.hostid;
    (project, Membership { project: 0, credit, hostid, pending: Vec::new(), never_reached: attachment.never_reached })
}

/// The history of daily credit: totals decrease a little with each day into the past.
pub(super) fn past_days(user: Credit, host: Credit, time: f64, random: &mut fastrand::Rng) -> VecDeque<CreditDay> {
    let today = (time / DAY).floor();
    let day = |ago: u32| {
        let ago_days = f64::from(ago);
        let swing = 1.0 + 0.08 * (TAU * (today - ago_days) / 7.0).sin() + 0.04 * (random.f64() - 0.5);
        let at = |now: Credit| Credit {
            total: (now.total - now.average * ago_days * 0.97).max(0.0),
            average: now.average * swing,
        };
        CreditDay { day: (today - ago_days) * DAY, user: at(user), host: at(host) }
    };
    (1..CREDIT_DAYS).rev().map(day).collect()
}

fn past_transfers(time: f64, random: &mut fastrand::Rng) -> VecDeque<DailyTransfer> {
    #[expect(clippy::cast_possible_truncation, reason = "days since 1970")]
    let today = (time / DAY).floor() as i64;
    let day = |ago| DailyTransfer { day: today - ago, up: 2e7 + 6e7 * random.f64(), down: 1e8 + 4e8 * random.f64() };
    (1..90).rev().map(day).collect()
}

fn times(time: f64, age: f64, host: &scenario::Host) -> TimeStats {
    let on = uptime(host) * 0.99;
    let active = if host.run_if_user_active { 0.99 } else { 0.7 };
    TimeStats {
        on_frac: on,
        cpu_and_network_available_frac: active,
        active_frac: active,
        gpu_active_frac: active,
        client_start_time: time,
        previous_uptime: 3.0 * DAY,
        session_active_duration: 0.0,
        session_gpu_active_duration: 0.0,
        total_start_time: time - age,
        total_duration: age * on,
        total_active_duration: age * on * active,
        total_gpu_active_duration: age * on * active,
    }
}

fn preferences(host: &scenario::Host, mod_time: f64) -> Preferences {
    Preferences {
        mod_time: mod_time.floor(),
        run_if_user_active: host.run_if_user_active,
        max_ncpus_pct: host.cpus_percent,
        cpu_usage_limit: host.cpu_time_percent,
        work_buf_min_days: host.buffer_days[0],
        work_buf_additional_days: host.buffer_days[1],
        hours: host.compute.unwrap_or_default(),
        disk_max: host.disk_max_gb * GIB,
    }
}

fn gpu(gpu: &scenario::Gpu) -> Gpu {
    Gpu {
        vendor: gpu.vendor.into(),
        count: gpu.count,
        name: gpu.name.clone(),
        peak_flops: gpu.tflops * 1e12,
        memory: gpu.memory_gb * GIB,
        driver: gpu.driver.clone(),
    }
}

fn computer(host: &scenario::Host, name: &str, gpus: Vec<Gpu>, benchmarked: f64, random: &mut fastrand::Rng) -> Host {
    let os: Os = host.os.into();
    let (os_name, os_version) = match os {
        Os::Linux => ("Linux Debian", "Debian GNU/Linux 12 (bookworm) [6.1.0-26-amd64|libc 2.36]"),
        Os::Windows => ("Microsoft Windows 11", "Professional x64 Edition, (10.00.26100.00)"),
        Os::Mac => ("Darwin", "23.6.0"),
    };
    let total = host.disk_gb * GIB;
    let free = total * (0.4 + 0.3 * random.f64());
    Host {
        domain_name: name.to_owned(),
        cpid: format!("{:x}", md5::compute(name)),
        ip_addr: format!("192.0.2.{}", random.u8(1..255)),
        #[expect(clippy::cast_possible_truncation, reason = "hours of a day")]
        timezone: (host.timezone * 3600.0) as i32,
        ncpus: host.cpus,
        cpu_vendor: vendor(&host.cpu_model).to_owned(),
        cpu_model: host.cpu_model.clone(),
        fpops: host.gflops * 1e9 * (0.98 + 0.04 * random.f64()),
        iops: host.gflops * 4e9 * (0.98 + 0.04 * random.f64()),
        benchmarked,
        memory: host.memory_gb * GIB,
        swap: host.memory_gb * GIB / 4.0,
        disk_total: total,
        disk_free: free,
        disk_free_seen: free,
        os_name: os_name.to_owned(),
        os_version: os_version.to_owned(),
        product_name: String::new(),
        virtualbox_version: String::new(),
        docker_version: String::new(),
        gpus,
    }
}

fn vendor(model: &str) -> &'static str {
    match model {
        model if model.contains("AMD") => "AuthenticAMD",
        model if model.contains("Apple") => "Apple",
        _ => "GenuineIntel",
    }
}
