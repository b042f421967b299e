//! An exporter that watches odd clients beside a healthy one, and what must hold of every such scene.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::{Builder, Exporter, FakeClient, PASSWORD, Sample, Samples, TIMEOUT, client_toml};

/// Recorded from a busy client: every operation has something to say.
pub const FOLDER: &str = "7.20.5_busy";

/// Each collector that is on by default, with the operation that it needs, in the order in which a client is asked.
pub const COLLECTORS: [(&str, &str); 9] = [
    ("version", "exchange_versions"),
    ("cc_status", "get_cc_status"),
    ("state", "get_state"),
    ("file_transfers", "get_file_transfers"),
    ("messages", "get_messages"),
    ("notices", "get_notices_public"),
    ("old_results", "get_old_results"),
    ("daily_transfers", "get_daily_xfer_history"),
    ("disk_usage", "get_disk_usage"),
];

/// An exporter and the clients that it watches, by name; the last is always a healthy one.
pub struct Scene {
    pub exporter: Exporter,
    pub clients: Vec<(String, FakeClient)>,
    /// What Prometheus is said to wait, if not for ever. The answer must be there before.
    timeout: Option<Duration>,
}

impl Scene {
    /// These clients and a healthy one, all with as much time as they need; `config` comes first in the file.
    pub async fn new(config: &str, clients: Vec<(String, Builder)>) -> Self {
        let mut started = Vec::new();
        let mut config = config.to_owned();
        for (name, builder) in clients.into_iter().chain([("healthy".to_owned(), FakeClient::playing(FOLDER))]) {
            let client = builder.start().await;
            config += &client_toml(&name, &client.address());
            started.push((name, client));
        }
        Self { exporter: Exporter::start(&config), clients: started, timeout: None }
    }

    /// The same where all polls end after so much time, in half of what Prometheus is said to wait.
    pub async fn within(time: Duration, clients: Vec<(String, Builder)>) -> Self {
        let (timeout, time) = (2 * time, time.as_secs_f64());
        let config = format!("[scrape]\ntimeout = \"{}\"\ntimeout_offset = \"{time}\"\n", 2.0 * time);
        Self { timeout: Some(timeout), ..Self::new(&config, clients).await }
    }

    /// Time that must be enough for so many clients, as busy as the computer is now: ten times what as many take that are
    /// healthy. Of what never ends by itself, this is the end.
    pub async fn time_for(clients: usize) -> Duration {
        /// However short that is, what else a computer does may take longer.
        const LEAST: Duration = Duration::from_secs(2);
        let healthy = (1..clients).map(|number| (number.to_string(), FakeClient::playing(FOLDER)));
        let scene = Self::new("", healthy.collect()).await;
        let page = scene.exporter.get("/metrics", &[]).await;
        assert_eq!(page.status, 200, "{}", page.body);
        (10 * page.took).max(LEAST)
    }

    /// A client of which `config` tells, and a healthy one.
    pub async fn around(name: &str, client: FakeClient, config: &str) -> Self {
        let mut scene = Self::new(config, Vec::new()).await;
        scene.clients.insert(0, (name.to_owned(), client));
        scene
    }

    /// One that misbehaves, named "odd", and a healthy one.
    pub async fn one(builder: Builder) -> Self {
        Self::new("", vec![("odd".to_owned(), builder)]).await
    }

    /// The same for one with which there is no end.
    pub async fn one_within_time(builder: Builder) -> Self {
        Self::within(Self::time_for(2).await, vec![("odd".to_owned(), builder)]).await
    }

    /// The first client.
    pub fn odd(&self) -> &FakeClient {
        &self.clients[0].1
    }

    /// One scrape: in time, with the healthy client complete.
    pub async fn scrape(&self) -> Samples {
        let timeout = self.timeout.map(|timeout| timeout.as_secs_f64().to_string());
        let headers: Vec<_> = timeout.iter().map(|timeout| (TIMEOUT, timeout.as_str())).collect();
        let page = self.exporter.get("/metrics", &headers).await;
        assert_eq!(page.status, 200, "{}", page.body);
        let in_time = self.timeout.is_none_or(|timeout| page.took < timeout);
        assert!(in_time, "the answer took {:?} of {:?}\n{}", page.took, self.timeout, self.exporter.log());
        let samples = Samples::parse(&page.body);
        self.assert_outcome(&samples, "healthy", None);
        samples
    }

    /// All collectors of a client succeeded but the one that is named, which failed for one of the reasons.
    pub fn assert_outcome(&self, samples: &Samples, client: &str, failed: Option<(&str, &[&str])>) {
        let success = |collector| f64::from(u8::from(failed.is_none_or(|(name, _)| name != collector)));
        let expected: BTreeMap<_, _> = COLLECTORS.map(|(name, _)| (name.to_owned(), success(name))).into();
        assert_eq!(successes(samples, client), expected, "collectors of {client}\n{}", self.exporter.log());
        let named = reasons(samples, client);
        match failed {
            None => {
                assert_eq!(named, BTreeSet::new(), "{client} is well");
                assert_eq!(samples.value("boinc_up", &[("client", client)]), Some(1.0), "{client}");
            }
            Some((_, reasons)) => {
                assert!(named.len() == 1 && reasons.iter().any(|r| named.contains(*r)), "{client}: {named:?}");
            }
        }
    }

    /// What is said of a client is what is said of the healthy one, less what is missing.
    pub fn assert_nothing_wrong(samples: &Samples, client: &str) {
        let healthy = samples.of_client("healthy");
        let about_the_scrape = |name: &str| name.starts_with("boinc_scrape_") || name == "boinc_up";
        for (sample, value) in samples.of_client(client).0 {
            if !about_the_scrape(&sample.name) {
                let right = healthy.0.iter().find(|(right, _)| says_the_same(&sample, right)).map(|(_, value)| *value);
                assert_eq!(
                    Some(value.to_bits()),
                    right.map(f64::to_bits),
                    "{client}: {sample:?} is {value}, not {right:?}"
                );
            }
        }
    }

    /// No client was harmed, nothing panicked, no secret was told. Gives the operations that the clients were asked.
    pub async fn end(&self) -> BTreeSet<String> {
        let mut asked = BTreeSet::new();
        for (_, client) in &self.clients {
            client.assert_was_left_in_peace().await;
            asked.extend(client.operations());
        }
        let log = self.exporter.log();
        assert!(!log.contains("panicked"), "{log}");
        assert!(!log.contains(PASSWORD), "{log}");
        asked
    }
}

/// Equal, but for what only the state tells: a project's name, for which its URL stands until then, and the platform.
fn says_the_same(sample: &Sample, right: &Sample) -> bool {
    let mut right = right.clone();
    if let Some(url) = sample.labels.get("project_url").filter(|url| sample.labels.get("project") == Some(url)) {
        right.labels.insert("project".to_owned(), url.clone());
    }
    if sample.label("platform") == Some("") {
        right.labels.insert("platform".to_owned(), String::new());
    }
    *sample == right
}

/// What `boinc_scrape_collector_success` says of each collector of a client.
pub fn successes(samples: &Samples, client: &str) -> BTreeMap<String, f64> {
    samples
        .series("boinc_scrape_collector_success", &[("client", client)])
        .map(|(sample, value)| (sample.label("collector").unwrap_or_default().to_owned(), value))
        .collect()
}

/// The reasons that `boinc_scrape_error` gives.
fn reasons(samples: &Samples, client: &str) -> BTreeSet<String> {
    samples
        .series("boinc_scrape_error", &[("client", client)])
        .filter(|(_, value)| *value > 0.0)
        .map(|(sample, _)| sample.label("reason").unwrap_or_default().to_owned())
        .collect()
}

/// The client is down, for one of these reasons, and no part of it is said to have succeeded.
pub fn assert_down(samples: &Samples, client: &str, expected: &[&str]) {
    assert_eq!(samples.value("boinc_up", &[("client", client)]), Some(0.0));
    assert!(successes(samples, client).values().all(|success| *success == 0.0), "{:?}", successes(samples, client));
    let named = reasons(samples, client);
    assert!(named.len() == 1 && expected.iter().any(|reason| named.contains(*reason)), "{named:?}");
}
