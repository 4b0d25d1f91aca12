//! Which scope lies in which, which slots are free, and which wait for their last blocks. All of it is under one lock:
//! it is taken when a scope begins, when it ends, and for a look at scopes with others inside.

use super::bounds::{SLOT_CHUNKS, SLOTS_PER_CHUNK};
use super::slot::Slot;
use crate::raw::directory::Directory;
use crate::sync::{AtomicU32, Ordering};

pub(super) type Slots = Directory<Slot, SLOT_CHUNKS, SLOTS_PER_CHUNK>;

/// The heads of the lists; 0, the process, stands for none.
#[derive(Debug)]
pub(crate) struct Tree {
    /// Slots below this were given out at least once.
    used: u32,
    /// The last slot that was given back.
    free: u32,
    lingering_first: u32,
    lingering_last: u32,
}

impl Tree {
    pub(super) const fn new() -> Self {
        Self {
            used: 1,
            free: 0,
            lingering_first: 0,
            lingering_last: 0,
        }
    }

    pub(super) fn push_free(&mut self, index: u32, slots: &Slots) {
        if let Some(slot) = slots.get(index as usize) {
            set(&slot.links.next, self.free);
            self.free = index;
        }
    }

    pub(super) fn pop_free(&mut self, slots: &Slots) -> Option<u32> {
        let index = self.free;
        let slot = slots.get(index as usize).filter(|_| index != 0)?;
        self.free = get(&slot.links.next);
        Some(index)
    }

    /// A slot that was never given out; `None` if there is none, or no memory.
    pub(super) fn fresh(&mut self, slots: &Slots) -> Option<u32> {
        let limit = (SLOT_CHUNKS * SLOTS_PER_CHUNK - 1) as u32;
        if self.used >= limit {
            return None;
        }
        slots.get_or_make(self.used as usize)?;
        self.used += 1;
        Some(self.used - 1)
    }

    pub(super) fn push_lingering(&mut self, index: u32, slots: &Slots) {
        let Some(slot) = slots.get(index as usize) else {
            return;
        };
        set(&slot.links.next, 0);
        slot.links.lingers.store(true, Ordering::Relaxed);
        let last = self.lingering_last;
        match slots.get(last as usize).filter(|_| last != 0) {
            Some(last) => set(&last.links.next, index),
            None => self.lingering_first = index,
        }
        self.lingering_last = index;
    }

    /// The one that was not looked at for longest.
    pub(super) fn pop_lingering(&mut self, slots: &Slots) -> Option<u32> {
        let index = self.lingering_first;
        let slot = slots.get(index as usize).filter(|_| index != 0)?;
        slot.links.lingers.store(false, Ordering::Relaxed);
        self.lingering_first = get(&slot.links.next);
        if self.lingering_first == 0 {
            self.lingering_last = 0;
        }
        Some(index)
    }
}

/// Puts `child` in front of the children of `parent`.
pub(super) fn link(parent: &Slot, child: &Slot, index: u32, slots: &Slots) {
    let first = get(&parent.links.first_child);
    if let Some(first) = sibling(first, slots) {
        set(&first.links.previous_sibling, index);
    }
    set(&child.links.previous_sibling, 0);
    set(&child.links.next_sibling, first);
    set(&parent.links.first_child, index);
}

/// Takes `child` out of the children of `parent`.
pub(super) fn unlink(parent: &Slot, child: &Slot, slots: &Slots) {
    let previous = get(&child.links.previous_sibling);
    let next = get(&child.links.next_sibling);
    match sibling(previous, slots) {
        Some(previous) => set(&previous.links.next_sibling, next),
        None => set(&parent.links.first_child, next),
    }
    if let Some(next) = sibling(next, slots) {
        set(&next.links.previous_sibling, previous);
    }
}

/// The slots inside that of `outer`, at any depth, each after the one that it lies in.
pub(super) fn for_each_inside(
    outer: u32,
    slots: &Slots,
    mut visit: impl FnMut(u32, &'static Slot),
) {
    let mut path = Path { outer, slots };
    let mut at = path.first_child(outer);
    while let Some(index) = at {
        let Some(slot) = slots.get(index as usize) else {
            return;
        };
        visit(index, slot);
        at = path.first_child(index).or_else(|| path.after(index));
    }
}

/// A walk without a stack: scopes may lie in each other as deep as they like.
struct Path<'slots> {
    outer: u32,
    slots: &'slots Slots,
}

impl Path<'_> {
    fn first_child(&self, index: u32) -> Option<u32> {
        some(get(&self.slots.get(index as usize)?.links.first_child))
    }

    /// The next sibling, or that of the innermost scope around that has one.
    fn after(&mut self, mut index: u32) -> Option<u32> {
        while index != self.outer {
            let slot = self.slots.get(index as usize)?;
            if let Some(next) = some(get(&slot.links.next_sibling)) {
                return Some(next);
            }
            index = slot.about().parent.slot() as u32;
        }
        None
    }
}

fn sibling(index: u32, slots: &Slots) -> Option<&'static Slot> {
    slots.get(some(index)? as usize)
}

fn some(index: u32) -> Option<u32> {
    (index != 0).then_some(index)
}

fn get(link: &AtomicU32) -> u32 {
    link.load(Ordering::Relaxed)
}

fn set(link: &AtomicU32, index: u32) {
    link.store(index, Ordering::Relaxed);
}
