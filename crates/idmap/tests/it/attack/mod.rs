//! Attacks: safe programs that try to break what the maps promise.

// Long, and of safe code: Miri runs the sweeps of other modules.
#[cfg(not(miri))]
mod costs;
#[cfg(not(miri))]
mod entries;
#[cfg(not(miri))]
mod faults;
#[cfg(feature = "serde")]
mod hints;
mod lifetimes;
#[cfg(not(miri))]
mod ordered;

use adversary::drops::{Ledger, Token};
use adversary::liar::LyingIter;
use idmap::index::{HashKey, HashedMulti, OrdKey, OrderedMulti};
use idmap::internal::ValidateCompact;
use idmap::{
    BiHashItem, BiHashMap, IdHashItem, IdHashMap, IdOrdItem, IdOrdMap, IndexedMap, bi_upcast,
    id_upcast,
};
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::{Rc, Weak};

#[derive(Clone, Debug, PartialEq, Eq)]
struct Pair(u32, u32);

impl IdHashItem for Pair {
    type Key<'a> = u32;
    fn key(&self) -> u32 {
        self.0
    }
    id_upcast!();
}
impl IdOrdItem for Pair {
    type Key<'a> = u32;
    fn key(&self) -> u32 {
        self.0
    }
    id_upcast!();
}
impl BiHashItem for Pair {
    type K1<'a> = u32;
    type K2<'a> = u32;
    fn key1(&self) -> u32 {
        self.0
    }
    fn key2(&self) -> u32 {
        self.1
    }
    bi_upcast!();
}
#[derive(Clone, Copy, Debug)]
struct Left;
#[derive(Clone, Copy, Debug)]
struct Right;
impl HashKey<Pair> for Left {
    type Key<'a> = u32;
    fn key(item: &Pair) -> u32 {
        item.0
    }
}
impl OrdKey<Pair> for Right {
    type Key<'a> = u32;
    fn key(item: &Pair) -> u32 {
        item.1
    }
}

#[test]
fn a_map_without_a_unique_index_equals_itself() {
    type Many = IndexedMap<Pair, (HashedMulti<Left>, OrderedMulti<Right>)>;
    let map: Many = (0..4).map(|n| Pair(n % 2, n)).collect();
    assert!(map == map.clone());
    let twice: Many = (0..4).flat_map(|_| [Pair(1, 1), Pair(2, 2)]).collect();
    let other: Many = (0..4)
        .flat_map(|n| {
            if n == 0 {
                [Pair(1, 1), Pair(1, 1)]
            } else {
                [Pair(2, 2), Pair(1, 1)]
            }
        })
        .collect();
    assert!(twice == twice.clone());
    assert!(twice != other);
    assert!(map.validate(ValidateCompact::Compact).is_ok());
}

/// A vacant entry does not keep its key: a hashed map sees another hash, an ordered one no more than that the key is there.
#[test]
fn a_vacant_entry_takes_another_key_only_where_that_does_not_show() {
    let panics = |insert: &mut dyn FnMut()| catch_unwind(AssertUnwindSafe(insert)).is_err();
    let mut hashed: IdHashMap<Pair> = [Pair(3, 0)].into_iter().collect();
    let mut ordered: IdOrdMap<Pair> = [Pair(3, 0)].into_iter().collect();
    assert!(panics(&mut || drop(hashed.entry(1).or_insert(Pair(2, 0)))));
    assert!(panics(&mut || drop(ordered.entry(1).or_insert(Pair(3, 0)))));
    assert!(!panics(&mut || drop(
        ordered.entry(1).or_insert(Pair(2, 0))
    )));
    assert_eq!((hashed.len(), ordered.len()), (1, 2));
    assert!(ordered.keys().eq([2, 3]));
}

#[test]
fn a_handle_goes_over_to_the_record_that_takes_the_very_place() {
    let mut map = IdHashMap::<Pair>::new();
    let handle = map.insert_unique_handle(Pair(1, 1)).unwrap();
    map.insert_overwrite(Pair(1, 2));
    assert_eq!(map.get_by_handle(handle), Some(&Pair(1, 2)));
    let mut map = BiHashMap::<Pair>::new();
    let handle = map.insert_unique_handle(Pair(1, 1)).unwrap();
    map.insert_overwrite(Pair(1, 1));
    assert_eq!(map.get_by_handle(handle), None);
}

#[test]
fn duplicates_are_in_the_order_of_slots() {
    let items = [Pair(1, 10), Pair(2, 20), Pair(2, 10)];
    let error = BiHashMap::<Pair>::from_iter_unique(items.clone()).unwrap_err();
    assert_eq!(error.duplicates(), &items[..2]);
    let mut map: BiHashMap<Pair> = items[..2].iter().cloned().collect();
    let error = map.insert_unique(items[2].clone()).unwrap_err();
    assert_eq!(error.duplicates(), [&items[0], &items[1]]);
}

/// Iterators of maps may be moved to other threads and lived in for a shorter time, where those of the standard maps may.
#[test]
fn iterators_are_as_free_as_those_of_the_standard_library() {
    fn send_and_sync<T: Send + Sync>(_: &T) {}
    fn shorter<'a>(
        map: IdHashMap<&'static Pair>,
        ordered: IdOrdMap<&'static Pair>,
        _: &'a Pair,
    ) -> (IdHashMap<&'a Pair>, IdOrdMap<&'a Pair>) {
        (map, ordered)
    }
    fn iter<'a, 'b>(
        iter: idmap::id_hash_map::Iter<'b, &'static Pair>,
    ) -> idmap::id_hash_map::Iter<'b, &'a Pair> {
        iter
    }
    fn range<'a, 'b>(
        range: idmap::id_ord_map::Range<'b, &'static Pair>,
    ) -> idmap::id_ord_map::Range<'b, &'a Pair> {
        range
    }
    let local = Pair(1, 1);
    let (mut map, mut ordered) = shorter(IdHashMap::new(), IdOrdMap::new(), &local);
    map.insert_unique(&local).unwrap();
    ordered.insert_unique(&local).unwrap();
    send_and_sync(&map);
    send_and_sync(&map.iter());
    send_and_sync(&map.iter_mut());
    send_and_sync(&ordered.iter());
    send_and_sync(&ordered.iter_mut());
    send_and_sync(&ordered.range(..2));
    send_and_sync(&map.entry(1));
    send_and_sync(&map.get_mut(1));
    send_and_sync(&map.handle(1));
    assert_eq!(
        (
            iter(IdHashMap::new().iter()).len(),
            range(IdOrdMap::new().range(..2)).count()
        ),
        (0, 0)
    );
}

/// A record whose key changes while it is in the map is not found, and not lost.
#[test]
fn keys_that_change_inside_lose_no_record() {
    #[derive(Debug)]
    struct Loose(
        Cell<u32>,
        #[expect(dead_code, reason = "its drop counts")] Token,
    );
    impl IdHashItem for Loose {
        type Key<'a> = u32;
        fn key(&self) -> u32 {
            self.0.get()
        }
        id_upcast!();
    }
    impl IdOrdItem for Loose {
        type Key<'a> = u32;
        fn key(&self) -> u32 {
            self.0.get()
        }
        id_upcast!();
    }
    macro_rules! attack {
        ($map:ty) => {{
            let ledger = Ledger::new();
            let records = if cfg!(miri) { 16 } else { 100 };
            let mut map: $map = (0..records)
                .map(|n| Loose(Cell::new(n), ledger.token()))
                .collect();
            let handles: Vec<_> = (0..records).map(|n| map.handle(n).unwrap()).collect();
            for (item, n) in map.iter().zip(0..) {
                item.0.set(n * 37 % (records / 2));
            }
            for n in 0..records / 2 {
                drop(map.remove(n));
                drop(map.insert_unique(Loose(Cell::new(n), ledger.token())));
                drop(map.insert_overwrite(Loose(Cell::new(n + 7), ledger.token())));
                drop(map.remove_by_handle(handles[n as usize]));
                map.validate_structural(ValidateCompact::NonCompact)
                    .unwrap();
            }
            map.retain(|item| item.0.get() % 2 == 0);
            map.shrink_to_fit();
            map.validate_structural(ValidateCompact::Compact).unwrap();
            assert_eq!(map.iter().count(), map.len());
            let len = map.len();
            assert_eq!(map.extract_if(|_| true).count(), len);
            drop(map);
            ledger.assert_clean();
        }};
    }
    attack!(IdHashMap<Loose>);
    attack!(IdOrdMap<Loose>);
}

/// Hints that lie, keys that are asked for twice, capacities that nothing has.
#[test]
fn numbers_without_measure_are_refused() {
    let panics = |call: &mut dyn FnMut()| catch_unwind(AssertUnwindSafe(call)).is_err();
    macro_rules! attack {
        ($map:ty) => {{
            let mut map: $map = [Pair(1, 1)].into_iter().collect();
            for additional in [usize::MAX, usize::MAX / 2, u32::MAX as usize] {
                assert!(map.try_reserve(additional).is_err());
                assert!(panics(&mut || map.reserve(usize::MAX)));
            }
            assert!(panics(
                &mut || map.extend(LyingIter::new([Pair(2, 2)]).hint_is(usize::MAX, None))
            ));
            let lying = LyingIter::new([Pair(2, 2), Pair(3, 3)])
                .hint_is(1, Some(0))
                .then_again([Pair(4, 4)]);
            map.extend(lying);
            map.shrink_to(usize::MAX);
            assert_eq!(map.len(), 3);
            let found = map
                .get_disjoint_mut([1, 2, 1, 9, 3, 2])
                .map(|found| found.map(|found| found.1));
            assert_eq!(found, [Some(1), Some(2), None, None, Some(3), None]);
            assert_eq!(map.get_disjoint_mut([]).len(), 0);
            map.validate_structural(ValidateCompact::Compact).unwrap();
        }};
    }
    attack!(IdHashMap<Pair>);
    attack!(IdOrdMap<Pair>);
}

/// A key may look into other maps, and into its own as far as the borrow checker of the day lets it.
#[test]
fn keys_that_look_into_maps_see_them_whole() {
    struct Nosy(u32, Weak<RefCell<IdOrdMap<Nosy>>>);
    impl IdOrdItem for Nosy {
        type Key<'a> = u32;
        fn key(&self) -> u32 {
            if let Some(map) = self.1.upgrade()
                && let Ok(map) = map.try_borrow()
            {
                assert_eq!(map.tree_len(), map.len());
            }
            self.0
        }
        id_upcast!();
    }
    trait TreeLen {
        fn tree_len(&self) -> usize;
    }
    impl TreeLen for IdOrdMap<Nosy> {
        fn tree_len(&self) -> usize {
            self.iter().count()
        }
    }
    let own = Rc::new(RefCell::new(IdOrdMap::new()));
    for n in (0..70).chain(20..30) {
        let item = Nosy(n, Rc::downgrade(&own));
        drop(own.borrow_mut().insert_overwrite(item));
        assert!(own.borrow().get(&n).is_some());
        assert_eq!(
            own.borrow().range(n..).count(),
            if n < 70 {
                own.borrow().len() - n as usize
            } else {
                0
            }
        );
    }
    own.borrow_mut().retain(|item| item.0 % 3 == 0);
    assert_eq!(own.borrow().len(), 24);
}
