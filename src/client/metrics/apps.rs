//! Applications and their versions, one by one.

use super::{Metric, Row, Table};
use crate::client::collectors::Collector;
use crate::client::gui_rpc::model::App;
use crate::client::snapshot::AppVersionRow;

/// Applications.
pub const APPS: Table<App> = Table {
    title: "Applications",
    collector: Collector::AppVersions,
    origin: "get_state app",
    labels: &["project", "project_url", "app"],
    rows: |snapshot| {
        let rows = snapshot.apps.iter();
        rows.map(|of| Row { labels: vec![&of.name, &of.url, &*of.item.name], item: &of.item }).collect()
    },
    metrics: &[Metric::many(
        "boinc_app_info",
        &["user_friendly_name", "non_cpu_intensive"],
        "1, with an application.",
        "user_friendly_name, non_cpu_intensive",
        |a, emit| {
            let non_cpu_intensive = if a.non_cpu_intensive { "true" } else { "false" };
            emit.sample(&[&a.user_friendly_name, non_cpu_intensive], 1.0);
        },
    )],
};

/// Versions of applications.
pub const VERSIONS: Table<AppVersionRow> = Table {
    title: "Application versions",
    collector: Collector::AppVersions,
    origin: "get_state app_version",
    labels: &["project", "project_url", "app", "version", "platform", "plan_class"],
    rows: |snapshot| {
        let rows = snapshot.app_versions.iter();
        rows.map(|of| {
            let version = &of.item.version;
            let number = &of.item.number;
            let labels =
                vec![&*of.name, &*of.url, &*version.app_name, number, &*version.platform, &*version.plan_class];
            Row { labels, item: &of.item }
        })
        .collect()
    },
    metrics: &[
        Metric::one("boinc_app_version_cpus", "CPUs that a task uses.", "avg_ncpus", |v| v.version.avg_ncpus),
        Metric::many(
            "boinc_app_version_coprocessors",
            &["resource"],
            "GPUs that a task uses.",
            "coproc/type, coproc/count",
            |v, emit| v.version.coproc.iter().for_each(|usage| emit.sample(&[&usage.kind], usage.count)),
        ),
        Metric::one(
            "boinc_app_version_floating_point_operations_per_second",
            "Speed at which the client thinks a task computes.",
            "flops",
            |v| v.version.flops,
        ),
        Metric::one(
            "boinc_app_version_gpu_memory_bytes",
            "GPU memory that a task needs; told up to 8.0.",
            "gpu_ram",
            |v| v.version.gpu_ram,
        ),
        Metric::many(
            "boinc_app_version_flag",
            &["flag"],
            "What is special about the version.",
            "dont_throttle, is_wrapper, needs_network",
            |v, emit| {
                emit.flag(&["dont_throttle"], v.version.dont_throttle);
                emit.flag(&["is_wrapper"], v.version.is_wrapper);
                emit.flag(&["needs_network"], v.version.needs_network);
            },
        ),
    ],
};
