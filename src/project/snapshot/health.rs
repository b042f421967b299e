//! Whether a project's server is up. The outcomes of the collectors go in; a verdict comes out. One page that is walled off
//! does not make a project down, and a page that has an unknown form makes nothing known.

use super::{Failure, Part};
use crate::project::collectors::Collector;
use crate::project::reason::Reason;

/// What an outcome says about the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It works.
    Up,
    /// It does not.
    Down,
    /// Nothing.
    Unknown,
}

impl Verdict {
    /// What this outcome says; `None` is a success.
    #[must_use]
    pub fn of(error: Option<&Failure>) -> Self {
        match error.map(|failure| failure.reason) {
            None => Self::Up,
            Some(
                Reason::Dns
                | Reason::Refused
                | Reason::Unreachable
                | Reason::Timeout
                | Reason::Tls
                | Reason::Truncated
                | Reason::Maintenance
                | Reason::Database
                | Reason::ServerError
                | Reason::Unavailable
                | Reason::Empty,
            ) => Self::Down,
            Some(_) => Self::Unknown,
        }
    }

    /// As a flag.
    #[must_use]
    pub const fn flag(self) -> Option<bool> {
        match self {
            Self::Up => Some(true),
            Self::Down => Some(false),
            Self::Unknown => None,
        }
    }
}

/// Whether the server is up, and why not. The configuration decides, because it is served only if the web server, PHP and the
/// database work. If it could not even be asked for, a later success elsewhere counts; so it does if the project does not offer
/// it.
#[must_use]
pub fn health(parts: &[Part]) -> (Verdict, Option<&Failure>) {
    let asked = || parts.iter().filter(|part| part.success.is_some());
    let config = asked().find(|part| part.collector == Collector::Config);
    if let Some(config) = config {
        let verdict = Verdict::of(config.error.as_ref());
        let overruled = |other: &Part| is_silence(config) && other.success == Some(true) && other.asked > config.asked;
        match verdict {
            Verdict::Down if asked().any(overruled) => return (Verdict::Up, config.error.as_ref()),
            Verdict::Up | Verdict::Down => return (verdict, config.error.as_ref()),
            Verdict::Unknown => {}
        }
    }
    let first = asked().find_map(|part| part.error.as_ref());
    if asked().any(|part| part.success == Some(true)) {
        return (Verdict::Up, first);
    }
    let down = asked().filter_map(|part| part.error.as_ref()).find(|error| Verdict::of(Some(error)) == Verdict::Down);
    (down.map_or(Verdict::Unknown, |_| Verdict::Down), down.or(first))
}

/// Whether there was no answer at all, as distinct from one that says that the project is down.
fn is_silence(part: &Part) -> bool {
    part.error.as_ref().is_some_and(|error| {
        matches!(
            error.reason,
            Reason::Dns | Reason::Refused | Reason::Unreachable | Reason::Timeout | Reason::Tls | Reason::Truncated
        )
    })
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    fn part(collector: Collector, outcome: Option<Reason>, asked: u64) -> Part {
        let error = outcome.map(|reason| Failure { reason, message: String::new() });
        let asked = Some(UNIX_EPOCH + Duration::from_secs(asked));
        Part { success: Some(error.is_none()), error, asked, ..Part::of(collector) }
    }

    fn verdict(outcomes: &[(Collector, Option<Reason>)]) -> Verdict {
        let parts: Vec<_> =
            outcomes.iter().zip(1..).map(|((collector, outcome), asked)| part(*collector, *outcome, asked)).collect();
        health(&parts).0
    }

    #[test]
    fn one_walled_page_does_not_make_a_project_down() {
        use Collector::{Account, Config, Statistics, Status};
        for (outcomes, expected) in [
            (&[][..], Verdict::Unknown),
            (&[(Config, None)], Verdict::Up),
            (&[(Config, Some(Reason::Maintenance)), (Statistics, None)], Verdict::Down),
            (&[(Config, Some(Reason::Timeout)), (Status, None)], Verdict::Up),
            (&[(Config, None), (Status, Some(Reason::Login)), (Account, Some(Reason::Timeout))], Verdict::Up),
            (&[(Config, Some(Reason::MissingPage)), (Status, None)], Verdict::Up),
            (&[(Config, Some(Reason::MissingPage)), (Status, Some(Reason::MissingPage))], Verdict::Unknown),
            (&[(Config, Some(Reason::MissingPage)), (Status, Some(Reason::Database))], Verdict::Down),
            (&[(Config, Some(Reason::Unknown))], Verdict::Unknown),
            (&[(Config, Some(Reason::Portal))], Verdict::Unknown),
        ] {
            assert_eq!(verdict(outcomes), expected, "{outcomes:?}");
        }
    }

    #[test]
    fn an_old_success_does_not_overrule_silence() {
        let parts = [part(Collector::Config, Some(Reason::Refused), 2), part(Collector::Status, None, 1)];
        assert_eq!(health(&parts).0, Verdict::Down);
    }
}
