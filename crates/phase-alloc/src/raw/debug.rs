//! The debug modes: freed memory is overwritten, blocks have guards, freed blocks wait.

use core::alloc::Layout;
use core::fmt::{self, Write};
use core::ptr::NonNull;

use block_guard::{GuardedLayout, RETIRED_BYTE, Violation};

use super::lock::Lock;
use super::size::{STREAM_MAX, key, rounded};
use super::state::{Mode, Place, ROUTES};
use super::{os, route};

/// How many freed blocks wait, and how many bytes.
const BLOCKS_MAX: usize = 256;
const BYTES_MAX: usize = 16 << 20;

/// A block with guards, and that it does not read as zero.
pub(super) fn alloc(layout: Layout) -> Option<(NonNull<u8>, bool)> {
    let guarded = GuardedLayout::new(layout)?;
    let (start, _) = route::region_alloc(guarded.whole())?;
    // SAFETY: the memory is new, has the size and alignment that were asked for, and is the block's
    // until it is disarmed.
    Some((unsafe { block_guard::arm(start, guarded, 0) }, false))
}

/// Takes back an object of the region.
///
/// # Safety
///
/// - The object was allocated with this layout in this mode, and its user gave it up.
pub(super) unsafe fn free(mode: Mode, object: *mut u8, layout: Layout) {
    if mode.quarantines() {
        let Some(user) = NonNull::new(object) else {
            return;
        };
        // SAFETY: the caller's contract: in this mode every object of the region is a block.
        return unsafe { quarantine(user, layout) };
    }
    check_not_free(object, layout);
    // SAFETY: the object has that many bytes, and nobody uses them.
    unsafe { object.write_bytes(RETIRED_BYTE, layout.size()) };
    route::free_at(ROUTES.place(object.addr()), object.addr(), layout);
}

/// Ends the program if nothing is live where an object is freed.
fn check_not_free(object: *mut u8, layout: Layout) {
    let live = match ROUTES.place(object.addr()) {
        Place::Chunk(chunk) => chunk.words.live().objects > 0,
        // In a free span the word holds links.
        Place::Span(_, record) => !record.is_free() && record.live() > 0,
        Place::Elsewhere => true,
    };
    if !live {
        die(
            object.addr(),
            format_args!("freed twice: nothing is live there ({layout:?})"),
        );
    }
}

/// Blocks that were freed, oldest first.
struct Waiting {
    blocks: [Option<(NonNull<u8>, GuardedLayout)>; BLOCKS_MAX],
    /// Blocks that came, and blocks that went.
    came: usize,
    went: usize,
    bytes: usize,
    /// Those among them that are spans.
    spans: usize,
}

// SAFETY: a block that waits is used by who takes it out of the list alone.
unsafe impl Send for Waiting {}

static WAITING: Lock<Waiting> = Lock::new(Waiting {
    blocks: [None; BLOCKS_MAX],
    came: 0,
    went: 0,
    bytes: 0,
    spans: 0,
});

impl Waiting {
    fn push(&mut self, user: NonNull<u8>, guarded: GuardedLayout) {
        self.blocks[self.came % BLOCKS_MAX] = Some((user, guarded));
        self.came += 1;
        self.bytes += weight(guarded);
        self.spans += usize::from(is_span(guarded));
    }

    /// The oldest block if there are more than may wait.
    fn pop_excess(&mut self) -> Option<(NonNull<u8>, GuardedLayout)> {
        let waiting = self.came - self.went;
        if waiting == 0 || (waiting < BLOCKS_MAX && self.bytes <= BYTES_MAX) {
            return None;
        }
        let (user, guarded) = self.blocks[self.went % BLOCKS_MAX].take()?;
        self.went += 1;
        self.bytes -= weight(guarded);
        self.spans -= usize::from(is_span(guarded));
        Some((user, guarded))
    }
}

/// The bytes that a block counts for in the region.
fn weight(guarded: GuardedLayout) -> usize {
    let bytes = guarded.whole().size();
    if is_span(guarded) {
        bytes
    } else {
        rounded(bytes)
    }
}

fn is_span(guarded: GuardedLayout) -> bool {
    key(guarded.whole()) > STREAM_MAX
}

/// What waits, as objects of the region: how many, their bytes, and how many are spans.
pub(super) fn waiting() -> (usize, usize, usize) {
    WAITING.with(|waiting| (waiting.came - waiting.went, waiting.bytes, waiting.spans))
}

/// Takes the lock of what waits, over a fork.
pub(super) fn before_fork() {
    WAITING.acquire();
}

/// Gives it up in both processes.
pub(super) fn after_fork() {
    WAITING.release();
}

/// # Safety
///
/// - As for [`free`]; the object is a block.
unsafe fn quarantine(user: NonNull<u8>, layout: Layout) {
    // SAFETY: the bytes in front of a block are readable.
    let guarded = match unsafe { block_guard::check(user, Some(layout)) } {
        Ok(guarded) => guarded,
        Err(violation) => report(user, violation),
    };
    // SAFETY: it was checked, and its user gave it up.
    unsafe { block_guard::retire(user, guarded, 0) };
    let mut excess = WAITING.with(|waiting| {
        waiting.push(user, guarded);
        waiting.pop_excess()
    });
    while let Some((user, guarded)) = excess {
        // SAFETY: it was taken out of the list, so that it is this thread's alone.
        unsafe { release(user, guarded) };
        excess = WAITING.with(Waiting::pop_excess);
    }
}

/// # Safety
///
/// - The block is retired, and nobody else has it.
unsafe fn release(user: NonNull<u8>, guarded: GuardedLayout) {
    // SAFETY: a retired block is readable.
    if let Err(violation) = unsafe { block_guard::check_retired(user) } {
        report(user, violation);
    }
    // SAFETY: the block is retired, and was not disarmed.
    let start = unsafe { block_guard::disarm(user, guarded) };
    let address = start.addr().get();
    route::free_at(ROUTES.place(address), address, guarded.whole());
}

fn report(user: NonNull<u8>, violation: Violation) -> ! {
    die(user.addr().get(), format_args!("{violation}"))
}

fn die(address: usize, what: fmt::Arguments<'_>) -> ! {
    let mut text = Text {
        bytes: [0; 256],
        length: 0,
    };
    // A message that does not fit is cut.
    let _ = writeln!(text, "phase-alloc: block at {address:#x}: {what}");
    os::die(str::from_utf8(&text.bytes[..text.length]).unwrap_or("phase-alloc: damaged block\n"))
}

/// Text in place: nothing may be allocated here.
struct Text {
    bytes: [u8; 256],
    length: usize,
}

impl Write for Text {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let room = &mut self.bytes[self.length..];
        let length = text.len().min(room.len());
        room[..length].copy_from_slice(&text.as_bytes()[..length]);
        self.length += length;
        Ok(())
    }
}
