//! The arguments of `dashboards`, and what is wrong with them.

use std::path::PathBuf;

use clap::Args;

/// Arguments of `dashboards`.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct Dashboards {
    /// Directory to write to; it is created if it does not exist.
    #[arg(long, value_name = "DIR")]
    pub output: PathBuf,
    /// Replace files that exist with another content.
    #[arg(long)]
    pub force: bool,
    /// URL of Grafana, for the links in alerts.
    #[arg(long, value_name = "URL", default_value = "http://localhost:3000", value_parser = parse_url)]
    pub grafana_url: String,
    /// URL of the runbooks, for the links in alerts: /runbooks of any exporter, or a copy of docs/runbooks.md. The alert's name in
    /// lower case follows, as an anchor, or as it is if the URL ends with /, # or =.
    #[arg(long, value_name = "URL", default_value = "http://localhost:31415/runbooks", value_parser = parse_url)]
    pub runbook_url: String,
    /// Regular expression of the names of the Prometheus jobs that scrape exporters, for alerts about an exporter that is down.
    #[arg(long, value_name = "REGEX", default_value = "boinc.*", value_parser = parse_job)]
    pub job: String,
    /// Matchers to add to every query, such as job="boinc", if other series have the same names.
    #[arg(long, value_name = "MATCHERS", value_parser = parse_selector)]
    pub selector: Option<String>,
    /// Label that tells sites or clusters in one database apart. It becomes a variable of the dashboards and a part of what
    /// identifies a client. Repeatable.
    #[arg(id = "cluster_labels", long = "cluster-label", value_name = "NAME", value_parser = parse_cluster_label)]
    pub cluster_labels: Vec<String>,
    /// Label of clients by which the dashboards choose them, and which alerts about them have: one of `labels` in the configuration.
    #[arg(long, value_name = "NAME", default_value = "group", value_parser = parse_group_label)]
    pub group_label: String,
    /// Price of a kilowatt-hour, in any currency; it can be changed on the dashboard of a client.
    #[arg(long, value_name = "PRICE", default_value = "0.30", value_parser = parse_price)]
    pub kilowatt_hour_price: String,
}

/// Labels that the queries use already.
const TAKEN: [&str; 5] = ["job", "instance", "client", "project", "project_url"];

/// Variables of the dashboards that are no labels of samples.
const VARIABLES: [&str; 5] = ["datasource", "group", "others", "computer", "price"];

fn parse_url(text: &str) -> Result<String, String> {
    let host = ["http://", "https://"].into_iter().find_map(|scheme| text.strip_prefix(scheme));
    let is_plain = |c: char| !c.is_whitespace() && !c.is_control() && !r#""\"#.contains(c);
    if host.is_some_and(|host| !host.is_empty() && !host.starts_with('/')) && text.chars().all(is_plain) {
        return Ok(text.to_owned());
    }
    Err("must be a URL such as https://grafana.example.org".to_owned())
}

fn parse_job(text: &str) -> Result<String, String> {
    line(text, "name a job, such as boinc")
}

fn parse_selector(text: &str) -> Result<String, String> {
    if text.contains(['{', '}']) {
        return Err("must be without braces, such as job=\"boinc\"".to_owned());
    }
    if !text.contains('=') {
        return Err("must be matchers, such as job=\"boinc\"".to_owned());
    }
    line(text, "be matchers, such as job=\"boinc\"")
}

fn line(text: &str, must: &str) -> Result<String, String> {
    let text = text.trim().trim_end_matches(',');
    if text.is_empty() || text.contains(char::is_control) { Err(format!("must {must}")) } else { Ok(text.to_owned()) }
}

fn parse_cluster_label(text: &str) -> Result<String, String> {
    if VARIABLES.contains(&text) {
        return Err("is a variable of the dashboards".to_owned());
    }
    label(text, "cluster")
}

fn parse_group_label(text: &str) -> Result<String, String> {
    label(text, "room")
}

/// The name of a label that queries can add.
fn label(text: &str, example: &str) -> Result<String, String> {
    if !super::label::is_name(text) {
        return Err(format!("must be the name of a label, such as {example}"));
    }
    if TAKEN.contains(&text) || text.starts_with("__") {
        return Err("is a label that the samples have anyway, or that Prometheus reserves".to_owned());
    }
    Ok(text.to_owned())
}

fn parse_price(text: &str) -> Result<String, String> {
    // Typed as it is into queries.
    let is_number = text.starts_with(|c: char| c.is_ascii_digit())
        && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
        && text.parse::<f64>().is_ok();
    if is_number { Ok(text.to_owned()) } else { Err("must be a number such as 0.30".to_owned()) }
}
