//! One poll's dealings with one client: requests one after another, each in its time, over as few connections as can be.
//! A request that fails costs itself: the next one goes over a new connection. A client that is silent twice hangs, and is
//! left alone.

use std::time::Instant;

use secrecy::SecretString;

use crate::client::collectors::Collector;
use crate::client::gui_rpc::connection::{Connection, RawReply, whole};
use crate::client::gui_rpc::error::Error;
use crate::client::gui_rpc::reply::{Content, Incoming, Reply};
use crate::client::gui_rpc::request::Request;
use crate::client::snapshot::{Failure, Part};
use crate::client::target::{Password, Target};

/// Reading more than this at a time takes some milliseconds: meanwhile the replies of other clients have to be drained.
const LONG: usize = 1 << 20;

/// Reads the end of the last reply.
async fn read<T: Content>(reply: Incoming<T>, raw: RawReply) -> Result<Reply<T>, Error> {
    if raw.rest.len() < LONG {
        return reply.end(&raw.rest);
    }
    let read = tokio::task::spawn_blocking(move || reply.end(&raw.rest)).await;
    // It is only cancelled when the whole program is.
    read.unwrap_or_else(|defect| std::panic::resume_unwind(defect.into_panic()))
}

/// Requests to one client, up to a deadline.
#[derive(Debug)]
pub struct Session<'a> {
    target: &'a Target,
    max_reply_bytes: usize,
    deadline: Instant,
    connection: Option<Connection>,
    /// The last request met silence: before the next, find out whether the client is alive at all.
    needs_liveness_check: bool,
    /// Any request was answered.
    answered: bool,
    /// Nothing comes after the next request: it may take all the time that is left.
    last: bool,
    /// Why there is no point in asking more.
    fatal: Option<Error>,
    /// Whether the password was taken; `None` if there is none.
    pub authorized: Option<bool>,
}

impl<'a> Session<'a> {
    /// Prepares; nothing is sent yet.
    #[must_use]
    pub const fn new(target: &'a Target, max_reply_bytes: usize, deadline: Instant) -> Self {
        Self {
            target,
            max_reply_bytes,
            deadline,
            connection: None,
            needs_liveness_check: false,
            answered: false,
            last: false,
            fatal: None,
            authorized: None,
        }
    }

    /// Says that nothing comes after the next request.
    pub const fn prepare_last(&mut self) {
        self.last = true;
    }

    /// Sends a request and reads the reply. The outcome comes with it either way, but for the time of a success.
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

    /// The reply, and how many bytes it has.
    async fn exchange<T: Content>(&mut self, request: Request) -> (Result<Reply<T>, Error>, usize) {
        let reused = self.connection.is_some();
        if let Err(error) = self.connect().await {
            return (Err(error), 0);
        }
        let Some(mut connection) = self.connection.take() else { return (Err(self.timeout(request.name())), 0) };
        let mut reply = Incoming::default();
        let early = |bytes: &[u8]| reply.rows(bytes);
        let answer = self.in_time(request.name(), connection.ask(request, early)).await;
        if reused && matches!(answer, Err(Error::Truncated { bytes: 0, .. })) {
            // The client closed the connection after its last reply, before it saw this request: that is no answer to it.
            drop(connection);
            return Box::pin(self.exchange(request)).await;
        }
        match answer {
            Ok(raw) => {
                let bytes = raw.len();
                let parsed = read(reply, raw).await;
                // A client that wants a password wants it for everything.
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

    /// Makes sure that there is a connection, logged in, to a client that talks.
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

    /// Reads the password, beside the workers: the file may lie on a network mount that hangs.
    async fn password(&self) -> Result<Option<SecretString>, Error> {
        let password = match &self.target.password {
            Password::None => return Ok(None),
            password => password.clone(),
        };
        let reading = tokio::task::spawn_blocking(move || password.read());
        let left = self.deadline.saturating_duration_since(Instant::now());
        match tokio::time::timeout(left / 2, reading).await {
            Ok(Ok(read)) => read.map_err(Error::PasswordFile),
            Ok(Err(defect)) => std::panic::resume_unwind(defect.into_panic()),
            Err(_) => Err(Error::PasswordFile(format!(
                "the password file {} could not be read in time: does the disk or network mount that it is on hang?",
                self.target.password
            ))),
        }
    }

    async fn open(&mut self) -> Result<Connection, Error> {
        let password = self.password().await?;
        let mut connection =
            self.in_time("the connection", Connection::open(&self.target.address, self.max_reply_bytes)).await?;
        if let Some(password) = password {
            let outcome = self.in_time("the password", connection.authorize(&password)).await;
            self.authorized = match &outcome {
                Ok(()) => Some(true),
                Err(Error::WrongPassword) => Some(false),
                Err(_) => self.authorized,
            };
            if matches!(outcome, Err(Error::WrongPassword)) && matches!(self.target.password, Password::FirstOf(_)) {
                // The file was changed since the client started. On its own computer it answers without.
                drop(connection);
                connection = self
                    .in_time("the connection", Connection::open(&self.target.address, self.max_reply_bytes))
                    .await?;
            } else {
                outcome?;
            }
        } else if self.needs_liveness_check {
            self.in_time("exchange_versions", async {
                connection.ask(Request::ExchangeVersions, whole).await.map(|_| ())
            })
            .await?;
        }
        self.needs_liveness_check = false;
        Ok(connection)
    }

    /// Gives each step half of the time that is left: one that stalls leaves time for the others. The last one may have it
    /// all, but for a moment in which the answer is put together.
    async fn in_time<T>(&self, what: &'static str, step: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        let budget = if self.last { left.mul_f64(0.95) } else { left / 2 };
        let timeout = Error::Timeout { what, waited: budget };
        tokio::time::timeout(budget, step).await.unwrap_or(Err(timeout))
    }

    fn timeout(&self, what: &'static str) -> Error {
        Error::Timeout { what, waited: self.deadline.saturating_duration_since(Instant::now()) }
    }
}
