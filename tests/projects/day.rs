//! How often a project is asked, as its server sees it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use boinc_exporter::project::Watch;
use boinc_exporter::project::target::Target;

use crate::support::project_server::{ProjectServer, Seen, healthy};
use crate::world::{clock, pass, settings, target};

const HOUR: Duration = Duration::from_secs(3600);

/// The times at which each page was asked for, by method and page.
fn times(seen: &[Seen]) -> BTreeMap<String, Vec<f64>> {
    let mut times: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for seen in seen {
        times.entry(format!("{} {}", seen.method, seen.page())).or_default().push(seen.at);
    }
    times
}

/// The shortest time between two requests for the same page.
fn shortest(times: &[f64]) -> f64 {
    times.windows(2).map(|pair| pair[1] - pair[0]).fold(f64::INFINITY, f64::min)
}

#[tokio::test]
async fn a_day_as_the_server_sees_it() {
    let clock = clock();
    let server = ProjectServer::start(clock.clone(), healthy).await;
    let target = Target { accounts: vec![7], team: Some(1), ..target(&server.url()) };
    let watch = Arc::new(Watch::new(settings(vec![target]), clock.clone()));
    pass(&watch, &clock, 24 * HOUR).await;
    for (page, times) in times(&server.seen()) {
        let (interval, most) = match page.as_str() {
            "GET tables.xml" | "GET " => (86_400.0, 1),
            "GET team_lookup.php" => (21_600.0, 4),
            _ => (3600.0, 24),
        };
        assert!(shortest(&times) >= interval, "{page} was asked for after {} s", shortest(&times));
        // Each wait is up to a fifth longer.
        assert!((most * 4 / 5..=most).contains(&times.len()), "{page} was asked for {} times", times.len());
    }
}
