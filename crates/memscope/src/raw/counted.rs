//! The four calls of an allocator, with a trailer at each block's end and an entry in the books for each.
//!
//! A `Box<T>` gives its block back by a pointer that was made of a unique reference to a `T`, which under Stacked Borrows
//! does not reach the trailer behind the value. So the provenance of each block is exposed when it is made, and what gets
//! a block back goes to it by its address.
//!
//! None of these functions is inlined: the compiler takes what is behind the program's allocation functions for memory
//! that has the size asked for, and whose content is dead at the free. With one of a pair inlined and the other not, it
//! would leave out the trailer that it sees written, or read.

use std::alloc::{GlobalAlloc, Layout};
use std::ptr;

use super::trailer::{self, Tag};
use crate::ledger::{ScopeId, SiteId};
use crate::local;
use crate::sites;
use crate::stacks::Stacks;
use crate::switch;
use crate::violation;

/// What the allocator notes, with what the compiler is to know of it: where it notes nothing, nothing of sites is left.
#[inline]
const fn noted<const NOTES: bool>(stacks: Stacks) -> Stacks {
    if NOTES { stacks } else { Stacks::None }
}

/// # Safety
/// - As [`GlobalAlloc::alloc`].
#[inline(never)]
pub(super) unsafe fn alloc<A: GlobalAlloc, const NOTES: bool>(
    inner: &A,
    stacks: Stacks,
    layout: Layout,
) -> *mut u8 {
    let stacks = noted::<NOTES>(stacks);
    let Some(whole) = trailer::whole(layout) else {
        return ptr::null_mut();
    };
    // SAFETY: at least the trailer's size, so not 0.
    let block = unsafe { inner.alloc(whole) };
    if !block.is_null() {
        // SAFETY: just made with `whole`, the caller's alone.
        unsafe { book(block, layout.size(), stacks) };
    }
    block
}

/// # Safety
/// - As [`GlobalAlloc::alloc_zeroed`].
#[inline(never)]
pub(super) unsafe fn alloc_zeroed<A: GlobalAlloc, const NOTES: bool>(
    inner: &A,
    stacks: Stacks,
    layout: Layout,
) -> *mut u8 {
    let stacks = noted::<NOTES>(stacks);
    let Some(whole) = trailer::whole(layout) else {
        return ptr::null_mut();
    };
    // SAFETY: at least the trailer's size, so not 0.
    let block = unsafe { inner.alloc_zeroed(whole) };
    if !block.is_null() {
        // SAFETY: just made with `whole`, the caller's alone.
        unsafe { book(block, layout.size(), stacks) };
    }
    block
}

/// Counts a fresh block, and writes its trailer.
///
/// # Safety
/// - `block` has `size` bytes and a trailer, and is the caller's alone.
#[inline]
unsafe fn book(block: *mut u8, size: usize, stacks: Stacks) {
    block.expose_provenance();
    let tag = if switch::is_on() {
        let site = sites::here(stacks);
        let scope = local::allocated(site, size);
        Tag { scope, site }
    } else {
        Tag::UNTRACKED
    };
    // SAFETY: in the block, by the caller's contract.
    let end = unsafe { block.add(size) };
    // SAFETY: the trailer's bytes follow, by the caller's contract.
    unsafe { trailer::write(end, tag) };
}

/// The block with its trailer, from a pointer that may be good for the value in it alone.
#[inline]
fn whole_block(block: *mut u8) -> *mut u8 {
    // The value by the pointer's own provenance, and the trailer by that of `book` or `realloc`.
    ptr::with_exposed_provenance_mut(block.expose_provenance())
}

/// The tag of a block that is about to be freed or resized; a block whose tag does not check ends the process.
///
/// # Safety
/// - `block` was made here with `layout`, and is the caller's alone.
#[inline]
unsafe fn tag_of(block: *mut u8, stacks: Stacks, layout: Layout) -> Tag {
    // SAFETY: in the block, by the caller's contract.
    let end = unsafe { block.add(layout.size()) };
    // SAFETY: the trailer's bytes follow, written by `book` or `realloc`; the caller is alone.
    match unsafe { trailer::read(end) } {
        // As it was written, but so the compiler knows: nothing of sites is left in what follows.
        Ok(tag) if stacks == Stacks::None => Tag {
            site: SiteId::NONE,
            ..tag
        },
        Ok(tag) => tag,
        Err(broken) => violation::broken_trailer(block.addr(), layout, broken),
    }
}

/// # Safety
/// - As [`GlobalAlloc::dealloc`].
#[inline(never)]
pub(super) unsafe fn dealloc<A: GlobalAlloc, const NOTES: bool>(
    inner: &A,
    stacks: Stacks,
    block: *mut u8,
    layout: Layout,
) {
    let stacks = noted::<NOTES>(stacks);
    let block = whole_block(block);
    // SAFETY: the caller frees a block of this allocator with its own layout, and has given up every use of it.
    let tag = unsafe { tag_of(block, stacks, layout) };
    if tag.scope != ScopeId::UNTRACKED {
        local::freed(tag, layout.size());
    }
    // SAFETY: `alloc` made it with this size and the trailer, and the same alignment, which fitted then.
    let whole = unsafe {
        Layout::from_size_align_unchecked(layout.size() + trailer::TRAILER, layout.align())
    };
    // SAFETY: the inner allocator's block, with the layout that it was made with.
    unsafe { inner.dealloc(block, whole) };
}

/// # Safety
/// - As [`GlobalAlloc::realloc`].
#[inline(never)]
pub(super) unsafe fn realloc<A: GlobalAlloc, const NOTES: bool>(
    inner: &A,
    stacks: Stacks,
    block: *mut u8,
    layout: Layout,
    new_size: usize,
) -> *mut u8 {
    let stacks = noted::<NOTES>(stacks);
    if new_size == layout.size() && local::moves() {
        // SAFETY: the caller's contract: a block of this allocator, with its own layout, and the caller's alone.
        unsafe { move_here(block, stacks, layout) };
        return block;
    }
    let block = whole_block(block);
    // SAFETY: the caller's contract: a block of this allocator, with its own layout.
    let tag = unsafe { tag_of(block, stacks, layout) };
    let new = Layout::from_size_align(new_size, layout.align()).ok();
    let (Some(old), Some(new)) = (trailer::whole(layout), new.and_then(trailer::whole)) else {
        return ptr::null_mut();
    };
    // SAFETY: the inner allocator's block with its layout; the new size is not 0 and fits, for `new` is a layout.
    let moved = unsafe { inner.realloc(block, old, new.size()) };
    if moved.is_null() {
        // The block is as it was, its trailer included.
        return moved;
    }
    moved.expose_provenance();
    if tag.scope != ScopeId::UNTRACKED {
        local::resized(tag, layout.size(), new_size);
    }
    // SAFETY: in the new block, which has `new_size` bytes and a trailer.
    let end = unsafe { moved.add(new_size) };
    // SAFETY: the trailer's bytes follow; nobody else knows the block yet.
    unsafe { trailer::write(end, tag) };
    moved
}

/// Moves a block to the account of the scope that the calling thread is in; nothing of one that nobody counts.
///
/// # Safety
/// - `block` was made here with `layout`, and is the caller's alone.
#[cold]
#[inline(never)]
pub(super) unsafe fn move_here(block: *mut u8, stacks: Stacks, layout: Layout) {
    let block = whole_block(block);
    // SAFETY: the caller's contract is the same.
    let tag = unsafe { tag_of(block, stacks, layout) };
    if tag.scope == ScopeId::UNTRACKED {
        return;
    }
    let moved = Tag {
        scope: local::moved_here(tag, layout.size()),
        ..tag
    };
    // SAFETY: in the block, by the caller's contract.
    let end = unsafe { block.add(layout.size()) };
    // SAFETY: the trailer's bytes follow, and are the caller's alone.
    unsafe { trailer::write(end, moved) };
}
