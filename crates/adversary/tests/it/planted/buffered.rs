//! Code that moves bytes from a reader with a buffer to a writer, and takes both at their word.

use super::Region;
use std::io::{BufRead, Write};

/// Asks for what is buffered to make room, then asks again to copy it.
pub(crate) fn copy_of_what_is_buffered_asked_twice(reader: &mut impl BufRead) -> Region<u8> {
    let mut region = Region::new(reader.fill_buf().map_or(0, <[u8]>::len));
    let buffered = reader.fill_buf().unwrap_or(&[]);
    for (index, byte) in buffered.iter().enumerate() {
        region.write_unchecked(index, *byte);
    }
    region
}

/// Asks once.
pub(crate) fn copy_of_what_is_buffered(reader: &mut impl BufRead) -> Region<u8> {
    let buffered = reader.fill_buf().unwrap_or(&[]);
    let mut region = Region::new(buffered.len());
    for (index, byte) in buffered.iter().enumerate() {
        region.write_unchecked(index, *byte);
    }
    region
}

/// Goes on where the writer says that it has stopped. Returns how many bytes it has given.
pub(crate) fn write_as_claimed(memory: &mut Region<u8>, writer: &mut impl Write) -> usize {
    write(memory, writer, |claimed, _| claimed)
}

/// The same, where no more is written than was given.
pub(crate) fn write_within_bounds(memory: &mut Region<u8>, writer: &mut impl Write) -> usize {
    write(memory, writer, usize::min)
}

fn write(
    memory: &mut Region<u8>,
    writer: &mut impl Write,
    believe: fn(usize, usize) -> usize,
) -> usize {
    let (mut at, mut given) = (0, 0);
    while at != memory.len() && given < memory.len() {
        // What begins behind the end of the memory is read there.
        let Some(byte) = memory.read_unchecked(at).copied() else {
            break;
        };
        given += 1;
        at += believe(writer.write(&[byte]).unwrap_or(1), 1);
    }
    given
}
