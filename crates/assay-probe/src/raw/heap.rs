//! Guarded blocks on the system's allocator, checked when they come back and kept for a while.
//!
//! The header lies in front of the user's bytes and is reached through the user's pointer. Tree
//! Borrows allows that for every pointer; Stacked Borrows does not for one that went through a
//! `Box`, whose claim ends with its value. No layout with a header passes there.

use block_guard::{GuardedLayout, Violation};
use core::alloc::{GlobalAlloc, Layout};
use core::ptr::{self, NonNull};
use std::alloc::System;

use super::lock::Lock;
use super::quarantine::{BYTES, Quarantine, Retired};
use crate::fault::{Fault, Found, History, Operation};
use crate::sync::atomic::{AtomicUsize, Ordering};

const SHARDS: usize = 8;

/// The blocks of a process.
///
/// # Invariants
///
/// 1. A block of address A is checked and retired, and looked at again, only under the lock of
///    `shard(A)`, or by the thread that took it out of its quarantine.
pub(super) struct Heap {
    shards: [Lock<Quarantine>; SHARDS],
    live_bytes: AtomicUsize,
    live_blocks: AtomicUsize,
}

impl Heap {
    pub(super) const fn new() -> Self {
        Self {
            shards: [const { Lock::new(Quarantine::new()) }; SHARDS],
            live_bytes: AtomicUsize::new(0),
            live_blocks: AtomicUsize::new(0),
        }
    }

    /// Bytes and blocks that were allocated and not freed.
    pub(super) fn live(&self) -> (usize, usize) {
        // ORDERING: Relaxed here and below; these are counts, exact once the threads have ended.
        (
            self.live_bytes.load(Ordering::Relaxed),
            self.live_blocks.load(Ordering::Relaxed),
        )
    }

    /// A block for `layout`, zeroed or filled with a pattern; null where memory is short.
    ///
    /// `stack` is the number of the caller's stack.
    pub(super) fn allocate(
        &self,
        layout: Layout,
        zeroed: bool,
        stack: u32,
    ) -> Result<*mut u8, Fault> {
        if layout.size() == 0 {
            return Err(empty(Operation::Alloc, layout));
        }
        let Some(guarded) = GuardedLayout::new(layout) else {
            return Ok(ptr::null_mut());
        };
        let start = if zeroed {
            // SAFETY: a guarded layout is never of size zero.
            unsafe { System.alloc_zeroed(guarded.whole()) }
        } else {
            // SAFETY: as above.
            unsafe { System.alloc(guarded.whole()) }
        };
        let Some(start) = NonNull::new(start) else {
            return Ok(ptr::null_mut());
        };
        let history = History {
            allocated: stack,
            freed: 0,
        };
        // SAFETY: the block was just allocated with this layout, for no one else.
        let user = unsafe { block_guard::arm(start, guarded, history.into()) };
        if !zeroed {
            // SAFETY: the block is live, and its user has not seen it.
            unsafe { block_guard::fill_fresh(user, guarded) };
        }
        self.live_bytes.fetch_add(layout.size(), Ordering::Relaxed);
        self.live_blocks.fetch_add(1, Ordering::Relaxed);
        Ok(user.as_ptr())
    }

    /// Checks a block and keeps it in quarantine. What leaves the quarantine for it is checked too.
    ///
    /// # Safety
    ///
    /// - The 48 bytes in front of `user` are readable; they are, where `user` came from
    ///   [`Heap::allocate`]. Anything else that is wrong with `user` and `claimed` is a fault.
    pub(super) unsafe fn release(
        &self,
        user: *mut u8,
        claimed: Layout,
        stack: u32,
    ) -> Result<(), Fault> {
        let user = block(user, claimed, Operation::Dealloc)?;
        let shard = self.shard(user);
        // SAFETY: readable by this function's contract, and under the lock of its shard.
        let layout = shard.with(|_| unsafe { retire(user, claimed, stack) })?;
        self.live_bytes.fetch_sub(claimed.size(), Ordering::Relaxed);
        self.live_blocks.fetch_sub(1, Ordering::Relaxed);
        let block = Retired { user, layout };
        if claimed.size() > BYTES {
            return discard(block);
        }
        let mut block = Some(block);
        while let Some(old) = shard.with(|quarantine| {
            let old = quarantine.make_room(claimed.size());
            if old.is_none() {
                block
                    .take()
                    .into_iter()
                    .for_each(|block| quarantine.keep(block));
            }
            old
        }) {
            discard(old)?;
        }
        Ok(())
    }

    /// Checks a block that is about to be reallocated.
    ///
    /// # Safety
    ///
    /// - As for [`Heap::release`].
    pub(super) unsafe fn verify(&self, user: *mut u8, claimed: Layout) -> Result<(), Fault> {
        let user = block(user, claimed, Operation::Realloc)?;
        self.shard(user).with(|_| {
            // SAFETY: readable by this function's contract, and under the lock of its shard.
            let checked = unsafe { block_guard::check(user, Some(claimed)) };
            // SAFETY: as above.
            checked
                .map_err(|found| unsafe { fault(Operation::Realloc, found, user, Some(claimed)) })
        })?;
        Ok(())
    }

    /// Gives a block back without a look at it, while a fault is being reported.
    ///
    /// # Safety
    ///
    /// - [`Heap::allocate`] returned `user` for `layout`, and no one uses it any more.
    pub(super) unsafe fn release_unchecked(&self, user: *mut u8, layout: Layout) {
        if let (Some(user), Some(layout)) = (NonNull::new(user), GuardedLayout::new(layout)) {
            // SAFETY: the block was armed with this layout, by this function's contract.
            unsafe { give_back(user, layout) };
        }
    }

    /// Looks at every block in quarantine again.
    pub(super) fn recheck(&self) -> Result<(), Fault> {
        self.shards.iter().try_for_each(|shard| {
            shard.with(|quarantine| quarantine.blocks().try_for_each(look_again))
        })
    }

    /// Takes every lock, so that a fork copies none that another thread holds.
    pub(super) fn lock(&self) {
        self.shards.iter().for_each(Lock::acquire);
    }

    /// Undoes [`Heap::lock`], in the parent and in the child.
    pub(super) fn unlock(&self) {
        self.shards.iter().for_each(Lock::release);
    }

    fn shard(&self, user: NonNull<u8>) -> &Lock<Quarantine> {
        let word = (user.addr().get() >> 4).wrapping_mul(0x9e37_79b1);
        &self.shards[(word >> 16) % SHARDS]
    }
}

fn empty(operation: Operation, claimed: Layout) -> Fault {
    Fault {
        operation,
        found: Found::Empty,
        claimed: Some(claimed),
        block: None,
        history: History::default(),
    }
}

/// The pointer, if there can be a block of this layout at all.
fn block(user: *mut u8, claimed: Layout, operation: Operation) -> Result<NonNull<u8>, Fault> {
    if claimed.size() == 0 {
        return Err(empty(operation, claimed));
    }
    NonNull::new(user).ok_or(Fault {
        found: Found::Violation(Violation::NotABlock),
        ..empty(operation, claimed)
    })
}

/// Checks a live block and retires it.
///
/// # Safety
///
/// - The 48 bytes in front of `user` are readable, and no other thread looks at them.
unsafe fn retire(user: NonNull<u8>, claimed: Layout, stack: u32) -> Result<GuardedLayout, Fault> {
    // SAFETY: by this function's contract.
    let checked = unsafe { block_guard::check(user, Some(claimed)) };
    let layout = checked
        // SAFETY: as above.
        .map_err(|found| unsafe { fault(Operation::Dealloc, found, user, Some(claimed)) })?;
    // SAFETY: `check` found a block.
    let history = History {
        freed: stack,
        ..History::from(unsafe { block_guard::note(user) })
    };
    // SAFETY: `check` has just returned this layout, and its user gave the block back.
    unsafe { block_guard::retire(user, layout, history.into()) };
    Ok(layout)
}

/// Checks a block that left its quarantine, and gives it back.
fn discard(block: Retired) -> Result<(), Fault> {
    look_again(&block)?;
    // SAFETY: the block was armed with this layout, and `block` is its only handle.
    unsafe { give_back(block.user, block.layout) };
    Ok(())
}

/// Whether a retired block is as it was left.
fn look_again(block: &Retired) -> Result<(), Fault> {
    // SAFETY: a retired block is memory of this heap, seen by one thread at a time (invariant 1).
    let found = unsafe { block_guard::check_retired(block.user) };
    // SAFETY: as above.
    let fault = |found| unsafe { fault(Operation::Recheck, found, block.user, None) };
    found.map(drop).map_err(fault)
}

/// # Safety
///
/// - The block at `user` was armed with `layout` on memory of the system's allocator, and this is
///   its last use.
unsafe fn give_back(user: NonNull<u8>, layout: GuardedLayout) {
    // SAFETY: armed with this layout by this function's contract.
    let start = unsafe { block_guard::disarm(user, layout) };
    // SAFETY: the start and the layout are those of the allocation.
    unsafe { System.dealloc(start.as_ptr(), layout.whole()) };
}

/// A fault with what the block itself says, where there is one.
///
/// # Safety
///
/// - The 48 bytes in front of `user` are readable, and no other thread changes them.
unsafe fn fault(
    operation: Operation,
    found: Violation,
    user: NonNull<u8>,
    claimed: Option<Layout>,
) -> Fault {
    // SAFETY: by this function's contract.
    let block = unsafe { block_guard::layout_of(user) };
    let history = block.map_or(0, |_| {
        // SAFETY: `layout_of` found a block.
        unsafe { block_guard::note(user) }
    });
    Fault {
        operation,
        found: Found::Violation(found),
        claimed,
        block: block.ok().map(|layout| layout.user()),
        history: history.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::thread;
    use std::vec::Vec;

    fn layout(size: usize, align: usize) -> Layout {
        Layout::from_size_align(size, align).unwrap()
    }

    /// A heap that gives its quarantine back at the end of a test.
    struct Tested(Heap);

    impl Tested {
        fn new() -> Self {
            Self(Heap::new())
        }

        fn allocate(&self, layout: Layout) -> *mut u8 {
            self.0.allocate(layout, false, 3).unwrap()
        }

        fn release(&self, user: *mut u8, claimed: Layout) -> Result<(), Found> {
            // SAFETY: the tests release blocks of this heap, or pointers into them.
            unsafe { self.0.release(user, claimed, 4) }.map_err(|fault| fault.found)
        }

        fn write(user: *mut u8, at: isize, byte: u8) {
            // SAFETY: the tests write into a block or its canaries, whose memory is in quarantine at
            // the earliest.
            unsafe { user.wrapping_offset(at).write(byte) };
        }
    }

    impl Drop for Tested {
        fn drop(&mut self) {
            for shard in &self.0.shards {
                while let Some(block) = shard.with(Quarantine::take) {
                    // SAFETY: the block was armed with this layout, and left its quarantine.
                    unsafe { give_back(block.user, block.layout) };
                }
            }
        }
    }

    fn violation(found: Violation) -> Result<(), Found> {
        Err(Found::Violation(found))
    }

    #[test]
    fn a_block_is_counted_until_it_is_released() {
        let heap = Tested::new();
        let block = heap.allocate(layout(24, 8));
        assert_eq!(heap.0.live(), (24, 1));
        assert_eq!(heap.release(block, layout(24, 8)), Ok(()));
        assert_eq!(heap.0.live(), (0, 0));
        assert_eq!(heap.0.recheck(), Ok(()));
    }

    #[test]
    fn a_zeroed_block_is_zero_and_a_fresh_one_is_not() {
        let heap = Tested::new();
        let zeroed = heap.0.allocate(layout(64, 64), true, 0).unwrap();
        let fresh = heap.allocate(layout(64, 64));
        for (block, byte) in [(zeroed, 0), (fresh, block_guard::FRESH_BYTE)] {
            assert_eq!(block.addr() % 64, 0);
            // SAFETY: both blocks were filled.
            assert_eq!(unsafe { block.cast::<[u8; 64]>().read() }, [byte; 64]);
            assert_eq!(heap.release(block, layout(64, 64)), Ok(()));
        }
    }

    #[test]
    fn a_second_release_is_refused_with_both_stacks() {
        let heap = Tested::new();
        let block = heap.allocate(layout(24, 8));
        assert_eq!(heap.release(block, layout(24, 8)), Ok(()));
        // SAFETY: the block is in quarantine.
        let fault = unsafe { heap.0.release(block, layout(24, 8), 9) }.unwrap_err();
        assert_eq!(fault.class(), "invalid-free");
        assert_eq!(fault.block, Some(layout(24, 8)));
        let history = History {
            allocated: 3,
            freed: 4,
        };
        assert_eq!(fault.history, history);
    }

    #[test]
    fn a_wrong_layout_is_refused_and_the_block_stays() {
        let heap = Tested::new();
        let block = heap.allocate(layout(24, 8));
        let size = Violation::WrongSize {
            allocated: 24,
            claimed: 12,
        };
        assert_eq!(heap.release(block, layout(12, 8)), violation(size));
        // SAFETY: the block is live.
        let verified = unsafe { heap.0.verify(block, layout(24, 1)) };
        assert_eq!(verified.unwrap_err().class(), "wrong-layout");
        // SAFETY: the block is live.
        assert_eq!(unsafe { heap.0.verify(block, layout(24, 8)) }, Ok(()));
        assert_eq!(heap.release(block, layout(24, 8)), Ok(()));
    }

    #[test]
    fn a_damaged_canary_is_refused() {
        for (at, found) in [
            (
                24,
                Violation::BackCanary {
                    size: 24,
                    offset: 24,
                },
            ),
            (
                -1,
                Violation::FrontCanary {
                    size: 24,
                    before: 1,
                },
            ),
        ] {
            let heap = Tested::new();
            let block = heap.allocate(layout(24, 8));
            Tested::write(block, at, 0);
            assert_eq!(heap.release(block, layout(24, 8)), violation(found));
            // SAFETY: the block is live, and given back once.
            unsafe { heap.0.release_unchecked(block, layout(24, 8)) };
        }
    }

    #[test]
    fn a_write_after_the_release_is_found_on_the_next_look() {
        let heap = Tested::new();
        let block = heap.allocate(layout(24, 8));
        assert_eq!(heap.release(block, layout(24, 8)), Ok(()));
        Tested::write(block, 5, 1);
        let fault = heap.0.recheck().unwrap_err();
        assert_eq!((fault.class(), fault.history.freed), ("use-after-free", 4));
    }

    #[test]
    fn a_write_after_the_release_is_found_when_the_block_leaves() {
        let heap = Tested::new();
        let large = layout(BYTES, 8);
        let block = heap.allocate(large);
        assert_eq!(heap.release(block, large), Ok(()));
        Tested::write(block, 77, 1);
        let nonnull = NonNull::new(block).unwrap();
        let left = heap.0.shard(nonnull).with(|shard| shard.make_room(1));
        let fault = discard(left.unwrap()).unwrap_err();
        assert_eq!(fault.class(), "use-after-free");
        // SAFETY: `discard` left the block as it is.
        unsafe { give_back(nonnull, GuardedLayout::new(large).unwrap()) };
    }

    #[test]
    fn a_block_larger_than_the_quarantine_is_given_back_at_once() {
        let heap = Tested::new();
        let huge = layout(BYTES + 1, 4096);
        let block = heap.allocate(huge);
        assert_eq!(heap.release(block, huge), Ok(()));
        for shard in &heap.0.shards {
            assert_eq!(shard.with(|shard| shard.blocks().count()), 0);
        }
    }

    #[test]
    fn layouts_of_no_bytes_null_and_layouts_that_do_not_fit_are_told_apart() {
        let heap = Tested::new();
        let none = layout(0, 1);
        let fault = heap.0.allocate(none, false, 0).unwrap_err();
        assert_eq!(fault.class(), "precondition");
        let dangling = ptr::without_provenance_mut(8);
        assert_eq!(heap.release(dangling, none), Err(Found::Empty));
        let null = heap.release(ptr::null_mut(), layout(1, 1));
        assert_eq!(null, violation(Violation::NotABlock));
        let huge = layout(isize::MAX.unsigned_abs(), 1);
        assert_eq!(heap.0.allocate(huge, false, 0), Ok(ptr::null_mut()));
        assert_eq!(heap.0.live(), (0, 0));
    }

    #[test]
    fn threads_may_release_what_others_allocated() {
        let heap = Tested::new();
        let count = if cfg!(miri) { 12 } else { 3000 };
        let blocks: Vec<usize> = (0..count)
            .map(|n| heap.allocate(layout(n % 90 + 1, 8)).expose_provenance())
            .collect();
        thread::scope(|scope| {
            for part in 0..3 {
                let (heap, blocks) = (&heap, &blocks);
                scope.spawn(move || {
                    for n in (part..count).step_by(3) {
                        let block = ptr::with_exposed_provenance_mut(blocks[n]);
                        assert_eq!(heap.release(block, layout(n % 90 + 1, 8)), Ok(()));
                        let own = heap.allocate(layout(40, 16));
                        assert_eq!(heap.release(own, layout(40, 16)), Ok(()));
                    }
                });
            }
        });
        heap.0.lock();
        heap.0.unlock();
        assert_eq!((heap.0.recheck(), heap.0.live()), (Ok(()), (0, 0)));
    }
}
