//! Whether a connection is alive: what it does comes in, its end in time goes out. Clients that never speak, never
//! finish a request or never take an answer would pile up otherwise.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Instant;

/// How long a connection may take for what.
#[derive(Debug, Clone, Copy)]
pub struct Timeouts {
    /// To agree on TLS, and then to send the head of the first request; or of a further one from its first byte on.
    pub request: Duration,
    /// To begin a further request.
    pub idle: Duration,
    /// To take an answer from the moment on at which the system's buffers are full.
    pub answer: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            request: Duration::from_secs(10),
            // Longer than between scrapes: beyond five minutes Prometheus takes series for gone.
            idle: Duration::from_secs(360),
            // Prometheus itself waits ten seconds, if not told otherwise.
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
    /// Since when bytes of an answer wait for the client.
    stuck: Option<Instant>,
}

#[derive(Debug, Clone, Copy)]
enum Phase {
    /// The head of a request is awaited since then.
    Request(Instant),
    /// A request is being answered.
    Answer,
    /// Nothing is going on since then.
    Idle(Instant),
}

impl Activity {
    pub fn new() -> Self {
        Self(Mutex::new(State { phase: Phase::Request(Instant::now()), stuck: None }))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The head of a request is there.
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

    /// Ends when the connection has gone over a limit.
    pub async fn timed_out(&self, timeouts: Timeouts) {
        loop {
            let now = Instant::now();
            let due = self.due(timeouts);
            if due.is_some_and(|due| due <= now) {
                return;
            }
            // What begins meanwhile has a limit that is no shorter than these.
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

/// A stream that says what happens on it.
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
        // Nobody flushes before everything is written: an answer that goes out bit by bit stays stuck.
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

/// The body of an answer, which says when it is over.
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
