//! Applications and application versions.

use super::{Metric, Row, Table};
use crate::client::collectors::Collector;
use crate::client::gui_rpc::model::App;
use crate::client::snapshot::AppVersionRow;

/// One row per application.
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
        "Always 1, with the application's display name and whether it is non-CPU-intensive. Tasks that run another application inside of it, as those in Docker do, have the name of that (sub-application) as their label app, which has no info here.",
        "user_friendly_name, non_cpu_intensive",
        |a, emit| {
            let non_cpu_intensive = if a.non_cpu_intensive { "true" } else { "false" };
            emit.sample(&[&a.user_friendly_name, non_cpu_intensive], 1.0);
        },
    )],
};

/// One row per application version.
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
        Metric::one("boinc_app_version_cpus", "CPUs that one task uses.", "avg_ncpus", |v| v.version.avg_ncpus),
        Metric::many(
            "boinc_app_version_gpus",
            &["resource"],
            "GPUs that one task uses.",
            "coproc/type, coproc/count",
            |v, emit| v.version.coproc.iter().for_each(|usage| emit.sample(&[&usage.kind], usage.count)),
        ),
        Metric::one(
            "boinc_app_version_floating_point_operations_per_second",
            "Speed of one task in FLOPS, as estimated by the client.",
            "flops",
            |v| v.version.flops.filter(|flops| *flops > 0.0),
        ),
        Metric::one(
            "boinc_app_version_gpu_memory_bytes",
            "GPU memory that one task needs; reported by BOINC up to 8.0 only.",
            "gpu_ram",
            |v| v.version.gpu_ram,
        ),
        Metric::many(
            "boinc_app_version_flag",
            &["flag"],
            "Whether the flag, named as in BOINC, is set for the application version.",
            "dont_throttle, is_wrapper, needs_network",
            |v, emit| {
                emit.flag(&["dont_throttle"], v.version.dont_throttle);
                emit.flag(&["is_wrapper"], v.version.is_wrapper);
                emit.flag(&["needs_network"], v.version.needs_network);
            },
        ),
    ],
};
