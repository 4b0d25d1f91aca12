//! The eight bytes at a block's end: whose it is, and whether anybody wrote past the end.
//!
//! ```text
//!  user            user + size        user + size + 8
//!  |  size bytes   |  tag             |
//! ```
//!
//! The tag stands right behind the last byte, aligned or not, so that the first byte too many changes it. Its lowest
//! 12 bits are a check over the rest and over the tag's own address.

use std::alloc::Layout;

use crate::ledger::{ScopeId, SiteId};

/// Bytes that each block is larger than what its user asked for.
pub(crate) const TRAILER: usize = 8;

const CHECK_BITS: u32 = 12;
const CHECK_MASK: u64 = (1 << CHECK_BITS) - 1;

/// Whose a block is, and who asked for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tag {
    pub(crate) scope: ScopeId,
    pub(crate) site: SiteId,
}

impl Tag {
    /// Of a block that nobody counts.
    pub(crate) const UNTRACKED: Self = Self {
        scope: ScopeId::UNTRACKED,
        site: SiteId::NONE,
    };
}

/// The tag of a block does not check: its end was overwritten, or it is freed with another size than it was asked with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Broken {
    pub(crate) found: u64,
}

/// What to ask of the inner allocator for `layout`; `None` where that is larger than memory can be.
#[inline]
pub(crate) const fn whole(layout: Layout) -> Option<Layout> {
    // A size is at most isize::MAX, so that adding 8 does not wrap; it was so rounded up to the alignment.
    let size = layout.size() + TRAILER;
    if size > isize::MAX.cast_unsigned() - (layout.align() - 1) {
        return None;
    }
    // SAFETY: the alignment is a layout's, and the size rounded up to it is at most isize::MAX, as checked above.
    Some(unsafe { Layout::from_size_align_unchecked(size, layout.align()) })
}

/// Writes the tag of a block whose user's bytes end at `end`.
///
/// # Safety
/// - The [`TRAILER`] bytes from `end` on may be written, and are the caller's alone.
#[inline]
pub(crate) unsafe fn write(end: *mut u8, tag: Tag) {
    let word = encode(tag, end.addr());
    // SAFETY: the caller gives eight writable bytes; no alignment is asked for.
    unsafe { end.cast::<u64>().write_unaligned(word) };
}

/// Reads the tag of a block whose user's bytes end at `end`.
///
/// # Errors
/// What stands there is no tag of this place.
///
/// # Safety
/// - The [`TRAILER`] bytes from `end` on may be read, and nobody writes to them now.
#[inline]
pub(crate) unsafe fn read(end: *const u8) -> Result<Tag, Broken> {
    // SAFETY: the caller gives eight readable bytes; no alignment is asked for.
    let word = unsafe { end.cast::<u64>().read_unaligned() };
    decode(word, end.addr())
}

#[inline]
fn encode(tag: Tag, address: usize) -> u64 {
    let payload =
        (u64::from(tag.scope.to_bits()) << 32) | (u64::from(tag.site.to_bits()) << CHECK_BITS);
    payload | check(payload, address)
}

#[inline]
pub(crate) fn decode(word: u64, address: usize) -> Result<Tag, Broken> {
    let payload = word & !CHECK_MASK;
    if word & CHECK_MASK != check(payload, address) {
        return Err(Broken { found: word });
    }
    let scope = ScopeId::from_bits((word >> 32) as u32);
    let site = SiteId::from_bits(((word & 0xFFFF_FFFF) >> CHECK_BITS) as u32);
    Ok(Tag { scope, site })
}

/// Twelve bits of a multiplication by an odd constant (Fibonacci hashing, Knuth volume 3, 6.4): its highest bits
/// depend on every bit of the word.
#[inline]
fn check(payload: u64, address: usize) -> u64 {
    (payload ^ (address as u64)).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (64 - CHECK_BITS)
}
