//! Response bodies that hold the place of their request until they are sent.

use std::convert::Infallible;
use std::iter;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody};
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use http_body::{Frame, SizeHint};
use tokio::task::{JoinError, spawn_blocking};

/// How much is handed to the connection at a time. It asks for more only when its buffer has room, so the place, and with
/// it the limit on memory, is held until a slow reader has taken nearly everything.
const CHUNK_SIZE: usize = 64 * 1024;

/// How many parts of a text are rendered ahead of the connection.
const PARTS_AHEAD: usize = 2;

/// A text that is complete; its length is sent in the headers. `held` is dropped when it was sent.
pub fn complete<H: Send + Unpin + 'static>(text: Bytes, held: H) -> Body {
    Body::new(Complete { text, _held: held })
}

/// A text that is rendered while it is sent, part by part, on threads that may block. Little more of it is in memory at a
/// time than the connection takes. `held` is dropped when it was sent.
pub fn streamed<P, H>(parts: impl Iterator<Item = P> + Send + 'static, held: H) -> Body
where
    P: FnOnce() -> Bytes + Send + 'static,
    H: Send + 'static,
{
    let chunks = stream::iter(parts)
        .map(spawn_blocking)
        .buffered(PARTS_AHEAD)
        // A part that panicked is an error, which ends the response early: nobody takes it for complete.
        .map_ok(|text| stream::iter(chunks(text).map(Ok::<_, JoinError>)))
        .try_flatten()
        .inspect(move |_| {
            let _held = &held;
        });
    Body::from_stream(chunks)
}

/// The body of a response to `HEAD` whose length `GET` would tell. An empty body would be announced with a length of 0.
pub fn unknown_length() -> Body {
    Body::new(UnknownLength)
}

fn chunks(mut text: Bytes) -> impl Iterator<Item = Bytes> {
    iter::from_fn(move || next_chunk(&mut text))
}

fn next_chunk(text: &mut Bytes) -> Option<Bytes> {
    let length = text.len().min(CHUNK_SIZE);
    (length > 0).then(|| text.split_to(length))
}

struct Complete<H> {
    text: Bytes,
    _held: H,
}

impl<H: Unpin> HttpBody for Complete<H> {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(next_chunk(&mut self.text).map(|chunk| Ok(Frame::data(chunk))))
    }

    fn is_end_stream(&self) -> bool {
        self.text.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.text.len() as u64)
    }
}

struct UnknownLength;

impl HttpBody for UnknownLength {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(None)
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::sync::Arc;

    use tokio::sync::Semaphore;

    use super::*;

    #[test]
    fn the_permit_is_held_while_there_is_something_to_send() {
        let permits = Arc::new(Semaphore::new(1));
        let text = "line of metrics\n".repeat(10_000);
        let mut body = complete(text.clone().into(), Arc::clone(&permits).try_acquire_owned().unwrap());
        let mut sent = Vec::new();
        while body.size_hint().exact() != Some(0) {
            assert_eq!(permits.available_permits(), 0);
            assert_eq!(body.size_hint().exact(), Some((text.len() - sent.len()) as u64));
            let polled = Pin::new(&mut body).poll_frame(&mut Context::from_waker(std::task::Waker::noop()));
            let Poll::Ready(Some(Ok(frame))) = polled else { panic!("{polled:?}") };
            let chunk = frame.into_data().unwrap();
            assert!(chunk.len() <= CHUNK_SIZE, "{}", chunk.len());
            sent.extend(chunk);
        }
        assert_eq!(sent, text.as_bytes());
        drop(body);
        assert_eq!(permits.available_permits(), 1);
    }

    type Part = Box<dyn FnOnce() -> Bytes + Send>;

    fn body(parts: Vec<Part>, permits: &Arc<Semaphore>) -> Body {
        streamed(parts.into_iter(), Arc::clone(permits).try_acquire_owned().unwrap())
    }

    #[tokio::test]
    async fn parts_are_sent_in_their_order() {
        let permits = Arc::new(Semaphore::new(1));
        let texts = ["first\n".repeat(30_000), String::new(), "second\n".to_owned(), "third\n".repeat(20_000)];
        let parts = texts.clone().map(|text| Box::new(move || text.into()) as Part).into();
        let sent = axum::body::to_bytes(body(parts, &permits), usize::MAX).await.unwrap();
        assert_eq!(sent, texts.concat());
        assert_eq!(permits.available_permits(), 1);
    }

    #[tokio::test]
    async fn the_permit_is_held_while_parts_are_sent() {
        let permits = Arc::new(Semaphore::new(1));
        let text = "line of metrics\n".repeat(10_000);
        let part = text.clone();
        let mut body = body(vec![Box::new(move || part.into())], &permits);
        let mut sent = Vec::new();
        while sent.len() < text.len() {
            assert_eq!(permits.available_permits(), 0);
            let frame = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await.unwrap().unwrap();
            let chunk = frame.into_data().unwrap();
            assert!(chunk.len() <= CHUNK_SIZE, "{}", chunk.len());
            sent.extend(chunk);
        }
        assert_eq!(sent, text.as_bytes());
        drop(body);
        assert_eq!(permits.available_permits(), 1);
    }

    #[tokio::test]
    async fn a_panic_in_a_part_ends_the_response_early() {
        let permits = Arc::new(Semaphore::new(1));
        let parts: Vec<Part> =
            vec![Box::new(|| "first\n".into()), Box::new(|| panic!("a bug")), Box::new(|| "third\n".into())];
        let error = axum::body::to_bytes(body(parts, &permits), usize::MAX).await.unwrap_err();
        assert!(error.to_string().contains("a bug"), "{error}");
        assert_eq!(permits.available_permits(), 1);
    }
}
