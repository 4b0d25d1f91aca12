//! Positions by hash: open addressing with linear probing, in entries of 4 bytes.
//!
//! The lower bits of a hash say where its entry goes; the others stand in the entry, above the position, which needs no
//! more bits than the length of the table has. So what is kept of a hash grows as what is implied by the place shrinks
//! (quotienting: D. E. Knuth, The Art of Computer Programming, volume 3, 6.4, exercise 13). Thirty-one bits of each hash
//! are kept by position, beside: growing and removing call no user code and look at no record.
//!
//! An entry that is removed leaves a mark, unless the next place is empty (a mark in front of it goes too then), and an
//! entry that comes by takes the place of a mark. Marks that are left over are swept out when they are an eighth of the
//! table, by making the entries anew from the hashes, in the same memory. Stepping back in place of marks (the same
//! section, algorithm R) guesses wrongly, for each entry that it meets, whether another follows: a removal took half as
//! long again.

use crate::allocator::Allocator;
use crate::errors::TryReserveError;
use crate::slab::{NOWHERE, Position};
use allocator_api2::vec::Vec;
use core::fmt;

// Safe code by itself; under Miri the tests of the maps run, on keys and allocators that are not.
#[cfg(all(test, not(miri)))]
mod tests;

/// The part of a hash that a table keeps.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Hash(u32);

impl Hash {
    /// That there is an entry with it. Kept up to date only while all positions have one: see `find_vacant`.
    const ENTERED: u32 = 1 << 31;

    /// Takes the lower half, but for one bit.
    #[inline]
    pub(crate) const fn new(hash: u64) -> Self {
        Self(hash as u32 | Self::ENTERED)
    }

    #[inline]
    const fn is_entered(self) -> bool {
        self.0 >= Self::ENTERED
    }
}

/// No entry, and none behind it that came by here. As a position it is none: they are below half the length of the table.
const EMPTY: u32 = u32::MAX;

/// No entry any more. The same holds for it as a position.
const REMOVED: u32 = EMPTY - 1;

/// Where an entry is. Good until the table changes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place(u32);

/// Positions of records by a hash of their keys.
#[derive(Clone)]
pub(crate) struct HashTable<A: Allocator> {
    /// A power of two of entries, four at least, or none.
    entries: Vec<u32, A>,
    /// Of each position.
    hashes: Vec<Hash, A>,
    len: u32,
    /// Places that are not empty: entries, and marks of removed ones.
    used: u32,
}

impl<A: Allocator> HashTable<A> {
    /// An empty table, with an allocator for each of its arrays.
    pub(crate) const fn new_in(entries: A, hashes: A) -> Self {
        Self {
            entries: Vec::new_in(entries),
            hashes: Vec::new_in(hashes),
            len: 0,
            used: 0,
        }
    }

    /// The first entry that has the hash and whose position is accepted. Expected constant time.
    #[inline]
    pub(crate) fn find(
        &self,
        hash: Hash,
        mut accept: impl FnMut(Position) -> bool,
    ) -> Option<(Place, Position)> {
        let mask = self.entries.len().wrapping_sub(1);
        let mut at = hash.0 as usize;
        loop {
            let entry = *self.entries.get(at & mask)?;
            let position = entry & mask as u32;
            if entry ^ hash.0 <= mask as u32 && accept(position) {
                return Some((Place((at & mask) as u32), position));
            }
            // Ends, for a quarter of the places is empty.
            if entry == EMPTY {
                return None;
            }
            at += 1;
        }
    }

    /// The place of a position.
    #[inline]
    pub(crate) fn locate(&self, position: Position) -> Option<Place> {
        let hash = *self.hashes.get(position as usize)?;
        self.find(hash, |found| found == position)
            .map(|(place, _)| place)
    }

    /// Makes sure that `additional` entries more go in without allocating.
    #[inline]
    pub(crate) fn try_reserve(&mut self, additional: usize) -> Result<(), TryReserveError> {
        let Some(needed) = (self.len as usize).checked_add(additional) else {
            return Err(TryReserveError::capacity_overflow());
        };
        // A position is below the most that there have been at once.
        if needed > self.hashes.capacity() {
            let more = needed - self.hashes.len();
            self.hashes
                .try_reserve(more)
                .map_err(|error| TryReserveError::from_vec(&error))?;
        }
        let entries = self.entries.len();
        let used = self.used as usize + additional;
        if needed <= Self::limit(entries) && used <= Self::limit(entries) + entries / 8 {
            Ok(())
        } else {
            self.make_room(needed)
        }
    }

    /// Sweeps marks out, and grows if that is not enough. Changes nothing if there is no memory.
    #[cold]
    fn make_room(&mut self, needed: usize) -> Result<(), TryReserveError> {
        let entries = Self::entries_for(needed)?;
        if entries > self.entries.len() {
            self.entries
                .try_reserve_exact(entries - self.entries.len())
                .map_err(|error| TryReserveError::from_vec(&error))?;
        }
        self.find_vacant();
        self.refill(entries.max(self.entries.len()));
        Ok(())
    }

    /// How long a table must be for so many entries.
    fn entries_for(needed: usize) -> Result<usize, TryReserveError> {
        let mut sizes = [0]
            .into_iter()
            .chain((2..=32).map_while(|bits| 1_usize.checked_shl(bits)));
        sizes
            .find(|entries| Self::limit(*entries) >= needed)
            .ok_or_else(TryReserveError::capacity_overflow)
    }

    /// The most entries that a table of a length takes: a quarter in a table that the nearest caches can hold, since a
    /// search that takes one step is seldom guessed wrongly by the processor; half in a large one, since memory counts.
    #[inline]
    const fn limit(entries: usize) -> usize {
        if entries <= 1 << 14 {
            entries / 4
        } else {
            entries / 2
        }
    }

    /// Says of each hash whether there is an entry with it.
    ///
    /// A removal does not, to spare the processor a line of memory that it needs for nothing else.
    fn find_vacant(&mut self) {
        if self.hashes.len() == self.len as usize {
            return;
        }
        for hash in &mut self.hashes {
            hash.0 &= !Hash::ENTERED;
        }
        let mask = self.entries.len().wrapping_sub(1) as u32;
        for entry in self.entries.iter().filter(|entry| **entry < REMOVED) {
            self.hashes[(entry & mask) as usize].0 |= Hash::ENTERED;
        }
    }

    /// Makes the entries anew from the hashes that say that they have one.
    fn refill(&mut self, entries: usize) {
        self.entries.clear();
        self.entries.resize(entries, EMPTY);
        self.used = 0;
        for position in 0..self.hashes.len() {
            let hash = self.hashes[position];
            if hash.is_entered() {
                self.enter(hash, position as Position);
            }
        }
    }

    #[inline]
    fn enter(&mut self, hash: Hash, position: Position) {
        let mask = self.entries.len() - 1;
        let mut at = hash.0 as usize;
        while self.entries[at & mask] < REMOVED {
            at += 1;
        }
        let place = &mut self.entries[at & mask];
        self.used += u32::from(*place == EMPTY);
        *place = hash.0 & !(mask as u32) | position;
    }

    /// Inserts an entry; room for it must be reserved.
    #[inline]
    pub(crate) fn insert(&mut self, hash: Hash, position: Position) {
        match self.hashes.get_mut(position as usize) {
            Some(kept) => *kept = hash,
            None => self.hashes.resize(position as usize + 1, hash),
        }
        self.enter(hash, position);
        self.len += 1;
    }

    /// Removes the entry at a place. Expected constant time.
    #[inline]
    pub(crate) fn remove(&mut self, place: Place) {
        let mask = self.entries.len() - 1;
        let at = place.0 as usize;
        let is_last = self.entries[(at + 1) & mask] == EMPTY;
        let before = at.wrapping_sub(1) & mask;
        // No choice is a branch: nothing tells the processor what stands around an entry.
        self.entries[at] = if is_last { EMPTY } else { REMOVED };
        let before = &mut self.entries[before];
        let ends = is_last & (*before == REMOVED);
        *before = if ends { EMPTY } else { *before };
        self.used -= u32::from(is_last) + u32::from(ends);
        self.len -= 1;
    }

    pub(crate) fn clear(&mut self) {
        self.hashes.clear();
        self.entries.fill(EMPTY);
        self.len = 0;
        self.used = 0;
    }

    /// Moves the entries to other positions, told where by a table ([`NOWHERE`]: there is none). They move down, in order.
    pub(crate) fn remap(&mut self, moved: &[Position]) {
        for (from, to) in moved.iter().enumerate().filter(|(_, to)| **to != NOWHERE) {
            self.hashes[*to as usize] = self.hashes[from];
        }
        self.hashes.truncate(self.len as usize);
        self.refill(self.entries.len());
    }

    /// Gives back the memory that is not needed for `min_capacity` entries and those there are.
    pub(crate) fn shrink(&mut self, min_capacity: usize) {
        let entries = Self::entries_for(min_capacity.max(self.hashes.len()))
            .unwrap_or(usize::MAX)
            .min(self.entries.len());
        self.find_vacant();
        self.refill(entries);
        // The allocator comes last, for it may panic.
        self.hashes.shrink_to(min_capacity);
        self.entries.shrink_to_fit();
    }

    /// Removes the entries whose position is not kept. Allocates nothing.
    pub(crate) fn retain(&mut self, mut keep: impl FnMut(Position) -> bool) {
        self.find_vacant();
        for (position, hash) in self.hashes.iter_mut().enumerate() {
            if hash.is_entered() && !keep(position as Position) {
                hash.0 &= !Hash::ENTERED;
                self.len -= 1;
            }
        }
        self.refill(self.entries.len());
    }

    /// The positions, in no order.
    pub(crate) fn positions(&self) -> impl Iterator<Item = Position> {
        let mask = self.entries.len().wrapping_sub(1) as u32;
        self.entries
            .iter()
            .filter(|entry| **entry < REMOVED)
            .map(move |entry| entry & mask)
    }

    /// Says what is wrong with the arrays, if anything.
    pub(crate) fn check(&self) -> Result<(), alloc::string::String> {
        let full = self.positions().count();
        if full != self.len as usize {
            return Err(alloc::format!(
                "the table counts {} entries and has {full}",
                self.len
            ));
        }
        if full > Self::limit(self.entries.len()) {
            return Err(alloc::format!(
                "{full} entries are too many for {}",
                self.entries.len()
            ));
        }
        let used = self.entries.iter().filter(|entry| **entry != EMPTY);
        if used.count() != self.used as usize {
            return Err(alloc::format!("{} places are not in use", self.used));
        }
        if self.used as usize > Self::limit(self.entries.len()) + self.entries.len() / 8 {
            return Err(alloc::format!("{} places are too many in use", self.used));
        }
        match self
            .positions()
            .find(|position| self.locate(*position).is_none())
        {
            Some(position) => Err(alloc::format!("no search comes to position {position}")),
            None => Ok(()),
        }
    }
}

impl<A: Allocator> fmt::Debug for HashTable<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HashTable")
            .field("len", &self.len)
            .field("entries", &self.entries.len())
            .finish_non_exhaustive()
    }
}
