//! Attaching and detaching projects, which begins and ends their tasks, files and credit, and installing a client anew.

use super::new_client::{self, attach};
use super::{HiddenState, ProjectSide, log};
use crate::simulation::scenario::{FaultKind, Scenario};
use crate::simulation::state::Client;

/// Detaches and attaches projects, all of them if the client is installed anew. Returns whether positions of projects have
/// changed.
pub fn tick(client: &mut Client, hidden: &mut HiddenState, scenario: &Scenario, sides: &mut [ProjectSide]) -> bool {
    let reinstalled = hidden.has_fault(FaultKind::Reinstalled, None);
    let before = std::mem::replace(&mut hidden.reinstalled, reinstalled);
    let reinstalls = reinstalled && !before;
    if reinstalls {
        client.projects.clear();
        client.transfers.clear();
        hidden.memberships.clear();
        new_client::forget_past(client, hidden);
    }
    let detached = detach(client, hidden);
    let attached = attach_missing(client, hidden, scenario, sides);
    reinstalls || detached || attached
}

fn detach(client: &mut Client, hidden: &mut HiddenState) -> bool {
    let gone = |at: &usize| hidden.not_attached.contains(&hidden.memberships[*at].project);
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

fn attach_missing(
    client: &mut Client,
    hidden: &mut HiddenState,
    scenario: &Scenario,
    sides: &mut [ProjectSide],
) -> bool {
    let of_scenario = |name: &str| scenario.projects.iter().position(|project| project.name == name);
    let host = hidden.host.projects.iter();
    let wanted = host.filter_map(|attachment| Some((attachment.clone(), of_scenario(&attachment.project)?)));
    let is_missing =
        |at: usize| !hidden.not_attached.contains(&at) && hidden.memberships.iter().all(|member| member.project != at);
    let missing: Vec<_> = wanted.filter(|(_, at)| is_missing(*at)).collect();
    for (attachment, at) in &missing {
        // To the project it is a new host.
        let (mut project, member) =
            attach(&sides[*at].server, attachment, &hidden.gpus, 0.0, 0.0, client.clock, &mut hidden.random);
        (project.rpc_seqno, project.last_rpc_time) = (0, 0.0);
        let name = project.server.name.clone();
        let place = client.projects.partition_point(|other| other.server.name.to_lowercase() < name.to_lowercase());
        client.projects.insert(place, project);
        hidden.memberships.insert(place, super::Membership { project: *at, ..member });
        log::info(client, &name, "Master file download succeeded".to_owned());
        hidden.reschedule = true;
    }
    !missing.is_empty()
}
