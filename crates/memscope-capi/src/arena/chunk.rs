//! Memory of an arena: allocations one behind the other, and the pattern where there is none any more.
//!
//! ```text
//!  | header: 16 | user's bytes | tail: 8 | padding to 16 | header ..
//! ```
//!
//! What is taken back is filled with a pattern. Whoever writes there later is found when the place is used again, or
//! when the arena ends; under AddressSanitizer at once, and whoever reads there too.

use super::sanitizer;
use crate::block;
use crate::site::Site;

/// In front of each allocation.
#[repr(C, align(16))]
#[derive(Clone, Copy)]
struct Header {
    size: u64,
    site: u32,
    check: u32,
}

const HEADER: usize = size_of::<Header>();
const TAIL: usize = 8;
const TAKEN_BACK: u8 = 0xDD;

/// What is wrong with a place in a chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// Somebody wrote past an allocation.
    Overrun {
        address: usize,
        size: usize,
        site: Site,
    },
    /// Somebody wrote to memory that was taken back.
    AfterReset { address: usize },
}

/// # Invariants
/// 1. `start` is a live block of `size` bytes, of this chunk alone.
/// 2. Below `used` stand allocations; from there to `filled` stands the pattern.
#[derive(Debug)]
pub(super) struct Chunk {
    start: *mut u8,
    size: usize,
    used: usize,
    filled: usize,
}

/// How much an allocation takes; `None` where that is too much.
pub(super) fn room_for(size: usize) -> Option<usize> {
    size.checked_add(HEADER + TAIL)?
        .checked_next_multiple_of(16)
}

impl Chunk {
    pub(super) fn make(size: usize, site: Site) -> Option<Self> {
        let start = block::make(size, site, false);
        (!start.is_null()).then_some(Self {
            start,
            size,
            used: 0,
            filled: 0,
        })
    }

    pub(super) fn used(&self) -> usize {
        self.used
    }

    pub(super) fn size(&self) -> usize {
        self.size
    }

    /// Whether it begins there.
    pub(super) fn is_at(&self, address: usize) -> bool {
        self.start.addr() == address
    }

    /// Whether these bytes are of allocations here.
    pub(super) fn has(&self, address: usize, size: usize) -> bool {
        let offset = address.wrapping_sub(self.start.addr());
        offset < self.used && size <= self.used - offset
    }

    /// An allocation that takes `room`, which [`room_for`] gave for `size`; `None` if the chunk is full.
    pub(super) fn take(
        &mut self,
        room: usize,
        size: usize,
        site: Site,
    ) -> Option<Result<*mut u8, Fault>> {
        if room > self.size - self.used {
            return None;
        }
        let (from, to) = (self.used, self.used + room);
        sanitizer::allow(self.at(from), room);
        if let Some(address) = self.first_written(from, to.min(self.filled)) {
            return Some(Err(Fault::AfterReset { address }));
        }
        self.used = to;
        self.filled = self.filled.max(to);
        let user = self.at(from + HEADER);
        let header = Header {
            size: size as u64,
            site: site.to_bits(),
            check: check(user.addr(), size, site),
        };
        let place = self.at(from);
        // SAFETY: within the chunk by `room`, aligned as chunk and rooms are; no allocation stands there.
        unsafe { place.cast::<Header>().write_unaligned(header) };
        // SAFETY: the room has the tail behind the user's bytes.
        let tail = unsafe { user.add(size) };
        // SAFETY: as above.
        unsafe { tail.cast::<u64>().write_unaligned(tail_of(user.addr())) };
        Some(Ok(user))
    }

    /// Takes back everything from an offset on; the first fault that was found there.
    pub(super) fn take_back(&mut self, from: usize) -> Option<Fault> {
        let fault = self.first_fault(from);
        let taken = self.used.saturating_sub(from);
        if taken != 0 {
            // SAFETY: of this chunk, and no allocation any more.
            unsafe { self.at(from).write_bytes(TAKEN_BACK, taken) };
            sanitizer::forbid(self.at(from), taken);
            self.used = from;
        }
        fault
    }

    /// The first fault from an allocation's offset on, in what was taken back too.
    pub(super) fn first_fault(&self, from: usize) -> Option<Fault> {
        let mut fault = None;
        self.for_each(from, |user, size, site| {
            // SAFETY: `for_each` found an allocation of this size, which has a tail.
            let tail = unsafe { user.add(size) };
            // SAFETY: as above; `take` wrote it.
            let found = unsafe { tail.cast::<u64>().read_unaligned() };
            if found != tail_of(user.addr()) && fault.is_none() {
                let address = user.addr();
                fault = Some(Fault::Overrun {
                    address,
                    size,
                    site,
                });
            }
        });
        fault.or_else(|| {
            let address = self.first_written(self.used, self.filled)?;
            Some(Fault::AfterReset { address })
        })
    }

    /// The allocations, from that at an offset on; up to the first whose header was written over.
    pub(super) fn for_each(&self, from: usize, mut visit: impl FnMut(*mut u8, usize, Site)) {
        let mut at = from;
        while at < self.used {
            // SAFETY: below `used` headers stand one behind the other; the place is aligned as `take` had it.
            let header = unsafe { self.at(at).cast::<Header>().read_unaligned() };
            let (size, site) = (header.size as usize, Site::from_bits(header.site));
            let user = self.at(at + HEADER);
            let room = room_for(size).filter(|room| *room <= self.used - at);
            let (Some(room), true) = (room, header.check == check(user.addr(), size, site)) else {
                return;
            };
            visit(user, size, site);
            at += room;
        }
    }

    /// The address of the first byte between two offsets that is not as it was left.
    fn first_written(&self, from: usize, to: usize) -> Option<usize> {
        let length = to.saturating_sub(from);
        // SAFETY: within the chunk, filled by `take_back`; the pattern's readers are here alone.
        let bytes = unsafe { std::slice::from_raw_parts(self.at(from), length) };
        let at = bytes.iter().position(|byte| *byte != TAKEN_BACK)?;
        Some(self.start.addr() + from + at)
    }

    fn at(&self, offset: usize) -> *mut u8 {
        self.start.wrapping_add(offset)
    }

    /// Gives the memory back.
    pub(super) fn end(self, site: Site) {
        sanitizer::allow(self.start, self.size);
        block::free(self.start, site);
    }
}

fn check(address: usize, size: usize, site: Site) -> u32 {
    let mixed = (address as u64 ^ ((size as u64) << 20) ^ u64::from(site.to_bits()))
        .wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (mixed >> 32) as u32
}

/// Every byte has its highest bit, so that a zero or a letter too many is seen.
fn tail_of(address: usize) -> u64 {
    (address as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) | 0x8080_8080_8080_8080
}
