//! The reply to `get_state`: a flat list in which the position of an element determines its project.

use super::static_fields::{platforms, venue};
use super::task::{self, Devices, TaskFilter};
use super::text::Text;
use super::{View, host, preferences, project, status, work};
use crate::simulation::state::{Client, Vendor};

/// `client_state`.
pub(super) fn state(text: &mut Text, view: View<'_>) {
    let client = view.client;
    text.element([0, 0], "client_state", |text| {
        host::host(text, client);
        let has = |vendor| client.host.gpus.iter().any(|gpu| gpu.vendor == vendor && gpu.count > 0);
        text.flag("have_cuda", has(Vendor::Nvidia));
        text.flag("have_ati", has(Vendor::Amd));
        status::network(text, client);
        status::time(text, view);
        let mut devices = Devices::default();
        for project in &client.projects {
            project::project(text, view, project);
            work::work(text, client, project);
            task::tasks(text, view, project, TaskFilter::All, &mut devices);
        }
        platform(text, client);
        preferences::preferences(text, client);
        let venue = venue(client);
        if !venue.is_empty() {
            text.raw("host_venue", venue);
        }
    });
}

fn platform(text: &mut Text, client: &Client) {
    let [major, minor, release] = client.version;
    let platforms = platforms(client.os);
    text.raw("platform_name", platforms[0]);
    text.integer("core_client_major_version", major);
    text.integer("core_client_minor_version", minor);
    text.integer("core_client_release", release);
    text.switch("executing_as_daemon", client.daemon);
    platforms.iter().for_each(|platform| text.raw("platform", platform));
}
