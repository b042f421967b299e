//! One reply in pieces: it is read alike, wherever they end. The input is a reply, or a template of a long one.

use std::fmt::Debug;

use boinc_exporter::client::gui_rpc::model::{ClientState, FileTransfers, Tasks};
use boinc_exporter::client::gui_rpc::reply::{Content, Incoming};

use crate::cost::filled;

/// Longer than what is read at a time.
const LENGTH: usize = 200 << 10;

/// Pieces in which a reply comes.
const SIZES: [&[usize]; 3] = [&[1009], &[65_536, 1, 30_000, 7], &[140_000, 100]];

/// Reads it in pieces of several sizes, and over and over.
pub fn run(bytes: &[u8]) {
    let once = filled(bytes, LENGTH);
    let often = once.repeat(LENGTH.div_ceil(once.len().max(1)).min(LENGTH));
    for reply in [once, often] {
        read::<ClientState>(&reply);
        read::<Tasks>(&reply);
        read::<FileTransfers>(&reply);
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
