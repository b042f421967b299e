//! Clients to look at: those of scenarios, and some made by hand with everything that a state can hold.

use std::collections::VecDeque;
use std::sync::Arc;

use boinc_exporter::simulation::state::{
    Active, Activity, App, Backoff, Client, Credit, CreditDay, DailyTransfer, Gpu, Host, Message, NetStats, Notice,
    OldResult, Os, Preferences, Project, ProjectServer, Task, TimeStats, Traffic, Transfer, Vendor,
};

/// Time of the last tick.
pub const CLOCK: f64 = 1_795_322_410.0;

/// Clients of each version and operating system that differ in what they say.
pub fn made_by_hand() -> Vec<Client> {
    let versions = [
        ([7, 20, 5], Os::Linux),
        ([7, 24, 1], Os::Windows),
        ([8, 0, 4], Os::Mac),
        ([8, 2, 15], Os::Linux),
        ([8, 2, 15], Os::Windows),
        ([8, 3, 0], Os::Windows),
        ([8, 3, 0], Os::Mac),
    ];
    versions.map(|(version, os)| client(version, os)).into()
}

fn client(version: [u32; 3], os: Os) -> Client {
    let gpus = gpus(os);
    let resources = ["CPU"].into_iter().chain(gpus.iter().map(|gpu| gpu.vendor.resource())).collect::<Vec<_>>();
    let (odd, sensor, distant) =
        (server("Alpha & Ömega <test>", apps(os)), server("Sensor", vec![sensor()]), server("", vec![]));
    let mut projects = [odd, sensor, distant].map(|server| project(server, &resources));
    projects[0].tasks = tasks(projects[0].server.apps.len());
    projects[1].tasks = vec![task("quake", 0, Some(active(1, 2)))];
    projects[1].sched_rpc_pending = 4;
    let distant = &mut projects[2];
    (distant.known, distant.rpc_seqno, distant.sched_rpc_pending) = (false, 0, 6);
    distant.days.clear();
    let away = Activity { mode: 3, permanent: 2, until: CLOCK + 600.0, suspend_reason: 4 };
    Client {
        version,
        os,
        daemon: os != Os::Mac,
        traffic: Traffic::Told,
        leaves_files: false,
        clock: CLOCK,
        host: host(os, gpus),
        time: TimeStats { total_duration: 1e6, on_frac: 0.9, ..TimeStats::default() },
        net: NetStats { bandwidth: [1e5, 1e6], average: [1e8, 1e9], average_time: [CLOCK; 2] },
        preferences: preferences(),
        run: Activity { mode: 2, permanent: 2, until: 0.0, suspend_reason: 0 },
        gpu: Activity { mode: 1, permanent: 1, until: 0.0, suspend_reason: 0 },
        network: away,
        network_status: 2,
        transfers: vec![transfer(&projects[0].server, false), transfer(&projects[0].server, true)],
        old_results: VecDeque::from([old_result(&projects[0].server)]),
        projects: projects.into(),
        messages: (1..=3).map(message).collect(),
        last_message: 3,
        notices: vec![notice()],
        last_notice: 1,
        daily_transfers: (20_777..20_779).map(|day| DailyTransfer { day, up: 2e6, down: 5e7 }).collect(),
    }
}

fn gpus(os: Os) -> Vec<Gpu> {
    let gpu = |vendor, count, name: &str| Gpu {
        vendor,
        count,
        name: name.to_owned(),
        peak_flops: 8.257_536e13,
        memory: 25_757_220_864.0,
        driver: "550.144.03".to_owned(),
    };
    let gpus = [
        gpu(Vendor::Nvidia, 2, "NVIDIA RTX & Co"),
        gpu(Vendor::Amd, 1, "gfx1030"),
        gpu(Vendor::Intel, 1, "Intel(R) UHD Graphics 770"),
    ];
    if os == Os::Mac { vec![gpu(Vendor::Apple, 1, "Apple M2 Pro")] } else { gpus.into() }
}

fn host(os: Os, gpus: Vec<Gpu>) -> Host {
    Host {
        domain_name: "host".to_owned(),
        cpid: "00112233445566778899aabbccddeeff".to_owned(),
        ip_addr: "192.0.2.7".to_owned(),
        timezone: -18_000,
        ncpus: 16,
        cpu_vendor: if os == Os::Mac { "Apple" } else { "GenuineIntel" }.to_owned(),
        cpu_model: "A <fast> CPU & more [Family 6 Model 158 Stepping 10]".to_owned(),
        fpops: 4.245e9,
        iops: 9.6e10,
        benchmarked: CLOCK - 86_400.0,
        memory: 34_359_738_368.0,
        swap: 0.0,
        disk_total: 1e12,
        disk_free: 3e11,
        disk_free_seen: 3.1e11,
        os_name: "An operating system".to_owned(),
        os_version: "1.2 & more".to_owned(),
        product_name: "A & B Computer".to_owned(),
        virtualbox_version: "7.0.14".to_owned(),
        docker_version: "5.4.2".to_owned(),
        gpus,
    }
}

fn preferences() -> Preferences {
    Preferences {
        mod_time: 1.78e9,
        run_if_user_active: true,
        max_ncpus_pct: 75.0,
        cpu_usage_limit: 80.0,
        work_buf_min_days: 0.1,
        work_buf_additional_days: 0.5,
        hours: [8.5, 17.25],
        disk_max: 1e11,
    }
}

fn app(name: &str, plan_class: &str, avg_ncpus: f64, coproc: Option<(Vendor, f64)>) -> App {
    App {
        name: name.to_owned(),
        user_friendly_name: format!("{name} & <friends>"),
        non_cpu_intensive: false,
        version_num: 101,
        plan_class: plan_class.to_owned(),
        avg_ncpus,
        coproc,
        memory: 2.5e8,
        input: 1e6,
        output: 1e5,
        disk: 1.1e6,
        fpops_est: 9e12,
        checkpoint: 60.0,
    }
}

/// One of each kind. The GPU of the last is never there.
fn apps(os: Os) -> Vec<App> {
    let (gpu, missing) = if os == Os::Mac { (Vendor::Apple, Vendor::Nvidia) } else { (Vendor::Nvidia, Vendor::Apple) };
    vec![
        app("plain", "", 1.0, None),
        app("threads", "mt", 1.5, None),
        app("half", "cuda124", 0.05, Some((gpu, 0.5))),
        app("machine", "vbox64", 2.0, None),
        app("box", "docker", 1.0, Some((gpu, 1.0))),
        app("lost", "opencl_lost", 1.0, Some((missing, 1.0))),
    ]
}

fn sensor() -> App {
    App { non_cpu_intensive: true, ..app("listen", "nci", 0.01, None) }
}

fn server(name: &str, apps: Vec<App>) -> Arc<ProjectServer> {
    Arc::new(ProjectServer {
        url: format!("https://{}.example/p/", name.len()),
        name: name.to_owned(),
        user_name: "Zoë & Björk".to_owned(),
        team_name: "Team <R&D> 日本".to_owned(),
        userid: 3_000_000_000,
        teamid: 99,
        user_create_time: 1.6e9,
        apps,
    })
}

fn project(server: Arc<ProjectServer>, resources: &[&'static str]) -> Project {
    let credit = Credit { total: 123_456.789, average: 1234.5 };
    let backoff = |(at, resource): (usize, &&'static str)| Backoff {
        resource,
        until: CLOCK + 60.0,
        interval: 600.0,
        no_apps: at > 0,
    };
    Project {
        server,
        known: true,
        hostid: 4242,
        host_create_time: 1.61e9,
        user: credit,
        host: credit,
        days: [CreditDay { day: 1_795_305_600.0, user: credit, host: credit }].into(),
        rpc_seqno: 77,
        said: Vec::new(),
        last_rpc_time: CLOCK - 60.0,
        min_rpc_time: CLOCK + 60.5,
        next_rpc_time: 0.0,
        nrpc_failures: 0,
        master_fetch_failures: 0,
        master_fetch_pending: false,
        sched_rpc_pending: 0,
        rec: 4587.5,
        rec_time: CLOCK,
        resource_share: 100.0,
        sched_priority: -1.020_399,
        duration_correction_factor: 1.0,
        njobs_success: 3872,
        njobs_error: 86,
        elapsed_time: 43_580_311.667_195,
        disk_usage: 2e9,
        disk_usage_seen: 1e9,
        suspended_via_gui: true,
        dont_request_more_work: true,
        ended: true,
        scheduler_rpc_in_progress: true,
        download_backoff_until: CLOCK + 120.0,
        upload_backoff_until: CLOCK + 240.0,
        backoffs: resources.iter().enumerate().map(backoff).collect(),
        tasks: Vec::new(),
    }
}

/// A running task of each application, and one in each other situation.
fn tasks(apps: usize) -> Vec<Task> {
    let running = (0..apps).map(|at| task(&format!("running_{at}"), at, Some(active(1, 2))));
    let waiting = Active { too_large: true, ..active(9, 1) };
    let missing = Task { coproc_missing: true, ..task("missing", apps - 1, None) };
    let others = [
        task("waiting", 0, None),
        task("preempted", 0, Some(waiting)),
        missing,
        Task { state: 1, edf_scheduled: true, ..task("downloading", 0, None) },
        Task { suspended_via_gui: true, ..task("suspended", 1, None) },
        Task {
            postponed: Some((CLOCK + 900.0, "no <GPU> & no luck".to_owned())),
            ..task("postponed", 2, Some(active(0, 1)))
        },
        Task { state: 3, exit_status: -1_073_741_819, ..ended("failed") },
        Task { state: 4, ready_to_report: false, ..ended("uploading") },
        Task { state: 5, ..ended("done") },
        Task { deadline: CLOCK + 3600.0, received: CLOCK - 3600.0, ..task("urgent", 0, None) },
    ];
    running.chain(others).collect()
}

fn ended(name: &str) -> Task {
    let (final_elapsed, final_cpu, completed) = (3700.5, 3600.25, CLOCK - 300.0);
    Task { final_elapsed, final_cpu, completed, ready_to_report: true, ..task(name, 0, None) }
}

fn task(name: &str, app: usize, active: Option<Active>) -> Task {
    Task {
        workunit: name.to_owned(),
        app,
        received: CLOCK - 86_400.5,
        deadline: CLOCK + 604_800.0,
        flops: 2.5e9,
        whole: 3600.0,
        takes: 3600.0,
        state: 2,
        exit_status: 0,
        fate: 0,
        stalls_at: 2.0,
        final_elapsed: 0.0,
        final_cpu: 0.0,
        completed: 0.0,
        ready_to_report: false,
        suspended_via_gui: false,
        edf_scheduled: false,
        coproc_missing: false,
        postponed: None,
        active,
    }
}

fn active(process_state: i32, scheduler_state: i32) -> Active {
    Active {
        process_state,
        scheduler_state,
        slot: 3,
        pid: 4711,
        elapsed: 1000.0,
        cpu: 900.0,
        checkpoint_cpu: 850.0,
        fraction_done: 0.25,
        progress_rate: 0.000_25,
        working_set: 2e8,
        too_large: false,
    }
}

fn transfer(server: &ProjectServer, is_upload: bool) -> Transfer {
    Transfer {
        project_url: server.url.clone(),
        project_name: server.name.clone(),
        name: "running_0_input".to_owned(),
        workunit: "running_0".to_owned(),
        is_upload,
        nbytes: 1e6,
        done: 2.5e5,
        speed: if is_upload { 0.0 } else { 1000.0 },
        active: !is_upload,
        offset: 0.0,
        num_retries: 2,
        first_request_time: CLOCK - 3600.0,
        next_request_time: CLOCK + 60.0,
        time_so_far: 250.0,
    }
}

fn old_result(server: &ProjectServer) -> OldResult {
    OldResult {
        project_url: server.url.clone(),
        name: "old_0".to_owned(),
        app: "plain".to_owned(),
        exit_status: 203,
        elapsed: 3007.5,
        cpu: 2900.25,
        completed: CLOCK - 3000.0,
        create_time: CLOCK - 60.0,
    }
}

fn message(seqno: u64) -> Message {
    let body = "Starting <task> & more".to_owned();
    Message { project: "Alpha & Ömega <test>".to_owned(), priority: 1, seqno, body, time: CLOCK - 0.5 }
}

fn notice() -> Notice {
    Notice {
        title: "Tom & Jerry <beta>".to_owned(),
        description: "News with <b>bold</b> &amp; more".to_owned(),
        create_time: CLOCK - 7200.0,
        arrival_time: CLOCK - 60.5,
        project_name: "Alpha & Ömega <test>".to_owned(),
        category: "scheduler".to_owned(),
        link: "https://x.example/?a=1&b=2".to_owned(),
        seqno: 1,
    }
}
