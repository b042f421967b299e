//! Compares ways to read replies: `cargo bench --bench readers`. The ways and what was decided stand in
//! `docs/decisions/0001-reader-of-replies.md`. Times are ratios to quick-xml reading the same bytes and discarding its
//! events, taken in turns with it, so that they hold on other computers too.

mod a;
mod b;
mod hostile;
mod subset;
mod synthetic;
mod text;
#[path = "../timing/mod.rs"]
mod timing;

use std::hint::black_box;
use std::path::Path;

use boinc_exporter::gui_rpc::model::ClientState;
use boinc_exporter::gui_rpc::reply;
use boinc_exporter::memory::Progress;
use boinc_exporter::snapshot::{TaskSums, jobs};
use quick_xml::events::Event;
use timing::{Job, median, time};

/// Rounds of which the median is shown.
const ROUNDS: usize = 31;
const TASKS: usize = 5000;

/// A way to read `get_state`.
pub struct Way {
    name: &'static str,
    /// The leaves it finds, or why it finds none.
    read: fn(&[u8]) -> Result<Vec<String>, String>,
    /// Reads and throws away.
    run: fn(&[u8]),
}

const WAYS: [Way; 3] = [
    Way {
        name: "(a) quick-xml's events, leaves jumped over",
        read: |reply| Ok(subset::leaves(&a::read(reply))),
        run: |reply| drop(black_box(a::read(reply))),
    },
    Way {
        name: "(b) repaired, then serde",
        read: |reply| b::read(reply).map(|groups| subset::leaves(&groups)).map_err(|error| error.to_string()),
        run: |reply| drop(black_box(b::read(reply))),
    },
    Way {
        name: "(c) this crate's reader",
        read: |reply| {
            let state = reply::parse::<ClientState>(reply).map_err(|error| error.to_string())?;
            Ok(subset::leaves(&state.content.projects))
        },
        run: |reply| drop(black_box(reply::parse::<ClientState>(reply))),
    },
];

fn main() {
    let reply = synthetic::get_state(TASKS);
    // For a profiler: this crate's reader, alone in its function.
    if std::env::args().any(|argument| argument == "profile") {
        return profiled(&reply);
    }
    recordings();
    oddities();
    let tasks = memchr::memmem::find_iter(&reply, "<result>").count();
    println!("\nget_state of {tasks} tasks, {} bytes; quick-xml gives {} events", reply.len(), discard(&reply));
    let expected = (WAYS[2].read)(&reply);
    for way in &WAYS {
        assert_eq!((way.read)(&reply), expected, "{} reads the long reply completely", way.name);
    }
    throughput(&reply);
    growth();
    flood();
}

#[inline(never)]
fn profiled(reply: &[u8]) {
    drop(black_box(count(reply)));
}

/// Reads and counts, as a scrape does.
fn count(reply: &[u8]) -> Vec<TaskSums> {
    let state = reply::parse::<ClientState>(reply).expect("this crate reads all replies here").content;
    let now = state.time_stats.as_ref().and_then(|time| time.now);
    let mut progress = Progress::default();
    let count = |group| TaskSums::count(group, &jobs(group, &mut progress), now);
    state.projects.iter().map(count).collect()
}

/// How many recordings each way reads as completely as this crate's does.
fn recordings() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/replies");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .expect("the recordings are there")
        .filter_map(|entry| Some(entry.ok()?.path().join("get_state.xml")).filter(|file| file.exists()))
        .collect();
    files.sort();
    println!("{} recordings of get_state", files.len());
    for way in &WAYS {
        let (mut complete, mut leaves, mut missed) = (0, 0, Vec::new());
        for file in &files {
            let reply = std::fs::read(file).expect("a recording can be read");
            let expected = (WAYS[2].read)(&reply).expect("this crate reads every recording");
            leaves += expected.len();
            match (way.read)(&reply) {
                Ok(found) if found == expected => complete += 1,
                Ok(found) => missed.extend(expected.into_iter().filter(|leaf| !found.contains(leaf))),
                Err(error) => missed.push(error),
            }
        }
        missed.sort();
        missed.dedup();
        println!("  {:44} {complete} complete of {leaves} leaves; differs at {missed:?}", way.name);
    }
}

fn oddities() {
    println!("\noddities of one leaf             (a) (b) (c)");
    let mark = |well: &bool| if *well { "yes" } else { " - " };
    for (name, well) in hostile::table(&WAYS) {
        println!("  {name:36} {}", well.iter().map(mark).collect::<Vec<_>>().join(" "));
    }
}

/// quick-xml reads and discards events.
fn discard(reply: &[u8]) -> usize {
    let mut xml = a::lenient(reply);
    let mut events = 0;
    loop {
        match xml.read_event() {
            Ok(Event::Eof) => return events,
            event => drop(black_box(event)),
        }
        events += 1;
    }
}

fn throughput(reply: &[u8]) {
    let baseline = || {
        black_box(discard(reply));
    };
    let mut jobs: Vec<Job<'_>> =
        WAYS.iter().map(|way| (way.name, Box::new(|| (way.run)(reply)) as Box<dyn Fn()>)).collect();
    jobs.push(("(b) without serde: only repaired", Box::new(|| drop(black_box(b::repair(reply))))));
    jobs.push(("(c) and counted, as a scrape does", Box::new(|| drop(black_box(count(reply))))));
    println!("  throughput, times that of quick-xml discarding events (median of {ROUNDS} rounds)");
    let mut ratios = vec![Vec::new(); jobs.len()];
    let mut units = Vec::new();
    for _ in 0..ROUNDS {
        let unit = time(&baseline);
        units.push(unit);
        for ((_, job), ratios) in jobs.iter().zip(&mut ratios) {
            ratios.push(unit / time(job));
        }
    }
    println!("  {:44} 1.00 ({:.0} MB/s here)", "quick-xml", reply.len() as f64 / 1e6 / median(units));
    for ((name, _), ratios) in jobs.iter().zip(ratios) {
        println!("  {name:44} {:.2}", median(ratios));
    }
}

/// Time a task, from a short queue to one that no client has.
fn growth() {
    const ROUNDS: usize = 5;
    println!("\n  (c), nanoseconds a task     read   and counted");
    for tasks in [10, 100, 1000, 10_000, 100_000] {
        let reply = synthetic::get_state(tasks);
        let repeat = (10_000 / tasks).max(1);
        let of = |job: &dyn Fn()| {
            let rounds = (0..ROUNDS).map(|_| time(&|| (0..repeat).for_each(|_| job())));
            median(rounds.collect()) * 1e9 / (repeat * tasks) as f64
        };
        let read = of(&|| (WAYS[2].run)(&reply));
        let counted = of(&|| drop(black_box(count(&reply))));
        println!("  {tasks:7} tasks, {:9} bytes {read:6.0} {counted:8.0}", reply.len());
    }
}

/// A reply that was made to cost much: each quote opens what quick-xml takes for an attribute, and none is closed.
fn flood() {
    let reply = |lines: usize| ["<client_state>\n<project>\n", &"<a \"\n<b \"\n".repeat(lines / 2), "'"].concat();
    let (short, long) = (reply(2_000), reply(16_000));
    println!("\n  unclosed quotes in tags, time a byte of eight times as many in terms of that of few");
    for way in &WAYS {
        let of =
            |reply: &str| median((0..5).map(|_| time(&|| (way.run)(reply.as_bytes()))).collect()) / reply.len() as f64;
        println!("  {:44} {:.1}", way.name, of(&long) / of(&short));
    }
}
