//! Puts replies into the snapshot: joins, counts and caps them. Replies and the poll state come in; the snapshot is
//! filled. No I/O: it does not know where replies come from.

use std::collections::BTreeMap;

use foldhash::HashSet;

use super::Limits;
use crate::client::collectors::Collector;
use crate::client::gui_rpc::codes::{OUTCOMES, outcome};
use crate::client::gui_rpc::model::{ClientState, MAX_PROJECTS, OldResult, Project, ProjectGroup, ServerVersion};
use crate::client::poll_state::{PollState, is_dropped};
use crate::client::snapshot::{
    AppVersionRow, Job, ProjectView, Snapshot, Surroundings, TaskRow, TaskSums, by_urgency, due, forecast, gpus, jobs,
    memory_limit, resources,
};

/// Takes over the content of `get_state`. Everything that the next poll can reuse is left in `state`.
pub fn state(snapshot: &mut Snapshot, poll_state: &mut PollState, limits: &Limits, state: &mut ClientState) {
    // The master URL identifies a project. A real BOINC client never has two with the same URL.
    let mut seen = HashSet::default();
    state.projects.retain(|group| seen.insert(group.project.master_url.to_string()));
    snapshot.count_dropped(Collector::State, 0);
    snapshot.time.clone_from(&state.time_stats);
    poll_state.record_state(&state.projects, snapshot.time.as_ref().and_then(|time| time.client_start_time));
    poll_state.lifetime.retain(state.projects.iter().map(|group| &*group.project.master_url));
    client(snapshot, poll_state, state);

    snapshot.gpus = state.host_info.as_ref().map(gpus).unwrap_or_default();
    let devices: Vec<_> =
        snapshot.gpus.iter().map(|(name, gpu)| (name.clone(), gpu.count.unwrap_or_default())).collect();
    if let Some(now) = snapshot.clock() {
        snapshot.gpus_gone = poll_state.gpus.observe(now, devices.iter().map(|(_, count)| count).sum());
    }
    let status = snapshot.status.as_ref();
    let jobs: Vec<_> = state
        .projects
        .iter()
        .map(|group| jobs(group, status, |task, estimate| poll_state.progress.observe(task, estimate)))
        .collect();
    poll_state.progress.end_poll();
    if snapshot.collectors.contains(Collector::Slots) && snapshot.has_directory {
        let in_slots = jobs.iter().flatten().filter(|job| job.task.active_task.is_some());
        poll_state.in_slots = Some(in_slots.map(|job| (job.task.name.to_string(), job.is_running())).collect());
    }
    // Reports are matched with the tasks of the last poll that counts reports.
    let counts_reports = snapshot.collectors.contains(Collector::OldResults);
    if counts_reports {
        poll_state.reported.begin_poll();
    }
    let around = Surroundings { state, status: snapshot.status.as_ref(), disk: poll_state.disk_usage.value() };
    snapshot.resources = resources(around, &jobs, &devices);
    let forecasts = forecast(state, &jobs, &snapshot.resources);
    snapshot.due = due(state, &jobs);
    let memory_limit = memory_limit(state);
    for ((group, jobs), forecast) in state.projects.iter().zip(&jobs).zip(forecasts) {
        let url = &group.project.master_url;
        for app in apps_with_tasks(group) {
            poll_state.reported.know(url, app);
        }
        let is_other = |job: &&Job<'_>| job.workunit.is_some_and(|workunit| !workunit.sub_appname.is_empty());
        for job in jobs.iter().filter(|job| counts_reports && is_other(job)) {
            poll_state.reported.note_app(url, &job.task.name, job.app());
        }
        for job in jobs.iter().filter(|_| counts_reports && limits.tells_reported) {
            poll_state.reported.note_resource(url, &job.task.name, job.resource());
        }
        let sums = TaskSums::count(group, jobs, snapshot.clock(), snapshot.collectors.contains(Collector::Details));
        let sums = TaskSums { memory_limit, forecast, ..sums };
        snapshot.tasks.push(poll_state.of_project(url, sums));
    }
    if snapshot.collectors.contains(Collector::Tasks) {
        task_rows(snapshot, poll_state, &state.projects, &jobs, limits.max_tasks);
    }
    for group in &mut state.projects {
        project(snapshot, poll_state, group);
    }
    snapshot.host.clone_from(&state.host_info);
    if snapshot.collectors.contains(Collector::AppVersions) {
        let mut versions = std::mem::take(&mut snapshot.app_versions);
        let mut apps = std::mem::take(&mut snapshot.apps);
        cap(snapshot, Collector::AppVersions, &mut versions, limits.max_app_versions);
        cap(snapshot, Collector::AppVersions, &mut apps, limits.max_app_versions);
        (snapshot.app_versions, snapshot.apps) = (versions, apps);
    }
}

fn client(snapshot: &mut Snapshot, poll_state: &mut PollState, state: &ClientState) {
    snapshot.net.clone_from(&state.net_stats);
    snapshot.preferences.clone_from(&state.global_preferences);
    state.global_preferences.iter().for_each(|preferences| poll_state.record_preferences(preferences));
    snapshot.daemon = state.executing_as_daemon;
    poll_state.platform = state.platform_name.to_string();
    snapshot.platform.clone_from(&poll_state.platform);
    // The same version as in `exchange_versions`, for when that is not collected.
    let [major, minor, release] =
        [state.core_client_major_version, state.core_client_minor_version, state.core_client_release];
    if snapshot.version.is_none() && major.is_some() {
        snapshot.version = Some(ServerVersion { major, minor, release });
    }
}

fn project(snapshot: &mut Snapshot, poll_state: &mut PollState, group: &mut ProjectGroup) {
    let master_url = group.project.master_url.clone();
    let url = &*master_url;
    let lifetime = poll_state.lifetime.update(&group.project);
    // The URL is kept, so that the next reply's project can be matched with its applications and workunits.
    let remaining = Project { master_url: master_url.clone(), ..Project::default() };
    let view = ProjectView {
        lifetime,
        apps: group.apps.len(),
        app_versions: group.app_versions.len(),
        workunits: group.workunits.len(),
        project: std::mem::replace(&mut group.project, remaining),
    };
    snapshot.projects.push(poll_state.of_project(url, view));
    if snapshot.collectors.contains(Collector::AppVersions) {
        snapshot.apps.extend(group.apps.iter().map(|app| poll_state.of_project(url, app.clone())));
        let rows = group.app_versions.iter().map(|version| AppVersionRow {
            number: version.version_num.map(|n| n.to_string()).unwrap_or_default(),
            version: version.clone(),
        });
        snapshot.app_versions.extend(rows.map(|row| poll_state.of_project(url, row)));
    }
}

fn apps_with_tasks(group: &ProjectGroup) -> HashSet<&str> {
    // Those of one application come one after another.
    group.workunits.chunk_by(|a, b| a.app() == b.app()).map(|alike| alike[0].app()).collect()
}

/// One row per task, the most urgent first.
fn task_rows(
    snapshot: &mut Snapshot,
    poll_state: &PollState,
    projects: &[ProjectGroup],
    jobs: &[Vec<Job<'_>>],
    max: usize,
) {
    let mut urgent: Vec<(&ProjectGroup, &Job<'_>)> = Vec::new();
    for (group, jobs) in projects.iter().zip(jobs) {
        urgent.extend(jobs.iter().map(|job| (group, job)));
    }
    urgent.sort_by(|(_, a), (_, b)| by_urgency(a, b));
    cap(snapshot, Collector::Tasks, &mut urgent, max);
    let row =
        |(group, job): (&ProjectGroup, &Job<'_>)| poll_state.of_project(&group.project.master_url, TaskRow::from(job));
    snapshot.task_rows = urgent.into_iter().map(row).collect();
}

/// Drops rows beyond `max` and records how many.
pub fn cap<T>(snapshot: &mut Snapshot, collector: Collector, rows: &mut Vec<T>, max: usize) {
    snapshot.count_dropped(collector, rows.len().saturating_sub(max));
    rows.truncate(max);
}

/// Bytes on disk by project. If `disk_usage` is not collected, which makes the client walk over its disk, this is what
/// the client remembers from the last walk.
pub fn project_disk(snapshot: &mut Snapshot, poll_state: &PollState) {
    snapshot.project_disk = if snapshot.collectors.contains(Collector::DiskUsage) {
        let walked = snapshot.disk.iter().flat_map(|disk| &disk.projects);
        walked.filter_map(|p| Some(poll_state.of_project(&p.master_url, p.disk_usage?))).collect()
    } else {
        let projects = snapshot.projects.iter();
        projects.filter_map(|p| Some(poll_state.of_project(&p.url, p.item.project.disk_usage?))).collect()
    };
}

/// Removes values cached from earlier polls. Version and platform stay, for joins on the client's labels.
pub fn clear_cached(snapshot: &mut Snapshot) {
    snapshot.disk = None;
    snapshot.daily_transfers = None;
    snapshot.known_projects = None;
    snapshot.project_disk.clear();
    snapshot.credit_days.clear();
    snapshot.reported.clear();
    snapshot.reported_tasks.clear();
    snapshot.recently_reported.clear();
}

/// Tasks reported within the last hour, by project. The client prunes its list only when it adds to it, so older ones
/// are filtered out here.
pub fn recently_reported(snapshot: &mut Snapshot, poll_state: &PollState, results: &[OldResult]) {
    const HOUR: f64 = 3600.0;
    let Some(now) = snapshot.clock() else { return };
    let mut counts: BTreeMap<&str, [u32; 3]> = snapshot.projects.iter().map(|p| (&*p.url, [0; 3])).collect();
    let mut left_out = 0;
    for result in
        results.iter().filter(|r| !is_dropped(r)).filter(|r| r.create_time.is_some_and(|time| now - time <= HOUR))
    {
        let outcome = outcome(result.exit_status.unwrap_or_default());
        if counts.len() >= MAX_PROJECTS && !counts.contains_key(&*result.project_url) {
            left_out += 1;
            continue;
        }
        let entry = counts.entry(&result.project_url).or_default();
        for (count, name) in entry.iter_mut().zip(OUTCOMES) {
            *count += u32::from(name == outcome);
        }
    }
    snapshot.recently_reported = counts.into_iter().map(|(url, counts)| poll_state.of_project(url, counts)).collect();
    if left_out > 0 {
        snapshot.count_dropped(Collector::OldResults, left_out);
    }
}
