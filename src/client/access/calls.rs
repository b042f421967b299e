//! Calls to the operating system that take as long as they like and cannot be stopped: a name server may be silent, a network
//! mount may hang. A subject comes in; the answer goes out, or nothing if it is late. There is one call at a time about a
//! subject, for all who wait for it, on a bounded number of threads. It does not know what is asked.

use std::collections::HashMap;
use std::fmt;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use crate::client::gui_rpc::error::Error;

/// What works answers sooner, even if it has to ask others first. A silent name server is given up after five seconds or more.
pub const PROMPT: Duration = Duration::from_secs(2);

/// Answers, once there are any.
type Answer<V> = Option<Result<V, Error>>;

type Function<K, V> = dyn Fn(&K) -> Result<V, Error> + Send + Sync;

/// Calls of one kind.
pub struct Calls<K: Eq + Hash, V> {
    function: Box<Function<K, V>>,
    threads: Arc<Semaphore>,
    /// Those for subjects that were late the last time, or were never asked about: however many of them hang, some threads are
    /// left for the others.
    for_doubtful: Arc<Semaphore>,
    subjects: Mutex<HashMap<K, Weak<Call<K, V>>>>,
}

/// Calls about one subject. The last answer is known for as long as somebody holds this.
pub struct Call<K: Eq + Hash, V> {
    calls: Arc<Calls<K, V>>,
    subject: K,
    state: Mutex<State<V>>,
}

struct State<V> {
    /// The call that has begun, or waits for a thread.
    running: Option<watch::Receiver<Answer<V>>>,
    /// The last answer that is no error, and when it came.
    kept: Option<(V, Instant)>,
    /// Whether the last call was answered promptly.
    is_prompt: bool,
    /// Whether an old answer is in use.
    is_stale: bool,
}

impl<K, V> Calls<K, V>
where
    K: Eq + Hash + Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    /// Calls of this function, on at most so many threads.
    pub fn new(threads: usize, function: impl Fn(&K) -> Result<V, Error> + Send + Sync + 'static) -> Arc<Self> {
        let threads = threads.max(1);
        Arc::new(Self {
            function: Box::new(function),
            threads: Arc::new(Semaphore::new(threads)),
            for_doubtful: Arc::new(Semaphore::new((threads - threads / 4).max(1))),
            subjects: Mutex::default(),
        })
    }

    /// Those about one subject.
    pub fn about(self: &Arc<Self>, subject: K) -> Arc<Call<K, V>> {
        let mut subjects = self.subjects.lock().unwrap_or_else(PoisonError::into_inner);
        let known = subjects.entry(subject.clone()).or_default();
        known.upgrade().unwrap_or_else(|| {
            let state = State { running: None, kept: None, is_prompt: false, is_stale: false };
            let call = Arc::new(Call { calls: Arc::clone(self), subject, state: Mutex::new(state) });
            *known = Arc::downgrade(&call);
            call
        })
    }

    /// Waits for a thread.
    async fn turn(&self, is_prompt: bool) -> Turn {
        let doubtful = if is_prompt { None } else { Arc::clone(&self.for_doubtful).acquire_owned().await.ok() };
        Turn { _doubtful: doubtful, _thread: Arc::clone(&self.threads).acquire_owned().await.ok() }
    }
}

/// The right to use a thread. The semaphores are never closed.
struct Turn {
    _doubtful: Option<OwnedSemaphorePermit>,
    _thread: Option<OwnedSemaphorePermit>,
}

impl<K, V> Call<K, V>
where
    K: Eq + Hash + Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    /// The answer to the call that is running, or to a new one; `None` if there is none by then. The call goes on.
    pub async fn answer(self: &Arc<Self>, by: Instant) -> Answer<V> {
        let mut running = self.running();
        match tokio::time::timeout_at(by.into(), running.wait_for(Option::is_some)).await {
            Ok(Ok(answer)) => answer.clone(),
            // It panicked.
            Ok(Err(_)) => None,
            Err(_) => {
                let mut state = self.lock();
                state.is_prompt &= state.running.is_none();
                None
            }
        }
    }

    /// The last good answer, unless it is older.
    pub fn kept(&self, age: Duration) -> Option<V> {
        self.lock().kept.as_ref().filter(|(_, time)| time.elapsed() <= age).map(|(value, _)| value.clone())
    }

    /// Whether the last call was answered promptly.
    pub fn is_prompt(&self) -> bool {
        self.lock().is_prompt
    }

    /// Notes whether an old answer is in use; returns whether that is news.
    pub fn use_stale(&self, is_stale: bool) -> bool {
        std::mem::replace(&mut self.lock().is_stale, is_stale) != is_stale
    }

    fn running(self: &Arc<Self>) -> watch::Receiver<Answer<V>> {
        let mut state = self.lock();
        if let Some(running) = &state.running {
            return running.clone();
        }
        let (sender, receiver) = watch::channel(None);
        state.running = Some(receiver.clone());
        let (calls, subject, is_prompt) = (Arc::clone(&self.calls), self.subject.clone(), state.is_prompt);
        drop(state);
        // It is no owner: when nobody is interested any more, a call that has not begun is not made.
        let (call, begun) = (Arc::downgrade(self), Instant::now());
        tokio::spawn(async move {
            let turn = tokio::select! {
                turn = calls.turn(is_prompt) => turn,
                () = sender.closed() => return,
            };
            let answer = tokio::task::spawn_blocking(move || {
                // The turn ends with the call, whoever still waits for it.
                let _turn = turn;
                (calls.function)(&subject)
            });
            let answer = answer.await.ok();
            if let Some(call) = call.upgrade() {
                call.end(answer.as_ref(), begun.elapsed() <= PROMPT);
            }
            if answer.is_some() {
                sender.send_replace(answer);
            }
        });
        receiver
    }

    fn end(&self, answer: Option<&Result<V, Error>>, is_prompt: bool) {
        let mut state = self.lock();
        state.running = None;
        state.is_prompt = is_prompt;
        if let Some(Ok(value)) = answer {
            state.kept = Some((value.clone(), Instant::now()));
        }
    }
}

impl<K: Eq + Hash, V> Call<K, V> {
    /// What is asked about.
    pub const fn subject(&self) -> &K {
        &self.subject
    }

    fn lock(&self) -> MutexGuard<'_, State<V>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Eq + Hash, V> Drop for Call<K, V> {
    fn drop(&mut self) {
        let mut subjects = self.calls.subjects.lock().unwrap_or_else(PoisonError::into_inner);
        // Another may have taken this one's place already.
        if subjects.get(&self.subject).is_some_and(|call| call.strong_count() == 0) {
            subjects.remove(&self.subject);
        }
    }
}

impl<K: Eq + Hash, V> fmt::Debug for Calls<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Calls").finish_non_exhaustive()
    }
}

impl<K: Eq + Hash, V> fmt::Debug for Call<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call").finish_non_exhaustive()
    }
}
