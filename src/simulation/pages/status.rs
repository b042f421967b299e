//! `server_status.php?xml=1`: daemons, queues, and how fast the project is. The numbers are of the project's whole population.

use std::fmt::Write as _;

use super::{Response, View, html};
use crate::simulation::behaviour::ProjectSide;
use crate::simulation::scenario::{FaultKind, Generation};

/// Seconds for which the page is made once: `STATUS_PAGE_TTL` of a project whose operator wants to see more.
const CACHED: f64 = 600.0;

/// GFLOPS of a computer, as credit tells it.
const SPEED: f64 = 12.5;

pub(super) fn page(view: View<'_>) -> Response {
    if view.request.argument("xml").as_deref() != Some("1") {
        return html::page(view, "Server status", "<p>Remote daemon status as of now</p>");
    }
    let mut text = String::from("<server_status>\n");
    let old = !view.is_since(Generation::Of2015);
    if old {
        let update_time = (view.now / CACHED).floor() * CACHED;
        let _ = writeln!(
            text,
            "    <update_time>{update_time}</update_time>\n    <software_version>21471</software_version>"
        );
    }
    text.push_str("<daemon_status>\n");
    for daemon in daemons(view) {
        let feed = if view.side.settings.server == Generation::Of2015 && daemon.is_process { "\n        " } else { "" };
        let status = daemon.status;
        let _ = write!(
            text,
            "  <daemon>\n        <host>{}</host>\n        <command>{feed}{}</command>\n        <status>{status}</status>\n    </daemon>\n",
            daemon.host, daemon.command
        );
    }
    text.push_str("</daemon_status>\n<database_file_states>\n");
    counts(&mut text, view.side, old);
    if !old {
        apps(&mut text, view);
    }
    text.push_str("</database_file_states>\n</server_status>\n");
    Response::xml(&text)
}

struct Daemon {
    host: &'static str,
    command: String,
    status: &'static str,
    /// A program that is kept running, unlike the scheduler and the web server.
    is_process: bool,
}

/// What is listed, in its order. The same can come twice.
fn daemons(view: View<'_>) -> Vec<Daemon> {
    let side = view.side;
    let word = |runs: bool| if runs { "running" } else { "not running" };
    let server = |command: &str, runs| Daemon {
        host: "www",
        command: command.to_owned(),
        status: word(runs),
        is_process: false,
    };
    let uploads = !side.has(FaultKind::Uploads);
    let mut daemons =
        vec![server("Download server", !side.has(FaultKind::Downloads)), server("Upload server", uploads)];
    if view.is_since(Generation::Of2020) {
        let stopped = side.has(FaultKind::SchedulerDown) || side.has(FaultKind::Maintenance);
        daemons.push(server("Scheduler", !stopped));
    }
    let process = |command: String, runs: bool| Daemon { host: "db1", command, status: word(runs), is_process: true };
    for program in ["feeder", "transitioner", "transitioner", "file_deleter"] {
        daemons.push(process(program.to_owned(), side.runs(program)));
    }
    for app in side.server.apps.iter().map(|app| app.name.as_str()) {
        for program in ["work_generator", "sample_bitwise_validator", "sample_assimilator"] {
            daemons.push(process(format!("{program} ({app})"), side.runs(program)));
        }
    }
    daemons.push(Daemon { status: "disabled", ..process("db_purge".to_owned(), true) });
    daemons
}

fn counts(text: &mut String, side: &ProjectSide, old: bool) {
    let (queues, time) = (&side.queues, side.time);
    let apps = 0..queues.apps.len();
    let unsent: f64 = queues.apps.iter().map(|queue| queue.unsent.floor()).sum();
    let in_progress: f64 = apps.map(|app| in_progress(side, app)).sum();
    // Some are always on their way through.
    let reported: f64 = queues.apps.iter().map(|queue| queue.rate).sum();
    let under_way = |seconds: f64| (reported * seconds * (time / 977.0).sin().abs()).floor();
    let waiting = [
        ("results_ready_to_send", unsent),
        ("results_in_progress", in_progress),
        ("workunits_waiting_for_validation", queues.validation.floor() + under_way(20.0)),
        ("workunits_waiting_for_assimilation", queues.assimilation.floor() + under_way(9.0)),
        ("workunits_waiting_for_deletion", queues.workunit_deletion.floor()),
        ("results_waiting_for_deletion", queues.result_deletion.floor()),
        // Servers up to 2014 say how far it is ahead.
        (
            "transitioner_backlog_hours",
            if old && queues.backlog == 0.0 { -0.000_277_7 } else { queues.backlog / 3600.0 },
        ),
    ];
    let (recent, ever, new) = (side.recent_hosts(), side.hosts_with_credit(), side.registered_hosts());
    let people = [
        ("users_with_recent_credit", ProjectSide::users(recent)),
        ("users_with_credit", ProjectSide::users(ever)),
        ("users_registered_in_past_24_hours", ProjectSide::users(new)),
        ("hosts_with_recent_credit", recent),
        ("hosts_with_credit", ever),
        ("hosts_registered_in_past_24_hours", new),
        ("current_floating_point_speed", recent * SPEED + side.account.credit().average / 200.0),
    ];
    for (tag, value) in waiting.into_iter().chain(people) {
        let _ = writeln!(text, "   <{tag}>{value}</{tag}>");
    }
}

fn in_progress(side: &ProjectSide, app: usize) -> f64 {
    side.queues.others(app, side.time) + side.in_progress(app) as f64
}

fn apps(text: &mut String, view: View<'_>) {
    let side = view.side;
    text.push_str("<tasks_by_app>\n");
    for (at, app) in side.server.apps.iter().enumerate() {
        let (unsent, in_progress) = (side.queues.apps[at].unsent.floor(), in_progress(side, at));
        let _ = write!(
            text,
            "<app>\n   <id>{}</id>\n   <name>{}</name>\n   <unsent>{unsent}</unsent>\n   <in_progress>{in_progress}</in_progress>\n",
            at + 1,
            app.name
        );
        // Of the tasks that were validated within a day.
        if side.queues.validation < side.queues.apps[at].rate * 86_400.0 {
            let hours = side.settings.apps[at].takes.as_secs_f64() / 3600.0;
            for (tag, factor) in [("avg_runtime", 1.1), ("min_runtime", 0.2), ("max_runtime", 9.0)] {
                let _ = writeln!(text, "   <{tag}>{:.4}</{tag}>", hours * factor);
            }
            let users = ProjectSide::users(side.recent_hosts() * 0.4);
            let _ = writeln!(text, "   <users>{users}</users>");
        }
        text.push_str("</app>\n");
    }
    text.push_str("</tasks_by_app>\n");
}
