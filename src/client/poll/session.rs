//! The requests of one poll, sent one after another, each with a time limit, over as few connections as possible.
//! Requests come in; parsed replies and their outcomes go out. A failed request affects only itself: the next one uses
//! a new connection. A client that fails to answer twice in a row is considered hanging, and nothing more is sent. It
//! does not know which requests are due.

use std::time::Instant;

use tokio::sync::SemaphorePermit;

use crate::client::access::Access;
use crate::client::capacity::{Capacity, Held};
use crate::client::collectors::Collector;
use crate::client::gui_rpc::connection::{Connection, RawReply, Received};
use crate::client::gui_rpc::error::Error;
use crate::client::gui_rpc::reply::{Content, Incoming, Reply};
use crate::client::gui_rpc::request::Request;
use crate::client::snapshot::{Failure, Part};
use crate::client::target::{Password, Target};

/// Reading more than this at a time takes a turn of the processor.
const TURN_MIN: usize = 256 << 10;

/// How much of all replies of a poll is read, by the size of the largest. A client floods twice, not at each request.
const MAX_REPLIES: usize = 2;

/// Sends requests to one client, until a deadline.
#[derive(Debug)]
pub struct Session<'a> {
    /// The client.
    pub(super) target: &'a Target,
    /// The way into it, or why there is none.
    access: Result<Access, Error>,
    pub(super) capacity: &'a Capacity,
    max_reply_bytes: usize,
    /// Bytes of all replies so far.
    received: usize,
    /// Memory of the replies that were read, until the poll is over.
    held: Vec<Held>,
    deadline: Instant,
    /// When the client must have answered something.
    answer_by: Instant,
    connection: Option<Connection>,
    /// The last request timed out: check that the client responds before sending the next.
    needs_liveness_check: bool,
    /// Whether any request has been answered.
    answered: bool,
    /// The next request is the last, so it may use all the remaining time.
    last: bool,
    /// The error that makes further requests pointless.
    fatal: Option<Error>,
    /// Whether the client accepted the password; `None` if none was sent.
    pub authorized: Option<bool>,
}

impl<'a> Session<'a> {
    /// Creates a session. Nothing is sent yet. Without a way into the client, its requests fail with this error.
    #[must_use]
    pub const fn new(
        target: &'a Target,
        access: Result<Access, Error>,
        capacity: &'a Capacity,
        max_reply_bytes: usize,
        deadline: Instant,
    ) -> Self {
        Self {
            target,
            access,
            capacity,
            max_reply_bytes,
            received: 0,
            held: Vec::new(),
            deadline,
            answer_by: deadline,
            connection: None,
            needs_liveness_check: false,
            answered: false,
            last: false,
            fatal: None,
            authorized: None,
        }
    }

    /// The same, but of a client that has not answered anything by then, no more is awaited.
    #[must_use]
    pub fn answer_by(self, time: Instant) -> Self {
        Self { answer_by: time.min(self.deadline), ..self }
    }

    /// Waits for a turn of the processor, to work at length on what was read.
    ///
    /// # Errors
    /// There was none in time.
    pub async fn turn(&self) -> Result<Option<SemaphorePermit<'a>>, Error> {
        let capacity = self.capacity;
        self.with_budget("a turn of the processor", async { Ok(capacity.turn().await) }).await
    }

    /// When it ends.
    #[must_use]
    pub const fn deadline(&self) -> Instant {
        self.deadline
    }

    /// Marks the next request as the last.
    pub const fn mark_last(&mut self) {
        self.last = true;
    }

    /// Sends a request and parses the reply. The returned [`Part`] describes the outcome of either result, except for
    /// the time of a success.
    pub async fn ask<T: Content>(&mut self, collector: Collector, request: Request) -> (Result<T, Error>, Part) {
        self.ask_after(collector, request, None).await
    }

    /// The same with what helps to read the reply: the content of an earlier one.
    pub async fn ask_after<T: Content>(
        &mut self,
        collector: Collector,
        request: Request,
        mut earlier: Option<Box<T>>,
    ) -> (Result<T, Error>, Part) {
        let started = Instant::now();
        let (result, bytes) = self.exchange::<T>(request, &mut earlier).await;
        let mut part = Part { duration: started.elapsed(), bytes, ..Part::of(collector) };
        let result = match result {
            Ok(reply) => {
                part.unknown = reply.unknown;
                part.unreadable = reply.unreadable;
                part.dropped = reply.dropped as usize;
                Ok(reply.content)
            }
            Err(error) => {
                part.error = Some(Failure::from(&error));
                Err(error)
            }
        };
        (result, part)
    }

    /// Returns the reply and its size in bytes.
    async fn exchange<T: Content>(
        &mut self,
        request: Request,
        earlier: &mut Option<Box<T>>,
    ) -> (Result<Reply<T>, Error>, usize) {
        let received = self.received;
        let (outcome, bytes) = self.exchange_once(request, earlier, Held::default()).await;
        if !matches!(outcome, Err(Error::NoMemory { .. })) {
            return (outcome, bytes);
        }
        // What was there of the reply is gone. It is asked for again when there is memory for it.
        match self.with_budget(request.name(), async { Ok(self.capacity.wait().await) }).await {
            Ok(held) => {
                self.received = received;
                // Rare, so it takes no room in the future of each poll.
                Box::pin(self.exchange_once(request, earlier, held)).await
            }
            Err(_) => (outcome, bytes),
        }
    }

    async fn exchange_once<T: Content>(
        &mut self,
        request: Request,
        earlier: &mut Option<Box<T>>,
        mut held: Held,
    ) -> (Result<Reply<T>, Error>, usize) {
        let reused = self.connection.is_some();
        if let Err(error) = self.connect().await {
            return (Err(error), 0);
        }
        let Some(mut connection) = self.connection.take() else { return (Err(self.timeout(request.name())), 0) };
        let left = (MAX_REPLIES * self.max_reply_bytes).saturating_sub(self.received);
        connection.limit(self.max_reply_bytes.min(left));
        let reading = read(&mut connection, request, earlier, self.capacity, &mut held);
        let answer = self.with_budget(request.name(), reading).await;
        if reused && matches!(answer, Err(Error::Truncated { bytes: 0, .. })) {
            // The client closed the connection after its previous reply, before it read this request. Retry on a new
            // connection.
            drop(connection);
            return Box::pin(self.exchange_once(request, earlier, held)).await;
        }
        let bytes = answer.as_ref().map_or_else(|_| connection.received(), |(_, bytes)| *bytes);
        // What came beyond the limit was not read.
        self.received += bytes.min(self.max_reply_bytes);
        match answer {
            Ok((parsed, _)) => {
                // A client that requires a password requires it for every request.
                if matches!(parsed, Err(Error::Unauthorized)) && self.authorized.is_none() && !self.answered {
                    self.fatal = Some(Error::Unauthorized);
                }
                self.answered |= parsed.is_ok();
                self.held.push(held);
                if connection.is_usable() {
                    self.connection = Some(connection);
                }
                (parsed, bytes)
            }
            Err(error) => {
                if matches!(error, Error::HostDenied) || matches!(error, Error::TooLarge { .. }) && self.is_flooded() {
                    self.fatal = Some(error.clone());
                }
                self.needs_liveness_check = matches!(error, Error::Timeout { .. });
                (Err(error), bytes)
            }
        }
    }

    /// Whether the replies of this poll have used up what may be read of them.
    const fn is_flooded(&self) -> bool {
        self.received >= MAX_REPLIES * self.max_reply_bytes
    }

    /// Ensures that there is an authorized connection to a client that responds.
    async fn connect(&mut self) -> Result<(), Error> {
        if let Some(error) = &self.fatal {
            return Err(error.clone());
        }
        if self.connection.is_none() {
            match self.open().await {
                Ok(connection) => self.connection = Some(connection),
                Err(error) => {
                    self.fatal = Some(error.clone());
                    return Err(error);
                }
            }
        }
        Ok(())
    }

    async fn open(&mut self) -> Result<Connection, Error> {
        let Access { endpoint, password } = self.access.clone()?;
        let mut connection =
            self.with_budget("the connection", Connection::open(&endpoint, self.max_reply_bytes)).await?;
        if let Some(password) = password {
            let outcome = self.with_budget("authorization", connection.authorize(&password)).await;
            self.authorized = match &outcome {
                Ok(()) => Some(true),
                Err(Error::WrongPassword) => Some(false),
                Err(_) => self.authorized,
            };
            if matches!(outcome, Err(Error::WrongPassword)) && matches!(self.target.password, Password::FirstOf(_)) {
                // The file changed after the client started. A client on the same computer answers without a password.
                drop(connection);
                connection =
                    self.with_budget("the connection", Connection::open(&endpoint, self.max_reply_bytes)).await?;
            } else {
                outcome?;
            }
        } else if self.needs_liveness_check {
            self.with_budget("exchange_versions", async {
                connection.ask(Request::ExchangeVersions).await.map(|_| ())
            })
            .await?;
        }
        self.needs_liveness_check = false;
        Ok(connection)
    }

    /// Runs a step with half of the remaining time as its limit, so that one that stalls leaves time for the others.
    /// The last request gets 95% of it; the rest is for assembling the snapshot.
    async fn with_budget<T>(
        &self,
        what: &'static str,
        step: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        let mut budget = if self.last { left.mul_f64(0.95) } else { left / 2 };
        if !self.answered {
            budget = budget.min(self.answer_by.saturating_duration_since(Instant::now()));
        }
        let timeout = Error::Timeout { what, waited: budget };
        tokio::time::timeout(budget, step).await.unwrap_or(Err(timeout))
    }

    fn timeout(&self, what: &'static str) -> Error {
        Error::Timeout { what, waited: self.deadline.saturating_duration_since(Instant::now()) }
    }
}

/// Sends a request and reads its reply while it arrives, segment by segment: between two of them others have their turn, and
/// it can be given up when its time is over. The outcome of the reading comes with the size of the reply.
async fn read<T: Content>(
    connection: &mut Connection,
    request: Request,
    earlier: &mut Option<Box<T>>,
    capacity: &Capacity,
    held: &mut Held,
) -> Result<(Result<Reply<T>, Error>, usize), Error> {
    connection.send(request).await?;
    let mut reply = Incoming::after(earlier.take());
    loop {
        let received = connection.receive().await?;
        if !capacity.cover(held, connection.received()) {
            return Err(Error::NoMemory { what: request.name(), bytes: connection.received() });
        }
        if let Received::All(raw) = received {
            let bytes = raw.len();
            return Ok((finish(reply, &raw, capacity).await, bytes));
        }
        loop {
            let turn = turn(capacity, connection.arrived().len()).await;
            let read = reply.segment(connection.arrived())?;
            drop(turn);
            connection.take(read);
            if read == 0 {
                break;
            }
            tokio::task::yield_now().await;
        }
    }
}

/// Reads the rest of a reply.
async fn finish<T: Content>(mut reply: Incoming<T>, raw: &RawReply, capacity: &Capacity) -> Result<Reply<T>, Error> {
    let mut rest = &raw.rest[..];
    loop {
        let turn = turn(capacity, rest.len()).await;
        let Some(read) = reply.segment_of_rest(rest)? else { return reply.end(rest) };
        drop(turn);
        rest = &rest[read..];
        tokio::task::yield_now().await;
    }
}

/// Waits for a turn of the processor, if reading so many bytes may take long.
async fn turn(capacity: &Capacity, bytes: usize) -> Option<SemaphorePermit<'_>> {
    if bytes < TURN_MIN { None } else { capacity.turn().await }
}
