//! The printed table.

use std::time::Duration;

/// A row of the table.
pub struct Row {
    /// What was measured.
    pub measure: String,
    /// The measured value.
    pub value: f64,
    /// The unit, printed after the value.
    pub unit: &'static str,
    /// The target, if there is one.
    pub target: Option<Limit>,
    /// Details.
    pub note: String,
}

/// The target of a value.
#[derive(Clone, Copy)]
pub enum Limit {
    /// At most.
    Most(f64),
    /// At least.
    Least(f64),
}

impl Limit {
    fn holds(self, value: f64) -> bool {
        match self {
            Self::Most(limit) => value <= limit,
            Self::Least(limit) => value >= limit,
        }
    }
}

/// Prints the header.
pub fn head() {
    println!("| measure | value | target | |\n|---|---|---|---|");
}

impl Row {
    /// Creates a row.
    pub fn new(measure: &str, value: f64, unit: &'static str, target: Option<Limit>, note: String) -> Self {
        Self { measure: measure.to_owned(), value, unit, target, note }
    }

    /// Prints the row immediately: the whole table takes minutes.
    pub fn print(&self) {
        let target = match self.target {
            Some(Limit::Most(limit)) => format!("<= {limit}"),
            Some(Limit::Least(limit)) => format!(">= {limit}"),
            None => String::new(),
        };
        let missed = if self.target.is_some_and(|target| !target.holds(self.value)) { "**missed** " } else { "" };
        println!("| {} | {:.2}{} | {target} | {missed}{} |", self.measure, self.value, self.unit, self.note);
    }
}

/// The median.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Milliseconds.
pub fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}
