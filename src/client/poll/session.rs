//! The requests of one poll, sent one after another, each with a time limit, over as few connections as possible.
//! Requests come in; parsed replies and their outcomes go out. A failed request affects only itself: the next one uses
//! a new connection. A client that fails to answer twice in a row is considered hanging, and nothing more is sent. It
//! does not know which requests are due.

use std::time::Instant;

use crate::client::access::Access;
use crate::client::collectors::Collector;
use crate::client::gui_rpc::connection::{Connection, RawReply, keep_all};
use crate::client::gui_rpc::error::Error;
use crate::client::gui_rpc::reply::{Content, Incoming, Reply};
use crate::client::gui_rpc::request::Request;
use crate::client::snapshot::{Failure, Part};
use crate::client::target::{Password, Target};

/// Larger replies are parsed on a blocking thread: it takes some milliseconds, in which the replies of other clients
/// have to be drained.
const BLOCKING_PARSE_MIN: usize = 1 << 20;

/// Parses the rest of a reply.
async fn finish<T: Content>(reply: Incoming<T>, raw: RawReply) -> Result<Reply<T>, Error> {
    if raw.rest.len() < BLOCKING_PARSE_MIN {
        return reply.end(&raw.rest);
    }
    let read = tokio::task::spawn_blocking(move || reply.end(&raw.rest)).await;
    // The task is cancelled only at shutdown of the runtime.
    read.unwrap_or_else(|defect| std::panic::resume_unwind(defect.into_panic()))
}

/// Sends requests to one client, until a deadline.
#[derive(Debug)]
pub struct Session<'a> {
    /// The client.
    pub(super) target: &'a Target,
    /// The way into it, or why there is none.
    access: Result<Access, Error>,
    max_reply_bytes: usize,
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
        max_reply_bytes: usize,
        deadline: Instant,
    ) -> Self {
        Self {
            target,
            access,
            max_reply_bytes,
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

    /// Marks the next request as the last.
    pub const fn mark_last(&mut self) {
        self.last = true;
    }

    /// Sends a request and parses the reply. The returned [`Part`] describes the outcome of either result, except for
    /// the time of a success.
    pub async fn ask<T: Content>(&mut self, collector: Collector, request: Request) -> (Result<T, Error>, Part) {
        let started = Instant::now();
        let (result, bytes) = self.exchange::<T>(request).await;
        let mut part = Part { duration: started.elapsed(), bytes, ..Part::of(collector) };
        let result = match result {
            Ok(reply) => {
                part.unknown = reply.unknown;
                part.unreadable = reply.unreadable;
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
    async fn exchange<T: Content>(&mut self, request: Request) -> (Result<Reply<T>, Error>, usize) {
        let reused = self.connection.is_some();
        if let Err(error) = self.connect().await {
            return (Err(error), 0);
        }
        let Some(mut connection) = self.connection.take() else { return (Err(self.timeout(request.name())), 0) };
        let mut reply = Incoming::default();
        let consume = |bytes: &[u8]| reply.rows(bytes);
        let answer = self.with_budget(request.name(), connection.ask(request, consume)).await;
        if reused && matches!(answer, Err(Error::Truncated { bytes: 0, .. })) {
            // The client closed the connection after its previous reply, before it read this request. Retry on a new
            // connection.
            drop(connection);
            return Box::pin(self.exchange(request)).await;
        }
        match answer {
            Ok(raw) => {
                let bytes = raw.len();
                let parsed = finish(reply, raw).await;
                // A client that requires a password requires it for every request.
                if matches!(parsed, Err(Error::Unauthorized)) && self.authorized.is_none() && !self.answered {
                    self.fatal = Some(Error::Unauthorized);
                }
                self.answered |= parsed.is_ok();
                if connection.is_usable() {
                    self.connection = Some(connection);
                }
                (parsed, bytes)
            }
            Err(error) => {
                if matches!(error, Error::HostDenied) {
                    self.fatal = Some(error.clone());
                }
                self.needs_liveness_check = matches!(error, Error::Timeout { .. });
                (Err(error), connection.received())
            }
        }
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
                connection.ask(Request::ExchangeVersions, keep_all).await.map(|_| ())
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
