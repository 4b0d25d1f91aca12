//! Registrations as C names them: in the slots that the loop has them in.

use std::rc::Rc;

use evloop::Token;

use super::abi::CallbackFn;
use super::id::{Id, SLOTS};
use super::owned::Owned;
use super::status::Status;

/// What was registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Io,
    Timer {
        /// Removed once it was due.
        is_removed: bool,
        is_periodic: bool,
        is_armed: bool,
    },
    Signal,
}

pub(super) struct Watch {
    pub(super) token: Token,
    pub(super) kind: Kind,
    pub(super) call: CallbackFn,
    pub(super) owned: Rc<Owned>,
}

struct Slot {
    /// The last handle that was given out for it.
    id: Id,
    watch: Option<Watch>,
}

/// # Invariants
/// 1. A watch stands in the slot of its token, as long as the loop has it.
/// 2. The generation of a slot's handle is the token's above `base`, so that it is later than those of all loops that had this
///    number before.
#[derive(Default)]
pub(super) struct Watches {
    number: usize,
    base: u32,
    slots: Vec<Slot>,
}

impl Watches {
    pub(super) const fn new(number: usize, base: u32) -> Self {
        Self {
            number,
            base,
            slots: Vec::new(),
        }
    }

    /// Room for one more, so that putting it in cannot fail for want of memory.
    pub(super) fn reserve(&mut self) -> Result<(), Status> {
        self.slots.try_reserve(1).map_err(|_| Status::MEMORY)
    }

    /// The handle for a token.
    ///
    /// # Errors
    /// Slots or generations are used up.
    pub(super) fn id_for(&self, token: Token) -> Result<Id, Status> {
        let bits = token.to_bits();
        let (slot, generation) = (bits as u32 as usize, (bits >> 32) as u32);
        let generation = self.base.checked_add(generation).ok_or(Status::LIMIT)?;
        if slot >= SLOTS {
            return Err(Status::LIMIT);
        }
        Ok(Id::watch(self.number, slot, generation))
    }

    pub(super) fn put(&mut self, id: Id, watch: Watch) {
        while self.slots.len() <= id.slot() {
            let id = Id::watch(self.number, self.slots.len(), self.base);
            self.slots.push(Slot { id, watch: None });
        }
        let watch = Some(watch);
        self.slots[id.slot()] = Slot { id, watch };
    }

    /// # Errors
    /// The handle names nothing.
    #[inline]
    pub(super) fn get(&mut self, id: Id) -> Result<&mut Watch, Status> {
        let slot = self.slots.get_mut(id.slot()).ok_or(Status::FOREIGN)?;
        let last = slot.id;
        let watch = slot.watch.as_mut().filter(|_| last == id);
        watch.ok_or_else(|| missing(last, id))
    }

    /// What a slot of the loop's has.
    #[inline]
    pub(super) fn at(&mut self, token: Token) -> Option<(Id, &mut Watch)> {
        let slot = self.slots.get_mut(token.to_bits() as u32 as usize)?;
        let id = slot.id;
        slot.watch.as_mut().map(|watch| (id, watch))
    }

    pub(super) fn take(&mut self, id: Id) -> Option<Watch> {
        let slot = self.slots.get_mut(id.slot())?;
        slot.watch.take_if(|_| slot.id == id)
    }

    pub(super) fn last_generation(&self) -> u32 {
        let generations = self.slots.iter().map(|slot| slot.id.generation());
        generations.max().unwrap_or(self.base).max(self.base)
    }

    pub(super) fn into_owned(self) -> Vec<Rc<Owned>> {
        let watches = self.slots.into_iter().filter_map(|slot| slot.watch);
        watches.map(|watch| watch.owned).collect()
    }
}

#[cold]
fn missing(last: Id, id: Id) -> Status {
    if id.generation() <= last.generation() {
        Status::STALE
    } else {
        Status::FOREIGN
    }
}
