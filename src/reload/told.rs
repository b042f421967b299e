//! What clients tell about projects: from the last snapshots of the one subject to what the other wants to know. It asks nobody.

use crate::client::Fleet;
use crate::client::collectors::Collector;
use crate::client::snapshot::{OfProject, ProjectView, ReportedTask, Snapshot};
use crate::project::poll_state::validation;
use crate::project::watch::{Attachment, Told};

/// What each client told last. Scrape jobs may ask for its projects and its reported tasks apart.
#[must_use]
pub fn told(fleet: &Fleet) -> Vec<Told> {
    let with = |collector| fleet.last_with(collector).into_iter();
    let told = fleet.last().into_iter().zip(with(Collector::State)).zip(with(Collector::OldResults));
    let told = told.map(|(((target, last), state), results)| Told {
        client: target.name.clone(),
        // A client that is down has no projects, which is no news.
        attachments: last.filter(|last| last.up).and(state).map(|state| {
            let reported = results.as_ref().map_or(&[][..], |results| &results.reported_tasks);
            attachments(&state, reported)
        }),
    });
    told.collect()
}

fn attachments(snapshot: &Snapshot, reported: &[ReportedTask]) -> Vec<Attachment> {
    let attachment = |project: &OfProject<ProjectView>| Attachment {
        url: project.url.to_string(),
        name: project.name.to_string(),
        account: project.item.project.userid.and_then(|id| u64::try_from(id).ok()).filter(|id| *id > 0),
        reported: reported
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
