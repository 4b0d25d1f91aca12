//! Blocks that change their size, which the last one does in place.

use super::bump::{Arena, dangling};
use super::source::Source;
use super::{poison, round_up};
use crate::arena::ArenaError;
use core::alloc::Layout;
use core::ptr::NonNull;

impl<A: Source> Arena<A> {
    /// Whether nothing was handed out after a block of this size.
    ///
    /// No block of another chunk is taken for the last one: a chunk's header lies between them.
    fn is_last(&self, block: NonNull<u8>, size: usize) -> bool {
        let end = block.addr().get().checked_add(round_up(size));
        end == Some(self.ptr.get().addr().get())
    }

    /// Takes a block back: for the next one if it is the last, else until a rewind.
    ///
    /// # Safety
    /// - `block` was handed out by this arena with `layout`, not taken back since, and is not used
    ///   again.
    pub(super) unsafe fn give_back(&self, block: NonNull<u8>, layout: Layout) {
        if layout.size() == 0 {
            return;
        }
        if poison::ACTIVE {
            // SAFETY: the caller's promise.
            unsafe { poison::close(block, layout.size()) };
        }
        if self.is_last(block, layout.size()) {
            self.lower(round_up(layout.size()));
        }
    }

    /// Makes a block larger; the bytes behind its old size are undefined. On an error the block
    /// stays as it was.
    ///
    /// # Safety
    /// - `block` was handed out by this arena with `old`, and not taken back since.
    /// - `new` is not smaller than `old`. On success the old block is not used again.
    pub(super) unsafe fn enlarge(
        &self,
        block: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Result<NonNull<u8>, ArenaError> {
        let grown = old.size() != 0
            && self.is_last(block, old.size())
            && is_aligned(block, new)
            && self.raise(round_up(new.size()) - round_up(old.size()));
        if grown {
            // SAFETY: the block ends at `ptr` and was just made of this size. The pointer is made
            // from `ptr`, which may be used for the whole chunk; the caller's may not.
            let block = unsafe { self.ptr.get().sub(round_up(new.size())) };
            // SAFETY: `old` is not larger.
            let behind = unsafe { block.add(old.size()) };
            poison::open(behind, new.size() - old.size());
            return Ok(block);
        }
        // SAFETY: the caller's promises, of which this asks for the same.
        unsafe { self.relocate(block, old, new) }
    }

    /// Makes a block smaller. On an error the block stays as it was.
    ///
    /// # Safety
    /// - `block` was handed out by this arena with `old`, and not taken back since.
    /// - `new` is not larger than `old`. On success nothing behind the new size is used again, and
    ///   the block only through the pointer that is returned.
    pub(super) unsafe fn reduce(
        &self,
        block: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Result<NonNull<u8>, ArenaError> {
        if new.size() == 0 {
            // SAFETY: the caller's promises.
            unsafe { self.give_back(block, old) };
            return Ok(dangling(new));
        }
        if !is_aligned(block, new) {
            // SAFETY: the caller's promises, of which this asks for the same.
            return unsafe { self.relocate(block, old, new) };
        }
        let is_last = self.is_last(block, old.size());
        if poison::ACTIVE {
            // SAFETY: `new` is not larger.
            let behind = unsafe { block.add(new.size()) };
            // SAFETY: the caller's promise about what is behind the new size.
            unsafe { poison::close(behind, old.size() - new.size()) };
        }
        if is_last {
            self.lower(round_up(old.size()) - round_up(new.size()));
        }
        Ok(block)
    }

    /// # Safety
    /// - `block` was handed out by this arena with `old`, and not taken back since. On success it is
    ///   not used again.
    unsafe fn relocate(
        &self,
        block: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Result<NonNull<u8>, ArenaError> {
        let moved = self.try_block(new)?;
        let len = old.size().min(new.size());
        // SAFETY: both are valid for `len` bytes; the new one is apart from every block.
        unsafe { moved.copy_from_nonoverlapping(block, len) };
        // SAFETY: the caller's promises.
        unsafe { self.give_back(block, old) };
        Ok(moved)
    }

    /// Makes the last block longer if there is room.
    fn raise(&self, len: usize) -> bool {
        let ptr = self.ptr.get();
        let fits = len <= self.end.get().addr().get() - ptr.addr().get();
        if fits {
            // SAFETY: so much is free in the chunk, by invariant 3.
            self.ptr.set(unsafe { ptr.add(len) });
        }
        fits
    }

    /// Takes the last `len` bytes in front of `ptr`, which are of the last block.
    fn lower(&self, len: usize) {
        self.note_peak();
        // SAFETY: the last block, which has so many bytes, lies in front of `ptr` in its chunk.
        self.ptr.set(unsafe { self.ptr.get().sub(len) });
    }
}

fn is_aligned(block: NonNull<u8>, layout: Layout) -> bool {
    block.addr().get().is_multiple_of(layout.align())
}
