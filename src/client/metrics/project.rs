//! Projects: credit, contacts, back-offs, flags, history.

use super::client::{number, state_set, time};
use super::{Metric, Row, Table};
use crate::client::collectors::Collector;
use crate::client::gui_rpc::codes::RPC_REASON;
use crate::client::gui_rpc::model::{KnownProject, KnownProjects};
use crate::client::snapshot::{CreditDays, ProjectView, Snapshot};

/// Projects.
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
            "1, with the ids by which the project knows host, account and team; empty where it does not.",
            "hostid, userid, teamid, host_venue",
            |p, emit| {
                let ids = [p.project.hostid, p.project.userid, p.project.teamid];
                let ids = ids.map(|id| id.filter(|id| *id != 0).map(|id| id.to_string()).unwrap_or_default());
                emit.sample(&[&ids[0], &ids[1], &ids[2], &p.project.host_venue], 1.0);
            },
        ),
        Metric::optional(
            Collector::Names,
            "boinc_project_account_info",
            &["user_name", "team_name"],
            "1, with the names of the account and its team.",
            "user_name, team_name",
            |p, emit| emit.sample(&[&p.project.user_name, &p.project.team_name], 1.0),
        ),
        Metric::one(
            "boinc_project_user_credit",
            "Credit of the account, in cobblestones, as of the last contact. The same on each of its hosts: take the max, not the sum.",
            "user_total_credit",
            |p| p.project.user_total_credit,
        ),
        Metric::one(
            "boinc_project_user_average_credit",
            "Recent average credit (RAC) of the account, in cobblestones a day, half-life 7 days. The same on each of its hosts.",
            "user_expavg_credit",
            |p| p.project.user_expavg_credit,
        ),
        Metric::one(
            "boinc_project_host_credit",
            "Credit of the host, in cobblestones, as of the last contact.",
            "host_total_credit",
            |p| p.project.host_total_credit,
        ),
        Metric::one(
            "boinc_project_host_average_credit",
            "Recent average credit (RAC) of the host, in cobblestones a day, half-life 7 days.",
            "host_expavg_credit",
            |p| p.project.host_expavg_credit,
        ),
        Metric::one(
            "boinc_project_recent_estimated_credit",
            "Recent estimated credit (REC), the client's own estimate in cobblestones a day, half-life 10 days.",
            "rec",
            |p| p.project.rec,
        ),
        Metric::one(
            "boinc_project_recent_estimated_credit_timestamp_seconds",
            "When the recent estimated credit was computed.",
            "rec_time",
            |p| time(p.project.rec_time),
        ),
        Metric::many(
            "boinc_project_jobs_total",
            &["outcome"],
            "Tasks that succeeded or failed on this host since it was attached; aborted ones failed.",
            "njobs_success, njobs_error",
            |p, emit| {
                emit.sample(&["success"], p.lifetime.jobs_success);
                emit.sample(&["error"], p.lifetime.jobs_error);
            },
        ),
        Metric::one(
            "boinc_project_elapsed_seconds_total",
            "Time that tasks of the project ran on this host since it was attached.",
            "elapsed_time",
            |p| p.lifetime.elapsed,
        ),
        Metric::one("boinc_project_scheduler_rpcs_total", "Contacts with the project's scheduler.", "rpc_seqno", |p| {
            p.lifetime.scheduler_rpcs
        }),
        Metric::one("boinc_project_scheduler_rpc_failures", "Contacts that failed in a row.", "nrpc_failures", |p| {
            p.project.nrpc_failures
        }),
        Metric::one(
            "boinc_project_master_fetch_failures",
            "Attempts to get the project's master page that failed in a row.",
            "master_fetch_failures",
            |p| p.project.master_fetch_failures,
        ),
        Metric::one("boinc_project_last_rpc_timestamp_seconds", "Last contact.", "last_rpc_time", |p| {
            time(p.project.last_rpc_time)
        }),
        Metric::one(
            "boinc_project_next_rpc_timestamp_seconds",
            "Contact that the project asked for.",
            "next_rpc_time",
            |p| time(p.project.next_rpc_time),
        ),
        Metric::one(
            "boinc_project_min_rpc_timestamp_seconds",
            "No contact before; in the past: any time.",
            "min_rpc_time",
            |p| time(p.project.min_rpc_time),
        ),
        Metric::many(
            "boinc_project_scheduler_rpc_pending",
            &["reason"],
            "Why a contact is due, 1 for the present reason.",
            "sched_rpc_pending",
            |p, emit| state_set(emit, &[], &RPC_REASON, p.project.sched_rpc_pending),
        ),
        Metric::one(
            "boinc_project_scheduler_rpc_pending_code",
            "Why a contact is due, as BOINC's number; 0 is none.",
            "sched_rpc_pending",
            |p| number(p.project.sched_rpc_pending),
        ),
        Metric::one(
            "boinc_project_resource_share",
            "Weight among projects; 0 is a backup project.",
            "resource_share",
            |p| p.project.resource_share,
        ),
        Metric::one(
            "boinc_project_account_manager_resource_share",
            "Weight that the account manager dictates; absent if it does not.",
            "ams_resource_share_new",
            |p| p.project.ams_resource_share_new,
        ),
        Metric::one("boinc_project_disk_share_bytes", "Disk that the project may use.", "disk_share", |p| {
            p.project.disk_share
        }),
        Metric::one(
            "boinc_project_desired_disk_usage_bytes",
            "Disk that the project would like.",
            "desired_disk_usage",
            |p| p.project.desired_disk_usage,
        ),
        Metric::one(
            "boinc_project_duration_correction_factor",
            "Actual over estimated run time of its tasks; 1 where it is not used.",
            "duration_correction_factor",
            |p| p.project.duration_correction_factor,
        ),
        Metric::one(
            "boinc_project_schedule_priority",
            "At most 0; the project with the highest runs first.",
            "sched_priority",
            |p| p.project.sched_priority,
        ),
        Metric::many(
            "boinc_project_resource_backoff_until_timestamp_seconds",
            &["resource"],
            "Until when no work is asked for; absent if there is no back-off.",
            "rsc_backoff_time",
            |p, emit| {
                p.project.backoff_times().for_each(|(resource, until)| emit.sample(&[resource], time(Some(until))))
            },
        ),
        Metric::many(
            "boinc_project_resource_backoff_interval_seconds",
            &["resource"],
            "Length of the present back-off; doubles while the project has no work.",
            "rsc_backoff_interval",
            |p, emit| p.project.backoff_intervals().for_each(|(resource, seconds)| emit.sample(&[resource], seconds)),
        ),
        Metric::many(
            "boinc_project_resource_blocked",
            &["resource", "by"],
            "1 where no work is asked for: because of the account manager, the project's applications, preferences or cc_config.xml.",
            "no_rsc_ams, no_rsc_apps, no_rsc_pref, no_rsc_config",
            |p, emit| {
                p.project.blocked().for_each(|(by, resource)| emit.sample(&[resource, by.name()], 1.0));
            },
        ),
        Metric::many(
            "boinc_project_transfer_backoff_seconds",
            &["direction"],
            "How long all transfers of the project still wait after failures; 0 if they don't.",
            "download_backoff, upload_backoff",
            |p, emit| {
                emit.sample(&["upload"], p.project.upload_backoff.unwrap_or_default());
                emit.sample(&["download"], p.project.download_backoff.unwrap_or_default());
            },
        ),
        Metric::one(
            "boinc_project_files_downloaded_timestamp_seconds",
            "When the project's own files (pictures, say) were got.",
            "project_files_downloaded_time",
            |p| time(p.project.project_files_downloaded_time),
        ),
        Metric::one(
            "boinc_project_user_created_timestamp_seconds",
            "When the account was made.",
            "user_create_time",
            |p| time(p.project.user_create_time),
        ),
        Metric::one(
            "boinc_project_host_created_timestamp_seconds",
            "When the host was registered.",
            "host_create_time",
            |p| time(p.project.host_create_time),
        ),
        Metric::one(
            "boinc_project_cpid_timestamp_seconds",
            "When the cross-project id was last changed.",
            "cpid_time",
            |p| time(p.project.cpid_time),
        ),
        Metric::many(
            "boinc_project_log_requested_timestamp_seconds",
            &["log"],
            "When the project asked for a log to be sent; absent if it did not.",
            "send_time_stats_log, send_job_log",
            |p, emit| {
                emit.sample(&["time_stats"], time(p.project.send_time_stats_log));
                emit.sample(&["job"], time(p.project.send_job_log));
            },
        ),
        Metric::one("boinc_project_suspended", "Whether the user suspended it.", "suspended_via_gui", |p| {
            Some(f64::from(p.project.suspended_via_gui))
        }),
        Metric::one(
            "boinc_project_no_new_tasks",
            "Whether the user wants no new tasks.",
            "dont_request_more_work",
            |p| Some(f64::from(p.project.dont_request_more_work)),
        ),
        Metric::one(
            "boinc_project_detach_when_done",
            "Whether it is detached when its tasks are done.",
            "detach_when_done",
            |p| Some(f64::from(p.project.detach_when_done)),
        ),
        Metric::one("boinc_project_ended", "Whether the project says that it ended.", "ended", |p| {
            Some(f64::from(p.project.ended))
        }),
        Metric::one(
            "boinc_project_attached_via_account_manager",
            "Whether an account manager attached it.",
            "attached_via_acct_mgr",
            |p| Some(f64::from(p.project.attached_via_acct_mgr)),
        ),
        Metric::one(
            "boinc_project_scheduler_rpc_in_progress",
            "Whether a contact is under way.",
            "scheduler_rpc_in_progress",
            |p| Some(f64::from(p.project.scheduler_rpc_in_progress)),
        ),
        Metric::one(
            "boinc_project_trickle_up_pending",
            "Whether a trickle-up message waits.",
            "trickle_up_pending",
            |p| Some(f64::from(p.project.trickle_up_pending)),
        ),
        Metric::one(
            "boinc_project_master_fetch_pending",
            "Whether the project's master page is to be got.",
            "master_url_fetch_pending",
            |p| Some(f64::from(p.project.master_url_fetch_pending)),
        ),
        Metric::many(
            "boinc_project_flag",
            &["flag"],
            "What else is special about the project.",
            "the element of that name",
            |p, emit| {
                let flags = [
                    ("anonymous_platform", p.project.anonymous_platform),
                    ("non_cpu_intensive", p.project.non_cpu_intensive),
                    ("dont_use_dcf", p.project.dont_use_dcf),
                    ("send_full_workload", p.project.send_full_workload),
                    ("strict_memory_bound", p.project.strict_memory_bound),
                    ("verify_files_on_app_start", p.project.verify_files_on_app_start),
                    ("use_symlinks", p.project.use_symlinks),
                ];
                flags.into_iter().for_each(|(name, on)| emit.flag(&[name], on));
            },
        ),
        Metric::one("boinc_project_gui_urls", "Links that the project gives to its users.", "gui_urls/gui_url", |p| {
            Some(p.project.gui_urls.as_ref().map_or(0, crate::client::gui_rpc::model::GuiUrls::count) as f64)
        }),
        Metric::one("boinc_project_apps", "Applications that the client knows.", "get_state: app", |p| {
            Some(p.apps as f64)
        }),
        Metric::one("boinc_project_app_versions", "Versions of these that it has.", "get_state: app_version", |p| {
            Some(p.app_versions as f64)
        }),
        Metric::one("boinc_project_workunits", "Workunits that it has.", "get_state: workunit", |p| {
            Some(p.workunits as f64)
        }),
    ],
};

/// Credit by day.
pub const CREDIT_DAYS: Table<CreditDays> = Table {
    title: "Projects: credit by day",
    collector: Collector::Statistics,
    origin: "get_statistics daily_statistics",
    labels: &["project", "project_url"],
    rows: |snapshot| snapshot.credit_days.iter().map(super::row).collect(),
    metrics: &[
        Metric::one(
            "boinc_project_statistics_entries",
            "Days of credit that the client remembers, up to 30.",
            "day",
            |d| Some(d.count as f64),
        ),
        Metric::one(
            "boinc_project_statistics_latest_timestamp_seconds",
            "The newest of these days, 00:00 UTC.",
            "day",
            |d| time(d.latest),
        ),
        Metric::many(
            "boinc_project_daily_credit",
            &["scope"],
            "Credit a day, in cobblestones, between the newest two of these days.",
            "user_total_credit, host_total_credit",
            |d, emit| {
                emit.sample(&["user"], d.user_daily);
                emit.sample(&["host"], d.host_daily);
            },
        ),
        Metric::optional(
            Collector::History,
            "boinc_project_statistics_credit",
            &["scope", "kind", "day"],
            "Credit as of a day: total in cobblestones, average (RAC) in cobblestones a day.",
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
    ],
};

/// Projects that BOINC knows.
pub const KNOWN: Table<Snapshot> = Table {
    title: "Projects that BOINC knows",
    collector: Collector::KnownProjects,
    origin: "get_all_projects_list",
    labels: &[],
    rows: |snapshot| vec![Row { labels: vec![], item: snapshot }],
    metrics: &[
        Metric::many(
            "boinc_known_projects",
            &["kind"],
            "Entries of BOINC's own list of projects and account managers, as the client has it; 0 if it has none.",
            "project, account_manager",
            |s, emit| {
                if let Some(KnownProjects { projects, account_managers }) = &s.known_projects {
                    emit.count(&["project"], projects.len() as u64);
                    emit.count(&["account_manager"], account_managers.len() as u64);
                }
            },
        ),
        Metric::optional(
            Collector::Names,
            "boinc_known_project_info",
            &["id", "name", "url", "general_area", "attached"],
            "1, with a project on that list, and whether the client is attached to it.",
            "id, name, url, general_area",
            |s, emit| {
                for project in s.known_projects.iter().flat_map(|known| &known.projects) {
                    let KnownProject { name, id, url, general_area } = project;
                    let attached = s.projects.iter().any(|attached| *attached.url == **url);
                    let id = id.map(|id| id.to_string()).unwrap_or_default();
                    emit.sample(&[&id, name, url, general_area, if attached { "true" } else { "false" }], 1.0);
                }
            },
        ),
    ],
};
