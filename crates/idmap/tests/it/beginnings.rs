//! Keys that begin alike, for so many bytes, beside a `BTreeMap` of the same keys.

use adversary::model::Runner;
use idmap::internal::{ValidateChaos, ValidateCompact};
use idmap::{IdOrdItem, IdOrdMap, id_upcast};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::ops::Bound;

type Bytes = Vec<u8>;

/// A record whose key is a string of bytes, alone or before a number.
trait Keyed: IdOrdItem + Clone + std::fmt::Debug + 'static {
    fn new(bytes: &[u8], value: u32) -> Self;
    fn parts(&mut self) -> (&mut Bytes, &mut u32);
    fn lent(bytes: &[u8]) -> Self::Key<'_>;
}

macro_rules! keyed {
    ($name:ident, $key:ty, |$bytes:ident| $lent:expr) => {
        #[derive(Clone, Debug)]
        struct $name(Bytes, u32);

        impl IdOrdItem for $name {
            type Key<'a> = $key;

            fn key(&self) -> Self::Key<'_> {
                Self::lent(&self.0)
            }

            id_upcast!();
        }

        impl Keyed for $name {
            fn new(bytes: &[u8], value: u32) -> Self {
                Self(bytes.into(), value)
            }
            fn parts(&mut self) -> (&mut Bytes, &mut u32) {
                (&mut self.0, &mut self.1)
            }
            fn lent($bytes: &[u8]) -> Self::Key<'_> {
                $lent
            }
        }
    };
}

keyed!(Alone, &'a [u8], |bytes| bytes);
keyed!(First, (&'a [u8], u8), |bytes| (bytes, bytes.len() as u8));
keyed!(Optional, Option<&'a [u8]>, |bytes| {
    Some(bytes).filter(|bytes| !bytes.is_empty())
});

#[derive(Clone, Debug)]
enum Op {
    Insert(Bytes, u32),
    Overwrite(Bytes, u32),
    Update(Bytes, Bytes),
    Remove(Bytes),
    Range(Bound<Bytes>, Bound<Bytes>),
    Split(Bytes),
    /// Leaves so many records.
    Drain(usize),
    Shrink,
}

/// Keys that share so many bytes, with few and short ends, so that they meet; and some that share less.
fn key(shared: usize) -> impl Strategy<Value = Bytes> {
    // What lies between is where entries, which have eight bytes, are alike.
    let middle = prop::sample::select(vec!["", "0123456", "01234567"]);
    let end = || prop::collection::vec(prop_oneof![Just(0), Just(b'a'), Just(255)], 0..4);
    let begin = |len: usize| (0..len).map(|at| at as u8 ^ 0x2a);
    let all = (middle, end())
        .prop_map(move |(middle, end)| begin(shared).chain(middle.bytes()).chain(end).collect());
    let less = (0..=shared, end()).prop_map(move |(len, end)| begin(len).chain(end).collect());
    prop_oneof![30 => all, 1 => less]
}

fn bound(shared: usize) -> impl Strategy<Value = Bound<Bytes>> {
    prop_oneof![
        3 => key(shared).prop_map(Bound::Included),
        3 => key(shared).prop_map(Bound::Excluded),
        1 => Just(Bound::Unbounded),
    ]
}

fn ops(shared: usize) -> impl Strategy<Value = Op> {
    let key = move || key(shared);
    prop_oneof![
        24 => (key(), any::<u32>()).prop_map(|(key, value)| Op::Insert(key, value)),
        4 => (key(), any::<u32>()).prop_map(|(key, value)| Op::Overwrite(key, value)),
        4 => (key(), key()).prop_map(|(from, to)| Op::Update(from, to)),
        10 => key().prop_map(Op::Remove),
        10 => (bound(shared), bound(shared)).prop_map(|(from, to)| Op::Range(from, to)),
        2 => key().prop_map(Op::Split),
        1 => (0..3_usize).prop_map(Op::Drain),
        1 => Just(Op::Shrink),
    ]
}

fn contains((from, to): &(Bound<Bytes>, Bound<Bytes>), key: &Bytes) -> bool {
    let behind = match from {
        Bound::Included(from) => from <= key,
        Bound::Excluded(from) => from < key,
        Bound::Unbounded => true,
    };
    behind
        && match to {
            Bound::Included(to) => key <= to,
            Bound::Excluded(to) => key < to,
            Bound::Unbounded => true,
        }
}

fn lend<T: Keyed>(bound: &Bound<Bytes>) -> Bound<T::Key<'_>> {
    bound.as_ref().map(|bytes| T::lent(bytes))
}

type State<T> = (IdOrdMap<T>, BTreeMap<Bytes, u32>);

fn step<T: Keyed>((map, model): &mut State<T>, op: &Op) {
    match op {
        Op::Insert(key, value) => {
            let inserted = map.insert_unique(T::new(key, *value)).is_ok();
            assert_eq!(inserted, !model.contains_key(key));
            model.entry(key.clone()).or_insert(*value);
        }
        Op::Overwrite(key, value) => {
            let old = map.insert_overwrite(T::new(key, *value));
            let expected = model.insert(key.clone(), *value);
            assert_eq!(old.map(|mut old| *old.parts().1), expected);
        }
        Op::Update(from, to) => {
            let changed = map.update(T::lent(from), |record| record.parts().0.clone_from(to));
            let free = from == to || !model.contains_key(to);
            assert_eq!(
                changed.map(|changed| changed.is_ok()),
                model.get(from).map(|_| free)
            );
            if free && let Some(value) = model.remove(from) {
                model.insert(to.clone(), value);
            }
        }
        Op::Remove(key) => {
            let removed = map.remove(T::lent(key));
            assert_eq!(removed.map(|mut it| *it.parts().1), model.remove(key));
        }
        Op::Range(from, to) => {
            let range = (from.clone(), to.clone());
            let mut found = Vec::new();
            for mut record in map.range_mut((lend::<T>(from), lend::<T>(to))) {
                let (key, value) = record.parts();
                *value = value.wrapping_add(1);
                found.push((key.clone(), *value));
            }
            let within = model.iter_mut().filter(|(key, _)| contains(&range, key));
            let expected = within.map(|(key, value)| {
                *value = value.wrapping_add(1);
                (key.clone(), *value)
            });
            assert_eq!(found, expected.collect::<Vec<_>>());
        }
        Op::Split(key) => {
            let mut upper = map.split_off(T::lent(key));
            check(&mut upper, &model.split_off(key).into_iter().collect());
            // The lower part goes on.
        }
        Op::Drain(left) => {
            while map.len() > *left {
                let first = map.pop_first().map(|mut it| it.parts().0.clone());
                assert_eq!(first, model.pop_first().map(|(key, _)| key));
            }
        }
        Op::Shrink => map.shrink_to_fit(),
    }
    check(map, model);
}

/// Whether a map has what a model has, in its order, and finds each.
fn check<T: Keyed>(map: &mut IdOrdMap<T>, model: &BTreeMap<Bytes, u32>) {
    map.validate(ValidateCompact::NonCompact, ValidateChaos::No)
        .expect("each record is where its key says");
    let all = map.range_mut((Bound::Unbounded, Bound::Unbounded));
    let all = all.map(|mut record| {
        let (key, value) = record.parts();
        (key.clone(), *value)
    });
    assert!(all.eq(model.iter().map(|(key, value)| (key.clone(), *value))));
}

/// More bytes than are kept of what keys share, too.
const SHARED: [usize; 11] = [0, 1, 7, 8, 9, 22, 100, 119, 120, 121, 150];

fn keys_that_begin_alike_answer_as_those_of_a_btree_map_do<T: Keyed>() {
    for shared in &SHARED {
        Runner::new().cases(60).steps(60).run(
            &ops(*shared),
            || (IdOrdMap::<T>::new(), BTreeMap::new()),
            step,
        );
    }
}

#[test]
fn keys_of_bytes_that_begin_alike_answer_as_those_of_a_btree_map_do() {
    keys_that_begin_alike_answer_as_those_of_a_btree_map_do::<Alone>();
}

#[test]
fn keys_whose_first_fields_begin_alike_answer_as_those_of_a_btree_map_do() {
    keys_that_begin_alike_answer_as_those_of_a_btree_map_do::<First>();
}

#[test]
fn keys_that_may_be_missing_answer_as_those_of_a_btree_map_do() {
    keys_that_begin_alike_answer_as_those_of_a_btree_map_do::<Optional>();
}

#[test]
fn many_keys_that_share_less_and_less_stay_in_order() {
    let mut map = IdOrdMap::<Alone>::new();
    let mut model = BTreeMap::new();
    // What is shared goes from all to nothing, then to a length again, once the map was empty.
    for shared in [130, 100, 22, 9, 8, 7, 1, 0, 22] {
        let begin = vec![b'x'; shared];
        for n in 0..2000_u32 {
            let key = [&begin[..], &n.wrapping_mul(0x9e37_79b9).to_be_bytes()].concat();
            map.insert_unique(Alone(key.clone(), n)).unwrap();
            model.insert(key, n);
        }
        check(&mut map, &model);
        if shared == 0 {
            map.retain(|_| false);
            model.clear();
        }
    }
}
