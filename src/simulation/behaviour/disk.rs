//! Disk usage of projects: applications and files of tasks.

use super::HiddenState;
use crate::simulation::scenario::FaultKind;
use crate::simulation::state::{Client, Project, TICK};

/// Seconds between two checks: walking over all files takes a client a long time.
const WALK: f64 = 600.0;

/// Updates the disk usage from time to time.
pub fn tick(client: &mut Client, hidden: &HiddenState) {
    if client.clock.rem_euclid(WALK) >= TICK
        && client.host.disk_free_seen > 0.0
        && client.projects.iter().all(|p| p.disk_usage > 0.0)
    {
        return;
    }
    for project in &mut client.projects {
        project.disk_usage = usage(project);
        project.disk_usage_seen = project.disk_usage;
    }
    if hidden.has_fault(FaultKind::DiskFull, None)
        && let Some((first, others)) = client.projects.split_first_mut()
    {
        let others: f64 = others.iter().map(|project| project.disk_usage).sum();
        first.disk_usage = (client.preferences.disk_max - others).max(first.disk_usage);
        first.disk_usage_seen = first.disk_usage;
    }
    let used: f64 = client.projects.iter().map(|project| project.disk_usage).sum();
    client.host.disk_free = (hidden.disk_free - used).max(0.0);
}

fn usage(project: &Project) -> f64 {
    let programs: f64 = project.server.apps.iter().map(|app| 4e7 + app.memory / 8.0).sum();
    let files = project.tasks.iter().map(|task| {
        let app = &project.server.apps[task.app];
        app.input + if task.active.is_some() || task.state > 2 { app.output } else { 0.0 }
    });
    if project.known { programs + files.sum::<f64>() } else { 4096.0 }
}
