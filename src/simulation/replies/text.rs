//! The format of a reply: one leaf per line, numbers as C prints them, indentation as in the client. Knows nothing about the
//! content.

use std::fmt::{Arguments, Display, Write as _};

/// A reply that is being written.
#[derive(Debug, Default)]
pub(super) struct Text {
    out: String,
    indent: usize,
}

impl Text {
    /// The finished text.
    pub fn into_string(self) -> String {
        self.out
    }

    /// An element with children. The indentation of its own tags and of its children differs by element.
    pub fn element(&mut self, [own, children]: [usize; 2], tag: &str, write: impl FnOnce(&mut Self)) {
        let before = std::mem::replace(&mut self.indent, own);
        self.line(&["<", tag, ">"]);
        self.indent = children;
        write(self);
        self.indent = own;
        self.line(&["</", tag, ">"]);
        self.indent = before;
    }

    /// Lines with a different indentation than the surrounding ones.
    pub fn indented(&mut self, blanks: usize, write: impl FnOnce(&mut Self)) {
        let before = std::mem::replace(&mut self.indent, blanks);
        write(self);
        self.indent = before;
    }

    /// `%f`.
    pub fn number(&mut self, tag: &str, value: f64) {
        self.leaf(tag, |out| push_number(out, value));
    }

    /// `%.0f`.
    pub fn whole(&mut self, tag: &str, value: f64) {
        self.formatted(tag, format_args!("{:.0}", finite(value)));
    }

    /// `%d` and similar formats.
    pub fn integer(&mut self, tag: &str, value: impl Display) {
        self.formatted(tag, format_args!("{value}"));
    }

    /// 0 or 1.
    pub fn switch(&mut self, tag: &str, value: bool) {
        self.raw(tag, if value { "1" } else { "0" });
    }

    /// `<tag/>`, or nothing.
    pub fn flag(&mut self, tag: &str, value: bool) {
        if value {
            self.line(&["<", tag, "/>"]);
        }
    }

    /// Text without escaping.
    pub fn raw(&mut self, tag: &str, value: &str) {
        self.leaf(tag, |out| out.push_str(value));
    }

    /// Formatted text without escaping.
    pub fn formatted(&mut self, tag: &str, value: Arguments<'_>) {
        self.leaf(tag, |out| push(out, value));
    }

    /// Text escaped as the client does it, byte by byte: `ë` becomes `&#195;&#171;`.
    pub fn escaped(&mut self, tag: &str, value: &str) {
        self.leaf(tag, |out| push_escaped(out, value));
    }

    /// Text in a CDATA section on its own lines.
    pub fn cdata_lines(&mut self, tag: &str, value: &str) {
        self.line(&["<", tag, "><![CDATA[\n", value, "\n]]></", tag, ">"]);
    }

    /// Text in a CDATA section on one line.
    pub fn cdata(&mut self, tag: &str, value: &str) {
        self.line(&["<", tag, "><![CDATA[", value, "]]></", tag, ">"]);
    }

    /// Text on its own line between the tags.
    pub fn on_its_own_line(&mut self, tag: &str, value: &str) {
        self.line(&["<", tag, ">\n", value]);
        self.line(&["</", tag, ">"]);
    }

    /// A leaf whose text is appended by `write`.
    pub fn leaf(&mut self, tag: &str, write: impl FnOnce(&mut String)) {
        self.blanks();
        self.out.extend(["<", tag, ">"]);
        write(&mut self.out);
        self.out.extend(["</", tag, ">\n"]);
    }

    /// An empty line.
    pub fn empty_line(&mut self) {
        self.out.push('\n');
    }

    fn line(&mut self, pieces: &[&str]) {
        self.blanks();
        self.out.extend(pieces.iter().copied());
        self.out.push('\n');
    }

    fn blanks(&mut self) {
        const BLANKS: &str = "                ";
        self.out.push_str(&BLANKS[..self.indent.min(BLANKS.len())]);
    }
}

/// Appends formatted text.
pub(super) fn push(out: &mut String, value: Arguments<'_>) {
    out.write_fmt(value).expect("a String takes all that is written");
}

/// `%.3g` of a positive number.
pub(super) fn push_short(out: &mut String, value: f64) {
    let before = out.len();
    let decimals = match finite(value) {
        value if value < 0.1 => 4,
        value if value < 1.0 => 3,
        value if value < 10.0 => 2,
        value if value < 100.0 => 1,
        _ => 0,
    };
    push(out, format_args!("{:.decimals$}", finite(value)));
    if out[before..].contains('.') {
        out.truncate(out.trim_end_matches('0').trim_end_matches('.').len());
    }
}

/// Numbers of a real client may overflow; those of a simulated one must not.
const fn finite(value: f64) -> f64 {
    if value.is_finite() { value } else { 0.0 }
}

fn push_number(out: &mut String, value: f64) {
    /// Below this, a float holds millionths exactly as integers.
    const SMALL: f64 = 9e9;
    /// Below this, a float holds every integer exactly.
    const EXACT: f64 = 9e15;
    let value = finite(value);
    let size = value.abs();
    let sign = if value.is_sign_negative() { "-" } else { "" };
    if size < SMALL {
        let millionths = integer(size * 1e6);
        out.push_str(sign);
        push_digits(out, millionths / 1_000_000, 1);
        out.push('.');
        push_digits(out, millionths % 1_000_000, 6);
    } else if size < EXACT && size.fract() == 0.0 {
        out.push_str(sign);
        push_digits(out, integer(size), 1);
        out.push_str(".000000");
    } else {
        push(out, format_args!("{value:.6}"));
    }
}

/// Appends at least `least` digits. `fmt` can do this too, but is slower: a reply with 100 000 tasks has a million numbers.
fn push_digits(out: &mut String, mut value: u64, least: usize) {
    let mut digits = [b'0'; 20];
    let mut at = digits.len();
    while value > 0 || digits.len() - at < least {
        at -= 1;
        digits[at] += u8::try_from(value % 10).expect("a digit is small");
        value /= 10;
    }
    out.push_str(std::str::from_utf8(&digits[at..]).expect("digits are ASCII"));
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "both bounds are checked before")]
fn integer(size: f64) -> u64 {
    size.round() as u64
}

fn push_escaped(out: &mut String, value: &str) {
    for byte in value.bytes() {
        match byte {
            b'<' => out.push_str("&lt;"),
            b'&' => out.push_str("&amp;"),
            b'>' if out.ends_with("]]") => out.push_str("&gt;"),
            b'\t' | b'\n' | b'\r' | 128.. => push(out, format_args!("&#{byte};")),
            0..b' ' => {}
            byte => out.push(char::from(byte)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(value: f64) -> String {
        let mut out = String::new();
        push_number(&mut out, value);
        out
    }

    #[test]
    fn numbers_look_as_in_c() {
        let cases = [
            (0.0, "0.000000"),
            (-0.0, "-0.000000"),
            (0.000_000_4, "0.000000"),
            (1.5, "1.500000"),
            (-1.020_399_4, "-1.020399"),
            (1_795_322_417.467_971, "1795322417.467971"),
            (25_276_514_304.0, "25276514304.000000"),
            (42_769_950_023.68, "42769950023.680000"),
            (1e20, "100000000000000000000.000000"),
            (f64::NAN, "0.000000"),
            (f64::INFINITY, "0.000000"),
        ];
        for (value, text) in cases {
            assert_eq!(number(value), text);
        }
    }

    #[test]
    fn short_numbers_have_three_digits() {
        let short = |value| {
            let mut out = "100".to_owned();
            push_short(&mut out, value);
            out.split_off(3)
        };
        let cases = [0.05, 0.5, 0.985, 0.999_758, 1.0, 1.5, 2.0, 3.456, 16.0, 100.0, 128.0];
        let texts = ["0.05", "0.5", "0.985", "1", "1", "1.5", "2", "3.46", "16", "100", "128"];
        assert_eq!(cases.map(short), texts.map(str::to_owned));
    }

    #[test]
    fn the_escaper_goes_by_bytes() {
        let mut text = Text::default();
        text.escaped("name", "Zoë & <b>\t]]>\u{1}!");
        assert_eq!(text.into_string(), "<name>Zo&#195;&#171; &amp; &lt;b>&#9;]]&gt;!</name>\n");
    }
}
