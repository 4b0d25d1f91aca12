//! What nobody can go on from: memory that somebody else wrote to.

use std::alloc::Layout;
use std::io::Write as _;

use crate::raw::trailer::Broken;

/// Says what was found on standard error, without allocating, and ends the process.
#[cold]
#[inline(never)]
pub(crate) fn broken_trailer(address: usize, layout: Layout, broken: Broken) -> ! {
    let mut text = Text::default();
    // A text that does not fit is cut.
    drop(writeln!(
        text,
        "memscope: the block at {address:#x} of {} bytes (alignment {}) has no valid trailer: {:#018x}\n\
         memscope: somebody wrote past its end, or it is freed with a size that it was not allocated with, or twice",
        layout.size(),
        layout.align(),
        broken.found,
    ));
    drop(std::io::stderr().write_all(text.bytes()));
    std::process::abort();
}

/// A text on the stack.
struct Text {
    bytes: [u8; 400],
    length: usize,
}

impl Default for Text {
    fn default() -> Self {
        Self {
            bytes: [0; 400],
            length: 0,
        }
    }
}

impl Text {
    fn bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

impl std::io::Write for Text {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let room = &mut self.bytes[self.length..];
        let taken = room.len().min(bytes.len());
        room[..taken].copy_from_slice(&bytes[..taken]);
        self.length += taken;
        Ok(taken)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
