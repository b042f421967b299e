//! What panels show, in numbers: all that a selection of them shows of a simulated past, and, for some of it, what the
//! simulated clients themselves know.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use boinc_exporter::clock::Clock;
use boinc_exporter::simulation::behaviour::Reachability;
use boinc_exporter::simulation::scenario::Scenario;
use boinc_exporter::simulation::state::{Client, Project, Task};
use boinc_exporter::simulation::world::World;
use serde_json::Value;

use super::files::{json, path};
use super::heat;
use super::judges::Range;
use super::past::{DAY, END};
use super::support::{Prometheus, Sample};

/// Panels of a dashboard, by title, and which client it is of, if not of all.
pub struct Selection(pub &'static str, pub Option<&'static str>, pub &'static [&'static str]);

pub const OF_DAY: [Selection; 4] = [
    Selection(
        "fleet",
        None,
        &[
            "Clients over time",
            "CPUs",
            "GPUs",
            "Tasks running",
            "Stuck",
            "Deadlines",
            "Failed, 24 h",
            "Credit, 24 h",
            "Tasks by state",
            "Tight deadlines",
            "Daily credit by project",
            "Daily credit by client",
            "Clock skew",
        ],
    ),
    Selection(
        "client",
        Some("study"),
        &[
            "State",
            "Idle, and why",
            "CPUs",
            "GPUs",
            "Tasks",
            "Work left",
            "Trouble",
            "Late or stuck",
            "Credit",
            "Tasks and deadlines",
            "Transfers",
            "Speed",
            "Disk",
            "Task memory",
            "Fractions of time",
            "Temperature",
            "Power",
            "Credit per kilowatt-hour, 24 h",
        ],
    ),
    Selection("tasks", None, &["Running", "Waiting", "Stuck", "Deadlines", "Memory", "Not shown"]),
    Selection("exporter", None, &["Clients", "Failing requests", "Failing clients by reason", "Oldest values"]),
];

pub const OF_MONTH: [Selection; 2] = [
    Selection("fleet", None, &["Failed, 24 h", "Credit, 24 h", "Failing", "Accounts"]),
    Selection(
        "projects",
        None,
        &[
            "Credit of accounts",
            "Average a day",
            "Credit, 24 h",
            "Tasks, 24 h",
            "Failed, 24 h",
            "Projects",
            "Failing applications",
            "Exit codes",
            "Median run time by application",
            "CPU time / run time",
            "Share of work",
        ],
    ),
];

/// Without what is asked less often than there is a sample: when, is a matter of chance.
pub const OF_WEEK: [Selection; 3] = [
    Selection(
        "server",
        None,
        &["Servers", "Schedulers", "Daemons", "Work", "Tasks", "Latest transitioner", "Projects"],
    ),
    Selection("accounts", None, &["Credit", "Daily average", "Credit, 24 h", "Computers", "Accounts"]),
    Selection("batches", None, &["Batches", "Jobs", "Failed", "Done in", "Late", "Applications"]),
];

/// Panels of a dashboard, those of closed rows too.
fn panels(dashboard: &Value) -> Vec<&Value> {
    let each = dashboard["panels"].as_array().into_iter().flatten();
    each.flat_map(|panel| if panel["type"] == "row" { panels(panel) } else { vec![panel] }).collect()
}

/// What a query is called in its panel.
fn name(target: &Value) -> &str {
    let legend = target["legendFormat"].as_str().filter(|legend| !legend.is_empty());
    legend.or(target["refId"].as_str()).expect("queries have names")
}

/// A query as Grafana would send it.
fn filled(panel: &Value, target: &Value, client: Option<&str>, range: Range) -> String {
    const HOUR: &str = "1h";
    let least = panel["interval"].as_str().map_or(0, |interval| {
        assert_eq!(interval, HOUR, "this test knows no other");
        3600
    });
    let step = (range.length / 500).max(range.scrape).max(least);
    let rate = (step + range.scrape).max(4 * range.scrape);
    // A dashboard of one client asks for it by `=`.
    let query = target["expr"].as_str().expect("queries are text").replace("=\"$client\"", "=~\"$client\"");
    [("__rate_interval", rate), ("__interval", step), ("__range", range.length)]
        .map(|(name, seconds)| (name, format!("{seconds}s")))
        .into_iter()
        .chain(["job", "project", "instance"].map(|name| (name, ".+".to_owned())))
        .chain([("price", "0.30".to_owned()), ("others", "()".to_owned())])
        .chain(["client", "computer"].map(|name| (name, client.unwrap_or(".+").to_owned())))
        .fold(query, |query, (name, value)| query.replace(&format!("${name}"), &value))
}

/// What a query shows at the end of a range.
async fn values(
    prometheus: &Prometheus,
    panel: &Value,
    target: &Value,
    client: Option<&str>,
    range: Range,
) -> BTreeMap<Sample, f64> {
    prometheus.values(&filled(panel, target, client, range), Some(range.end)).await
}

/// A number with three digits that count.
fn rounded(value: f64) -> f64 {
    format!("{value:.2e}").parse().expect("a number is one")
}

/// All that panels show at the end of a range.
pub async fn shown(prometheus: &Prometheus, range: Range, selections: &[Selection]) -> String {
    let mut text = String::new();
    for Selection(dashboard, client, titles) in selections {
        writeln!(text, "=== {dashboard} {}", client.unwrap_or_default()).expect("a text takes all");
        let dashboard = json(&path(&format!("dashboards/boinc-{dashboard}.json")));
        for title in *titles {
            let wanted: Vec<_> = panels(&dashboard).into_iter().filter(|panel| panel["title"] == **title).collect();
            assert!(!wanted.is_empty(), "there is no panel {title}");
            for panel in wanted {
                writeln!(text, "{title}").expect("a text takes all");
                for target in panel["targets"].as_array().expect("panels have queries") {
                    let values = values(prometheus, panel, target, *client, range).await;
                    let nothing = if values.is_empty() { " nothing" } else { "" };
                    writeln!(text, "  {}:{nothing}", name(target)).expect("a text takes all");
                    for (sample, value) in values {
                        let labels: Vec<_> =
                            sample.labels.values().filter(|label| !label.is_empty()).cloned().collect();
                        writeln!(text, "    {} {}", rounded(value), labels.join(", ")).expect("a text takes all");
                    }
                }
            }
        }
    }
    text.lines().fold(String::new(), |text, line| text + line.trim_end() + "\n")
}

/// What a query shows, of one series if it has several, and what it must show.
struct Expected {
    dashboard: &'static str,
    client: Option<&'static str>,
    title: &'static str,
    query: &'static str,
    of: Vec<(&'static str, String)>,
    time: u64,
    value: f64,
}

/// What clients have been through on a day.
struct Day {
    world: World,
    /// Name of a client, and of its projects what they had when the day began; of those that answered throughout.
    before: BTreeMap<String, Vec<Project>>,
    /// When files last came, and when they last went, and how fast: all clients together.
    speeds: [(u64, f64); 2],
}

/// Lives through the past once more, without an exporter.
fn live() -> Day {
    let mut scenario = Scenario::named("home").expect("it comes with the exporter");
    scenario.present = Some(END as f64);
    let clock = Clock::stepped(UNIX_EPOCH + Duration::from_secs(END) - DAY.length);
    let world = World::new(&scenario, clock.clone());
    let begin = END - 86400;
    let mut day = Day { world, before: BTreeMap::new(), speeds: [(0, 0.0); 2] };
    let mut time = END - DAY.length.as_secs();
    while time < END {
        clock.step(DAY.step);
        day.world.advance();
        time += DAY.step.as_secs();
        for (direction, is_upload) in [false, true].into_iter().enumerate() {
            let speed = day.sum(|client, _| speed(client, is_upload));
            if speed > 0.0 {
                day.speeds[direction] = (time, speed);
            }
        }
        for member in day.world.members() {
            if time == begin {
                day.before.insert(member.name.clone(), member.look(|client, _| client.projects.clone()));
            }
            if time >= begin && member.reachability() != Reachability::Answers {
                day.before.remove(&member.name);
            }
        }
    }
    day
}

/// Bytes a second in one direction.
fn speed(client: &Client, is_upload: bool) -> f64 {
    let active = client.transfers.iter().filter(|transfer| transfer.active && transfer.is_upload == is_upload);
    active.map(|transfer| transfer.speed).sum()
}

impl Day {
    /// The sum over all clients that answer in the end.
    fn sum(&self, of: impl Fn(&Client, f64) -> f64) -> f64 {
        let up = self.world.members().iter().filter(|member| member.reachability() == Reachability::Answers);
        up.map(|member| member.look(|client, now| of(client, now))).sum()
    }

    fn tasks(&self, is: impl Fn(&Task, f64) -> bool) -> f64 {
        self.sum(|client, now| {
            let tasks = client.projects.iter().flat_map(|project| &project.tasks);
            tasks.filter(|task| is(task, now)).count() as f64
        })
    }

    /// Of a client that answered all day: what all its projects have gained.
    fn gained(&self, client: &str, of: impl Fn(&Project) -> f64) -> f64 {
        let member = self.world.members().iter().find(|member| member.name == client).expect("there is such a client");
        let sum = |projects: &[Project]| projects.iter().map(&of).sum::<f64>();
        member.look(|client, _| sum(&client.projects)) - sum(&self.before[client])
    }
}

/// CPUs that a client's user lets BOINC use.
fn usable_cpus(client: &Client) -> f64 {
    (f64::from(client.host.ncpus) * client.preferences.max_ncpus_pct / 100.0).floor().max(1.0)
}

/// CPUs that its tasks use.
fn busy_cpus(client: &Client) -> f64 {
    let tasks = client.projects.iter().flat_map(|project| project.tasks.iter().map(move |task| (project, task)));
    let busy: f64 = tasks
        .filter(|(_, task)| task.is_running())
        .map(|(project, task)| project.server.apps[task.app].avg_ncpus)
        .sum();
    busy.min(usable_cpus(client))
}

fn expected(day: &Day) -> Vec<Expected> {
    let of_all = |dashboard, title, query, value| Expected {
        dashboard,
        client: None,
        title,
        query,
        of: vec![],
        time: END,
        value,
    };
    let up = day.world.members().iter().filter(|member| member.reachability() == Reachability::Answers).count();
    let running = day.tasks(|task, _| task.is_running());
    let waiting = day.tasks(|task, _| task.state == 2) - running;
    let missed = day.tasks(|task, now| !task.ready_to_report && task.deadline < now);
    let (usable, busy) = (day.sum(|client, _| usable_cpus(client)), day.sum(|client, _| busy_cpus(client)));
    let active = |client: &Client| -> f64 {
        let tasks = client.projects.iter().flat_map(|project| &project.tasks);
        tasks.filter_map(|task| task.active.as_ref()).map(|active| active.working_set).sum()
    };
    let mut all = vec![
        of_all("fleet", "Clients", "Up", up as f64),
        of_all("fleet", "Clients", "Down", (day.world.members().len() - up) as f64),
        of_all("exporter", "Clients", "Up", up as f64),
        of_all("fleet", "CPUs", "Busy", busy),
        of_all("fleet", "CPUs", "Idle", usable - busy),
        of_all("fleet", "Tasks running", "Running", running),
        of_all("tasks", "Running", "A", running),
        of_all("tasks", "Waiting", "A", waiting),
        of_all("tasks", "Deadlines", "Missed", missed),
        of_all("tasks", "Memory", "A", day.sum(|client, _| active(client))),
    ];
    for (direction, (time, speed)) in ["download", "upload"].into_iter().zip(day.speeds) {
        let of = vec![("direction", direction.to_owned())];
        all.push(Expected { of, time, ..of_all("client", "Speed", "{{direction}}", speed) });
    }
    for client in day.before.keys() {
        let of = vec![("client", client.clone())];
        let of_client = |title, query, value| Expected { of: of.clone(), ..of_all("fleet", title, query, value) };
        let credit = day.gained(client, |project| project.host.total);
        let failed = day.gained(client, |project| f64::from(project.njobs_error));
        let ended = day.gained(client, |project| f64::from(project.njobs_error + project.njobs_success));
        all.push(of_client("Daily credit by client", "{{client}}", credit));
        all.push(of_client("Clients", "M", failed / ended));
        all.push(of_client("Clients", "O", credit));
    }
    let study = |title, query, value| Expected { client: Some("study"), ..of_all("client", title, query, value) };
    let member = day.world.members().iter().find(|member| member.name == "study").expect("there is such a client");
    member.look(|client, _| {
        for project in &client.projects {
            let of = vec![("project", project.server.name.clone())];
            all.push(Expected { of, ..study("Disk", "{{project}}", project.disk_usage) });
        }
        all.push(study("Fractions of time", "client runs", client.time.on_frac));
    });
    let of = vec![("chip_name", "k10temp".to_owned())];
    all.push(Expected { of, ..study("Temperature", "{{chip_name}}", heat::at_the_end("k10temp")) });
    all
}

/// Holds panels against the simulated clients.
///
/// # Panics
/// With all that is shown wrong.
pub async fn assert_known(prometheus: &Arc<Prometheus>, range: Range) {
    let mut wrong = Vec::new();
    let all = expected(&live());
    let telling = all.iter().filter(|expected| expected.value != 0.0).count();
    assert!(telling > 30, "only so much is known that is not zero: {telling}");
    for Expected { dashboard, client, title, query, of, time, value } in all {
        let what = format!("{dashboard} / {title} / {query} {of:?}");
        let file = json(&path(&format!("dashboards/boinc-{dashboard}.json")));
        let panels = panels(&file).into_iter().filter(|panel| panel["title"] == title);
        let targets =
            panels.flat_map(|panel| panel["targets"].as_array().into_iter().flatten().map(move |t| (panel, t)));
        let mut targets = targets.filter(|(_, target)| name(target) == query || target["refId"] == query);
        let (panel, target) = targets.next().unwrap_or_else(|| panic!("there is no query {what}"));
        let values = values(prometheus, panel, target, client, Range { end: time, ..range }).await;
        let is_it = |sample: &Sample| of.iter().all(|(label, value)| sample.label(label) == Some(value));
        let shown: Vec<_> = values.into_iter().filter(|(sample, _)| is_it(sample)).map(|(_, value)| value).collect();
        // What goes through the text of replies has six decimals.
        let right = shown.len() == 1 && (shown[0] - value).abs() <= 1e-6 * value.abs().max(1.0);
        if !right {
            wrong.push(format!("{what} shows {shown:?}, not {value}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
