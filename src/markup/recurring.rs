//! Rows of which most come again, byte for byte, with the next reply: of thousands of tasks, those that run change. Rows come
//! in as for any list, and those of the reply before; a row whose bytes are the same is taken over instead of read again. It
//! does not know what rows mean.

use std::fmt;
use std::hash::BuildHasher as _;

use foldhash::quality::RandomState;

use super::element::{Row, Value, read_element};
use super::kept::Kept;
use super::reader::{Reader, Tag};
use super::scan;
use super::tags::strip_close;

/// So many bytes tell which row it is, before any of its values can change: a task's begins with its name. Rows that are shorter
/// are read again each time.
const HEAD: usize = 96;

/// How many of the earlier rows are looked at for one of this head: those between are gone.
const GONE: usize = 64;

/// How a row looked. The hash is seeded by a random number that no client knows, so none can make two rows look alike.
#[derive(Debug, Clone, Copy)]
struct Look {
    /// Hash of its first [`HEAD`] bytes.
    head: u64,
    /// Hash of all of it, without its start tag.
    whole: u64,
    /// In bytes.
    length: usize,
    /// Bytes that it takes in memory besides its own size.
    apart: usize,
    /// Elements in it that are not known.
    unknown: u32,
}

/// The rows of one reply.
#[derive(Clone)]
pub struct Recurring<T> {
    rows: Vec<T>,
    /// How each of them looked; `None` of a row that must be read again, because something was wrong with it.
    looks: Vec<Option<Look>>,
    /// Those of the reply before that were not met yet.
    earlier: std::vec::IntoIter<(T, Option<Look>)>,
    hasher: RandomState,
}

impl<T> Default for Recurring<T> {
    fn default() -> Self {
        Self { rows: Vec::new(), looks: Vec::new(), earlier: Vec::new().into_iter(), hasher: RandomState::default() }
    }
}

/// Two replies that say the same look the same, however they were read.
impl<T: fmt::Debug> fmt::Debug for Recurring<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.rows.fmt(f)
    }
}

impl<T> Recurring<T> {
    /// The rows.
    #[must_use]
    pub fn rows(&self) -> &[T] {
        &self.rows
    }

    /// Takes the rows away, to be given back to [`Self::then`].
    pub fn take(&mut self) -> Vec<T> {
        std::mem::take(&mut self.rows)
    }

    /// What the next reply is read with: all of these rows, in their order.
    #[must_use]
    pub fn then(self, rows: Vec<T>) -> Self {
        let looks = if rows.len() == self.looks.len() { self.looks } else { Vec::new() };
        let earlier: Vec<_> = rows.into_iter().zip(looks).collect();
        Self { earlier: earlier.into_iter(), hasher: self.hasher, ..Self::default() }
    }

    fn whole(&self, bytes: &[u8]) -> u64 {
        scan::looked_at(bytes.len());
        self.hasher.hash_one(bytes)
    }

    fn head(&self, bytes: &[u8]) -> u64 {
        self.hasher.hash_one(&bytes[..HEAD])
    }

    /// The earlier row that begins as these bytes do, if all of it is the same.
    fn same(&mut self, bytes: &[u8]) -> Option<(T, Look)> {
        if self.earlier.as_slice().is_empty() || bytes.len() < HEAD {
            return None;
        }
        let head = self.head(bytes);
        let next = self.earlier.as_slice().iter().take(GONE);
        let gone = next.map(|(_, look)| look).position(|look| look.is_some_and(|look| look.head == head))?;
        let (row, look) = self.earlier.nth(gone)?;
        let look = look.filter(|look| bytes.get(..look.length).is_some_and(|row| self.whole(row) == look.whole))?;
        Some((row, look))
    }

    fn look(&self, bytes: &[u8], apart: usize, unknown: u32) -> Look {
        Look { head: self.head(bytes), whole: self.whole(bytes), length: bytes.len(), apart, unknown }
    }
}

impl<T: Row> Value for Recurring<T> {
    fn read<'a>(&mut self, reader: &mut Reader<'a>, tag: &Tag<'a>) {
        let before = reader.kept();
        let bytes = if tag.is_empty() { &[] } else { reader.rest() };
        let same = self.same(bytes).filter(|(_, look)| reader.pass_row(look.length, look.apart, look.unknown));
        let (row, look) = match same {
            Some((row, look)) => (row, Some(look)),
            None => self.read_anew(reader, tag, bytes, before),
        };
        if reader.keep(before, size_of::<T>() + T::APART, self.rows.len(), T::MAX) {
            self.rows.push(row);
            self.looks.push(look);
        }
    }
}

impl<T: Row> Recurring<T> {
    fn read_anew<'a>(&self, reader: &mut Reader<'a>, tag: &Tag<'a>, bytes: &[u8], before: Kept) -> (T, Option<Look>) {
        let (unknown, unreadable) = (reader.unknown(), reader.unreadable());
        let row = read_element(reader, tag);
        let bytes = &bytes[..bytes.len() - reader.rest().len().min(bytes.len())];
        let kept = reader.kept();
        // How something damaged is read may depend on what follows it, and is counted anew.
        let is_sound = unreadable == reader.unreadable() && before.dropped() == kept.dropped();
        let is_closed = || strip_close(bytes, tag.name()).is_some();
        let look = || self.look(bytes, kept.rows() - before.rows(), reader.unknown() - unknown);
        (row, (is_sound && bytes.len() >= HEAD && is_closed()).then(look))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::client::gui_rpc::model::Tasks;
    use crate::client::gui_rpc::reply::{Incoming, Reply};

    /// What tasks are made of: as clients write them, newer than known, and damaged.
    const ROWS: [&str; 12] = [
        "<result>\n    <name>a_0</name>\n    <state>2</state>\n</result>\n",
        "<result>\n    <name>a_0</name>\n    <state>3</state>\n</result>\n",
        "<result>\n    <name>b_0</name>\n    <state>2</state>\n<active_task>\n    <slot>1</slot>\n</active_task>\n</result>\n",
        "<result>\n    <name>b_0</name>\n    <state>2</state>\n<active_task>\n    <slot>2</slot>\n</active_task>\n</result>\n",
        "<result>\n    <name>c_0</name>\n    <new>1</new>\n    <newer/>\n</result>\n",
        "<result>\n    <name>d_0</name>\n    <state>two</state>\n</result>\n",
        "<result>\n    <name>e_0\n    <state>2</state>\n</result>\n",
        "<result>\n    <name>f_0</name>\n    <wu_name>f",
        "</wu_name>\n</result>\n",
        "<result>\n    <name>g_0</name>\n",
        "<result/>\n",
        "    <state>5</state>\n",
    ];

    fn reply(rows: &[usize]) -> Vec<u8> {
        // Long enough to be recognized.
        let url = "    <project_url>https://project.example/of/some/length/</project_url>\n    <state>";
        let rows: String = rows.iter().map(|row| ROWS[*row].replace("    <state>", url)).collect();
        format!("<boinc_gui_rpc_reply>\n<results>\n{rows}</results>\n</boinc_gui_rpc_reply>\n").into_bytes()
    }

    fn read(reply: &[u8], earlier: Option<Box<Tasks>>) -> Reply<Tasks> {
        Incoming::after(earlier).end(reply).expect("it has an envelope")
    }

    fn read_after(rows: &[usize], earlier: Tasks) -> Reply<Tasks> {
        read(&reply(rows), Some(Box::new(earlier)))
    }

    fn then(Tasks { mut tasks }: Tasks) -> Tasks {
        let rows = tasks.take();
        Tasks { tasks: tasks.then(rows) }
    }

    fn text(Reply { content, unknown, unreadable, dropped }: &Reply<Tasks>) -> String {
        format!("{:#?} {unknown} {unreadable} {dropped}", content.tasks.rows())
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn a_reply_is_read_as_if_there_had_been_none_before(
            replies in prop::collection::vec(prop::collection::vec(0..ROWS.len(), 0..12), 2..5),
        ) {
            let mut earlier = Tasks::default();
            for rows in &replies {
                let after = read_after(rows, then(earlier));
                prop_assert_eq!(text(&after), text(&read(&reply(rows), None)));
                earlier = after.content;
            }
        }
    }

    /// A row that changed, some that are gone, and new ones. Those that are taken over keep what no reply said of them.
    #[test]
    fn a_row_that_did_not_change_is_taken_over() {
        let row = |name: usize, state: usize| {
            let url = "https://project.example/a_long_path/that/is/the/same/for/all/of/them/";
            format!(
                "<result>\n    <name>{name}_0</name>\n    <project_url>{url}</project_url>\n    <state>{state}</state>\n</result>\n"
            )
        };
        let reply = |rows: String| format!("<results>\n{rows}</results>\n").into_bytes();
        let mut first = read(&reply((0..100).map(|name| row(name, 2)).collect()), None).content;
        let mut rows = first.tasks.take();
        rows.iter_mut().for_each(|row| row.exit_status = Some(77));
        let earlier = Tasks { tasks: first.tasks.then(rows) };
        // 0 changed; 10 to 19 are gone; 200 is new in the middle, 201 at the end.
        let rows = (0..10).chain(20..50).chain([200]).chain(50..100).chain([201]);
        let second = reply(rows.map(|name| row(name, if name == 0 { 5 } else { 2 })).collect());
        let after = read(&second, Some(Box::new(earlier))).content;
        let anew: Vec<_> =
            after.tasks.rows().iter().filter(|row| row.exit_status.is_none()).map(|row| &*row.name).collect();
        assert_eq!((after.tasks.rows().len(), anew), (92, vec!["0_0", "200_0", "201_0"]));
    }
}
