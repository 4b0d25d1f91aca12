//! What a map finds its records by: one index or several, hashed or ordered, unique or not.

mod hashed;
mod inserted;
mod sorted;
mod tuples;

use crate::allocator::{Allocator, Global};
use crate::errors::TryReserveError;
use crate::hash_table::{HashTable, Place};
use crate::prefix::Prefix;
use crate::slab::{Position, Slab};
use alloc::string::String;
use alloc::vec::Vec;
use core::marker::PhantomData;
pub(crate) use inserted::InsertedTable;
pub(crate) use sorted::OrdTable;

/// A key that records are hashed by. Implemented by a type that stands for the index.
///
/// # Examples
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/orders.rs")); } use doc::*;
/// struct Cents;
///
/// impl idmap::index::HashKey<Order> for Cents {
///     type Key<'a> = u64;
///     fn key(order: &Order) -> u64 {
///         u64::from(order.price) * 100
///     }
/// }
///
/// let orders: idmap::IndexedMap<Order, (HashedMulti<Cents>,)> = orders().into_iter().collect();
/// assert!(orders.by(Cents).contains(&9_700));
/// ```
pub trait HashKey<T: ?Sized> {
    /// The key, which may borrow from the record.
    type Key<'a>: core::hash::Hash + Eq
    where
        T: 'a;

    /// The key of a record.
    fn key(item: &T) -> Self::Key<'_>;

    /// A number that is equal for equal keys alone, if there is one.
    #[doc(hidden)]
    #[inline]
    fn number(_key: &Self::Key<'_>) -> Option<u64> {
        None
    }
}

/// A key that records are ordered by. Implemented by a type that stands for the index.
///
/// The hash of the key is what tells a [`RefMut`](crate::ref_mut::RefMut) whether the key has changed.
///
/// # Examples
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/orders.rs")); } use doc::*;
/// use std::cmp::Reverse;
///
/// struct Dearest;
///
/// impl OrdKey<Order> for Dearest {
///     type Key<'a> = Reverse<u32>;
///     fn key(order: &Order) -> Reverse<u32> {
///         Reverse(order.price)
///     }
/// }
///
/// let orders: idmap::IndexedMap<Order, (OrderedMulti<Dearest>,)> = orders().into_iter().collect();
/// assert_eq!(orders.by(Dearest).first().map(|order| order.price), Some(100));
/// ```
pub trait OrdKey<T: ?Sized> {
    /// The key, which may borrow from the record.
    type Key<'a>: Ord + core::hash::Hash
    where
        T: 'a;

    /// The key of a record.
    fn key(item: &T) -> Self::Key<'_>;

    /// A number that agrees with the order of keys, if there is one.
    #[doc(hidden)]
    #[inline]
    fn prefix<'k, 'a>(_key: &'k Self::Key<'a>) -> Option<Prefix<'k>>
    where
        T: 'a,
    {
        None
    }
}

/// An index by a unique [`HashKey`].
///
/// # Examples
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/orders.rs")); } use doc::*;
/// let mut orders: idmap::IndexedMap<Order, (Hashed<Id>,)> = orders().into_iter().collect();
/// assert!(orders.insert_unique(Order { id: 3, price: 1, trader: "eve" }).is_err());
/// ```
pub struct Hashed<K>(PhantomData<fn() -> K>);

/// An index by a unique [`HashKey`] that knows the order in which records were inserted.
///
/// # Examples
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/orders.rs")); } use doc::*;
/// let orders: idmap::IndexedMap<Order, (Inserted<Id>, OrderedMulti<Price>)> = orders().into_iter().collect();
/// assert_eq!(orders.by(Id).get_index(2).map(|order| order.price), Some(98));
/// ```
pub struct Inserted<K>(PhantomData<fn() -> K>);

/// An index by a unique [`OrdKey`].
///
/// # Examples
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/orders.rs")); } use doc::*;
/// let mut orders: idmap::IndexedMap<Order, (Ordered<Price>,)> = orders().into_iter().collect();
/// assert!(orders.insert_unique(Order { id: 9, price: 97, trader: "eve" }).is_err());
/// assert_eq!(orders.by(Price).range(98..).count(), 3);
/// ```
pub struct Ordered<K>(PhantomData<fn() -> K>);

/// An index by a [`HashKey`] that many records may have. Logarithmic time.
///
/// # Examples
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/orders.rs")); } use doc::*;
/// let orders: idmap::IndexedMap<Order, (HashedMulti<Trader>,)> = orders().into_iter().collect();
/// assert_eq!(orders.by(Trader).get_all("ada").count(), 3);
/// ```
pub struct HashedMulti<K>(PhantomData<fn() -> K>);

/// An index by an [`OrdKey`] that many records may have.
///
/// # Examples
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/orders.rs")); } use doc::*;
/// let mut orders: idmap::IndexedMap<Order, (OrderedMulti<Price>,)> = orders().into_iter().collect();
/// assert!(orders.insert_unique(Order { id: 9, price: 97, trader: "eve" }).is_ok());
/// assert_eq!(orders.by(Price).get_all(&97).count(), 2);
/// ```
pub struct OrderedMulti<K>(PhantomData<fn() -> K>);

/// Positions that stand in the way of a record, each once.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Conflicts {
    found: [Position; 8],
    len: usize,
    /// How many indexes have found one.
    indexes: usize,
}

impl Conflicts {
    #[cold]
    pub(crate) fn add(&mut self, position: Position) {
        self.indexes += 1;
        if !self.positions().contains(&position) {
            self.found[self.len] = position;
            self.len += 1;
        }
    }

    /// In the order of the indexes.
    #[inline]
    pub(crate) fn positions(&self) -> &[Position] {
        &self.found[..self.len]
    }

    /// In the order of slots from here on.
    pub(crate) fn sort(&mut self) {
        self.found[..self.len].sort_unstable();
    }

    /// Leaves a position out.
    pub(crate) fn forget(&mut self, position: Position) {
        if let Some(at) = self.positions().iter().position(|found| *found == position) {
            self.found.copy_within(at + 1..self.len, at);
            self.len -= 1;
        }
    }

    /// The position that all of so many indexes have found.
    pub(crate) fn only(&self, indexes: usize) -> Option<Position> {
        (self.indexes == indexes && self.len == 1).then_some(self.found[0])
    }
}

/// The storage of an index or of several.
pub(crate) trait Indexes {
    /// The tables.
    type Tables<A: Allocator>;

    /// Tables that have nothing.
    const EMPTY: Self::Tables<Global>;

    fn new_in<A: Allocator>(alloc: &mut dyn FnMut() -> A) -> Self::Tables<A>;
}

/// How records get into an index, and out of it. User code runs in `print`, `prepare`, `spot` and `place` alone.
pub(crate) trait Index<T, S>: Indexes {
    /// How many unique indexes there are.
    const UNIQUE: usize;
    /// Whether all are.
    const ALL_UNIQUE: bool;
    /// Whether a spot is good after other records are removed.
    const SPOTS_LAST: bool;
    /// Where a record would go.
    type Spot: Copy;
    /// Where a record is.
    type Place: Copy;
    /// A hash of each key, or the key where that is a number, to see whether one has changed.
    type Print: Copy + PartialEq + AsRef<[u64]>;

    /// Of the keys of a record.
    fn print(state: &S, item: &T) -> Self::Print;

    /// Makes tables without entries ready for a record that is about to be inserted.
    #[inline]
    fn prepare<A: Allocator>(_tables: &mut Self::Tables<A>, _item: &T) {}

    /// Looks where a record would go that would be at a position, and adds those that have its key to `conflicts`.
    fn spot<A: Allocator>(
        tables: &Self::Tables<A>,
        slab: &Slab<T, A>,
        state: &S,
        item: (&T, Position),
        conflicts: &mut Conflicts,
    ) -> Self::Spot;

    /// Where the record at a position is in the tables, even if its keys are not what they were.
    fn place<A: Allocator>(
        tables: &Self::Tables<A>,
        slab: &Slab<T, A>,
        state: &S,
        position: Position,
    ) -> Self::Place;

    /// Makes sure that `additional` records go in without allocating.
    fn try_reserve<A: Allocator>(
        tables: &mut Self::Tables<A>,
        additional: usize,
    ) -> Result<(), TryReserveError>;

    fn insert<A: Allocator>(tables: &mut Self::Tables<A>, spot: Self::Spot, position: Position);

    fn remove<A: Allocator>(tables: &mut Self::Tables<A>, place: Self::Place);

    /// Removes a record that is about to [`enter`](Self::enter) with other keys.
    fn leave<A: Allocator>(tables: &mut Self::Tables<A>, place: Self::Place) {
        Self::remove(tables, place);
    }

    /// Inserts a record that has left; if it does not come, [`retain`](Self::retain) is called without it.
    fn enter<A: Allocator>(tables: &mut Self::Tables<A>, spot: Self::Spot, position: Position) {
        Self::insert(tables, spot, position);
    }

    /// Adds the orders that indexes keep to a list.
    fn orders<A: Allocator>(_tables: &Self::Tables<A>, _orders: &mut Vec<Vec<Position>>) {}

    /// Removes a record, and may change the order of the others, for [`restore`](Self::restore) to mend.
    fn extract<A: Allocator>(tables: &mut Self::Tables<A>, place: Self::Place) {
        Self::remove(tables, place);
    }

    /// Puts what is left in the orders that [`orders`](Self::orders) has listed, taken from the front.
    fn restore<A: Allocator>(
        _tables: &mut Self::Tables<A>,
        _orders: &mut dyn Iterator<Item = Vec<Position>>,
        _is_left: &dyn Fn(Position) -> bool,
    ) {
    }

    fn clear<A: Allocator>(tables: &mut Self::Tables<A>);

    /// Removes what is not kept.
    fn retain<A: Allocator>(tables: &mut Self::Tables<A>, keep: &dyn Fn(Position) -> bool);

    /// Changes the positions by a table of where the records have moved.
    fn remap<A: Allocator>(tables: &mut Self::Tables<A>, moved: &[Position]);

    /// Gives memory back. The allocator may panic.
    fn shrink<A: Allocator>(tables: &mut Self::Tables<A>, min_capacity: usize);

    /// Says what is wrong, if anything. An index has each position of the slab once.
    fn check<A: Allocator>(tables: &Self::Tables<A>, slab: &Slab<T, A>) -> Result<(), String>;
}

/// Indexes that are unique and hashed.
pub(crate) trait UniqueHash: Indexes {
    /// The key.
    type By;

    /// The table of hashes.
    fn hashes<A: Allocator>(tables: &Self::Tables<A>) -> &HashTable<A>;

    /// Removes the record at a position, whose hash is at a place.
    fn remove_found<A: Allocator>(tables: &mut Self::Tables<A>, place: Place, position: Position);
}

/// Says whether positions are those of the records, each once.
fn check_positions<T, A: Allocator>(
    positions: impl Iterator<Item = Position>,
    slab: &Slab<T, A>,
) -> Result<(), String> {
    let mut met = alloc::vec![false; slab.slots()];
    let mut count = 0;
    for position in positions {
        if slab.get(position).is_none() {
            return Err(alloc::format!("position {position} is of no record"));
        }
        if core::mem::replace(&mut met[position as usize], true) {
            return Err(alloc::format!("position {position} is there twice"));
        }
        count += 1;
    }
    if count == slab.len() {
        Ok(())
    } else {
        Err(alloc::format!(
            "{count} positions are there, of {} records",
            slab.len()
        ))
    }
}
