//! Maps that ask the record for its key: iddqd's, and ours, which have the same names.

use super::{Map, Multi};

/// A library's maps with one key, of some type.
pub trait OneKey<K> {
    type Hash: Map<K>;
    type Ordered: Map<K>;
}

/// Its map in the order of insertion, with one key.
pub trait InOrderOfInsertion<K> {
    type Map: Map<K>;
}

/// Its maps with two keys and with three.
pub trait SeveralKeys<K> {
    type Bi: Multi<K, 2>;
    type Tri: Multi<K, 3>;
}

/// Calls a macro for each type of keys: the type; what it is borrowed as; how; how a reference to
/// it is looked for.
macro_rules! for_each_key {
    ($then:ident, $library:ident, $name:ident) => {
        $then!($library, $name, u64, u64, |key| *key, |query| query);
        $then!(
            $library,
            $name,
            String,
            &'a str,
            |key| key.as_str(),
            |query| query.as_str()
        );
    };
}

macro_rules! one_key {
    ($library:ident, $name:ident, $key:ty, $borrowed:ty,
        |$own:ident| $borrow:expr, |$query:ident| $look:expr) => {
        impl OneKey<$key> for $name {
            type Hash = $library::IdHashMap<Record<$key>, Hasher>;
            type Ordered = $library::IdOrdMap<Record<$key>>;
        }

        impl $library::IdHashItem for Record<$key> {
            type Key<'a> = $borrowed;

            #[inline]
            fn key(&self) -> Self::Key<'_> {
                let $own = &self.key;
                $borrow
            }

            $library::id_upcast!();
        }

        impl $library::IdOrdItem for Record<$key> {
            type Key<'a> = $borrowed;

            #[inline]
            fn key(&self) -> Self::Key<'_> {
                let $own = &self.key;
                $borrow
            }

            $library::id_upcast!();
        }

        impl Map<$key> for $library::IdHashMap<Record<$key>, Hasher> {
            fn with_capacity(capacity: usize) -> Self {
                Self::with_capacity_and_hasher(capacity, Hasher::default())
            }

            one_key!(@common $key, $own, $borrow, $query, $look, remove);
        }

        impl Map<$key> for $library::IdOrdMap<Record<$key>> {
            // What these are compared with cannot.
            const RESERVES: bool = false;
            const RANGES: bool = $name::RANGES;

            fn with_capacity(_: usize) -> Self {
                Self::new()
            }

            one_key!(@common $key, $own, $borrow, $query, $look, remove);

            fn sum_of_100(&self, $query: &$key) -> u64 {
                $name::sum_of_100(self, $look)
            }
        }
    };
    (@common $key:ty, $own:ident, $borrow:expr, $query:ident, $look:expr, $remove:ident) => {
        #[inline]
        fn insert(&mut self, record: Record<$key>) {
            assert!(self.insert_unique(record).is_ok());
        }

        #[inline]
        fn get(&self, $query: &$key) -> Option<&Payload> {
            self.get($look).map(|record| &record.payload)
        }

        #[inline]
        fn update(&mut self, $own: &$key, write: impl FnOnce(&mut Payload)) {
            if let Some(mut record) = self.get_mut($borrow) {
                write(&mut record.payload);
            }
        }

        #[inline]
        fn remove(&mut self, $own: &$key) -> Option<Record<$key>> {
            self.$remove($borrow)
        }

        fn each(&self, mut see: impl FnMut(&Payload)) {
            self.iter().for_each(|record| see(&record.payload));
        }

        fn each_mut(&mut self, mut write: impl FnMut(&mut Payload)) {
            self.iter_mut().for_each(|mut record| write(&mut record.payload));
        }

        fn shrink(&mut self) {
            self.shrink_to_fit();
        }
    };
}

/// The map that ours alone has.
macro_rules! in_order_of_insertion {
    ($library:ident, $name:ident, $key:ty, $borrowed:ty,
        |$own:ident| $borrow:expr, |$query:ident| $look:expr) => {
        impl InOrderOfInsertion<$key> for $name {
            type Map = $library::IdIndexMap<Record<$key>, Hasher>;
        }

        impl Map<$key> for $library::IdIndexMap<Record<$key>, Hasher> {
            const KEEPS_ORDER: bool = true;

            fn with_capacity(capacity: usize) -> Self {
                Self::with_capacity_and_hasher(capacity, Hasher::default())
            }

            one_key!(@common $key, $own, $borrow, $query, $look, swap_remove);

            fn remove_in_order(&mut self, $own: &$key) -> Option<Record<$key>> {
                self.remove($borrow)
            }
        }
    };
}

macro_rules! several_keys {
    ($library:ident, $name:ident, $key:ty, $borrowed:ty,
        |$own:ident| $borrow:expr, |$query:ident| $look:expr) => {
        impl SeveralKeys<$key> for $name {
            type Bi = $library::BiHashMap<Several<$key, 2>, Hasher>;
            type Tri = $library::TriHashMap<Several<$key, 3>, Hasher>;
        }

        impl $library::BiHashItem for Several<$key, 2> {
            type K1<'a> = $borrowed;
            type K2<'a> = $borrowed;

            several_keys!(@keys $own, $borrow, [key1: K1 0, key2: K2 1]);
            $library::bi_upcast!();
        }

        impl $library::TriHashItem for Several<$key, 3> {
            type K1<'a> = $borrowed;
            type K2<'a> = $borrowed;
            type K3<'a> = $borrowed;

            several_keys!(@keys $own, $borrow, [key1: K1 0, key2: K2 1, key3: K3 2]);
            $library::tri_upcast!();
        }

        impl Multi<$key, 2> for $library::BiHashMap<Several<$key, 2>, Hasher> {
            several_keys!(@map $key, 2, get2, $own, $borrow, $query, $look);
        }

        impl Multi<$key, 3> for $library::TriHashMap<Several<$key, 3>, Hasher> {
            several_keys!(@map $key, 3, get3, $own, $borrow, $query, $look);
        }
    };
    (@keys $own:ident, $borrow:expr, [$($name:ident: $kind:ident $index:literal),*]) => { $(
        #[inline]
        fn $name(&self) -> Self::$kind<'_> {
            let $own = &self.keys[$index];
            $borrow
        }
    )* };
    (@map $key:ty, $keys:literal, $last:ident,
        $own:ident, $borrow:expr, $query:ident, $look:expr) => {
        fn new() -> Self {
            Self::with_hasher(Hasher::default())
        }

        #[inline]
        fn insert(&mut self, record: Several<$key, $keys>) {
            assert!(self.insert_unique(record).is_ok());
        }

        #[inline]
        fn by_first(&self, $query: &$key) -> Option<&Payload> {
            self.get1($look).map(|record| &record.payload)
        }

        #[inline]
        fn by_last(&self, $query: &$key) -> Option<&Payload> {
            self.$last($look).map(|record| &record.payload)
        }

        #[inline]
        fn remove(&mut self, $own: &$key) -> Option<Several<$key, $keys>> {
            self.remove1($borrow)
        }

        fn each_mut(&mut self, mut write: impl FnMut(&mut Payload)) {
            self.iter_mut().for_each(|mut record| write(&mut record.payload));
        }
    };
}

/// The published crate.
pub struct Iddqd;

mod iddqd_ {
    use super::{Iddqd, OneKey, SeveralKeys};
    use crate::contenders::{Hasher, Map, Multi};
    use crate::records::{Payload, Record, Several};

    impl Iddqd {
        const RANGES: bool = false;

        fn sum_of_100<M, Q: ?Sized>(_: &M, _: &Q) -> u64 {
            0
        }
    }

    for_each_key!(one_key, iddqd, Iddqd);
    for_each_key!(several_keys, iddqd, Iddqd);
}

/// Ours.
pub struct Idmap;

mod idmap_ {
    use super::{Idmap, InOrderOfInsertion, OneKey, SeveralKeys};
    use crate::contenders::{Hasher, Map, Multi};
    use crate::records::{Payload, Record, Several};
    use equivalent::Comparable;
    use std::ops::Bound;

    impl Idmap {
        const RANGES: bool = true;

        fn sum_of_100<K, Q>(map: &idmap::IdOrdMap<Record<K>>, from: &Q) -> u64
        where
            Record<K>: idmap::IdOrdItem,
            Q: ?Sized + for<'a> Comparable<<Record<K> as idmap::IdOrdItem>::Key<'a>>,
        {
            let range = map
                .range::<Q, _>((Bound::Included(from), Bound::Unbounded))
                .take(100);
            range.fold(0, |sum, record| sum.wrapping_add(record.payload[0]))
        }
    }

    for_each_key!(one_key, idmap, Idmap);
    for_each_key!(in_order_of_insertion, idmap, Idmap);
    for_each_key!(several_keys, idmap, Idmap);
}
