//! What all polls share: memory for long replies, turns of the processor, and places to read files of clients. Each client has limits of its own; here are those
//! of all together, so that a hundred clients that behave badly at the same time cost what a few do. It does not know clients.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, SemaphorePermit};

use super::limits::Limits;

/// A reply up to this size needs no memory of the share: it is the reply of a client with 1 000 tasks, and as many clients as
/// are polled at a time may send one.
const FREE: usize = 1 << 20;

/// Replies of the largest size for which there is memory at a time: 256 MiB of replies by default.
const LARGEST_AT_A_TIME: usize = 4;

/// Data directories that are read at a time. A hanging disk holds one for each client whose directory is on it.
const READERS: usize = 8;

/// Memory is given out in pieces of this size.
const PIECE: usize = 64 << 10;

/// The share of all polls.
#[derive(Debug)]
pub struct Capacity {
    /// Pieces of memory that are free.
    memory: Arc<Semaphore>,
    /// What a reply gets that found no room at first: a part of the largest, so that several get it at a time.
    second_chance: usize,
    /// Pieces of memory that are free for what is kept between polls.
    kept: Arc<Semaphore>,
    turns: Semaphore,
    readers: Arc<Semaphore>,
}

/// Memory for one reply. Given back when this is dropped.
#[derive(Debug, Default)]
pub struct Held(Option<OwnedSemaphorePermit>);

impl Held {
    fn cover(&mut self, memory: &Arc<Semaphore>, bytes: usize) -> bool {
        let has = self.0.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
        let missing = bytes.saturating_sub(FREE).div_ceil(PIECE).saturating_sub(has);
        if missing == 0 {
            return true;
        }
        let missing = u32::try_from(missing).unwrap_or(u32::MAX);
        let Ok(more) = Arc::clone(memory).try_acquire_many_owned(missing) else { return false };
        match &mut self.0 {
            Some(held) => held.merge(more),
            none => *none = Some(more),
        }
        true
    }
}

impl Capacity {
    /// For polls with these limits.
    #[must_use]
    pub fn new(limits: &Limits) -> Self {
        let pieces = limits.max_reply_bytes.div_ceil(PIECE).saturating_mul(LARGEST_AT_A_TIME);
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            memory: Arc::new(Semaphore::new(pieces.min(Semaphore::MAX_PERMITS))),
            kept: Arc::new(Semaphore::new(pieces.min(Semaphore::MAX_PERMITS))),
            second_chance: limits.max_reply_bytes / LARGEST_AT_A_TIME,
            // One processor is left to all else that the exporter does.
            turns: Semaphore::new((processors - 1).max(1)),
            readers: Arc::new(Semaphore::new(READERS)),
        }
    }

    /// Whether there is memory for a reply that has grown to this size. It does not wait: a reply that waited for memory would
    /// keep what it has, and several that did would wait for each other.
    #[must_use]
    pub fn cover(&self, held: &mut Held, bytes: usize) -> bool {
        held.cover(&self.memory, bytes)
    }

    /// Memory for what is kept until the next poll of a reply of this size; `None` if there is none.
    #[must_use]
    pub fn keep(&self, bytes: usize) -> Option<Held> {
        let mut held = Held::default();
        held.cover(&self.kept, bytes).then_some(held)
    }

    /// Waits for the memory of a long reply, in the order in which it is asked for. Who waits must hold none.
    pub async fn wait(&self) -> Held {
        let pieces = u32::try_from(self.second_chance.div_ceil(PIECE)).unwrap_or(u32::MAX);
        // It is never closed.
        Held(Arc::clone(&self.memory).acquire_many_owned(pieces).await.ok())
    }

    /// Waits for a turn to work at length. Until it is dropped, one processor less is free for others.
    pub async fn turn(&self) -> Option<SemaphorePermit<'_>> {
        self.turns.acquire().await.ok()
    }

    /// Waits for a place to read files of a client. Until it is dropped, one less can.
    pub async fn reader(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.readers).acquire_owned().await.ok()
    }
}

#[cfg(test)]
mod tests {
    use super::{Capacity, Held, Limits};

    #[tokio::test]
    async fn memory_is_bounded_and_comes_back() {
        let capacity = Capacity::new(&Limits { max_reply_bytes: 8 << 20, ..Limits::default() });
        let mebibytes = |n: usize| n << 20;
        let cover = |held: &mut Held, n: usize| capacity.cover(held, mebibytes(n));
        let mut small: Vec<Held> = (0..1000).map(|_| Held::default()).collect();
        assert!(small.iter_mut().all(|held| cover(held, 1)));
        let mut all: Vec<Held> = (0..6).map(|_| Held::default()).collect();
        let covered: Vec<_> = all.iter_mut().map(|held| cover(held, 7)).collect();
        assert_eq!(covered, [true, true, true, true, true, false]);
        // Two MiB are left; a step that does not fit takes nothing.
        let last = &mut all[5];
        assert_eq!([3, 4, 3].map(|n| cover(last, n)), [true, false, true]);
        // Two MiB are a second chance, and less is free.
        let mut waits = std::pin::pin!(capacity.wait());
        let now = &mut std::task::Context::from_waker(std::task::Waker::noop());
        assert!(waits.as_mut().poll(now).is_pending());
        drop(all);
        let mut held = waits.await;
        assert!(cover(&mut held, 8));
    }
}
