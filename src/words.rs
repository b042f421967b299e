//! Known words in sentences about unknown ones.

use std::error::Error;

/// Names less alike than this are not offered as what was meant.
const ALIKE: f64 = 0.75;

/// The comparison takes the product of the lengths, and names are short.
const MOST_CHARS: usize = 100;

/// The known word that was probably meant.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word: String = word.chars().take(MOST_CHARS).collect();
    let alike = known.into_iter().map(|name| (strsim::jaro_winkler(&word, name), name));
    alike.filter(|(alike, _)| *alike >= ALIKE).max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, name)| name)
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

/// An error and its causes in one line: `cannot read a.toml: permission denied`.
pub fn chain(error: &(dyn Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |&error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
