//! The parameters of a request: which are known, and which collectors it wants. Parameters come in; what they mean or a
//! sentence goes out. It does not know the pages.

use std::borrow::Cow;

use axum::extract::Query;
use axum::http::StatusCode;

use crate::client::collectors::{Collector, Collectors};
use crate::words::{list, nearest};

/// The decoded parameters of a request, in order.
pub type Parameters = Query<Vec<(String, String)>>;

/// Why a request is refused: a status and a sentence.
pub type Refusal = (StatusCode, String);

/// The collectors to collect, or not to collect, as in `node_exporter`. Repeatable.
pub const COLLECT: &str = "collect[]";
pub const EXCLUDE: &str = "exclude[]";

pub fn wrong(sentence: impl Into<String>) -> Refusal {
    (StatusCode::BAD_REQUEST, sentence.into() + "\n")
}

/// Text from a request, shortened for a message.
pub fn shown(text: &str) -> Cow<'_, str> {
    const MAX_CHARS: usize = 100;
    match text.char_indices().nth(MAX_CHARS) {
        Some((end, _)) => Cow::Owned(format!("{}…", &text[..end])),
        None => Cow::Borrowed(text),
    }
}

/// Refuses parameters that are not known: they would be ignored, and the response would not be what was meant.
pub fn check_known(query: &[(String, String)], known: &[&str]) -> Result<(), Refusal> {
    let Some((unknown, _)) = query.iter().find(|(key, _)| !known.contains(&key.as_str())) else { return Ok(()) };
    let advice = match nearest(unknown, known.iter().copied()) {
        Some(nearest) => format!("did you mean `{nearest}`?"),
        None => format!("valid parameters are {}.", list(known, "and")),
    };
    Err(wrong(format!("Unknown parameter `{}`; {advice}", shown(unknown))))
}

/// Which collectors a request wants.
#[derive(Debug)]
pub struct Selection {
    /// Nothing else is collected.
    pub only: Collectors,
    /// Those that it names in order to collect them.
    named: Collectors,
}

impl Selection {
    /// From the parameters of a request; those with other names are ignored.
    pub fn read(query: &[(String, String)]) -> Result<Self, Refusal> {
        let (all, none) = (Collectors::all(), Collectors::of([]));
        match (collectors(query, COLLECT)?.map(Collectors::with_needs), collectors(query, EXCLUDE)?) {
            (Some(_), Some(_)) => {
                Err(wrong(format!("The parameters `{COLLECT}` and `{EXCLUDE}` cannot be combined; use one of them.")))
            }
            // `boinc_up` depends on the state.
            (Some(named), None) => Ok(Self { only: named.or(Collectors::of([Collector::State])), named }),
            (None, Some(excluded)) if excluded.contains(Collector::State) => {
                Err(wrong("The collector `state` is always on and cannot be excluded."))
            }
            (None, Some(excluded)) => Ok(Self { only: all.without(excluded), named: none }),
            (None, None) => Ok(Self { only: all, named: none }),
        }
    }

    /// Whether it names collectors in order to collect nothing else.
    pub fn names_some(&self) -> bool {
        self.named != Collectors::of([])
    }

    /// Refuses a collector that none of these sets contains: without its metrics, there would seem to be nothing to collect.
    pub fn check_enabled(&self, sets: impl IntoIterator<Item = Collectors>) -> Result<(), Refusal> {
        if !self.names_some() {
            return Ok(());
        }
        let enabled = sets.into_iter().fold(Collectors::of([Collector::State]), Collectors::or);
        match self.named.without(enabled).iter().next() {
            None => Ok(()),
            Some(disabled) => Err(wrong(format!(
                "The collector `{disabled}` is not enabled; add it to `collectors` in the configuration."
            ))),
        }
    }
}

/// The collectors that the values of a parameter name; `None` without such a parameter.
fn collectors(query: &[(String, String)], parameter: &str) -> Result<Option<Collectors>, Refusal> {
    let mut set = None;
    for (_, name) in query.iter().filter(|(key, _)| key == parameter) {
        let named = Collectors::named(name).ok_or_else(|| wrong(unknown_collector(name)))?;
        set = Some(set.map_or(named, |set: Collectors| set.or(named)));
    }
    Ok(set)
}

fn unknown_collector(name: &str) -> String {
    let known = Collector::ALL.map(Collector::name);
    let advice = match nearest(name, known) {
        Some(nearest) => format!("did you mean `{nearest}`?"),
        None => format!("valid names are {}.", list(&known, "and")),
    };
    format!("Unknown collector `{}`; {advice}", shown(name))
}
