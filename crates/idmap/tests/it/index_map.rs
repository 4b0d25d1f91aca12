//! Maps in the order of insertion, beside a list.

use crate::record::Record;
use adversary::countdown;
use adversary::liar::Liar;
use adversary::model::Runner;
use idmap::IdIndexMap;
use idmap::internal::ValidateCompact;
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Op {
    Insert(u32, u32),
    Overwrite(u32, u32),
    Extend(u32, u32),
    OrInsert(u32, u32),
    Update(u32, u32),
    Remove(u32),
    RemoveByEntry(u32),
    RemoveIndex(usize),
    SwapRemove(u32),
    SwapRemoveIndex(usize),
    Pop,
    Retain(u32),
    /// Of the records whose key a number divides, so many.
    Extract(u32, usize),
    Drain,
    Sort,
    Reverse,
    Swap(usize, usize),
    Move(usize, usize),
    ChangeAll,
    Shrink,
    Rebuild,
    Clear,
}

fn ops() -> impl Strategy<Value = Op> {
    let key = || 0..16_u32;
    let index = || 0..16_usize;
    prop_oneof![
        8 => (key(), any::<u32>()).prop_map(|(key, value)| Op::Insert(key, value)),
        4 => (key(), any::<u32>()).prop_map(|(key, value)| Op::Overwrite(key, value)),
        2 => (key(), any::<u32>()).prop_map(|(key, value)| Op::Extend(key, value)),
        2 => (key(), any::<u32>()).prop_map(|(key, value)| Op::OrInsert(key, value)),
        6 => (key(), key()).prop_map(|(from, to)| Op::Update(from, to)),
        3 => key().prop_map(Op::Remove),
        1 => key().prop_map(Op::RemoveByEntry),
        2 => index().prop_map(Op::RemoveIndex),
        3 => key().prop_map(Op::SwapRemove),
        2 => index().prop_map(Op::SwapRemoveIndex),
        1 => Just(Op::Pop),
        1 => (2..5_u32).prop_map(Op::Retain),
        1 => (2..4_u32, 0..4_usize).prop_map(|(by, most)| Op::Extract(by, most)),
        1 => prop_oneof![Just(Op::Sort), Just(Op::Reverse), Just(Op::ChangeAll)],
        2 => (index(), index()).prop_map(|(a, b)| Op::Swap(a, b)),
        2 => (index(), index()).prop_map(|(from, to)| Op::Move(from, to)),
        2 => prop_oneof![3 => Just(Op::Shrink), 2 => Just(Op::Rebuild), 1 => Just(Op::Drain), 1 => Just(Op::Clear)],
    ]
}

type Map = IdIndexMap<Record>;
/// Keys and payloads.
type List = Vec<(u32, u32)>;

fn pair(record: &Record) -> (u32, u32) {
    (record.id(), record.payload)
}

fn insert(list: &mut List, key: u32, value: u32) -> (usize, Option<u32>) {
    match list.iter_mut().position(|(kept, _)| *kept == key) {
        Some(at) => (at, Some(std::mem::replace(&mut list[at].1, value))),
        None => {
            list.push((key, value));
            (list.len() - 1, None)
        }
    }
}

fn at(list: &List, key: u32) -> Option<usize> {
    list.iter().position(|(kept, _)| *kept == key)
}

fn step((map, list): &mut (Map, List), op: &Op) {
    by_key(map, list, op);
    in_order(map, list, op);
    all(map, list, op);
    check(map, list);
}

/// The operations that take keys.
fn by_key(map: &mut Map, list: &mut List, op: &Op) {
    match *op {
        Op::Insert(key, value) => {
            let new = at(list, key).is_none();
            assert_eq!(map.insert_unique(Record::new(key, value)).is_ok(), new);
            if new {
                list.push((key, value));
            }
        }
        Op::Overwrite(key, value) => {
            let (index, replaced) = map.insert_full(Record::new(key, value));
            assert_eq!(
                (index, replaced.map(|record| record.payload)),
                insert(list, key, value)
            );
        }
        Op::Extend(key, value) => {
            map.extend([Record::new(key, value), Record::new(key + 1, value)]);
            insert(list, key, value);
            insert(list, key + 1, value);
        }
        Op::OrInsert(key, value) => {
            let kept = map
                .entry(&Liar::new(key))
                .or_insert(Record::new(key, value))
                .payload;
            let index = at(list, key).unwrap_or_else(|| insert(list, key, value).0);
            assert_eq!(kept, list[index].1);
        }
        Op::Update(from, to) => {
            let changed = map.update(&Liar::new(from), |record| {
                *record = Record::new(to, record.payload);
            });
            let free = from == to || at(list, to).is_none();
            assert_eq!(
                changed.map(|changed| changed.is_ok()),
                at(list, from).map(|_| free)
            );
            if free && let Some(index) = at(list, from) {
                list[index].0 = to;
            }
        }
        Op::Remove(key) => {
            let removed = map.remove(&Liar::new(key));
            assert_eq!(
                removed.as_ref().map(pair),
                at(list, key).map(|at| list.remove(at))
            );
        }
        Op::RemoveByEntry(key) => {
            if let idmap::id_index_map::Entry::Occupied(entry) = map.entry(&Liar::new(key)) {
                let index = entry.index();
                assert_eq!(pair(&entry.remove()), list.remove(index));
            }
        }
        Op::SwapRemove(key) => {
            let removed = map.swap_remove(&Liar::new(key));
            assert_eq!(
                removed.as_ref().map(pair),
                at(list, key).map(|at| list.swap_remove(at))
            );
        }
        _ => {}
    }
}

/// The operations that take indexes, or change the order.
fn in_order(map: &mut Map, list: &mut List, op: &Op) {
    match *op {
        Op::RemoveIndex(index) => {
            let removed = map.remove_index(index);
            let expected = (index < list.len()).then(|| list.remove(index));
            assert_eq!(removed.as_ref().map(pair), expected);
        }
        Op::SwapRemoveIndex(index) => {
            let removed = map.swap_remove_index(index);
            let expected = (index < list.len()).then(|| list.swap_remove(index));
            assert_eq!(removed.as_ref().map(pair), expected);
        }
        Op::Pop => assert_eq!(map.pop().as_ref().map(pair), list.pop()),
        Op::Sort => {
            map.sort_by(|a, b| (a.payload % 4).cmp(&(b.payload % 4)));
            list.sort_by_key(|(_, value)| value % 4);
        }
        Op::Reverse => {
            map.reverse();
            list.reverse();
        }
        Op::Swap(a, b) if a.max(b) < list.len() => {
            map.swap_indices(a, b);
            list.swap(a, b);
        }
        Op::Move(from, to) if from.max(to) < list.len() => {
            map.move_index(from, to);
            let moved = list.remove(from);
            list.insert(to, moved);
        }
        _ => {}
    }
}

/// The operations on all records.
fn all(map: &mut Map, list: &mut List, op: &Op) {
    match *op {
        Op::Retain(by) => {
            let mut seen = Vec::new();
            map.retain(|record| {
                seen.push(pair(&record));
                record.id() % by != 0
            });
            assert_eq!(seen, *list);
            list.retain(|(key, _)| key % by != 0);
        }
        Op::Extract(by, most) => {
            let removed = map.extract_if(|record| record.id() % by == 0).take(most);
            let removed: List = removed.map(|record| pair(&record)).collect();
            let out: List = list
                .iter()
                .filter(|(key, _)| key % by == 0)
                .take(most)
                .copied()
                .collect();
            assert_eq!(removed, out);
            list.retain(|kept| !out.contains(kept));
        }
        Op::Drain => {
            assert!(map.drain().map(|record| pair(&record)).eq(list.drain(..)));
        }
        Op::ChangeAll => {
            for (mut record, (_, value)) in map.iter_mut().rev().zip(list.iter_mut().rev()) {
                record.payload ^= 1;
                *value ^= 1;
            }
        }
        Op::Shrink => {
            map.shrink_to_fit();
            map.validate(ValidateCompact::Compact).expect("it is whole");
        }
        Op::Rebuild => {
            let copy = map.clone();
            let records = std::mem::take(map).into_iter();
            assert_eq!(records.len(), list.len());
            *map = records.collect();
            assert_eq!(*map, copy);
        }
        Op::Clear => {
            map.clear();
            list.clear();
        }
        _ => {}
    }
}

fn check(map: &Map, list: &List) {
    map.validate(ValidateCompact::NonCompact)
        .expect("it is whole");
    assert!(map.iter().map(pair).eq(list.iter().copied()));
    assert!(map.iter().rev().map(pair).eq(list.iter().rev().copied()));
    assert!(
        map.keys()
            .map(|key| *key.get())
            .eq(list.iter().map(|(key, _)| *key))
    );
    assert_eq!((map.len(), map.iter().len()), (list.len(), list.len()));
    assert_eq!(map.first().map(pair), list.first().copied());
    assert_eq!(map.last().map(pair), list.last().copied());
    for index in 0..=list.len() {
        assert_eq!(map.get_index(index).map(pair), list.get(index).copied());
    }
    for key in 0..17 {
        let expected = list.iter().position(|(kept, _)| *kept == key);
        assert_eq!(map.index_of(&Liar::new(key)), expected);
        let full = map.get_full(&Liar::new(key));
        assert_eq!(
            full.map(|(index, record)| (index, pair(record))),
            expected.map(|index| (index, list[index]))
        );
    }
}

#[test]
fn sequences_answer_as_a_list_does() {
    let (cases, steps) = if cfg!(miri) { (1, 8) } else { (10_000, 14) };
    Runner::new()
        .cases(cases)
        .steps(steps)
        .run(&ops(), || (Map::new(), List::new()), step);
}

/// Keys in an order of their own.
const KEYS: [u32; 9] = [5, 3, 9, 1, 12, 7, 2, 8, 6];

fn of_keys() -> (Map, List) {
    let list = KEYS.map(|key| (key, key)).to_vec();
    let map = KEYS.map(|key| Record::new(key, key)).into_iter().collect();
    (map, list)
}

#[test]
fn the_order_of_what_stays_is_kept_when_a_removal_of_many_is_broken_off() {
    let panics = countdown::for_each_call(
        of_keys,
        |(map, _)| {
            map.extract_if(|record| {
                countdown::tick();
                record.id() % 3 == 0
            })
            .count()
        },
        |(map, mut list), run| {
            list.retain(|kept| map.iter().any(|record| pair(record) == *kept));
            check(&map, &list);
            assert!(list.len() == 5 || run.fired);
        },
    );
    assert!(panics >= KEYS.len() as u64, "{panics}");
    for most in 0..5 {
        let (mut map, mut list) = of_keys();
        let removed: Vec<u32> = map
            .extract_if(|record| record.id() % 3 == 0)
            .take(most)
            .map(|record| record.id())
            .collect();
        assert_eq!(removed, [3, 9, 12, 6][..most.min(4)]);
        list.retain(|(key, _)| !removed.contains(key));
        check(&map, &list);
    }
}

#[test]
fn a_removal_of_many_that_is_leaked_leaves_a_map_that_is_whole() {
    use std::sync::atomic::{AtomicPtr, Ordering::Relaxed};
    /// What is leaked, where detectors of leaks find it.
    static LEAKED: AtomicPtr<()> = AtomicPtr::new(std::ptr::null_mut());

    let (mut map, _) = of_keys();
    let mut removal = Box::new(map.extract_if(|record| record.id() % 3 == 0));
    assert_eq!(removal.next().map(|record| record.id()), Some(3));
    assert_eq!(removal.next().map(|record| record.id()), Some(9));
    LEAKED.store(Box::into_raw(removal).cast(), Relaxed);
    let list: List = map.iter().map(pair).collect();
    check(&map, &list);
    assert_eq!(list.len(), KEYS.len() - 2);
    map.insert_unique(Record::new(9, 1)).unwrap();
    assert_eq!(map.index_of(&Liar::new(9)), Some(list.len()));
}

/// Of so many that a removal in the time of those behind it would not end.
#[cfg(not(miri))]
#[test]
fn a_removal_of_many_takes_the_time_of_one_walk() {
    let mut map: Map = (0..200_000).map(|key| Record::new(key, 0)).collect();
    assert_eq!(
        map.extract_if(|record| record.id() % 2 == 0).count(),
        100_000
    );
    assert!(
        map.iter()
            .map(Record::id)
            .eq((0..200_000).skip(1).step_by(2))
    );
}

#[test]
fn a_record_of_an_index_is_changed_all_but_its_key() {
    let mut map: Map = (0..3).map(|key| Record::new(key, key)).collect();
    map.get_index_mut(1).unwrap().payload = 7;
    assert!(map.get_index_mut(3).is_none());
    let text = crate::bi_tri::panic_text(|| map.get_index_mut(1).unwrap().key = Liar::new(9));
    assert_eq!(text, "key changed during RefMut borrow");
    assert_eq!(map.get_index(1).map(pair), Some((9, 7)));
}

#[test]
fn a_sort_that_panics_loses_no_record_and_no_order() {
    let mut map: Map = (0..40)
        .map(|key| Record::new(key, (key * 7) % 40))
        .collect();
    let before: Vec<_> = map.iter().map(pair).collect();
    let mut calls = 0;
    crate::bi_tri::panic_text(|| {
        map.sort_by(|a, b| {
            calls += 1;
            assert!(calls < 30, "enough");
            a.payload.cmp(&b.payload)
        });
    });
    check(&map, &before);
}

#[test]
fn indexes_of_no_record_are_refused_and_change_nothing() {
    let map: Map = (0..3).map(|key| Record::new(key, key)).collect();
    let list: List = (0..3).map(|key| (key, key)).collect();
    let calls: [fn(&mut Map); 4] = [
        |map| map.swap_indices(0, 3),
        |map| map.swap_indices(3, 0),
        |map| map.move_index(0, 3),
        |map| map.move_index(3, 0),
    ];
    for call in calls {
        let mut map = map.clone();
        let text = crate::bi_tri::panic_text(|| call(&mut map));
        assert!(text.contains("index") && text.contains('3'), "{text}");
        check(&map, &list);
    }
}

#[test]
fn handles_last_whatever_becomes_of_the_order() {
    let mut map: Map = (0..5).map(|key| Record::new(key, key)).collect();
    let handle = map.handle(&Liar::new(3)).unwrap();
    map.remove(&Liar::new(1));
    map.reverse();
    map.update_by_handle(handle, |record| *record = Record::new(30, 3))
        .unwrap()
        .unwrap();
    assert_eq!(map.get_by_handle(handle).map(pair), Some((30, 3)));
    assert_eq!(map.index_of(&Liar::new(30)), Some(1));
    assert!(map.iter_handles().any(|(found, _)| found == handle));
}

#[test]
fn an_index_of_the_users_own_remembers_the_order_beside_others() {
    use idmap::IndexedMap;
    use idmap::index::{HashKey, Inserted, OrdKey, Ordered};

    struct Id;
    impl HashKey<(u32, u32)> for Id {
        type Key<'a> = u32;
        fn key(record: &(u32, u32)) -> u32 {
            record.0
        }
    }
    struct Rank;
    impl OrdKey<(u32, u32)> for Rank {
        type Key<'a> = u32;
        fn key(record: &(u32, u32)) -> u32 {
            record.1
        }
    }

    let mut map: IndexedMap<(u32, u32), (Ordered<Rank>, Inserted<Id>)> =
        (0..6).map(|n| (n, 10 - n)).collect();
    let handle = map.by(Id).handle(&2).unwrap();
    map.update_by_handle(handle, |record| *record = (20, 0))
        .unwrap()
        .unwrap();
    map.remove_by_handle(map.by(Id).handle(&0).unwrap());
    assert_eq!(map.by(Rank).first(), Some(&(20, 0)));
    assert!(
        map.by(Id)
            .iter()
            .map(|record| record.0)
            .eq([1, 20, 3, 4, 5])
    );
    assert_eq!(map.by(Id).get_index(1), Some(&(20, 0)));
    let removed = map.extract_if(|record| record.0 == 20 || record.0 == 4);
    assert_eq!(removed.count(), 2);
    assert!(map.by(Id).iter().map(|record| record.0).eq([1, 3, 5]));
    assert!(map.by(Rank).iter().map(|record| record.0).eq([5, 3, 1]));
    map.validate_structural(ValidateCompact::NonCompact)
        .unwrap();
}
