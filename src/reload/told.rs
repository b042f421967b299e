//! What clients tell about projects: from the last snapshots of the one subject to what the other wants to know. It asks nobody.

use crate::client::Fleet;
use crate::client::snapshot::{OfProject, ProjectView, ReportedTask, Snapshot};
use crate::project::poll_state::validation;
use crate::project::watch::{Attachment, Told};

/// What each client told last.
#[must_use]
pub fn told(fleet: &Fleet) -> Vec<Told> {
    let told = |(target, snapshot): (&crate::client::target::Target, Option<std::sync::Arc<Snapshot>>)| Told {
        client: target.name.clone(),
        // A client that is down has no projects, which is no news.
        attachments: snapshot.filter(|snapshot| snapshot.up).map(|snapshot| attachments(&snapshot)),
    };
    fleet.last().into_iter().map(told).collect()
}

fn attachments(snapshot: &Snapshot) -> Vec<Attachment> {
    let attachment = |project: &OfProject<ProjectView>| Attachment {
        url: project.url.to_string(),
        name: project.name.to_string(),
        account: project.item.project.userid.and_then(|id| u64::try_from(id).ok()).filter(|id| *id > 0),
        reported: snapshot
            .reported_tasks
            .iter()
            .filter(|task| *task.project_url == *project.url)
            .map(|ReportedTask { name, app, resource, .. }| validation::ReportedTask {
                name: name.clone(),
                app: app.clone(),
                resource: resource.clone(),
            })
            .collect(),
    };
    snapshot.projects.iter().map(attachment).collect()
}
