//! What `boinccmd` prints, taken apart without any knowledge of the protocol behind it.

use std::collections::BTreeMap;

/// One block of `key: value` lines. Of a key that repeats, the first stands: the lines of a project's links repeat `name`.
pub type Record = BTreeMap<String, String>;

/// The records of one answer, by the title above them (`======== Tasks ========`, or an unindented line).
#[derive(Debug, Default)]
pub struct Output {
    pub text: String,
    sections: BTreeMap<String, Vec<Record>>,
}

impl Output {
    pub fn parse(text: &str) -> Self {
        let mut output = Self { text: text.to_owned(), ..Self::default() };
        let mut title = String::new();
        for line in text.lines() {
            if let Some(rest) = line.strip_prefix("======== ") {
                rest.trim_end_matches(" ========").clone_into(&mut title);
                output.sections.entry(title.clone()).or_default();
            } else if line.ends_with(") -----------") {
                output.sections.entry(title.clone()).or_default().push(Record::new());
            } else if line.starts_with(char::is_alphabetic) && !line.contains(": ") && !line.ends_with(':') {
                line.clone_into(&mut title);
            } else {
                output.line(&title, line.trim());
            }
        }
        output
    }

    fn line(&mut self, title: &str, line: &str) {
        let (key, value) = line.split_once(':').unwrap_or((line, ""));
        let records = self.sections.entry(title.to_owned()).or_default();
        if records.is_empty() {
            records.push(Record::new());
        }
        let record = records.last_mut().expect("one was pushed");
        record.entry(key.to_owned()).or_insert_with(|| value.trim().to_owned());
    }

    /// The records below a title.
    pub fn records(&self, title: &str) -> &[Record] {
        self.sections.get(title).map_or(&[], Vec::as_slice)
    }

    /// Leaves only some of the records below a title.
    pub fn retain(&mut self, title: &str, keep: impl FnMut(&Record) -> bool) {
        self.sections.entry(title.to_owned()).or_default().retain(keep);
    }

    /// The record below a title that has only one, or of an answer without titles (`""`).
    pub fn record(&self, title: &str) -> &Record {
        self.records(title).first().unwrap_or_else(|| panic!("no `{title}` in\n{}", self.text))
    }
}

/// A value as a number: `12.5`, `0.02MB` (which are mebibytes), `yes`, or a time.
pub fn number(text: &str) -> f64 {
    if let Some(mebibytes) = text.strip_suffix("MB") {
        return number(mebibytes.trim()) * 1_048_576.0;
    }
    match text {
        "yes" => 1.0,
        "no" => 0.0,
        _ => text.parse().ok().or_else(|| time(text)).unwrap_or_else(|| panic!("`{text}` is no number and no time")),
    }
}

/// Half of the last printed digit: by so much may the value behind a text differ from it.
pub fn precision(text: &str) -> f64 {
    let (digits, unit) = text.strip_suffix("MB").map_or((text, 1.0), |t| (t, 1_048_576.0));
    let decimals = digits.trim().split_once('.').map_or(0, |(_, d)| i32::try_from(d.len()).unwrap_or(0));
    // A whole number is one: a count, or a time that was cut to seconds.
    if time(text).is_some() { 1.0 } else { 0.51 * unit * 10_f64.powi(-decimals) }
}

/// `Mon Nov 23 14:31:16 2026`, in UTC, as seconds since 1970.
fn time(text: &str) -> Option<f64> {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let mut words = text.split_whitespace().skip(1);
    let month = MONTHS.iter().position(|m| words.clone().next() == Some(m))?;
    words.next();
    let day: f64 = words.next()?.parse().ok()?;
    let clock = words.next()?.split(':').map(|n| n.parse::<f64>().ok()).collect::<Option<Vec<_>>>()?;
    let year: i32 = words.next()?.parse().ok()?;
    let leap = |y: i32| (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
    let years: i32 = (1970..year).map(|y| if leap(y) { 366 } else { 365 }).sum();
    let lengths = [31, if leap(year) { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let months: i32 = lengths.iter().take(month).sum();
    let days = f64::from(years + months) + day - 1.0;
    Some(clock.iter().fold(days * 24.0, |sum, n| (sum + n) * 60.0) / 60.0)
}

#[test]
fn times_and_sizes_are_read() {
    // The fold above: days → hours → minutes → seconds.
    assert_eq!(time("Thu Jan  1 00:00:01 1970"), Some(1.0));
    assert_eq!(time("Mon Nov 23 14:31:16 2026"), Some(1_795_444_276.0));
    assert_eq!(time("12.5"), None);
    assert!((number("0.50MB") - 524_288.0).abs() < 1e-9);
}
