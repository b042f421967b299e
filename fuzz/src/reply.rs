//! One reply, whole: it is read to its end, and work and memory are bounded by its length. The input is a
//! template of a long reply, or one row of it.

use boinc_exporter::client::gui_rpc::model;
use boinc_exporter::client::gui_rpc::reply::{Content, parse};

use crate::cost::{PIECE, assert_bounded, assert_linear, filled, repeated};

/// Long enough to show work that grows with the square.
const LENGTH: usize = 128 << 10;

/// Bytes of memory for each byte of a reply.
const MULTIPLE: u64 = 8;

/// What precedes rows, unless the input says.
const HEAD: &[u8] = b"<boinc_gui_rpc_reply>\n<client_state>\n<project>\n";

/// A kind of reply: its root elements, and how it is read.
type Kind = (&'static [&'static str], fn(&[u8]));

macro_rules! kinds {
    ($($content:ident)+) => { [$((model::$content::ROOTS, read::<model::$content>)),+] };
}

const KINDS: [Kind; 17] = kinds!(CcStatus ClientState DailyTransfers DiskUsage FileTransfers HostInfo KnownProjects MessageCount
    Messages Notices OldResults Projects ScreensaverTasks ServerVersion SimpleGuiInfo Statistics Tasks);

fn read<T: Content>(reply: &[u8]) {
    let _ = parse::<T>(reply);
}

/// Reads it as every kind, and what it is a template of as the kinds that it names.
pub fn run(bytes: &[u8]) {
    KINDS.iter().for_each(|(_, read)| read(bytes));
    let fill = |length| match bytes.contains(&PIECE) {
        true => filled(bytes, length),
        false => [HEAD, &repeated(bytes, length)].concat(),
    };
    let whole = fill(LENGTH);
    let opens = |root: &&str| memchr::memmem::find(&bytes[..bytes.len().min(LENGTH)], format!("<{root}>").as_bytes()).is_some();
    let named: Vec<_> = KINDS.iter().filter(|(roots, _)| roots.iter().any(opens)).collect();
    for (_, read) in if named.is_empty() { vec![&KINDS[1]] } else { named } {
        assert_linear(LENGTH, fill, read);
        assert_bounded(MULTIPLE, &whole, read);
    }
}
