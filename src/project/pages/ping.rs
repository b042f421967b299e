//! `submit_rpc_handler.php`, `ping`: the web server, PHP and the database work. It needs no key.

use super::answer::{Answer, Page};
use super::document::Document;
use super::fault::Fault;
use crate::markup::element::element;

/// Bytes of an answer.
pub const MAX_BODY: usize = 1 << 16;

element! {
    /// `ping`.
    Ping {
        /// It went well.
        success: bool,
    }
}

/// Reads an answer.
///
/// # Errors
/// Fails if it is something else.
pub fn read(answer: &Answer<'_>) -> Result<Page<Ping>, Fault> {
    let mut document = Document::<Ping>::read(answer, &["ping", "success"])?;
    // Up to 2016 the bare element was the reply.
    document.page.success |= document.root == "success";
    document.into_page(answer, |_| 0)
}
