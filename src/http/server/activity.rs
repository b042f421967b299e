//! What a connection is doing, and when that is enough. Without an end of their own, clients that never send, never finish a
//! request, or read a response by the byte would pile up. It does not know sockets.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use crate::http::peer::Peer;

/// What a reader must take on average, in bytes per second, or fall behind. With gzip, a client with 5 000 tasks is read in a few seconds.
const LEAST_SPEED: f64 = 64.0 * 1024.0;

/// Readers are this far behind for reasons of their own, such as a busy processor. Who is further behind is slow.
const UNNOTICED_LAG: Duration = Duration::from_secs(1);

/// How long each phase of a connection may take.
#[derive(Debug, Clone, Copy)]
pub struct Timeouts {
    /// For the TLS handshake; then for the head of the first request; for that of a later one from its first byte on.
    pub request: Duration,
    /// To start another request.
    pub idle: Duration,
    /// How far a reader may fall behind the least speed.
    pub lag: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            request: Duration::from_secs(10),
            // Longer than any sensible scrape interval: after five minutes, Prometheus considers series stale.
            idle: Duration::from_secs(360),
            // Prometheus's default scrape timeout is ten seconds, and few are longer than half a minute.
            lag: Duration::from_secs(30),
        }
    }
}

/// What a connection is doing.
#[derive(Debug)]
pub struct Activity {
    /// Who is at the other end.
    pub peer: Peer,
    state: Mutex<State>,
    /// Tells the connection to leave.
    told: Notify,
    /// Tells whoever waits for a place that this connection waits for its peer.
    changed: Arc<Notify>,
}

#[derive(Debug)]
struct State {
    phase: Phase,
    lag: Lag,
    /// Whether it was told to leave.
    leaving: bool,
}

#[derive(Debug, Clone, Copy)]
enum Phase {
    /// Waiting for the head of a request, or for a TLS handshake, since then.
    Request(Instant),
    /// Finding out since then whether the request may pass.
    Login(Instant),
    /// Answering a request.
    Answer,
    /// Idle since then.
    Idle(Instant),
}

/// How far the reader of a response is behind the least speed. The time that the exporter takes does not count, nor does a
/// head start: who reads half of a response at once may not rest on that.
#[derive(Debug, Default)]
struct Lag {
    so_far: Duration,
    /// Since when bytes have waited for the reader.
    stuck: Option<Instant>,
}

impl Lag {
    fn at(&self, now: Instant) -> Duration {
        self.so_far + self.stuck.map_or(Duration::ZERO, |since| now.duration_since(since))
    }

    fn stuck(&mut self, now: Instant) {
        self.stuck.get_or_insert(now);
    }

    fn taken(&mut self, bytes: usize, now: Instant) {
        let earned = Duration::from_secs_f64(bytes as f64 / LEAST_SPEED);
        *self = Self { so_far: self.at(now).saturating_sub(earned), stuck: self.stuck.map(|_| now) };
    }

    fn moving(&mut self, now: Instant) {
        *self = Self { so_far: self.at(now), stuck: None };
    }
}

impl State {
    /// How long the peer has kept the connection for nothing; `None` while the exporter works for it, and while it reads.
    fn wasted(&self, now: Instant) -> Option<Duration> {
        if self.lag.stuck.is_some() {
            return self.behind(now);
        }
        match self.phase {
            Phase::Request(since) | Phase::Login(since) | Phase::Idle(since) => Some(now.duration_since(since)),
            Phase::Answer => None,
        }
    }

    /// How far a slow reader is behind.
    fn behind(&self, now: Instant) -> Option<Duration> {
        Some(self.lag.at(now)).filter(|lag| self.lag.stuck.is_some() && *lag > UNNOTICED_LAG)
    }

    /// When a timeout expires if nothing happens, and when one could expire at the earliest if something does.
    fn due(&self, timeouts: Timeouts, now: Instant) -> (Option<Instant>, Instant) {
        let phase = match self.phase {
            Phase::Request(since) => Some(since + timeouts.request),
            Phase::Idle(since) => Some(since + timeouts.idle),
            Phase::Login(_) | Phase::Answer => None,
        };
        let may_lag = timeouts.lag.saturating_sub(self.lag.at(now));
        let reading = self.lag.stuck.map(|_| now + may_lag);
        let due = [phase, reading].into_iter().flatten().min();
        (due, now + timeouts.request.min(timeouts.idle).min(may_lag))
    }
}

impl Activity {
    /// A new connection from there. `changed` is told when it begins to wait for its peer.
    pub fn new(peer: Peer, changed: Arc<Notify>) -> Self {
        let state = State { phase: Phase::Request(Instant::now()), lag: Lag::default(), leaving: false };
        Self { peer, state: Mutex::new(state), told: Notify::new(), changed }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn enter(&self, phase: Phase) {
        self.state().phase = phase;
        if !matches!(phase, Phase::Answer) {
            self.changed.notify_waiters();
        }
    }

    /// The TLS handshake is complete.
    pub fn secured(&self) {
        self.enter(Phase::Request(Instant::now()));
    }

    /// The head of a request has been received. Whether it may pass is not known yet.
    pub fn asked(&self) {
        self.enter(Phase::Login(Instant::now()));
    }

    /// A response is made, and sent.
    pub fn answering(&self) {
        self.enter(Phase::Answer);
    }

    /// A response was handed over to be sent.
    pub fn answered(&self) {
        self.enter(Phase::Idle(Instant::now()));
    }

    /// Bytes have arrived.
    pub fn received(&self) {
        let mut state = self.state();
        if let Phase::Idle(_) = state.phase {
            state.phase = Phase::Request(Instant::now());
        }
    }

    /// The system took so many bytes for the peer.
    pub fn taken(&self, bytes: usize) {
        self.state().lag.taken(bytes, Instant::now());
    }

    /// Bytes wait for the peer.
    pub fn stuck(&self) {
        self.state().lag.stuck(Instant::now());
    }

    /// No bytes wait for the peer.
    pub fn flushed(&self) {
        let mut state = self.state();
        match state.phase {
            // In the middle of a response this only means that the next part is not there yet.
            Phase::Login(_) | Phase::Answer => state.lag.moving(Instant::now()),
            Phase::Request(_) | Phase::Idle(_) => state.lag = Lag::default(),
        }
    }

    /// How long the peer has kept the connection for nothing; `None` while the exporter works for it, and while it reads.
    pub fn wasted(&self, now: Instant) -> Option<Duration> {
        self.state().wasted(now)
    }

    /// How far a slow reader is behind.
    pub fn behind(&self, now: Instant) -> Option<Duration> {
        self.state().behind(now)
    }

    /// Tells the connection to leave, unless its peer comes back to life first.
    pub fn leave(&self) {
        self.state().leaving = true;
        self.told.notify_one();
    }

    /// Whether it was told to leave.
    pub fn is_leaving(&self) -> bool {
        self.state().leaving
    }

    /// Completes when the connection is to be closed, with the reason.
    pub async fn over(&self, timeouts: Timeouts) -> &'static str {
        loop {
            if self.leaves() {
                return "others need its place";
            }
            let now = Instant::now();
            let (due, earliest) = self.state().due(timeouts, now);
            if due.is_some_and(|due| due <= now) {
                return "it timed out";
            }
            let next = due.map_or(earliest, |due| due.min(earliest));
            tokio::select! {
                () = self.told.notified() => {}
                () = tokio::time::sleep_until(next) => {}
            }
        }
    }

    fn leaves(&self) -> bool {
        let mut state = self.state();
        if state.leaving && state.wasted(Instant::now()).is_none() {
            // The peer was faster; somebody else has to leave.
            state.leaving = false;
            self.changed.notify_waiters();
        }
        state.leaving
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use tokio::time::advance;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn activity() -> Activity {
        Activity::new(IpAddr::from(Ipv4Addr::LOCALHOST).into(), Arc::default())
    }

    /// Reads so many bytes in each of so many seconds, with bytes waiting for it all the time.
    async fn read(activity: &Activity, bytes_per_second: usize, seconds: u32) {
        for _ in 0..seconds {
            activity.stuck();
            advance(SECOND).await;
            activity.taken(bytes_per_second);
        }
        activity.stuck();
    }

    fn behind(activity: &Activity) -> Option<u64> {
        activity.behind(Instant::now()).map(|lag| lag.as_secs())
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_reader_falls_behind_however_often_it_reads() {
        let activity = activity();
        activity.answering();
        read(&activity, 16 << 10, 20).await;
        assert_eq!(behind(&activity), Some(15));
        // Parts of the response that are not there yet change nothing.
        activity.flushed();
        advance(100 * SECOND).await;
        read(&activity, 16 << 10, 4).await;
        assert_eq!(behind(&activity), Some(18));
        let started = Instant::now();
        assert_eq!(activity.over(Timeouts::default()).await, "it timed out");
        assert_eq!(started.elapsed().as_secs(), 12);
    }

    #[tokio::test(start_paused = true)]
    async fn a_reader_that_keeps_up_does_not_fall_behind_and_has_no_head_start() {
        let activity = activity();
        activity.answering();
        read(&activity, 64 << 10, 1000).await;
        assert_eq!(behind(&activity), None);
        read(&activity, 64 << 20, 10).await;
        read(&activity, 0, 10).await;
        assert_eq!(behind(&activity), Some(10));
        // It has read all: the next response is another matter.
        activity.answered();
        activity.flushed();
        activity.answering();
        read(&activity, 0, 1).await;
        assert_eq!(behind(&activity), None);
    }

    #[tokio::test(start_paused = true)]
    async fn requests_to_come_do_not_help_a_slow_reader() {
        let activity = activity();
        for _ in 0..5 {
            activity.answering();
            read(&activity, 0, 1).await;
            activity.answered();
        }
        assert_eq!(behind(&activity), Some(5));
    }

    #[tokio::test(start_paused = true)]
    async fn each_phase_has_its_timeout() {
        let activity = activity();
        let over = async || {
            let started = Instant::now();
            assert_eq!(activity.over(Timeouts::default()).await, "it timed out");
            started.elapsed().as_secs()
        };
        assert_eq!(over().await, 10);
        activity.secured();
        assert_eq!(over().await, 10);
        activity.answered();
        assert_eq!(over().await, 360);
        activity.received();
        assert_eq!(over().await, 10);
        for busy in [Activity::asked, Activity::answering] {
            busy(&activity);
            assert!(tokio::time::timeout(3600 * SECOND, over()).await.is_err());
        }
    }
}
