//! What is told on standard error, and what happens then.

use std::fmt::{self, Write as _};

use crate::guard::Damage;
use crate::registry::Block;
use crate::rust_block;
use crate::site::Site;
use crate::sync::{AtomicU32, Ordering};

/// Something was found, and it was told.
static FAILURES: AtomicU32 = AtomicU32::new(0);
static ACTION: AtomicU32 = AtomicU32::new(ABORT);

/// The process ends at once.
pub(crate) const ABORT: u32 = 0;
/// It goes on, and its exit code is not 0.
pub(crate) const REPORT: u32 = 1;

pub(crate) fn set_action(action: u32) -> u32 {
    ACTION.swap(action, Ordering::Relaxed)
}

/// How many reports there were.
pub(crate) fn failures() -> u32 {
    FAILURES.load(Ordering::Relaxed)
}

/// Ends the process after a report, unless the program wants to go on.
pub(crate) fn failed() {
    FAILURES.fetch_add(1, Ordering::Relaxed);
    if ACTION.load(Ordering::Relaxed) != REPORT {
        std::process::abort();
    }
}

/// What a call found instead of a block in order.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Misuse {
    /// It was freed before.
    Freed { allocated: Site, freed: Site },
    /// The pointer leads into a block.
    Inside { offset: usize, block: Block },
    /// No call of this library made it.
    Foreign,
    /// Plain `free` got a block of this library.
    Ours { block: Block },
    /// It is a value that Rust gave, and C wants something else of it than to free it.
    Given { name: &'static str, given: Site },
    /// Rust has taken the block.
    Taken { block: Block, taken: Site },
    /// Somebody wrote past a bound.
    Damaged { block: Block, damage: Damage },
    /// There is no memory for the table of blocks.
    NoTable,
}

/// Tells it, without allocating: the heap may be damaged.
#[cold]
pub(crate) fn misuse(misuse: Misuse, address: usize, call: &str, site: Site) {
    let mut text = Text::default();
    let at = site.line();
    // A text that does not fit is cut.
    let _ = match misuse {
        Misuse::Freed { allocated, freed } => writeln!(
            text,
            "memscope: {at}: double free: {call} of {address:#x}, allocated at {}, freed before at {}",
            allocated.line(),
            freed.line(),
        ),
        Misuse::Inside { offset, block } => writeln!(
            text,
            "memscope: {at}: {call} of {address:#x}, which is {offset} bytes into a block of {} bytes allocated at {}",
            block.size,
            block.site.line(),
        ),
        Misuse::Foreign => writeln!(
            text,
            "memscope: {at}: wrong side: {call} of {address:#x}, which no ms_ call allocated: \
             free it where it was made (plain free, a Rust drop)",
        ),
        Misuse::Ours { block } => writeln!(
            text,
            "memscope: {at}: wrong side: {call} of {address:#x}, which ms_alloc made at {}: free it with ms_free",
            block.site.line(),
        ),
        Misuse::Given { name, given } => writeln!(
            text,
            "memscope: {at}: wrong side: {call} of {address:#x}, a Rust value `{name}` given to C at {}: \
             ms_free is all that C can do with it",
            given.line(),
        ),
        Misuse::Taken { block, taken } => writeln!(
            text,
            "memscope: {at}: wrong side: {call} of {address:#x}, allocated at {}, which Rust took at {}: \
             Rust frees it",
            block.site.line(),
            taken.line(),
        ),
        Misuse::Damaged { block, damage } => {
            let (kind, distance, side) = match damage {
                Damage::Head { before } => ("underrun", before, "before its first"),
                Damage::Tail { behind } => ("overrun", behind, "behind its last"),
            };
            writeln!(
                text,
                "memscope: {}: {kind} of {address:#x}, a block of {} bytes allocated there: somebody wrote {distance} \
                 bytes {side} byte; found by {call} at {at}",
                block.site.line(),
                block.size,
            )
        }
        Misuse::NoTable => writeln!(
            text,
            "memscope: {at}: {call} of {address:#x}: no memory for the table of blocks; the block is lost",
        ),
    };
    write(text.as_bytes());
    if matches!(misuse, Misuse::Foreign)
        && let Some(made) = memscope::outside(|| rust_block::describe(address))
    {
        write(format!("memscope: {made}\n").as_bytes());
    }
    failed();
}

/// To standard error, past stdio.
pub(crate) fn write(mut text: &[u8]) {
    while !text.is_empty() {
        // SAFETY: the bytes are the slice's.
        let written = unsafe { libc::write(2, text.as_ptr().cast(), text.len()) };
        match usize::try_from(written) {
            Ok(written) if written != 0 => text = &text[written..],
            // Nobody listens.
            _ => return,
        }
    }
}

/// A text on the stack.
struct Text {
    bytes: [u8; 2048],
    length: usize,
}

impl Default for Text {
    fn default() -> Self {
        Self {
            bytes: [0; 2048],
            length: 0,
        }
    }
}

impl Text {
    fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

impl fmt::Write for Text {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let room = &mut self.bytes[self.length..];
        let taken = room.len().min(text.len());
        room[..taken].copy_from_slice(&text.as_bytes()[..taken]);
        self.length += taken;
        if taken < text.len() {
            Err(fmt::Error)
        } else {
            Ok(())
        }
    }
}
