//! From the state of a project to a snapshot of it. Values that were not renewed for some rounds are left out; whether the
//! server is up, and why not, stays. No I/O.

use std::sync::Arc;
use std::time::{Duration, Instant, UNIX_EPOCH};

use super::{Moment, PageState, PollState};
use crate::project::collectors::Collector;
use crate::project::limits::Intervals;
use crate::project::pages::scheduler::SchedulerState;
use crate::project::plan::{PagePlan, What};
use crate::project::reason::Reason;
use crate::project::schedule::Pace;
use crate::project::snapshot::{
    Account, Failure, HostView, Part, Reading, SchedulerView, Snapshot, TeamView, Verdict, health,
};
use crate::project::target::Target;

impl PollState {
    /// What is known at this moment about the project and these pages of it.
    #[must_use]
    pub fn snapshot(&self, target: &Target, plans: &[PagePlan], intervals: &Intervals, now: Moment) -> Snapshot {
        let url = self.url.as_deref().unwrap_or_else(|| target.url.as_str());
        let name = target.name.as_deref().or(self.name.as_deref()).unwrap_or(url);
        let mut snapshot = Snapshot {
            project: name.to_owned(),
            url: url.to_owned(),
            collectors: target.collectors,
            ..Snapshot::default()
        };
        let unix = now.time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64();
        for plan in plans {
            let page = self.pages.get(&plan.name);
            add_part(&mut snapshot.parts, plan.collector, page);
            let shown_for = Pace::of(plan.collector, intervals).shown_for();
            let reading = page.and_then(|page| page.fresh(now.instant, shown_for));
            add_reading(&mut snapshot, plan, page, reading, unix);
        }
        if target.collectors.contains(Collector::Validation) {
            snapshot.validation = self.tasks.show();
            snapshot.count_dropped(Collector::Validation, self.tasks.left_out());
        }
        let (verdict, error) = health(&snapshot.parts);
        (snapshot.up, snapshot.error) = (verdict.flag(), error.cloned());
        if is_stopped(&snapshot) {
            let reason = Reason::Maintenance;
            let message = format!("{}: {}", target.url.key(), reason.sentence());
            (snapshot.up, snapshot.error) = (Some(false), Some(Failure { reason, message }));
        }
        snapshot
    }
}

/// Servers up to 2016 say in their configuration that they are stopped; of later ones the page is gone then.
fn is_stopped(snapshot: &Snapshot) -> bool {
    let now = snapshot.part(Collector::Config).is_some_and(|part| part.success == Some(true));
    now && snapshot.config.as_ref().is_some_and(|config| config.is_stopped() == Some(true))
}

impl PageState {
    fn fresh(&self, now: Instant, shown_for: Duration) -> Option<&Reading> {
        let (succeeded, _) = self.succeeded?;
        self.reading.as_ref().filter(|_| now.saturating_duration_since(succeeded) <= shown_for)
    }
}

/// The outcome of a collector, of all its pages together: the first failure counts, and the oldest success.
fn add_part(parts: &mut Vec<Part>, collector: Collector, page: Option<&PageState>) {
    let at = parts.iter().position(|part| part.collector == collector).unwrap_or_else(|| {
        parts.push(Part::of(collector));
        parts.len() - 1
    });
    let (part, Some(page)) = (&mut parts[at], page) else { return };
    if page.finished.is_some() {
        part.success = Some(part.success.unwrap_or(true) && page.error.is_none());
    }
    part.error = part.error.take().or_else(|| page.error.clone());
    part.asked = part.asked.max(page.finished);
    let succeeded = page.succeeded.map(|(_, time)| time);
    part.succeeded = match (part.succeeded, succeeded) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    };
    part.requests = [0, 1].map(|index| part.requests[index] + page.requests[index]);
}

fn add_reading(
    snapshot: &mut Snapshot,
    plan: &PagePlan,
    page: Option<&PageState>,
    reading: Option<&Reading>,
    now: f64,
) {
    match reading {
        Some(Reading::Config(config)) => snapshot.config = Some(Arc::clone(config)),
        Some(Reading::Status(status)) => snapshot.status = Some(Arc::clone(status)),
        Some(Reading::Account(account)) => {
            snapshot.hosts.extend(account.hosts.iter().map(|host| HostView::at(host, now)));
            snapshot.count_dropped(Collector::Account, account.left_out);
            snapshot.accounts.push(Account::at(account, now));
        }
        Some(Reading::Statistics(tables)) => snapshot.statistics = Some(Arc::clone(tables)),
        Some(Reading::Batches(batches)) => {
            snapshot.count_dropped(Collector::Batches, batches.left_out);
            snapshot.batches = Some(Arc::clone(batches));
        }
        Some(Reading::Scheduler(_) | Reading::Team(_) | Reading::Members(_) | Reading::Nothing) | None => {}
    }
    let left_out = page.filter(|_| reading.is_some()).map_or(0, |page| page.left_out);
    if left_out > 0 {
        snapshot.count_dropped(plan.collector, left_out);
    }
    match (&plan.what, reading) {
        (What::Scheduler, reading) => snapshot.scheduler = page.and_then(|page| scheduler(page, reading)),
        (What::Team(id) | What::Members(id), Some(reading)) => add_team(snapshot, *id, reading, now),
        _ => {}
    }
}

/// A scheduler that failed says nothing now, whatever it said before.
fn scheduler(page: &PageState, reading: Option<&Reading>) -> Option<SchedulerView> {
    page.finished?;
    let reading = match (reading, &page.error) {
        (Some(Reading::Scheduler(reading)), None) => Some(Arc::clone(reading)),
        _ => None,
    };
    let up = match &reading {
        Some(reading) => match reading.reply.state() {
            SchedulerState::Up => Some(true),
            SchedulerState::Unknown => None,
            _ => Some(false),
        },
        None => Verdict::of(page.error.as_ref()).flag().filter(|up| !up),
    };
    Some(SchedulerView { up, reading })
}

fn add_team(snapshot: &mut Snapshot, id: u64, reading: &Reading, now: f64) {
    let id = id.to_string();
    let at = snapshot.teams.iter().position(|team| team.id == id).unwrap_or_else(|| {
        snapshot.teams.push(TeamView { id, team: None, average: None, members: None });
        snapshot.teams.len() - 1
    });
    let view = &mut snapshot.teams[at];
    match reading {
        Reading::Team(team) => {
            view.average = team.average_now(now);
            view.team = Some(Arc::clone(team));
        }
        Reading::Members(members) => view.members = Some(*members),
        _ => {}
    }
}
