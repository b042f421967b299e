//! Parses requests as a BOINC client does. This is not an XML parser: it accepts more, and sometimes less, than one would expect.

use crate::simulation::replies::ParsedRequest;

/// A client that has received this many bytes without a complete request closes the connection.
pub const TOO_LONG: usize = 100_000;

/// Terminates each request and each reply.
const TERMINATOR: u8 = 3;

/// The request at the start of these bytes; `None` if it is incomplete. Bytes after its end are discarded, and a NUL hides
/// everything after it.
pub fn whole(bytes: &[u8]) -> Option<String> {
    let visible = bytes.split(|byte| *byte == 0).next().unwrap_or_default();
    let end = visible.iter().position(|byte| *byte == TERMINATOR)?;
    Some(String::from_utf8_lossy(&visible[..end]).into_owned())
}

/// The parsed request and the content of its tag, including a slash; or the error with which the client rejects it. The first tag
/// is the envelope and the second the operation, whatever their names.
pub fn parse(text: &str) -> Result<(ParsedRequest<'_>, &str), &'static str> {
    let (_, rest) = tag(text).ok_or("missing boinc_gui_rpc_request tag")?;
    let (operation, _) = tag(rest).ok_or("missing request")?;
    let parsed = ParsedRequest {
        operation: operation.strip_suffix('/').unwrap_or(operation),
        seqno: leaf(text, "seqno").and_then(|number| number.parse().ok()).unwrap_or_default(),
        active_only: text.contains("<active_only/>") || leaf(text, "active_only").is_some_and(|value| value != "0"),
    };
    Ok((parsed, operation))
}

/// The next tag without attributes, and the rest of the text.
fn tag(text: &str) -> Option<(&str, &str)> {
    let (inside, rest) = text.split_once('<')?.1.split_once('>')?;
    Some((inside.split_ascii_whitespace().next().unwrap_or_default(), rest))
}

/// The text of the first element with this name.
pub fn leaf<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(&format!("<{name}>"))?;
    rest.split('<').next().map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_end_where_a_client_sees_their_end() {
        let cases: [(&[u8], _); 7] = [
            (b"", None),
            (b"<a>\n<b/>\n", None),
            (b"<a>\n<b/>\n\x03", Some("<a>\n<b/>\n")),
            (b"<a><b/>\x03<a><c/>\x03", Some("<a><b/>")),
            (b"<a><b/>\x03<a><c", Some("<a><b/>")),
            (b"\x03", Some("")),
            (b"<a>\0<b/>\x03", None),
        ];
        for (bytes, expected) in cases {
            assert_eq!(whole(bytes).as_deref(), expected, "{}", bytes.escape_ascii());
        }
    }

    #[test]
    fn the_second_tag_is_the_operation() {
        let cases = [
            ("", Err("missing boinc_gui_rpc_request tag")),
            ("get_state", Err("missing boinc_gui_rpc_request tag")),
            ("<<<>>>\n", Err("missing request")),
            ("\n</boinc_gui_rpc_request>\n", Err("missing request")),
            ("<boinc_gui_rpc_request>\n</boinc_gui_rpc_request>\n", Ok("/boinc_gui_rpc_request")),
            ("<?xml version=\"1.0\"?>\n<boinc_gui_rpc_request>\n<get_state/>\n", Ok("boinc_gui_rpc_request")),
            ("<x>\n<get_state/>\n", Ok("get_state/")),
            ("<x><get_state></get_state></x>", Ok("get_state")),
            ("<x><get_state /></x>", Ok("get_state")),
            ("<x><get_state attr=\"1\"/></x>", Ok("get_state")),
            ("<x><a&b></x>", Ok("a&b")),
        ];
        for (text, expected) in cases {
            assert_eq!(parse(text).map(|(_, tag)| tag), expected, "{text}");
        }
    }

    #[test]
    fn arguments_that_are_odd_are_not_there() {
        let parsed = |arguments: &str| {
            let text = format!("<x><get_results>{arguments}</get_results></x>");
            parse(&text).map(|(parsed, _)| (parsed.operation == "get_results", parsed.seqno, parsed.active_only))
        };
        for (arguments, seqno, active_only) in [
            ("", 0, false),
            ("<seqno>12</seqno>", 12, false),
            ("\n <seqno> -1 </seqno>\n <active_only>1</active_only>\n", -1, true),
            ("<seqno>abc</seqno><active_only/>", 0, true),
            ("<active_only>0</active_only>", 0, false),
        ] {
            assert_eq!(parsed(arguments), Ok((true, seqno, active_only)), "{arguments}");
        }
    }
}
