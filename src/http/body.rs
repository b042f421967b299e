//! Bodies of answers.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Bytes, HttpBody};
use http_body::{Frame, SizeHint};
use tokio::sync::OwnedSemaphorePermit;

/// How much is handed to the connection at a time. It asks for more only when its buffer has room, so that the permit
/// is kept, and with it the limit on memory, until a slow reader has taken nearly all.
const PIECE: usize = 64 * 1024;

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
        let length = self.text.len().min(PIECE);
        Poll::Ready((length > 0).then(|| Ok(Frame::data(self.text.split_to(length)))))
    }

    fn is_end_stream(&self) -> bool {
        self.text.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.text.len() as u64)
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
        let slots = Arc::new(Semaphore::new(1));
        let text = "line of metrics\n".repeat(10_000);
        let mut body = Body::new(Held::new(text.clone(), Arc::clone(&slots).try_acquire_owned().unwrap()));
        let mut sent = Vec::new();
        while body.size_hint().exact() != Some(0) {
            assert_eq!(slots.available_permits(), 0);
            assert_eq!(body.size_hint().exact(), Some((text.len() - sent.len()) as u64));
            let polled = Pin::new(&mut body).poll_frame(&mut Context::from_waker(std::task::Waker::noop()));
            let Poll::Ready(Some(Ok(frame))) = polled else { panic!("{polled:?}") };
            let piece = frame.into_data().unwrap();
            assert!(piece.len() <= PIECE, "{}", piece.len());
            sent.extend(piece);
        }
        assert_eq!(sent, text.as_bytes());
        drop(body);
        assert_eq!(slots.available_permits(), 1);
    }
}
