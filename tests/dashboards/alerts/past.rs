//! Alerts over simulated pasts: what the exporter would have shown of clients with a trouble each, up to now.

use std::path::Path;

use tempfile::TempDir;
use tokio::process::Command;

use super::prometheus::{Alerts, texts};
use crate::support::make_blocks;

/// What fires, and of what. Of `well`, `suspended`, `offline` and `old-client` nothing does: the first is well, two are as
/// their user wants them, and one is as well as its version can be. Nor does anything of the projects Well and Walled: one keeps its pages to people who are logged in.
pub const FIRING: [(&str, &str); 65] = [
    ("BoincAccountNoCredit", "Shaky 1074"),
    ("BoincApplicationSilent", "stall Steady"),
    ("BoincBacklogGrows", "Unvalidated waiting_for_validation"),
    ("BoincBatchFails", "Failing jobs run 12"),
    ("BoincBatchFails", "Failing jobs run 13"),
    ("BoincBatchFails", "Failing jobs run 14"),
    ("BoincBatchFails", "Failing jobs run 15"),
    ("BoincBatchFails", "Failing jobs run 16"),
    ("BoincBatchLate", "Slow jobs run 12"),
    ("BoincBatchStalled", "Slow jobs run 10"),
    ("BoincBatchStalled", "Slow jobs run 12"),
    ("BoincBatchStalled", "Slow jobs run 13"),
    ("BoincBatchStalled", "Slow jobs run 14"),
    ("BoincBatchStalled", "Slow jobs run 15"),
    ("BoincBatchStalled", "Slow jobs run 16"),
    ("BoincBatchStalled", "Slow jobs run 17"),
    ("BoincBatchStalled", "Slow jobs run 18"),
    ("BoincBatchStalled", "Slow jobs run 19"),
    ("BoincBatchStalled", "Slow jobs run 20"),
    ("BoincBatchStalled", "Stuck jobs run 10"),
    ("BoincBatchStalled", "Stuck jobs run 11"),
    ("BoincBatchStalled", "Stuck jobs run 12"),
    ("BoincBatchStalled", "Stuck jobs run 13"),
    ("BoincBatchStalled", "Stuck jobs run 14"),
    ("BoincClientDown", "away"),
    ("BoincClientDown", "hangs"),
    ("BoincClientDown", "off"),
    ("BoincClientHangs", "hangs"),
    ("BoincClientRestarts", "crashes"),
    ("BoincClockSkew", "clock"),
    ("BoincCollectorFailing", "refuses daily_transfers"),
    ("BoincComputerSilent", "Steady 2016526"),
    ("BoincDaemonDown", "Deleter"),
    ("BoincDeadlineAtRisk", "slow Patient"),
    // The tasks are as slow as those of `slow`, and have been for longer: the deadline is over.
    ("BoincDeadlineMissed", "late Patient"),
    ("BoincDiskBoundNear", "large Large"),
    ("BoincDiskFull", "disk-full"),
    ("BoincDownloadsStuck", "downloads Steady"),
    ("BoincErrorRate", "failing Shaky"),
    ("BoincGpuVanished", "gpu-lost"),
    // What is there was not downloaded.
    ("BoincIdleWithWork", "downloads CPU"),
    ("BoincIdleWithWork", "postponed CPU"),
    ("BoincLoginFailed", "password"),
    ("BoincMemoryLimitNear", "large"),
    ("BoincNoCredit", "no-credit Shaky"),
    ("BoincNoWorkToSend", "Empty unsent"),
    ("BoincOutOfWork", "no-work CPU"),
    ("BoincProjectBackoff", "delayed Shaky"),
    // After so many failures the client tries once a day.
    ("BoincProjectBackoff", "project-down Shaky"),
    ("BoincProjectEnded", "Over"),
    // For half a day: the client has counted to ten and begun anew.
    ("BoincProjectUnreachable", "project-away Shaky"),
    ("BoincProjectUnreachable", "project-down Shaky"),
    ("BoincProjectVanished", "detached Shaky"),
    ("BoincSchedulerDown", "Unscheduled"),
    ("BoincServerDown", "Database"),
    ("BoincServerDown", "Stopped"),
    ("BoincSlotsLeftOver", "leftovers"),
    ("BoincTaskStalled", "stall Steady"),
    ("BoincTasksRestart", "restarts Steady"),
    ("BoincTooManyInvalid", "Wrong run CPU"),
    ("BoincTransitionerLate", "Behind"),
    ("BoincUpdateAvailable", "new-version"),
    ("BoincUploadsStuck", "uploads Shaky"),
    ("BoincUserAlert", "moved"),
    ("BoincWorkUnsaved", "rare Seldom"),
];

/// Scenarios, and how long a past they need. Three days for all would be a gigabyte of text instead of a half, and twice
/// that at five minutes from sample to sample.
const PASTS: [(&str, &str); 3] = [("troubles", "32h"), ("days", "76h"), ("servers", "32h")];
const STEP: &str = "10m";

/// The newest sample is older than a step when the rules see it: by the time that the past takes to write and to load.
const LOOKBACK: &str = "1h";

/// Writes the past of a scenario into a folder.
async fn write(folder: &Path, (scenario, past): (&str, &str)) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/dashboards/alerts/{scenario}.toml"));
    let output = Command::new(env!("CARGO_BIN_EXE_boinc_exporter"))
        .args(["demo", "--history", past, "--step", STEP, "--output", &format!("{scenario}.om"), "--scenario"])
        .arg(file)
        // Projects of the same name are not the same in all pasts.
        .arg(format!("--label=instance={scenario}"))
        .arg(format!("--data-directory={scenario}"))
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
    let [troubles, days, servers] = PASTS;
    tokio::join!(write(folder.path(), troubles), write(folder.path(), days), write(folder.path(), servers));
    for (scenario, _) in PASTS {
        let file = folder.path().join(format!("{scenario}.om"));
        make_blocks(&file, folder.path());
        std::fs::remove_file(file).expect("it is a file of this test");
    }
    let mut prometheus = Alerts::start(folder, "", LOOKBACK);
    insta::assert_snapshot!("past", texts(&prometheus.until(&FIRING).await));
}
