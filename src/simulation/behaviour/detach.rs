//! Detaching projects, which removes their tasks, files and credit.

use super::{HiddenState, log};
use crate::simulation::scenario::FaultKind;
use crate::simulation::state::Client;

/// Whether a project was detached in this tick.
pub fn tick(client: &mut Client, hidden: &mut HiddenState) -> bool {
    let gone = |at: &usize| hidden.has_fault(FaultKind::Detached, Some(*at));
    let gone: Vec<usize> = (0..client.projects.len()).rev().filter(gone).collect();
    for at in &gone {
        let project = client.projects.remove(*at);
        hidden.memberships.remove(*at);
        client.transfers.retain(|transfer| transfer.project_url != project.server.url);
        log::info(client, &project.server.name, "Resetting project".to_owned());
        log::info(client, &project.server.name, "Detaching from project".to_owned());
        hidden.reschedule = true;
    }
    !gone.is_empty()
}
