//! A record with three keys, and what the four maps have in common.

pub use crate::chaos::{ChaosEq, ChaosOrd, KeyChaos, without_chaos};
use allocator_api2::alloc::{Allocator, Global};
use iddqd::{
    BiHashItem, BiHashMap, IdHashItem, IdHashMap, IdOrdItem, IdOrdMap, TriHashItem, TriHashMap,
    bi_upcast, id_upcast, tri_upcast,
};
use proptest::prelude::{Arbitrary, BoxedStrategy, Strategy, any};
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use std::hash::{BuildHasher, Hash, Hasher};

/// Gives the same hashes in each run.
pub type HashBuilder = foldhash::fast::FixedState;

pub type Alloc = Global;

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TestItem {
    pub key1: u8,
    pub key2: char,
    pub key3: String,
    pub value: String,
    #[serde(skip)]
    chaos: KeyChaos,
}

impl TestItem {
    pub fn new(key1: u8, key2: char, key3: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            key1,
            key2,
            key3: key3.into(),
            value: value.into(),
            chaos: KeyChaos::default(),
        }
    }

    pub fn with_key1_chaos(self, chaos: KeyChaos) -> Self {
        Self { chaos, ..self }
    }

    fn first_key(&self) -> TestKey1<'_> {
        TestKey1 {
            key: &self.key1,
            chaos: self.chaos,
        }
    }
}

impl PartialEq<&Self> for TestItem {
    fn eq(&self, other: &&Self) -> bool {
        self == *other
    }
}

impl Arbitrary for TestItem {
    type Parameters = ();
    type Strategy = BoxedStrategy<Self>;

    fn arbitrary_with((): ()) -> Self::Strategy {
        let fields = (any::<u8>(), any::<char>(), any::<String>(), any::<String>());
        fields
            .prop_map(|(key1, key2, key3, value)| Self::new(key1, key2, key3, value))
            .boxed()
    }
}

/// The first key, which may lie.
#[derive(Clone, Debug)]
pub struct TestKey1<'a> {
    key: &'a u8,
    chaos: KeyChaos,
}

impl<'a> TestKey1<'a> {
    pub fn new(key: &'a u8) -> Self {
        let chaos = KeyChaos::default();
        Self { key, chaos }
    }
}

impl Hash for TestKey1<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key.hash(state);
    }
}

impl PartialEq for TestKey1<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.chaos.eq.answer(self.key == other.key)
    }
}

impl Eq for TestKey1<'_> {}

impl PartialOrd for TestKey1<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for TestKey1<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.chaos.ord.answer(self.key.cmp(other.key))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TestKey2(char);

impl TestKey2 {
    pub fn new(key: char) -> Self {
        Self(key)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TestKey3<'a>(&'a str);

impl<'a> TestKey3<'a> {
    pub fn new(key: &'a str) -> Self {
        Self(key)
    }
}

impl IdHashItem for TestItem {
    type Key<'a> = TestKey1<'a>;

    fn key(&self) -> Self::Key<'_> {
        self.first_key()
    }

    id_upcast!();
}

impl IdOrdItem for TestItem {
    type Key<'a> = TestKey1<'a>;

    fn key(&self) -> Self::Key<'_> {
        self.first_key()
    }

    id_upcast!();
}

impl BiHashItem for TestItem {
    type K1<'a> = TestKey1<'a>;
    type K2<'a> = TestKey2;

    fn key1(&self) -> Self::K1<'_> {
        self.first_key()
    }

    fn key2(&self) -> Self::K2<'_> {
        TestKey2(self.key2)
    }

    bi_upcast!();
}

impl TriHashItem for TestItem {
    type K1<'a> = TestKey1<'a>;
    type K2<'a> = TestKey2;
    type K3<'a> = TestKey3<'a>;

    fn key1(&self) -> Self::K1<'_> {
        self.first_key()
    }

    fn key2(&self) -> Self::K2<'_> {
        TestKey2(self.key2)
    }

    fn key3(&self) -> Self::K3<'_> {
        TestKey3(&self.key3)
    }

    tri_upcast!();
}

/// What the tests want of each map.
pub trait ItemMap: Sized {
    type Item;

    /// Whether iteration is by key; that of the hash maps is not.
    const SORTED: bool;

    fn make_new() -> Self;
    /// Whether no item was in the way.
    fn insert(&mut self, item: Self::Item) -> bool;
    fn refs(&self) -> Vec<&Self::Item>;
    fn map_mut<R>(&mut self, see: impl FnMut(&mut Self::Item) -> R) -> Vec<R>;
    fn into_items(self) -> Vec<Self::Item>;
}

macro_rules! item_map {
    ($map:ty, [$($parameters:tt)*], sorted: $sorted:literal, $new:expr) => {
        impl<$($parameters)*> ItemMap for $map {
            type Item = T;

            const SORTED: bool = $sorted;

            fn make_new() -> Self {
                $new
            }

            fn insert(&mut self, item: T) -> bool {
                self.insert_unique(item).is_ok()
            }

            fn refs(&self) -> Vec<&T> {
                self.iter().collect()
            }

            fn map_mut<R>(&mut self, mut see: impl FnMut(&mut T) -> R) -> Vec<R> {
                self.iter_mut().map(|mut item| see(&mut item)).collect()
            }

            fn into_items(self) -> Vec<T> {
                self.into_iter().collect()
            }
        }
    };
    ($map:ident, $item:ident) => {
        item_map!(
            $map<T, S, A>,
            [T: $item, S: Clone + Default + BuildHasher, A: Clone + Default + Allocator],
            sorted: false,
            Self::with_hasher_in(S::default(), A::default())
        );
    };
}

item_map!(IdHashMap, IdHashItem);
item_map!(BiHashMap, BiHashItem);
item_map!(TriHashMap, TriHashItem);
item_map!(IdOrdMap<T>, [T: IdOrdItem], sorted: true, Self::new());

/// Each way of iterating yields these items, which are sorted by their first key.
#[track_caller]
pub fn assert_iter_eq<M: ItemMap<Item = TestItem>>(mut map: M, expected: Vec<&TestItem>) {
    let in_order = |mut items: Vec<TestItem>| {
        if !M::SORTED {
            items.sort_by_key(|item| item.key1);
        }
        items
    };
    let expected: Vec<TestItem> = expected.into_iter().cloned().collect();
    let shared = map.refs().into_iter().cloned().collect();
    assert_eq!(in_order(shared), expected, "iter");
    assert_eq!(
        in_order(map.map_mut(|item| item.clone())),
        expected,
        "iter_mut"
    );
    assert_eq!(in_order(map.into_items()), expected, "into_iter");
}
