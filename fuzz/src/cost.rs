//! What work costs, in processor time and memory, against the length of its input.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// In how many parts the same bytes are worked on. A reader that goes back in each of them would need as many times the work
/// for the whole.
const PARTS: usize = 8;

/// Between work that grows with the length, and work that grows with its square.
const FACTOR: u32 = 3;

/// Differences below this say nothing.
const LEAST: Duration = Duration::from_millis(1);

/// Whatever takes this time is long enough to be compared.
const ENOUGH: Duration = Duration::from_secs(2);

/// The length of the shortest text that is tried.
const SHORTEST: usize = 4 << 10;

/// What else the computer does only makes work longer, so the shortest of several tries counts.
const TRIES: usize = 5;

/// Memory that may be taken whatever the length.
const MEMORY: u64 = 512 << 10;

/// What separates the pieces of a template.
pub const PIECE: u8 = 0x1e;

/// A text of about this length by a template: every other piece of it stands there over and over. A `#` in such a piece stands
/// for a number that is never the same.
pub fn filled(template: &[u8], length: usize) -> Vec<u8> {
    let pieces: Vec<_> = template.split(|byte| *byte == PIECE).collect();
    let share = length / (pieces.len() / 2).max(1);
    let filled = |(at, piece): (usize, &&[u8])| if at % 2 == 1 { repeated(piece, share) } else { piece.to_vec() };
    pieces.iter().enumerate().flat_map(filled).collect()
}

/// A piece, over and over, up to this length.
fn repeated(piece: &[u8], length: usize) -> Vec<u8> {
    let mut whole = Vec::with_capacity(length + piece.len());
    for number in 0.. {
        if whole.len() >= length || piece.is_empty() {
            break;
        }
        let number: String = number.to_string();
        for (at, part) in piece.split(|byte| *byte == b'#').enumerate() {
            whole.extend_from_slice(if at > 0 { number.as_bytes() } else { b"" });
            whole.extend_from_slice(part);
        }
    }
    whole
}

/// Holds work to its input's length: on a text of up to this length by a template it takes no longer than on the same length in
/// parts.
///
/// # Panics
/// When it does.
pub fn assert_linear(template: &[u8], max_length: usize, work: impl Fn(&[u8])) {
    if !template.contains(&PIECE) {
        return;
    }
    let (mut length, mut whole) = (SHORTEST, filled(template, SHORTEST));
    while length < max_length && processor_time(|| work(&whole)) < ENOUGH {
        length *= 2;
        whole = filled(template, length);
    }
    let part = filled(template, length / PARTS);
    let mut last = None;
    for _ in 0..TRIES {
        let time = processor_time(|| work(&whole));
        let in_parts = processor_time(|| (0..PARTS).for_each(|_| work(&part)));
        if time < FACTOR * in_parts + LEAST {
            return;
        }
        last = Some((time, in_parts));
    }
    panic!("{} bytes take, whole and in parts, {last:?}", whole.len());
}

/// Holds work to its input's length: it never has more than so many bytes of memory for each.
///
/// # Panics
/// When it has.
pub fn assert_bounded(multiple: u64, bytes: &[u8], work: impl Fn(&[u8])) {
    let length = bytes.len() as u64;
    let peak = allocation_counter::measure(|| work(bytes)).bytes_max;
    assert!(peak <= MEMORY + multiple * length, "{length} bytes take {peak} of memory");
}

/// Processor time that something takes, on all threads: nothing else may run in this process meanwhile.
fn processor_time(work: impl FnOnce()) -> Duration {
    let used = || Duration::try_from(clock_gettime(ClockId::ProcessCPUTime)).unwrap_or_default();
    let before = used();
    work();
    used().saturating_sub(before)
}
