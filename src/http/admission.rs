//! Which requests for metrics are answered, and until when. Requests come in; a place for a scrape, or a refusal, goes out.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Extension;
use axum::body::Body;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::answers::{Answer, Answers, Besides, Content};
use super::server::Places;
use super::{body, format_for, timeout};
use crate::client::snapshot::Snapshot;
use crate::config::Config;
use crate::exposition::Format;

/// A part of a text that has not been rendered yet.
pub type Part = Box<dyn FnOnce() -> String + Send>;

/// How long a request waits for the place of a reader that was told to leave, which takes a moment.
const PATIENCE: Duration = Duration::from_secs(1);

/// How often to look for a slow reader: readers fall behind without an event.
const LOOK_AGAIN: Duration = Duration::from_millis(250);

/// Those who read answers. The server adds it to each request.
pub type Readers = Option<Extension<Arc<Places>>>;

/// The places for scrapes.
#[derive(Debug)]
pub struct Scrapes {
    permits: Arc<Semaphore>,
    answers: Arc<Answers>,
}

/// A request for metrics that was admitted: its place, when it must be answered, and in which format.
pub struct Admission {
    permit: OwnedSemaphorePermit,
    pub deadline: Instant,
    pub format: Format,
    readers: Readers,
}

impl Scrapes {
    /// So many at a time.
    pub fn new(max_requests: usize) -> Self {
        let permits = Arc::new(Semaphore::new(max_requests.min(Semaphore::MAX_PERMITS)));
        Self { permits, answers: Arc::default() }
    }

    /// Admits a request, or says why not. If all places are taken, the slowest reader gives up its own.
    pub async fn admit(&self, config: &Config, headers: &HeaderMap, readers: Readers) -> Result<Admission, Response> {
        let requested = Instant::now();
        let Some(permit) = self.permit(&readers).await else {
            let sentence = format!(
                "Limit of concurrent scrapes reached (--web.max-requests: {}); scrape less often or from fewer places, or \
                 raise the limit.\n",
                config.web.max_requests
            );
            return Err((StatusCode::SERVICE_UNAVAILABLE, sentence).into_response());
        };
        let within = timeout::of_request(headers, config.scrape.timeout, config.scrape.timeout_offset);
        let within = within.map_err(|error| (StatusCode::BAD_REQUEST, format!("{error}\n")).into_response())?;
        Ok(Admission { permit, deadline: requested + within, format: format_for(headers), readers })
    }

    /// A place that is free, for who asks without being asked: nobody gives up a place for that.
    pub fn free_place(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.permits).try_acquire_owned().ok()
    }

    async fn permit(&self, readers: &Readers) -> Option<OwnedSemaphorePermit> {
        if let Ok(permit) = Arc::clone(&self.permits).try_acquire_owned() {
            return Some(permit);
        }
        if !slowest_leaves(readers) {
            return None;
        }
        let permit = tokio::time::timeout(PATIENCE, Arc::clone(&self.permits).acquire_owned());
        // The semaphore is never closed.
        permit.await.ok()?.ok()
    }
}

impl Admission {
    /// The body of the response with these snapshots, rendered at once.
    pub fn complete(
        self,
        scrapes: &Scrapes,
        snapshots: &[Arc<Snapshot>],
        with: Besides,
        render: impl FnOnce() -> String,
    ) -> Body {
        let content = Content { format: self.format, with, in_parts: false };
        let answer = self.answer(scrapes, snapshots, content);
        body::complete(answer.part(0, render), (self.permit, answer))
    }

    /// The body of the response with these snapshots, rendered part by part.
    pub fn streamed(
        self,
        scrapes: &Scrapes,
        snapshots: &[Arc<Snapshot>],
        with: Besides,
        parts: impl Iterator<Item = Part> + Send + 'static,
    ) -> Body {
        let content = Content { format: self.format, with, in_parts: true };
        let answer = self.answer(scrapes, snapshots, content);
        let shared = Arc::clone(&answer);
        let parts = parts.enumerate().map(move |(index, render)| {
            let answer = Arc::clone(&shared);
            move || answer.part(index, render)
        });
        body::streamed(parts, (self.permit, answer))
    }

    fn answer(&self, scrapes: &Scrapes, snapshots: &[Arc<Snapshot>], content: Content) -> Arc<Answer> {
        let answer = scrapes.answers.of(snapshots, content);
        if scrapes.answers.are_too_many() {
            tokio::spawn(make_room(Arc::clone(&scrapes.answers), self.readers.clone()));
        }
        answer
    }
}

/// Makes one reader leave if more answers are read than should be, as soon as one is slow.
async fn make_room(answers: Arc<Answers>, readers: Readers) {
    while answers.are_too_many() && !slowest_leaves(&readers) {
        tokio::time::sleep(LOOK_AGAIN).await;
    }
}

fn slowest_leaves(readers: &Readers) -> bool {
    readers.as_ref().is_some_and(|Extension(places)| places.slowest_reader_leaves())
}
