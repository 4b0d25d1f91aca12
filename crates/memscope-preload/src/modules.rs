//! Which files are mapped where: noted when an address is met that lies in none of those that are known.

use crate::raw::os::File;
use crate::record;
use crate::stacks::Frames;
use crate::sync::{AtomicUsize, Ordering};

const RANGES: usize = 1024;
/// Addresses of code that no file holds, as a just-in-time compiler writes it, would lead to a look for each stack.
const LOOKS_MAX: usize = 256;

static RANGE: [[AtomicUsize; 2]; RANGES] = [const { [const { AtomicUsize::new(0) }; 2] }; RANGES];
static COUNT: AtomicUsize = AtomicUsize::new(0);
static LOOKS: AtomicUsize = AtomicUsize::new(0);

/// Sees to it that the modules of these addresses are in the record. It is called under the lock of the stacks.
pub(crate) fn note(frames: &Frames) {
    let known = frames
        .iter()
        .all(|frame| *frame == 0 || range_of(*frame).is_some());
    if !known && LOOKS.fetch_add(1, Ordering::Relaxed) < LOOKS_MAX {
        look();
    }
}

/// The module that `address` lies in.
pub(crate) fn range_of(address: usize) -> Option<(usize, usize)> {
    let count = COUNT.load(Ordering::Relaxed).min(RANGES);
    let ranges = RANGE[..count]
        .iter()
        .map(|[low, high]| (low.load(Ordering::Relaxed), high.load(Ordering::Relaxed)));
    ranges
        .into_iter()
        .find(|(low, high)| (*low..*high).contains(&address))
}

/// Notes the executable mappings that are new.
pub(crate) fn look() {
    let Some(file) = File::read(c"/proc/self/maps") else {
        return;
    };
    let mut line = [0_u8; 512];
    let mut length = 0;
    file.pieces(|piece| {
        for byte in piece {
            if *byte == b'\n' {
                // A line that did not fit has a path that nobody could open.
                if let Some(whole) = line.get(..length) {
                    note_line(whole);
                }
                length = 0;
            } else {
                if let Some(place) = line.get_mut(length) {
                    *place = *byte;
                }
                length += 1;
            }
        }
    });
}

/// Notes a line such as `7f0000001000-7f0000002000 r-xp 00001000 08:01 42 /lib/libc.so.6`.
fn note_line(line: &[u8]) {
    let Some((low, rest)) = hexadecimal(line, b'-') else {
        return;
    };
    let Some((high, rest)) = hexadecimal(rest, b' ') else {
        return;
    };
    let is_code = rest.get(2) == Some(&b'x');
    let is_file = rest.contains(&b'/') || rest.ends_with(b"[vdso]");
    if !is_code || !is_file || range_of(low) == Some((low, high)) {
        return;
    }
    let count = COUNT.load(Ordering::Relaxed);
    if let Some(range) = RANGE.get(count) {
        range[0].store(low, Ordering::Relaxed);
        range[1].store(high, Ordering::Relaxed);
        COUNT.store(count + 1, Ordering::Relaxed);
        record::append_module(line);
    }
}

/// A number up to `end`, and what follows that.
fn hexadecimal(text: &[u8], end: u8) -> Option<(usize, &[u8])> {
    let length = text.iter().position(|byte| *byte == end)?;
    let digits = std::str::from_utf8(&text[..length]).ok()?;
    let number = usize::from_str_radix(digits, 16).ok()?;
    Some((number, &text[length + 1..]))
}
