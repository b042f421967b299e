//! Defines metrics, tables of metrics, and the subjects that tables are about. Snapshots come in; families go to
//! prometheus-client's encoder. It knows neither clients nor projects.
//!
//! | module | what it knows |
//! |---|---|
//! | `table` | a metric, a row, a table, a subject |
//! | `samples` | the samples of a metric: labels, values, limits |
//! | `histogram` | a histogram of durations |
//! | `encode` | encoding a table, family by family |
//! | `parts` | sets of the parts that can be collected |
//! | `fit` | which rows of a snapshot are exported |
//! | `budget` | choosing these, by a budget of series |
//! | `scrape` | the tables of all subjects in one scrape |
//! | [`reference`](mod@reference) | the metric reference in Markdown |

mod budget;
mod encode;
mod fit;
mod histogram;
mod parts;
pub mod reference;
mod samples;
mod scrape;
mod table;

pub use budget::fit;
pub use fit::Fit;
pub use histogram::Histogram;
pub use parts::{Part, Parts};
pub use samples::{Kind, SampleWriter};
pub use scrape::{BoundTable, Scrape};
pub use table::{Description, ErasedTable, Metric, Row, Subject, Table, Value};
