//! Measures the cost of scrapes, as ratios within one run: `make bench`, or `cargo bench --bench fleet -- NAME …` for a part of it.
//! Clients are simulated, in separate processes and on real sockets, except those marked as real. `docs/PERFORMANCE.md` has
//! the results.

#[path = "../../tests/real/boinc.rs"]
#[expect(dead_code, reason = "the tests use more of it")]
mod boinc;
#[path = "../../tests/real/boinccmd.rs"]
#[expect(dead_code, reason = "the tests use it")]
mod boinccmd;
mod clients;
#[path = "../../tests/real/data_directory.rs"]
mod data_directory;
mod exporter;
mod growth;
mod memory;
mod parse;
#[path = "../../tests/real/process.rs"]
#[expect(dead_code, reason = "the tests use more of it")]
mod process;
mod projects;
mod ratios;
mod raw;
mod table;
mod usage;

use table::Row;

/// A measurement: its name, and the function that performs it.
type Measure = (&'static str, fn() -> Vec<Row>);

const MEASURES: [Measure; 9] = [
    ("one", ratios::one_client),
    ("cpu", ratios::cpu_of_a_client),
    ("parse", parse::throughput),
    ("thousand", ratios::thousand_clients),
    ("tasks", growth::of_tasks),
    ("clients", growth::of_clients),
    ("memory", memory::resident),
    ("dead", ratios::one_dead),
    ("projects", projects::in_a_scrape),
];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    if let [role, clients, tasks, time] = &*arguments
        && role == clients::ROLE
    {
        clients::simulate(clients, tasks, time);
        return;
    }
    let wanted = |name: &str| arguments.is_empty() || arguments.iter().any(|argument| argument == name);
    table::head();
    for (_, measure) in MEASURES.iter().filter(|(name, _)| wanted(name)) {
        measure().iter().for_each(Row::print);
    }
}
