//! All projects that are watched. Targets come in, and what clients tell; snapshots go out, from memory: a scrape never asks a
//! project. Projects are asked in the background, at their pace, one page of a project at a time, and only while somebody scrapes:
//! an exporter that nobody reads asks nobody. It does not know which pages there are.

mod member;
mod store;
mod told;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, Semaphore};
use tokio::task::JoinSet;

use self::member::Member;
pub use self::member::Row;
use self::store::Store;
use self::told::Memory;
pub use self::told::{Attachment, Told};
use super::collectors::Collectors;
use super::fetch::Web;
use super::limits::Limits;
use super::poll_state::Moment;
use super::poll_state::file;
use super::snapshot::Snapshot;
use super::target::Target;
use crate::clock::Clock;

/// A project is asked as long as its metrics were read within this time. Prometheus reads them several times in it.
const READ_WITHIN: Duration = Duration::from_secs(600);

/// How often clients' projects are looked at again, at least: a client may have been attached to another.
const LOOK: Duration = Duration::from_secs(30);

/// What is watched, and how.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// The projects that are configured.
    pub targets: Vec<Target>,
    /// What to collect of every other project that a client is attached to; `None`: they are not watched.
    pub attached: Option<Collectors>,
    /// Limits and intervals.
    pub limits: Limits,
    /// Who asks.
    pub contact: Option<String>,
    /// Where to remember when pages were asked for.
    pub state_file: Option<PathBuf>,
}

/// All projects.
#[derive(Debug)]
pub struct Watch {
    settings: Settings,
    clock: Clock,
    /// In the configured order, then those of clients.
    members: Mutex<Vec<Arc<Member>>>,
    told: Mutex<Memory>,
    store: Arc<Mutex<Store>>,
    /// Held while the file is written, so that one write can be for many.
    writing: Arc<tokio::sync::Mutex<()>>,
    /// Made when the first project is asked: it costs memory.
    web: Arc<OnceLock<Web>>,
    /// One for each project that may be asked at the same time.
    permits: Arc<Semaphore>,
    /// Somebody scraped.
    woken: Arc<Notify>,
}

impl Watch {
    /// Watches what is configured. Reads the file with the times of earlier requests.
    #[must_use]
    pub fn new(settings: Settings, clock: Clock) -> Self {
        let watch = Self {
            members: Mutex::default(),
            told: Mutex::default(),
            store: Arc::new(Mutex::new(Store::open(settings.state_file.as_deref(), clock.time()))),
            writing: Arc::default(),
            web: Arc::default(),
            permits: permits(&settings.limits),
            woken: Arc::default(),
            clock,
            settings,
        };
        watch.gather(&[]);
        watch
    }

    /// What replaces this after a change of the configuration. What is known about projects that remain is kept, and of all
    /// projects when they were asked.
    #[must_use]
    pub fn after(&self, settings: Settings) -> Self {
        let (new, old) = (&settings, &self.settings);
        let same_web = new.contact == old.contact && new.limits.timeout == old.limits.timeout;
        let same_permits = new.limits.concurrency == old.limits.concurrency;
        self.lock_store().move_to(settings.state_file.as_deref());
        let watch = Self {
            clock: self.clock.clone(),
            members: Mutex::default(),
            told: Mutex::new(lock(&self.told).clone()),
            store: Arc::clone(&self.store),
            writing: Arc::clone(&self.writing),
            web: if same_web { Arc::clone(&self.web) } else { Arc::default() },
            permits: if same_permits { Arc::clone(&self.permits) } else { permits(&settings.limits) },
            woken: Arc::clone(&self.woken),
            settings,
        };
        watch.gather(&self.members());
        watch
    }

    /// Whether nothing is watched, nor can be.
    #[must_use]
    pub fn is_off(&self) -> bool {
        self.settings.targets.is_empty() && self.settings.attached.is_none()
    }

    /// The projects that are watched now.
    #[must_use]
    pub fn targets(&self) -> Vec<Target> {
        self.members().iter().map(|member| member.target().clone()).collect()
    }

    /// What is known about all projects now. They are asked for some time from now on.
    #[must_use]
    pub fn scrape(&self) -> Vec<Arc<Snapshot>> {
        self.read(|_| true)
    }

    /// The same of one project, by its name, its URL, or the URL without its scheme. Only this one is asked from now on.
    #[must_use]
    pub fn scrape_one(&self, name: &str) -> Option<Arc<Snapshot>> {
        self.read(|member| member.is_called(name)).pop()
    }

    /// Whether a project with this name, URL, or URL without its scheme is watched.
    #[must_use]
    pub fn knows(&self, name: &str) -> bool {
        self.members().iter().any(|member| member.is_called(name))
    }

    fn read(&self, which: impl Fn(&Member) -> bool) -> Vec<Arc<Snapshot>> {
        let now = self.now();
        let members = self.members();
        let chosen: Vec<_> = members.iter().filter(|member| which(member)).collect();
        chosen.iter().for_each(|member| member.read_at(now.instant));
        if !self.is_off() {
            self.woken.notify_one();
        }
        chosen.iter().map(|member| Arc::new(member.snapshot(now))).collect()
    }

    /// All projects, for display. That is no reason to ask them.
    #[must_use]
    pub fn rows(&self) -> Vec<Row> {
        let now = self.now();
        self.members().iter().map(|member| member.row(now, READ_WITHIN)).collect()
    }

    /// Takes note of what clients tell: which projects they are attached to, and which tasks they reported.
    pub fn hear(&self, told: Vec<Told>) {
        let now = self.now();
        lock(&self.told).hear(told, now.instant);
        self.gather(&self.members());
        let told = lock(&self.told);
        let about = told.by_project();
        for member in self.members() {
            for attachment in about.get(member.key()).into_iter().flatten() {
                member.hear(&attachment.url, &attachment.name);
                member.hear_tasks(&attachment.reported, now.instant);
            }
        }
    }

    /// Begins to ask for every page that is due and that somebody reads. Returns when to look again.
    pub fn ask(self: &Arc<Self>, tasks: &mut JoinSet<()>) -> Duration {
        let now = self.now();
        let mut next = LOOK;
        for member in self.members() {
            if !member.is_read(now.instant, READ_WITHIN) {
                continue;
            }
            match member.due_in(now.instant) {
                Some(Duration::ZERO) => {
                    let Some(busy) = member.occupy() else { continue };
                    let watch = Arc::clone(self);
                    tasks.spawn(async move {
                        watch.ask_member(&member).await;
                        drop(busy);
                    });
                }
                Some(wait) => next = next.min(wait),
                None => {}
            }
        }
        next
    }

    /// Asks for the due pages of one project, one after the other.
    async fn ask_member(&self, member: &Member) {
        // They are never closed.
        let _permit = self.permits.acquire().await;
        let plans = member.begin(self.now());
        // An exporter that is killed while it waits for an answer has asked.
        self.save(member).await;
        let limits = &self.settings.limits;
        let web = self.web.get_or_init(|| Web::new(limits.timeout, self.settings.contact.as_deref()));
        for plan in &plans {
            member.ask(web, plan, || self.now()).await;
        }
        self.save(member).await;
    }

    /// Writes the file. Of several projects that want it at the same time, one writes for all.
    async fn save(&self, member: &Member) {
        member.save(self.lock_store().saved());
        let waited = self.writing.lock().await;
        let Some((path, text)) = self.lock_store().take_text(self.now().time) else { return };
        let written = tokio::task::spawn_blocking(move || file::replace(&path, &text?)).await;
        drop(waited);
        self.lock_store().wrote(&written.unwrap_or_else(|error| Err(std::io::Error::other(error))));
    }

    /// Asks until it is dropped. `watch` gives what is in force, and what clients tell now.
    pub async fn run(watch: impl Fn() -> (Arc<Self>, Vec<Told>)) {
        let mut tasks = JoinSet::new();
        loop {
            let (this, told) = watch();
            this.hear(told);
            let wait = this.ask(&mut tasks);
            while tasks.try_join_next().is_some() {}
            let speed = this.clock.speed().max(1.0);
            let wait = wait.div_f64(speed).clamp(Duration::from_millis(10), LOOK);
            let woken = Arc::clone(&this.woken);
            drop(this);
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = woken.notified() => {}
                Some(_) = tasks.join_next(), if !tasks.is_empty() => {}
            }
        }
    }

    /// The projects that are to be watched now. Those that were watched before keep their state.
    fn gather(&self, before: &[Arc<Member>]) {
        let now = self.now();
        let known: BTreeMap<&str, &Arc<Member>> = before.iter().map(|member| (member.key(), member)).collect();
        let attached = self.settings.attached;
        let targets = lock(&self.told).targets(&self.settings.targets, attached);
        let mut store = self.lock_store();
        let limits = &self.settings.limits;
        let member = |target: Target| {
            let key = target.url.key();
            match known.get(key.as_str()) {
                Some(member) => member.with(target, limits),
                None => Arc::new(Member::new(target, limits, store.state(&key, now))),
            }
        };
        let members: Vec<_> = targets.into_iter().map(member).collect();
        // Of those that are no longer watched, the times are kept.
        before.iter().for_each(|member| member.save(store.saved()));
        drop(store);
        *lock(&self.members) = members;
    }

    fn members(&self) -> Vec<Arc<Member>> {
        lock(&self.members).clone()
    }

    fn now(&self) -> Moment {
        Moment { instant: self.clock.instant(), time: self.clock.time() }
    }

    fn lock_store(&self) -> MutexGuard<'_, Store> {
        lock(&self.store)
    }
}

/// Nothing that is locked can panic half-way.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn permits(limits: &Limits) -> Arc<Semaphore> {
    Arc::new(Semaphore::new(limits.concurrency.max(1)))
}
