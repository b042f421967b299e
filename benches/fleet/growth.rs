//! How CPU time grows with tasks and with clients.

use crate::clients::{Clients, Time};
use crate::exporter::Exporter;
use crate::table::{Limit, Row, median};

/// The cost per additional task or client may grow by at most this factor between steps; above it, growth is not linear.
const LINEAR: f64 = 1.3;

/// CPU microseconds of a scrape.
fn cost(exporter: &Exporter, rounds: usize) -> f64 {
    exporter.scrape();
    exporter.assert_all_up();
    median((0..rounds).map(|_| exporter.scrape().cpu.as_secs_f64() * 1e6).collect())
}

/// From 10 to 100 000 tasks, with one client.
pub fn of_tasks() -> Vec<Row> {
    let sizes = [10, 100, 1000, 10_000, 100_000];
    let costs = sizes.map(|tasks| {
        let clients = Clients::start(1, tasks, Time::Stands);
        // With 100 000 tasks, a reply exceeds the default limit of 64 MiB.
        let settings = "[scrape]\nmax_reply_bytes = 268435456";
        let exporter = Exporter::watching(clients.addresses.iter().map(String::as_str), settings);
        cost(&exporter, if tasks > 10_000 { 5 } else { 15 })
    });
    rows("task", sizes, costs)
}

/// From 1 to 5 000 clients with 50 tasks each.
pub fn of_clients() -> Vec<Row> {
    let sizes = [1, 10, 100, 1000, 5000];
    let clients = Clients::start(5000, 50, Time::Stands);
    let costs = sizes.map(|count| {
        let some = clients.addresses[..count].iter().map(String::as_str);
        cost(&Exporter::watching(some, "[scrape]\nclient_timeout = 50\ntimeout = 59"), if count > 100 { 3 } else { 15 })
    });
    rows("client", sizes, costs)
}

fn rows(what: &str, sizes: [usize; 5], costs: [f64; 5]) -> Vec<Row> {
    // The first value includes the fixed cost of a scrape, so only differences are compared.
    let steps: Vec<_> = (1..5).map(|at| (costs[at] - costs[at - 1]) / (sizes[at] - sizes[at - 1]) as f64).collect();
    let last = steps[3] / steps[2];
    let total: Vec<_> = sizes.iter().zip(costs).map(|(size, cost)| format!("{size}: {:.2} ms", cost / 1e3)).collect();
    let note = format!("CPU {}; last step {:.1} us per {what}", total.join(", "), steps[3]);
    let measure = format!("growth of CPU per additional {what}, last step / step before");
    vec![Row::new(&measure, last, "", Some(Limit::Most(LINEAR)), note)]
}
