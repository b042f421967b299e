//! A `message` of a scheduler's reply: a sentence, with what else servers write there. A message comes in, its class goes out.

use super::class::Class;
use super::scheduler::{Said, said};

/// What a request without a computer is told before anything else; for clients up to 4.19, servers join all messages.
const REMARKS: [&str; 2] = ["Missing CPU type in request", "Missing OS name in request"];

/// What a message says about work; `None` if nothing.
#[must_use]
pub fn class(message: &str) -> Option<Class> {
    let mut sentence = message.trim();
    while let Some(rest) = REMARKS.iter().find_map(|remark| sentence.strip_prefix(remark)) {
        sentence = rest.trim_start();
    }
    // Some servers leave the mark for translation to the client.
    let unmarked = sentence.strip_prefix("_(\"").map(|text| text.replacen("\")", "", 1));
    let sentence = unmarked.as_deref().unwrap_or(sentence).trim();
    if sentence.is_empty() {
        return None;
    }
    // What ends a sentence may be missing: the kind of a computer that says none, for example.
    match said(sentence).or_else(|| said(&format!("{sentence} "))) {
        Some(Said::Remark) => None,
        Some(Said::Refused(class)) => Some(class),
        None => Some(Class::Other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_servers_write_around_a_sentence_is_no_part_of_it() {
        for (message, expected) in [
            ("Project has no tasks available\n", Some(Class::NoWork)),
            ("_(\"This project doesn't support computers of type\") vax-unknown-vms", Some(Class::Platform)),
            ("_(\"This project doesn't support computers of type\") ", Some(Class::Platform)),
            (
                "Missing CPU type in request Missing OS name in request Server can't open database",
                Some(Class::ServerDown),
            ),
            ("Missing OS name in request", None),
            ("No tasks sent", None),
            ("The moon stands wrong", Some(Class::Other)),
            (" ", None),
        ] {
            assert_eq!(class(message), expected, "{message}");
        }
    }
}
