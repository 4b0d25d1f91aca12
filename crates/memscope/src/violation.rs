//! What nobody can go on from: memory that somebody else wrote to.

use std::alloc::Layout;
use std::io::Write as _;

use crate::outside::outside;
use crate::raw::stack;
use crate::raw::trailer::Broken;
use crate::symbols;
use crate::sync::OnceLock;

/// Says which block of another allocator, which is not Rust's, begins at an address.
type OtherSide = fn(usize) -> Option<String>;

static OTHER_SIDE: OnceLock<OtherSide> = OnceLock::new();

pub(crate) fn set_other_side(tell: OtherSide) {
    // Whoever was first stays.
    let _ = OTHER_SIDE.set(tell);
}

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
    outside(|| wrong_side(address));
    std::process::abort();
}

/// Tells of a block that the other side made. Nothing is damaged then, so that this may allocate.
fn wrong_side(address: usize) {
    let made = OTHER_SIDE.get().and_then(|tell| tell(address));
    let Some(made) = made else { return };
    let freed = symbols::location(&stack::unwind());
    let freed = freed
        .as_deref()
        .unwrap_or("a place without debug information");
    let text = format!("memscope: wrong side: freed by Rust at {freed}; {made}\n");
    drop(std::io::stderr().write_all(text.as_bytes()));
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
