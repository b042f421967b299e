//! What tags look like: names, ends, closing tags. Bytes in, positions and lengths out; whatever is no tag has none.

/// Whether an element is a row of `client_state`. None holds another: where one begins, the one before has ended, whatever
/// became of its closing tag.
pub(super) fn is_row(name: &[u8]) -> bool {
    matches!(name, b"project" | b"app" | b"app_version" | b"workunit" | b"result")
}

/// Whether a name can have this byte. A table, because it is asked for every byte of every tag.
pub(super) const fn is_name(byte: u8) -> bool {
    static TABLE: [bool; 256] = {
        let mut table = [false; 256];
        let mut byte = 0_u8;
        while byte.is_ascii() {
            table[byte as usize] = byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b':');
            byte += 1;
        }
        table
    };
    TABLE[byte as usize]
}

/// Position of the `>` of a tag whose name ends before `rest`: after nothing, `/`, or blanks and attributes on the same line.
pub(super) fn tag_end(rest: &[u8]) -> Option<usize> {
    match rest.first()? {
        b'>' => Some(0),
        b'/' if rest.get(1) == Some(&b'>') => Some(1),
        b' ' | b'\t' => rest.iter().position(|b| matches!(b, b'>' | b'<' | b'\n')).filter(|end| rest[*end] == b'>'),
        _ => None,
    }
}

/// `text` without `</name>` at its end.
pub fn strip_close<'a>(text: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    text.strip_suffix(b">")?.strip_suffix(name)?.strip_suffix(b"</")
}

/// Length of the `</name>` that `text` begins with.
pub(super) fn close_length(text: &[u8], name: &[u8]) -> Option<usize> {
    text.strip_prefix(b"</")?.strip_prefix(name)?.strip_prefix(b">").map(|_| name.len() + 3)
}

/// Where the first `</name>` in `text` begins.
pub(super) fn close_position(text: &[u8], name: &[u8]) -> Option<usize> {
    memchr::memchr_iter(b'<', text).find(|at| close_length(&text[*at..], name).is_some())
}
