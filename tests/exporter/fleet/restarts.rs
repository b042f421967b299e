//! Counters, while clients and exporters crash and start again: what the exporter promises of each of them.

use std::collections::BTreeMap;

use tokio::time::timeout;

use crate::support::process::PATIENCE;
use crate::support::{Exporter, FOLDER, FakeClient, Recording, Sample, Samples, client_toml};

const PROJECT: &str = "http://127.0.0.1:18080/alpha/";

/// What a client says at one moment.
#[derive(Clone, Copy)]
struct Moment {
    /// When its process started, in seconds after the first.
    start: u32,
    /// Numbers of its oldest and of its newest message.
    messages: (usize, usize),
    /// Tasks that it reported and remembers: name and exit status.
    reported: &'static [(&'static str, i32)],
    /// Lifetime totals of the project: tasks, elapsed time, requests to the scheduler.
    lifetime: [f64; 3],
}

impl Moment {
    /// The replies of that moment. The messages repeat those that were recorded.
    fn record(&self, recording: &Recording, recorded: &[String]) {
        recording.set_all("get_state", "client_start_time", &format!("{}.25", 1_795_323_064 + self.start));
        for (element, total) in ["njobs_success", "elapsed_time", "rpc_seqno"].into_iter().zip(self.lifetime) {
            recording.set_all("get_state", element, &total.to_string());
        }
        let (oldest, newest) = self.messages;
        let message = |number: usize| {
            let message = &recorded[(number - 1) % recorded.len()];
            let (before, rest) = message.split_once("<seqno>").expect("a message has a number");
            let (_, after) = rest.split_once("</seqno>").expect("a leaf ends");
            format!("{before}<seqno>{number}</seqno>{after}")
        };
        let messages: String = (oldest..=newest).map(message).collect();
        recording.set("get_messages", &reply(&format!("<msgs>\n{messages}</msgs>\n")));
        recording.set("get_message_count", &reply(&format!("<seqno>{newest}</seqno>\n")));
        let results: String = self.reported.iter().map(|(name, status)| old_result(name, *status)).collect();
        recording.set("get_old_results", &reply(&format!("<old_results>\n{results}</old_results>\n")));
    }
}

fn reply(body: &str) -> String {
    format!("<boinc_gui_rpc_reply>\n{body}</boinc_gui_rpc_reply>\n")
}

fn old_result(name: &str, exit_status: i32) -> String {
    format!(
        "    <old_result>\n         <project_url>{PROJECT}</project_url>\n         <result_name>{name}</result_name>\n         \
         <app_name>worker</app_name>\n         <exit_status>{exit_status}</exit_status>\n         \
         <elapsed_time>8.000000</elapsed_time>\n         <cpu_time>4.000000</cpu_time>\n         \
         <completed_time>1795323069.790854</completed_time>\n         <create_time>1795323154.567068</create_time>\n    \
         </old_result>\n"
    )
}

/// A client whose moments a test decides.
struct Life {
    recording: Recording,
    recorded: Vec<String>,
    client: FakeClient,
}

impl Life {
    async fn begin() -> Self {
        let recording = Recording::of(FOLDER);
        let log = recording.get("get_messages");
        let messages = log.split_inclusive("</msg>\n").filter(|piece| piece.contains("<seqno>"));
        let messages = messages.map(|piece| piece[piece.find("<msg>").expect("a message begins")..].to_owned());
        let client = FakeClient::playing(recording.folder()).start().await;
        Self { recorded: messages.collect(), recording, client }
    }

    fn exporter(&self) -> Exporter {
        Exporter::start(&(client_toml("attic", &self.client.address()) + "collectors = [\"default\", \"details\"]\n"))
    }

    async fn scrape(&self, exporter: &Exporter, moment: Moment) -> Samples {
        moment.record(&self.recording, &self.recorded);
        let page = exporter.get("/metrics", &[]).await;
        let samples = Samples::parse(&page.body);
        assert_eq!(samples.value("boinc_up", &[("client", "attic")]), Some(1.0), "{}", exporter.log());
        samples
    }

    /// How many messages of each kind there are up to a number.
    fn written(&self, newest: usize) -> BTreeMap<(String, String), f64> {
        let mut written = BTreeMap::new();
        for number in 0..newest {
            let message = &self.recorded[number % self.recorded.len()];
            let text = |element: &str| {
                let rest = message.split_once(&format!("<{element}>"))?.1;
                Some(rest.split_once("</")?.0.to_owned())
            };
            let priority = match text("pri").as_deref() {
                Some("1") => "info",
                Some("2") => "user_alert",
                Some("3") => "internal_error",
                other => panic!("a recorded message has priority {other:?}"),
            };
            *written.entry((text("project").unwrap_or_default(), priority.to_owned())).or_default() += 1.0;
        }
        written
    }
}

/// The event log as it is counted, by project and priority.
fn messages(samples: &Samples) -> BTreeMap<(String, String), f64> {
    let label = |sample: &Sample, name: &str| sample.label(name).unwrap_or_default().to_owned();
    let series = samples.series("boinc_project_messages_total", &[]);
    series.map(|(sample, count)| ((label(sample, "project"), label(sample, "priority")), count)).collect()
}

/// What Prometheus's `increase` says over these scrapes, but for its extrapolation: a value below the one before it is a
/// counter that began again at zero.
fn increase(values: &[f64]) -> f64 {
    values.windows(2).map(|pair| if pair[1] < pair[0] { pair[1] } else { pair[1] - pair[0] }).sum()
}

/// The sum of the series with this name and these labels.
fn sum(samples: &Samples, name: &str, labels: &[(&str, &str)]) -> f64 {
    samples.series(name, labels).map(|(_, value)| value).sum()
}

/// Scrapes at a moment until the exporter shows this of messages and reports: what is new is shown as 0 first, until each reader has
/// seen that. Returns all scrapes.
async fn scrapes_until(
    life: &Life,
    exporter: &Exporter,
    moment: Moment,
    expected: &BTreeMap<(String, String), f64>,
    counted: [f64; 4],
) -> Vec<Samples> {
    let mut scrapes = Vec::new();
    loop {
        let samples = life.scrape(exporter, moment).await;
        let (now, reports) = (messages(&samples), reported(&samples));
        let is_right = |kind: &(String, String), count: f64| count == 0.0 || expected.get(kind) == Some(&count);
        assert!(now.iter().all(|(kind, count)| is_right(kind, *count)), "{now:?}, not {expected:?}");
        scrapes.push(samples);
        if (&now, reports) == (expected, counted) {
            return scrapes;
        }
    }
}

/// The lifetime totals of the project.
fn lifetime(samples: &Samples) -> [f64; 3] {
    let project = ("project_url", PROJECT);
    [
        sum(samples, "boinc_project_jobs_total", &[project, ("outcome", "success")]),
        sum(samples, "boinc_project_elapsed_seconds_total", &[project]),
        sum(samples, "boinc_project_scheduler_rpcs_total", &[project]),
    ]
}

/// Tasks that were reported: successes, errors, aborted ones, and the seconds that they ran.
fn reported(samples: &Samples) -> [f64; 4] {
    let of = |outcome| sum(samples, "boinc_tasks_reported_total", &[("outcome", outcome)]);
    [of("success"), of("error"), of("aborted"), sum(samples, "boinc_tasks_reported_elapsed_seconds_total", &[])]
}

const THREE: &[(&str, i32)] = &[("a", 0), ("b", 0), ("c", 42)];

/// A client that is killed twice. After the second time it has written more messages than before when it is asked, so that
/// only its start time tells.
const LIFE: [Moment; 5] = [
    Moment { start: 0, messages: (1, 20), reported: &[("a", 0)], lifetime: [3873.0, 43_580_429.5, 655.0] },
    Moment { start: 0, messages: (1, 40), reported: THREE, lifetime: [3875.0, 43_580_500.5, 657.0] },
    Moment { start: 900, messages: (1, 10), reported: &[], lifetime: [3874.0, 43_580_440.25, 656.0] },
    Moment { start: 900, messages: (1, 50), reported: &[("d", 203)], lifetime: [3877.0, 43_580_600.5, 658.0] },
    Moment { start: 1800, messages: (1, 60), reported: &[("e", 0)], lifetime: [3876.0, 43_580_580.5, 658.0] },
];

#[tokio::test]
async fn a_client_that_crashes_takes_nothing_from_its_counters_and_is_counted_once() {
    let life = Life::begin().await;
    let exporter = life.exporter();
    let three = [1.0, 1.0, 0.0, 16.0];
    let counted = [[0.0; 4], three, three, [1.0, 1.0, 1.0, 24.0], [2.0, 1.0, 1.0, 32.0]];
    let (first, crashed, last) = (LIFE[0].lifetime, LIFE[1].lifetime, LIFE[3].lifetime);
    let as_high_as_ever = [first, crashed, crashed, last, last];
    let (mut scrapes, mut known) = (Vec::new(), BTreeMap::new());
    for ((moment, counted), totals) in LIFE.into_iter().zip(counted).zip(as_high_as_ever) {
        // What this process of the client wrote.
        let written = life.written(moment.messages.1);
        known.extend(written.keys().map(|kind| (kind.clone(), 0.0)));
        let expected: BTreeMap<_, _> = known.clone().into_iter().chain(written).collect();
        let seen = scrapes_until(&life, &exporter, moment, &expected, counted);
        let seen = timeout(PATIENCE, seen).await.expect("all is shown after some scrapes");
        for samples in seen {
            assert_eq!(lifetime(&samples), totals);
            assert_eq!(sum(&samples, "boinc_messages_lost_total", &[]), 0.0);
            scrapes.push(samples);
        }
    }
    // The messages between the first scrape and the last, in all three processes.
    for (kind, at_first) in life.written(20) {
        let values: Vec<_> =
            scrapes.iter().map(|samples| messages(samples).get(&kind).copied().unwrap_or(0.0)).collect();
        let written: f64 =
            [40, 50, 60].iter().map(|newest| life.written(*newest).get(&kind).copied().unwrap_or(0.0)).sum();
        let counted = increase(&values);
        assert!(
            counted <= written - at_first,
            "{kind:?}: {values:?} make {counted}, written were {written} - {at_first}"
        );
    }
    life.client.assert_was_left_in_peace().await;
}

#[tokio::test]
async fn an_exporter_that_restarts_goes_on_where_the_client_knows_more() {
    let life = Life::begin().await;
    let [_, moment, ..] = LIFE;
    let exporter = life.exporter();
    life.scrape(&exporter, LIFE[0]).await;
    let seen = scrapes_until(&life, &exporter, moment, &life.written(40), [1.0, 1.0, 0.0, 16.0]).await;
    let before = seen.last().expect("there was one");
    drop(exporter);

    // The client tells its totals and its whole log again; what it had reported before is not counted again.
    let exporter = life.exporter();
    let after = life.scrape(&exporter, moment).await;
    assert_eq!(lifetime(&after), lifetime(before));
    assert_eq!(messages(&after), messages(before));
    assert_eq!(reported(&after), [0.0; 4]);
    let more: &[_] = &[("a", 0), ("b", 0), ("c", 42), ("d", 0)];
    let more = Moment { reported: more, ..moment };
    scrapes_until(&life, &exporter, more, &life.written(40), [1.0, 0.0, 0.0, 8.0]).await;
    drop(exporter);

    // A log that has lost its beginning was counted before, by an exporter that is gone.
    let exporter = life.exporter();
    let after = life.scrape(&exporter, Moment { messages: (3001, 5000), ..moment }).await;
    assert_eq!(messages(&after).values().sum::<f64>(), 0.0);
    assert_eq!(sum(&after, "boinc_messages_lost_total", &[]), 0.0);
    let after = life.scrape(&exporter, Moment { messages: (3004, 5003), ..moment }).await;
    assert_eq!(messages(&after).values().sum::<f64>(), 3.0);
    assert_eq!(sum(&after, "boinc_messages_lost_total", &[]), 0.0);
    life.client.assert_was_left_in_peace().await;
}

#[tokio::test]
async fn a_list_that_does_not_come_counts_nothing_again() {
    let life = Life::begin().await;
    let exporter = life.exporter();
    let [first, moment, ..] = LIFE;
    life.scrape(&exporter, first).await;
    let seen = scrapes_until(&life, &exporter, moment, &life.written(40), [1.0, 1.0, 0.0, 16.0]).await;
    let before = seen.last().expect("there was one");
    // `scrape` would set the list again.
    life.recording.set("get_old_results", &reply("<error>unrecognized op: get_old_results</error>\n"));
    for _ in 0..2 {
        let without = Samples::parse(&exporter.get("/metrics", &[]).await.body);
        assert_eq!(sum(&without, "boinc_collector_success", &[("collector", "old_results")]), 0.0);
        let of = |samples: &Samples| -> Vec<_> {
            let series = samples.series("boinc_tasks_reported_total", &[]);
            series.map(|(sample, count)| (sample.clone(), count)).collect()
        };
        assert_eq!(of(&without), of(before));
    }
    assert_eq!(reported(&life.scrape(&exporter, moment).await), reported(before));
}
