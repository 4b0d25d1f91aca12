//! Sequences of operations beside a naive map, with the structure checked after each.

use crate::record::{Map, Record};
use adversary::liar::Liar;
use adversary::model::Runner;
use adversary::oracle::NaiveMap;
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Op {
    Get(u32),
    GetMut(u32, u32),
    InsertUnique(u32, u32),
    InsertOverwrite(u32, u32),
    OrInsert(u32, u32),
    Update(u32, u32),
    Remove(u32),
    Retain(u32),
    Extract(u32),
    Clear,
    Shrink,
    Reserve(usize),
    Rebuild,
}

fn ops() -> impl Strategy<Value = Op> {
    let key = || 0..24_u32;
    prop_oneof![
        3 => key().prop_map(Op::Get),
        2 => (key(), any::<u32>()).prop_map(|(key, value)| Op::GetMut(key, value)),
        8 => (key(), any::<u32>()).prop_map(|(key, value)| Op::InsertUnique(key, value)),
        4 => (key(), any::<u32>()).prop_map(|(key, value)| Op::InsertOverwrite(key, value)),
        4 => (key(), any::<u32>()).prop_map(|(key, value)| Op::OrInsert(key, value)),
        6 => (key(), key()).prop_map(|(from, to)| Op::Update(from, to)),
        8 => key().prop_map(Op::Remove),
        1 => (2..5_u32).prop_map(Op::Retain),
        1 => (2..5_u32).prop_map(Op::Extract),
        1 => Just(Op::Clear),
        1 => Just(Op::Shrink),
        1 => (0..40_usize).prop_map(Op::Reserve),
        1 => Just(Op::Rebuild),
    ]
}

fn step<M: Map>((map, naive): &mut (M, NaiveMap<u32, u32>), op: &Op) {
    let payload = |record: Option<Record>| record.map(|record| record.payload);
    match *op {
        Op::Get(key) => assert_eq!(
            map.get(&Liar::new(key)).map(|record| record.payload),
            naive.get(&key).copied()
        ),
        Op::GetMut(key, value) => {
            let there = map
                .get_mut(&Liar::new(key))
                .map(|mut record| record.payload = value);
            assert_eq!(there, naive.get_mut(&key).map(|kept| *kept = value));
        }
        Op::InsertUnique(key, value) => {
            let inserted = map.insert_unique(Record::new(key, value)).is_ok();
            assert_eq!(inserted, !naive.contains_key(&key));
            if inserted {
                naive.insert(key, value);
            }
        }
        Op::InsertOverwrite(key, value) => {
            assert_eq!(
                payload(map.insert_overwrite(Record::new(key, value))),
                naive.insert(key, value)
            );
        }
        Op::OrInsert(key, value) => {
            let kept = naive.get(&key).copied().unwrap_or(value);
            assert_eq!(map.or_insert(Record::new(key, value)), kept);
            naive.insert(key, kept);
        }
        Op::Update(from, to) => {
            let expected = naive
                .get(&from)
                .map(|_| from == to || !naive.contains_key(&to));
            assert_eq!(map.update(&Liar::new(from), to), expected);
            if expected == Some(true)
                && let Some(value) = naive.remove(&from)
            {
                naive.insert(to, value);
            }
        }
        Op::Remove(key) => assert_eq!(payload(map.remove(&Liar::new(key))), naive.remove(&key)),
        Op::Retain(by) => {
            map.retain(|record| record.id() % by == 0);
            naive.retain(|key, _| key % by == 0);
        }
        Op::Extract(by) => {
            let mut out: Vec<u32> = map
                .extract(|record| record.id() % by == 0)
                .iter()
                .map(Record::id)
                .collect();
            out.sort_unstable();
            let expected: Vec<u32> = naive
                .sorted()
                .iter()
                .map(|(key, _)| **key)
                .filter(|key| key % by == 0)
                .collect();
            assert_eq!(out, expected);
            naive.retain(|key, _| key % by != 0);
        }
        Op::Clear => {
            map.clear();
            naive.clear();
        }
        Op::Shrink => map.shrink(),
        Op::Reserve(additional) => assert!(map.reserve(additional)),
        Op::Rebuild => {
            let copy = map.clone();
            assert_eq!(copy, *map);
            *map = copy
                .ids()
                .into_iter()
                .map(|id| map.get(&Liar::new(id)).expect("it has that id").clone())
                .collect();
            assert_eq!(copy, *map);
        }
    }
    map.check();
    map.check_keys();
    assert_eq!(map.len(), naive.sorted().len());
    let mut ids = map.ids();
    let expected: Vec<u32> = naive.sorted().iter().map(|(key, _)| **key).collect();
    if !M::ORDERED {
        ids.sort_unstable();
    }
    assert_eq!(ids, expected);
}

fn sequences_answer_as_a_naive_map_does<M: Map>() {
    let (cases, steps) = if cfg!(miri) { (1, 8) } else { (10_000, 14) };
    Runner::new()
        .cases(cases)
        .steps(steps)
        .run(&ops(), || (M::default(), NaiveMap::new()), step);
}

#[test]
fn sequences_on_a_hash_map_answer_as_a_naive_map_does() {
    sequences_answer_as_a_naive_map_does::<idmap::IdHashMap<Record>>();
}

#[test]
fn sequences_on_an_ordered_map_answer_as_a_naive_map_does() {
    sequences_answer_as_a_naive_map_does::<idmap::IdOrdMap<Record>>();
}
