//! Guarded blocks of C's own heap.
//!
//! ```text
//!  malloc's        user                user + size
//!  | head canary   | size bytes       | tail canary      | left alone |
//!  | 16 bytes      |                  | 16 bytes         | 48 bytes   |
//! ```
//!
//! Both canaries depend on their address. The bytes of the tail all have their highest bit set, so that a zero or a
//! letter too many is always seen. The head's second word is what glibc takes for the chunk's size where the block is
//! given to plain `free`: one that no chunk can have, so that glibc ends the process instead of taking the block.

use std::ptr;

/// Bytes before and behind the user's.
pub(crate) const GUARD: usize = 16;

/// Bytes behind the user's, so that a write of as many past the end leaves malloc's own notes alone: it is told when the
/// block is freed, and malloc does not end the process before.
const BEHIND: usize = 64;

/// Which guard was written to, and how many bytes from the block the closest such byte is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Damage {
    /// This many bytes before the first byte; 1 is the closest.
    Head { before: usize },
    /// This many bytes behind the last byte; 1 is the closest.
    Tail { behind: usize },
}

/// The size of the whole block; `None` where that is too much.
#[inline]
pub(crate) const fn whole(size: usize) -> Option<usize> {
    if size >> super::registry::SIZE_BITS != 0 {
        return None;
    }
    Some(GUARD + size + BEHIND)
}

/// Writes both canaries; the answer is the user's pointer.
///
/// # Safety
/// - `start` has `whole(size)` bytes, which are the caller's alone.
#[inline]
pub(crate) unsafe fn arm(start: *mut u8, size: usize) -> *mut u8 {
    // SAFETY: within the whole.
    let user = unsafe { start.add(GUARD) };
    // SAFETY: the whole begins with the head, aligned or not.
    unsafe { start.cast::<[u64; 2]>().write_unaligned(head(user)) };
    // SAFETY: within the whole.
    let end = unsafe { user.add(size) };
    // SAFETY: the whole has the tail behind the user's bytes.
    unsafe { end.cast::<[u64; 2]>().write_unaligned(tail(end)) };
    user
}

/// # Errors
/// A guard is not as [`arm`] left it.
///
/// # Safety
/// - [`arm`] made `user` with this size, and its memory was not given back.
#[inline]
pub(crate) unsafe fn check(user: *const u8, size: usize) -> Result<(), Damage> {
    // SAFETY: a block has a head.
    let start = unsafe { user.sub(GUARD) };
    // SAFETY: as above; its bytes were initialised by `arm`.
    let found_head = unsafe { start.cast::<[u64; 2]>().read_unaligned() };
    // SAFETY: within the block.
    let end = unsafe { user.add(size) };
    // SAFETY: a block has a tail, initialised by `arm`.
    let found_tail = unsafe { end.cast::<[u64; 2]>().read_unaligned() };
    if found_head == head(user) && found_tail == tail(end) {
        return Ok(());
    }
    Err(damage(found_head, head(user), found_tail, tail(end)))
}

#[cold]
fn damage(found_head: [u64; 2], head: [u64; 2], found_tail: [u64; 2], tail: [u64; 2]) -> Damage {
    let differs = |found: [u64; 2], made: [u64; 2]| {
        let (found, made) = (bytes(found), bytes(made));
        move |at: &usize| found[*at] != made[*at]
    };
    match (0..GUARD).find(differs(found_tail, tail)) {
        Some(at) => Damage::Tail { behind: at + 1 },
        None => {
            let at = (0..GUARD).rfind(differs(found_head, head));
            Damage::Head {
                before: GUARD - at.unwrap_or(0),
            }
        }
    }
}

fn bytes(words: [u64; 2]) -> [u8; GUARD] {
    u128::to_ne_bytes(u128::from(words[0]) | (u128::from(words[1]) << 64))
}

/// Multiplication by an odd constant (Fibonacci hashing, Knuth volume 3, 6.4).
#[inline]
fn mix<T>(at: *const T) -> u64 {
    (at.addr() as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

#[inline]
fn head(user: *const u8) -> [u64; 2] {
    let mixed = mix(user);
    // As a size: almost 2^64, which reaches beyond the end of memory from any address; not mapped, not of an arena.
    [mixed | 1, 0xFFFF_F000_0000_0000 | ((mixed >> 20) & !15)]
}

#[inline]
fn tail(end: *const u8) -> [u64; 2] {
    let mixed = mix(end) | 0x8080_8080_8080_8080;
    [mixed, !mixed | 0x8080_8080_8080_8080]
}

/// Memory for a block; null where there is none.
#[inline]
pub(crate) fn take(whole: usize, zeroed: bool) -> *mut u8 {
    if zeroed {
        // SAFETY: calloc takes any sizes.
        unsafe { libc::calloc(1, whole) }.cast()
    } else {
        // SAFETY: malloc takes any size.
        unsafe { libc::malloc(whole) }.cast()
    }
}

/// Gives a block's memory back.
///
/// # Safety
/// - [`arm`] made `user` in memory of [`take`] or [`retake`], which nobody uses any more.
#[inline]
pub(crate) unsafe fn give_back(user: *mut u8) {
    // SAFETY: the head stands before the user's bytes.
    let start = unsafe { user.sub(GUARD) };
    // SAFETY: malloc's own pointer.
    unsafe { libc::free(start.cast()) };
}

/// The block in memory of another size; null, and the block as it was, where there is none.
///
/// # Safety
/// - As [`give_back`]; the memory is the caller's alone.
#[inline]
pub(crate) unsafe fn retake(user: *mut u8, size: usize) -> *mut u8 {
    let Some(whole) = whole(size) else {
        return ptr::null_mut();
    };
    // SAFETY: the head stands before the user's bytes.
    let start = unsafe { user.sub(GUARD) };
    // SAFETY: malloc's own pointer, and a size that is not 0.
    let moved = unsafe { libc::realloc(start.cast(), whole) };
    if moved.is_null() {
        return ptr::null_mut();
    }
    // SAFETY: the new memory has `whole` bytes, and is the caller's alone.
    unsafe { arm(moved.cast(), size) }
}
