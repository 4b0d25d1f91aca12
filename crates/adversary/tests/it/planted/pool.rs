//! Pools that give out places of a made-up address space.

use std::alloc::Layout;

/// Slots of 16 bytes from `BASE` on.
const BASE: usize = 0x1000;
const SLOT: usize = 16;

#[derive(Debug)]
pub(crate) struct Pool {
    free: Vec<usize>,
    used: usize,
    bug: Bug,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bug {
    None,
    /// Takes one slot for whatever fits into two.
    RoundsDown,
    /// Puts a slot on the free list when it gives it out, too.
    FreesWhatItGives,
    /// Places blocks one behind the other, wherever that is.
    ForgetsAlignment,
}

impl Pool {
    pub(crate) fn with(bug: Bug) -> Self {
        Self {
            free: Vec::new(),
            used: 0,
            bug,
        }
    }

    pub(crate) fn allocate(&mut self, layout: Layout) -> usize {
        if self.bug == Bug::ForgetsAlignment {
            self.used += layout.size();
            return BASE + self.used - layout.size();
        }
        let slots = match self.bug {
            Bug::RoundsDown => (layout.size() / SLOT).max(1),
            _ => layout.size().div_ceil(SLOT),
        };
        if slots == 1
            && let Some(address) = self.free.pop()
        {
            return address;
        }
        let address = BASE + SLOT * self.used;
        self.used += slots;
        if self.bug == Bug::FreesWhatItGives {
            self.free.push(address);
        }
        address
    }

    pub(crate) fn free(&mut self, address: usize, layout: Layout) {
        if layout.size() <= SLOT {
            self.free.push(address);
        }
    }
}
