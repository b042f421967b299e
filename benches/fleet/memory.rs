//! Resident memory.

use crate::clients::{Clients, Time};
use crate::exporter::Exporter;
use crate::table::{Limit, Row};

const MIB: f64 = 1_048_576.0;
const KIB: f64 = 1024.0;
const SCRAPES: usize = 10;
const MANY: usize = 1000;

/// The environment set by the systemd unit and the image. Without it, glibc keeps most of a scrape's memory for the next one.
const AS_INSTALLED: [(&str, &str); 3] =
    [("MALLOC_ARENA_MAX", "2"), ("MALLOC_TRIM_THRESHOLD_", "131072"), ("MALLOC_MMAP_THRESHOLD_", "65536")];

/// Resident bytes of an exporter that is idle after some scrapes.
fn idle(addresses: &[String], environment: &[(&str, &str)]) -> f64 {
    let addresses = addresses.iter().map(String::as_str);
    let exporter = Exporter::with_environment(addresses, "", environment);
    (0..SCRAPES).for_each(|_| drop(exporter.get()));
    exporter.resident_bytes() as f64
}

/// Resident memory when idle, with one client and with many.
pub fn resident() -> Vec<Row> {
    let clients = Clients::start(MANY, 50, Time::Stands);
    let both = |environment: &[(&str, &str)]| [1, MANY].map(|count| idle(&clients.addresses[..count], environment));
    let ([one, many], [bare_one, bare_many]) = (both(&AS_INSTALLED), both(&[]));
    let further = |one: f64, many: f64| (many - one) / (MANY - 1) as f64 / KIB;
    let total = format!("{:.1} MiB with {MANY} clients of 50 tasks, after {SCRAPES} scrapes", many / MIB);
    let bare = further(bare_one, bare_many);
    let row = |measure, value, unit, limit, note| Row::new(measure, value, unit, Some(Limit::Most(limit)), note);
    vec![
        row("resident memory, idle, 1 client", one / MIB, " MiB", 12.0, format!("after {SCRAPES} scrapes")),
        row(
            "resident memory per additional client",
            further(one, many),
            " KiB",
            64.0,
            format!("{total}; {bare:.0} KiB without the environment that the unit and the image set"),
        ),
    ]
}
