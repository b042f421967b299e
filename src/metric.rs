//! What a metric, a table of metrics and a subject are, and how tables become samples. Snapshots come in; families go to
//! prometheus-client's encoder. Knows neither clients nor projects.
//!
//! | module | what it knows |
//! |---|---|
//! | `table` | a metric, a row, a table, a subject |
//! | `samples` | one sample: its labels, its value, its limits |
//! | `histogram` | counts by size |
//! | `encode` | families outermost, so that none is interrupted |
//! | `scrape` | the tables of all subjects, as one list |
//! | [`reference`] | tables as Markdown |

mod encode;
mod histogram;
pub mod reference;
mod samples;
mod scrape;
mod table;

pub use histogram::Histogram;
pub use samples::{Kind, SampleWriter};
pub use scrape::{BoundTable, Scrape};
pub use table::{Description, ErasedTable, Metric, Row, Subject, Table, Value};
