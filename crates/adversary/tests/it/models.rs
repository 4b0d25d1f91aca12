//! The runner finds what takes several operations, and makes it small.
//!
//! Not under Miri: thousands of sequences take minutes there, and the runner has no unsafe code.
#![cfg(all(feature = "model", not(miri)))]

use crate::planted::records::Records;
use crate::planted::retain;
use crate::planted::sorted::SortedMap;
use adversary::countdown::{run_armed, run_counted, tick};
use adversary::drops::{Ledger, Token};
use adversary::liar::{Liar, Lie, script};
use adversary::model::{Failure, Runner, with_fault};
use adversary::oracle::NaiveMap;
use proptest::prelude::*;
use std::cmp::Ordering;
use std::collections::BTreeSet;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Op {
    Insert(u8, u32),
    Remove(u8),
}

fn ops() -> impl Strategy<Value = Op> {
    prop_oneof![
        (0..12u8, 0..9u32).prop_map(|(key, value)| Op::Insert(key, value)),
        (0..12u8).prop_map(Op::Remove),
    ]
}

fn cases() -> Runner {
    Runner::new().cases(200)
}

fn beside_an_oracle(runner: &Runner, map: fn() -> SortedMap) -> Result<(), Failure<Op>> {
    runner.check(
        &ops(),
        || (map(), NaiveMap::new()),
        |(map, naive), op| {
            match *op {
                Op::Insert(key, value) => {
                    assert_eq!(map.insert(key, value), naive.insert(key, value));
                }
                Op::Remove(key) => assert_eq!(map.remove(key), naive.remove(&key)),
            }
            assert!(map.iter().eq(naive.sorted()), "the maps differ");
        },
    )
}

#[test]
fn a_pair_that_stays_is_found_in_three_operations() {
    let failure = beside_an_oracle(&cases().seed(5), SortedMap::careless).unwrap_err();
    // Any two keys, and the removal of the greater one.
    let [Op::Insert(a, 0), Op::Insert(b, 0), Op::Remove(removed)] = failure.ops[..] else {
        panic!("{failure}");
    };
    assert_eq!(removed, a.max(b));
    assert!(failure.message.starts_with("the maps differ ("));
    assert_eq!(
        beside_an_oracle(&cases(), SortedMap::careful).map_err(|it| it.ops),
        Ok(())
    );
}

#[test]
fn the_seed_that_is_printed_leads_there_again() {
    let first = beside_an_oracle(&cases(), SortedMap::careless).unwrap_err();
    let text = first.to_string();
    assert!(
        text.contains(&format!("Runner::seed({})", first.seed)),
        "{text}"
    );
    let again = beside_an_oracle(&cases().seed(first.seed), SortedMap::careless).unwrap_err();
    assert_eq!((first.case, first.ops), (again.case, again.ops));
}

/// A list of tokens under a `retain`, with a panic in one of its calls.
fn retains(retain: fn(&mut Vec<Token>)) -> Result<(), Failure<Retain>> {
    cases().seed(2).check(
        &with_fault(1..5usize, 12),
        || (Ledger::new(), Vec::new()),
        |(ledger, list), (added, fault)| {
            list.extend((0..*added).map(|_| ledger.token()));
            match fault {
                Some(fault) => drop(run_armed(*fault, || retain(list))),
                None => drop(run_counted(|| retain(list))),
            }
            list.clear();
            ledger.assert_sound();
        },
    )
}

fn even(token: &Token) -> bool {
    tick();
    token.serial().is_multiple_of(2)
}

type Retain = (usize, Option<adversary::countdown::Fault>);

#[test]
fn a_fault_in_the_middle_of_a_sequence_shrinks_to_one_operation() {
    let failure = retains(|list| retain::retain_then_shorten(list, even)).unwrap_err();
    assert_eq!(failure.ops.len(), 1, "{failure}");
    assert!(failure.ops[0].1.is_some());
    let repaired = retains(|list| retain::shorten_then_retain(list, even));
    assert_eq!(repaired.map_err(|it| it.ops), Ok(()));
}

/// Inserts and removals by slot, some of them while `Ord` says `Equal` to everything.
fn lent_once(map: fn() -> Records<Liar<u8>>) -> Result<(), Failure<(Op, bool)>> {
    cases()
        .cases(400)
        .check(&(ops(), any::<bool>()), map, |map, (op, lies)| {
            match *op {
                Op::Insert(key, _) => drop(map.insert(Liar::new(key))),
                Op::Remove(key) => {
                    if let Some(slot) = map.slot_of(&Liar::new(key)) {
                        let _lie = lies.then(|| Lie::ord(script::always(Ordering::Equal)));
                        map.remove_slot(slot);
                    }
                }
            }
            let lent = map.lent();
            let distinct: BTreeSet<_> = lent.iter().collect();
            assert_eq!(distinct.len(), lent.len(), "one record twice");
        })
}

#[test]
fn a_map_that_lends_a_record_twice_is_found_without_a_script_of_the_steps() {
    let failure = lent_once(Records::by_key_alone).unwrap_err();
    assert!(failure.ops.len() <= 6, "{failure}");
    assert!(failure.ops.iter().any(|it| it.1), "{failure}");
    assert_eq!(
        lent_once(Records::by_key_and_slot).map_err(|it| it.ops),
        Ok(())
    );
}

#[test]
fn a_state_whose_drop_panics_fails_its_sequence() {
    struct Full(usize);
    impl Drop for Full {
        fn drop(&mut self) {
            assert!(self.0 < 3 || std::thread::panicking(), "three at the end");
        }
    }
    let failure = cases().check(&Just(()), || Full(0), |full, ()| full.0 += 1);
    assert_eq!(failure.unwrap_err().ops.len(), 3);
}
