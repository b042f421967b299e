//! What one client sends costs no more than itself, in memory, in series and in processor time, and what all send together
//! is bounded too. Over real sockets, beside a healthy client that must be complete.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::support::{Builder, FOLDER, FakeClient, Fault, Samples, Scene};

/// A client that answers so to one operation.
fn odd(operation: &'static str, body: String) -> Builder {
    FakeClient::playing(FOLDER).fault(operation, Fault::Body(body))
}

fn named(name: &str, builder: Builder) -> (String, Builder) {
    (name.to_owned(), builder)
}

/// How many rows of a collector are said to be left out.
fn left_out(samples: &Samples, client: &str, collector: &str) -> Option<f64> {
    samples.value("boinc_scrape_dropped_series", &[("client", client), ("collector", collector)])
}

/// Rows that are nothing but tags, a mebibyte of each.
#[tokio::test]
async fn empty_rows_take_little_memory() {
    const LENGTH: usize = 1 << 20;
    let rows = |before: &str, row: &str, after: &str| [before, &row.repeat(LENGTH / row.len()), after].concat();
    let project = "<client_state>\n<project>\n<master_url>u</master_url>\n</project>\n";
    let state = [
        (
            "coproc",
            rows(
                "<client_state>\n<host_info>\n<coprocs>\n",
                "<coproc/>",
                "</coprocs>\n</host_info>\n</client_state>\n",
            ),
        ),
        ("project", rows("<client_state>\n", "<project/>", "</client_state>\n")),
        ("result", rows(project, "<result/>", "</client_state>\n")),
        ("active_task", rows(project, "<result><active_task/></result>", "</client_state>\n")),
    ];
    let others = [
        ("get_messages", rows("<msgs>\n", "<msg/>", "</msgs>\n")),
        ("get_file_transfers", rows("<file_transfers>\n", "<file_transfer/>", "</file_transfers>\n")),
        ("get_old_results", rows("<old_results>\n", "<old_result/>", "</old_results>\n")),
    ];
    let mut clients: Vec<_> = state.map(|(row, body)| named(row, odd("get_state", body))).into();
    clients.extend(others.map(|(operation, body)| named(operation, odd(operation, body))));
    let scene = Scene::new("[scrape]\nconcurrency = 1\n", clients).await;
    let samples = scene.scrape().await;
    let peak = scene.exporter.peak_memory();
    assert!(peak < 64 << 20, "the exporter used {peak} bytes");
    for (client, collector) in
        [("coproc", "state"), ("project", "state"), ("result", "state"), ("get_old_results", "old_results")]
    {
        assert!(left_out(&samples, client, collector) > Some(10_000.0), "{client}");
    }
    scene.end().await;
}

/// A thousand names in each list in which a client can name what it likes.
#[tokio::test]
async fn names_without_end_are_no_series_without_end() {
    const NAMES: usize = 1000;
    let list = |before: &str, row: &dyn Fn(usize) -> String, after: &str| {
        let rows = (0..NAMES).fold(String::new(), |mut rows, name| {
            let _ = writeln!(rows, "{}", row(name));
            rows
        });
        [before, &rows, after].concat()
    };
    let bodies = [
        (
            "get_file_transfers",
            list(
                "<file_transfers>\n",
                &|n| format!("<file_transfer>\n<project_url>{n}</project_url>\n</file_transfer>"),
                "</file_transfers>\n",
            ),
        ),
        (
            "get_state",
            list(
                "<client_state>\n<host_info>\n<p_ncpus>4</p_ncpus>\n<coprocs>\n",
                &|n| format!("<coproc>\n<type>g{n}</type>\n<count>1</count>\n</coproc>"),
                "</coprocs>\n</host_info>\n</client_state>\n",
            ),
        ),
        (
            "get_old_results",
            list(
                "<old_results>\n",
                &|n| {
                    format!(
                        "<old_result>\n<project_url>{n}</project_url>\n<result_name>t{n}</result_name>\n<create_time>4000000000</create_time>\n</old_result>"
                    )
                },
                "</old_results>\n",
            ),
        ),
        (
            "get_statistics",
            list(
                "<statistics>\n",
                &|n| {
                    format!(
                        "<project_statistics>\n<master_url>{n}</master_url>\n<daily_statistics>\n<day>1700000000</day>\n</daily_statistics>\n</project_statistics>"
                    )
                },
                "</statistics>\n",
            ),
        ),
        (
            "get_disk_usage",
            list(
                "<disk_usage_summary>\n",
                &|n| format!("<project>\n<master_url>{n}</master_url>\n<disk_usage>5</disk_usage>\n</project>"),
                "</disk_usage_summary>\n",
            ),
        ),
        (
            "get_messages",
            list(
                "<msgs>\n",
                &|n| {
                    format!("<msg>\n<project>{n}</project>\n<pri>{n}</pri>\n<seqno>{n}</seqno>\n<time>5</time>\n</msg>")
                },
                "</msgs>\n",
            ),
        ),
        (
            "get_notices_public",
            list(
                "<notices>\n",
                &|n| {
                    format!(
                        "<notice>\n<category>{n}</category>\n<project_name>{n}</project_name>\n<seqno>{n}</seqno>\n</notice>"
                    )
                },
                "</notices>\n",
            ),
        ),
    ];
    let scene = Scene::new("", bodies.map(|(operation, body)| named(operation, odd(operation, body))).into()).await;
    let samples = scene.scrape().await;
    let healthy = samples.of_client("healthy").0.len();
    for (operation, _) in &scene.clients {
        let series = samples.of_client(operation).0.len();
        // Applications with reports have most: 200 of them with 20 series each.
        assert!(series < healthy + 200 * 20, "{operation}: {series} series, of a healthy client {healthy}");
    }
    scene.end().await;
}

#[tokio::test]
async fn a_client_has_no_more_series_than_its_budget() {
    const BUDGET: usize = 1000;
    let config = format!("[scrape]\nmax_series = {BUDGET}\ncollectors = [\"default\", \"tasks\", \"details\"]\n");
    let many = ("many".to_owned(), FakeClient::playing("7.20.5_busy_many"));
    let scene = Scene::new(&config, vec![many]).await;
    let all = scene.exporter.get("/metrics", &[]).await;
    let all = Samples::parse(&all.body);
    let samples = all.of_client("many");
    // What is left out is counted in series of its own.
    let series = samples.0.len();
    assert!((BUDGET - 100..BUDGET + 10).contains(&series), "{series} series");
    assert_eq!(samples.value("boinc_up", &[]), Some(1.0));
    // Optional rows give way first: what every client has is there.
    assert!(left_out(&all, "many", "tasks") > Some(0.0));
    let whole: BTreeSet<_> = ["boinc_host_cpus", "boinc_network_status", "boinc_messages_sequence"].into();
    let names: BTreeSet<_> = samples.0.keys().map(|sample| sample.name.as_str()).collect();
    assert!(whole.is_subset(&names), "{names:?}");
    // Said once, not at each scrape.
    scene.exporter.get("/metrics", &[]).await;
    assert_eq!(scene.exporter.log().matches("scrape.max_series").count(), 1, "{}", scene.exporter.log());
    scene.end().await;
}

#[tokio::test]
async fn kinds_of_gpus_are_not_multiplied_by_tasks() {
    let mut body = "<client_state>\n<host_info>\n<p_ncpus>4</p_ncpus>\n<coprocs>\n".to_owned();
    for kind in 0..5000 {
        let _ = write!(body, "<coproc>\n<type>g{kind}</type>\n<count>1</count>\n</coproc>\n");
    }
    body += "</coprocs>\n</host_info>\n<project>\n<master_url>http://p/</master_url>\n</project>\n";
    body += &"<result>\n<name>a</name>\n</result>\n".repeat(20_000);
    body += "</client_state>\n";
    let scene = Scene::one(odd("get_state", body)).await;
    let samples = scene.scrape().await;
    let kinds = samples.series("boinc_resource_usable", &[("client", "odd")]).count();
    assert_eq!(kinds, 1 + 16, "the CPUs and what BOINC could know of GPUs, twice");
    scene.end().await;
}

/// Long replies of many clients at a time: those that find no memory fail, and none of them alone.
#[tokio::test]
async fn many_floods_at_a_time_do_not_add_up() {
    const LIMIT: usize = 8 << 20;
    const FLOODS: usize = 24;
    let flood = |number: usize| {
        named(&number.to_string(), FakeClient::playing(FOLDER).fault("get_state", Fault::Flood(200 << 20)))
    };
    let scene = Scene::new(&format!("[scrape]\nmax_reply_bytes = {LIMIT}\n"), (0..FLOODS).map(flood).collect()).await;
    let samples = scene.scrape().await;
    for number in 0..FLOODS {
        scene.assert_outcome(&samples, &number.to_string(), Some(("state", &["too_large"])));
    }
    // Four of the largest, and a mebibyte of each; buffers have room for twice what is in them.
    let (peak, most) = (scene.exporter.peak_memory(), 2 * (4 * LIMIT + FLOODS * (1 << 20)) + (48 << 20));
    assert!(peak < most as u64, "the exporter used {peak} bytes of {most}");
    scene.end().await;
}
