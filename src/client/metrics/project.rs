//! Projects: credit, scheduler contacts, backoffs, flags and credit history.

use std::collections::HashSet;

use super::client::{number, state, time};
use super::{Metric, Row, Table, details};
use crate::client::collectors::Collector;
use crate::client::gui_rpc::codes::RPC_REASON;
use crate::client::gui_rpc::model::{KnownProject, KnownProjects};
use crate::client::snapshot::{CreditDays, ProjectView, Snapshot};

/// One row per project.
pub const PROJECTS: Table<ProjectView> = Table {
    title: "Projects",
    collector: Collector::State,
    origin: "get_state project",
    labels: &["project", "project_url"],
    rows: |snapshot| snapshot.projects.iter().map(super::row).collect(),
    metrics: &[
        Metric::many(
            "boinc_project_info",
            &["host_id", "user_id", "team_id", "venue"],
            "Always 1, with the IDs of the host, account and team at the project and the host's venue; empty if unknown.",
            "hostid, userid, teamid, host_venue",
            |p, emit| {
                let ids = [p.project.hostid, p.project.userid, p.project.teamid];
                let ids = ids.map(|id| id.filter(|id| *id != 0).map(|id| id.to_string()).unwrap_or_default());
                emit.sample(&[&ids[0], &ids[1], &ids[2], &p.project.host_venue], 1.0);
            },
        ),
        Metric::only_with(
            Collector::Names,
            Metric::many(
                "boinc_project_account_info",
                &["user_name", "team_name"],
                "Always 1, with the names of the account and its team.",
                "user_name, team_name",
                |p, emit| emit.sample(&[&p.project.user_name, &p.project.team_name], 1.0),
            ),
        ),
        Metric::one(
            "boinc_project_user_credit",
            "Total credit (points) of the account in cobblestones, as of the last scheduler contact; the same on each of its hosts, so use max, not sum.",
            "user_total_credit",
            |p| p.project.user_total_credit,
        ),
        Metric::one(
            "boinc_project_user_average_credit",
            "Recent average credit (RAC) of the account in cobblestones per day, half-life 7 days; the same on each of its hosts.",
            "user_expavg_credit",
            |p| p.project.user_expavg_credit,
        ),
        Metric::one(
            "boinc_project_host_credit",
            "Total credit (points) of the host in cobblestones, as of the last scheduler contact.",
            "host_total_credit",
            |p| p.project.host_total_credit,
        ),
        Metric::one(
            "boinc_project_host_average_credit",
            "Recent average credit (RAC) of the host in cobblestones per day, half-life 7 days.",
            "host_expavg_credit",
            |p| p.project.host_expavg_credit,
        ),
        Metric::one(
            "boinc_project_recent_estimated_credit",
            "Recent estimated credit (REC), the client's own estimate in cobblestones per day, half-life 10 days.",
            "rec",
            |p| p.project.rec,
        ),
        details(Metric::one(
            "boinc_project_recent_estimated_credit_timestamp_seconds",
            "When the recent estimated credit was last updated.",
            "rec_time",
            |p| time(p.project.rec_time),
        )),
        Metric::many(
            "boinc_project_jobs_total",
            &["outcome"],
            "Tasks (work units) that ended on this host since the project was attached, by outcome: success, or error, which includes aborted ones.",
            "njobs_success, njobs_error",
            |p, emit| {
                emit.sample(&["success"], p.lifetime.jobs_success);
                emit.sample(&["error"], p.lifetime.jobs_error);
            },
        ),
        Metric::one(
            "boinc_project_elapsed_seconds_total",
            "Run time (runtime, wall clock) of the project's tasks on this host since it was attached.",
            "elapsed_time",
            |p| p.lifetime.elapsed,
        ),
        details(Metric::one(
            "boinc_project_scheduler_rpcs_total",
            "Number of contacts with the project's scheduler.",
            "rpc_seqno",
            |p| p.lifetime.scheduler_rpcs,
        )),
        details(Metric::one(
            "boinc_project_scheduler_rpc_failures",
            "Contacts with the project's scheduler that failed in a row; 0 after a success, and again after the tenth.",
            "nrpc_failures",
            |p| p.project.nrpc_failures,
        )),
        details(Metric::one(
            "boinc_project_master_fetch_failures",
            "Consecutive failures to fetch the project's master page; every tenth scheduler failure counts too.",
            "master_fetch_failures",
            |p| p.project.master_fetch_failures,
        )),
        Metric::one(
            "boinc_project_last_rpc_timestamp_seconds",
            "When the client last contacted the project's scheduler.",
            "last_rpc_time",
            |p| time(p.project.last_rpc_time),
        ),
        Metric::one(
            "boinc_project_next_rpc_timestamp_seconds",
            "When the project asked to be contacted again; absent if it did not.",
            "next_rpc_time",
            |p| time(p.project.next_rpc_time),
        ),
        Metric::one(
            "boinc_project_min_rpc_timestamp_seconds",
            "The client does not contact the project's scheduler before this time (deferral or backoff); absent or past: at any time.",
            "min_rpc_time",
            |p| time(p.project.min_rpc_time),
        ),
        details(Metric::many(
            "boinc_project_scheduler_rpc_pending",
            &["reason"],
            "1 for the reason a scheduler contact is pending.",
            "sched_rpc_pending",
            |p, emit| state(emit, &[], &RPC_REASON, p.project.sched_rpc_pending),
        )),
        details(Metric::one(
            "boinc_project_scheduler_rpc_pending_code",
            "Reason a scheduler contact is pending, as BOINC's code; 0 means none is.",
            "sched_rpc_pending",
            |p| number(p.project.sched_rpc_pending),
        )),
        Metric::one(
            "boinc_project_resource_share",
            "Resource share of the project, its weight against other projects; 100 is usual, 0 means a backup project.",
            "resource_share",
            |p| p.project.resource_share,
        ),
        details(Metric::one(
            "boinc_project_account_manager_resource_share",
            "Resource share set by the account manager; absent if it sets none.",
            "ams_resource_share_new",
            |p| p.project.ams_resource_share_new,
        )),
        details(Metric::one(
            "boinc_project_disk_share_bytes",
            "Disk space that the project may use.",
            "disk_share",
            |p| p.project.disk_share,
        )),
        details(Metric::one(
            "boinc_project_desired_disk_usage_bytes",
            "Disk space that the project would like to use.",
            "desired_disk_usage",
            |p| p.project.desired_disk_usage,
        )),
        details(Metric::one(
            "boinc_project_duration_correction_factor",
            "Duration correction factor (DCF): ratio of actual to estimated runtime; 1 if not used.",
            "duration_correction_factor",
            |p| p.project.duration_correction_factor,
        )),
        details(Metric::one(
            "boinc_project_schedule_priority",
            "Scheduling priority by the client's accounting, at most 0; the project nearest to 0 runs first.",
            "sched_priority",
            |p| p.project.sched_priority,
        )),
        Metric::many(
            "boinc_project_resource_backoff_until_timestamp_seconds",
            &["resource"],
            "When the work request backoff for the resource ends; absent if there is none.",
            "rsc_backoff_time",
            |p, emit| {
                p.project.backoff_times().for_each(|(resource, until)| emit.sample(&[resource], time(Some(until))));
            },
        ),
        details(Metric::many(
            "boinc_project_resource_backoff_interval_seconds",
            &["resource"],
            "Length of the work request backoff for the resource; it doubles while the project has no work.",
            "rsc_backoff_interval",
            |p, emit| p.project.backoff_intervals().for_each(|(resource, seconds)| emit.sample(&[resource], seconds)),
        )),
        details(Metric::many(
            "boinc_project_resource_blocked",
            &["resource", "by"],
            "1 if the client requests no work for the resource because of the account manager, the project's applications, preferences or cc_config.xml.",
            "no_rsc_ams, no_rsc_apps, no_rsc_pref, no_rsc_config",
            |p, emit| {
                p.project.blocked().for_each(|(by, resource)| emit.sample(&[resource, by.name()], 1.0));
            },
        )),
        Metric::many(
            "boinc_project_transfer_backoff_remaining_seconds",
            &["direction"],
            "How much longer the project's uploads or downloads wait after failures; absent if they do not.",
            "download_backoff, upload_backoff",
            |p, emit| {
                emit.sample(&["upload"], time(p.project.upload_backoff));
                emit.sample(&["download"], time(p.project.download_backoff));
            },
        ),
        details(Metric::one(
            "boinc_project_files_downloaded_timestamp_seconds",
            "When the project's own files, such as images, were downloaded.",
            "project_files_downloaded_time",
            |p| time(p.project.project_files_downloaded_time),
        )),
        details(Metric::one(
            "boinc_project_user_created_timestamp_seconds",
            "When the account was created.",
            "user_create_time",
            |p| time(p.project.user_create_time),
        )),
        details(Metric::one(
            "boinc_project_host_created_timestamp_seconds",
            "When the host was registered.",
            "host_create_time",
            |p| time(p.project.host_create_time),
        )),
        details(Metric::one(
            "boinc_project_cpid_timestamp_seconds",
            "When the cross-project ID last changed.",
            "cpid_time",
            |p| time(p.project.cpid_time),
        )),
        details(Metric::many(
            "boinc_project_log_requested_timestamp_seconds",
            &["log"],
            "When the project requested the log; absent if it did not.",
            "send_time_stats_log, send_job_log",
            |p, emit| {
                emit.sample(&["time_stats"], time(p.project.send_time_stats_log));
                emit.sample(&["job"], time(p.project.send_job_log));
            },
        )),
        Metric::one(
            "boinc_project_suspended",
            "Whether the user has suspended the project.",
            "suspended_via_gui",
            |p| Some(f64::from(p.project.suspended_via_gui)),
        ),
        Metric::one(
            "boinc_project_no_new_tasks",
            "Whether the user has set the project to no new tasks.",
            "dont_request_more_work",
            |p| Some(f64::from(p.project.dont_request_more_work)),
        ),
        Metric::one("boinc_project_ended", "Whether the project reports that it has ended.", "ended", |p| {
            Some(f64::from(p.project.ended))
        }),
        details(Metric::many(
            "boinc_project_flag",
            &["flag"],
            "1 for each special property of the project, named as in BOINC, such as detach_when_done or anonymous_platform; absent if it has none.",
            "the element of that name",
            |p, emit| {
                let flags = [
                    ("detach_when_done", p.project.detach_when_done),
                    ("attached_via_acct_mgr", p.project.attached_via_acct_mgr),
                    ("scheduler_rpc_in_progress", p.project.scheduler_rpc_in_progress),
                    ("trickle_up_pending", p.project.trickle_up_pending),
                    ("master_url_fetch_pending", p.project.master_url_fetch_pending),
                    ("anonymous_platform", p.project.anonymous_platform),
                    ("non_cpu_intensive", p.project.non_cpu_intensive),
                    ("dont_use_dcf", p.project.dont_use_dcf),
                    ("send_full_workload", p.project.send_full_workload),
                    ("strict_memory_bound", p.project.strict_memory_bound),
                    ("verify_files_on_app_start", p.project.verify_files_on_app_start),
                    ("use_symlinks", p.project.use_symlinks),
                ];
                flags.into_iter().filter(|(_, on)| *on).for_each(|(name, on)| emit.flag(&[name], on));
            },
        )),
        details(Metric::one(
            "boinc_project_gui_urls",
            "Number of links that the project provides for its users.",
            "gui_urls/gui_url",
            |p| Some(p.project.gui_urls.as_ref().map_or(0, crate::client::gui_rpc::model::GuiUrls::count) as f64),
        )),
        details(Metric::one(
            "boinc_project_apps",
            "Number of the project's applications that the client knows.",
            "get_state: app",
            |p| Some(p.apps as f64),
        )),
        details(Metric::one(
            "boinc_project_app_versions",
            "Number of the project's application versions that the client has.",
            "get_state: app_version",
            |p| Some(p.app_versions as f64),
        )),
        details(Metric::one(
            "boinc_project_workunits",
            "Number of the project's workunits (work units) that the client has.",
            "get_state: workunit",
            |p| Some(p.workunits as f64),
        )),
    ],
};

/// Daily credit, one row per project.
pub const CREDIT_DAYS: Table<CreditDays> = Table {
    title: "Projects: daily credit",
    collector: Collector::Statistics,
    origin: "get_statistics daily_statistics",
    labels: &["project", "project_url"],
    rows: |snapshot| snapshot.credit_days.iter().map(super::row).collect(),
    metrics: &[
        Metric::one(
            "boinc_project_statistics_entries",
            "Number of days in the client's credit history, which holds up to 30.",
            "day",
            |d| Some(d.count as f64),
        ),
        Metric::one(
            "boinc_project_statistics_latest_timestamp_seconds",
            "Latest day in the client's credit history, as 00:00 UTC.",
            "day",
            |d| time(d.latest),
        ),
        Metric::many(
            "boinc_project_daily_credit",
            &["scope"],
            "Credit (points) gained per day, in cobblestones, between the two latest days in the client's credit history.",
            "user_total_credit, host_total_credit",
            |d, emit| {
                emit.sample(&["user"], d.user_daily);
                emit.sample(&["host"], d.host_daily);
            },
        ),
        Metric::only_with(
            Collector::History,
            Metric::many(
                "boinc_project_statistics_credit",
                &["scope", "kind", "day"],
                "Credit (points) on the given day: total in cobblestones, average (RAC) in cobblestones per day.",
                "user_total_credit, user_expavg_credit, host_total_credit, host_expavg_credit",
                |d, emit| {
                    for day in &d.days {
                        #[expect(clippy::cast_possible_truncation, reason = "a day number")]
                        let Some(date) = day.day.map(|seconds| super::date((seconds / 86_400.0).floor() as i64)) else {
                            continue;
                        };
                        emit.sample(&["user", "total", &date], day.user_total_credit);
                        emit.sample(&["user", "average", &date], day.user_expavg_credit);
                        emit.sample(&["host", "total", &date], day.host_total_credit);
                        emit.sample(&["host", "average", &date], day.host_expavg_credit);
                    }
                },
            ),
        ),
    ],
};

/// BOINC's own list of projects, one row per client.
pub const KNOWN: Table<Snapshot> = Table {
    title: "BOINC's list of projects",
    collector: Collector::KnownProjects,
    origin: "get_all_projects_list",
    labels: &[],
    rows: |snapshot| vec![Row { labels: vec![], item: snapshot }],
    metrics: &[
        Metric::many(
            "boinc_known_projects",
            &["kind"],
            "Number of projects and account managers in the client's copy of BOINC's list; 0 if it has none.",
            "project, account_manager",
            |s, emit| {
                if let Some(KnownProjects { projects, account_managers }) = &s.known_projects {
                    emit.count(&["project"], projects.len() as u64);
                    emit.count(&["account_manager"], account_managers.len() as u64);
                }
            },
        ),
        Metric::only_with(
            Collector::Names,
            Metric::many(
                "boinc_known_project_info",
                &["id", "name", "url", "general_area", "attached"],
                "Always 1, with a project from BOINC's list and whether the client is attached to it.",
                "id, name, url, general_area",
                |s, emit| {
                    let attached: HashSet<&str> = s.projects.iter().map(|attached| &*attached.url).collect();
                    for project in s.known_projects.iter().flat_map(|known| &known.projects) {
                        let KnownProject { name, id, url, general_area } = project;
                        let attached = attached.contains(&**url);
                        let id = id.map(|id| id.to_string()).unwrap_or_default();
                        emit.sample(&[&id, name, url, general_area, if attached { "true" } else { "false" }], 1.0);
                    }
                },
            ),
        ),
    ],
};
