//! What projects need on the disk: applications, and files of tasks.

use super::Life;
use crate::simulation::scenario::Trouble;
use crate::simulation::state::{Client, Project, TICK};

/// Seconds between two looks: the walk over all files takes a client long.
const WALK: f64 = 600.0;

/// Looks now and then.
pub fn tick(client: &mut Client, life: &Life) {
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
    if life.suffers(Trouble::DiskFull, None)
        && let Some((first, others)) = client.projects.split_first_mut()
    {
        let others: f64 = others.iter().map(|project| project.disk_usage).sum();
        first.disk_usage = (client.preferences.disk_max - others).max(first.disk_usage);
        first.disk_usage_seen = first.disk_usage;
    }
    let used: f64 = client.projects.iter().map(|project| project.disk_usage).sum();
    client.host.disk_free = (life.disk_free - used).max(0.0);
}

fn usage(project: &Project) -> f64 {
    let programs: f64 = project.site.apps.iter().map(|app| 4e7 + app.memory / 8.0).sum();
    let files = project.tasks.iter().map(|task| {
        let app = &project.site.apps[task.app];
        app.input + if task.active.is_some() || task.state > 2 { app.output } else { 0.0 }
    });
    if project.known { programs + files.sum::<f64>() } else { 4096.0 }
}
