//! Resident memory.

use crate::clients::{Clients, Time};
use crate::exporter::Exporter;
use crate::table::{Limit, Row};

const MIB: f64 = 1_048_576.0;
const KIB: f64 = 1024.0;
const SCRAPES: usize = 10;
const MANY: usize = 1000;

/// Of an exporter that was asked some times and has nothing to do now.
fn idle(addresses: &[String]) -> f64 {
    let exporter = Exporter::watching(addresses.iter().map(String::as_str), "");
    (0..SCRAPES).for_each(|_| drop(exporter.get()));
    exporter.resident_bytes() as f64
}

/// Idle, with one client and with many.
pub fn resident() -> Vec<Row> {
    let clients = Clients::start(MANY, 50, Time::Stands);
    let one = idle(&clients.addresses[..1]);
    let many = idle(&clients.addresses);
    let further = (many - one) / (MANY - 1) as f64;
    vec![
        Row::new(
            "resident memory, idle, 1 client",
            one / MIB,
            " MiB",
            Some(Limit::Most(12.0)),
            format!("after {SCRAPES} scrapes"),
        ),
        Row::new(
            "resident memory a further client",
            further / KIB,
            " KiB",
            Some(Limit::Most(64.0)),
            format!("{:.1} MiB with {MANY} clients of 50 tasks, after {SCRAPES} scrapes", many / MIB),
        ),
    ]
}
