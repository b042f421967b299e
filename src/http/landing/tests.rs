use super::*;

fn finding(trouble: Trouble, detail: &str) -> Finding {
    Finding { trouble, detail: detail.to_owned() }
}

fn labels(all: &[(&str, &str)]) -> &'static BTreeMap<String, String> {
    let labels = all.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Box::leak(Box::new(labels))
}

fn row(name: &str, findings: Vec<Finding>) -> Row<'_> {
    let down = findings.iter().any(|finding| matches!(finding.trouble, Trouble::Down(_)));
    let took = Duration::from_millis(1_250 * u64::from(down) + 31);
    let last = LastPoll {
        up: !down,
        age: Duration::from_secs(12),
        took,
        bytes: 123_456,
        idle: vec![],
        resources: vec![("CPU", 8.0), ("NVIDIA", 1.0)],
        projects: vec!["R&D", "Steady"],
        running: 8,
        tasks: 140,
    };
    let last_up = down.then_some(Duration::from_secs(615));
    let down = down.then(|| down_for(600));
    Row { name, labels: labels(&[]), last: Some(last), findings, down, last_up, version: Some("8.2.1".to_owned()) }
}

/// Since 17:11 on some day.
fn down_for(seconds: u64) -> Down {
    Down { since: SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_281_060), lasts: Duration::from_secs(seconds) }
}

fn new(name: &str) -> Row<'_> {
    Row { name, labels: labels(&[]), last: None, findings: vec![], down: None, last_up: None, version: None }
}

fn html(rows: Vec<Row>, asking: (usize, u64), failures: &[&str]) -> String {
    let failures = failures.iter().map(|sentence| (*sentence).to_owned()).collect();
    Page { telemetry_path: "/metrics\"", rows, projects: &[], failures, asking }.html()
}

fn down(reason: crate::client::reason::Reason, message: &str) -> Vec<Finding> {
    vec![finding(Trouble::Down(reason), message)]
}

#[test]
fn the_worst_comes_first() {
    use crate::client::reason::Reason;
    let late = || finding(Trouble::AtRisk, "3 tasks will miss the deadline");
    let idle = |resource: &str| crate::client::snapshot::Resource {
        name: resource.to_owned(),
        usable: 8.0,
        idle: 8.0,
        reason: Some(crate::client::snapshot::IdleReason::Suspended),
        drain: 0.0,
        speed: None,
    };
    let suspended = Snapshot { resources: vec![idle("CPU"), idle("ATI")], up: true, ..Snapshot::default() };
    let rows = vec![
        row("cellar", vec![]),
        new("new"),
        Row { labels: labels(&[("room", "1"), ("group", "<home>")]), ..row("attic", vec![]) },
        row("<b>R&D</b>", down(Reason::Refused, "cannot connect to \"x\"")),
        Row {
            down: Some(down_for(90_000)),
            last_up: None,
            version: None,
            ..row("never", down(Reason::Timeout, "no answer"))
        },
        row("late", vec![late()]),
        Row {
            last: Some(LastPoll::new(&suspended, Duration::from_secs(12))),
            ..row("suspended", vec![late(), finding(Trouble::Clock, "5 min ahead")])
        },
        row("stuck", vec![finding(Trouble::Stuck, "1 task of R&D without progress"), late()]),
    ];
    let failure = "c.toml: unknown key `<x>`";
    let page = html(rows, (2, 3), &[failure, "w.yml is no YAML"]);
    assert!(page.contains("<title>(5) BOINC exporter</title>") && page.contains("content=\"3\""), "{page}");
    let main = page.split("</header>\n").nth(1).unwrap_or_default();
    insta::assert_snapshot!(main);
}

#[test]
fn a_failure_is_told_once() {
    let page = html(vec![], (0, 60), &["the web configuration is invalid: w.yml is no YAML", "w.yml is no YAML"]);
    assert_eq!(page.matches("w.yml").count(), 1, "{page}");
}

#[test]
fn summaries() {
    let bad = |trouble| row("", vec![finding(trouble, "")]);
    let down = || row("", down(crate::client::reason::Reason::Refused, ""));
    for (rows, behind, expected) in [
        (vec![], 0, "No clients configured."),
        (vec![new("")], 0, "1 client, not asked yet."),
        (vec![row("", vec![])], 0, "1 client, well."),
        (vec![down(), down()], 0, "2 clients, down."),
        (vec![new(""), row("", vec![])], 1, "2 clients: 1 not asked yet, 1 well. <small>Asking 1 of them …</small>"),
        (vec![bad(Trouble::Clock), row("", vec![]), down()], 0, "3 clients: 1 down, 1 in trouble, 1 well."),
    ] {
        assert_eq!(summary(&rows, behind), expected);
    }
}

#[test]
fn nothing_is_loaded_and_nothing_runs() {
    let page = html(vec![row("attic", vec![])], (0, 60), &[]);
    for word in ["<script", "http:", "https:", "//", "@import", "url(", "{{"] {
        assert!(!page.contains(word), "{word}");
    }
}

#[test]
fn a_thousand_clients_are_a_page_of_a_megabyte() {
    let names: Vec<_> = (0..1000).map(|number| format!("node-{number:04}.cluster.example.org")).collect();
    let rows = names.iter().map(|name| row(name, vec![finding(Trouble::Stuck, "2 tasks of Steady without progress")]));
    let page = html(rows.collect(), (0, 60), &[]);
    assert!(page.len() < 1_200_000, "{}", page.len());
}
