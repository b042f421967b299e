//! Pages with far more rows than any project has: what is shown has an end, and what is not is counted.

use std::fmt::Write as _;
use std::sync::Arc;

use boinc_exporter::project::Watch;
use boinc_exporter::project::collectors::{Collector, Collectors};
use boinc_exporter::project::limits::{Limits, MAX_SERIES};
use boinc_exporter::project::poll_state::validation::ReportedTask;
use boinc_exporter::project::target::Target;
use boinc_exporter::project::watch::{Attachment, Settings, Told};

use crate::support::project_server::{Does, ProjectServer, Seen, healthy, page};
use crate::world::{START, clock, expose, samples, settings, settle, target};

const FLOOD: usize = 100_000;
/// Rows that have all that a row can have.
const FULL: usize = 1_100;

/// So many rows; `#` is their number.
fn rows(count: usize, row: &str) -> String {
    (1..=count).map(|number| row.replace('#', &number.to_string())).collect()
}

/// A server whose lists do not end.
fn flooding(seen: &Seen, address: &str) -> Does {
    let waiting = |of: &str| format!("<workunits_waiting_for_{of} app=\"a#\">1</workunits_waiting_for_{of}>");
    let body = match seen.page() {
        "server_status.php" => {
            let app = "<app><name>a#</name><unsent>1</unsent><in_progress>1</in_progress><avg_runtime>1</avg_runtime>\
                <min_runtime>1</min_runtime><max_runtime>1</max_runtime><users>1</users></app>\n";
            let daemon = "<daemon><command>d#</command><status>disabled</status></daemon>\n";
            let counts = ["validation", "assimilation", "deletion"].map(waiting).concat();
            let (daemons, apps, counts) = (rows(FULL, daemon), rows(FULL, app), rows(FULL, &counts));
            // A longer page is not read.
            let more = "<daemon/>".repeat(40_000);
            format!("<server_status>\n{daemons}{apps}{counts}{more}</server_status>\n")
        }
        "show_user.php" => {
            let values = "<create_time>1</create_time><rpc_seqno>1</rpc_seqno><total_credit>1</total_credit>\
                <expavg_credit>1</expavg_credit><expavg_time>1</expavg_time><domain_name>h</domain_name><p_ncpus>1</p_ncpus>\
                <p_fpops>1</p_fpops><p_iops>1</p_iops><m_nbytes>1</m_nbytes><d_free>1</d_free><d_total>1</d_total>";
            let full = format!("<host><id>1#</id><rpc_time>{START}</rpc_time>{values}</host>\n");
            let others = format!("<host><id>2#</id><rpc_time>{}</rpc_time></host>\n", START - 60);
            format!("<user>\n<id>7</id>\n{}{}</user>\n", rows(FULL, &full), rows(FLOOD - FULL, &others))
        }
        "submit_rpc_handler.php" if !seen.body.contains("ping") => {
            let values = "<create_time>1</create_time><expire_time>2000000000</expire_time><njobs>4</njobs>\
                <fraction_done>0.5</fraction_done><completion_time>1</completion_time><credit_canonical>1</credit_canonical>\
                <name>n</name><app_name>a</app_name><total_cpu_time>1</total_cpu_time>";
            let full = format!("<batch><id>9#</id><state>1</state>{values}</batch>\n");
            let others = "<batch><id>#</id><state>9</state><app_name>a#</app_name></batch>\n";
            format!("<query_batches>\n{}{}</query_batches>\n", rows(100, &full), rows(FLOOD - 100, others))
        }
        "team_email_list.php" => {
            format!("<users>\n{}</users>\n", rows(FLOOD, "<user><total_credit>#</total_credit></user>"))
        }
        _ => return healthy(seen, address),
    };
    page(&body)
}

/// A watch of a flooding project with every collector, and these limits, that has asked for everything once.
async fn flooded(limits: Limits) -> String {
    let clock = clock();
    let server = ProjectServer::start(clock.clone(), flooding).await;
    let folder = tempfile::tempdir().expect("a folder");
    let key = folder.path().join("alpha.key");
    std::fs::write(&key, "5ecre7\n").expect("it is writable");
    let target = Target {
        accounts: vec![7, 8],
        account_key: Some(key.clone()),
        submitter: Some(key),
        team: Some(1),
        collectors: Collectors::of(Collector::ALL),
        ..target(&server.url())
    };
    let settings = Settings { limits, ..settings(vec![target]) };
    let watch = Arc::new(Watch::new(settings, clock));
    let task = |number: usize| ReportedTask {
        name: format!("t{number}"),
        app: format!("a{number}"),
        resource: "CPU".to_owned(),
    };
    watch.hear(vec![Told {
        client: "attic".to_owned(),
        attachments: Some(vec![Attachment {
            url: server.url(),
            name: "Alpha".to_owned(),
            account: None,
            reported: (0..FLOOD).map(task).collect(),
        }]),
    }]);
    let _ = watch.scrape();
    settle(&watch).await;
    let text = expose(&watch);
    let mut series: Vec<_> = text.lines().filter_map(|line| Some(line.rsplit_once("} ")?.0)).collect();
    series.sort_unstable();
    let twice: Vec<_> = series.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]).collect();
    assert!(twice.is_empty(), "{twice:#?}");
    text
}

/// How many samples there are of each metric that has rows, of how many rows, and how many rows have none.
fn table(text: &str) -> String {
    let mut table = String::new();
    for metric in [
        "boinc_server_daemons",
        "boinc_server_app_tasks",
        "boinc_server_app_workunits",
        "boinc_account_host_credit",
        "boinc_batch_batches",
        "boinc_batch_jobs",
        "boinc_validation_credit_total",
        "boinc_server_dropped_series",
    ] {
        writeln!(table, "{metric} {}", samples(text, metric).len()).expect("memory");
    }
    for sample in samples(text, "boinc_server_dropped_series") {
        table.extend([sample.split_once("collector=").expect("it has the label").1, "\n"]);
    }
    table
}

fn series(text: &str) -> usize {
    text.lines().filter(|line| !line.starts_with('#')).count()
}

#[tokio::test]
async fn lists_without_end_are_shown_up_to_their_limits() {
    let limits = settings(vec![]).limits;
    let text = flooded(limits).await;
    let of_limits = series(&text);
    assert!((MAX_SERIES - 2_000..MAX_SERIES).contains(&of_limits), "{of_limits} series");
    insta::assert_snapshot!(table(&text));
    for members in ["kind=\"all\"} 100000", "kind=\"with_credit\"} 100000"] {
        assert!(samples(&text, "boinc_team_members").iter().any(|sample| sample.ends_with(members)), "{text}");
    }
}

#[tokio::test]
async fn raised_limits_end_where_the_series_of_a_project_do() {
    let limits = Limits { max_hosts: 10 * FLOOD, max_batches: 10 * FLOOD, ..settings(vec![]).limits };
    let text = flooded(limits).await;
    // What is left out is counted in series of its own.
    let series = series(&text);
    assert!((MAX_SERIES - 20..MAX_SERIES + 10).contains(&series), "{series} series");
    insta::assert_snapshot!(table(&text));
}
