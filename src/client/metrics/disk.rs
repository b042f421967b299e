//! Disk usage.

use super::{Metric, Row, Table};
use crate::client::collectors::Collector;
use crate::client::gui_rpc::model::DiskUsage;

/// One row per client.
pub const DISK: Table<DiskUsage> = Table {
    title: "Disk",
    collector: Collector::DiskUsage,
    origin: "get_disk_usage disk_usage_summary",
    labels: &[],
    rows: |snapshot| snapshot.disk.iter().map(|item| Row { labels: vec![], item }).collect(),
    metrics: &[
        Metric::one(
            "boinc_disk_size_bytes",
            "Size of the disk that holds the client's data directory.",
            "d_total",
            |d| d.d_total.filter(|bytes| *bytes > 0.0),
        ),
        Metric::one(
            "boinc_disk_free_bytes",
            "Free space on the disk that holds the client's data directory.",
            "d_free",
            |d| d.d_free,
        ),
        Metric::one(
            "boinc_disk_client_bytes",
            "Disk space used by the client itself, without its projects.",
            "d_boinc",
            |d| d.d_boinc,
        ),
        Metric::one(
            "boinc_disk_allowed_bytes",
            "Total disk space that the preferences allow BOINC to use.",
            "d_allowed",
            |d| d.d_allowed,
        ),
    ],
};

/// One row per project.
pub const PROJECTS: Table<f64> = Table {
    title: "Disk usage by project",
    collector: Collector::DiskUsage,
    origin: "get_disk_usage project",
    labels: &["project", "project_url"],
    rows: |snapshot| snapshot.project_disk.iter().map(super::row).collect(),
    metrics: &[Metric::one(
        "boinc_project_disk_usage_bytes",
        "Disk space used by the project and its tasks when the client last measured it.",
        "disk_usage",
        |bytes| Some(*bytes),
    )],
};
