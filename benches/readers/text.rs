//! What ways (a) and (b) need of texts: the same as the crate's own, written once for both.

/// UTF-8 if it is, else Latin-1; control characters replaced.
pub fn decode(bytes: &[u8]) -> String {
    let text =
        std::str::from_utf8(bytes).map_or_else(|_| bytes.iter().copied().map(char::from).collect(), String::from);
    if text.bytes().any(|byte| byte < b' ' || byte == 0x7F || byte == 0xC2) {
        return text.chars().map(|c| if c.is_control() { '\u{FFFD}' } else { c }).collect();
    }
    text
}

/// Undoes references, each of which stands for a byte.
pub fn unescape(bytes: &[u8]) -> Vec<u8> {
    const NAMED: [(&str, u8); 5] = [("lt", b'<'), ("gt", b'>'), ("amp", b'&'), ("quot", b'"'), ("apos", b'\'')];
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((first, behind)) = rest.split_first() {
        let reference = (*first == b'&').then(|| behind.split(|byte| *byte == b';').next()).flatten();
        let name = reference.filter(|name| name.len() < 7 && name.len() < behind.len());
        let byte = name.and_then(|name| std::str::from_utf8(name).ok()).and_then(|name| match name.strip_prefix('#') {
            Some(number) => number.parse().ok(),
            None => NAMED.iter().find(|(named, _)| *named == name).map(|(_, byte)| *byte),
        });
        out.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { &behind[name.map_or(0, <[u8]>::len) + 1..] } else { behind };
    }
    out
}
