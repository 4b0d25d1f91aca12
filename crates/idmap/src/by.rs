//! Views of a map by one of its indexes.

use crate::allocator::Allocator;
use crate::handle::Handle;
use crate::hash_table::Hash as TableHash;
use crate::id_index_map;
use crate::id_ord_map::{Cursor, Iter, Range};
use crate::index::{
    HashKey, Hashed, HashedMulti, Index, Indexes, Inserted, OrdKey, Ordered, OrderedMulti,
    UniqueHash,
};
use crate::map::IndexedMap;
use crate::prefix::{self, Prefix};
use crate::slab::{Position, Slab};
use core::cmp::Ordering;
use core::hash::{BuildHasher, Hash};
use core::ops::{Bound, RangeBounds};
use equivalent::{Comparable, Equivalent};

/// Tells the indexes of a map apart by their keys; the compiler finds the place `At`.
///
/// # Examples
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/orders.rs")); } use doc::*;
/// use idmap::by::HasIndex;
///
/// // Which index it is, is for the compiler to find.
/// fn has_ids<X: HasIndex<Id, At, Index = Hashed<Id>>, At>() {}
/// has_ids::<(Hashed<Id>, OrderedMulti<Price>), _>();
/// ```
pub trait HasIndex<K, At> {
    /// The index.
    type Index;
}

/// Where the tables of such an index are.
pub(crate) trait HasTable<K, At>: HasIndex<K, At, Index: Indexes> + Indexes {
    fn table<A: Allocator>(tables: &Self::Tables<A>) -> &<Self::Index as Indexes>::Tables<A>;
}

/// An index, for its key.
pub(crate) trait IndexBy: Indexes {
    /// The key.
    type Key;
}

/// The place of an index among those of a map.
///
/// # Examples
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/orders.rs")); } use doc::*;
/// use idmap::by::{At, HasIndex};
///
/// fn second<X: HasIndex<K, At<1>>, K>() {}
/// second::<(Hashed<Id>, OrderedMulti<Price>), Price>();
/// ```
#[derive(Debug)]
pub struct At<const N: usize>;

macro_rules! index_by {
    ($($style:ident),+) => { $(
        impl<K> IndexBy for $style<K> {
            type Key = K;
        }
    )+ };
}

index_by!(Hashed, HashedMulti, Inserted, Ordered, OrderedMulti);

macro_rules! has_index {
    ($all:tt; $($at:tt $Y:ident),+) => { $( has_index! { @one $all $at $Y } )+ };
    (@one ($($X:ident),+) $at:tt $Y:ident) => {
        impl<$($X: IndexBy),+> HasIndex<$Y::Key, At<$at>> for ($($X,)+) {
            type Index = $Y;
        }

        impl<$($X: IndexBy),+> HasTable<$Y::Key, At<$at>> for ($($X,)+) {
            fn table<A: Allocator>(tables: &Self::Tables<A>) -> &$Y::Tables<A> {
                &tables.$at
            }
        }
    };
}

has_index!((X0); 0 X0);
has_index!((X0, X1); 0 X0, 1 X1);
has_index!((X0, X1, X2); 0 X0, 1 X1, 2 X2);
has_index!((X0, X1, X2, X3); 0 X0, 1 X1, 2 X2, 3 X3);
has_index!((X0, X1, X2, X3, X4); 0 X0, 1 X1, 2 X2, 3 X3, 4 X4);
has_index!((X0, X1, X2, X3, X4, X5); 0 X0, 1 X1, 2 X2, 3 X3, 4 X4, 5 X5);

/// A map by one of its indexes, to read.
///
/// To change or remove what is found, take a [`Handle`], or the view [`ByMut`](crate::by_mut::ByMut).
///
/// # Examples
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/orders.rs")); } use doc::*;
/// let orders = orders();
/// let by_price = orders.by(Price);
/// assert_eq!(by_price.first().map(|order| order.id), Some(5));
/// assert_eq!(by_price.get_all(&97).map(|order| order.id).collect::<Vec<_>>(), [3]);
/// ```
pub struct By<'a, T, Y: Indexes, S, A: Allocator> {
    pub(crate) slab: &'a Slab<T, A>,
    pub(crate) table: &'a Y::Tables<A>,
    state: &'a S,
}

impl<T, X: Index<T, S>, S, A: Allocator> IndexedMap<T, X, S, A> {
    /// The map by the index of a key: `map.by(Price)`.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/orders.rs")); } use doc::*;
    /// let orders = orders();
    /// assert_eq!(orders.by(Id).get(&3).map(|order| order.price), Some(97));
    /// assert_eq!(orders.by(Trader).get_all("ada").count(), 3);
    /// ```
    #[inline]
    pub fn by<K, At>(&self, _key: K) -> By<'_, T, X::Index, S, A>
    where
        X: HasTable<K, At>,
    {
        self.view()
    }

    #[inline]
    pub(crate) fn view<K, At>(&self) -> By<'_, T, X::Index, S, A>
    where
        X: HasTable<K, At>,
    {
        By {
            slab: &self.slab,
            table: X::table(&self.tables),
            state: &self.state,
        }
    }
}

impl<T, Y: Indexes, S, A: Allocator> By<'_, T, Y, S, A> {
    fn handle_at(&self, position: Position) -> Option<Handle> {
        Some(Handle::new(position, self.slab.generation(position)?))
    }
}

impl<'a, T, K: HashKey<T>, Y: UniqueHash<By = K>, S: BuildHasher, A: Allocator> By<'a, T, Y, S, A> {
    #[inline]
    pub(crate) fn find<Q: ?Sized + Hash + Equivalent<K::Key<'a>>>(
        &self,
        key: &Q,
    ) -> Option<Position> {
        let (slab, hash) = (self.slab, TableHash::new(self.state.hash_one(key)));
        let same = |at| {
            slab.get(at)
                .is_some_and(|item| key.equivalent(&K::key(item)))
        };
        Y::hashes(self.table)
            .find(hash, same)
            .map(|(_, position)| position)
    }

    /// Whether a record has a key. Expected constant time.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/orders.rs")); } use doc::*;
    /// let orders = orders();
    /// assert!(orders.by(Id).contains(&3) && !orders.by(Id).contains(&9));
    /// ```
    pub fn contains<Q: ?Sized + Hash + Equivalent<K::Key<'a>>>(&self, key: &Q) -> bool {
        self.find(key).is_some()
    }

    /// The record that has a key. Expected constant time.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/orders.rs")); } use doc::*;
    /// let orders = orders();
    /// assert_eq!(orders.by(Id).get(&3).map(|order| order.price), Some(97));
    /// ```
    pub fn get<Q: ?Sized + Hash + Equivalent<K::Key<'a>>>(&self, key: &Q) -> Option<&'a T> {
        self.slab.get(self.find(key)?)
    }

    /// A handle to the record that has a key. Expected constant time.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/orders.rs")); } use doc::*;
    /// let mut orders = orders();
    /// let third = orders.by(Id).handle(&3).unwrap();
    /// assert_eq!(orders.remove_by_handle(third).map(|order| order.price), Some(97));
    /// ```
    pub fn handle<Q: ?Sized + Hash + Equivalent<K::Key<'a>>>(&self, key: &Q) -> Option<Handle> {
        self.handle_at(self.find(key)?)
    }
}

impl<'a, T, K: HashKey<T>, S: BuildHasher, A: Allocator> By<'a, T, HashedMulti<K>, S, A> {
    fn find<Q: ?Sized + Hash + Equivalent<K::Key<'a>>>(
        &self,
        key: &Q,
    ) -> impl Iterator<Item = (Position, &'a T)> {
        let (slab, table, bits) = (self.slab, self.table, self.state.hash_one(key));
        let front = table.bound(slab, Some(Prefix::exact(bits)), false, |_| Ordering::Equal);
        let mut span = table.tree.span_from(table.tree.settle(front.cursor()));
        core::iter::from_fn(move || span.next(&table.tree).filter(|entry| entry.prefix == bits))
            .filter_map(move |entry| Some((entry.position, slab.get(entry.position)?)))
            .filter(move |(_, item)| key.equivalent(&K::key(item)))
    }

    /// Whether a record has a key. Logarithmic time.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/orders.rs")); } use doc::*;
    /// let orders = orders();
    /// assert!(orders.by(Trader).contains("ada") && !orders.by(Trader).contains("eve"));
    /// ```
    pub fn contains<Q: ?Sized + Hash + Equivalent<K::Key<'a>>>(&self, key: &Q) -> bool {
        self.find(key).next().is_some()
    }

    /// The records that have a key, in the order of slots. Logarithmic time, and constant for each record.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/orders.rs")); } use doc::*;
    /// let orders = orders();
    /// assert!(orders.by(Trader).get_all("bob").map(|order| order.id).eq([1, 3, 5]));
    /// ```
    pub fn get_all<Q: ?Sized + Hash + Equivalent<K::Key<'a>>>(
        &self,
        key: &Q,
    ) -> impl Iterator<Item = &'a T> {
        self.find(key).map(|(_, item)| item)
    }

    /// Handles to the records that have a key, in the order of slots. Logarithmic time, and constant for each record.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/orders.rs")); } use doc::*;
    /// let mut orders = orders();
    /// let of_bob: Vec<_> = orders.by(Trader).handles("bob").collect();
    /// of_bob.into_iter().for_each(|handle| drop(orders.remove_by_handle(handle)));
    /// assert_eq!(orders.len(), 3);
    /// ```
    pub fn handles<Q: ?Sized + Hash + Equivalent<K::Key<'a>>>(
        &self,
        key: &Q,
    ) -> impl Iterator<Item = Handle> {
        self.find(key)
            .filter_map(|(position, _)| self.handle_at(position))
    }
}

impl<'a, T, K: HashKey<T>, S, A: Allocator> By<'a, T, Inserted<K>, S, A> {
    /// The records, in the order of insertion.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/orders.rs")); } use doc::*;
    /// let mut orders: idmap::IndexedMap<Order, (Inserted<Id>,)> = orders().into_iter().collect();
    /// orders.remove_by_handle(orders.by(Id).handle(&0).unwrap());
    /// assert!(orders.by(Id).iter().map(|order| order.id).eq(1..6));
    /// ```
    pub fn iter(&self) -> id_index_map::Iter<'a, T, A> {
        id_index_map::Iter::new(self.slab, self.table)
    }

    /// The record of an index, counted in the order of insertion. Constant time.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/orders.rs")); } use doc::*;
    /// let orders: idmap::IndexedMap<Order, (Inserted<Id>,)> = orders().into_iter().collect();
    /// assert_eq!(orders.by(Id).get_index(2).map(|order| order.price), Some(98));
    /// ```
    pub fn get_index(&self, index: usize) -> Option<&'a T> {
        self.slab.get(*self.table.order.positions().get(index)?)
    }
}

macro_rules! by_order {
    ($style:ident) => {
        impl<'a, T, K: OrdKey<T>, S, A: Allocator> By<'a, T, $style<K>, S, A> {
            /// The records, in the order of their keys.
            ///
            /// # Examples
            ///
            /// ```
            /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/orders.rs")); } use doc::*;
            /// let orders = orders();
            /// assert!(orders.by(Price).iter().map(|order| order.price).eq(95..=100));
            /// ```
            pub fn iter(&self) -> Iter<'a, T, A> {
                Iter::new(self.slab, self.table)
            }

            /// The records whose keys are in a range, in the order of their keys. Logarithmic time.
            ///
            /// A range that ends before it begins has none.
            ///
            /// # Examples
            ///
            /// ```
            /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/orders.rs")); } use doc::*;
            /// let orders = orders();
            /// assert!(orders.by(Price).range(98..).map(|order| order.id).eq([2, 1, 0]));
            /// ```
            pub fn range<Q, R>(&self, range: R) -> Range<'a, T, A>
            where
                Q: ?Sized + Comparable<K::Key<'a>>,
                R: RangeBounds<Q>,
            {
                let compare = |key: &Q, item| key.compare(&K::key(item));
                Range::new(
                    self.slab,
                    self.table,
                    self.table
                        .range(self.slab, &range, prefix::of_query, compare),
                )
            }

            /// The record with the lowest key. Constant time.
            ///
            /// # Examples
            ///
            /// ```
            /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/orders.rs")); } use doc::*;
            /// assert_eq!(orders().by(Price).first().map(|order| order.price), Some(95));
            /// ```
            pub fn first(&self) -> Option<&'a T> {
                self.iter().next()
            }

            /// The record with the highest key. Constant time.
            ///
            /// # Examples
            ///
            /// ```
            /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/orders.rs")); } use doc::*;
            /// assert_eq!(orders().by(Price).last().map(|order| order.price), Some(100));
            /// ```
            pub fn last(&self) -> Option<&'a T> {
                self.iter().next_back()
            }

            /// Whether a record has a key. Logarithmic time.
            ///
            /// # Examples
            ///
            /// ```
            /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/orders.rs")); } use doc::*;
            /// let orders = orders();
            /// assert!(orders.by(Price).contains(&100) && !orders.by(Price).contains(&101));
            /// ```
            pub fn contains<Q: ?Sized + Comparable<K::Key<'a>>>(&self, key: &Q) -> bool {
                self.find(key).is_some()
            }

            /// A place in the order of keys: before the first record that is not before the bound. Logarithmic time.
            ///
            /// # Examples
            ///
            /// ```
            /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/orders.rs")); } use doc::*;
            /// use std::ops::Bound;
            ///
            /// let orders = orders();
            /// let mut cursor = orders.by(Price).lower_bound(Bound::Excluded(&97));
            /// assert_eq!(cursor.next().map(|order| order.price), Some(98));
            /// assert_eq!(cursor.prev().map(|order| order.price), Some(98));
            /// assert_eq!(cursor.prev().map(|order| order.price), Some(97));
            /// ```
            pub fn lower_bound<Q: ?Sized + Comparable<K::Key<'a>>>(
                &self,
                bound: Bound<&Q>,
            ) -> Cursor<'a, T, A> {
                let compare = |key: &Q, item| key.compare(&K::key(item));
                let at = self
                    .table
                    .lower(self.slab, bound, prefix::of_query, compare);
                Cursor::new(self.slab, self.table, at)
            }

            /// A place in the order of keys: behind the last record that is not behind the bound. Logarithmic time.
            ///
            /// # Examples
            ///
            /// ```
            /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/orders.rs")); } use doc::*;
            /// use std::ops::Bound;
            ///
            /// let orders = orders();
            /// let mut cursor = orders.by(Price).upper_bound(Bound::Included(&97));
            /// assert_eq!(cursor.prev().map(|order| order.price), Some(97));
            /// ```
            pub fn upper_bound<Q: ?Sized + Comparable<K::Key<'a>>>(
                &self,
                bound: Bound<&Q>,
            ) -> Cursor<'a, T, A> {
                let compare = |key: &Q, item| key.compare(&K::key(item));
                let at = self
                    .table
                    .upper(self.slab, bound, prefix::of_query, compare);
                Cursor::new(self.slab, self.table, at)
            }

            /// The first record that has a key.
            pub(crate) fn find<Q: ?Sized + Comparable<K::Key<'a>>>(
                &self,
                key: &Q,
            ) -> Option<Position> {
                let (slab, compare) = (self.slab, |item| key.compare(&K::key(item)));
                let front = self
                    .table
                    .bound(slab, prefix::of_query(key), false, compare);
                let front = self.table.tree.settle(front.cursor());
                let position = self.table.tree.entry(front)?.position;
                (compare(slab.get(position)?) == Ordering::Equal).then_some(position)
            }
        }
    };
}

by_order!(Ordered);
by_order!(OrderedMulti);

impl<'a, T, K: OrdKey<T>, S, A: Allocator> By<'a, T, Ordered<K>, S, A> {
    /// The record that has a key. Logarithmic time.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/orders.rs")); } use doc::*;
    /// let orders: idmap::IndexedMap<Order, (Ordered<Price>, Hashed<Id>)> = orders().into_iter().collect();
    /// assert_eq!(orders.by(Price).get(&97).map(|order| order.id), Some(3));
    /// ```
    pub fn get<Q: ?Sized + Comparable<K::Key<'a>>>(&self, key: &Q) -> Option<&'a T> {
        self.slab.get(self.find(key)?)
    }

    /// A handle to the record that has a key. Logarithmic time.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/orders.rs")); } use doc::*;
    /// let mut orders: idmap::IndexedMap<Order, (Ordered<Price>, Hashed<Id>)> = orders().into_iter().collect();
    /// let handle = orders.by(Price).handle(&97).unwrap();
    /// assert_eq!(orders.remove_by_handle(handle).map(|order| order.id), Some(3));
    /// ```
    pub fn handle<Q: ?Sized + Comparable<K::Key<'a>>>(&self, key: &Q) -> Option<Handle> {
        self.handle_at(self.find(key)?)
    }
}

impl<'a, T, K: OrdKey<T>, S, A: Allocator> By<'a, T, OrderedMulti<K>, S, A> {
    /// The records that have a key, in the order of slots. Logarithmic time, and constant for each record.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/orders.rs")); } use doc::*;
    /// let orders = orders();
    /// assert!(orders.by(Price).get_all(&97).map(|order| order.id).eq([3]));
    /// ```
    pub fn get_all<Q: ?Sized + Comparable<K::Key<'a>>>(&self, key: &Q) -> Range<'a, T, A> {
        self.range::<Q, _>((Bound::Included(key), Bound::Included(key)))
    }

    /// Handles to the records that have a key, in the order of slots. Logarithmic time, and constant for each record.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/orders.rs")); } use doc::*;
    /// let mut orders = orders();
    /// let at_97: Vec<_> = orders.by(Price).handles(&97).collect();
    /// at_97.into_iter().for_each(|handle| drop(orders.remove_by_handle(handle)));
    /// assert!(!orders.by(Price).contains(&97));
    /// ```
    pub fn handles<Q: ?Sized + Comparable<K::Key<'a>>>(
        &self,
        key: &Q,
    ) -> impl Iterator<Item = Handle> {
        self.get_all(key)
            .positions()
            .filter_map(|position| self.handle_at(position))
    }
}
