//! What comes in, and what goes out around the data of a page. It does not know any page.

/// What an HTTP server answered. The content type is not asked: XML comes as `text/html` and the other way round.
#[derive(Debug, Clone, Copy)]
pub struct Answer<'a> {
    /// Status of HTTP.
    pub status: u16,
    /// The header `Location`; empty if there is none.
    pub location: &'a str,
    /// The body, decompressed.
    pub body: &'a [u8],
}

impl Answer<'_> {
    /// The server says that this is what was asked for.
    #[must_use]
    pub const fn is_success(&self) -> bool {
        matches!(self.status, 200..=299)
    }
}

/// A page that was read.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Page<T> {
    /// What it says.
    pub content: T,
    /// What was odd about it.
    pub oddities: Oddities,
}

/// What was odd about a page that was read all the same.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Oddities {
    /// Elements that are not known.
    pub unknown_elements: u32,
    /// Elements whose value is not of the kind that is expected.
    pub unreadable_values: u32,
    /// Messages of PHP to the project's operator.
    pub notices: u32,
    /// Rows beyond what is kept.
    pub left_out: u32,
}
