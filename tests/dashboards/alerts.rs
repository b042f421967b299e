//! Each alert seen firing in a real Prometheus: most over a simulated past, as they need hours and days of trouble, those
//! about the exporter itself live. And what looks like trouble but is none. The rules are those of the mixin without the
//! waiting times: thresholds and ranges stay.

mod live;
mod past;
mod prometheus;
mod quiet;
mod rules;

use std::collections::BTreeSet;

#[test]
fn each_alert_has_a_simulated_fault() {
    let seen = past::FIRING.iter().map(|(alert, _)| *alert).chain(live::FIRING.iter().map(|(alert, _)| *alert));
    let seen: BTreeSet<String> = seen.map(str::to_owned).collect();
    assert_eq!(seen, rules::shipped(), "alerts that are seen firing, and those of dashboards/rules/alerts.yaml");
}
