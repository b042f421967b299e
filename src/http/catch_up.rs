//! When the overview asks clients: if nobody has scraped them for a while. Opening it polls, as a scrape would; what is there a moment
//! later is shown, and the page comes again for the rest.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Mutex;
use tokio::time::timeout;

use super::admission::Scrapes;
use crate::reload::ActiveConfig;

/// Prometheus's default interval: whoever is scraped that often is not asked once more. In real time also for simulated clients: by a
/// clock that runs fast, all would be behind again before the slowest has answered, and the page would never come to rest.
const INTERVAL: Duration = Duration::from_secs(60);

/// How long a page keeps its reader waiting. Clients that answer do so in much less.
const PATIENCE: Duration = Duration::from_secs(2);

/// How soon the page comes again, in seconds, when somebody still has to answer.
pub const SOON: u64 = 3;

/// The same when all have.
const LATER: u64 = 60;

/// The one poll for all pages that are open.
#[derive(Debug, Default)]
pub struct CatchUp {
    /// Held while it lasts.
    asking: Arc<Mutex<()>>,
}

impl CatchUp {
    /// Has the clients polled that nobody scraped for an interval, and waits for a moment. Returns how many still have to be asked, and
    /// after how many seconds the page shall come again.
    ///
    /// The poll goes on without the page: cut off after a moment, it would blame clients that are slow. It takes a place of the
    /// scrapes, if one is free, and their time.
    pub async fn run(&self, active: &Arc<ActiveConfig>, scrapes: &Scrapes) -> (usize, u64) {
        if active.fleet.behind(INTERVAL) == 0 {
            return (0, LATER);
        }
        if let Ok(asking) = Arc::clone(&self.asking).try_lock_owned() {
            let Some(place) = scrapes.free_place() else { return (0, SOON) };
            let (active, deadline) = (Arc::clone(active), Instant::now() + active.config.scrape.timeout);
            tokio::spawn(async move {
                active.fleet.catch_up(INTERVAL, deadline).await;
                drop((asking, place));
            });
        }
        match timeout(PATIENCE, self.asking.lock()).await {
            Ok(_) => (0, LATER),
            Err(_) => (active.fleet.behind(INTERVAL), SOON),
        }
    }
}
