//! The life of a block: made, resized, moved to another scope, freed.

use std::ptr;

use memscope::raw_parts;

use crate::counts;
use crate::guard::{self, Damage};
use crate::registry::{self, ALIGN, Block, Entry, State};
use crate::report::{self, Misuse};
use crate::site::Site;
use crate::{arena, checkpoint, exit, fork, handoff};

/// What fresh memory holds, where arenas look for pointers.
const FRESH: u8 = 0xCD;

/// A new block; null, with nothing counted, where there is no memory.
#[inline]
pub(crate) fn make(size: usize, site: Site, zeroed: bool) -> *mut u8 {
    let Some(whole) = guard::whole(size) else {
        return out_of_memory();
    };
    let start = guard::take(whole, zeroed);
    let address = start.addr().wrapping_add(guard::GUARD);
    let (false, Some(entry)) = (start.is_null(), registry::find_or_make(address)) else {
        return make_failed(start);
    };
    // SAFETY: fresh memory of that size.
    let user = unsafe { guard::arm(start, size) };
    exit::watch();
    fork::watch();
    if arena::is_any() && !zeroed {
        // SAFETY: within the block.
        unsafe { user.write_bytes(FRESH, size.min(arena::LOOKED_AT)) };
    }
    entry.set_live(Block {
        size,
        scope: raw_parts::allocated(size),
        site,
        epoch: checkpoint::epoch(),
        is_kept: false,
    });
    counts::allocated(size);
    user
}

#[cold]
fn make_failed(start: *mut u8) -> *mut u8 {
    if !start.is_null() {
        // SAFETY: malloc's own pointer, just made; free takes null too.
        unsafe { libc::free(start.cast()) };
    }
    out_of_memory()
}

#[cold]
pub(crate) fn out_of_memory() -> *mut u8 {
    // SAFETY: the thread's own place for the error.
    let errno = unsafe { libc::__errno_location() };
    // SAFETY: as above.
    unsafe { errno.write(libc::ENOMEM) };
    ptr::null_mut()
}

/// The live block that begins at a pointer, with its guards checked. What is wrong is told: `None` where there is no
/// block.
#[inline]
pub(crate) fn live(
    user: *mut u8,
    call: &'static str,
    site: Site,
) -> Option<(&'static Entry, Block)> {
    let found = found(user);
    match found {
        Some((_, block)) => check(user, block, call, site),
        None => not_live(user, call, site),
    }
    found
}

/// The live block that begins at a pointer.
#[inline]
pub(crate) fn found(user: *const u8) -> Option<(&'static Entry, Block)> {
    let entry = entry_of(user)?;
    match entry.state() {
        State::Live(block) => Some((entry, block)),
        _ => None,
    }
}

/// Tells it if the guards of a live block were written to.
#[inline]
pub(crate) fn check(user: *mut u8, block: Block, call: &'static str, site: Site) {
    // SAFETY: the registry says that the block is live.
    if let Err(damage) = unsafe { guard::check(user, block.size) } {
        damaged(user, block, damage, call, site);
    }
}

#[cold]
#[inline(never)]
fn not_live(user: *mut u8, call: &'static str, site: Site) {
    if let Some(misuse) = handoff::misuse_of(user.addr()) {
        return report::misuse(misuse, user.addr(), call, site);
    }
    let misuse = match entry_of(user).map(Entry::state) {
        Some(State::Freed { allocated, freed }) => Misuse::Freed { allocated, freed },
        _ => match registry::live_before(user.addr(), 1 << 20) {
            Some((start, block)) if user.addr() < start + block.size => Misuse::Inside {
                offset: user.addr() - start,
                block,
            },
            _ => Misuse::Foreign,
        },
    };
    report::misuse(misuse, user.addr(), call, site);
}

#[cold]
#[inline(never)]
fn damaged(user: *mut u8, block: Block, damage: Damage, call: &'static str, site: Site) {
    // Who wrote far past the end of its block reached the head of the next one: the writer's block is the one to name.
    let before = registry::live_before(user.addr(), 1 << 16);
    let culprit = before.and_then(|(address, other)| {
        let other_user = user.with_addr(address);
        // SAFETY: the registry says that it is live; if another thread frees it now, the process is about to end.
        let found = unsafe { guard::check(other_user, other.size) };
        let reaches = matches!(damage, Damage::Head { .. });
        found
            .err()
            .filter(|_| reaches)
            .map(|damage| (address, other, damage))
    });
    let (address, block, damage) = culprit.unwrap_or((user.addr(), block, damage));
    report::misuse(Misuse::Damaged { block, damage }, address, call, site);
}

/// Frees a block.
#[inline]
pub(crate) fn free(user: *mut u8, site: Site) {
    let Some((entry, block)) = found(user) else {
        if !handoff::free(user, site) {
            not_live(user, "ms_free", site);
        }
        return;
    };
    check(user, block, "ms_free", site);
    entry.set_freed(block.site, site);
    raw_parts::freed(block.scope, block.size);
    counts::freed(block.size);
    // SAFETY: a live block, by the registry; its owner gives it up.
    unsafe { guard::give_back(user) };
}

/// Changes a block's size; it keeps its scope. Null where there is no memory or no block; the block is then as it was.
pub(crate) fn resize(user: *mut u8, size: usize, site: Site) -> *mut u8 {
    let Some((entry, block)) = live(user, "ms_realloc", site) else {
        return ptr::null_mut();
    };
    // Before the memory is given back, for another thread may get it then.
    entry.set_freed(block.site, site);
    // SAFETY: a live block, by the registry, of a caller who gives it up.
    let moved = unsafe { guard::retake(user, size) };
    let place = registry::find_or_make(moved.addr()).filter(|_| !moved.is_null());
    let Some(place) = place else {
        return resize_failed(user, moved, entry, block);
    };
    place.set_live(Block {
        size,
        site,
        ..block
    });
    raw_parts::resized(block.scope, block.size, size);
    counts::resized(block.size, size);
    moved
}

#[cold]
fn resize_failed(user: *mut u8, moved: *mut u8, entry: &Entry, block: Block) -> *mut u8 {
    if moved.is_null() {
        entry.set_live(block);
    } else {
        // No memory for the table: the block is there, and nobody knows it any more.
        raw_parts::freed(block.scope, block.size);
        counts::freed(block.size);
        // SAFETY: just made.
        unsafe { guard::give_back(moved) };
        report::misuse(Misuse::NoTable, user.addr(), "ms_realloc", block.site);
    }
    out_of_memory()
}

/// The size of the live block that begins at a pointer.
pub(crate) fn size_of(user: *const u8) -> Option<usize> {
    found(user).map(|(_, block)| block.size)
}

/// Whether plain `free` got a block of this library, which is told then.
pub(crate) fn is_told_as_ours(user: *mut u8, site: Site) -> bool {
    let Some((_, block)) = found(user) else {
        return false;
    };
    report::misuse(Misuse::Ours { block }, user.addr(), "free", site);
    true
}

/// What is known of a place where blocks may begin.
#[inline]
fn entry_of(user: *const u8) -> Option<&'static Entry> {
    registry::find(user.addr()).filter(|_| user.addr().is_multiple_of(ALIGN))
}

/// Where C made the live block that begins at an address.
pub(crate) fn made_by_c(address: usize) -> Option<String> {
    let (_, block) = found(ptr::without_provenance(address))?;
    Some(format!(
        "ms_alloc made it at {}: free it with ms_free, or take it by handoff::take",
        block.site.line()
    ))
}
