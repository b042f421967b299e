//! The pages that are asked of a project, in their order. A target comes in; what to ask, and under which name its pace is kept,
//! goes out. It sends nothing.

use std::path::{Path, PathBuf};

use crate::project::collectors::Collector;
use crate::project::fetch::place;
use crate::project::target::Target;

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// The configuration.
    Config,
    /// The server status.
    Status,
    /// The scheduler, and the first page, which names it.
    Scheduler,
    /// An account, by its id.
    Account(u64),
    /// An account, by the key in this file.
    Key(PathBuf),
    /// A team.
    Team(u64),
    /// The members of a team.
    Members(u64),
    /// The statistics export.
    Statistics,
    /// Batches, by the key in this file.
    Batches(PathBuf),
    /// What became of tasks.
    Validation,
}

/// A page to ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PagePlan {
    /// The collector it belongs to.
    pub collector: Collector,
    /// What is asked for.
    pub what: What,
    /// The name under which its pace is kept: with its address, because another address is another page. Never with a key.
    pub name: String,
    /// The host, with its port.
    pub host: String,
}

/// All pages of a project.
#[must_use]
pub fn pages(target: &Target) -> Vec<PagePlan> {
    let ids = |ids: &[u64], what: fn(u64) -> What| ids.iter().copied().map(what).collect::<Vec<_>>();
    let team: Vec<_> = target.team.into_iter().collect();
    let keys = |file: &Option<PathBuf>, what: fn(PathBuf) -> What| file.iter().cloned().map(what).collect::<Vec<_>>();
    let wanted = [
        (Collector::Config, vec![What::Config]),
        (Collector::Status, vec![What::Status]),
        (Collector::Scheduler, vec![What::Scheduler]),
        (Collector::Account, keys(&target.account_key, What::Key)),
        (Collector::Account, ids(&target.accounts, What::Account)),
        (Collector::Team, ids(&team, What::Team)),
        (Collector::Statistics, vec![What::Statistics]),
        (Collector::Batches, keys(&target.submitter, What::Batches)),
        (Collector::Validation, vec![What::Validation]),
        (Collector::Members, ids(&team, What::Members)),
    ];
    let wanted = wanted.into_iter().filter(|(collector, _)| target.collectors.contains(*collector));
    wanted
        .flat_map(|(collector, all)| all.into_iter().map(move |what| (collector, what)))
        .map(|(collector, what)| plan(target, collector, what))
        .collect()
}

fn plan(target: &Target, collector: Collector, what: What) -> PagePlan {
    let (url, subject) = match &what {
        What::Config => (target.page("get_project_config.php"), String::new()),
        What::Status => (target.status_page(), String::new()),
        What::Scheduler => (target.scheduler_url.as_ref().unwrap_or(target.url.url()).clone(), String::new()),
        What::Account(id) => (target.page("show_user.php"), format!(" {id}")),
        // By its digest: the name of the file may be the key, by mistake.
        What::Key(file) => (target.page("show_user.php"), digest(file)),
        What::Team(id) => (target.page("team_lookup.php"), format!(" {id}")),
        What::Members(id) => (target.page("team_email_list.php"), format!(" {id}")),
        What::Statistics => (target.statistics_page(), String::new()),
        What::Batches(file) => (target.page("submit_rpc_handler.php"), digest(file)),
        What::Validation => (target.page("result_status.php"), String::new()),
    };
    PagePlan { collector, name: format!("{collector} {url}{subject}"), host: place(&url), what }
}

fn digest(file: &Path) -> String {
    format!(" by key {:x}", md5::compute(file.as_os_str().as_encoded_bytes()))
}
