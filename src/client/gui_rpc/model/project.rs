//! Projects as the client knows them.

use super::{MAX_DEVICES, MAX_LINKS, MAX_PROJECTS};
use crate::markup::element::element;
use crate::markup::text::{Escaped, Raw};

element! {
    /// Reply to `get_project_status`.
    Projects {
        /// One a project.
        projects as "project": Vec<Project>,
    }
}

element! {
    /// `project`.
    Project [at most MAX_PROJECTS] {
        /// The only unique key.
        master_url: Raw,
        /// Empty until the first contact; not unique.
        project_name: Raw,
        /// The user's name.
        user_name: Escaped,
        /// The user's team.
        team_name: Escaped,
        /// The host's venue (home, work, school).
        host_venue: Raw,
        /// When the cross-project id was last changed.
        cpid_time: Option<f64>,
        /// Cobblestones of the account.
        user_total_credit: Option<f64>,
        /// Cobblestones a day of the account.
        user_expavg_credit: Option<f64>,
        /// When the account was made.
        user_create_time: Option<f64>,
        /// Scheduler RPCs so far.
        rpc_seqno: Option<f64>,
        /// Id of the account.
        userid: Option<i64>,
        /// Id of the team.
        teamid: Option<i64>,
        /// Id of the host, 0 until registered.
        hostid: Option<i64>,
        /// Cobblestones of the host.
        host_total_credit: Option<f64>,
        /// Cobblestones a day of the host.
        host_expavg_credit: Option<f64>,
        /// When the host was registered.
        host_create_time: Option<f64>,
        /// Scheduler failures in a row.
        nrpc_failures: Option<f64>,
        /// Failures in a row to get the master page.
        master_fetch_failures: Option<f64>,
        /// No contact before.
        min_rpc_time: Option<f64>,
        /// Contact that the project asked for.
        next_rpc_time: Option<f64>,
        /// Cobblestones a day, the client's own estimate.
        rec: Option<f64>,
        /// When that was computed.
        rec_time: Option<f64>,
        /// Weight among projects; 0 is a backup project.
        resource_share: Option<f64>,
        /// Bytes, as of the last walk over the disk.
        disk_usage: Option<f64>,
        /// Bytes that it may use.
        disk_share: Option<f64>,
        /// Bytes that it would like.
        desired_disk_usage: Option<f64>,
        /// Actual over estimated run time.
        duration_correction_factor: Option<f64>,
        /// Code of why an RPC is due.
        sched_rpc_pending: Option<i64>,
        /// When the project asked for the time statistics' log.
        send_time_stats_log: Option<f64>,
        /// When the project asked for the job log.
        send_job_log: Option<f64>,
        /// Tasks that succeeded since attach.
        njobs_success: Option<f64>,
        /// Tasks that failed since attach.
        njobs_error: Option<f64>,
        /// Seconds that tasks ran since attach.
        elapsed_time: Option<f64>,
        /// Last scheduler RPC.
        last_rpc_time: Option<f64>,
        /// The user supplies the applications.
        anonymous_platform: bool,
        /// The master page is to be got.
        master_url_fetch_pending: bool,
        /// A trickle-up message waits.
        trickle_up_pending: bool,
        /// The scheduler wants all tasks listed.
        send_full_workload: bool,
        /// The duration correction factor is not used.
        dont_use_dcf: bool,
        /// All its applications are non-CPU-intensive.
        non_cpu_intensive: bool,
        /// Files are checked at each start of an application; up to 7.20.
        verify_files_on_app_start: bool,
        /// The scheduler of the client reckons with the memory bounds of tasks; 8.0 and later.
        strict_memory_bound: bool,
        /// The user suspended it.
        suspended_via_gui: bool,
        /// The user wants no new tasks.
        dont_request_more_work: bool,
        /// Is detached when its tasks are done.
        detach_when_done: bool,
        /// The project says it ended.
        ended: bool,
        /// An account manager attached it.
        attached_via_acct_mgr: bool,
        /// An RPC is under way.
        scheduler_rpc_in_progress: bool,
        /// Files are linked, not copied.
        use_symlinks: bool,
        /// Until when no work is asked for, by resource.
        rsc_backoff_time: Vec<ResourceValue>,
        /// The back-off's present length, by resource.
        rsc_backoff_interval: Vec<ResourceValue>,
        /// Resources that the account manager forbids.
        no_rsc_ams: Vec<Raw>,
        /// Resources for which the project has no applications.
        no_rsc_apps: Vec<Raw>,
        /// Resources that the preferences forbid.
        no_rsc_pref: Vec<Raw>,
        /// Resources that `cc_config.xml` forbids.
        no_rsc_config: Vec<Raw>,
        /// Resource share that the account manager dictates.
        ams_resource_share_new: Option<f64>,
        /// Links that the project gives to its users.
        gui_urls: Option<GuiUrls>,
        /// At most 0; higher runs first.
        sched_priority: Option<f64>,
        /// When its files were got.
        project_files_downloaded_time: Option<f64>,
        /// Seconds that downloads still wait.
        download_backoff: Option<f64>,
        /// Seconds that uploads still wait.
        upload_backoff: Option<f64>,
        /// As `rsc_backoff_time` of the CPU; up to 6.13.
        cpu_backoff_time: Option<f64>,
        /// As `rsc_backoff_interval` of the CPU; up to 6.13.
        cpu_backoff_interval: Option<f64>,
        /// As `rsc_backoff_time` of NVIDIA; up to 6.13.
        cuda_backoff_time: Option<f64>,
        /// As `rsc_backoff_interval` of NVIDIA; up to 6.13.
        cuda_backoff_interval: Option<f64>,
        /// As `rsc_backoff_time` of ATI; up to 6.13.
        ati_backoff_time: Option<f64>,
        /// As `rsc_backoff_interval` of ATI; up to 6.13.
        ati_backoff_interval: Option<f64>,
        /// As `no_rsc_pref` of the CPU; up to 6.13.
        no_cpu_pref: bool,
        /// As `no_rsc_pref` of NVIDIA; up to 6.13.
        no_cuda_pref: bool,
        /// As `no_rsc_pref` of ATI; up to 6.13.
        no_ati_pref: bool,
        /// As `no_rsc_apps` of the CPU; up to 6.13.
        no_cpu_apps: bool,
        /// As `no_rsc_apps` of NVIDIA; up to 6.13.
        no_cuda_apps: bool,
        /// As `no_rsc_apps` of ATI; up to 6.13.
        no_ati_apps: bool,
        /// As `no_rsc_ams` of the CPU; up to 6.13.
        no_cpu_ams: bool,
        /// As `no_rsc_ams` of NVIDIA; up to 6.13.
        no_cuda_ams: bool,
        /// As `no_rsc_ams` of ATI; up to 6.13.
        no_ati_ams: bool,
    }
    not_read {
        "symstore" "email_hash" "cross_project_id" "external_cpid" "venue" "project_dir" "short_term_debt" "long_term_debt"
        "cuda_short_term_debt" "cuda_debt" "ati_short_term_debt" "ati_debt" "send_file_list" "ams_resource_share"
        "rr_sim_deadlines_missed" "work_fetch_no_new_work"
    }
}

impl Project {
    /// Its name, or its URL until it has one.
    #[must_use]
    pub fn display_name(&self) -> &str {
        if self.project_name.is_empty() { &self.master_url } else { &self.project_name }
    }
}

/// What newer clients say of a resource by its name, older ones say in elements of their own.
impl Project {
    /// Until when no work is asked for, by resource.
    pub fn backoff_times(&self) -> impl Iterator<Item = (&str, f64)> {
        let old = [self.cpu_backoff_time, self.cuda_backoff_time, self.ati_backoff_time];
        by_resource(&self.rsc_backoff_time, old)
    }

    /// The back-off's present length, seconds, by resource.
    pub fn backoff_intervals(&self) -> impl Iterator<Item = (&str, f64)> {
        let old = [self.cpu_backoff_interval, self.cuda_backoff_interval, self.ati_backoff_interval];
        by_resource(&self.rsc_backoff_interval, old)
    }

    /// Resources that no work is asked for, each with what forbids it.
    pub fn blocked(&self) -> impl Iterator<Item = (Blocker, &str)> {
        let old = [
            (Blocker::AccountManager, [self.no_cpu_ams, self.no_cuda_ams, self.no_ati_ams]),
            (Blocker::Project, [self.no_cpu_apps, self.no_cuda_apps, self.no_ati_apps]),
            (Blocker::Preferences, [self.no_cpu_pref, self.no_cuda_pref, self.no_ati_pref]),
        ];
        let new = [
            (Blocker::AccountManager, &self.no_rsc_ams),
            (Blocker::Project, &self.no_rsc_apps),
            (Blocker::Preferences, &self.no_rsc_pref),
            (Blocker::Config, &self.no_rsc_config),
        ];
        let new = new.into_iter().flat_map(|(by, resources)| resources.iter().map(move |name| (by, &**name)));
        let old = old.into_iter().flat_map(|(by, flags)| {
            OLD_RESOURCES.into_iter().zip(flags).filter_map(move |(name, flag)| flag.then_some((by, name)))
        });
        new.chain(old)
    }
}

/// What forbids a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blocker {
    /// The account manager.
    AccountManager,
    /// The project has no applications for it.
    Project,
    /// The project's preferences.
    Preferences,
    /// `cc_config.xml`.
    Config,
}

impl Blocker {
    /// The value of the label `by`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::AccountManager => "account_manager",
            Self::Project => "project",
            Self::Preferences => "preferences",
            Self::Config => "config",
        }
    }
}

/// The resources that clients up to 6.13 know.
const OLD_RESOURCES: [&str; 3] = ["CPU", "NVIDIA", "ATI"];

fn by_resource(values: &[ResourceValue], old: [Option<f64>; 3]) -> impl Iterator<Item = (&str, f64)> {
    let old = OLD_RESOURCES.into_iter().zip(old);
    values.iter().map(|value| (&*value.name, value.value)).chain(old).filter_map(|(name, value)| Some((name, value?)))
}

element! {
    /// `rsc_backoff_time` and `rsc_backoff_interval`: a number for a resource.
    ResourceValue [at most MAX_DEVICES] {
        /// CPU, NVIDIA, ATI, …
        name: Raw,
        /// The number.
        value: Option<f64>,
    }
}

element! {
    /// `gui_urls`, copied as the project once sent it.
    GuiUrls {
        /// Links for all.
        gui_url: Vec<GuiUrl>,
        /// Links for members of a team.
        ifteam: Option<TeamUrls>,
    }
}

impl GuiUrls {
    /// How many links there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.gui_url.len() + self.ifteam.as_ref().map_or(0, |team| team.gui_url.len())
    }
}

element! {
    /// `ifteam`.
    TeamUrls {
        /// Links for members of a team.
        gui_url: Vec<GuiUrl>,
    }
}

element! {
    /// `gui_url`: only counted.
    GuiUrl [at most MAX_LINKS] {}
    not_read { "name" "description" "url" }
}
