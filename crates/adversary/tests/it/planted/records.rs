//! A map that has each record once, in a slot, and an index of slots in the order of the keys.
//!
//! The bug is one that iddqd had: an entry that knows its slot is removed from the index by its key
//! alone. When `Ord` lies meanwhile, another slot leaves the index, the freed one stays, is used again,
//! and then two places of the index are one record.

use std::cmp::Ordering;

#[derive(Debug)]
pub(crate) struct Records<T> {
    slots: Vec<Option<T>>,
    free: Vec<usize>,
    index: Vec<usize>,
    tie_break: bool,
}

impl<T: Ord> Records<T> {
    pub(crate) fn by_key_alone() -> Self {
        Self::new(false)
    }

    pub(crate) fn by_key_and_slot() -> Self {
        Self::new(true)
    }

    fn new(tie_break: bool) -> Self {
        Self {
            slots: Vec::new(),
            free: Vec::new(),
            index: Vec::new(),
            tie_break,
        }
    }

    /// Inserts unless the key is there.
    pub(crate) fn insert(&mut self, record: T) -> bool {
        let Err(place) = self.search(&record) else {
            return false;
        };
        let slot = self.free.pop().unwrap_or(self.slots.len());
        if slot == self.slots.len() {
            self.slots.push(None);
        }
        self.slots[slot] = Some(record);
        self.index.insert(place, slot);
        true
    }

    /// The slot of a record, which [`remove_slot`](Self::remove_slot) takes.
    pub(crate) fn slot_of(&self, key: &T) -> Option<usize> {
        self.search(key).ok().map(|place| self.index[place])
    }

    pub(crate) fn remove_slot(&mut self, slot: usize) -> Option<T> {
        let place = if self.tie_break {
            self.index.iter().position(|it| *it == slot)
        } else {
            let key = self.slots[slot].as_ref()?;
            self.search(key).ok()
        };
        self.index.remove(place?);
        self.free.push(slot);
        self.slots[slot].take()
    }

    /// The slots that `iter_mut` would lend, in its order.
    pub(crate) fn lent(&self) -> Vec<usize> {
        self.index.clone()
    }

    fn search(&self, key: &T) -> Result<usize, usize> {
        self.index.binary_search_by(|slot| {
            let record = self.slots[*slot].as_ref();
            record.map_or(Ordering::Less, |it| it.cmp(key))
        })
    }
}
