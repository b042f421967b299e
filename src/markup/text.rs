//! Decodes the texts of leaves. Bytes come in; text that can become a label goes out, short texts without memory of their
//! own. It does not know which element a text belongs to.

use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;

use compact_str::CompactString;

/// Text that the client wrote unescaped.
#[derive(Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Raw(CompactString);

/// Text that the client escaped byte by byte (`ë` in UTF-8 is `&#195;&#171;`), or that a server sent as XML.
#[derive(Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Escaped(CompactString);

impl Raw {
    pub(super) fn decode(bytes: &[u8]) -> Self {
        Self(to_text(bytes.trim_ascii()))
    }
}

impl Escaped {
    pub(crate) fn decode(bytes: &[u8]) -> Self {
        // Six bytes are the longest that stand for one.
        let bytes = bytes.trim_ascii();
        Self(to_text(&unescape(&bytes[..bytes.len().min(8 * MAX_BYTES)])))
    }
}

macro_rules! text {
    ($($type:ty),*) => {$(
        impl Deref for $type {
            type Target = str;
            fn deref(&self) -> &str {
                &self.0
            }
        }
        impl fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
        impl From<&str> for $type {
            fn from(text: &str) -> Self {
                Self(text.into())
            }
        }
    )*};
}
text!(Raw, Escaped);

/// How much of a text is read. BOINC keeps names, URLs and versions in 256 bytes (`lib/common_defs.h`, `client/client_types.h`),
/// and what is matched in longer ones stands at their beginning. A text that stands in each of a thousand rows must not be as
/// long as a reply.
const MAX_BYTES: usize = 1024;

/// Decodes UTF-8, or Latin-1 if it is not valid UTF-8. Control characters become U+FFFD, so that no label breaks a line
/// or a terminal.
fn to_text(bytes: &[u8]) -> CompactString {
    let bytes = &bytes[..end_of_text(bytes)];
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(bytes.iter().copied().map(char::from).collect()),
    };
    // In UTF-8, 0xC2 starts the control characters of Latin-1's upper half.
    #[expect(clippy::needless_bitwise_bool, reason = "without branches the compiler can vectorize the loop")]
    let suspicious = text.bytes().fold(false, |found, b| found | (b < b' ') | (b == 0x7F) | (b == 0xC2));
    if suspicious {
        return text.chars().map(|c| if c.is_control() { '\u{FFFD}' } else { c }).collect();
    }
    text.into()
}

/// Where a text ends that may be too long: not within a character of UTF-8.
fn end_of_text(bytes: &[u8]) -> usize {
    if bytes.len() <= MAX_BYTES {
        return bytes.len();
    }
    let continues = bytes[..=MAX_BYTES].iter().rev().take(4).take_while(|byte| (0x80..0xC0).contains(*byte)).count();
    MAX_BYTES - continues
}

/// Reverses BOINC's `xml_escape`: `&#N;` is the byte N. Anything that is not a reference is left as it is.
fn unescape(bytes: &[u8]) -> Cow<'_, [u8]> {
    if memchr::memchr(b'&', bytes).is_none() {
        return Cow::Borrowed(bytes);
    }
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(at) = memchr::memchr(b'&', rest) {
        out.extend_from_slice(&rest[..at]);
        rest = &rest[at..];
        let (byte, length) = reference(rest).unwrap_or((b'&', 1));
        out.push(byte);
        rest = &rest[length..];
    }
    out.extend_from_slice(rest);
    Cow::Owned(out)
}

/// The byte for a reference at the start of `text`, and the reference's length.
fn reference(text: &[u8]) -> Option<(u8, usize)> {
    const NAMED: [(&[u8], u8); 5] =
        [(b"&lt;", b'<'), (b"&gt;", b'>'), (b"&amp;", b'&'), (b"&quot;", b'"'), (b"&apos;", b'\'')];
    if let Some((name, byte)) = NAMED.into_iter().find(|(name, _)| text.starts_with(name)) {
        return Some((byte, name.len()));
    }
    // The longest reference to a byte is `&#x00FF;`.
    let end = text.iter().take(9).position(|b| *b == b';')?;
    let digits = std::str::from_utf8(text.get(2..end)?).ok()?;
    if !text.starts_with(b"&#") || digits.starts_with('+') {
        return None;
    }
    let byte = match digits.strip_prefix(['x', 'X']) {
        Some(hex) if !hex.starts_with('+') => u8::from_str_radix(hex, 16).ok()?,
        Some(_) => return None,
        None => digits.parse().ok()?,
    };
    Some((byte, end + 1))
}

#[cfg(test)]
mod tests {
    use super::{Escaped, Raw};

    #[test]
    fn references_are_bytes_then_utf8_or_latin1() {
        for (wire, text) in [
            ("Zo&#195;&#171; &amp; Bj&#195;&#182;rk", "Zoë & Björk"),
            ("caf&#233;", "café"),
            ("&lt;a&gt; &quot;b&quot; &apos;c&apos; &#x41;", "<a> \"b\" 'c' A"),
            ("A&B &unknown; &#; &#256; &#+65; &#x; &", "A&B &unknown; &#; &#256; &#+65; &#x; &"),
            ("  padded\t", "padded"),
            ("two&#10;lines", "two\u{FFFD}lines"),
        ] {
            assert_eq!(&*Escaped::decode(wire.as_bytes()), text, "{wire}");
        }
    }

    #[test]
    fn raw_text_is_left_alone() {
        assert_eq!(&*Raw::decode(b"Alpha & Omega &lt;test&gt; &#233;"), "Alpha & Omega &lt;test&gt; &#233;");
        assert_eq!(&*Raw::decode(b"L\xe4b"), "Läb");
        assert_eq!(&*Raw::decode("Läb".as_bytes()), "Läb");
    }
}
