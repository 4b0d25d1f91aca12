//! Tables beside a map of positions to hashes.

use super::{EMPTY, Hash, HashTable, REMOVED};
use crate::slab::{NOWHERE, Position};
use adversary::alloc::Scripted;
use adversary::countdown::{Fault, for_each};
use alloc::collections::BTreeMap;
use alloc::vec;
use alloc::vec::Vec;
use allocator_api2::alloc::{Allocator, Global};
use proptest::prelude::*;

/// A table, and what should be in it. Positions are given out as a slab does.
struct Pair {
    table: HashTable<Global>,
    model: BTreeMap<Position, u32>,
    vacant: Vec<Position>,
}

impl Pair {
    fn new() -> Self {
        Self {
            table: HashTable::new_in(Global, Global),
            model: BTreeMap::new(),
            vacant: Vec::new(),
        }
    }

    fn insert(&mut self, hash: u32) {
        let position = self.vacant.pop().unwrap_or(self.model.len() as Position);
        self.table.try_reserve(1).expect("there is memory");
        self.table.insert(Hash::new(hash.into()), position);
        self.model.insert(position, hash);
    }

    fn remove(&mut self, choice: usize) {
        let Some(position) = self
            .model
            .keys()
            .nth(choice % self.model.len().max(1))
            .copied()
        else {
            return;
        };
        self.model.remove(&position);
        self.vacant.push(position);
        let place = self.table.locate(position).expect("the position is there");
        self.table.remove(place);
        assert!(self.table.locate(position).is_none());
    }

    fn retain(&mut self, keep: impl Fn(Position) -> bool) {
        self.vacant
            .extend(self.model.keys().filter(|position| !keep(**position)));
        self.model.retain(|position, _| keep(*position));
        self.table.retain(keep);
    }

    fn compact(&mut self, min_capacity: usize) {
        let slots = self.model.len() + self.vacant.len();
        let mut moved = vec![NOWHERE; slots];
        for (to, from) in (0..).zip(self.model.keys()) {
            moved[*from as usize] = to;
        }
        let moved = Some(&moved[..]).filter(|_| !self.vacant.is_empty());
        if let Some(moved) = moved {
            self.table.remap(moved);
        }
        self.table.shrink(min_capacity);
        self.vacant.clear();
        self.model = (0..)
            .zip(core::mem::take(&mut self.model).into_values())
            .collect();
    }

    #[track_caller]
    fn check(&self) {
        assert_has(&self.table, &self.model);
    }
}

#[track_caller]
fn assert_has(table: &HashTable<impl Allocator>, model: &BTreeMap<Position, u32>) {
    table.check().expect("the arrays agree");
    let mut positions: Vec<_> = table.positions().collect();
    positions.sort_unstable();
    assert!(positions.iter().eq(model.keys()));
    for (position, hash) in model {
        let hash = Hash::new((*hash).into());
        assert!(table.find(hash, |found| found == *position).is_some());
    }
}

#[derive(Clone, Debug)]
enum Step {
    Insert(u32),
    Remove(usize),
    Churn(u32, usize),
    RetainModulo(u32),
    Compact(usize),
    Clear,
    Reserve(usize),
}

/// Hashes that look random, some that meet, and some that wrap around the end of every table.
fn hash() -> impl Strategy<Value = u32> {
    prop_oneof![
        any::<u32>(),
        0..4_u32,
        (0..4_u32).prop_map(|low| u32::MAX - low),
        (0..4_u32).prop_map(|high| high << 28)
    ]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        10 => hash().prop_map(Step::Insert),
        6 => any::<usize>().prop_map(Step::Remove),
        4 => (hash(), any::<usize>()).prop_map(|(hash, choice)| Step::Churn(hash, choice)),
        1 => (1..5_u32).prop_map(Step::RetainModulo),
        1 => (0..40_usize).prop_map(Step::Compact),
        1 => prop::bool::weighted(0.2).prop_map(|clear| if clear { Step::Clear } else { Step::Reserve(1) }),
        1 => (0..100_usize).prop_map(Step::Reserve),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: if cfg!(miri) { 2 } else { 128 }, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_table_has_what_was_inserted_and_not_removed(
        steps in prop::collection::vec(step(), 1..if cfg!(miri) { 40 } else { 300 }),
    ) {
        let mut pair = Pair::new();
        for step in steps {
            match step {
                Step::Insert(hash) => pair.insert(hash),
                Step::Remove(choice) => pair.remove(choice),
                Step::Churn(hash, choice) => {
                    for at in 0..20 {
                        pair.insert(hash.wrapping_add(at));
                        pair.remove(choice.wrapping_mul(at as usize));
                    }
                }
                Step::RetainModulo(modulus) => pair.retain(|position| position % modulus == 0),
                Step::Compact(min_capacity) => pair.compact(min_capacity),
                Step::Clear => {
                    pair.table.clear();
                    pair.model.clear();
                    pair.vacant.clear();
                }
                Step::Reserve(additional) => {
                    pair.table.try_reserve(additional).expect("there is memory");
                    let entries = pair.table.entries.len();
                    for _ in 0..additional {
                        pair.insert(7);
                    }
                    prop_assert_eq!(entries, pair.table.entries.len());
                }
            }
            pair.check();
        }
    }
}

#[test]
fn one_hash_for_all_keeps_every_position_apart() {
    for hash in [0, 1, u32::MAX] {
        let mut pair = Pair::new();
        (0..300).for_each(|_| pair.insert(hash));
        pair.check();
        (0..150).for_each(|_| pair.remove(97));
        pair.check();
        pair.compact(0);
        pair.check();
        (0..150).for_each(|_| pair.remove(0));
        pair.check();
        assert_eq!(pair.table.positions().count(), 0);
    }
}

#[test]
fn a_full_table_that_loses_as_many_as_it_gains_keeps_its_memory() {
    let mut pair = Pair::new();
    (0..4096_u32).for_each(|at| pair.insert(at.wrapping_mul(0x9E37_79B9)));
    assert_eq!(HashTable::<Global>::limit(pair.table.entries.len()), 4096);
    let entries = pair.table.entries.as_ptr();
    for at in 0..20_000_u32 {
        pair.remove(at as usize % 7);
        pair.insert(at.wrapping_mul(0x85EB_CA6B));
    }
    pair.check();
    assert_eq!(entries, pair.table.entries.as_ptr());
    (0..4096).for_each(|_| pair.remove(3));
    assert_eq!(pair.table.positions().count(), 0);
}

#[test]
fn a_search_ends_in_a_table_that_is_as_full_as_it_gets() {
    for len in [0, 1, 2, 3, 4, 5, 4096, 4097, 16_384, 16_385] {
        let mut pair = Pair::new();
        (0..len).for_each(|at| pair.insert(at % 3));
        assert!(pair.table.find(Hash::new(1), |_| false).is_none());
        assert!(pair.table.find(Hash::new(u64::MAX), |_| false).is_none());
        if len > 5 {
            break;
        }
    }
}

#[test]
fn no_position_is_asked_for_that_was_never_inserted() {
    let mut pair = Pair::new();
    for at in 0..64 {
        pair.insert(u32::MAX - at % 2);
        // What stands for no entry has all bits of such a hash.
        pair.table.find(Hash::new(u64::MAX), |position| {
            assert!(position <= at || position as usize >= pair.table.entries.len() / 2);
            false
        });
    }
}

#[test]
fn what_is_wrong_with_a_table_is_said() {
    type Break = fn(&mut HashTable<Global>);
    fn mark(table: &mut HashTable<Global>, count: usize) {
        let vacant = table.entries.iter_mut().filter(|entry| **entry == EMPTY);
        vacant.take(count).for_each(|entry| *entry = REMOVED);
        table.used += count as u32;
    }
    let breaks: [(Break, &str); 6] = [
        (
            |table| table.len += 1,
            "the table counts 33 entries and has 32",
        ),
        (|table| table.used += 1, "places are not in use"),
        (
            |table| table.hashes[3].0 ^= 1 << 30,
            "no search comes to position 3",
        ),
        (
            |table| table.insert(Hash::new(77), 32),
            "33 entries are too many for 128",
        ),
        (|table| mark(table, 17), "49 places are too many in use"),
        (|table| mark(table, 16), ""),
    ];
    for (break_it, expected) in breaks {
        let mut pair = Pair::new();
        (0..32_u32).for_each(|at| pair.insert(at.wrapping_mul(0x9E37_79B9)));
        assert_eq!(
            (pair.table.entries.len(), pair.table.check()),
            (128, Ok(()))
        );
        break_it(&mut pair.table);
        let said = pair.table.check().err().unwrap_or_default();
        assert!(
            said.contains(expected) && said.is_empty() == expected.is_empty(),
            "{said}"
        );
    }
}

#[test]
fn room_is_made_for_what_was_asked_and_no_more() {
    let mut pair = Pair::new();
    (0..100).for_each(|at| pair.insert(at));
    pair.table.try_reserve(900).expect("there is memory");
    let table = &pair.table;
    assert_eq!(
        (table.hashes.capacity(), table.entries.capacity()),
        (1000, 4096)
    );
}

#[test]
fn large_tables_are_half_full_at_the_most() {
    let mut table = HashTable::new_in(Global, Global);
    let sizes = [
        (1 << 12, 1 << 14),
        ((1 << 12) + 1, 1 << 15),
        (1 << 14, 1 << 15),
        ((1 << 14) + 1, 1 << 16),
    ];
    for (records, entries) in sizes {
        table.try_reserve(records).expect("there is memory");
        assert_eq!(table.entries.len(), entries);
    }
}

#[test]
fn places_that_were_left_are_used_again() {
    let mut pair = Pair::new();
    pair.insert(0);
    pair.remove(0);
    assert_eq!(pair.table.used, 0);
    // Places 0 to 2. What is left between others is a mark.
    (0..3).for_each(|_| pair.insert(0));
    pair.remove(1);
    assert_eq!(pair.table.used, 3);
    pair.insert(0);
    assert_eq!(pair.table.used, 3);
    pair.check();
    // The last of a run takes the mark before it along.
    (0..2).for_each(|_| pair.remove(0));
    assert_eq!(pair.table.used, 3);
    pair.remove(0);
    assert_eq!(pair.table.used, 1);
    pair.check();
}

#[test]
fn a_table_that_shrinks_gives_its_memory_back() {
    let mut pair = Pair::new();
    (0..1000).for_each(|at| pair.insert(at));
    pair.retain(|position| position < 10);
    pair.compact(0);
    pair.check();
    let table = &pair.table;
    assert_eq!(
        (table.hashes.capacity(), table.entries.capacity()),
        (10, 64)
    );
    let text = alloc::format!("{table:?}");
    assert_eq!(text, "HashTable { len: 10, entries: 64, .. }");
}

#[test]
fn more_than_positions_can_count_is_refused() {
    let mut table = HashTable::new_in(Global, Global);
    for additional in [usize::MAX, usize::MAX - 1, usize::MAX / 4] {
        assert!(table.try_reserve(additional).is_err());
    }
    table.try_reserve(1).expect("there is memory");
    table.insert(Hash::new(1), 0);
    assert!(table.try_reserve(usize::MAX).is_err());
    table.check().expect("the arrays agree");
}

#[test]
fn no_memory_leaves_a_table_as_it_was() {
    for kind in [Fault::AllocFails, Fault::AllocPanics] {
        for before in [0, 1, 2, 63, 64, 65] {
            for wanted in [1, 64, 1000] {
                for_each(
                    kind,
                    || filled(before),
                    |(table, _)| table.try_reserve(wanted),
                    |(mut table, model), run| {
                        assert_has(&table, &model);
                        assert_eq!(run.fired, !matches!(run.result, Ok(Ok(()))));
                        if !run.fired {
                            let capacities = (table.entries.capacity(), table.hashes.capacity());
                            (0..wanted as u32)
                                .for_each(|at| table.insert(Hash::new(at.into()), before + at));
                            assert_eq!(
                                capacities,
                                (table.entries.capacity(), table.hashes.capacity())
                            );
                            table.check().expect("the arrays agree");
                        }
                    },
                );
            }
        }
    }
}

#[test]
fn no_memory_to_shrink_into_leaves_the_entries_where_they_moved() {
    for_each(
        Fault::AllocPanics,
        || {
            let (mut table, mut model) = filled(300);
            for position in (0..300).filter(|position| position % 4 != 0) {
                let place = table.locate(position).expect("the position is there");
                table.remove(place);
                model.remove(&position);
            }
            (table, model)
        },
        |(table, _)| {
            let moved: Vec<_> = (0..300)
                .map(|from| if from % 4 == 0 { from / 4 } else { NOWHERE })
                .collect();
            table.remap(&moved);
            table.shrink(0);
        },
        |(table, model), _| {
            let moved = model
                .into_iter()
                .map(|(position, hash)| (position / 4, hash))
                .collect();
            assert_has(&table, &moved);
        },
    );
}

fn filled(len: u32) -> (HashTable<Scripted<Global>>, BTreeMap<Position, u32>) {
    let mut table = HashTable::new_in(Scripted::new(Global), Scripted::new(Global));
    let model: BTreeMap<_, _> = (0..len)
        .map(|position| (position, position.wrapping_mul(0x9E37_79B9)))
        .collect();
    for (position, hash) in &model {
        table.try_reserve(1).expect("there is memory");
        table.insert(Hash::new((*hash).into()), *position);
    }
    (table, model)
}
