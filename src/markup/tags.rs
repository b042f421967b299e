//! The syntax of tags: names, ends and closing tags. Bytes come in, positions and lengths go out, or `None` for what is
//! not a tag. It does not know nesting.

/// Whether an element is a row of `client_state`. Rows do not nest: where one starts, the one before has ended, even if
/// its closing tag is damaged.
pub(super) fn is_row(name: &[u8]) -> bool {
    matches!(name, b"project" | b"app" | b"app_version" | b"workunit" | b"result")
}

/// Whether a name can contain this byte. A table, because every byte of every tag is looked up.
pub(super) const fn is_name_byte(byte: u8) -> bool {
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

/// The position of the `>` of a tag whose name ends before `rest`: directly, after `/`, or after blanks and attributes
/// on the same line.
pub(super) fn tag_end(rest: &[u8]) -> Option<usize> {
    match rest.first()? {
        b'>' => Some(0),
        b'/' if rest.get(1) == Some(&b'>') => Some(1),
        b' ' | b'\t' => rest.iter().position(|b| matches!(b, b'>' | b'<' | b'\n')).filter(|end| rest[*end] == b'>'),
        _ => None,
    }
}

/// The value of an attribute of a tag whose name ends before `rest`.
pub(super) fn attribute<'a>(rest: &'a [u8], name: &str) -> Option<&'a [u8]> {
    let mut rest = &rest[..tag_end(rest)?];
    loop {
        let equals = memchr::memchr(b'=', rest)?;
        let found = rest[..equals].trim_ascii();
        let value = rest[equals + 1..].trim_ascii_start();
        let (value, end) = match value.first()? {
            quote @ (b'"' | b'\'') => (&value[1..], memchr::memchr(*quote, &value[1..])?),
            _ => (value, value.iter().position(u8::is_ascii_whitespace).unwrap_or(value.len())),
        };
        if found == name.as_bytes() {
            return Some(&value[..end]);
        }
        rest = value.get(end + 1..)?;
    }
}

/// `text` without a trailing `</name>`.
pub fn strip_close<'a>(text: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    text.strip_suffix(b">")?.strip_suffix(name)?.strip_suffix(b"</")
}

/// The length of a `</name>` at the start of `text`.
pub(super) fn close_length(text: &[u8], name: &[u8]) -> Option<usize> {
    text.strip_prefix(b"</")?.strip_prefix(name)?.strip_prefix(b">").map(|_| name.len() + 3)
}

/// The position of the first `</name>` in `text`.
pub(super) fn close_position(text: &[u8], name: &[u8]) -> Option<usize> {
    memchr::memchr_iter(b'<', text).find(|at| close_length(&text[*at..], name).is_some())
}
