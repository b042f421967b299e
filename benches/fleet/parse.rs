//! Parsing `get_state` into the exporter's types, compared with quick-xml reading the same bytes and discarding its events.

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Instant, SystemTime};

use boinc_exporter::client::gui_rpc::model::ClientState;
use boinc_exporter::client::gui_rpc::reply;
use boinc_exporter::clock::Clock;
use boinc_exporter::simulation::replies::{ParsedRequest, body};
use boinc_exporter::simulation::scenario::Scenario;
use boinc_exporter::simulation::world::World;
use quick_xml::Reader;
use quick_xml::events::Event;

use crate::table::{Limit, Row, median};

const ROUNDS: usize = 15;

/// Throughput, as a row of the table.
pub fn throughput() -> Vec<Row> {
    let text = state(5000);
    let rounds = (0..ROUNDS).map(|_| {
        let started = Instant::now();
        discard(&text);
        let discarded = started.elapsed().as_secs_f64();
        let started = Instant::now();
        black_box(reply::parse::<ClientState>(text.as_bytes()).expect("the reply can be read"));
        (discarded, started.elapsed().as_secs_f64())
    });
    let (discarded, read): (Vec<_>, Vec<_>) = rounds.unzip();
    let (discarded, read) = (median(discarded), median(read));
    let speed = |seconds: f64| text.len() as f64 / 1e6 / seconds;
    let note = format!("{:.0} MB/s, quick-xml {:.0} MB/s, {:.1} MB", speed(read), speed(discarded), speed(1.0));
    vec![Row::new(
        "parse throughput / quick-xml discarding events",
        discarded / read,
        "",
        Some(Limit::Least(0.6)),
        note,
    )]
}

/// The reply of a client with this many tasks.
fn state(tasks: u32) -> String {
    let mut scenario = Scenario::named("crowd").expect("it is a built-in scenario");
    scenario.hosts.truncate(1);
    (scenario.hosts[0].count, scenario.hosts[0].tasks) = (1, tasks);
    let world = Arc::new(World::new(&scenario, Clock::stepped(SystemTime::now())));
    let question = ParsedRequest { operation: "get_state", seqno: 0, active_only: false };
    let text = world.members()[0].look(|client, now| body(client, now, world.project_servers(), &question));
    format!("<boinc_gui_rpc_reply>\n{}</boinc_gui_rpc_reply>\n", text.expect("it is an operation"))
}

fn discard(text: &str) {
    let mut reader = Reader::from_str(text);
    // The simulated client's names contain no markup, so a strict parser reaches the end.
    loop {
        match reader.read_event().expect("well-formed") {
            Event::Eof => break,
            event => drop(black_box(event)),
        }
    }
}
