//! Keys that lie about their order, equality and hash.

use crate::record::{Map, Record, each_map};
use adversary::liar::script::random;
use adversary::liar::{Liar, Lie};
use adversary::model::Runner;
use idmap::IdOrdMap;
use proptest::prelude::*;
use std::cmp::Ordering::{Equal, Greater, Less};
use std::collections::BTreeSet;

/// More than a leaf; fewer where each access is interpreted.
const RECORDS: u32 = if cfg!(miri) { 36 } else { 200 };
const MORE: u32 = if cfg!(miri) { 30 } else { 1000 };

/// What the author of iddqd found in iddqd: an order that says "equal" while a record is removed took the wrong position
/// out of the tree, and an iterator lent one record twice.
#[test]
fn an_order_that_says_equal_for_a_while_lends_no_record_twice() {
    let mut map: IdOrdMap<Record> = (0..RECORDS).map(|key| Record::new(key, 0)).collect();
    for key in [0, 37, RECORDS - 1] {
        let lie = Lie::ord(|_, _| Equal);
        drop(map.remove(&Liar::new(key)));
        drop(lie);
        map.check();
    }
    for key in 1000..1000 + MORE {
        map.insert_unique(Record::new(key, 0)).unwrap();
    }
    let mut lent = BTreeSet::new();
    let all: Vec<_> = map.iter_mut().collect();
    assert!(
        all.iter()
            .all(|record| lent.insert(std::ptr::from_ref::<Record>(record)))
    );
    assert_eq!(lent.len() as u32, RECORDS + MORE - 3);
}

/// The same through an entry, as in the article: the entry is that of the first record, and the order lies while it is
/// removed.
#[test]
fn an_entry_removes_its_own_record_whatever_the_order_says() {
    let mut map: IdOrdMap<Record> = (0..RECORDS).map(|key| Record::new(key, key)).collect();
    let key = Liar::new(0);
    let idmap::id_ord_map::Entry::Occupied(entry) = map.entry(&key) else {
        panic!("it is there")
    };
    let lie = Lie::ord(|_, _| Equal);
    assert_eq!(entry.remove().payload, 0);
    drop(lie);
    map.check();
    map.check_keys();
    for key in 1000..1000 + MORE {
        map.insert_unique(Record::new(key, 0)).unwrap();
    }
    assert_eq!(map.touch_all() as u32, RECORDS + MORE - 1);
}

#[derive(Clone, Debug)]
enum Op {
    Lie(u8, u64),
    Honest,
    Insert(u32),
    Overwrite(u32),
    OrInsert(u32),
    Update(u32, u32),
    Remove(u32),
    Retain(u32),
    Extract(u32),
    Shrink,
}

fn ops() -> impl Strategy<Value = Op> {
    let key = || 0..80_u32;
    prop_oneof![
        2 => (0..3_u8, any::<u64>()).prop_map(|(what, seed)| Op::Lie(what, seed)),
        2 => Just(Op::Honest),
        9 => key().prop_map(Op::Insert),
        3 => key().prop_map(Op::Overwrite),
        3 => key().prop_map(Op::OrInsert),
        4 => (key(), key()).prop_map(|(from, to)| Op::Update(from, to)),
        5 => key().prop_map(Op::Remove),
        1 => (2..5_u32).prop_map(Op::Retain),
        1 => (2..5_u32).prop_map(Op::Extract),
        1 => Just(Op::Shrink),
    ]
}

fn step<M: Map>((map, lie): &mut (M, Option<Lie>), op: &Op) {
    let mut operation = || match *op {
        Op::Lie(what, seed) => {
            *lie = None;
            *lie = Some(match what {
                0 => Lie::ord(random(seed, [Less, Equal, Greater])),
                1 => Lie::eq(random(seed, [true, false])),
                _ => Lie::hash(random(seed, [0, 1, u64::MAX, 7 << 40])),
            });
        }
        Op::Honest => *lie = None,
        Op::Insert(key) => drop(map.insert_unique(Record::new(key, 0))),
        Op::Overwrite(key) => drop(map.insert_overwrite(Record::new(key, 0))),
        Op::OrInsert(key) => {
            map.or_insert(Record::new(key, 0));
        }
        Op::Update(from, to) => {
            map.update(&Liar::new(from), to);
        }
        Op::Remove(key) => drop(map.remove(&Liar::new(key))),
        Op::Retain(by) => map.retain(|record| record.id() % by != 0),
        Op::Extract(by) => drop(map.extract(|record| record.id() % by == 0)),
        Op::Shrink => map.shrink(),
    };
    // A map that is lied to may panic.
    drop(std::panic::catch_unwind(std::panic::AssertUnwindSafe(
        &mut operation,
    )));
    map.check();
    assert_eq!(map.touch_all(), map.len());
    assert_eq!(map.ids().len(), map.len());
}

fn a_map_that_is_lied_to_stays_whole<M: Map>() {
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let (cases, steps) = if cfg!(miri) { (1, 12) } else { (400, 96) };
    let result =
        Runner::new()
            .cases(cases)
            .steps(steps)
            .check(&ops(), || (M::default(), None), step);
    std::panic::set_hook(hook);
    if let Err(failure) = result {
        panic!("{failure}");
    }
}

each_map!(a_map_that_is_lied_to_stays_whole);
