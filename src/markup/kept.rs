//! How much memory the rows of a reply may take. Sizes of rows come in; whether there is room for one more goes out. A reply is
//! bounded in bytes on the wire, but `<coproc/>` has nine of them and becomes a struct of a thousand. It does not know what
//! rows are.

/// Bytes of rows for each byte of the reply. The rows of real clients take 0.2 to 0.4 of the bytes in which they come.
const PER_BYTE: usize = 2;

/// Bytes of rows that any reply may become: a GPU of a vendor that BOINC does not know is described in 200 bytes and becomes
/// 700, and there may be as many of them as [`MAX_DEVICES`](crate::client::gui_rpc::model::MAX_DEVICES).
const AT_LEAST: usize = 128 << 10;

/// The account of one reply.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Kept {
    /// Bytes of the reply before the present segment.
    before: usize,
    /// Bytes of rows.
    rows: usize,
    dropped: u32,
}

impl Kept {
    /// Nothing was read yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { before: 0, rows: 0, dropped: 0 }
    }

    /// How many rows were left out: they did not fit, or there were more than a client can have.
    #[must_use]
    pub const fn dropped(self) -> u32 {
        self.dropped
    }

    /// Bytes of rows.
    #[must_use]
    pub(super) const fn rows(self) -> usize {
        self.rows
    }

    /// The account after a segment of so many bytes.
    #[must_use]
    pub const fn after(self, segment: usize) -> Self {
        Self { before: self.before + segment, ..self }
    }

    /// Adds a row of this size, at this position of the segment, if there is room.
    pub(super) const fn add(&mut self, size: usize, position: usize) -> bool {
        let rows = self.rows + size;
        let fits = rows <= AT_LEAST + PER_BYTE * (self.before + position);
        if fits {
            self.rows = rows;
        }
        fits
    }

    /// The same with one more row left out.
    pub(super) const fn with_one_dropped(self) -> Self {
        Self { dropped: self.dropped.saturating_add(1), ..self }
    }
}
