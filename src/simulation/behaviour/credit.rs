//! Credit, which projects grant to host and account some time after a task is reported.

use super::HiddenState;
use super::project_side::{ProjectSide, Verdict};
use crate::simulation::scenario::FaultKind;

/// Validates the tasks that are due, and grants their credit. Projects do this whether the host is on or not.
pub fn grant(hidden: &mut HiddenState, sides: &mut [ProjectSide], time: f64) {
    for at in 0..hidden.memberships.len() {
        if hidden.has_fault(FaultKind::NoCredit, Some(at)) {
            continue;
        }
        let member = &mut hidden.memberships[at];
        let side = &mut sides[member.project];
        let mut granted = 0.0;
        let again = side.settings.validation.as_secs_f64();
        member.pending.retain_mut(|task| {
            if task.due > time {
                return true;
            }
            match side.validate(&task.name, member.hostid, task.amount) {
                Verdict::Valid(amount) => granted += amount,
                Verdict::Invalid => {}
                Verdict::Inconclusive => task.due = time + again,
                Verdict::Wait => return true,
            }
            task.due > time
        });
        if granted > 0.0 {
            member.credit.add(granted, time);
        }
    }
}
