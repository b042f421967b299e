//! What the exporter's own metrics tell of its web configuration, and the limits that it sets.

use std::path::Path;
use std::time::{Duration, Instant};

use super::pki::{Authority, replace};
use super::site::{FAR, Site, folder};
use crate::support::process::PATIENCE;
use crate::support::{Exporter, Samples};

const TLS: &str = "tls_server_config:\n  cert_file: server.pem\n  key_file: server.key\n";

/// Starts an exporter with `web.yml` of this folder.
fn start(folder: &Path) -> Exporter {
    let file = folder.join("web.yml").display().to_string();
    Exporter::start_with("", &["--web.config.file", &file])
}

async fn own(exporter: &Exporter) -> Samples {
    Samples::parse(&exporter.get("/-/metrics", &[]).await.body)
}

#[tokio::test]
async fn a_web_configuration_that_cannot_be_loaded_is_told() {
    let (folder, _) = folder();
    let file = folder.path().join("web.yml");
    replace(&file, "http_server_config: {}\n");
    let exporter = start(folder.path());
    let successful = "boinc_exporter_web_config_last_reload_successful";
    let time = "boinc_exporter_web_config_last_reload_success_timestamp_seconds";
    let first = own(&exporter).await;
    assert_eq!(first.value(successful, &[]), Some(1.0));
    assert_eq!(first.value("boinc_exporter_certificate_not_after_timestamp_seconds", &[]), None);
    replace(&file, "tls_server_config: {cert_file: gone.pem, key_file: gone.pem}\n");
    let broken = until(&exporter, successful, 0.0).await;
    assert_eq!(broken.value(time, &[]), first.value(time, &[]));
    // The other configuration is in order.
    assert_eq!(broken.value("boinc_exporter_config_last_reload_successful", &[]), Some(1.0));
    replace(&file, "http_server_config: {}\n");
    let again = until(&exporter, successful, 1.0).await;
    assert!(again.value(time, &[]) > first.value(time, &[]));
}

/// Files are looked at once a second at most.
async fn until(exporter: &Exporter, metric: &str, value: f64) -> Samples {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let samples = own(exporter).await;
        if samples.value(metric, &[]) == Some(value) {
            return samples;
        }
        assert!(Instant::now() < deadline, "{metric} is {:?}", samples.value(metric, &[]));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[test]
fn without_a_web_configuration_there_are_none() {
    let rows = boinc_exporter::self_metrics::registry(std::sync::Arc::default(), None);
    let mut text = String::new();
    prometheus_client::encoding::text::encode(&mut text, &rows).expect("memory");
    assert!(!text.contains("web_config") && !text.contains("certificate"), "{text}");
}

#[tokio::test]
async fn the_end_of_the_certificate_in_force() {
    let site = Site::start(TLS);
    let not_after = || {
        let registry =
            boinc_exporter::self_metrics::registry(std::sync::Arc::default(), Some(site.web_access.reloads()));
        let mut text = String::new();
        prometheus_client::encoding::text::encode(&mut text, &registry).expect("memory");
        let name = "boinc_exporter_certificate_not_after_timestamp_seconds ";
        let line = text.lines().find_map(|line| line.strip_prefix(name)).expect("the metric").to_owned();
        line.parse::<f64>().expect("a number")
    };
    assert_eq!(not_after(), 32_503_593_600.0);
    site.authority.sign(2048).write(site.folder.path(), "server");
    assert_eq!(site.ask_tls(None).await.expect("the page"), "page");
    assert_eq!(not_after(), 2_492_985_600.0);
    // One that cannot be loaded is not in force.
    replace(&site.path("server.pem"), "garbage");
    assert_eq!(site.ask_tls(None).await.expect("the page"), "page");
    assert_eq!(not_after(), 2_492_985_600.0);
}

#[tokio::test]
async fn only_clients_with_an_allowed_name_come_in() {
    let mutual = |names: &str| {
        format!(
            "{TLS}  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ca.pem\n  client_allowed_sans: [{names}]\n"
        )
    };
    let site = Site::start(&mutual("prometheus.example, localhost"));
    let client = site.authority.sign(FAR);
    assert_eq!(site.ask_tls(Some(&client)).await.expect("the page"), "page");
    site.ask_tls(None).await.expect_err("no certificate");
    site.ask_tls(Some(&Authority::new().sign(FAR))).await.expect_err("of another authority");
    site.configure(&mutual("prometheus.example"));
    site.ask_tls(Some(&client)).await.expect_err("the names of its certificate are not allowed");
    site.configure(&mutual(""));
    site.ask_tls(Some(&client)).await.expect_err("no name is allowed");
}

#[tokio::test]
async fn requests_beyond_the_rate_are_refused() {
    let site = Site::start("rate_limit:\n  interval: 1h\n  burst: 2\n");
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(site.ask("").await.lines().next().unwrap_or_default().to_owned());
    }
    assert_eq!(statuses, ["HTTP/1.1 200 OK", "HTTP/1.1 200 OK", "HTTP/1.1 429 Too Many Requests"]);
    site.configure("rate_limit:\n  interval: 0s\n");
    assert!(site.ask("").await.ends_with("page"));
}
