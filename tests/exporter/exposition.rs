//! Everything that the exporter says of the recorded clients, word for word: whoever changes a metric sees here what
//! changes for users. Each exposition is also put before Prometheus's own judge, `promtool check metrics`.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use boinc_exporter::exposition::Format;

use crate::support::{Offline, Replies, expose};

/// Its exposition is kept with all comments and in both formats. Of the others only the samples are: a new word in a help
/// text shall not change forty files.
const COMPLETE: &str = "7.20.5_busy";

/// Hides what no two scrapes have in common: how long they took, and when.
fn without_times(exposition: &str) -> String {
    let hide = |line: &str| {
        let (series, _) = line.rsplit_once(' ')?;
        let (name, _) = series.split_once('{')?;
        let is_time = name.ends_with("_duration_seconds") || name.ends_with("_timestamp_seconds");
        (name.starts_with("boinc_scrape_") && is_time).then(|| format!("{series} [time]\n"))
    };
    exposition.lines().map(|line| hide(line).unwrap_or_else(|| format!("{line}\n"))).collect()
}

fn samples(exposition: &str) -> String {
    exposition.split_inclusive('\n').filter(|line| !line.starts_with('#')).collect()
}

/// What Prometheus's judge has to say of a text; nothing, if all is well.
fn promtool(text: &str) -> String {
    let judge = Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut judge = judge.expect("promtool starts; `.ci/tools` installs it");
    let mut stdin = judge.stdin.take().expect("it is piped");
    stdin.write_all(text.as_bytes()).expect("promtool reads all of it");
    drop(stdin);
    let output = judge.wait_with_output().expect("promtool ends");
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn every_recorded_client() {
    let mut offline = Offline::new();
    // The most urgent tasks show all that a task can have.
    (offline.limits.max_tasks, offline.limits.max_transfers) = (8, 8);
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(Path::new("snapshots/exposition"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let _bound = settings.bind_to_scope();
    for (client, replies) in Replies::of_all_clients() {
        let text = expose(offline.snapshot_with_reports(&replies), Format::Text);
        assert_eq!(promtool(&text), "", "{client}");
        let shown = without_times(&text);
        if client == COMPLETE {
            insta::assert_snapshot!(client.as_str(), shown);
            let openmetrics = expose(offline.snapshot_with_reports(&replies), Format::OpenMetrics);
            insta::assert_snapshot!(format!("{COMPLETE}_openmetrics"), without_times(&openmetrics));
        } else {
            insta::assert_snapshot!(client.as_str(), samples(&shown));
        }
    }
}
