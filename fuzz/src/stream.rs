//! One reply in pieces: it is read alike, wherever they end.

use std::fmt::Debug;

use boinc_exporter::client::gui_rpc::model::{ClientState, FileTransfers, Tasks};
use boinc_exporter::client::gui_rpc::reply::{Content, Incoming};

/// Reads it in pieces of several sizes.
pub fn run(bytes: &[u8]) {
    read::<ClientState>(bytes);
    read::<Tasks>(bytes);
    read::<FileTransfers>(bytes);
}

fn read<T: Content + Debug>(reply: &[u8]) {
    let whole = in_pieces::<T>(reply, usize::MAX);
    for size in [16, 100, 1000] {
        let pieces = in_pieces::<T>(reply, size);
        assert!(pieces == whole, "in pieces of {size}:\n{pieces}\nwhole:\n{whole}");
    }
}

/// What comes of pieces of this size. As a connection does it, what is not read yet is shown again with the next piece.
fn in_pieces<T: Content + Debug>(reply: &[u8], size: usize) -> String {
    let (mut incoming, mut taken, mut end) = (Incoming::<T>::default(), 0, size);
    while end < reply.len() {
        loop {
            match incoming.segment(&reply[taken..end]) {
                Ok(0) => break,
                Ok(read) => taken += read,
                Err(error) => return format!("{error:?}"),
            }
        }
        end += size.max(end - taken);
    }
    format!("{:?}", incoming.end(&reply[taken..]))
}
