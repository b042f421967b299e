use std::sync::Arc;

use super::*;
use crate::client::gui_rpc::model::{CcStatus, DiskUsage, Project, TimeStats};
use crate::client::snapshot::{
    Failure, Forecast, Lifetime, MessageCounts, ProjectMessages, ProjectView, Resource, TaskSums,
};

fn of<T>(name: &str, item: T) -> OfProject<T> {
    OfProject { url: Arc::from(format!("https://{name}.example/")), name: Arc::from(name), item }
}

fn resource(name: &str, usable: f64, idle: f64, reason: IdleReason) -> Resource {
    Resource { name: name.to_owned(), usable, idle, reason: Some(reason), drain: 0.0, speed: None }
}

fn up() -> Snapshot {
    Snapshot { up: true, ..Snapshot::default() }
}

fn told(snapshot: &Snapshot) -> Vec<String> {
    troubles(snapshot)
        .into_iter()
        .map(|Finding { trouble, detail }| format!("{}: {detail}", trouble.shown().0))
        .collect()
}

#[test]
fn of_one_that_is_down_nothing_else_is_known() {
    let error = Some(Failure { reason: Reason::Refused, message: "nothing listens".to_owned() });
    let waiting = [(IdleReason::GpuMissing, 1)].into();
    let tasks = vec![of("Steady", TaskSums { stalled: 1, waiting, ..TaskSums::default() })];
    assert_eq!(told(&Snapshot { error, tasks, ..Snapshot::default() }), ["refused: nothing listens"]);
    assert_eq!(told(&Snapshot::default()), [""; 0]);
    assert_eq!(told(&up()), [""; 0]);
}

#[test]
fn the_worst_comes_first_with_what_of() {
    let forecast = Forecast { at_risk: 5, least_slack: None };
    let tasks = |stalled| TaskSums { stalled, overdue: Some(1), forecast, ..TaskSums::default() };
    let snapshot = Snapshot {
        tasks: ["A", "B", "C", "D", "E"].map(|name| of(name, tasks(1))).into(),
        disk: Some(DiskUsage { d_boinc: Some(1e9), d_allowed: Some(10e9), ..DiskUsage::default() }),
        project_disk: vec![of("A", 8e9), of("B", 600e6)],
        gpus_gone: 2.0,
        reported_within_day: [5, 19],
        resources: vec![
            resource("CPU", 4.0, 3.9, IdleReason::NoWork),
            resource("NVIDIA", 1.0, 1.0, IdleReason::NoWork),
        ],
        ..up()
    };
    assert_eq!(
        told(&snapshot),
        [
            "tasks are stuck: 5 tasks of A, B, C and 2 more without progress",
            "GPU is gone: 2 GPUs fewer than before",
            "tasks fail: 5 of 19 tasks reported within a day failed",
            "disk is full: 9.6 GB used of 10.0 GB that BOINC may use",
            "tasks are late: 5 tasks past the deadline, 25 will miss it",
            "idle, should compute: 3 of 4 CPUs and 1 of 1 NVIDIA GPU idle: no work",
        ]
    );
}

#[test]
fn a_project_that_never_answered_is_not_said_to_be_lost() {
    const NOW: f64 = 1.7e9;
    let project = |name, last_rpc_time| {
        let project = Project { last_rpc_time: Some(last_rpc_time), ..Project::default() };
        of(name, ProjectView { project, lifetime: Lifetime::default(), apps: 0, app_versions: 0, workunits: 0 })
    };
    let mut ended = project("Ended", NOW - 1e6);
    ended.item.project.ended = true;
    let projects = vec![project("Old", NOW - 1e5), project("New", 0.0), project("Well", NOW - 60.0), ended];
    let failed = |of: &OfProject<ProjectView>| OfProject {
        item: ProjectMessages { last_failure: Some(NOW - 1.0), ..ProjectMessages::default() },
        url: Arc::clone(&of.url),
        name: Arc::clone(&of.name),
    };
    let messages = MessageCounts { projects: projects.iter().map(failed).collect(), ..MessageCounts::default() };
    let time = Some(TimeStats { now: Some(NOW), ..TimeStats::default() });
    let snapshot = Snapshot { time, messages: Some(messages), projects, ..up() };
    assert_eq!(told(&snapshot), ["project unreachable: no contact with Old for hours; no contact with New yet"]);
    let suspended = CcStatus { network_suspend_reason: Some(4), ..CcStatus::default() };
    assert_eq!(told(&Snapshot { status: Some(suspended), ..snapshot }), [""; 0]);
}

#[test]
fn what_the_user_chose_is_no_trouble() {
    let status = CcStatus { task_suspend_reason: Some(4), gpu_suspend_reason: Some(2), ..CcStatus::default() };
    let resources = ["CPU", "NVIDIA"].map(|name| resource(name, 2.0, 2.0, IdleReason::Suspended)).into_iter().collect();
    let snapshot = Snapshot { status: Some(status), resources, ..up() };
    assert_eq!(told(&snapshot), [""; 0]);
    let sentence = "2 of 2 CPUs idle: suspended: by the user; 2 of 2 NVIDIA GPUs idle: suspended: computer in use";
    assert_eq!(super::sentence(&idle(&snapshot)), sentence);
}

#[test]
fn odd_numbers_are_no_trouble_and_do_no_harm() {
    for odd in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -1.0, 0.0, f64::MAX] {
        let time = TimeStats { now: Some(odd), ..TimeStats::default() };
        let disk = DiskUsage { d_boinc: Some(odd), d_allowed: Some(odd), ..DiskUsage::default() };
        let resources = vec![resource("CPU", odd, odd, IdleReason::Memory)];
        let tasks = vec![of("A", TaskSums { overdue: Some(u32::MAX), ..TaskSums::default() }); 3];
        let snapshot = Snapshot { time: Some(time), disk: Some(disk), resources, tasks, gpus_gone: odd, ..up() };
        assert!(told(&snapshot).len() <= 5, "{odd}");
    }
}
