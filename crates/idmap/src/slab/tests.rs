//! Slabs, and handles that must go stale.

use super::{NOWHERE, Position, Slab, Slot};
use crate::errors::TryReserveError;
use alloc::collections::BTreeMap;
use alloc::vec;
use alloc::vec::Vec;
use allocator_api2::alloc::Global;
use proptest::prelude::*;

type Plain = Slab<u32, Global>;

fn filled(len: u32) -> Plain {
    let mut slab = Slab::new_in(Global);
    (0..len).for_each(|item| assert_eq!(slab.insert(item), item));
    slab
}

#[derive(Clone, Debug)]
enum Step {
    Insert,
    Remove(usize),
    Compact,
    Clear,
    Replace(usize),
    Clone,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => Just(Step::Insert),
        6 => any::<usize>().prop_map(Step::Remove),
        1 => Just(Step::Compact),
        1 => prop::bool::weighted(0.3).prop_map(|clear| if clear { Step::Clear } else { Step::Clone }),
        1 => any::<usize>().prop_map(Step::Replace),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: if cfg!(miri) { 4 } else { 256 }, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_handle_finds_its_record_or_none(steps in prop::collection::vec(step(), 1..if cfg!(miri) { 40 } else { 200 })) {
        let (mut slab, mut model, mut next) = (filled(0), BTreeMap::<Position, u32>::new(), 0);
        // Each handle that there ever was, with its record.
        let mut handles: Vec<((Position, u32), u32)> = Vec::new();
        for step in steps {
            let chosen = |choice: usize| model.keys().nth(choice % model.len().max(1)).copied();
            match step {
                Step::Insert => {
                    slab.try_reserve(1).expect("there is memory");
                    let slots = slab.slots();
                    let expected = slab.next_position();
                    let position = slab.insert(next);
                    prop_assert_eq!(position, expected);
                    prop_assert_eq!(slab.slots(), slots.max(position as usize + 1));
                    prop_assert!(model.insert(position, next).is_none());
                    next += 1;
                }
                Step::Remove(choice) => {
                    if let Some(position) = chosen(choice) {
                        prop_assert_eq!(slab.remove(position), model.remove(&position));
                        prop_assert_eq!(slab.remove(position), None);
                    }
                }
                Step::Compact => {
                    let moved = slab.compact();
                    prop_assert_eq!(slab.slots(), slab.len());
                    let to = |from: &Position| moved.as_ref().map_or(*from, |moved| moved[*from as usize]);
                    model = model.iter().map(|(from, item)| (to(from), *item)).collect();
                    slab.shrink_to(0);
                }
                Step::Clear => {
                    slab.clear();
                    model.clear();
                }
                Step::Replace(choice) => {
                    if let Some(position) = chosen(choice) {
                        let item = slab.get(position).copied().expect("the record is there");
                        prop_assert_eq!(slab.replace(position, item), item);
                    }
                }
                Step::Clone => slab = slab.clone(),
            }
            slab.check().expect("the chain holds");
            prop_assert!(slab.enumerate().map(|(position, item)| (position, *item)).eq(model.clone()));
            prop_assert!(slab.iter().eq(model.values()));
            prop_assert!(slab.iter().rev().eq(model.values().rev()));
            prop_assert_eq!(slab.iter().len(), model.len());
            for (position, item) in &model {
                let handle = (*position, slab.generation(*position).expect("the record is there"));
                handles.push((handle, *item));
            }
            handles.sort_unstable();
            handles.dedup();
            for ((position, generation), item) in &handles {
                if slab.generation(*position) == Some(*generation) {
                    prop_assert_eq!(slab.get(*position), Some(item));
                }
            }
        }
    }

    #[test]
    fn no_record_is_lent_twice(
        vacant in prop::collection::vec(0..12_u32, 0..12),
        wanted in prop::array::uniform6(prop::option::weighted(0.9, 0..14_u32)),
    ) {
        let mut slab = filled(12);
        for position in &vacant {
            slab.remove(*position);
        }
        let lent = slab.get_disjoint_mut(wanted);
        for (at, found) in lent.into_iter().enumerate() {
            let expected = wanted[at].filter(|position| {
                *position < 12 && !vacant.contains(position) && !wanted[..at].contains(&Some(*position))
            });
            prop_assert_eq!(found.copied(), expected);
        }
    }
}

#[test]
fn positions_at_the_ends_are_lent() {
    let mut slab = filled(3);
    assert_eq!(slab.get_disjoint_mut([]), []);
    assert_eq!(
        slab.get_disjoint_mut([Some(2), Some(0)]),
        [Some(&mut 2), Some(&mut 0)]
    );
    assert_eq!(
        slab.get_disjoint_mut([Some(3), Some(NOWHERE), None, Some(1)]),
        [None, None, None, Some(&mut 1)]
    );
    assert_eq!(filled(0).get_disjoint_mut([Some(0), None]), [None, None]);
}

#[test]
fn slots_are_used_again_the_youngest_first() {
    let mut slab = filled(4);
    for position in [1, 3, 0] {
        slab.remove(position);
    }
    assert_eq!([10, 11, 12, 13].map(|item| slab.insert(item)), [0, 3, 1, 4]);
    slab.check().expect("the chain holds");
}

#[test]
fn what_is_wrong_with_a_slab_is_said() {
    type Break = fn(&mut Plain);
    fn point(slab: &mut Plain, next: Position) {
        slab.slots[2] = Slot::Vacant {
            generation: 1,
            next,
        };
    }
    let breaks: [(Break, &str); 6] = [
        (|slab| slab.len += 1, "the slab counts 3 records and has 2"),
        (
            |slab| slab.free = 0,
            "the chain of vacant slots has record 0",
        ),
        (
            |slab| slab.free = 4,
            "the chain of vacant slots has 4, of 4 slots",
        ),
        (
            |slab| slab.free = NOWHERE,
            "0 vacant slots are in the chain, of 2",
        ),
        (
            |slab| point(slab, 2),
            "the chain of vacant slots has a cycle",
        ),
        (
            |slab| point(slab, NOWHERE),
            "1 vacant slots are in the chain, of 2",
        ),
    ];
    for (break_it, expected) in breaks {
        let mut slab = filled(4);
        slab.remove(1);
        slab.remove(2);
        slab.check().expect("the chain holds");
        break_it(&mut slab);
        assert_eq!(slab.check(), Err(expected.into()));
    }
}

#[test]
fn room_is_made_for_what_was_asked_and_refused_for_more_than_positions_can_count() {
    let mut slab = filled(1);
    for additional in [usize::MAX, NOWHERE as usize] {
        assert_eq!(
            slab.try_reserve(additional),
            Err(TryReserveError::capacity_overflow())
        );
    }
    assert_eq!(
        (slab.len(), slab.iter().copied().collect::<Vec<_>>()),
        (1, vec![0])
    );
    slab.try_reserve(99).expect("there is memory");
    assert_eq!(slab.capacity(), 100);
    (1..100).for_each(|item| assert_eq!(slab.insert(item), item));
    slab.try_reserve(100).expect("there is memory");
    assert_eq!(slab.capacity(), 200);
    slab.shrink_to(150);
    assert_eq!(slab.capacity(), 150);
}

#[test]
fn records_are_taken_from_both_ends_once() {
    let mut slab = filled(9);
    slab.remove(0);
    slab.remove(4);
    slab.remove(8);
    let text = alloc::format!("{slab:?}");
    assert_eq!(text, "Slab { len: 6, slots: 9, .. }");
    let mut lent = slab.iter();
    assert_eq!((lent.next(), lent.clone().len()), (Some(&1), 5));
    assert!(lent.clone().eq(&[2, 3, 5, 6, 7]) && lent.eq(&[2, 3, 5, 6, 7]));
    let mut items = slab.into_iter();
    assert_eq!(
        (items.next(), items.next_back(), items.len()),
        (Some(1), Some(7), 4)
    );
    assert_eq!(items.by_ref().collect::<Vec<_>>(), [2, 3, 5, 6]);
    assert_eq!(
        (items.next(), items.next_back(), items.len()),
        (None, None, 0)
    );
}
