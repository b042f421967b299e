//! `boinctui`, a terminal interface that others wrote for BOINC, before simulated clients: it shows their projects, tasks
//! with progress, disk and messages.

use std::path::Path;
use std::process::Command;

use boinc_exporter::simulation::state::Client;

use super::boinc::{Boinc, Fleet};
use crate::comparison::Client as _;

#[tokio::test(flavor = "multi_thread")]
async fn it_shows_clients_as_they_are() {
    let fleet = Fleet::start("home").await;
    // It takes replies for XML and crashes at a name such as `Pulsar & Wave Search`, which clients write as it is.
    for name in ["garage", "kids", "office-2", "rack-1"] {
        let (client, member) = (fleet.client(name), fleet.member(name));
        let (running, disk, newest) = member.look(|client, now| {
            let newest = client.messages.back().expect("every client logs its start");
            (running(client, now), client.host.disk_total, newest.body.clone())
        });
        assert!(!running.is_empty(), "{name} computes nothing");
        let disk = format!("total {:>12.2}Gb", disk / f64::from(1 << 30));
        let mut texts: Vec<_> = running.iter().map(|task| task[4].as_str()).collect();
        texts.extend([newest.as_str(), &disk]);
        let screen = screen(&client, &texts);
        let line = |text: &str| screen.lines().find(|line| line.contains(text)).unwrap_or_default();
        for task in &running {
            let line = line(&task[4]);
            assert!(task.iter().all(|text| line.contains(text)), "{task:?} is shown as\n{line}");
        }
    }
}

/// Of each task that runs: what it does, percent, project, application and name.
fn running(client: &Client, now: f64) -> Vec<[String; 5]> {
    let tasks =
        client.projects.iter().flat_map(|project| project.tasks.iter().map(move |task| (&project.server, task)));
    tasks
        .filter(|(_, task)| task.is_running())
        .filter_map(|(server, task)| {
            let [done, ..] = task.active.as_ref()?.after(client.since(now));
            let app = server.apps[task.app].user_friendly_name.clone();
            Some(["Run".to_owned(), format!("{:.2}", done * 100.0), server.name.clone(), app, task.name()])
        })
        .collect()
}

/// What it shows of a client once these texts are there. It must leave properly.
fn screen(client: &Boinc, texts: &[&str]) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let home = tempfile::tempdir().expect("a temporary directory");
    // Without a file of its own it opens with a question.
    let (host, port) = client.address().split_once(':').map(|(host, port)| (host.to_owned(), port.to_owned())).unwrap();
    let config = format!(
        "<boinctui_cfg>\n<server>\n<host>{host}</host>\n<port>{port}</port>\n<pwd>{}</pwd>\n</server>\n</boinctui_cfg>\n",
        client.password
    );
    std::fs::write(home.path().join(".boinctui.cfg"), config).expect("the directory can be written");
    let output = Command::new(root.join("target/judges/bin/python"))
        .arg(root.join("tests/judges/terminal.py"))
        .args(["boinctui", "--", "Q"])
        .args(texts)
        .envs([("TERM", "linux"), ("LC_ALL", "C.UTF-8"), ("TZ", "UTC")])
        .env("HOME", home.path())
        .output()
        .expect("`make tools` installs Python with a terminal");
    let [screen, complaint] = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    assert!(output.status.success(), "{complaint}\n{screen}\nwanted: {texts:?}");
    screen
}
