//! The allocator beside one that fails, and the trailer beside every byte that could be wrong.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::ptr;

use super::Scoped;
use super::trailer::{self, Tag};
use crate::ledger::{ScopeId, SiteId};
use crate::{Scope, Usage};

/// Fails at one call, counted from 0.
struct FailsAt {
    calls: Cell<u32>,
    at: u32,
}

impl FailsAt {
    fn fails(&self) -> bool {
        let call = self.calls.get();
        self.calls.set(call + 1);
        call == self.at
    }
}

// SAFETY: every block is the system's; a call that fails answers null and does nothing.
unsafe impl GlobalAlloc for FailsAt {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if self.fails() {
            return ptr::null_mut();
        }
        // SAFETY: the caller's contract is the same.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the caller's contract is the same.
        unsafe { System.dealloc(block, layout) };
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        if self.fails() {
            return ptr::null_mut();
        }
        // SAFETY: the caller's contract is the same.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        if self.fails() {
            return ptr::null_mut();
        }
        // SAFETY: the caller's contract is the same.
        unsafe { System.realloc(block, layout, new_size) }
    }
}

/// A block with its layout, or none where the call failed.
type Block = Option<(*mut u8, Layout)>;

fn layout(size: usize) -> Layout {
    Layout::from_size_align(size, 8).expect("a small layout")
}

fn made(block: *mut u8, size: usize) -> Block {
    (!block.is_null()).then(|| (block, layout(size)))
}

/// Changes the size of a block; it stays what it was where the call fails.
fn resize(allocator: &Scoped<FailsAt>, block: Block, size: usize) -> Block {
    let (old, from) = block?;
    // SAFETY: a block of this allocator with its layout; the size is not 0 and small.
    let new = unsafe { allocator.realloc(old, from, size) };
    made(new, size).or(block)
}

fn give_back(allocator: &Scoped<FailsAt>, block: Block) {
    if let Some((block, layout)) = block {
        // SAFETY: a block of this allocator with its layout, not used any more.
        unsafe { allocator.dealloc(block, layout) };
    }
}

#[test]
fn a_failure_at_any_call_leaves_the_account_exact() {
    for at in 0..6 {
        let allocator = Scoped::new(FailsAt {
            calls: Cell::new(0),
            at,
        });
        let scope = Scope::new("scope");
        let entered = scope.enter();
        // SAFETY: the layouts are not empty.
        let first = made(unsafe { allocator.alloc(layout(10)) }, 10);
        // SAFETY: the same.
        let second = made(unsafe { allocator.alloc_zeroed(layout(20)) }, 20);
        let first = resize(&allocator, first, 100);
        let second = resize(&allocator, second, 5);
        let expected: u64 = [first, second]
            .iter()
            .flatten()
            .map(|(_, layout)| layout.size() as u64)
            .sum();
        assert_eq!(scope.usage().live_bytes(), expected, "call {at}");
        give_back(&allocator, first);
        give_back(&allocator, second);
        drop(entered);
        let usage = scope.end().expect("all came back");
        assert_eq!(usage.bytes_allocated, usage.bytes_freed);
        assert_ne!(usage, Usage::default());
    }
}

#[test]
fn sizes_that_memory_cannot_hold_fail() {
    let allocator = Scoped::system();
    let most = isize::MAX as usize;
    for size in most - 7..=most {
        let layout = Layout::from_size_align(size, 1).expect("at most isize::MAX");
        // SAFETY: not empty.
        assert!(unsafe { allocator.alloc(layout) }.is_null());
        // SAFETY: not empty.
        assert!(unsafe { allocator.alloc_zeroed(layout) }.is_null());
    }
    let small = layout(8);
    // SAFETY: not empty.
    let block = unsafe { allocator.alloc(small) };
    // SAFETY: a block of this allocator; the size fits the alignment.
    assert!(unsafe { allocator.realloc(block, small, most - 7) }.is_null());
    // SAFETY: a block of this allocator, whose change of size failed.
    unsafe { allocator.dealloc(block, small) };
}

#[test]
fn a_tag_comes_back_as_it_was_written() {
    let mut bytes = [0_u8; 32];
    for offset in 0..24 {
        for scope in [ScopeId::ROOT, ScopeId::new(77, 12_345), ScopeId::UNTRACKED] {
            let tag = Tag {
                scope,
                site: SiteId::from_bits(0xF_FFFF),
            };
            let end = bytes[offset..].as_mut_ptr();
            // SAFETY: eight bytes of the array.
            unsafe { trailer::write(end, tag) };
            // SAFETY: eight bytes of the array.
            assert_eq!(unsafe { trailer::read(end) }, Ok(tag));
        }
    }
}

#[test]
fn every_change_of_the_first_byte_is_seen() {
    let mut bytes = [0_u8; 8];
    let end = bytes.as_mut_ptr();
    let tag = Tag {
        scope: ScopeId::new(5, 9),
        site: SiteId::NONE,
    };
    for change in 1..=255 {
        // SAFETY: the array.
        unsafe { trailer::write(end, tag) };
        // SAFETY: the array's first byte.
        let first = unsafe { end.read() };
        // SAFETY: the same.
        unsafe { end.write(first ^ change) };
        // SAFETY: the array.
        unsafe { trailer::read(end) }.expect_err("the byte is another");
    }
}
