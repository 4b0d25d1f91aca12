//! Each lie finds the code that believes it.

use crate::planted::records::Records;
use crate::planted::{Region, buffered, collect, double_fetch, unguarded};
use adversary::countdown::run_counted;
use adversary::drops::Ledger;
use adversary::liar::{
    Liar, Lie, LyingIter, LyingRead, LyingWrite, Script, Shelf, for_each_lie, script,
};
use std::cell::RefCell;
use std::cmp::Ordering::{self, Equal, Greater, Less};
use std::collections::{BTreeSet, HashSet};
use std::io::{BufRead, ErrorKind, Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

/// The first lie that a check does not stand, if there is one.
fn first_lie<A, R>(
    tell: impl Fn(Script<A>) -> Lie,
    answers: &[A],
    operation: impl Fn() -> R,
    check: impl Fn(&R) -> bool,
) -> Result<u64, String>
where
    A: Clone + std::fmt::Debug + 'static,
{
    let sweep = || {
        for_each_lie(
            tell,
            answers,
            || None,
            |result| *result = Some(operation()),
            |result| assert!(result.is_some_and(|it| check(&it)), "found"),
        )
    };
    let text = |it: Box<dyn std::any::Any + Send>| it.downcast().expect("it has text");
    catch_unwind(AssertUnwindSafe(sweep)).map_err(|it| *text(it))
}

fn stays_inside<T>(region: &Region<T>) -> bool {
    region.escapes == 0
}

#[test]
fn a_lie_of_ord_leads_an_unguarded_insertion_out_of_the_list() {
    let list = || (1..6).chain([0]).map(Liar::new).collect::<Vec<_>>();
    let orders = [Less, Equal, Greater];
    let trusting = || unguarded::insert_trusting_the_sentinel(&mut list());
    let found = first_lie(Lie::ord, &orders, trusting, stays_inside).unwrap_err();
    assert!(found.starts_with("with the answer "), "{found}");
    let guarded = || unguarded::insert_guarded(&mut list());
    assert!(first_lie(Lie::ord, &orders, guarded, stays_inside).unwrap() > 10);
}

#[test]
fn a_lie_of_ord_makes_a_map_lend_one_record_twice() {
    // The bug of iddqd before its version 0.4, step by step.
    let lent_twice = |mut map: Records<Liar<u32>>| {
        (0..5).for_each(|key| assert!(map.insert(Liar::new(key))));
        let slot = map.slot_of(&Liar::new(0)).unwrap();
        let lie = Lie::ord(script::always(Equal));
        map.remove_slot(slot);
        drop(lie);
        map.insert(Liar::new(1000));
        let lent = map.lent();
        lent.iter().collect::<BTreeSet<_>>().len() < lent.len()
    };
    assert!(lent_twice(Records::by_key_alone()));
    assert!(!lent_twice(Records::by_key_and_slot()));
}

#[test]
fn a_lie_of_borrow_fills_more_than_was_counted() {
    let keys: Vec<_> = [1, 2, 3].map(|it| Liar::with_decoy(it, 2)).into();
    let counted = || double_fetch::matches_counted(&keys, 2);
    let found = first_lie(Lie::borrow, &[true], counted, stays_inside).unwrap_err();
    assert_eq!(found, "with the answer true in call 3 of 6: found");
    let kept = || double_fetch::matches_kept(&keys, 2);
    assert_eq!(first_lie(Lie::borrow, &[true], kept, stays_inside), Ok(3));
}

#[test]
fn a_lie_of_hash_fills_more_than_was_measured() {
    let keys: Vec<_> = (0..6).map(Liar::new).collect();
    let all_inside = |regions: &Vec<Region<usize>>| regions.iter().all(stays_inside);
    let twice = || double_fetch::buckets_hashed_twice(&keys);
    assert!(first_lie(Lie::hash, &[0, 1, 2, 3], twice, all_inside).is_err());
    let once = || double_fetch::buckets_hashed_once(&keys);
    assert_eq!(
        first_lie(Lie::hash, &[0, 1, 2, 3], once, all_inside),
        Ok(24)
    );
}

#[test]
fn a_lie_of_index_passes_a_check_that_is_asked_again() {
    let lookup = |lookup: fn(&Shelf<usize>, &mut Region<u8>) -> Option<u8>| {
        let offsets = Shelf::new([3, 4096]).script(script::only(1, 1));
        let mut memory = Region::new(8);
        lookup(&offsets, &mut memory);
        memory.escapes
    };
    assert_eq!(lookup(double_fetch::lookup_checked_then_asked_again), 1);
    assert_eq!(lookup(double_fetch::lookup_checked), 0);
}

#[test]
fn a_lie_of_len_overflows_or_leaves_holes() {
    let items = |len| LyingIter::new(0..4).len_is(len);
    assert_eq!(collect::collect_by_len(items(2)).escapes, 2);
    assert_eq!(collect::collect_by_len(items(7)).holes(), 3);
    for len in [0, 2, 4, 7] {
        let region = collect::collect_by_items(items(len));
        assert_eq!((region.escapes, region.holes()), (0, 0));
    }
}

#[test]
fn items_after_the_end_overflow_nothing_in_std() {
    let iter = LyingIter::new(0..2).hint_is(1, Some(1)).then_again([9, 9]);
    assert_eq!(iter.collect::<Vec<_>>(), [0, 1]);
    let mut iter = LyingIter::new(0..2).then_again([8, 9]);
    let met: Vec<_> = (0..6).map(|_| iter.next()).collect();
    assert_eq!(met, [Some(0), Some(1), None, Some(8), Some(9), None]);
}

#[test]
fn a_lie_of_read_makes_a_reader_sum_what_is_not_there() {
    let reader = || LyingRead::new(&b"\x01\x02"[..]).claims(script::always(20));
    assert_eq!(collect::sum_as_claimed(&mut reader()), (3, 4));
    assert_eq!(collect::sum_within_bounds(&mut reader()), (3, 0));
}

#[test]
fn a_buffer_that_is_another_one_the_next_time_overflows_what_was_made_for_the_first() {
    let reader = || LyingRead::new(&b"abcdef"[..]).shows(script::only(0, 2));
    let region = buffered::copy_of_what_is_buffered_asked_twice(&mut reader());
    assert_eq!((region.len(), region.escapes), (2, 4));
    let region = buffered::copy_of_what_is_buffered(&mut reader());
    assert_eq!((region.len(), region.escapes, region.holes()), (2, 0, 0));
}

#[test]
fn a_reader_that_consumes_what_it_likes_stays_within_what_it_has() {
    let mut reader = LyingRead::new(&b"abcdef"[..])
        .consumes(script::in_turn([usize::MAX, 1]))
        .fails_at(2, ErrorKind::Interrupted);
    reader.consume(1); // Before anything was buffered.
    assert_eq!(reader.fill_buf().unwrap(), b"abcdef");
    reader.consume(6);
    let mut byte = [0];
    assert_eq!((reader.read(&mut byte).unwrap(), byte), (1, *b"b"));
    assert_eq!(
        reader.fill_buf().unwrap_err().kind(),
        ErrorKind::Interrupted
    );
    assert_eq!(reader.fill_buf().unwrap(), b"cdef");
    reader.consume(4);
    assert_eq!(reader.fill_buf().unwrap(), b"");
}

#[test]
fn a_lie_of_write_takes_what_writes_behind_the_end() {
    let memory = || {
        let mut region = Region::new(4);
        (0..4).for_each(|at| region.write_unchecked(at, at as u8));
        region
    };
    let writer = || LyingWrite::new(Vec::new()).claims(script::only(1, 9));
    let mut region = memory();
    buffered::write_as_claimed(&mut region, &mut writer());
    assert_eq!(region.escapes, 1);
    let (mut region, mut writer) = (memory(), writer());
    assert_eq!(buffered::write_within_bounds(&mut region, &mut writer), 4);
    assert_eq!((region.escapes, writer.into_inner()), (0, vec![0, 1, 2, 3]));
}

#[test]
fn every_call_of_a_reader_and_of_a_writer_counts_once() {
    let mut reader = LyingRead::new(&b"abc"[..]);
    assert_eq!(run_counted(|| reader.fill_buf().is_ok()).calls, 1);
    assert_eq!(run_counted(|| reader.consume(1)).calls, 1);
    let mut writer = LyingWrite::new(Vec::new());
    assert_eq!(run_counted(|| writer.write(b"a").is_ok()).calls, 1);
    assert_eq!(run_counted(|| writer.flush().is_ok()).calls, 1);
}

#[test]
fn std_collections_survive_every_single_lie() {
    let orders = [Less, Equal, Greater];
    // Every lie is a run of the whole, which Miri takes minutes for where the tree is large.
    let size = if cfg!(miri) { 6 } else { 20 };
    let tree = || (0..size).map(|it| Liar::new(it * 7 % 20)).collect();
    let whole = |set: &BTreeSet<Liar<i32>>| set.iter().count() == set.len();
    assert!(first_lie(Lie::ord, &orders, tree, whole).unwrap() > 20);
    let hashed = || (0..8).map(Liar::new).collect();
    let whole = |set: &HashSet<Liar<i32>>| set.iter().count() == set.len();
    assert_eq!(first_lie(Lie::hash, &[0, 1], hashed, whole), Ok(16));
}

#[test]
fn lies_end_with_their_guards_in_any_order() {
    let (one, two) = (Liar::new(1), Liar::new(2));
    let first = Lie::ord(script::always(Equal));
    let second = Lie::ord(script::always(Greater));
    assert_eq!(one.cmp(&two), Greater);
    drop(first);
    assert_eq!(one.cmp(&two), Greater);
    drop(second);
    assert_eq!(one.cmp(&two), Less);
    let first = Lie::ord(script::always(Equal));
    drop(Lie::ord(script::always(Greater)));
    assert_eq!(one.cmp(&two), Equal);
    assert_eq!(first.calls(), 1);
}

#[test]
fn a_script_may_call_what_it_lies_to() {
    let list = Rc::new(RefCell::new(vec![Liar::new(2), Liar::new(1)]));
    let inner = Rc::clone(&list);
    let lie = Lie::ord(move |_, honest: Ordering| {
        // Sorted with honest answers, in the middle of a comparison.
        inner.borrow_mut().sort();
        honest.reverse()
    });
    assert!(Liar::new(1) > Liar::new(2));
    assert_eq!(lie.calls(), 1);
    drop(lie);
    assert_eq!(*list.borrow()[0].get(), 1);
}

#[test]
fn a_script_that_panics_is_told_again() {
    let _lie = Lie::eq(|call, honest| {
        assert!(call > 0, "the first call");
        !honest
    });
    let equal = || Liar::new(1) == Liar::new(1);
    assert!(catch_unwind(equal).is_err());
    assert!(!equal());
}

#[test]
fn a_liar_that_was_dropped_is_asked_in_vain() {
    let ledger = Ledger::new();
    let liar = Liar::new(1).counted(&ledger);
    assert!(liar == liar.clone());
    drop(liar);
    ledger.assert_clean();
}

#[test]
fn every_call_of_a_liar_counts_once() {
    let ledger = Ledger::new();
    let calls = |f: &dyn Fn(&Liar<u8>)| {
        let plain = Liar::new(1);
        let counted = Liar::new(1).counted(&ledger);
        let calls = [&plain, &counted].map(|it| run_counted(|| f(it)).calls);
        assert_eq!(calls[0], calls[1]);
        calls[0]
    };
    assert_eq!(calls(&|it| assert!(it == it)), 1);
    assert_eq!(calls(&|it| assert!(it <= it)), 1);
    assert_eq!(calls(&|it| drop(HashSet::from([it]))), 1);
    assert_eq!(
        calls(&|it| assert_eq!(*std::borrow::Borrow::<u8>::borrow(it), 1)),
        1
    );
    // The clone and its drop.
    assert_eq!(calls(&|it| drop(it.clone())), 2);
}
