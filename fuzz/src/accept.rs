//! An `Accept` header, or a template of one: order, case and blanks do not matter, and its length bounds the work.

use boinc_exporter::exposition::negotiate;

use crate::cost::assert_linear;

const MAX_LENGTH: usize = 256 << 10;

/// Negotiates.
pub fn run(bytes: &[u8]) {
    assert_linear(bytes, MAX_LENGTH, |bytes| {
        let _ = negotiate(str::from_utf8(bytes).ok());
    });
    let Ok(header) = str::from_utf8(bytes) else { return };
    let chosen = negotiate(Some(header));
    let ranges: Vec<_> = header.rsplit(',').collect();
    for same in [ranges.join(" , "), header.to_ascii_uppercase(), format!("{header},,")] {
        assert_eq!(negotiate(Some(&same)), chosen, "{same:?} is {header:?}");
    }
}
