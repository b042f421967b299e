//! What simulated clients write has the form of what real ones wrote: the recordings are the judge.

mod clients;
mod form;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, LazyLock};
use std::time::{Duration, UNIX_EPOCH};

use boinc_exporter::client::gui_rpc::model::{
    CcStatus, ClientState, DailyTransfers, DiskUsage, FileTransfers, HostInfo, KnownProjects, MessageCount, Messages,
    Notices, OldResults, Projects, ScreensaverTasks, ServerVersion, SimpleGuiInfo, Statistics, Tasks,
};
use boinc_exporter::client::gui_rpc::reply;
use boinc_exporter::clock::Clock;
use boinc_exporter::simulation::replies::{ParsedRequest, body};
use boinc_exporter::simulation::scenario::Scenario;
use boinc_exporter::simulation::state::{Client, ProjectServer};
use boinc_exporter::simulation::world::World;

use crate::support::READ_OPERATIONS;
use clients::{CLOCK, made_by_hand};
use form::{Form, Shape, Version, is_below};

/// All but the login, whose replies are not compared.
fn operations() -> impl Iterator<Item = &'static str> {
    READ_OPERATIONS.into_iter().filter(|operation| !operation.starts_with("auth"))
}

/// What no simulated client writes, by the end of its path or with all that is below it.
const NEVER: [(&str, &str); 19] = [
    ("project/anonymous_platform", "nobody brings applications of their own"),
    ("project/send_full_workload", "no scheduler wants all tasks listed"),
    ("project/strict_memory_bound", "no project asks for it"),
    ("project/use_symlinks", "no project asks for it"),
    ("project/detach_when_done", "nobody leaves a project"),
    ("project/attached_via_acct_mgr", "there is no account manager"),
    ("project/ams_resource_share_new", "there is no account manager"),
    ("project/no_rsc_ams", "there is no account manager"),
    ("project/no_rsc_pref", "no account forbids a resource"),
    ("project/no_rsc_config", "no cc_config.xml forbids a resource"),
    ("coprocs/coproc", "all GPUs are of the four known vendors"),
    ("host_info/mac_address", "clients on Android write it"),
    ("result/got_server_ack", "tasks are gone as soon as they are reported"),
    ("active_task/needs_shmem", "there is always shared memory"),
    ("active_task/swap_too_large", "there is always swap"),
    ("cc_status/manager_must_quit", "clients write it while they are being replaced"),
    ("global_preferences/max_cpus", "obsolete: clients write it where an old account sets it"),
    ("day_prefs/net_start_hour", "no hours are set for the network"),
    ("day_prefs/net_end_hour", "no hours are set for the network"),
];

/// A client, the moment at which it is asked, and what it knows of.
struct Asked {
    client: Client,
    now: f64,
    project_servers: Vec<Arc<ProjectServer>>,
}

impl Asked {
    fn version(&self) -> Version {
        [self.client.version[0], self.client.version[1]]
    }

    fn says(&self, operation: &str) -> String {
        let question = ParsedRequest { operation, seqno: 0, active_only: false };
        body(&self.client, self.now, &self.project_servers, &question).expect("the operation is one that reads")
    }
}

static CLIENTS: LazyLock<Vec<Asked>> = LazyLock::new(clients);

fn clients() -> Vec<Asked> {
    let by_hand = made_by_hand().into_iter().map(|client| {
        let project_servers = client.projects.iter().map(|project| Arc::clone(&project.server)).collect();
        Asked { client, now: CLOCK + 2.5, project_servers }
    });
    by_hand.chain(["home", "faults"].into_iter().flat_map(of_scenario)).collect()
}

/// Those of a scenario after half a day, and two hours later.
fn of_scenario(name: &str) -> Vec<Asked> {
    let clock = Clock::stepped(UNIX_EPOCH + Duration::from_secs(1_795_322_417));
    let scenario = Scenario::named(name).expect("it comes with the exporter");
    let scenario = Scenario { warm_up: Duration::from_secs(43_200), ..scenario };
    let world = World::new(&scenario, clock.clone());
    let mut asked = Vec::new();
    for _ in 0..2 {
        // One is a client of a time of which there are no recordings.
        for member in world.members().iter().filter(|member| member.name != "old-client") {
            asked.push(member.look(|client, now| Asked {
                client: client.clone(),
                now,
                project_servers: world.project_servers().to_vec(),
            }));
        }
        clock.step(Duration::from_secs(7203));
        world.advance();
    }
    asked
}

/// What each client writes.
static WRITTEN: LazyLock<Vec<(Version, Form)>> = LazyLock::new(|| {
    let form = |asked: &Asked| {
        let mut form = Form::default();
        operations().for_each(|operation| form.add(operation, &asked.says(operation)));
        (asked.version(), form)
    };
    CLIENTS.iter().map(form).collect()
});

/// Recordings of single replies, which were cut.
const PARTS: [&str; 11] = [
    "6.11.7_ati_without_platform",
    "6.11.7_old_elements",
    "7.0.27_nvidia_garbled",
    "7.16.3_nvidia_6_gb",
    "7.20_no_tasks_available",
    "7.24.1_nvidia_driver_580",
    "7.4.23_nci_without_platform",
    "7.4_gpu_busy_without_platform",
    "7.6_two_mali",
    "8.2.11_apple_silicon",
    "8.2.6_young",
];

/// What each version's recordings hold.
static RECORDED: LazyLock<BTreeMap<Version, Form>> = LazyLock::new(|| {
    let mut recorded = BTreeMap::<Version, Form>::new();
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    let folders = ["replies", "made"].iter().flat_map(|folder| entries(&data.join(folder)));
    for folder in folders.filter(|folder| folder.is_dir()) {
        let name = folder.file_name().expect("an entry has a name").to_str().expect("ASCII").to_owned();
        if PARTS.contains(&name.as_str()) {
            continue;
        }
        let mut numbers = name.split(['.', '_']).map_while(|number| number.parse().ok());
        let version = [numbers.next(), numbers.next()].map(|number| number.expect("folders begin with the version"));
        for file in entries(&folder) {
            let operation = file.file_stem().expect("a file has a name").to_str().expect("ASCII");
            let operation = operation.strip_suffix("_active").unwrap_or(operation);
            if operations().any(|known| known == operation) {
                let reply = std::fs::read(&file).expect("a recording can be read");
                let reply = String::from_utf8_lossy(&reply);
                let body = reply.trim_ascii().strip_prefix("<boinc_gui_rpc_reply>").expect("an envelope");
                let body = body.strip_suffix("</boinc_gui_rpc_reply>").expect("an envelope");
                recorded.entry(version).or_default().add(operation, body);
            }
        }
    }
    recorded
});

/// What the recordings of these versions hold together.
fn recorded(of: impl Fn(Version) -> bool) -> Form {
    let mut together = Form::default();
    RECORDED.iter().filter(|(version, _)| of(**version)).for_each(|(_, form)| together.merge(form));
    together
}

fn entries(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).expect("the folder can be read");
    entries.map(|entry| entry.expect("its entries can be read").path()).collect()
}

#[test]
fn they_write_what_real_clients_write() {
    let all = recorded(|_| true);
    let mut wrong = BTreeSet::new();
    for (version, form) in WRITTEN.iter() {
        let own = RECORDED.get(version);
        for (path, shapes) in &form.shapes {
            let Some(known) = all.shapes.get(path) else {
                wrong.insert(format!("{version:?} {path}: no real client writes it"));
                continue;
            };
            // Texts may look like anything; what is printed as a number is printed as one of that version.
            let fixed = own.and_then(|own| own.shapes.get(path)).filter(|fixed| !fixed.contains(&Shape::NoNumber));
            let fixed = fixed.unwrap_or(known);
            for shape in shapes.iter().filter(|shape| !known.contains(&Shape::Text) && !fixed.contains(shape)) {
                wrong.insert(format!("{version:?} {path}: {shape:?} where real ones have {fixed:?}"));
            }
            let (blanks, usual) = (&form.blanks[path], &all.blanks[path]);
            if !blanks.is_subset(usual) {
                wrong.insert(format!("{version:?} {path}: after {blanks:?} blanks where real ones have {usual:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn they_keep_the_order_of_real_clients() {
    let all = recorded(|_| true);
    // The one element whose children changed places.
    let [older, newer] = [false, true].map(|newer| recorded(|version| (version >= [8, 2]) == newer));
    let mut wrong = BTreeSet::new();
    for (version, form) in WRITTEN.iter() {
        for order @ [parent, one, other] in &form.orders {
            let judge = match parent.ends_with("/app_version") {
                true if *version < [8, 2] => &older,
                true => &newer,
                false => &all,
            };
            let reverse = [parent.clone(), other.clone(), one.clone()];
            if judge.orders.contains(&reverse) && !judge.orders.contains(order) {
                wrong.insert(format!("{version:?} {parent}: {one} before {other}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn what_real_clients_write_they_write() {
    let all = recorded(|_| true);
    let written = |path: &str| WRITTEN.iter().any(|(_, form)| form.shapes.contains_key(path));
    let excused = |path: &str| NEVER.iter().any(|(end, _)| is_below(path, end));
    let missing: Vec<_> = all.shapes.keys().filter(|path| !written(path) && !excused(path)).collect();
    assert!(missing.is_empty(), "{missing:#?}");
    for (end, _) in NEVER {
        assert!(all.has(end), "{end}: no real client writes it either");
        assert!(!WRITTEN.iter().any(|(_, form)| form.has(end)), "{end}: a simulated client writes it");
    }
}

#[test]
fn they_write_what_their_version_writes() {
    const FIRST: Version = [7, 20];
    const LAST: Version = [u32::MAX, 0];
    // From that version on, and before that one.
    let limits: [(&str, Version, Version); 26] = [
        ("handle_get_screensaver_tasks", FIRST, [8, 2]),
        ("get_screensaver_tasks/get_screensaver_tasks", [8, 2], LAST),
        ("active_task/page_fault_rate", FIRST, [8, 3]),
        ("active_task/bytes_sent", FIRST, [8, 2]),
        ("active_task/bytes_received", FIRST, [8, 2]),
        ("active_task/virtual_size", [8, 3], LAST),
        ("active_task/want_network", [8, 2], LAST),
        ("workunit/sub_appname", [8, 2], LAST),
        ("workunit/avg_ncpus", [8, 2], LAST),
        ("host_info/docker_version", [8, 2], LAST),
        ("host_info/wsl_available", FIRST, [8, 2]),
        ("distro/name", FIRST, [8, 2]),
        ("distro/wsl_version", [8, 2], LAST),
        ("distro/libc_version", [8, 2], LAST),
        ("distro/distro_version", [8, 2], LAST),
        ("distro/disallowed", [8, 2], LAST),
        ("distro/wsl_gpu", [8, 3], LAST),
        ("wsl_gpu/has_cuda", [8, 3], LAST),
        ("coprocs/coproc_apple_gpu", [8, 0], LAST),
        ("coproc_intel_gpu/version", FIRST, [8, 2]),
        ("app_version/gpu_ram", FIRST, [8, 2]),
        ("coproc_ati/atirt_detected", FIRST, [8, 0]),
        ("global_preferences/niu_max_ncpus_pct", [7, 22], LAST),
        ("global_preferences/niu_cpu_usage_limit", [7, 22], LAST),
        ("global_preferences/niu_suspend_cpu_usage", [7, 22], LAST),
        ("file_xfer/estimated_xfer_time_remaining", [7, 22], LAST),
    ];
    let mut seen = [false; 26];
    for (version, form) in WRITTEN.iter() {
        for (at, (end, from, until)) in limits.iter().enumerate() {
            if form.has(end) {
                assert!((from..until).contains(&version), "{end} of {version:?}");
                seen[at] = true;
            }
        }
    }
    let unseen: Vec<_> = limits.iter().zip(seen).filter(|(_, seen)| !seen).collect();
    assert!(unseen.is_empty(), "{unseen:#?}");
}

/// Reads a reply as the exporter does.
fn read<T: reply::Content>(asked: &Asked, operation: &str) -> T {
    let envelope = format!("<boinc_gui_rpc_reply>\n{}</boinc_gui_rpc_reply>\n", asked.says(operation));
    let reply = reply::parse::<T>(envelope.as_bytes()).unwrap_or_else(|error| panic!("{operation}: {error}"));
    assert_eq!((reply.unknown, reply.unreadable), (0, 0), "{operation} of {:?}", asked.client.version);
    reply.content
}

#[test]
fn the_exporter_reads_what_they_write() {
    for asked in CLIENTS.iter() {
        let client = &asked.client;
        let tasks = client.projects.iter().map(|project| project.tasks.len()).sum::<usize>();
        let state: ClientState = read(asked, "get_state");
        assert_eq!(read::<ServerVersion>(asked, "exchange_versions").major, Some(i64::from(client.version[0])));
        assert_eq!(read::<KnownProjects>(asked, "get_all_projects_list").projects.len(), asked.project_servers.len());
        assert_eq!(read::<CcStatus>(asked, "get_cc_status").task_mode, Some(i64::from(client.run.mode)));
        assert_eq!(read::<DailyTransfers>(asked, "get_daily_xfer_history").days.len(), client.daily_transfers.len());
        assert_eq!(read::<DiskUsage>(asked, "get_disk_usage").d_free, Some(client.host.disk_free));
        assert_eq!(read::<FileTransfers>(asked, "get_file_transfers").transfers.len(), client.transfers.len());
        assert_eq!(&*read::<HostInfo>(asked, "get_host_info").p_model, client.host.cpu_model);
        read::<MessageCount>(asked, "get_message_count");
        assert_eq!(read::<Messages>(asked, "get_messages").messages.len(), client.messages.len());
        assert_eq!(read::<Notices>(asked, "get_notices_public").notices.len(), client.notices.len());
        assert_eq!(read::<OldResults>(asked, "get_old_results").results.len(), client.old_results.len());
        assert_eq!(read::<Projects>(asked, "get_project_status").projects.len(), client.projects.len());
        assert_eq!(read::<Tasks>(asked, "get_results").tasks.rows().len(), tasks);
        read::<ScreensaverTasks>(asked, "get_screensaver_tasks");
        assert_eq!(read::<SimpleGuiInfo>(asked, "get_simple_gui_info").projects.len(), client.projects.len());
        assert_eq!(read::<Statistics>(asked, "get_statistics").projects.len(), client.projects.len());
        for (project, group) in client.projects.iter().zip(&state.projects) {
            let names = |name: &dyn Fn(usize) -> String| (0..project.tasks.len()).map(name).collect::<Vec<_>>();
            assert_eq!(names(&|at| group.tasks[at].name.to_string()), names(&|at| project.tasks[at].name()));
            assert_eq!(group.workunits.len(), project.tasks.len());
            assert_eq!(&*group.project.user_name, if project.known { project.server.user_name.as_str() } else { "" });
        }
    }
}

#[test]
fn tasks_go_on_between_ticks() {
    let client = made_by_hand().remove(0);
    let at = |seconds: f64| {
        let asked = Asked { client: client.clone(), now: CLOCK + seconds, project_servers: Vec::new() };
        let state: ClientState = read(&asked, "get_state");
        let project = &state.projects[0];
        let time = state.time_stats.expect("it is always there");
        let task = project.tasks[0].active_task.as_ref().expect("it runs").clone();
        let transfer = read::<FileTransfers>(&asked, "get_file_transfers").transfers.swap_remove(0);
        [
            time.now,
            time.total_duration,
            task.elapsed_time,
            task.current_cpu_time,
            task.fraction_done.map(|done| done * 1e4),
            project.tasks[0].estimated_cpu_time_remaining,
            project.project.upload_backoff,
            read::<CcStatus>(&asked, "get_cc_status").network_mode_delay,
            transfer.persistent_file_xfer.and_then(|file| file.last_bytes_xferred),
        ]
        .map(|value| value.expect("it is always there"))
    };
    let [before, after] = [at(2.0), at(6.0)];
    let passed: [f64; 9] = std::array::from_fn(|at| after[at] - before[at]);
    let expected = [4.0, 4.0, 4.0, 3.6, 10.0, -3.6, -4.0, -4.0, 4000.0];
    let far: Vec<_> =
        passed.iter().zip(expected).filter(|(passed, expected)| (*passed - expected).abs() > 0.6).collect();
    assert!(far.is_empty(), "{passed:?}");
}
