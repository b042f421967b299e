//! `boinc_exporter demo` as a process of its own: what it says is true, what it shows is whole, and it stops when told to.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::Instant;

use serde_json::Value;

use crate::process::free_port;
use crate::support::Samples;

const BINARY: &str = env!("CARGO_BIN_EXE_boinc_exporter");

/// The first answer may take so many times as long as the second, which is of clients that are known.
const AT_ONCE: u32 = 10;

/// One series of each optional collector.
const OPTIONAL: [&str; 5] = [
    "boinc_task_fraction_done_ratio",
    "boinc_transfer_size_bytes",
    "boinc_app_version_cpus",
    "boinc_network_day_bytes",
    "boinc_project_account_info",
];

/// A running demo. Killed when dropped.
struct Demo {
    child: Child,
    /// What it says when it starts.
    welcome: String,
}

impl Demo {
    /// Listens where it finds room.
    fn start(flags: &[&str]) -> Self {
        let mut child = Command::new(BINARY)
            .args(["demo", "--web.listen-address", "127.0.0.1:0"])
            .args(flags)
            .env_clear()
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the built binary starts");
        let mut stdout = BufReader::new(child.stdout.take().expect("stdout is piped"));
        let mut welcome = String::new();
        while !welcome.ends_with("Press Ctrl-C to stop.\n") {
            let length = stdout.read_line(&mut welcome).expect("it is text");
            assert!(length > 0, "it ended: {welcome}");
        }
        Self { child, welcome }
    }

    /// The first word of the line that has this text.
    fn said(&self, text: &str) -> &str {
        let line = self.welcome.lines().find(|line| line.contains(text));
        line.unwrap_or_else(|| panic!("no `{text}` in\n{}", self.welcome)).split_whitespace().next().unwrap_or_default()
    }

    async fn metrics(&self) -> String {
        get(self.said("for the metrics")).await
    }

    /// Tells it to stop; how it ended, and what it wrote to stderr.
    fn stop(mut self) -> (Option<i32>, String) {
        let told = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        assert!(told.is_ok_and(|status| status.success()));
        let status = self.child.wait().expect("it is a child of this process");
        let stderr = self.child.stderr.take().expect("stderr is piped");
        (status.code(), std::io::read_to_string(stderr).expect("it is text"))
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        // It may have ended already; either way it is reaped.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

async fn get(url: &str) -> String {
    let answer = crate::support::http_client()
        .get(url)
        .send()
        .await
        .unwrap_or_else(|error| panic!("no answer from {url}: {error}"));
    assert_eq!(answer.status(), 200, "{url}");
    answer.text().await.expect("the answer is whole")
}

/// Runs it to its end.
fn ended(flags: &[&str]) -> (Option<i32>, String) {
    let Output { status, stdout, stderr } = Command::new(BINARY).arg("demo").args(flags).output().expect("it starts");
    assert_eq!(String::from_utf8_lossy(&stdout), "");
    (status.code(), String::from_utf8_lossy(&stderr).into_owned())
}

/// Name and address of each client.
async fn targets(demo: &Demo) -> BTreeMap<String, String> {
    let page: Value = serde_json::from_str(&get(&format!("{}sd", demo.said("for an overview"))).await).expect("JSON");
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let entry = |entry: &Value| (text(&entry["targets"][0]), text(&entry["labels"]["__meta_boinc_address"]));
    page.as_array().expect("a list").iter().map(entry).collect()
}

#[tokio::test]
async fn all_is_there_at_once() {
    let demo = Demo::start(&[]);
    let asked = Instant::now();
    let text = demo.metrics().await;
    let answered = Instant::now();
    demo.metrics().await;
    let [first, second] = [answered - asked, answered.elapsed()];
    println!("{first:?} {second:?}");
    assert!(first < AT_ONCE * second, "the first answer takes {first:?}, the second {second:?}");
    let (samples, targets) = (Samples::parse(&text), targets(&demo).await);
    assert_eq!(targets.len(), 12, "a dozen");
    let overview = get(demo.said("for an overview")).await;
    let mut up = 0;
    for (name, address) in &targets {
        // Some of the fleet are off at times. Nothing listens for them, as nothing does for real ones.
        let listens = TcpStream::connect(address).is_ok();
        assert_eq!(samples.value("boinc_up", &[("client", name)]), Some(f64::from(u8::from(listens))), "{name}");
        assert!(overview.contains(&format!("<th scope=\"row\">{name}</th>")), "{name} is not on the overview");
        up += usize::from(listens);
    }
    assert!(up >= 8, "only {up} of them are up");
    for metric in OPTIONAL {
        assert!(samples.series(metric, &[]).next().is_some(), "nothing of {metric}");
    }
    let folder = tempfile::tempdir().expect("a temporary directory");
    let metrics = folder.path().join("metrics");
    fs::write(&metrics, text).expect("the directory can be written");
    promtool(&["check", "metrics"], Stdio::from(fs::File::open(&metrics).expect("it was written")));
    let (status, log) = demo.stop();
    assert_eq!(status, Some(0), "{log}");
    let last = log.lines().last().unwrap_or_default();
    assert!(last.contains("message=\"stopped boinc_exporter\""), "{log}");
}

#[tokio::test]
async fn what_it_says_works() {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let scenario = one_client(folder.path());
    let demo = Demo::start(&["--scenario", &scenario, "--web.telemetry-path", "/boinc"]);
    let page = demo.said("for an overview").trim_end_matches('/');
    let place = page.strip_prefix("http://").expect("a URL");
    let command = demo.welcome.lines().find(|line| line.contains("boinccmd")).expect("a command").trim();
    let address = &targets(&demo).await["solo"];
    let status = demo.said("server_status.php");
    let series = demo.welcome.lines().find(|line| line.starts_with("The clients have ")).expect("how many series");
    let series: usize = series.split(' ').find_map(|word| word.parse().ok()).expect("a number");
    let text = get(&format!("{page}/boinc")).await;
    assert_eq!(text.lines().filter(|line| !line.starts_with('#') && line.contains("client=\"solo\"")).count(), series);
    let server = status.strip_suffix("server_status.php?xml=1").expect("a page of the server");
    assert_eq!(
        demo.welcome,
        format!(
            "Running an exporter and 1 simulated BOINC client ({scenario}).\n\
             The clients have {series} series, because all collectors are on, also those that are off by default:\n\
             `details`, `tasks`, `transfers`, `app_versions`, `history` and `names`.\n\n\
             Open\n  {page}/  for an overview\n  {page}/boinc  for the metrics\n\n\
             Query solo directly\n  boinccmd --host {address} --get_state\n\n\
             Ask the server of P directly\n  {status}\n  boinc_exporter login {server}  with u@example.org and the password \
             simulated\n\n\
             Scrape it with Prometheus, in prometheus.yml\n  scrape_configs:\n    - job_name: boinc\n      \
             metrics_path: /boinc\n      static_configs:\n        - targets: [\"{place}\"]\n\n\
             Press Ctrl-C to stop.\n"
        )
    );
    let answer = Command::new("sh").args(["-c", command]).current_dir(folder.path()).output().expect("sh is there");
    assert!(answer.status.success() && String::from_utf8_lossy(&answer.stdout).contains("======== Projects ========"));

    assert!(get(status).await.contains("<server_status>"));
    let account = log_in(server, "u@example.org\nsimulated\n");
    assert!(
        account.contains("# P: account ") && account.contains(&format!("[[projects]]\nurl = \"{server}\"")),
        "{account}"
    );

    let lines = demo.welcome.lines().skip_while(|line| !line.contains("scrape_configs:"));
    let config: Vec<_> = lines.map_while(|line| line.strip_prefix("  ")).collect();
    let prometheus = folder.path().join("prometheus.yml");
    fs::write(&prometheus, config.join("\n")).expect("the directory can be written");
    promtool(&["check", "config", &prometheus.to_string_lossy()], Stdio::null());
}

/// What `login` prints for somebody who writes these lines.
fn log_in(server: &str, lines: &str) -> String {
    let mut child = Command::new(BINARY)
        .args(["login", server])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the built binary starts");
    child.stdin.take().expect("it is piped").write_all(lines.as_bytes()).expect("it reads");
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success());
    String::from_utf8(output.stdout).expect("UTF-8")
}

fn promtool(arguments: &[&str], input: Stdio) {
    let output = Command::new("promtool").args(arguments).stdin(input).output().expect("`make tools` installs it");
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && complaint.is_empty(), "{arguments:?}: {complaint}");
}

#[tokio::test]
async fn a_reload_leaves_the_simulated_clients() {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let demo = Demo::start(&["--web.enable-lifecycle", "--scenario", &one_client(folder.path())]);
    let before = targets(&demo).await;
    let reload = format!("{}-/reload", demo.said("for an overview"));
    let answer = crate::support::http_client().post(reload).send().await.expect("an answer");
    assert_eq!(answer.status(), 200);
    assert_eq!(targets(&demo).await, before);
}

/// A file that describes the client `solo`, which has not lived for long.
fn one_client(folder: &Path) -> String {
    let file = folder.join("one.toml");
    let text = "warm_up = \"1h\"\n\
                [[projects]]\nname = \"P\"\nurl = \"https://p.example/\"\nuser = \"u\"\n\
                apps = [{ name = \"x\", title = \"X\", takes = \"1h\", deadline = \"1d\", credit = 1 }]\n\
                [[hosts]]\nname = \"solo\"\ncpus = 1\nprojects = [{ project = \"P\" }]\n";
    fs::write(&file, text).expect("the directory can be written");
    file.to_string_lossy().into_owned()
}

#[tokio::test]
async fn a_fleet_of_ones_own_lives_as_fast_as_one_likes() {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let scenario = one_client(folder.path());
    let port = free_port().to_string();
    let demo = Demo::start(&["--scenario", &scenario, "--speed", "1000", "--clients-port", &port]);
    assert_eq!(targets(&demo).await, BTreeMap::from([("solo".to_owned(), format!("127.0.0.1:{port}"))]));

    let clock = |text: &str| Samples::parse(text).value("boinc_client_clock_timestamp_seconds", &[("client", "solo")]);
    let begun = Instant::now();
    let first = clock(&demo.metrics().await).expect("it is up");
    let between = Instant::now();
    get(demo.said("for an overview")).await;
    let (least, second) = (between.elapsed(), clock(&demo.metrics().await).expect("it is up"));
    let passed = (second - first) / 1000.0;
    assert!(least.as_secs_f64() <= passed && passed <= begun.elapsed().as_secs_f64(), "{passed} s, at least {least:?}");
}

#[test]
fn what_is_wrong_is_said() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port exists");
    let address = taken.local_addr().expect("a bound socket has an address");
    let error = |text: &str| (Some(1), format!("boinc_exporter: {text}\n"));
    let folder = tempfile::tempdir().expect("a temporary directory");
    let scenario = one_client(folder.path());
    assert_eq!(
        ended(&["--scenario", &scenario, "--web.listen-address", &address.to_string()]),
        error(&format!(
            "cannot listen on {address}: address already in use; is another exporter running? choose another address with \
             --web.listen-address"
        ))
    );
    assert_eq!(
        ended(&["--scenario", &scenario, "--clients-port", &address.port().to_string()]),
        error(&format!(
            "simulated client `solo` cannot listen on {address}: address already in use; choose other ports with \
             --clients-port"
        ))
    );
    assert_eq!(
        ended(&["--scenario", "hom"]),
        error("`hom` is neither a built-in scenario (home, faults, servers, lab, crowd) nor a file")
    );
    let file = folder.path().join("config.toml");
    fs::write(&file, "[[clients]]\naddress = \"192.0.2.1\"\n").expect("the directory can be written");
    assert_eq!(
        ended(&["--config.file", &file.to_string_lossy()]),
        error("the configuration has [[clients]], but `demo` shows only simulated clients; remove them")
    );
    assert_eq!(
        ended(&["--config.check"]),
        error("--config.check cannot be used with `demo`, which generates its own configuration")
    );
    for speed in ["0", "-1", "nan", "inf", "100000"] {
        let (status, complaint) = ended(&[&format!("--speed={speed}")]);
        assert_eq!(status, Some(2));
        let sentence = format!("'{speed}' for '--speed <X>': must be a number from 0.001 to 86400");
        assert!(complaint.contains(&sentence), "{complaint}");
    }
}
