//! What stands for the events that are pending or active: a copy of what their callers said, so that nothing of a caller's
//! memory is looked at when something happens.

use std::collections::HashMap;
use std::ffi::{c_int, c_short, c_void};
use std::hash::{BuildHasherDefault, Hasher};
use std::time::Duration;

use evloop::Token;

use super::layout::{Callback, EV_CLOSED, EV_READ, EV_SIGNAL, EV_TIMEOUT, EV_WRITE, Event};

/// A slot and its generation, which is never 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Id {
    pub(super) slot: u32,
    pub(super) generation: u32,
}

impl Id {
    pub(super) const fn to_bits(self) -> u64 {
        (self.generation as u64) << 32 | self.slot as u64
    }

    pub(super) const fn from_bits(bits: u64) -> Self {
        Self {
            slot: bits as u32,
            generation: (bits >> 32) as u32,
        }
    }
}

/// One event that is pending or active.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    /// Of the caller's structure, to know it again and never to look at it; 0 where there is none.
    pub(super) address: usize,
    pub(super) fd: c_int,
    pub(super) events: c_short,
    pub(super) callback: Callback,
    pub(super) argument: *mut c_void,
    /// Its descriptor or signal is watched.
    pub(super) is_inserted: bool,
    /// What it was activated with, and how often its signal came.
    pub(super) active: c_short,
    pub(super) calls: c_short,
    /// How long it waits each time, if it stays.
    pub(super) interval: Option<Duration>,
    /// On the loop's clock.
    pub(super) deadline: Option<Duration>,
    pub(super) io: Option<Token>,
    pub(super) timer: Option<Token>,
}

impl Entry {
    pub(super) const fn new(
        address: usize,
        fd: c_int,
        events: c_short,
        callback: Callback,
        argument: *mut c_void,
    ) -> Self {
        Self {
            address,
            fd,
            events,
            callback,
            argument,
            is_inserted: false,
            active: 0,
            calls: 0,
            interval: None,
            deadline: None,
            io: None,
            timer: None,
        }
    }

    /// Of an event that its caller assigned.
    pub(super) fn of(address: usize, event: &Event, callback: Callback) -> Self {
        Self::new(address, event.fd, event.events, callback, event.argument)
    }

    /// What `event_pending` tells of.
    pub(super) const fn pending(&self) -> c_short {
        let mut flags = self.active;
        if self.is_inserted {
            flags |= self.events & (EV_READ | EV_WRITE | EV_CLOSED | EV_SIGNAL);
        }
        if self.deadline.is_some() {
            flags |= EV_TIMEOUT;
        }
        flags
    }
}

#[derive(Debug)]
struct Slot {
    generation: u32,
    entry: Option<Entry>,
}

/// # Invariants
/// 1. An id names at most one entry for good: a slot's generation grows when its entry goes, and a slot that has had all
///    of them is given up.
/// 2. `by_address` has exactly the entries that have an address.
#[derive(Debug)]
pub(super) struct Shadows {
    slots: Vec<Slot>,
    free: Vec<u32>,
    by_address: HashMap<usize, Id, BuildHasherDefault<Mix>>,
    len: usize,
}

impl Shadows {
    pub(super) const fn new() -> Self {
        Self {
            slots: Vec::new(),
            free: Vec::new(),
            by_address: HashMap::with_hasher(BuildHasherDefault::new()),
            len: 0,
        }
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// An address has one entry: that of before, if any, is to be removed first.
    pub(super) fn insert(&mut self, entry: Entry) -> Id {
        self.len += 1;
        let slot = self.free.pop().unwrap_or_else(|| {
            self.slots.push(Slot {
                generation: 1,
                entry: None,
            });
            self.slots.len() as u32 - 1
        });
        let place = &mut self.slots[slot as usize];
        place.entry = Some(entry);
        let generation = place.generation;
        let id = Id { slot, generation };
        if entry.address != 0 {
            self.by_address.insert(entry.address, id);
        }
        id
    }

    #[inline]
    pub(super) fn get_mut(&mut self, id: Id) -> Option<&mut Entry> {
        let slot = self.slots.get_mut(id.slot as usize)?;
        let is_it = slot.generation == id.generation;
        slot.entry.as_mut().filter(|_| is_it)
    }

    pub(super) fn remove(&mut self, id: Id) -> Option<Entry> {
        self.get_mut(id)?;
        let slot = self.slots.get_mut(id.slot as usize)?;
        let entry = slot.entry.take()?;
        slot.generation = slot.generation.wrapping_add(1);
        if slot.generation != 0 {
            self.free.push(id.slot);
        }
        self.len -= 1;
        if entry.address != 0 {
            self.by_address.remove(&entry.address);
        }
        Some(entry)
    }

    /// The entry that an event's own memory names, if it is of this event.
    #[inline]
    pub(super) fn find(&mut self, address: usize, event: &Event) -> Option<Id> {
        let id = Id {
            slot: event.slot,
            generation: event.generation,
        };
        let entry = self.get_mut(id)?;
        (entry.address == address).then_some(id)
    }

    /// The entry of the event that stands at an address, whose memory need not be readable as one.
    pub(super) fn at(&self, address: usize) -> Option<Id> {
        self.by_address.get(&address).copied()
    }

    /// Takes all out.
    pub(super) fn clear(&mut self) {
        for slot in 0..self.slots.len() as u32 {
            let generation = self.slots[slot as usize].generation;
            self.remove(Id { slot, generation });
        }
    }
}

/// Of an address: multiplication by an odd constant (Fibonacci hashing, Knuth volume 3, 6.4).
#[derive(Debug, Default)]
struct Mix(u64);

impl Hasher for Mix {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_usize(usize::from(*byte));
        }
    }

    #[inline]
    fn write_usize(&mut self, value: usize) {
        let mixed = (self.0 ^ value as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        // The table takes the highest bits and the lowest ones.
        self.0 = mixed ^ mixed >> 32;
    }
}

#[cfg(test)]
mod tests {
    use super::{Callback, Entry, Id, Shadows};

    unsafe extern "C" fn nothing(_: i32, _: i16, _: *mut std::ffi::c_void) {}

    fn entry(address: usize) -> Entry {
        let callback: Callback = nothing;
        Entry::new(address, 3, 2, callback, std::ptr::null_mut())
    }

    #[test]
    fn an_id_names_nothing_once_its_entry_is_gone() {
        let mut shadows = Shadows::new();
        let first = shadows.insert(entry(8));
        assert_eq!(shadows.at(8), Some(first));
        assert!(shadows.remove(first).is_some() && shadows.remove(first).is_none());
        assert_eq!((shadows.at(8), shadows.is_empty()), (None, true));
        let second = shadows.insert(entry(16));
        assert_eq!(second.slot, first.slot);
        assert!(shadows.get_mut(first).is_none());
        assert_eq!(Id::from_bits(second.to_bits()), second);
        shadows.clear();
        assert!(shadows.get_mut(second).is_none() && shadows.at(16).is_none());
    }

    #[test]
    fn a_slot_that_has_had_all_generations_is_given_up() {
        let mut shadows = Shadows::new();
        shadows.insert(entry(0));
        shadows.slots[0].generation = u32::MAX;
        let last = Id {
            slot: 0,
            generation: u32::MAX,
        };
        assert!(shadows.remove(last).is_some());
        assert_eq!(shadows.insert(entry(0)).slot, 1);
        let never = Id {
            slot: 0,
            generation: 0,
        };
        assert!(shadows.get_mut(never).is_none());
    }
}
