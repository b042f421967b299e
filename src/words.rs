//! Parts of error messages: what was probably meant, lists of words, chains of causes, and text that commands no terminal.

use std::error::Error;

/// Names less similar than this are not suggested.
const MIN_SIMILARITY: f64 = 0.75;

/// Comparing takes time in proportion to the product of the lengths, and names are short.
const MAX_CHARS: usize = 100;

/// The known word that was probably meant.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word: String = word.chars().take(MAX_CHARS).collect();
    let similar = known.into_iter().map(|name| (strsim::jaro_winkler(&word, name), name));
    similar
        .filter(|(similarity, _)| *similarity >= MIN_SIMILARITY)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name)
}

/// The words as a list: `` `a`, `b` and `c` ``.
#[must_use]
pub fn list(words: &[&str], last: &str) -> String {
    let words: Vec<_> = words.iter().map(|word| format!("`{word}`")).collect();
    match words.split_last() {
        Some((end, rest)) if !rest.is_empty() => format!("{} {last} {end}", rest.join(", ")),
        _ => words.concat(),
    }
}

/// A sentence in which nothing commands the terminal that shows it, or a log: control characters are shown as `\t` or `\u{1b}`.
#[must_use]
pub fn visible(text: &str) -> String {
    let show = |c: char| if c.is_control() { c.escape_default().to_string() } else { c.to_string() };
    text.chars().map(show).collect()
}

/// An error and its causes in one line: `cannot read a.toml: permission denied`. Some errors end with the text of their cause;
/// it is not repeated.
pub fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = String::new();
    for cause in std::iter::successors(Some(error), |&error| error.source()).map(ToString::to_string) {
        if text.is_empty() {
            text = cause;
        } else if !text.ends_with(&cause) {
            text = format!("{text}: {cause}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[test]
    fn no_text_commands_a_terminal() {
        assert_eq!(visible("a\tb \u{1b}[31mc\u{9b}é"), "a\\tb \\u{1b}[31mc\\u{9b}é");
    }

    #[derive(Debug, thiserror::Error)]
    #[error("{0}")]
    struct Outer(&'static str, #[source] io::Error);

    #[test]
    fn a_cause_is_said_once() {
        for (outer, expected) in [
            ("cannot read a.toml", "cannot read a.toml: denied"),
            ("denied", "denied"),
            ("cannot read a.toml: denied", "cannot read a.toml: denied"),
        ] {
            assert_eq!(chain(&Outer(outer, io::Error::other("denied"))), expected);
        }
    }
}
