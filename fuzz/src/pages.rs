//! A page of a project's server: whatever page was asked for, it is read to its end, and work and memory are bounded by its length.
//! The input is an answer, with or without its head, or a template of a long one.

use boinc_exporter::project::pages::user::Names;
use boinc_exporter::project::pages::{
    Answer, batch, batches, config, key, master, members, ping, results, scheduler, statistics, status, team, user,
};

use crate::cost::{PIECE, assert_bounded, assert_linear, filled};

/// Where time is taken.
const MAX_LENGTH: usize = 256 << 10;

/// Where memory is measured.
const MEASURED: usize = 256 << 10;

/// Bytes of memory for each byte of a page: a text without what PHP prints between is a copy.
const MULTIPLE: u64 = 6;

const READERS: [fn(&Answer<'_>); 14] = [
    |answer| drop(batch::read(answer, Names::Keep)),
    |answer| drop(batches::read(answer, Names::Keep)),
    |answer| drop(config::read(answer)),
    |answer| drop(key::read(answer)),
    |answer| drop(master::read(answer)),
    |answer| drop(members::read(answer)),
    |answer| drop(ping::read(answer)),
    |answer| drop(results::read(answer)),
    |answer| drop(scheduler::read(answer)),
    |answer| drop(statistics::read(answer)),
    |answer| drop(status::read(answer)),
    |answer| drop(team::read(answer)),
    |answer| drop(user::read(answer, Names::Keep)),
    |answer| drop(user::read(answer, Names::Drop)),
];

/// Reads it as every page.
pub fn run(bytes: &[u8]) {
    let end_of_head = memchr::memmem::find(bytes, b"\n\n").filter(|_| bytes.starts_with(b"HTTP/"));
    let body = end_of_head.map_or(bytes, |end| &bytes[end + 2..]);
    for read in READERS {
        let read = |body: &[u8]| {
            for status in [200, 404] {
                read(&Answer { status, location: "/elsewhere", body });
            }
        };
        read(body);
        if body.contains(&PIECE) {
            assert_linear(body, MAX_LENGTH, read);
            assert_bounded(MULTIPLE, &filled(body, MEASURED), read);
        }
    }
}
