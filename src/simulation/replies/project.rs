//! `project`, as it appears in three operations.

use super::View;
use super::static_fields::{Folder, data_directory, venue};
use super::status::allowed_disk_usage;
use super::text::Text;
use crate::simulation::state::{Backoff, Client, Ids, Project, ProjectServer};

/// Reason for a scheduler RPC: a task sends a message before it ends.
const TRICKLE_UP: i32 = 4;

/// The element.
pub(super) fn project(text: &mut Text, view: View<'_>, project: &Project) {
    let View { client, now, .. } = view;
    let venue = if project.known { venue(client) } else { "" };
    text.element([0, 4], "project", |text| {
        account(text, project, venue);
        work(text, client, project);
        flags(text, project);
        for backoff in &project.backoffs {
            resource(text, client, backoff);
        }
        if project.known {
            links(text, &project.server);
        }
        text.number("sched_priority", project.sched_priority);
        text.number("project_files_downloaded_time", 0.0);
        let backoffs =
            [("download_backoff", project.download_backoff_until), ("upload_backoff", project.upload_backoff_until)];
        for (tag, until) in backoffs.into_iter().filter(|(_, until)| *until > now) {
            text.number(tag, until - now);
        }
        if !venue.is_empty() {
            text.raw("venue", venue);
        }
        let folder = Folder(&project.server.url);
        text.formatted("project_dir", format_args!("{}/projects/{folder}", data_directory(client)));
    });
}

/// User and host at the project. They are unknown before the first contact.
fn account(text: &mut Text, project: &Project, venue: &str) {
    let server = &project.server;
    let known = |value| if project.known { value } else { "" };
    let since = if project.known { server.user_create_time } else { 0.0 };
    text.raw("master_url", &server.url);
    text.raw("project_name", known(&server.name));
    text.raw("symstore", "");
    text.escaped("user_name", known(&server.user_name));
    text.escaped("team_name", known(&server.team_name));
    text.raw("host_venue", venue);
    if project.known {
        let ids = Ids::of(server);
        text.formatted("email_hash", format_args!("{:x}", ids.email));
        text.formatted("cross_project_id", format_args!("{:x}", ids.cross_project));
        text.formatted("external_cpid", format_args!("{:x}", ids.external));
    } else {
        ["email_hash", "cross_project_id", "external_cpid"].iter().for_each(|tag| text.raw(tag, ""));
    }
    text.number("cpid_time", since);
    text.number("user_total_credit", project.user.total);
    text.number("user_expavg_credit", project.user.average);
    text.number("user_create_time", since);
    text.integer("rpc_seqno", project.rpc_seqno);
    text.integer("userid", if project.known { server.userid } else { 0 });
    text.integer("teamid", if project.known { server.teamid } else { 0 });
    text.integer("hostid", project.hostid);
    text.number("host_total_credit", project.host.total);
    text.number("host_expavg_credit", project.host.average);
    text.number("host_create_time", project.host_create_time);
}

fn work(text: &mut Text, client: &Client, project: &Project) {
    text.integer("nrpc_failures", project.nrpc_failures);
    text.integer("master_fetch_failures", project.master_fetch_failures);
    text.number("min_rpc_time", project.min_rpc_time);
    text.number("next_rpc_time", project.next_rpc_time);
    text.number("rec", project.rec);
    text.number("rec_time", project.rec_time);
    text.number("resource_share", project.resource_share);
    text.number("disk_usage", project.disk_usage_seen);
    text.number("disk_share", disk_share(client, project));
    text.number("desired_disk_usage", 0.0);
    text.number("duration_correction_factor", project.duration_correction_factor);
    text.integer("sched_rpc_pending", project.sched_rpc_pending);
    text.integer("send_time_stats_log", 0);
    text.integer("send_job_log", 0);
    text.integer("njobs_success", project.njobs_success);
    text.integer("njobs_error", project.njobs_error);
    text.number("elapsed_time", project.elapsed_time);
    text.number("last_rpc_time", project.last_rpc_time);
}

/// Bytes that it may use, according to its share.
fn disk_share(client: &Client, project: &Project) -> f64 {
    let shares: f64 = client.projects.iter().map(|project| project.resource_share).sum();
    let used: f64 = client.projects.iter().map(|project| project.disk_usage_seen).sum();
    if shares > 0.0 {
        allowed_disk_usage(client, client.host.disk_free_seen, used) * project.resource_share / shares
    } else {
        0.0
    }
}

fn flags(text: &mut Text, project: &Project) {
    let apps = &project.server.apps;
    let reached = project.known || project.rpc_seqno > 0;
    text.flag("master_url_fetch_pending", !reached || project.master_fetch_pending);
    text.flag("trickle_up_pending", project.sched_rpc_pending == TRICKLE_UP);
    // Projects whose servers estimate run times themselves set this.
    #[expect(clippy::float_cmp, reason = "unused, it is exactly 1")]
    let unused = project.duration_correction_factor == 1.0;
    text.flag("dont_use_dcf", project.known && unused);
    text.flag("non_cpu_intensive", project.known && !apps.is_empty() && apps.iter().all(|app| app.non_cpu_intensive));
    text.flag("suspended_via_gui", project.suspended_via_gui);
    text.flag("dont_request_more_work", project.dont_request_more_work);
    text.flag("ended", project.ended);
    text.indented(3, |text| text.flag("scheduler_rpc_in_progress", project.scheduler_rpc_in_progress));
}

fn resource(text: &mut Text, client: &Client, backoff: &Backoff) {
    for (tag, value) in [("rsc_backoff_time", backoff.until), ("rsc_backoff_interval", backoff.interval)] {
        text.element([4, 8], tag, |text| {
            text.raw("name", backoff.resource);
            text.number("value", value);
        });
    }
    if backoff.no_apps {
        text.raw("no_rsc_apps", backoff.resource);
    }
    if client.at_least(8, 0) {
        text.empty_line();
    }
}

/// Links for the user interface, as sent by the project's server.
fn links(text: &mut Text, server: &ProjectServer) {
    text.element([0, 4], "gui_urls", |text| {
        text.empty_line();
        let link = |text: &mut Text, indent, name: &str, description: &str, page: &str| {
            text.element([indent, indent + 4], "gui_url", |text| {
                text.escaped("name", name);
                text.escaped("description", description);
                text.formatted("url", format_args!("{}{page}", server.url));
            });
        };
        link(text, 4, "Message boards", "Correspond with other users on the message boards", "forum_index.php");
        link(text, 4, "Your account", "View your account information", "home.php");
        link(text, 4, "Your tasks", "View the last week or so of computational work", "results.php");
        if !server.team_name.is_empty() {
            text.element([4, 8], "ifteam", |text| {
                link(text, 8, "Your team", "View information about your team", "team_display.php");
            });
        }
    });
}
