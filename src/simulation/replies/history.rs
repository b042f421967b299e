//! A client's history: credit and traffic by day, reported tasks.

use super::text::Text;
use crate::simulation::state::Client;

/// Credit by day, oldest first.
pub(super) fn statistics(text: &mut Text, client: &Client) {
    text.element([0, 0], "statistics", |text| {
        for project in &client.projects {
            text.element([0, 4], "project_statistics", |text| {
                text.raw("master_url", &project.server.url);
                for day in &project.days {
                    text.element([4, 8], "daily_statistics", |text| {
                        text.number("day", day.day);
                        text.number("user_total_credit", day.user.total);
                        text.number("user_expavg_credit", day.user.average);
                        text.number("host_total_credit", day.host.total);
                        text.number("host_expavg_credit", day.host.average);
                    });
                }
            });
        }
    });
}

/// Traffic by day, newest first.
pub(super) fn daily_transfers(text: &mut Text, client: &Client) {
    text.element([0, 0], "daily_xfers", |text| {
        for day in client.daily_transfers.iter().rev() {
            text.element([0, 3], "dx", |text| {
                text.integer("when", day.day);
                text.number("up", day.up);
                text.number("down", day.down);
            });
        }
    });
}

/// Reported tasks, oldest first.
pub(super) fn old_results(text: &mut Text, client: &Client) {
    text.element([0, 0], "old_results", |text| {
        for old in &client.old_results {
            text.element([4, 9], "old_result", |text| {
                text.raw("project_url", &old.project_url);
                text.raw("result_name", &old.name);
                text.raw("app_name", &old.app);
                text.integer("exit_status", old.exit_status);
                text.number("elapsed_time", old.elapsed);
                text.number("cpu_time", old.cpu);
                text.number("completed_time", old.completed);
                text.number("create_time", old.create_time);
            });
        }
    });
}
