//! Names of clients that mean something in a regular expression or a string: the dashboard of one client shows that one, and
//! no other.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::process::Command;

use serde_json::Value;

use super::files::{json, must, path};
use super::judges::{Range, dashcheck};
use super::past::END;
use super::support::{Prometheus, make_blocks};

const NAMES: [&str; 9] = ["attic (old)", "C++ [box]", "x|y", "x", "pc.1", "pc-1", r"back\slash", "50 % $5", "ünï"];

const PROJECT: &str = r#"
[[projects]]
name = "Steady"
url = "https://steady.example/"
user = "demo"
apps = [{ name = "run", title = "Run", takes = "1h", deadline = "5d", credit = 20 }]
"#;

fn titles(dashboard: &Value, into: &mut BTreeSet<String>) {
    for panel in dashboard["panels"].as_array().into_iter().flatten() {
        into.extend(panel["title"].as_str().map(str::to_owned));
        titles(panel, into);
    }
}

#[test]
fn each_client_is_shown_alone() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let mut scenario = PROJECT.to_owned();
    for name in NAMES {
        writeln!(scenario, "[[hosts]]\nname = '{name}'\ncpus = 2\nprojects = [{{ project = \"Steady\" }}]")
            .expect("a text takes all");
    }
    let (file, past) = (folder.path().join("names.toml"), folder.path().join("past.om"));
    fs::write(&file, scenario).expect("a temporary folder is writable");
    must(
        Command::new(env!("CARGO_BIN_EXE_boinc_exporter"))
            .args(["demo", "--history=20m", "--step=5m", "--label=job=boinc", "--label=instance=exporter:31415"])
            .arg(format!("--until={END}"))
            .arg("--scenario")
            .arg(&file)
            .arg("--output")
            .arg(&past)
            .env_clear(),
    );
    make_blocks(&past, folder.path());
    let prometheus = Prometheus::start(folder, "", &[]);
    // Nothing need be found by most queries, as there is no trouble; but none may fail.
    let client = path("dashboards/boinc-client.json");
    let mut may_be_empty = BTreeSet::new();
    titles(&json(&client), &mut may_be_empty);
    let may_be_empty: Vec<_> = may_be_empty.iter().map(String::as_str).collect();
    let range = Range { end: END, length: 1200, scrape: 300 };
    let verdict = dashcheck(&[client], Some((&prometheus.url(), range)), &may_be_empty);
    assert!(verdict.content, "queries of clients with strange names:\n{}", verdict.words);
}
