//! Reads the samples of an exposition: a small reader of our own, so that the tests do not trust what they test.

use std::collections::BTreeMap;

/// A series: its name and labels.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sample {
    pub name: String,
    pub labels: BTreeMap<String, String>,
}

/// All samples of an exposition.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Samples(pub BTreeMap<Sample, f64>);

impl Samples {
    /// Reads either text format.
    ///
    /// # Panics
    /// At a line that is neither comment nor sample, and at a series that comes twice.
    pub fn parse(text: &str) -> Self {
        let mut samples = BTreeMap::new();
        for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let (sample, value) = parse_line(line).unwrap_or_else(|| panic!("not a sample: {line}"));
            let twice = samples.insert(sample, value);
            assert!(twice.is_none(), "the same series twice: {line}");
        }
        Self(samples)
    }

    /// The value of the one series that has this name and, among others, these labels.
    ///
    /// # Panics
    /// When there are several.
    pub fn value(&self, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
        let matching: Vec<_> = self.series(name, labels).collect();
        assert!(matching.len() <= 1, "several series {name}{labels:?}: {matching:?}");
        matching.first().map(|(_, value)| *value)
    }

    /// The series that have this name and, among others, these labels.
    pub fn series(&self, name: &str, labels: &[(&str, &str)]) -> impl Iterator<Item = (&Sample, f64)> {
        self.0
            .iter()
            .filter(move |(sample, _)| sample.name == name && labels.iter().all(|(k, v)| sample.label(k) == Some(*v)))
            .map(|(sample, value)| (sample, *value))
    }

    /// Everything that was said of one client, without the label that names it.
    pub fn of_client(&self, client: &str) -> Self {
        let of_client = self.0.iter().filter(|(sample, _)| sample.label("client") == Some(client));
        Self(of_client.map(|(sample, value)| (sample.without("client"), *value)).collect())
    }
}

impl Sample {
    /// The value of a label.
    pub fn label(&self, name: &str) -> Option<&str> {
        self.labels.get(name).map(String::as_str)
    }

    fn without(&self, label: &str) -> Self {
        let mut sample = self.clone();
        sample.labels.remove(label);
        sample
    }
}

fn parse_line(line: &str) -> Option<(Sample, f64)> {
    let name_end = line.find(['{', ' '])?;
    let (name, mut rest) = line.split_at(name_end);
    let mut labels = BTreeMap::new();
    if let Some(inside) = rest.strip_prefix('{') {
        rest = inside;
        while !rest.starts_with('}') {
            let (label, after) = rest.split_once("=\"")?;
            let (value, after) = parse_quoted(after)?;
            labels.insert(label.to_owned(), value);
            rest = after.strip_prefix(',').unwrap_or(after);
        }
        rest = &rest[1..];
    }
    // What may follow the value, a time or an exemplar, is never written here.
    let value = rest.strip_prefix(' ')?.parse().ok()?;
    Some((Sample { name: name.to_owned(), labels }, value))
}

/// Reads up to the closing quote: the text, and what follows the quote.
fn parse_quoted(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut chars = text.char_indices();
    loop {
        match chars.next()? {
            (end, '"') => return Some((value, &text[end + 1..])),
            (_, '\\') => value.push(match chars.next()?.1 {
                'n' => '\n',
                other => other,
            }),
            (_, other) => value.push(other),
        }
    }
}
