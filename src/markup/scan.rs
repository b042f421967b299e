//! Searching bytes. All that looks at more than a few of them is here, because the tests count how many are looked at: a reply
//! costs a multiple of its length, whatever is in it. It does not know what the bytes mean.

use memchr::{memchr, memmem};

#[cfg(test)]
thread_local! {
    /// How many bytes this thread has looked at.
    static LOOKED_AT: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// Counts bytes that were looked at, for the tests.
#[cfg_attr(not(test), expect(clippy::missing_const_for_fn, reason = "it is not in tests"))]
pub(super) fn looked_at(bytes: usize) {
    #[cfg(test)]
    LOOKED_AT.set(LOOKED_AT.get() + bytes);
    #[cfg(not(test))]
    let _ = bytes;
}

/// How many bytes this does look at.
#[cfg(test)]
pub fn cost(work: impl FnOnce()) -> usize {
    let before = LOOKED_AT.get();
    work();
    LOOKED_AT.get() - before
}

/// The position of the first such byte.
pub(super) fn find(byte: u8, text: &[u8]) -> Option<usize> {
    let found = memchr(byte, text);
    looked_at(found.unwrap_or(text.len()));
    found
}

/// The positions of a mark, one after another.
pub(super) fn find_all<'a>(mark: &'static [u8], text: &'a [u8]) -> impl Iterator<Item = usize> + 'a {
    let mut rest = 0;
    memmem::find_iter(text, mark).map(Some).chain([None]).map_while(move |found| {
        looked_at(found.unwrap_or(text.len()) - rest);
        rest = found?;
        found
    })
}

/// How many bytes at the start are such.
pub(super) fn length_while(text: &[u8], is: impl Fn(u8) -> bool) -> usize {
    let length = text.iter().position(|byte| !is(*byte)).unwrap_or(text.len());
    looked_at(length);
    length
}

/// How many blanks there are at the start.
pub(super) fn blanks(text: &[u8]) -> usize {
    length_while(text, |byte| byte.is_ascii_whitespace())
}

/// How many blanks there are at the end.
pub(super) fn blanks_at_end(text: &[u8]) -> usize {
    let blanks = text.iter().rev().position(|byte| !byte.is_ascii_whitespace()).unwrap_or(text.len());
    looked_at(blanks);
    blanks
}

/// The same, up to the beginning of a line.
pub(super) fn blanks_in_line_at_end(text: &[u8]) -> usize {
    let blanks = text.iter().rev().position(|byte| !matches!(byte, b' ' | b'\t' | b'\r')).unwrap_or(text.len());
    looked_at(blanks);
    blanks
}
