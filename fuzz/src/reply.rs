//! One reply, whole: it is read to its end, and work and memory are bounded by its length. The input is a
//! reply, or a template of a long one.

use boinc_exporter::client::gui_rpc::model;
use boinc_exporter::client::gui_rpc::reply::{Content, parse};

use crate::cost::{assert_bounded, assert_linear, filled};

/// Where time is taken.
const MAX_LENGTH: usize = 256 << 10;

/// Where memory is measured.
const MEASURED: usize = 256 << 10;

/// Bytes of memory for each byte of a reply.
const MULTIPLE: u64 = 6;

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

/// Reads it as every kind, and a long one as the kinds that it names.
pub fn run(bytes: &[u8]) {
    KINDS.iter().for_each(|(_, read)| read(bytes));
    let opens = |root: &&str| memchr::memmem::find(bytes, format!("<{root}>").as_bytes()).is_some();
    for (_, read) in KINDS.iter().filter(|(roots, _)| roots.iter().any(opens)) {
        assert_linear(bytes, MAX_LENGTH, read);
        assert_bounded(MULTIPLE, &filled(bytes, MEASURED), read);
    }
}
