//! Small replies: version, modes, disk, known projects.

use std::fmt;

use super::{MAX_PROJECTS, Project, Task};
use crate::markup::element::element;
use crate::markup::text::{Escaped, Raw};

element! {
    /// Reply to `exchange_versions`.
    ServerVersion {
        /// 7 of 7.20.5.
        major: Option<i64>,
        /// 20 of 7.20.5; odd is a development version.
        minor: Option<i64>,
        /// 5 of 7.20.5.
        release: Option<i64>,
    }
}

impl fmt::Display for ServerVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [major, minor, release] = [self.major, self.minor, self.release].map(Option::unwrap_or_default);
        write!(f, "{major}.{minor}.{release}")
    }
}

element! {
    /// Reply to `get_cc_status`.
    CcStatus {
        /// Code of the network's state.
        network_status: Option<i64>,
        /// The account manager did not take the password.
        ams_password_error: Option<bool>,
        /// Code of why computing is suspended.
        task_suspend_reason: Option<i64>,
        /// Code of the mode in force.
        task_mode: Option<i64>,
        /// Code of the mode to which it returns.
        task_mode_perm: Option<i64>,
        /// Seconds until then.
        task_mode_delay: Option<f64>,
        /// Code of why computing on GPUs is suspended.
        gpu_suspend_reason: Option<i64>,
        /// Code of the mode in force.
        gpu_mode: Option<i64>,
        /// Code of the mode to which it returns.
        gpu_mode_perm: Option<i64>,
        /// Seconds until then.
        gpu_mode_delay: Option<f64>,
        /// Code of why the network is suspended.
        network_suspend_reason: Option<i64>,
        /// Code of the mode in force.
        network_mode: Option<i64>,
        /// Code of the mode to which it returns.
        network_mode_perm: Option<i64>,
        /// Seconds until then.
        network_mode_delay: Option<f64>,
        /// No project may be attached.
        disallow_attach: Option<bool>,
        /// Only the simple view is allowed.
        simple_gui_only: Option<bool>,
        /// Lines of the event log that a GUI shows.
        max_event_log_lines: Option<f64>,
        /// The manager shall quit for an update.
        manager_must_quit: bool,
    }
}

element! {
    /// Reply to `get_disk_usage`.
    DiskUsage {
        /// One a project.
        projects as "project": Vec<ProjectDiskUsage>,
        /// Bytes of the disk.
        d_total: Option<f64>,
        /// Bytes free on it.
        d_free: Option<f64>,
        /// Bytes of the client's own files.
        d_boinc: Option<f64>,
        /// Bytes that the preferences allow.
        d_allowed: Option<f64>,
    }
}

element! {
    /// `project` in the reply to `get_disk_usage`.
    ProjectDiskUsage [at most MAX_PROJECTS] {
        /// Master URL.
        master_url: Raw,
        /// Bytes, its slots included.
        disk_usage: Option<f64>,
    }
}

element! {
    /// Reply to `get_screensaver_tasks`.
    ScreensaverTasks {
        /// Code of why computing is suspended, pauses of throttling included.
        suspend_reason: Option<i64>,
    }
    // The tasks are those of get_state.
    not_read { "result" }
}

element! {
    /// Reply to `get_simple_gui_info`.
    SimpleGuiInfo {
        /// All projects.
        projects as "project": Vec<Project>,
        /// Tasks with a slot.
        tasks as "result": Vec<Task>,
    }
}

element! {
    /// Reply to `get_all_projects_list`.
    KnownProjects {
        /// Projects.
        projects as "project": Vec<KnownProject>,
        /// Account managers.
        account_managers as "account_manager": Vec<KnownProject>,
    }
}

element! {
    /// `project` or `account_manager` that BOINC knows.
    KnownProject [at most MAX_PROJECTS] {
        /// Name.
        name: Escaped,
        /// Id on BOINC's own list.
        id: Option<i64>,
        /// Master URL.
        url: Escaped,
        /// Field of science.
        general_area: Escaped,
    }
    not_read { "web_url" "specific_area" "home" "description" "platforms" "image" "summary" "keywords" }
}
