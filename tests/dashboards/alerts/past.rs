//! Alerts over simulated pasts: what the exporter would have shown of clients with a trouble each, up to now.

use std::path::Path;

use tempfile::TempDir;
use tokio::process::Command;

use super::prometheus::{Alerts, texts};
use crate::support::make_blocks;

/// What fires, and of what. Of `well`, `suspended` and `offline` nothing does: the first is well, the others are as their
/// user wants them.
pub const FIRING: [(&str, &str); 26] = [
    ("BoincClientDown", "hangs"),
    ("BoincClientDown", "off"),
    ("BoincClientRestarts", "crashes"),
    ("BoincClockSkew", "clock"),
    ("BoincCollectorFailing", "old-client daily_transfers"),
    ("BoincDeadlineAtRisk", "slow Patient"),
    // The tasks are as slow as those of `slow`, and have been for longer: the deadline is over.
    ("BoincDeadlineMissed", "late Patient"),
    ("BoincDiskFull", "disk-full"),
    ("BoincDownloadsStuck", "downloads Steady"),
    ("BoincErrorRate", "failing Shaky"),
    ("BoincGpuVanished", "gpu-lost"),
    // What is there was not downloaded.
    ("BoincIdleWithWork", "downloads CPU"),
    ("BoincIdleWithWork", "postponed CPU"),
    ("BoincLoginFailed", "password"),
    ("BoincNoCredit", "no-credit Shaky"),
    ("BoincOutOfWork", "no-work CPU"),
    ("BoincProjectBackoff", "delayed Shaky"),
    // After so many failures the client tries once a day.
    ("BoincProjectBackoff", "project-down Shaky"),
    ("BoincProjectEnded", "Over"),
    // For half a day: the client has counted to ten and begun anew.
    ("BoincProjectUnreachable", "project-away Shaky"),
    ("BoincProjectUnreachable", "project-down Shaky"),
    ("BoincProjectVanished", "detached Shaky"),
    ("BoincTaskStalled", "stall Steady"),
    ("BoincUpdateAvailable", "new-version"),
    ("BoincUploadsStuck", "uploads Shaky"),
    ("BoincUserAlert", "moved"),
];

/// Scenarios, and how long a past they need. Three days for all would be a gigabyte of text instead of a half, and twice
/// that at five minutes from sample to sample.
const PASTS: [(&str, &str); 2] = [("troubles", "32h"), ("days", "76h")];
const STEP: &str = "10m";

/// The newest sample is older than a step when the rules see it: by the time that the past takes to write and to load.
const LOOKBACK: &str = "1h";

/// Writes the past of a scenario into a folder.
async fn write(folder: &Path, (scenario, past): (&str, &str)) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/dashboards/alerts/{scenario}.toml"));
    let output = Command::new(env!("CARGO_BIN_EXE_boinc_exporter"))
        .args(["demo", "--history", past, "--step", STEP, "--output", &format!("{scenario}.om"), "--scenario"])
        .arg(file)
        .env_clear()
        .current_dir(folder)
        .output()
        .await
        .expect("the built binary starts");
    assert!(output.status.success(), "{scenario}: {}", String::from_utf8_lossy(&output.stderr));
}

#[tokio::test]
async fn each_trouble_is_told_of_and_nothing_else() {
    let folder = TempDir::new().expect("a temporary folder can be made");
    let [troubles, days] = PASTS;
    tokio::join!(write(folder.path(), troubles), write(folder.path(), days));
    for (scenario, _) in PASTS {
        let file = folder.path().join(format!("{scenario}.om"));
        make_blocks(&file, folder.path());
        std::fs::remove_file(file).expect("it is a file of this test");
    }
    let mut prometheus = Alerts::start(folder, "", LOOKBACK);
    insta::assert_snapshot!("past", texts(&prometheus.until(&FIRING).await));
}
