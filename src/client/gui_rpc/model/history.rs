//! What the client remembers: daily credit, daily network traffic, tasks that were reported.

use super::{MAX_DAYS, MAX_PROJECTS, MAX_REPORTED};
use crate::markup::element::element;
use crate::markup::text::Raw;

element! {
    /// Reply to `get_statistics`.
    Statistics {
        /// One a project.
        projects as "project_statistics": Vec<ProjectStatistics>,
    }
}

element! {
    /// `project_statistics`.
    ProjectStatistics [at most MAX_PROJECTS] {
        /// Master URL of the project.
        master_url: Raw,
        /// Oldest first.
        days as "daily_statistics": Vec<DailyStatistics>,
    }
}

element! {
    /// `daily_statistics`: credit as of a day with a contact to the project.
    DailyStatistics [at most MAX_DAYS] {
        /// 00:00 UTC.
        day: Option<f64>,
        /// Cobblestones of the account.
        user_total_credit: Option<f64>,
        /// Cobblestones a day of the account.
        user_expavg_credit: Option<f64>,
        /// Cobblestones of the host.
        host_total_credit: Option<f64>,
        /// Cobblestones a day of the host.
        host_expavg_credit: Option<f64>,
    }
}

element! {
    /// Reply to `get_daily_xfer_history`.
    DailyTransfers {
        /// Newest first.
        days as "dx": Vec<DailyTransfer>,
    }
}

element! {
    /// `dx`: traffic of a day that had any.
    DailyTransfer [at most MAX_DAYS] {
        /// Days since 1970 in local standard time.
        when: Option<i64>,
        /// Bytes sent.
        up: Option<f64>,
        /// Bytes received.
        down: Option<f64>,
    }
}

element! {
    /// Reply to `get_old_results`.
    OldResults {
        /// One a reported task, as long as the client remembers.
        results as "old_result": Vec<OldResult>,
    }
}

element! {
    /// `old_result`.
    OldResult [at most MAX_REPORTED] {
        /// Master URL of the project.
        project_url: Raw,
        /// Name of the task.
        result_name: Raw,
        /// Short name of the application.
        app_name: Raw,
        /// Exit status.
        exit_status: Option<i64>,
        /// Seconds it was scheduled.
        elapsed_time: Option<f64>,
        /// CPU seconds.
        cpu_time: Option<f64>,
        /// When computing ended; 0 if it was aborted before it began.
        completed_time: Option<f64>,
        /// When the server took the report.
        create_time: Option<f64>,
    }
}
