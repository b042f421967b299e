//! Parts of error messages: what was probably meant, lists of words, chains of causes.

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

/// An error and its causes in one line: `cannot read a.toml: permission denied`.
pub fn chain(error: &(dyn Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |&error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
