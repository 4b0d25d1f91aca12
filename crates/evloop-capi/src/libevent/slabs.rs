//! Blocks of one type that are used again and never given back to the allocator: a pointer to one that was freed is still
//! a pointer to memory of that type, which says that it is free.

use std::alloc::{Layout, alloc};
use std::collections::{BTreeMap, VecDeque};
use std::mem::size_of;

use crate::sync::{Mutex, lock};

/// A slab's size and alignment.
const SLAB: usize = 16 * 1024;
/// Free blocks that are not used again yet, so that a pointer to one says for a while that it is free.
const RESTING: usize = 32;

/// # Invariants
/// 1. A block is in `free` exactly if it is not marked in its slab.
/// 2. Every block of a slab is a valid value at any time.
#[derive(Debug)]
pub(super) struct Slabs<T: Copy> {
    inner: Mutex<Inner>,
    blank: T,
}

#[derive(Debug)]
struct Inner {
    free: VecDeque<usize>,
    /// By address, which blocks are in use.
    slabs: BTreeMap<usize, Vec<bool>>,
}

impl<T: Copy> Slabs<T> {
    const BLOCKS: usize = SLAB / size_of::<T>();

    pub(super) const fn new(blank: T) -> Self {
        Self {
            inner: Mutex::new(Inner {
                free: VecDeque::new(),
                slabs: BTreeMap::new(),
            }),
            blank,
        }
    }

    /// A block; null where there is no memory.
    pub(super) fn take(&self) -> *mut T {
        let mut inner = lock(&self.inner);
        if inner.free.len() <= RESTING && !self.grow(&mut inner) {
            return std::ptr::null_mut();
        }
        let Some(address) = inner.free.pop_front() else {
            return std::ptr::null_mut();
        };
        if let Some(mark) = inner.mark::<T>(address) {
            *mark = true;
        }
        std::ptr::with_exposed_provenance_mut(address)
    }

    /// Whether it is a block that is in use. The memory it points to is not looked at.
    pub(super) fn has(&self, block: *const T) -> bool {
        let mut inner = lock(&self.inner);
        inner.mark::<T>(block.addr()).is_some_and(|it| *it)
    }

    /// Takes a block back, blank. `false` if it is none, or free already.
    pub(super) fn give_back(&self, block: *mut T) -> bool {
        let mut inner = lock(&self.inner);
        let Some(mark) = inner.mark::<T>(block.addr()).filter(|it| **it) else {
            return false;
        };
        *mark = false;
        inner.free.push_back(block.addr());
        let block = std::ptr::with_exposed_provenance_mut::<T>(block.addr());
        // SAFETY: a block of a slab, which nobody uses any more.
        unsafe { block.write(self.blank) };
        true
    }

    fn grow(&self, inner: &mut Inner) -> bool {
        let Ok(layout) = Layout::from_size_align(SLAB, SLAB) else {
            return false;
        };
        // SAFETY: its size is not 0.
        let slab = unsafe { alloc(layout) }.cast::<T>();
        if slab.is_null() {
            return false;
        }
        let address = slab.expose_provenance();
        for number in 0..Self::BLOCKS {
            // SAFETY: the slab has as many blocks.
            let block = unsafe { slab.add(number) };
            // SAFETY: in the slab, and nobody else's yet; aligned as the slab is.
            unsafe { block.write(self.blank) };
            inner.free.push_back(address + number * size_of::<T>());
        }
        inner.slabs.insert(address, vec![false; Self::BLOCKS]);
        true
    }
}

impl Inner {
    /// The mark of a block; `None` for what is no block.
    fn mark<T>(&mut self, address: usize) -> Option<&mut bool> {
        let marks = self.slabs.get_mut(&(address & !(SLAB - 1)))?;
        let offset = address & (SLAB - 1);
        if !offset.is_multiple_of(size_of::<T>()) {
            return None;
        }
        marks.get_mut(offset / size_of::<T>())
    }
}

#[cfg(test)]
mod tests {
    use super::Slabs;

    #[test]
    fn a_block_is_given_back_once_and_rests_before_it_is_used_again() {
        let slabs = Slabs::new([0_u64; 4]);
        let block = slabs.take();
        assert!(slabs.has(block));
        // SAFETY: a block in use.
        unsafe { block.write([7; 4]) };
        assert!(slabs.give_back(block));
        assert!(!slabs.give_back(block) && !slabs.has(block));
        // SAFETY: still memory of this type.
        assert_eq!(unsafe { block.read() }, [0; 4]);
        assert!((0..32).all(|_| slabs.take() != block));
    }

    #[test]
    fn what_is_no_block_is_not_given_back() {
        let slabs = Slabs::new([0_u64; 4]);
        let mut own = [0; 4];
        assert!(!slabs.give_back(&raw mut own));
        let block = slabs.take();
        assert!(!slabs.give_back(block.cast::<u64>().wrapping_add(1).cast()));
        assert!(slabs.give_back(block));
    }
}
