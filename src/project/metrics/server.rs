//! What the project's configuration, its server status and its statistics export say.

use super::{Metric, Table, details, time};
use crate::metric::Row;
use crate::project::collectors::Collector;
use crate::project::pages::config::ProjectConfig;
use crate::project::pages::statistics::Tables;
use crate::project::pages::status::{App, DaemonState};
use crate::project::snapshot::{DaemonRow, StatusReading};

/// One row per project.
pub const CONFIG: Table<ProjectConfig> = Table {
    title: "Project configuration",
    collector: Collector::Config,
    origin: "get_project_config",
    labels: &[],
    rows: |snapshot| snapshot.config.iter().map(|config| Row { labels: vec![], item: &**config }).collect(),
    metrics: &[
        Metric::many(
            "boinc_server_info",
            &["server_version"],
            "Always 1, with the version of the server's software as it calls itself: newer does not mean higher.",
            "server_version",
            |c, emit| emit.sample(&[&c.server_version], 1.0),
        ),
        Metric::one(
            "boinc_server_web_stopped",
            "Whether the project's operator stopped its web site; absent if the server does not say.",
            "web_stopped, error_num",
            |c| c.is_stopped().map(f64::from),
        ),
        Metric::one(
            "boinc_server_scheduler_stopped",
            "Whether the project's operator stopped its scheduler; absent if the server does not say.",
            "sched_stopped",
            |c| c.sched_stopped.map(f64::from),
        ),
        Metric::one(
            "boinc_server_account_creation_enabled",
            "Whether new accounts can be created, with an invitation perhaps.",
            "account_creation_disabled, client_account_creation_disabled",
            |c| Some(f64::from(c.creates_accounts())),
        ),
        Metric::one(
            "boinc_server_platforms",
            "Number of platforms for which the project has applications; absent if the server does not list them.",
            "platforms",
            |c| c.platforms.as_ref().map(|_| c.platform_names().len() as f64),
        ),
        details(Metric::one(
            "boinc_server_plan_classes",
            "Number of kinds of application (plan classes), such as those for GPUs.",
            "platform plan_class",
            |c| c.platforms.as_ref().map(|_| c.plan_classes().len() as f64),
        )),
        details(Metric::one(
            "boinc_server_min_client_version",
            "Oldest version of the client that gets work: 10000 times major plus 100 times minor plus release.",
            "min_client_version, min_core_client_version",
            |c| c.oldest_client().map(|version| version as f64),
        )),
        details(Metric::many(
            "boinc_server_invitation_required",
            &[],
            "Whether a new account needs an invitation.",
            "invite_code_required",
            |c, emit| emit.flag(&[], c.invite_code_required),
        )),
        details(Metric::many(
            "boinc_server_software_info",
            &["local_revision", "git_commit"],
            "Always 1, with further names of the version of the server's software; empty if unknown.",
            "local_revision, git_commit",
            |c, emit| {
                if !c.local_revision.is_empty() || !c.git_commit.is_empty() {
                    emit.sample(&[&c.local_revision, &c.git_commit], 1.0);
                }
            },
        )),
        details(Metric::many(
            "boinc_server_url_info",
            &["master_url", "web_rpc_url"],
            "Always 1, with the addresses that the project gives for itself; empty if unknown. They are neither compared nor followed.",
            "master_url, web_rpc_url_base",
            |c, emit| {
                if !c.master_url.is_empty() || !c.web_rpc_url_base.is_empty() {
                    emit.sample(&[&c.master_url, &c.web_rpc_url_base], 1.0);
                }
            },
        )),
    ],
};

/// One row per project.
pub const STATUS: Table<StatusReading> = Table {
    title: "Server status",
    collector: Collector::Status,
    origin: "server_status",
    labels: &[],
    rows: |snapshot| snapshot.status.iter().map(|status| Row { labels: vec![], item: &**status }).collect(),
    metrics: &[
        Metric::one(
            "boinc_server_status_timestamp_seconds",
            "When the server made the numbers of its status; only servers up to 2014 say, others keep them for up to an hour.",
            "update_time",
            |s| time(s.status.update_time),
        ),
        Metric::many(
            "boinc_server_tasks",
            &["state"],
            "Tasks (results) on the project's server: those that are ready to be sent, those at clients, those whose files are to be deleted.",
            "results_ready_to_send, results_in_progress, results_waiting_for_deletion",
            |s, emit| {
                let counts = &s.status.counts;
                emit.sample(&["unsent"], counts.results_ready_to_send);
                emit.sample(&["in_progress"], counts.results_in_progress);
                emit.sample(&["waiting_for_deletion"], counts.results_waiting_for_deletion);
            },
        ),
        Metric::many(
            "boinc_server_workunits",
            &["state"],
            "Workunits on the project's server by what they wait for: the queues of validators, assimilators and file deleters.",
            "workunits_waiting_for_validation, workunits_waiting_for_assimilation, workunits_waiting_for_deletion",
            |s, emit| {
                let counts = &s.status.counts;
                emit.sample(&["waiting_for_validation"], counts.workunits_waiting_for_validation);
                emit.sample(&["waiting_for_assimilation"], counts.workunits_waiting_for_assimilation);
                emit.sample(&["waiting_for_deletion"], counts.workunits_waiting_for_deletion);
            },
        ),
        Metric::one(
            "boinc_server_transitioner_backlog_seconds",
            "How far the transitioner is behind; 0 while it is ahead.",
            "transitioner_backlog_hours",
            |s| s.status.transitioner_backlog_hours.map(|hours| hours.max(0.0) * 3600.0),
        ),
        Metric::many(
            "boinc_server_users",
            &["kind"],
            "Users of the project: with credit, with recent credit (an average above 1), registered within 24 hours.",
            "users_with_credit, users_with_recent_credit, users_registered_in_past_24_hours",
            |s, emit| {
                emit.sample(&["with_credit"], s.status.users_with_credit);
                emit.sample(&["with_recent_credit"], s.status.users_with_recent_credit);
                emit.sample(&["registered_24h"], s.status.users_registered_in_past_24_hours);
            },
        ),
        Metric::many(
            "boinc_server_hosts",
            &["kind"],
            "Computers of the project: with credit, with recent credit (an average above 1), registered within 24 hours.",
            "hosts_with_credit, hosts_with_recent_credit, hosts_registered_in_past_24_hours",
            |s, emit| {
                emit.sample(&["with_credit"], s.status.hosts_with_credit);
                emit.sample(&["with_recent_credit"], s.status.hosts_with_recent_credit);
                emit.sample(&["registered_24h"], s.status.hosts_registered_in_past_24_hours);
            },
        ),
        Metric::one(
            "boinc_server_floating_point_operations_per_second",
            "Speed of the project (FLOPS) as worked out from credit; some projects count in units of their own, so do not compare projects.",
            "current_floating_point_speed",
            |s| s.status.current_floating_point_speed.map(|giga| giga * 1e9),
        ),
        details(Metric::many(
            "boinc_server_status_software_info",
            &["software_version"],
            "Always 1, with the version of the software that made the server status; servers from 2010 to 2014.",
            "software_version",
            |s, emit| {
                if !s.status.software_version.is_empty() {
                    emit.sample(&[&s.status.software_version], 1.0);
                }
            },
        )),
    ],
};

/// One row per program and application.
pub const DAEMONS: Table<DaemonRow> = Table {
    title: "Daemons",
    collector: Collector::Status,
    origin: "server_status daemon_status daemon",
    labels: &["daemon", "app"],
    rows: |snapshot| {
        let daemons = snapshot.status.iter().flat_map(|status| &status.daemons);
        daemons.map(|daemon| Row { labels: vec![&daemon.program, &daemon.app], item: daemon }).collect()
    },
    metrics: &[Metric::many(
        "boinc_server_daemons",
        &["status"],
        "Number of the project's daemons by status: running, not_running (it should run and does not), disabled (on purpose), unknown.",
        "command, status",
        |d, emit| {
            for (state, count) in DaemonState::ALL.into_iter().zip(d.states) {
                // Disabled daemons are rare, and other words rarer: only those that there are.
                let usual = matches!(state, DaemonState::Running | DaemonState::NotRunning);
                if usual || count > 0 {
                    emit.count(&[state.name()], count);
                }
            }
        },
    )],
};

/// One row per application.
pub const APPS: Table<App> = Table {
    title: "Applications of projects",
    collector: Collector::Status,
    origin: "server_status tasks_by_app app",
    labels: &["app"],
    rows: |snapshot| {
        let apps = snapshot.status.iter().flat_map(|status| status.status.apps.iter());
        apps.map(|app| Row { labels: vec![&app.name], item: app }).collect()
    },
    metrics: &[
        Metric::many(
            "boinc_server_app_tasks",
            &["state"],
            "Tasks of the application on the project's server: unsent ones are the work that there is.",
            "unsent, in_progress",
            |a, emit| {
                emit.sample(&["unsent"], a.counts.results_ready_to_send);
                emit.sample(&["in_progress"], a.counts.results_in_progress);
            },
        ),
        Metric::many(
            "boinc_server_app_run_time_seconds",
            &["statistic"],
            "Run times of the tasks of the application that were found valid within 24 hours; absent if none was.",
            "avg_runtime, min_runtime, max_runtime",
            |a, emit| {
                if let Some(times) = a.runtimes() {
                    emit.sample(&["average"], times.average);
                    emit.sample(&["minimum"], times.shortest);
                    emit.sample(&["maximum"], times.longest);
                }
            },
        ),
        Metric::one(
            "boinc_server_app_users",
            "Users whose tasks of the application were found valid within 24 hours; absent if the server does not say.",
            "users, users_24h",
            |a| a.users,
        ),
        details(Metric::many(
            "boinc_server_app_workunits",
            &["state"],
            "Workunits of the application by what they wait for, at projects that count them by application.",
            "workunits_waiting_for_validation, workunits_waiting_for_assimilation, workunits_waiting_for_deletion",
            |a, emit| {
                emit.sample(&["waiting_for_validation"], a.counts.workunits_waiting_for_validation);
                emit.sample(&["waiting_for_assimilation"], a.counts.workunits_waiting_for_assimilation);
                emit.sample(&["waiting_for_deletion"], a.counts.workunits_waiting_for_deletion);
            },
        )),
    ],
};

/// One row per project.
pub const STATISTICS: Table<Tables> = Table {
    title: "Statistics export of projects",
    collector: Collector::Statistics,
    origin: "stats/tables.xml",
    labels: &[],
    rows: |snapshot| snapshot.statistics.iter().map(|tables| Row { labels: vec![], item: &**tables }).collect(),
    metrics: &[
        Metric::one(
            "boinc_server_statistics_timestamp_seconds",
            "When the project last exported its statistics, which statistics sites read; once a day, with gaps of days at some projects.",
            "update_time",
            |t| time(t.update_time),
        ),
        Metric::one(
            "boinc_server_credit",
            "Total credit (points) of all users that the project exports, in cobblestones. It can fall.",
            "total_credit",
            |t| t.total_credit,
        ),
        Metric::many(
            "boinc_server_exported",
            &["kind"],
            "Users, teams and computers with credit in the statistics export; users who did not consent are missing.",
            "nusers_total, nteams_total, nhosts_total, nusers, nteams, nhosts",
            |t, emit| {
                emit.sample(&["users"], t.users());
                emit.sample(&["teams"], t.teams());
                emit.sample(&["hosts"], t.hosts());
            },
        ),
        details(Metric::many(
            "boinc_server_exported_deleted",
            &["kind"],
            "Users and computers that were deleted, in the statistics export.",
            "nusers_deleted_total, nhosts_deleted_total",
            |t, emit| {
                emit.sample(&["users"], t.nusers_deleted_total);
                emit.sample(&["hosts"], t.nhosts_deleted_total);
            },
        )),
        details(Metric::one(
            "boinc_server_exported_applications",
            "Applications in the statistics export.",
            "applications",
            |t| t.applications.as_ref().map(|all| all.application.len() as f64),
        )),
    ],
};
