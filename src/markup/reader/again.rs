//! Passing over a row that was read before. It does not know how one is recognized.

use super::Reader;

impl<'a> Reader<'a> {
    /// What was not read yet.
    #[must_use]
    pub fn rest(&self) -> &'a [u8] {
        &self.bytes[self.pos.min(self.bytes.len())..]
    }

    /// Moves past a row of this length, which takes so many bytes besides its own size and has so many unknown elements.
    /// Returns false if there is no memory for it.
    pub fn pass_row(&mut self, length: usize, apart: usize, unknown: u32) -> bool {
        let fits = self.kept.add(apart, self.pos + length);
        if fits {
            self.pos += length;
            self.unknown = self.unknown.saturating_add(unknown);
        }
        fits
    }
}
