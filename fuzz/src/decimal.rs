//! The text of a number: the fast reader reads what the standard library reads, or leaves it.

use boinc_exporter::markup::reader::Reader;

/// Reads it as a leaf.
pub fn run(bytes: &[u8]) {
    let leaf = [b"<x>", bytes, b"</x>\n"].concat();
    let mut reader = Reader::new(&leaf);
    let Some(tag) = reader.child() else { return };
    if let Some(number) = reader.decimal(&tag) {
        let end = bytes.iter().position(|byte| *byte == b'<').unwrap_or(bytes.len());
        let expected = str::from_utf8(&bytes[..end]).ok().and_then(|text| text.parse::<f64>().ok());
        assert_eq!(expected.map(f64::to_bits), Some(number.to_bits()), "{:?}", String::from_utf8_lossy(bytes));
    }
}
