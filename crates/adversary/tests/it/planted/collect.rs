//! Collects and readers that believe what they are told about a length.

use super::Region;
use std::io::Read;

/// Makes room for `len` items and writes all that come.
pub(crate) fn collect_by_len<T>(items: impl ExactSizeIterator<Item = T>) -> Region<T> {
    let mut region = Region::new(items.len());
    for (index, item) in items.enumerate() {
        region.write_unchecked(index, item);
    }
    region
}

/// Takes `len` as the advice that it is.
pub(crate) fn collect_by_items<T>(items: impl ExactSizeIterator<Item = T>) -> Region<T> {
    let items: Vec<T> = items.collect();
    collect_by_len(items.into_iter())
}

/// Sums the bytes that the reader says it has read.
pub(crate) fn sum_as_claimed(reader: &mut impl Read) -> (u32, usize) {
    sum(reader, |claimed, _| claimed)
}

/// The same within the buffer.
pub(crate) fn sum_within_bounds(reader: &mut impl Read) -> (u32, usize) {
    sum(reader, usize::min)
}

/// The sum, and how many bytes were read from outside of the buffer.
fn sum(reader: &mut impl Read, believe: fn(usize, usize) -> usize) -> (u32, usize) {
    let mut buffer = [0; 16];
    let read = reader.read(&mut buffer).unwrap_or(0);
    let read = believe(read, buffer.len());
    let mut memory = Region::new(buffer.len());
    for (index, byte) in buffer.into_iter().enumerate() {
        memory.write_unchecked(index, byte);
    }
    let mut total = 0;
    for index in 0..read {
        total += memory.read_unchecked(index).map_or(0, |it| u32::from(*it));
    }
    (total, memory.escapes)
}
