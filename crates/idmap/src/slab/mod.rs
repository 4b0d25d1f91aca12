//! Where the records are: a vector of slots, with a chain of the vacant ones.

use crate::allocator::Allocator;
use crate::errors::TryReserveError;
use allocator_api2::vec::Vec;
use core::iter::FusedIterator;
use core::{fmt, mem, slice};

// Safe code by itself; under Miri the tests of the maps run, on keys and allocators that are not.
#[cfg(all(test, not(miri)))]
mod tests;

/// Where a record is in its slab, for as long as it stays in the map and nothing compacts it.
pub(crate) type Position = u32;

/// No position: the end of a chain.
pub(crate) const NOWHERE: Position = u32::MAX;

#[derive(Clone)]
enum Slot<T> {
    Occupied { generation: u32, item: T },
    Vacant { generation: u32, next: Position },
}

impl<T> Slot<T> {
    #[inline]
    const fn item(&self) -> Option<&T> {
        match self {
            Self::Occupied { item, .. } => Some(item),
            Self::Vacant { .. } => None,
        }
    }

    #[inline]
    const fn item_mut(&mut self) -> Option<&mut T> {
        match self {
            Self::Occupied { item, .. } => Some(item),
            Self::Vacant { .. } => None,
        }
    }
}

/// Records by position.
///
/// A vacant slot is used again before a new one is made, the youngest first. The generation of a slot grows when
/// its record leaves, so that a handle knows its record from those that come after.
pub(crate) struct Slab<T, A: Allocator> {
    slots: Vec<Slot<T>, A>,
    free: Position,
    len: u32,
    /// At least every generation that a slot has had: what slots that are pushed start with.
    youngest: u32,
}

impl<T, A: Allocator> Slab<T, A> {
    #[inline]
    pub(crate) const fn new_in(alloc: A) -> Self {
        Self {
            slots: Vec::new_in(alloc),
            free: NOWHERE,
            len: 0,
            youngest: 0,
        }
    }

    pub(crate) fn allocator(&self) -> &A {
        self.slots.allocator()
    }

    #[inline]
    pub(crate) const fn len(&self) -> usize {
        self.len as usize
    }

    pub(crate) fn capacity(&self) -> usize {
        self.slots.capacity()
    }

    /// Slots, vacant ones too.
    pub(crate) fn slots(&self) -> usize {
        self.slots.len()
    }

    #[inline]
    pub(crate) fn get(&self, position: Position) -> Option<&T> {
        self.slots.get(position as usize)?.item()
    }

    #[inline]
    pub(crate) fn get_mut(&mut self, position: Position) -> Option<&mut T> {
        self.slots.get_mut(position as usize)?.item_mut()
    }

    /// The records at several positions, in their order; not those that are not there, nor one that was named before.
    pub(crate) fn many_mut(&mut self, positions: &[Position]) -> alloc::vec::Vec<&mut T> {
        let mut order: alloc::vec::Vec<usize> = (0..positions.len()).collect();
        let mut found: alloc::vec::Vec<Option<&mut T>> = positions.iter().map(|_| None).collect();
        self.lend(&mut order, |at| Some(positions[at]), &mut found);
        found.into_iter().flatten().collect()
    }

    /// The records at several positions; `None` where there is none, and for a position that was named before.
    pub(crate) fn get_disjoint_mut<const N: usize>(
        &mut self,
        wanted: [Option<Position>; N],
    ) -> [Option<&mut T>; N] {
        let mut found = [const { None }; N];
        let mut order: [usize; N] = core::array::from_fn(|at| at);
        self.lend(&mut order, |at| wanted[at], &mut found);
        found
    }

    /// Lends the records that are wanted, in one walk over the slots. `order` has the places of `found`, each once.
    fn lend<'a>(
        &'a mut self,
        order: &mut [usize],
        wanted: impl Fn(usize) -> Option<Position>,
        found: &mut [Option<&'a mut T>],
    ) {
        order.sort_unstable_by_key(|at| wanted(*at));
        let mut slots = self.slots.iter_mut();
        let mut next = 0;
        for at in order {
            // A position that was taken is before `next`.
            let Some(skip) = wanted(*at).and_then(|position| position.checked_sub(next)) else {
                continue;
            };
            let Some(slot) = slots.nth(skip as usize) else {
                break;
            };
            found[*at] = slot.item_mut();
            next += skip + 1;
        }
    }

    /// Makes sure that `additional` records more can be inserted without allocating.
    #[inline]
    pub(crate) fn try_reserve(&mut self, additional: usize) -> Result<(), TryReserveError> {
        let vacant = self.slots.len() - self.len();
        let pushes = additional.saturating_sub(vacant);
        if pushes > NOWHERE as usize - self.slots.len() {
            return Err(TryReserveError::capacity_overflow());
        }
        if pushes > self.slots.capacity() - self.slots.len() {
            self.slots
                .try_reserve(pushes)
                .map_err(|error| TryReserveError::from_vec(&error))?;
        }
        Ok(())
    }

    /// Where the next record will go.
    #[inline]
    pub(crate) fn next_position(&self) -> Position {
        if self.free == NOWHERE {
            self.slots.len() as Position
        } else {
            self.free
        }
    }

    /// Puts a record into a vacant slot, or a new one. Room for it must be reserved, or this may allocate.
    #[inline]
    pub(crate) fn insert(&mut self, item: T) -> Position {
        self.len += 1;
        let position = self.free;
        if let Some(slot) = self.slots.get_mut(position as usize) {
            let Slot::Vacant { generation, next } = *slot else {
                unreachable!("the chain of vacant slots has an occupied one")
            };
            self.free = next;
            *slot = Slot::Occupied { generation, item };
            position
        } else {
            let position = u32::try_from(self.slots.len()).expect("at most 2^32 - 1 records");
            self.slots.push(Slot::Occupied {
                generation: self.youngest,
                item,
            });
            position
        }
    }

    #[inline]
    pub(crate) fn remove(&mut self, position: Position) -> Option<T> {
        let slot = self.slots.get_mut(position as usize)?;
        slot.item()?;
        let vacant = Slot::Vacant {
            generation: 0,
            next: self.free,
        };
        let Slot::Occupied { generation, item } = mem::replace(slot, vacant) else {
            return None;
        };
        let generation = generation.wrapping_add(1);
        if let Slot::Vacant {
            generation: kept, ..
        } = slot
        {
            *kept = generation;
        }
        self.youngest = self.youngest.max(generation);
        self.free = position;
        self.len -= 1;
        Some(item)
    }

    /// Puts another record in the place of one. Handles to the slot mean the new one from here on.
    ///
    /// # Panics
    ///
    /// If there is none.
    #[inline]
    pub(crate) fn replace(&mut self, position: Position, item: T) -> T {
        mem::replace(
            self.get_mut(position).expect("the position is of a record"),
            item,
        )
    }

    /// Drops every record. Handles stay stale, since the slots to come are younger.
    pub(crate) fn clear(&mut self) {
        self.youngest = self.youngest.wrapping_add(1);
        self.free = NOWHERE;
        self.len = 0;
        self.slots.clear();
    }

    /// Moves the records together, in their order. Returns where each went ([`NOWHERE`] for vacant slots), or `None`
    /// if all stayed, which they do too if there is no memory for this list.
    pub(crate) fn compact(&mut self) -> Option<alloc::vec::Vec<Position>> {
        if self.slots.len() == self.len() {
            return None;
        }
        let mut moved = alloc::vec::Vec::new();
        moved.try_reserve_exact(self.slots.len()).ok()?;
        self.youngest = self.youngest.wrapping_add(1);
        let mut to = 0;
        for from in 0..self.slots.len() {
            if let Slot::Occupied { generation, .. } = &mut self.slots[from] {
                if to != from {
                    *generation = self.youngest;
                    self.slots.swap(to, from);
                }
                moved.push(to as Position);
                to += 1;
            } else {
                moved.push(NOWHERE);
            }
        }
        self.slots.truncate(to);
        self.free = NOWHERE;
        Some(moved)
    }

    pub(crate) fn shrink_to(&mut self, min_capacity: usize) {
        self.slots.shrink_to(min_capacity);
    }

    /// The generation of a record, for a handle.
    pub(crate) fn generation(&self, position: Position) -> Option<u32> {
        match self.slots.get(position as usize)? {
            Slot::Occupied { generation, .. } => Some(*generation),
            Slot::Vacant { .. } => None,
        }
    }

    #[inline]
    pub(crate) fn iter(&self) -> Iter<'_, T> {
        Iter {
            slots: self.slots.iter(),
            remaining: self.len(),
        }
    }

    #[inline]
    pub(crate) fn iter_mut(&mut self) -> IterMut<'_, T> {
        IterMut {
            remaining: self.len(),
            slots: self.slots.iter_mut(),
        }
    }

    #[inline]
    pub(crate) fn into_iter(self) -> IntoIter<T, A> {
        IntoIter {
            remaining: self.len(),
            slots: self.slots.into_iter(),
        }
    }

    /// Records with their positions, in the order of slots.
    pub(crate) fn enumerate(&self) -> impl Iterator<Item = (Position, &T)> {
        (0..)
            .zip(self.slots.iter())
            .filter_map(|(position, slot)| Some((position, slot.item()?)))
    }

    /// A reference to each record, by slot.
    pub(crate) fn refs_mut(&mut self) -> alloc::vec::Vec<Option<&mut T>> {
        self.slots.iter_mut().map(Slot::item_mut).collect()
    }

    /// Says what is wrong with the chain of vacant slots and the count, if anything.
    pub(crate) fn check(&self) -> Result<(), alloc::string::String> {
        let occupied = self
            .slots
            .iter()
            .filter(|slot| slot.item().is_some())
            .count();
        if occupied != self.len() {
            return Err(alloc::format!(
                "the slab counts {} records and has {occupied}",
                self.len
            ));
        }
        let (mut at, mut vacant) = (self.free, 0);
        while at != NOWHERE {
            match self.slots.get(at as usize) {
                Some(Slot::Vacant { next, .. }) => at = *next,
                Some(Slot::Occupied { .. }) => {
                    return Err(alloc::format!("the chain of vacant slots has record {at}"));
                }
                None => {
                    return Err(alloc::format!(
                        "the chain of vacant slots has {at}, of {} slots",
                        self.slots.len()
                    ));
                }
            }
            vacant += 1;
            if vacant > self.slots.len() {
                return Err("the chain of vacant slots has a cycle".into());
            }
        }
        if vacant + occupied != self.slots.len() {
            return Err(alloc::format!(
                "{vacant} vacant slots are in the chain, of {}",
                self.slots.len() - occupied
            ));
        }
        Ok(())
    }
}

impl<T: Clone, A: Allocator + Clone> Clone for Slab<T, A> {
    fn clone(&self) -> Self {
        Self {
            slots: self.slots.clone(),
            free: self.free,
            len: self.len,
            youngest: self.youngest,
        }
    }
}

impl<T, A: Allocator> fmt::Debug for Slab<T, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Slab")
            .field("len", &self.len)
            .field("slots", &self.slots.len())
            .finish_non_exhaustive()
    }
}

macro_rules! iterator {
    ($name:ident<$($life:lifetime,)? T $(, $A:ident)?>, $item:ty, $slot:pat => $value:expr) => {
        impl<$($life,)? T $(, $A: Allocator)?> Iterator for $name<$($life,)? T $(, $A)?> {
            type Item = $item;

            #[inline]
            fn next(&mut self) -> Option<$item> {
                for slot in self.slots.by_ref() {
                    if let $slot = slot {
                        self.remaining -= 1;
                        return Some($value);
                    }
                }
                None
            }

            #[inline]
            fn size_hint(&self) -> (usize, Option<usize>) {
                (self.remaining, Some(self.remaining))
            }
        }

        impl<$($life,)? T $(, $A: Allocator)?> DoubleEndedIterator for $name<$($life,)? T $(, $A)?> {
            #[inline]
            fn next_back(&mut self) -> Option<$item> {
                while let Some(slot) = self.slots.next_back() {
                    if let $slot = slot {
                        self.remaining -= 1;
                        return Some($value);
                    }
                }
                None
            }
        }

        impl<$($life,)? T $(, $A: Allocator)?> ExactSizeIterator for $name<$($life,)? T $(, $A)?> {}
        impl<$($life,)? T $(, $A: Allocator)?> FusedIterator for $name<$($life,)? T $(, $A)?> {}

        impl<$($life,)? T $(, $A: Allocator)?> fmt::Debug for $name<$($life,)? T $(, $A)?> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name)).field("remaining", &self.remaining).finish_non_exhaustive()
            }
        }
    };
}

/// Records in the order of slots.
pub(crate) struct Iter<'a, T> {
    slots: slice::Iter<'a, Slot<T>>,
    remaining: usize,
}
iterator!(Iter<'a, T>, &'a T, Slot::Occupied { item, .. } => item);

impl<T> Clone for Iter<'_, T> {
    fn clone(&self) -> Self {
        Self {
            slots: self.slots.clone(),
            remaining: self.remaining,
        }
    }
}

impl<T> Default for Iter<'_, T> {
    fn default() -> Self {
        Self {
            slots: [].iter(),
            remaining: 0,
        }
    }
}

/// Records in the order of slots, to change.
pub(crate) struct IterMut<'a, T> {
    slots: slice::IterMut<'a, Slot<T>>,
    remaining: usize,
}
iterator!(IterMut<'a, T>, &'a mut T, Slot::Occupied { item, .. } => item);

/// Records in the order of slots, for good.
pub(crate) struct IntoIter<T, A: Allocator> {
    slots: allocator_api2::vec::IntoIter<Slot<T>, A>,
    remaining: usize,
}
iterator!(IntoIter<T, A>, T, Slot::Occupied { item, .. } => item);
