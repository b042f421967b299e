//! One reply in pieces: it is read alike, wherever they end. The input is a reply, or a template of a long one.

use std::fmt::Debug;

use boinc_exporter::client::gui_rpc::model::{ClientState, FileTransfers, Tasks};
use boinc_exporter::client::gui_rpc::reply::{Content, Incoming};

use crate::cost::filled;

/// Two of what is read at a time, and something.
const LENGTH: usize = 140 << 10;

/// Pieces in which a reply comes.
const SIZES: [&[usize]; 3] = [&[1009], &[65_536, 1, 30_000, 7], &[100_000, 100]];

/// Reads it, over and over until it is long enough, as the kinds that it names.
pub fn run(bytes: &[u8]) {
    let once = filled(bytes, LENGTH);
    let long = once.repeat(LENGTH.div_ceil(once.len().max(1)));
    let names = |root: &str| memchr::memmem::find(bytes, root.as_bytes()).is_some();
    if names("<client_state>") {
        read::<ClientState>(&long);
    }
    if names("<results>") {
        read::<Tasks>(&long);
    }
    if names("<file_transfers>") {
        read::<FileTransfers>(&long);
    }
}

fn read<T: Content + Debug>(reply: &[u8]) {
    let whole = in_pieces::<T>(reply, &[usize::MAX]);
    for sizes in SIZES {
        let pieces = in_pieces::<T>(reply, sizes);
        assert!(pieces == whole, "in pieces of {sizes:?}:\n{pieces}\nwhole:\n{whole}");
    }
}

/// What comes of pieces of these sizes, one after another and again from the first.
fn in_pieces<T: Content + Debug>(reply: &[u8], sizes: &[usize]) -> String {
    let (mut incoming, mut taken, mut end) = (Incoming::<T>::default(), 0, 0_usize);
    for size in sizes.iter().cycle() {
        end = end.saturating_add(*size);
        if end >= reply.len() {
            break;
        }
        // What is refused early is refused at the end too.
        while let Ok(read @ 1..) = incoming.segment(&reply[taken..end]) {
            taken += read;
        }
    }
    format!("{:?}", incoming.end(&reply[taken..]))
}
