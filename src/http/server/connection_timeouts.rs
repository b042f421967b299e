//! Timeouts of connections. Without them, clients that never send, never finish a request or never read a response would
//! pile up.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Instant;

/// How long each phase of a connection may take.
#[derive(Debug, Clone, Copy)]
pub struct Timeouts {
    /// For the TLS handshake; then for the head of the first request; for that of a later one from its first byte on.
    pub request: Duration,
    /// To start another request.
    pub idle: Duration,
    /// To read a response, from the moment when the system's buffers are full.
    pub answer: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            request: Duration::from_secs(10),
            // Longer than any sensible scrape interval: after five minutes, Prometheus considers series stale.
            idle: Duration::from_secs(360),
            // Prometheus's default scrape timeout is ten seconds.
            answer: Duration::from_secs(60),
        }
    }
}

/// What a connection is doing.
#[derive(Debug)]
pub struct Activity(Mutex<State>);

#[derive(Debug)]
struct State {
    phase: Phase,
    /// Since when bytes of a response have waited for the client.
    stuck: Option<Instant>,
}

#[derive(Debug, Clone, Copy)]
enum Phase {
    /// Waiting for the head of a request since then.
    Request(Instant),
    /// Answering a request.
    Answer,
    /// Idle since then.
    Idle(Instant),
}

impl Activity {
    pub fn new() -> Self {
        Self(Mutex::new(State { phase: Phase::Request(Instant::now()), stuck: None }))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The head of a request has been received.
    pub fn answering(&self) {
        self.state().phase = Phase::Answer;
    }

    fn answered(&self) {
        self.state().phase = Phase::Idle(Instant::now());
    }

    fn received(&self) {
        let mut state = self.state();
        if let Phase::Idle(_) = state.phase {
            state.phase = Phase::Request(Instant::now());
        }
    }

    fn set_stuck(&self, stuck: bool) {
        let mut state = self.state();
        state.stuck = stuck.then(|| state.stuck.unwrap_or_else(Instant::now));
    }

    /// Completes when a timeout of the connection has expired.
    pub async fn timed_out(&self, timeouts: Timeouts) {
        loop {
            let now = Instant::now();
            let due = self.due(timeouts);
            if due.is_some_and(|due| due <= now) {
                return;
            }
            // What starts meanwhile has a timeout that is no shorter than this.
            let soon = now + timeouts.request.min(timeouts.idle).min(timeouts.answer);
            tokio::time::sleep_until(due.map_or(soon, |due| due.min(soon))).await;
        }
    }

    fn due(&self, timeouts: Timeouts) -> Option<Instant> {
        let state = self.state();
        let phase_ends = match state.phase {
            Phase::Request(since) => Some(since + timeouts.request),
            Phase::Answer => None,
            Phase::Idle(since) => Some(since + timeouts.idle),
        };
        let answer_ends = state.stuck.map(|since| since + timeouts.answer);
        [phase_ends, answer_ends].into_iter().flatten().min()
    }
}

/// A stream that records its activity.
pub struct MonitoredIo<S> {
    stream: S,
    activity: Arc<Activity>,
}

impl<S> MonitoredIo<S> {
    pub fn new(stream: S, activity: Arc<Activity>) -> Self {
        Self { stream, activity }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for MonitoredIo<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(cx, buffer))?;
        if buffer.filled().len() > before {
            self.activity.received();
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for MonitoredIo<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        if written.is_pending() {
            self.activity.set_stuck(true);
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        // Data is flushed only after everything is written: a response that trickles out stays stuck.
        let flushed = Pin::new(&mut self.stream).poll_flush(cx);
        self.activity.set_stuck(flushed.is_pending());
        flushed
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, bytes);
        if written.is_pending() {
            self.activity.set_stuck(true);
        }
        written
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

/// The body of a response. Records when it is dropped.
pub struct MonitoredBody<B> {
    body: B,
    activity: Arc<Activity>,
}

impl<B> MonitoredBody<B> {
    pub fn new(body: B, activity: Arc<Activity>) -> Self {
        Self { body, activity }
    }
}

impl<B> Drop for MonitoredBody<B> {
    fn drop(&mut self) {
        self.activity.answered();
    }
}

impl<B: Body<Data = Bytes> + Unpin> Body for MonitoredBody<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
