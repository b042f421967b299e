//! `boinc_exporter dashboards`: writes the dashboards, recording rules and alerts with the addresses and names of the person who
//! uses them, and what Grafana and Prometheus need to find them.

mod template;

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use anyhow::Context as _;

use self::template::{File, Settings, files};
use crate::cli::Dashboards;
use crate::platform::{COPY, GRAFANA_DASHBOARDS};

/// The name of the job in README.md.
const JOB: &str = "boinc";

/// Writes all files, or none if one would be lost by that. Returns what to do with them.
///
/// # Errors
/// A sentence about a label that is named twice, or a file that has another content or cannot be written.
pub fn dashboards(options: &Dashboards) -> anyhow::Result<String> {
    let labels: Vec<_> = options.cluster_labels.iter().chain([&options.group_label]).collect();
    if let Some((_, label)) = labels.iter().enumerate().find(|(at, label)| labels[..*at].contains(label)) {
        anyhow::bail!("--cluster-label and --group-label name {label} twice; they must differ");
    }
    let mut files = files(&settings(options));
    let alerts: usize = files.iter().map(|file| file.text.matches("- alert: ").count()).sum();
    let dashboards = files.iter().filter(|file| file.is_dashboard()).count();
    let folder = std::path::absolute(&options.output)
        .with_context(|| format!("cannot write to {}", options.output.display()))?;
    files.push(File { path: "provisioning/grafana.yml", text: grafana(&folder) });
    files.push(File { path: "provisioning/prometheus.yml", text: prometheus(&folder, options) });
    if !options.force {
        refuse_to_replace(&folder, &files)?;
    }
    for File { path, text } in &files {
        let path = folder.join(path);
        let written = path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(&path, text));
        written.with_context(|| format!("cannot write {}", path.display()))?;
    }
    let provisioning = folder.join("provisioning");
    Ok(format!(
        "Wrote {dashboards} dashboards, {alerts} alerts, and recording rules to {}.\n\n\
         Grafana: import the dashboards by hand, or let it read them where they are:\n  \
         {COPY} {} {GRAFANA_DASHBOARDS}\n\
         Prometheus: add the lines of {} to prometheus.yml, and reload it.\n{}",
        folder.display(),
        provisioning.join("grafana.yml").display(),
        provisioning.join("prometheus.yml").display(),
        closed(&folder),
    ))
}

/// What is wrong with a folder that systemd hides from services (`ProtectHome=`, as the units of Prometheus and Grafana have it): rules
/// that Prometheus does not find are no error to it.
fn closed(folder: &Path) -> String {
    const HOMES: [&str; 3] = ["/home", "/root", "/run/user"];
    let home = HOMES.into_iter().find(|home| folder.starts_with(home));
    home.map_or_else(String::new, |home| {
        format!(
            "\nIf systemd runs them, they probably cannot read {home}, and Prometheus does not say so: write to another directory, \
             such as /usr/local/share/boinc.\n"
        )
    })
}

/// The settings as the mixin takes them.
fn settings(options: &Dashboards) -> Settings {
    let job = options.job.replace('\\', "\\\\").replace('"', "\\\"");
    Settings {
        selector: options.selector.clone().unwrap_or_default(),
        cluster_labels: options.cluster_labels.clone(),
        group_label: options.group_label.clone(),
        job_selector: format!("job=~\"{job}\""),
        grafana_url: options.grafana_url.trim_end_matches('/').to_owned(),
        runbook_url: before_names(&options.runbook_url),
        kilowatt_hour_price: options.kilowatt_hour_price.clone(),
    }
}

/// What stands before the name of an alert: it is an anchor, unless the URL ends as if it went on.
fn before_names(url: &str) -> String {
    if url.ends_with(['#', '/', '=']) { url.to_owned() } else { format!("{url}#") }
}

fn refuse_to_replace(folder: &Path, files: &[File]) -> anyhow::Result<()> {
    let mut differ = Vec::new();
    for File { path, text } in files {
        match fs::read(folder.join(path)) {
            Ok(bytes) if bytes == text.as_bytes() => {}
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Ok(_) => differ.push(*path),
            Err(error) => return Err(error).with_context(|| format!("cannot read {}", folder.join(path).display())),
        }
    }
    anyhow::ensure!(
        differ.is_empty(),
        "{} already has files with another content, and nothing was written: {}; replace them with --force, or choose another \
         directory",
        folder.display(),
        differ.join(", ")
    );
    Ok(())
}

/// What makes Grafana read the dashboards, in the form of `dashboards/provisioning/grafana/dashboards/boinc.yml`.
fn grafana(folder: &Path) -> String {
    let folder = quoted(folder);
    format!(
        "# /etc/grafana/provisioning/dashboards/boinc.yml\n\
         apiVersion: 1\n\n\
         providers:\n  \
         - name: boinc\n    \
         folder: BOINC\n    \
         type: file\n    \
         allowUiUpdates: false\n    \
         updateIntervalSeconds: 60\n    \
         options:\n      \
         path: {folder}\n"
    )
}

/// What Prometheus needs, as parts of its configuration.
fn prometheus(folder: &Path, options: &Dashboards) -> String {
    let rules = quoted(&folder.join("rules/*.yaml"));
    // A regular expression that stands for several jobs is no name of one.
    let is_name = options.job.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
    let job = if is_name { &options.job } else { JOB };
    format!(
        "# For prometheus.yml. Other ways to scrape: docs/scaling.md.\n\
         rule_files:\n  \
         - {rules}\n\n\
         scrape_configs:\n  \
         - job_name: {job}\n    \
         static_configs:\n      \
         - targets: [\"localhost:31415\"]\n"
    )
}

/// A path as a string of YAML, whatever it contains.
fn quoted(path: &Path) -> String {
    serde_json::Value::from(path.to_string_lossy()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn homes_are_closed_to_services() {
        assert!(closed(Path::new("/home/zoe/boinc")).contains("cannot read /home, and Prometheus"));
        for open in ["/usr/local/share/boinc", "/homes/boinc", "/srv/home/boinc"] {
            assert_eq!(closed(Path::new(open)), "");
        }
    }
}
