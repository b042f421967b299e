//! What these tests ask the built exporter for.

use std::path::Path;

use crate::comparison::Client;
use crate::process::PATIENCE;
use crate::support::{Exporter, Samples};

/// Everything that can be collected.
pub const ALL: &[&str] = &["default", "details", "tasks", "transfers", "app_versions", "history", "names"];

/// `[[clients]]` of the configuration.
pub fn client(name: &str, address: &str, password_file: &Path, collectors: &[&str]) -> String {
    let password_file = password_file.to_string_lossy();
    format!(
        "[[clients]]\nname = {name:?}\naddress = {address:?}\npassword_file = {password_file:?}\n\
         collectors = {collectors:?}\ntimeout = \"{}\"\n",
        PATIENCE.as_secs()
    )
}

/// An exporter that shows everything of one client, called `real`.
pub fn watch(boinc: &impl Client) -> Exporter {
    Exporter::start(&client("real", &boinc.address(), &boinc.password_file(), ALL))
}

/// The exposition in text format 0.0.4.
pub async fn text(exporter: &Exporter) -> String {
    metrics(exporter, "text/plain;version=0.0.4").await
}

/// The exposition in the format `OpenMetrics`.
pub async fn openmetrics(exporter: &Exporter) -> String {
    metrics(exporter, "application/openmetrics-text;version=1.0.0").await
}

pub async fn scrape(exporter: &Exporter) -> Samples {
    Samples::parse(&text(exporter).await)
}

async fn metrics(exporter: &Exporter, accept: &str) -> String {
    let page = exporter.get("/metrics", &[("Accept", accept)]).await;
    assert_eq!(page.status, 200, "{}\n{}", page.body, exporter.log());
    page.body
}
