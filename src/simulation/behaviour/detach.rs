//! Projects are detached: their tasks, files and credit go with them.

use super::{Life, log};
use crate::simulation::scenario::Trouble;
use crate::simulation::state::Client;

/// Whether one is gone since the last tick.
pub fn tick(client: &mut Client, life: &mut Life) -> bool {
    let gone = |at: &usize| life.suffers(Trouble::Detached, Some(*at));
    let gone: Vec<usize> = (0..client.projects.len()).rev().filter(gone).collect();
    for at in &gone {
        let project = client.projects.remove(*at);
        life.members.remove(*at);
        client.transfers.retain(|transfer| transfer.project_url != project.site.url);
        log::info(client, &project.site.name, "Resetting project".to_owned());
        log::info(client, &project.site.name, "Detaching from project".to_owned());
        life.reschedule = true;
    }
    !gone.is_empty()
}
