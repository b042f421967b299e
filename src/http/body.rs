//! Bodies of answers.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::body::{Bytes, HttpBody};
use http_body::{Frame, SizeHint};
use tokio::sync::OwnedSemaphorePermit;
use tokio::task::{JoinError, JoinHandle, spawn_blocking};

/// How much is handed to the connection at a time. It asks for more only when its buffer has room, so that the permit
/// is kept, and with it the limit on memory, until a slow reader has taken nearly all.
const CHUNK_SIZE: usize = 64 * 1024;

/// A text that keeps its permit until it is sent.
pub struct Held {
    text: Bytes,
    _permit: OwnedSemaphorePermit,
}

impl Held {
    pub fn new(text: String, permit: OwnedSemaphorePermit) -> Self {
        Self { text: text.into(), _permit: permit }
    }
}

impl HttpBody for Held {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let length = self.text.len().min(CHUNK_SIZE);
        Poll::Ready((length > 0).then(|| Ok(Frame::data(self.text.split_to(length)))))
    }

    fn is_end_stream(&self) -> bool {
        self.text.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.text.len() as u64)
    }
}

/// How many parts of a text are written ahead of the connection.
const AHEAD: usize = 2;

/// A part of a text, yet to be written.
pub type Part = Box<dyn FnOnce() -> String + Send>;

/// A text that is written while it is sent, part by part, by threads that may be busy for a while. Memory holds little more
/// of it than the connection takes, and it keeps its permit until it is sent.
pub struct Growing<P> {
    /// Parts that nobody writes yet.
    parts: P,
    /// Parts that are being written.
    written: VecDeque<JoinHandle<String>>,
    text: Bytes,
    _permit: OwnedSemaphorePermit,
}

impl<P> Growing<P> {
    pub fn new(parts: P, permit: OwnedSemaphorePermit) -> Self {
        Self { parts, written: VecDeque::new(), text: Bytes::new(), _permit: permit }
    }
}

impl<P: Iterator<Item = Part> + Unpin> HttpBody for Growing<P> {
    type Data = Bytes;
    type Error = JoinError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, JoinError>>> {
        while self.text.is_empty() {
            while self.written.len() < AHEAD
                && let Some(part) = self.parts.next()
            {
                self.written.push_back(spawn_blocking(part));
            }
            let Some(first) = self.written.front_mut() else { return Poll::Ready(None) };
            let text = ready!(Pin::new(first).poll(cx));
            self.written.pop_front();
            match text {
                Ok(text) => self.text = text.into(),
                // A defect. The answer breaks off, so that nobody takes it for the whole.
                Err(error) => return Poll::Ready(Some(Err(error))),
            }
        }
        let length = self.text.len().min(CHUNK_SIZE);
        Poll::Ready(Some(Ok(Frame::data(self.text.split_to(length)))))
    }
}

/// The body of an answer to `HEAD` that does not know what `GET` would bring. An empty body would be announced as one of
/// zero bytes.
pub struct Unsaid;

impl HttpBody for Unsaid {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(None)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use axum::body::Body;
    use tokio::sync::Semaphore;

    use super::*;

    #[test]
    fn the_permit_is_kept_while_there_is_something_to_send() {
        let permits = Arc::new(Semaphore::new(1));
        let text = "line of metrics\n".repeat(10_000);
        let mut body = Body::new(Held::new(text.clone(), Arc::clone(&permits).try_acquire_owned().unwrap()));
        let mut sent = Vec::new();
        while body.size_hint().exact() != Some(0) {
            assert_eq!(permits.available_permits(), 0);
            assert_eq!(body.size_hint().exact(), Some((text.len() - sent.len()) as u64));
            let polled = Pin::new(&mut body).poll_frame(&mut Context::from_waker(std::task::Waker::noop()));
            let Poll::Ready(Some(Ok(frame))) = polled else { panic!("{polled:?}") };
            let piece = frame.into_data().unwrap();
            assert!(piece.len() <= CHUNK_SIZE, "{}", piece.len());
            sent.extend(piece);
        }
        assert_eq!(sent, text.as_bytes());
        drop(body);
        assert_eq!(permits.available_permits(), 1);
    }

    fn growing(parts: Vec<Part>, permits: &Arc<Semaphore>) -> Body {
        Body::new(Growing::new(parts.into_iter(), Arc::clone(permits).try_acquire_owned().unwrap()))
    }

    #[tokio::test]
    async fn parts_are_sent_in_their_order() {
        let permits = Arc::new(Semaphore::new(1));
        let texts = ["first\n".repeat(30_000), String::new(), "second\n".to_owned(), "third\n".repeat(20_000)];
        let parts = texts.clone().map(|text| Box::new(move || text) as Part).into();
        let sent = axum::body::to_bytes(growing(parts, &permits), usize::MAX).await.unwrap();
        assert_eq!(sent, texts.concat());
        assert_eq!(permits.available_permits(), 1);
    }

    #[tokio::test]
    async fn a_text_with_a_defect_breaks_off() {
        let permits = Arc::new(Semaphore::new(1));
        let parts: Vec<Part> =
            vec![Box::new(|| "first\n".to_owned()), Box::new(|| panic!("a defect")), Box::new(|| "third\n".to_owned())];
        let error = axum::body::to_bytes(growing(parts, &permits), usize::MAX).await.unwrap_err();
        assert!(error.to_string().contains("a defect"), "{error}");
        assert_eq!(permits.available_permits(), 1);
    }
}
