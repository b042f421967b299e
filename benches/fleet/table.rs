//! The table that is printed.

use std::time::Duration;

/// One line of it.
pub struct Row {
    /// What was measured.
    pub measure: String,
    /// What it was.
    pub value: f64,
    /// What follows the number.
    pub unit: &'static str,
    /// What it has to be, if that is said.
    pub must: Option<Limit>,
    /// How it came about.
    pub note: String,
}

/// What a value has to be.
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

/// Prints what stands above.
pub fn head() {
    println!("| measure | value | must | |\n|---|---|---|---|");
}

impl Row {
    /// A line.
    pub fn new(measure: &str, value: f64, unit: &'static str, must: Option<Limit>, note: String) -> Self {
        Self { measure: measure.to_owned(), value, unit, must, note }
    }

    /// Prints it at once: the whole table takes minutes.
    pub fn print(&self) {
        let must = match self.must {
            Some(Limit::Most(limit)) => format!("<= {limit}"),
            Some(Limit::Least(limit)) => format!(">= {limit}"),
            None => String::new(),
        };
        let missed = if self.must.is_some_and(|must| !must.holds(self.value)) { "**missed** " } else { "" };
        println!("| {} | {:.2}{} | {must} | {missed}{} |", self.measure, self.value, self.unit, self.note);
    }
}

/// The value in the middle.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Milliseconds.
pub fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}
