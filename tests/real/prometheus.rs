//! A real Prometheus scrapes the exporter, as its users have it do: nothing is lost, doubled or refused.

use std::collections::BTreeMap;
use std::time::{Instant, UNIX_EPOCH};

use crate::boinc::Boinc;
use crate::exporter::{scrape, watch};
use crate::process::PATIENCE;
use crate::support::{Prometheus, pause};

/// Scrapes that must have succeeded before anything is judged.
const SCRAPES: f64 = 3.0;

/// Holds when the newest scrape succeeded and found the client well, in all its parts. On a busy computer not each is in time.
const COMPLETE: &str = "min(up{job=\"boinc\"}) * min(boinc_up) * min(boinc_scrape_collector_success)";

/// What has failed for another reason than that there was no time.
const FAILED: &str = "sum(sum_over_time(boinc_scrape_error{reason!=\"timeout\"}[1h]))";

#[tokio::test]
async fn every_sample_is_stored_once() {
    let boinc = Boinc::start();
    let exporter = watch(&boinc);
    let config = format!(
        "global:\n  scrape_interval: 1s\n  scrape_timeout: 1s\n\
         scrape_configs:\n  - job_name: boinc\n    static_configs:\n      - targets: [\"{}\"]\n",
        exporter.address()
    );
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let mut prometheus = Prometheus::start(folder, &config, &[]);
    let time = complete(&mut prometheus).await;
    let sum = async |expression| prometheus.values(expression, Some(time)).await.into_values().sum::<f64>();
    assert_eq!(sum(FAILED).await, 0.0, "nothing fails but for want of time");

    let samples = scrape(&exporter).await.0.len();
    let samples = f64::from(u32::try_from(samples).expect("a scrape is small"));
    let reported = prometheus.values("{__name__=~\"scrape_samples_.*\",job=\"boinc\"}", Some(time)).await;
    let reported = reported.into_iter().map(|(sample, value)| (sample.name, value)).collect();
    let expected = ["scrape_samples_post_metric_relabeling", "scrape_samples_scraped"].map(|n| (n.to_owned(), samples));
    assert_eq!(BTreeMap::from(expected), reported, "samples in a scrape, before and after relabelling");
    // A series that comes twice with one value is dropped in silence; the five of Prometheus itself are not ours.
    let stored = "count({job=\"boinc\",__name__!~\"up|scrape_.*\"})";
    assert_eq!(sum(stored).await, samples, "series in the store");

    let complaints: Vec<_> = prometheus.log().iter().filter(|l| is_complaint(l)).cloned().collect();
    assert_eq!(complaints, Vec::<String>::new());
}

/// Waits for a second after which enough scrapes have succeeded, the newest of them among them.
async fn complete(prometheus: &mut Prometheus) -> u64 {
    let enough = format!("(sum_over_time(up{{job=\"boinc\"}}[1h]) >= {SCRAPES}) and on () ({COMPLETE} == 1)");
    let deadline = Instant::now() + PATIENCE;
    loop {
        // A sample is of when its scrape began: what began by then is over and stored.
        let time = UNIX_EPOCH.elapsed().expect("it is after 1970").as_secs() - 2;
        if !prometheus.values(&enough, Some(time)).await.is_empty() {
            return time;
        }
        let log = prometheus.log().join("\n");
        assert!(Instant::now() < deadline, "Prometheus does not scrape, or in vain:\n{log}");
        pause().await;
    }
}

fn is_complaint(line: &str) -> bool {
    line.contains("level=warn") || line.contains("level=error")
}
