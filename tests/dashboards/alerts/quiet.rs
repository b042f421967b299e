//! What looks like trouble and is none: recorded clients over a day and a half, and which alerts' conditions hold at its end.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::process::Command;

use boinc_exporter::exposition::Format;
use serde_json::Value;

use super::rules::{OURS, dashboards};
use crate::support::{Offline, Prometheus, Replies, expose, replies};

/// The day and a half, and how often there is a sample.
const PAST: u64 = 36 * 3600;
const STEP: u64 = 600;

/// Each alert's name and expression, as Prometheus gets them.
fn alerts() -> Vec<(String, String)> {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    fs::write(folder.path().join("our.libsonnet"), OURS).expect("a temporary folder is writable");
    let output = Command::new("jsonnet")
        .args(["--exec", "(import \"our.libsonnet\").prometheusAlerts", "--jpath"])
        .arg(dashboards())
        .current_dir(folder.path())
        .output()
        .unwrap_or_else(|e| panic!("cannot start jsonnet: {e}; `make tools` installs what the tests need"));
    let rendered: Value = serde_json::from_slice(&output.stdout).expect("jsonnet writes JSON");
    let groups = rendered["groups"].as_array().expect("there are groups");
    let rules = groups.iter().filter_map(|group| group["rules"].as_array()).flatten();
    let text = |value: &Value| value.as_str().expect("names and expressions are texts").to_owned();
    rules.map(|rule| (text(&rule["alert"]), text(&rule["expr"]))).collect()
}

/// The time on a client's clock when it was recorded.
fn recorded_at(replies: &Replies) -> u64 {
    let state = String::from_utf8_lossy(replies.get("get_state")).into_owned();
    let (_, rest) = state.split_once("<now>").expect("a client tells its time");
    rest.split('.').next().and_then(|seconds| seconds.parse().ok()).expect("in seconds")
}

/// Which alerts' conditions hold after a past in which the client first answered so, and for the last twelve hours so.
async fn hold(first: &Replies, then: &Replies) -> BTreeSet<String> {
    let end = recorded_at(then);
    let expositions = [first, then].map(|replies| {
        let replies = replies.clone();
        let exposition = move || expose(Offline::new().snapshot_with_reports(&replies), Format::OpenMetrics);
        std::thread::spawn(exposition).join().expect("the client can be polled")
    });
    let mut past = String::new();
    for time in (end - PAST..=end).step_by(usize::try_from(STEP).expect("a small number")) {
        let _ = writeln!(past, "up{{job=\"boinc\",instance=\"exporter:31415\"}} 1 {time}");
        let text = &expositions[usize::from(time > end - PAST / 3)];
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            // Its clock goes on; all else stays.
            let (series, value) = line.rsplit_once(' ').expect("a series and a value");
            let value = if series.starts_with("boinc_client_clock") { time.to_string() } else { value.to_owned() };
            let series = series.replacen('{', "{job=\"boinc\",instance=\"exporter:31415\",", 1);
            let _ = writeln!(past, "{series} {value} {time}");
        }
    }
    past += "# EOF\n";
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let file = folder.path().join("past.om");
    fs::write(&file, past).expect("a temporary folder is writable");
    let prometheus = Prometheus::loaded(&file);
    let mut holding = BTreeSet::new();
    for (name, expression) in alerts() {
        let rows = prometheus.query(&expression, Some(end)).await;
        holding.extend(rows.iter().map(|row| {
            let labels = ["project", "resource", "collector"].map(|label| row["metric"][label].as_str());
            labels.into_iter().flatten().fold(name.clone(), |text, label| text + " " + label)
        }));
    }
    holding
}

/// The same with a text in the place of another, in one reply.
fn with(replies: &Replies, operation: &str, from: &str, to: &str) -> Replies {
    let text = String::from_utf8_lossy(replies.get(operation)).into_owned();
    assert!(text.contains(from), "{operation} has no {from}");
    replies.with(operation, text.replace(from, to))
}

fn recorded(folder: &str) -> Replies {
    Replies::of(&replies(folder), &[&replies("7.20.5_common")])
}

/// It sends no platform in its tasks, so one might think that none of them uses the GPU.
#[tokio::test]
async fn no_alert_for_a_busy_gpu_of_an_old_client() {
    let client = recorded("7.4_gpu_busy_without_platform");
    let holding = hold(&client, &client).await;
    let of_gpu: Vec<_> = holding.iter().filter(|alert| alert.contains("NVIDIA") || alert.contains("Gpu")).collect();
    assert!(of_gpu.is_empty(), "{of_gpu:?}");
}

#[tokio::test]
async fn no_alert_for_a_project_that_moved() {
    let client = recorded("7.20.5_busy");
    let before = hold(&client, &client).await;
    let urls = ("http://127.0.0.1:18080/alpha/", "https://alpha.example/");
    let mut moved = client.clone();
    for operation in ["get_state", "get_old_results", "get_file_transfers", "get_statistics", "get_disk_usage"] {
        if String::from_utf8_lossy(client.get(operation)).contains(urls.0) {
            moved = with(&moved, operation, urls.0, urls.1);
        }
    }
    assert_eq!(hold(&client, &moved).await, before, "after it moved, and before");
    let detached = recorded("7.20.5_no_projects");
    let gone = hold(&client, &detached).await;
    assert!(gone.iter().any(|alert| alert.starts_with("BoincProjectVanished")), "a project that is gone: {gone:?}");
}

/// Its newest day of credit is a month ahead, and so are its messages.
#[tokio::test]
async fn no_alert_for_dates_in_the_future() {
    // What a client says when it starts is no news; this one has run for longer.
    let start = ("<client_start_time>1795323064", "<client_start_time>1795200000");
    let client = with(&recorded("7.20.5_busy"), "get_state", start.0, start.1);
    let mut expected = hold(&client, &client).await;
    assert!(expected.remove("BoincUserAlert"), "it has a message of a minute ago");
    let ahead = with(&client, "get_statistics", "<day>1795305600", "<day>1797984000");
    let ahead = with(&ahead, "get_messages", "<time>17953", "<time>17979");
    assert_eq!(hold(&client, &ahead).await, expected);
}
