//! Cursors, beside a list and a place in it.

use crate::record::{Map as _, Record};
use adversary::countdown;
use adversary::drops::Ledger;
use adversary::liar::script::random;
use adversary::liar::{Liar, Lie};
use adversary::model::Runner;
use idmap::IdOrdMap;
use proptest::prelude::*;
use std::cmp::Ordering::{Equal, Greater, Less};
use std::ops::Bound::{self, Excluded, Included, Unbounded};
use std::panic::{AssertUnwindSafe, catch_unwind};

type Map = IdOrdMap<Record>;

/// A walk: whether it begins at a lower bound or an upper one, at which, and its steps.
#[derive(Clone, Debug)]
struct Walk(bool, Bound<u32>, Vec<Step>);

#[derive(Clone, Copy, Debug)]
enum Step {
    Next,
    Prev,
    RemoveNext,
    RemovePrev,
    /// Before the place or behind it, of a key, or the one that follows the key before the place.
    Insert(bool, Option<u32>),
}

fn key() -> impl Strategy<Value = u32> {
    0..300_u32
}

fn walks() -> impl Strategy<Value = Walk> {
    let step = prop_oneof![
        4 => Just(Step::Next),
        4 => Just(Step::Prev),
        3 => Just(Step::RemoveNext),
        3 => Just(Step::RemovePrev),
        5 => (any::<bool>(), prop::option::weighted(0.2, key()))
            .prop_map(|(before, key)| Step::Insert(before, key)),
    ];
    let bound = prop_oneof![
        2 => key().prop_map(Included),
        2 => key().prop_map(Excluded),
        1 => Just(Unbounded)
    ];
    (any::<bool>(), bound, prop::collection::vec(step, 1..40))
        .prop_map(|(lower, bound, steps)| Walk(lower, bound, steps))
}

fn start(list: &[u32], lower: bool, bound: Bound<u32>) -> usize {
    match (bound, lower) {
        (Unbounded, true) => 0,
        (Unbounded, false) => list.len(),
        (Included(key), true) | (Excluded(key), false) => list.partition_point(|it| *it < key),
        (Excluded(key), true) | (Included(key), false) => list.partition_point(|it| *it <= key),
    }
}

fn walk((map, list): &mut (Map, Vec<u32>), Walk(lower, bound, steps): &Walk) {
    let id = |record: Option<&Record>| record.map(Record::id);
    let at = |at: usize| {
        (
            at.checked_sub(1).and_then(|at| list.get(at)).copied(),
            list.get(at).copied(),
        )
    };
    let first = start(list, *lower, *bound);
    let key = bound.map(Liar::new);
    let cursor = match lower {
        true => map.lower_bound(key.as_ref()),
        false => map.upper_bound(key.as_ref()),
    };
    assert_eq!((id(cursor.peek_prev()), id(cursor.peek_next())), at(first));
    let mut cursor = match lower {
        true => map.lower_bound_mut(key.as_ref()),
        false => map.upper_bound_mut(key.as_ref()),
    };
    let mut place = first;
    for step in steps {
        let before = place.checked_sub(1).map(|at| list[at]);
        match *step {
            Step::Next => {
                let record = cursor.next().map(|record| record.id());
                assert_eq!(record, list.get(place).copied());
                place += usize::from(record.is_some());
            }
            Step::Prev => {
                let record = cursor.prev().map(|record| record.id());
                assert_eq!(record, before);
                place -= usize::from(record.is_some());
            }
            Step::RemoveNext => {
                let removed = cursor.remove_next().map(|record| record.id());
                assert_eq!(removed, (place < list.len()).then(|| list.remove(place)));
            }
            Step::RemovePrev => {
                let removed = cursor.remove_prev().map(|record| record.id());
                assert_eq!(removed, before);
                if removed.is_some() {
                    place -= 1;
                    list.remove(place);
                }
            }
            Step::Insert(front, key) => {
                let key = key.unwrap_or_else(|| before.map_or(0, |key| key + 1));
                let record = Record::new(key, 0);
                let fits = before.is_none_or(|before| before < key)
                    && list.get(place).is_none_or(|next| key < *next);
                let inserted = match front {
                    true => cursor.insert_before(record),
                    false => cursor.insert_after(record),
                };
                assert_eq!(
                    inserted.map_err(|record| record.id()),
                    if fits { Ok(()) } else { Err(key) }
                );
                if fits {
                    list.insert(place, key);
                    place += usize::from(front);
                }
            }
        }
        let next = list.get(place).copied();
        let before = place.checked_sub(1).map(|at| list[at]);
        let here = cursor.as_cursor();
        assert_eq!((id(here.peek_prev()), id(here.peek_next())), (before, next));
        assert_eq!(cursor.peek_next().map(|record| record.id()), next);
        assert_eq!(cursor.peek_prev().map(|record| record.id()), before);
    }
    map.check();
    map.check_keys();
    let mut cursor = map.lower_bound::<Liar<u32>>(Unbounded);
    let there = std::iter::from_fn(|| cursor.next());
    assert!(there.map(Record::id).eq(list.iter().copied()));
    assert_eq!(id(cursor.peek_prev()), list.last().copied());
    let back = std::iter::from_fn(|| cursor.prev());
    assert!(back.map(Record::id).eq(list.iter().rev().copied()));
}

/// Of several leaves, so that removals merge some, and insertions split some; of one where each access is interpreted.
fn filled(ledger: &Ledger) -> Map {
    let records = if cfg!(miri) { 8 } else { 140 };
    (0..records)
        .map(|key| Record::counted(key * 2, ledger))
        .collect()
}

#[test]
fn walks_meet_and_change_what_a_list_has() {
    let (cases, steps) = if cfg!(miri) { (1, 1) } else { (3_000, 4) };
    let setup = || {
        let map = filled(&Ledger::new());
        let list = map.iter().map(Record::id).collect();
        (map, list)
    };
    Runner::new()
        .cases(cases)
        .steps(steps)
        .run(&walks(), setup, walk);
}

/// A walk that removes enough to merge leaves, and inserts.
fn long_walk(map: &mut Map) {
    // In the middle.
    let start = Liar::new(map.len() as u32);
    let mut cursor = map.lower_bound_mut(Included(&start));
    for _ in 0..if cfg!(miri) { 1 } else { 24 } {
        drop(cursor.remove_next());
        drop(cursor.remove_prev());
        cursor.next();
    }
    let key = cursor.peek_prev().map_or(0, |record| record.id() + 1);
    drop(cursor.insert_before(Record::new(key, 0)));
    drop(cursor.insert_after(Record::new(key, 0)));
    drop(cursor.insert_after(Record::new(key + 1, 0)));
    cursor.prev();
    drop(cursor.remove_next());
}

#[test]
fn every_call_of_a_walk_may_panic() {
    let setup = || {
        let ledger = Ledger::new();
        (filled(&ledger), ledger)
    };
    let panics = countdown::for_each_call(
        setup,
        |(map, _)| long_walk(map),
        |(mut map, ledger), _| {
            map.check();
            map.check_keys();
            assert_eq!(map.touch_all(), map.len());
            drop(map);
            ledger.assert_clean();
        },
    );
    assert!(panics > 5, "{panics}");
}

#[test]
fn a_cursor_is_good_after_a_panic_in_its_change() {
    let ledger = Ledger::new();
    let mut map = filled(&ledger);
    let len = map.len();
    let mut cursor = map.upper_bound_mut(Unbounded);
    let last = cursor.peek_prev().map(|record| record.id()).unwrap();
    let lie = Lie::ord(|_, _| panic!("no order today"));
    let inserted = catch_unwind(AssertUnwindSafe(|| {
        drop(cursor.insert_before(Record::new(last + 1, 0)));
    }));
    assert!(inserted.is_err());
    drop(lie);
    assert!(cursor.peek_next().is_none());
    assert_eq!(cursor.remove_prev().map(|record| record.id()), Some(last));
    map.check();
    assert_eq!(map.len(), len - 1);
}

#[test]
fn walks_by_keys_that_lie_leave_a_map_that_is_whole() {
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    for seed in 0..if cfg!(miri) { 1 } else { 200 } {
        let ledger = Ledger::new();
        let mut map = filled(&ledger);
        let lie = Lie::ord(random(seed, [Less, Equal, Greater]));
        // A map that is lied to may panic.
        drop(catch_unwind(AssertUnwindSafe(|| long_walk(&mut map))));
        drop(lie);
        map.check();
        assert_eq!(map.touch_all(), map.len());
        drop(map);
        ledger.assert_clean();
    }
    std::panic::set_hook(hook);
}
