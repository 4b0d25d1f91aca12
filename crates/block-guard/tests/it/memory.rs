//! A block on memory of its own, released at the end of its test.
#![expect(
    unsafe_code,
    reason = "the API under test is unsafe: it works on memory that its caller owns"
)]

use block_guard::{GuardedLayout, Violation};
use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};
use std::ptr::NonNull;

/// A block, and what was armed.
pub(crate) struct Memory {
    pub(crate) layout: Layout,
    pub(crate) guarded: GuardedLayout,
    pub(crate) start: NonNull<u8>,
    user: NonNull<u8>,
    owned: bool,
}

/// Sizes around the canaries' and the comparison's steps, alignments up to beyond a page.
pub(crate) fn layouts() -> impl Iterator<Item = Layout> {
    let sizes: &[usize] = if cfg!(miri) {
        &[0, 1, 17, 300]
    } else {
        &[0, 1, 7, 8, 15, 16, 17, 64, 255, 256, 257, 1000]
    };
    sizes.iter().flat_map(|&size| {
        [1, 2, 8, 16, 32, 64, 4096, 8192]
            .map(|align| Layout::from_size_align(size, align).expect("small"))
    })
}

impl Memory {
    /// An armed block for `layout`.
    pub(crate) fn armed(layout: Layout) -> Self {
        let mut memory = Self::raw(layout);
        // SAFETY: `raw` allocated `whole`.
        memory.user = unsafe { block_guard::arm(memory.start, memory.guarded, 0) };
        memory
    }

    /// Memory for a block of `layout`, not armed.
    pub(crate) fn raw(layout: Layout) -> Self {
        let guarded = GuardedLayout::new(layout).expect("a small layout");
        // SAFETY: the guarded size is never zero.
        let start = unsafe { alloc(guarded.whole()) };
        let Some(start) = NonNull::new(start) else {
            handle_alloc_error(guarded.whole());
        };
        Self {
            layout,
            guarded,
            start,
            user: start,
            owned: true,
        }
    }

    /// A second block inside this memory, which has to hold it and to outlive it.
    pub(crate) fn arm_at(&self, at: usize, layout: Layout, note: u64) -> Self {
        let guarded = GuardedLayout::new(layout).expect("a small layout");
        assert!(at + guarded.whole().size() <= self.guarded.whole().size());
        // SAFETY: the line above.
        let start = unsafe { self.start.add(at) };
        // SAFETY: nothing else uses this part of the memory.
        let user = unsafe { block_guard::arm(start, guarded, note) };
        Self {
            layout,
            guarded,
            start,
            user,
            owned: false,
        }
    }

    pub(crate) fn address(&self) -> usize {
        self.user.addr().get()
    }

    pub(crate) fn retire(&self, note: u64) {
        // SAFETY: the tests retire a fresh block.
        unsafe { block_guard::retire(self.user, self.guarded, note) };
    }

    pub(crate) fn disarm(&self) -> NonNull<u8> {
        // SAFETY: the tests disarm an armed block, once.
        unsafe { block_guard::disarm(self.user, self.guarded) }
    }

    pub(crate) fn note(&self) -> u64 {
        // SAFETY: the tests ask for the note of an armed or retired block.
        unsafe { block_guard::note(self.user) }
    }

    pub(crate) fn fill_fresh(&self) {
        // SAFETY: the block is live, and no one has seen it.
        unsafe { block_guard::fill_fresh(self.user, self.guarded) };
    }

    /// Checks a pointer to the byte at `at`, which is at least 48 bytes into initialised bytes.
    pub(crate) fn check_inside(&self, at: usize) -> Result<GuardedLayout, Violation> {
        // SAFETY: `at` lies inside the block.
        let inside = unsafe { self.user.add(at) };
        // SAFETY: 48 initialised bytes are in front.
        unsafe { block_guard::check(inside, None) }
    }

    pub(crate) fn check(&self) -> Result<GuardedLayout, Violation> {
        self.check_as(self.layout)
    }

    pub(crate) fn check_as(&self, claimed: Layout) -> Result<GuardedLayout, Violation> {
        // SAFETY: the header is in front of `user`, written by `arm`.
        unsafe { block_guard::check(self.user, Some(claimed)) }
    }

    pub(crate) fn check_without_claim(&self) -> Result<GuardedLayout, Violation> {
        // SAFETY: as in `check_as`.
        unsafe { block_guard::check(self.user, None) }
    }

    pub(crate) fn check_retired(&self) -> Result<GuardedLayout, Violation> {
        // SAFETY: as in `check_as`.
        unsafe { block_guard::check_retired(self.user) }
    }

    /// Writes one byte of the block: the user's, a canary's or the header's.
    pub(crate) fn write(&self, at: isize, byte: u8) {
        // SAFETY: the tests stay inside the whole block.
        unsafe { self.user.as_ptr().wrapping_offset(at).write(byte) };
    }

    pub(crate) fn read(&self, at: usize) -> u8 {
        // SAFETY: the tests read what was filled.
        unsafe { self.user.as_ptr().wrapping_add(at).read() }
    }

    /// A canary's byte; `None` inside the user's bytes, which may be uninitialised.
    pub(crate) fn read_at(&self, at: isize) -> Option<u8> {
        if (0..self.layout.size().cast_signed()).contains(&at) {
            return None;
        }
        // SAFETY: the caller keeps to the canaries.
        Some(unsafe { self.user.as_ptr().wrapping_offset(at).read() })
    }

    /// The header's bytes.
    pub(crate) fn header(&self) -> [u8; 32] {
        let header = self.user.as_ptr().wrapping_sub(48).cast::<[u8; 32]>();
        // SAFETY: `arm` wrote 32 bytes of header, 48 bytes in front of the user's.
        unsafe { header.read() }
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        if !self.owned {
            return;
        }
        // SAFETY: `raw` allocated this with the same layout.
        unsafe { dealloc(self.start.as_ptr(), self.guarded.whole()) };
    }
}
