//! Keys of several fields: records by the beginning of such a key.

use crate::allocator::Allocator;
use crate::by::By;
use crate::id_ord_map::{IdOrdItem, IdOrdMap, Range};
use crate::index::{OrdKey, OrdTable, Ordered, OrderedMulti};
use crate::prefix::{self, Prefix};
use crate::slab::Slab;
use core::cmp::Ordering;
use core::ops::Bound;
use equivalent::{Comparable, Equivalent};

/// What compares with keys of several fields by the first alone.
///
/// A bound of ranges: `First(&2)` is equal to all keys that begin with 2. For the records of one beginning there is
/// `starting_with`.
///
/// # Examples
///
/// ```
/// use idmap::{First, IdOrdItem, IdOrdMap, id_upcast};
///
/// struct Sled { rack: u32, slot: u8 }
///
/// impl IdOrdItem for Sled {
///     type Key<'a> = (u32, u8);
///     fn key(&self) -> (u32, u8) { (self.rack, self.slot) }
///     id_upcast!();
/// }
///
/// let sleds: IdOrdMap<Sled> = (0..40).map(|n| Sled { rack: n / 10, slot: n as u8 % 10 }).collect();
/// let racks_1_and_2 = sleds.range(First(&1)..=First(&2));
/// assert_eq!(racks_1_and_2.count(), 20);
/// let behind_rack_2 = sleds.range((std::ops::Bound::Excluded(First(&2)), std::ops::Bound::Unbounded));
/// assert!(behind_rack_2.map(|sled| (sled.rack, sled.slot)).eq((0..10).map(|slot| (3, slot))));
/// ```
#[derive(Debug)]
pub struct First<'q, A: ?Sized>(pub &'q A);

/// What compares with keys of several fields by the first two alone, as [`First`] does by one.
///
/// # Examples
///
/// ```
/// use idmap::{FirstTwo, IdOrdItem, IdOrdMap, id_upcast};
///
/// struct Bay(u8, u8, u8);
///
/// impl IdOrdItem for Bay {
///     type Key<'a> = (u8, u8, u8);
///     fn key(&self) -> (u8, u8, u8) { (self.0, self.1, self.2) }
///     id_upcast!();
/// }
///
/// let bays: IdOrdMap<Bay> = (0..12).map(|n| Bay(1, n / 4, n % 4)).collect();
/// let of_sled_2 = bays.range(FirstTwo(&1, &2)..=FirstTwo(&1, &2));
/// assert_eq!(of_sled_2.count(), 4);
/// ```
#[derive(Debug)]
pub struct FirstTwo<'q, A: ?Sized, B: ?Sized>(pub &'q A, pub &'q B);

/// The beginning of keys `K` of several fields: a reference to what the first field is to be, or a pair of references,
/// to what the first two are.
///
/// It takes what may be compared with a field, so `&str` where the key has that or `String`.
///
/// # Examples
///
/// ```
/// use idmap::Beginning;
/// use std::cmp::Ordering;
///
/// // The rack alone, and the rack with the sled.
/// let key = (1_u8, String::from("sled"), 3_u8);
/// assert_eq!((&1_u8).compare_beginning(&key), Ordering::Equal);
/// assert_eq!((&1_u8, "sleep").compare_beginning(&key), Ordering::Greater);
/// ```
pub trait Beginning<K: ?Sized> {
    /// How the beginning compares with that of a key.
    fn compare_beginning(&self, key: &K) -> Ordering;

    #[doc(hidden)]
    fn prefix(&self) -> Option<Prefix<'_>>;
}

macro_rules! of_one {
    ($($X:ident),+) => {
        impl<A: ?Sized + Comparable<X0>, X0, $($X),+> Beginning<(X0, $($X,)+)> for &A {
            #[inline]
            fn compare_beginning(&self, key: &(X0, $($X,)+)) -> Ordering {
                (**self).compare(&key.0)
            }

            #[inline]
            fn prefix(&self) -> Option<Prefix<'_>> {
                prefix::of_query(*self)
            }
        }

        impl<A: ?Sized + Comparable<X0>, X0, $($X),+> Equivalent<(X0, $($X,)+)> for First<'_, A> {
            #[inline]
            fn equivalent(&self, key: &(X0, $($X,)+)) -> bool {
                self.compare(key).is_eq()
            }
        }

        impl<A: ?Sized + Comparable<X0>, X0, $($X),+> Comparable<(X0, $($X,)+)> for First<'_, A> {
            #[inline]
            fn compare(&self, key: &(X0, $($X,)+)) -> Ordering {
                self.0.compare_beginning(key)
            }
        }
    };
}

of_one!(X1);
of_one!(X1, X2);
of_one!(X1, X2, X3);
of_one!(X1, X2, X3, X4);
of_one!(X1, X2, X3, X4, X5);

macro_rules! of_two {
    ($($X:ident),+) => {
        impl<A, B, X0, X1, $($X),+> Beginning<(X0, X1, $($X,)+)> for (&A, &B)
        where
            A: ?Sized + Comparable<X0>,
            B: ?Sized + Comparable<X1>,
        {
            #[inline]
            fn compare_beginning(&self, key: &(X0, X1, $($X,)+)) -> Ordering {
                self.0.compare(&key.0).then_with(|| self.1.compare(&key.1))
            }

            #[inline]
            fn prefix(&self) -> Option<Prefix<'_>> {
                // Keys may differ in the second field where this is equal.
                prefix::of_query(self.0).map(Prefix::of_beginning)
            }
        }

        impl<A, B, X0, X1, $($X),+> Equivalent<(X0, X1, $($X,)+)> for FirstTwo<'_, A, B>
        where
            A: ?Sized + Comparable<X0>,
            B: ?Sized + Comparable<X1>,
        {
            #[inline]
            fn equivalent(&self, key: &(X0, X1, $($X,)+)) -> bool {
                self.compare(key).is_eq()
            }
        }

        impl<A, B, X0, X1, $($X),+> Comparable<(X0, X1, $($X,)+)> for FirstTwo<'_, A, B>
        where
            A: ?Sized + Comparable<X0>,
            B: ?Sized + Comparable<X1>,
        {
            #[inline]
            fn compare(&self, key: &(X0, X1, $($X,)+)) -> Ordering {
                (self.0, self.1).compare_beginning(key)
            }
        }
    };
}

of_two!(X2);
of_two!(X2, X3);
of_two!(X2, X3, X4);
of_two!(X2, X3, X4, X5);

/// The records whose keys have a beginning.
fn starting_with<'a, T, K, A: Allocator>(
    slab: &'a Slab<T, A>,
    table: &'a OrdTable<A>,
    beginning: &impl Beginning<K>,
    key: impl Fn(&'a T) -> K,
) -> Range<'a, T, A> {
    let compare = |(): &(), item| beginning.compare_beginning(&key(item));
    let range = (Bound::Included(()), Bound::Included(()));
    Range::new(
        slab,
        table,
        table.range(slab, &range, |()| beginning.prefix(), compare),
    )
}

macro_rules! by_order {
    ($style:ident) => {
        impl<'a, T, K: OrdKey<T>, S, A: Allocator> By<'a, T, $style<K>, S, A> {
            /// The records whose keys, of several fields, begin with one or two that are given: `starting_with(&rack)`,
            /// `starting_with((&rack, &slot))`. In the order of their keys. Logarithmic time.
            ///
            /// # Examples
            ///
            /// ```
            /// use idmap::IndexedMap;
            /// use idmap::index::{OrdKey, Ordered};
            ///
            /// struct Place;
            ///
            /// impl OrdKey<(u8, u8)> for Place {
            ///     type Key<'a> = (u8, u8);
            ///     fn key(place: &(u8, u8)) -> (u8, u8) { *place }
            /// }
            ///
            /// let places: IndexedMap<(u8, u8), (Ordered<Place>,)> = (0..12).map(|n| (n / 4, n % 4)).collect();
            /// assert_eq!(places.by(Place).starting_with(&2).count(), 4);
            /// ```
            pub fn starting_with(&self, beginning: impl Beginning<K::Key<'a>>) -> Range<'a, T, A> {
                starting_with(self.slab, self.table, &beginning, K::key)
            }
        }
    };
}

by_order!(Ordered);
by_order!(OrderedMulti);

impl<T: IdOrdItem, A: Allocator> IdOrdMap<T, A> {
    /// The records whose keys, of several fields, begin with one or two that are given, in the order of their keys.
    /// Logarithmic time.
    ///
    /// # Examples
    ///
    /// ```
    /// use idmap::{IdOrdItem, IdOrdMap, id_upcast};
    ///
    /// struct File { folder: String, name: String }
    ///
    /// impl IdOrdItem for File {
    ///     type Key<'a> = (&'a str, &'a str);
    ///     fn key(&self) -> (&str, &str) { (&self.folder, &self.name) }
    ///     id_upcast!();
    /// }
    ///
    /// let files = [("src", "lib.rs"), ("docs", "api.md"), ("src", "key.rs")];
    /// let files: IdOrdMap<File> = files.into_iter().map(|(f, n)| File { folder: f.into(), name: n.into() }).collect();
    /// assert!(files.starting_with("src").map(|file| &*file.name).eq(["key.rs", "lib.rs"]));
    /// ```
    pub fn starting_with<'a>(&'a self, beginning: impl Beginning<T::Key<'a>>) -> Range<'a, T, A> {
        starting_with(&self.slab, &self.tables.0, &beginning, T::key)
    }
}
