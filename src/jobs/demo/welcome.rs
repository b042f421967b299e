//! What a demo says when it starts.

use std::fmt::Write as _;
use std::time::Duration;

use humantime_serde::re::humantime::format_duration;

use super::optional_collectors;
use super::projects::Projects;
use crate::simulation::scenario::Scenario;
use crate::simulation::server::Servers;
use crate::words::list;

/// Instructions for the user. `about` is what there is to know of the fleet, `pages` are the URLs of the exporter, `path` is the path
/// of the metrics.
pub fn welcome(
    scenario: &str,
    (servers, projects): (&Servers, &Projects),
    about: &str,
    pages: &[String],
    path: &str,
) -> String {
    let count = servers.addresses().count();
    let plural = if count == 1 { "client" } else { "clients" };
    let mut text = format!("Running an exporter and {count} simulated BOINC {plural} ({scenario}).\n{about}\nOpen\n");
    for page in pages {
        let _ = writeln!(text, "  {page}/  for an overview\n  {page}{path}  for the metrics");
    }
    if let Some((name, address)) = servers.addresses().next() {
        let _ = writeln!(text, "\nQuery {name} directly\n  boinccmd --host {address} --get_state");
    }
    text.push_str(&projects.welcome());
    if let Some((scheme, place)) = pages.first().and_then(|page| page.split_once("://")) {
        let _ =
            writeln!(text, "\nScrape it with Prometheus, in prometheus.yml\n  scrape_configs:\n    - job_name: boinc");
        if scheme == "https" {
            text.push_str("      scheme: https\n");
        }
        if path != "/metrics" {
            let _ = writeln!(text, "      metrics_path: {path}");
        }
        let _ = writeln!(text, "      static_configs:\n        - targets: [\"{place}\"]");
    }
    text.push_str("\nPress Ctrl-C to stop.\n");
    text
}

/// How many series the clients have, and why so many.
pub fn series(count: usize) -> String {
    let optional: Vec<_> = optional_collectors().collect();
    format!(
        "The clients have {count} series, because all collectors are on, also those that are off by default:\n{}.\n",
        list(&optional, "and")
    )
}

/// When the faults begin that a scenario has in store, if it has any.
pub fn faults(scenario: &Scenario, speed: f64) -> String {
    let after: Vec<_> = scenario.faults.iter().map(|fault| fault.after).filter(|after| !after.is_zero()).collect();
    let real = |after: &Duration| format_duration(real(*after, speed));
    let (Some(first), Some(last)) = (after.iter().min(), after.iter().max()) else { return String::new() };
    let shows = shows(speed);
    let speed = if is_real(speed) { String::new() } else { format!(" at --speed {speed}") };
    match after.len() {
        1 => format!("Something goes wrong in {}{speed}.{shows}\n", real(first)),
        count if first == last => format!("{count} things go wrong in {}{speed}.{shows}\n", real(first)),
        count => {
            format!(
                "{count} things go wrong, the first in {} and the last in {}{speed}.{shows}\n",
                real(first),
                real(last)
            )
        }
    }
}

/// A task is late only after its deadline, and a project is missed only by the next contact.
fn shows(speed: f64) -> String {
    if is_real(speed) {
        return " Some of it shows only hours later.".to_owned();
    }
    let hour = format_duration(real(Duration::from_secs(3600), speed));
    format!(" Some of it shows only hours of simulated time later; such an hour takes {hour}.")
}

/// Whether simulated time is as fast as real time.
const fn is_real(speed: f64) -> bool {
    speed.to_bits() == 1f64.to_bits()
}

/// How long something takes at this speed, in whole seconds, or tenths of these if they are few.
fn real(time: Duration, speed: f64) -> Duration {
    let seconds = time.as_secs_f64() / speed;
    let part = if seconds < 10.0 { 10.0 } else { 1.0 };
    // A scenario may say any time.
    Duration::try_from_secs_f64((seconds * part).round() / part).unwrap_or(Duration::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_announced_in_real_time() {
        let faults_of = |name: &str, speed| faults(&Scenario::named(name).expect("it is built in"), speed);
        assert_eq!(faults_of("home", 1.0), "");
        assert_eq!(faults_of("faults", 1.0), "28 things go wrong in 10m. Some of it shows only hours later.\n");
        assert_eq!(
            faults_of("faults", 60.0),
            "28 things go wrong in 10s at --speed 60. Some of it shows only hours of simulated time later; such an hour takes 1m.\n"
        );
        assert_eq!(
            faults_of("servers", 86_400.0),
            "20 things go wrong in 0s at --speed 86400. Some of it shows only hours of simulated time later; such an hour takes 0s.\n"
        );
        let of = |after: &[&str]| {
            let fault = |after: &&str| format!("[[faults]]\ntrouble = \"off\"\nafter = \"{after}\"\n");
            let faulty: String = after.iter().map(fault).collect();
            let text = format!("projects = []\n[[hosts]]\nname = \"a\"\ncpus = 1\nprojects = []\n{faulty}");
            faults(&Scenario::from_text(&text).expect("it is right"), 7.0)
        };
        let shows = "Some of it shows only hours of simulated time later; such an hour takes 8m 34s.\n";
        assert_eq!(of(&["1m"]), format!("Something goes wrong in 8s 600ms at --speed 7. {shows}"));
        assert_eq!(
            of(&["1h", "2h"]),
            format!("2 things go wrong, the first in 8m 34s and the last in 17m 9s at --speed 7. {shows}")
        );
    }
}
