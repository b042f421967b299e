//! `boinc_exporter dashboards` writes what jsonnet renders with the same settings, and replaces nothing unasked.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::files::{Verdict, ask, dashboards, json, must, path, text};

const RULES: [&str; 2] = ["rules/alerts.yaml", "rules/rules.yaml"];

fn write(folder: &Path, options: &[&str]) -> Verdict {
    let mut command = Command::new(env!("CARGO_BIN_EXE_boinc_exporter"));
    ask(command.arg("dashboards").arg("--output").arg(folder).args(options).env_clear())
}

/// Two folders have the same dashboards and rules.
fn same(ours: &Path, theirs: &Path) {
    for file in dashboards() {
        let name = file.file_name().expect("a dashboard has a name");
        let [ours, theirs]: [Value; 2] = [ours, theirs].map(|folder| json(&folder.join(name)));
        if ours != theirs {
            let [ours, theirs] = [ours, theirs].map(|dashboard| format!("{dashboard:#}"));
            let differ = ours.lines().zip(theirs.lines()).find(|(ours, theirs)| ours != theirs);
            panic!("{} is not what jsonnet renders: {differ:#?}", name.display());
        }
    }
    for name in RULES {
        let [ours, theirs] =
            [ours, theirs].map(|folder| fs::read_to_string(folder.join(name)).expect("it was written"));
        let differ = ours.lines().zip(theirs.lines()).find(|(ours, theirs)| ours != theirs);
        assert!(ours == theirs, "{name} is not what jsonnet renders: {differ:#?}");
    }
}

#[test]
fn without_options_it_writes_what_is_committed() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let verdict = write(folder.path(), &[]);
    assert!(verdict.content, "{}", verdict.words);
    same(folder.path(), &path("dashboards"));
}

#[test]
fn with_options_it_writes_what_jsonnet_renders() {
    let cases: [(&[&str], &str); 2] = [
        (
            &[
                "--selector=env=\"home\", team!~\"a|b\"",
                "--cluster-label=site",
                "--cluster-label=cluster",
                "--group-label=room",
                "--job=boinc|\"lab\"",
                "--grafana-url=https://grafana.example.org/g/",
                "--runbook-url=http://attic:31415/runbooks",
                "--kilowatt-hour-price=31.5",
            ],
            r#"{
                selector: 'env="home", team!~"a|b"',
                clusterLabels: ['site', 'cluster'],
                groupLabel: 'room',
                jobSelector: 'job=~"boinc|\\"lab\\""',
                grafanaUrl: 'https://grafana.example.org/g',
                runbookUrl: 'http://attic:31415/runbooks#',
                kilowattHourPrice: '31.5',
            }"#,
        ),
        (
            &["--cluster-label=cluster", "--runbook-url=https://wiki.example.org/alerts/"],
            "{ clusterLabels: ['cluster'], runbookUrl: 'https://wiki.example.org/alerts/' }",
        ),
    ];
    for (options, settings) in cases {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let [ours, theirs] = ["ours", "theirs"].map(|name| folder.path().join(name));
        let verdict = write(&ours, options);
        assert!(verdict.content, "{}", verdict.words);
        must(Command::new(path("dashboards/render")).arg(&theirs).arg(settings));
        same(&ours, &theirs);
        // It names the rules, which are read too.
        must(Command::new("promtool").args(["check", "config"]).arg(ours.join("provisioning/prometheus.yml")));
    }
}

#[test]
fn it_replaces_nothing_unasked() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let shown = folder.path().display();
    let (dashboards, alerts) = (dashboards().len(), text("dashboards/rules/alerts.yaml").matches("alert: ").count());
    let written = format!(
        "Wrote {dashboards} dashboards, {alerts} alerts, and recording rules to {shown}.\n\n\
         Grafana: import the dashboards by hand, or let it read them where they are:\n  \
         cp {shown}/provisioning/grafana.yml /etc/grafana/provisioning/dashboards/boinc.yml\n\
         Prometheus: add the lines of {shown}/provisioning/prometheus.yml to prometheus.yml, and reload it.\n"
    );
    assert_eq!(write(folder.path(), &[]).words, written);
    // What is there already is no reason to fail.
    assert_eq!(write(folder.path(), &[]).words, written);
    let alerts = folder.path().join(RULES[0]);
    fs::write(&alerts, "groups: []\n").expect("it is ours");
    let refused = write(folder.path(), &["--grafana-url=https://grafana.example.org"]);
    assert!(!refused.content);
    assert_eq!(
        refused.words,
        format!(
            "boinc_exporter: {shown} already has files with another content, and nothing was written: rules/alerts.yaml; replace \
             them with --force, or choose another directory\n"
        )
    );
    assert_eq!(fs::read_to_string(&alerts).expect("it is ours"), "groups: []\n");
    assert_eq!(write(folder.path(), &["--force"]).words, written);
    same(folder.path(), &path("dashboards"));

    let file = folder.path().join("file");
    fs::write(&file, "").expect("it is ours");
    assert_eq!(
        write(&file.join("below"), &[]).words,
        format!(
            "boinc_exporter: cannot read {}/below/boinc-accounts.json: Not a directory (os error 20)\n",
            file.display()
        )
    );
}

#[test]
fn what_cannot_be_meant_is_refused() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    for (option, sentence) in [
        ("--grafana-url=grafana", "must be a URL such as https://grafana.example.org"),
        ("--runbook-url=http://a\"b", "must be a URL such as https://grafana.example.org"),
        ("--job=", "must name a job, such as boinc"),
        ("--selector={job=\"x\"}", "must be without braces, such as job=\"boinc\""),
        ("--selector=boinc", "must be matchers, such as job=\"boinc\""),
        ("--cluster-label=a-b", "must be the name of a label, such as cluster"),
        ("--cluster-label=client", "is a label that the samples have anyway, or that Prometheus reserves"),
        ("--cluster-label=group", "is a variable of the dashboards"),
        ("--group-label=", "must be the name of a label, such as room"),
        ("--group-label=client", "is a label that the samples have anyway, or that Prometheus reserves"),
        ("--kilowatt-hour-price=0,30", "must be a number such as 0.30"),
        ("--kilowatt-hour-price=inf", "must be a number such as 0.30"),
    ] {
        let verdict = write(folder.path(), &[option]);
        assert!(!verdict.content && verdict.words.contains(&format!("': {sentence}\n")), "{option}: {}", verdict.words);
    }
    for labels in [["--cluster-label=room", "--group-label=room"], ["--cluster-label=room", "--cluster-label=room"]] {
        assert_eq!(
            write(folder.path(), &labels).words,
            "boinc_exporter: --cluster-label and --group-label name room twice; they must differ\n"
        );
    }
    assert_eq!(fs::read_dir(folder.path()).expect("it is ours").count(), 0);
}
