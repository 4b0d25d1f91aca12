//! Ordered maps beside a `BTreeMap`, on keys that are close to each other in their bytes.

use adversary::model::Runner;
use idmap::internal::{ValidateChaos, ValidateCompact};
use idmap::{IdOrdItem, IdOrdMap, id_upcast};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::ops::Bound::{self, Excluded, Included, Unbounded};

#[derive(Clone, Debug)]
enum Op<K> {
    Insert(K),
    Overwrite(K),
    Remove(K),
    Update(K, K),
    Range(Bound<K>, Bound<K>, Vec<bool>),
    RangeMut(Bound<K>, Bound<K>),
    SplitOff(K, bool),
    Append(Vec<K>),
    Pop(bool, u8),
    Retain(u8),
    Extract(u8, usize),
    Shrink,
    Drain(usize),
}

fn ops<K: Clone + std::fmt::Debug + 'static>(
    key: impl Strategy<Value = K> + Clone + 'static,
) -> impl Strategy<Value = Op<K>> {
    let k = move || key.clone();
    let bound = {
        let k = k.clone();
        move || {
            prop_oneof![
                k().prop_map(Included),
                k().prop_map(Excluded),
                Just(Unbounded)
            ]
        }
    };
    prop_oneof![
        20 => k().prop_map(Op::Insert),
        4 => k().prop_map(Op::Overwrite),
        8 => k().prop_map(Op::Remove),
        4 => (k(), k()).prop_map(|(from, to)| Op::Update(from, to)),
        8 => (bound(), bound(), any::<Vec<bool>>()).prop_map(|(from, to, ends)| Op::Range(from, to, ends)),
        2 => (bound(), bound()).prop_map(|(from, to)| Op::RangeMut(from, to)),
        2 => (k(), any::<bool>()).prop_map(|(at, keep)| Op::SplitOff(at, keep)),
        2 => proptest::collection::vec(k(), 0..80).prop_map(Op::Append),
        2 => (any::<bool>(), 0..40_u8).prop_map(|(first, count)| Op::Pop(first, count)),
        1 => (2..5_u8).prop_map(Op::Retain),
        1 => (2..5_u8, 0..50_usize).prop_map(|(by, take)| Op::Extract(by, take)),
        1 => Just(Op::Shrink),
        1 => (0..9_usize).prop_map(Op::Drain),
    ]
}

macro_rules! beside_a_btree {
    ($test:ident, $Owned:ty, $Key:ty, $Query:ty, |$key:ident| $lend:expr, $strategy:expr) => {
        mod $test {
            use super::*;

            type Owned = $Owned;

            #[derive(Clone, Debug, PartialEq)]
            struct Item {
                key: $Owned,
                payload: u32,
            }

            impl IdOrdItem for Item {
                type Key<'a> = $Key;
                fn key(&self) -> Self::Key<'_> {
                    lend(&self.key)
                }
                id_upcast!();
            }

            fn lend<'a>($key: &'a Owned) -> <Item as IdOrdItem>::Key<'a> {
                $lend
            }

            fn item(key: &Owned, payload: u32) -> Item {
                Item {
                    key: key.clone(),
                    payload,
                }
            }

            fn inside((from, to): &(Bound<$Owned>, Bound<$Owned>), key: &$Owned) -> bool {
                (match from {
                    Included(from) => key >= from,
                    Excluded(from) => key > from,
                    Unbounded => true,
                }) && (match to {
                    Included(to) => key <= to,
                    Excluded(to) => key < to,
                    Unbounded => true,
                })
            }

            /// Changes one record.
            fn change_one(
                map: &mut IdOrdMap<Item>,
                model: &mut BTreeMap<$Owned, u32>,
                op: &Op<$Owned>,
                payload: u32,
            ) {
                match op {
                    Op::Insert(key) => {
                        let there = model.contains_key(key);
                        assert_eq!(map.insert_unique(item(key, payload)).is_err(), there);
                        if !there {
                            model.insert(key.clone(), payload);
                        }
                    }
                    Op::Overwrite(key) => {
                        let old = map
                            .insert_overwrite(item(key, payload))
                            .map(|old| old.payload);
                        assert_eq!(old, model.insert(key.clone(), payload));
                    }
                    Op::Remove(key) => {
                        assert_eq!(
                            map.remove(lend(key)).map(|old| old.payload),
                            model.remove(key)
                        );
                    }
                    Op::Update(from, to) => {
                        let changed = map
                            .update(lend(from), |item| item.key = to.clone())
                            .map(|it| it.is_ok());
                        let free = from == to || !model.contains_key(to);
                        assert_eq!(changed, model.contains_key(from).then_some(free));
                        if changed == Some(true) {
                            let payload = model.remove(from).unwrap();
                            model.insert(to.clone(), payload);
                        }
                    }
                    _ => look(map, model, op, payload),
                }
            }

            /// Looks at a range, from both ends.
            fn look(
                map: &mut IdOrdMap<Item>,
                model: &mut BTreeMap<$Owned, u32>,
                op: &Op<$Owned>,
                payload: u32,
            ) {
                match op {
                    Op::Range(from, to, ends) => {
                        let bounds = (from.clone(), to.clone());
                        let mut expected: std::collections::VecDeque<_> = model
                            .iter()
                            .filter(|(key, _)| inside(&bounds, key))
                            .map(|it| *it.1)
                            .collect();
                        let lent = (from.as_ref().map(lend), to.as_ref().map(lend));
                        let mut range = map.range::<$Query, _>(lent);
                        assert!(
                            range
                                .clone()
                                .map(|it| it.payload)
                                .eq(expected.iter().copied())
                        );
                        for front in ends.iter().copied().cycle().take(if ends.is_empty() {
                            0
                        } else {
                            expected.len() + 2
                        }) {
                            let (found, wanted) = if front {
                                (range.next(), expected.pop_front())
                            } else {
                                (range.next_back(), expected.pop_back())
                            };
                            assert_eq!(found.map(|it| it.payload), wanted);
                        }
                    }
                    Op::RangeMut(from, to) => {
                        let bounds = (from.clone(), to.clone());
                        let expected = model.iter_mut().filter(|(key, _)| inside(&bounds, key));
                        let range = map.range_mut((from.as_ref().map(lend), to.as_ref().map(lend)));
                        let mut count = range.len();
                        for (mut found, (_, wanted)) in range.rev().zip(expected.rev()) {
                            assert_eq!(found.payload, *wanted);
                            (found.payload, *wanted) = (payload, payload);
                            count -= 1;
                        }
                        assert_eq!(count, 0);
                    }
                    _ => change_many(map, model, op, payload),
                }
            }

            /// Changes many records.
            fn change_many(
                map: &mut IdOrdMap<Item>,
                model: &mut BTreeMap<$Owned, u32>,
                op: &Op<$Owned>,
                payload: u32,
            ) {
                match op {
                    Op::SplitOff(key, keep) => {
                        let high = map.split_off(lend(key));
                        let model_high = model.split_off(key);
                        assert!(
                            high.iter()
                                .map(|it| it.payload)
                                .eq(model_high.values().copied())
                        );
                        high.validate(ValidateCompact::NonCompact, ValidateChaos::No)
                            .unwrap();
                        if *keep {
                            (*map, *model) = (high, model_high);
                        }
                    }
                    Op::Append(keys) => {
                        let mut other: IdOrdMap<_> =
                            keys.iter().map(|key| item(key, payload)).collect();
                        map.append(&mut other);
                        assert!(other.is_empty());
                        model.extend(keys.iter().map(|key| (key.clone(), payload)));
                    }
                    Op::Pop(first, count) => {
                        for _ in 0..*count {
                            let (found, wanted) = if *first {
                                (map.pop_first(), model.pop_first())
                            } else {
                                (map.pop_last(), model.pop_last())
                            };
                            assert_eq!(found.map(|it| it.payload), wanted.map(|it| it.1));
                        }
                    }
                    Op::Retain(by) => {
                        map.retain(|it| it.payload % u32::from(*by) != 0);
                        model.retain(|_, payload| *payload % u32::from(*by) != 0);
                    }
                    Op::Extract(by, take) => {
                        let extracted: Vec<_> = map
                            .extract_if(|it| it.payload % u32::from(*by) == 0)
                            .take(*take)
                            .collect();
                        let gone: Vec<_> = model
                            .iter()
                            .filter(|it| it.1 % u32::from(*by) == 0)
                            .take(*take)
                            .map(|it| it.0.clone())
                            .collect();
                        assert!(extracted.iter().map(|it| &it.key).eq(&gone));
                        for key in &gone {
                            model.remove(key);
                        }
                    }
                    Op::Shrink => map.shrink_to_fit(),
                    Op::Drain(most) => {
                        if map.len() < *most {
                            // It is leaked.
                            let _ = std::mem::ManuallyDrop::new(map.drain());
                            model.clear();
                        }
                    }
                    _ => unreachable!("another function does that"),
                }
            }

            fn step(
                (map, model, serial): &mut (IdOrdMap<Item>, BTreeMap<$Owned, u32>, u32),
                op: &Op<$Owned>,
            ) {
                *serial += 1;
                change_one(map, model, op, *serial);
                assert_eq!(map.len(), model.len());
                assert!(map.iter().map(|it| (&it.key, &it.payload)).eq(&*model));
                assert_eq!(map.first().map(|it| &it.key), model.keys().next());
                assert_eq!(map.last().map(|it| &it.key), model.keys().next_back());
                map.validate(ValidateCompact::NonCompact, ValidateChaos::No)
                    .unwrap();
            }

            #[test]
            fn beside_a_btree_map() {
                let (cases, steps) = (10, 120);
                if let Err(failure) = Runner::new().cases(cases).steps(steps).check(
                    &ops($strategy),
                    || (IdOrdMap::new(), BTreeMap::new(), 0),
                    step,
                ) {
                    panic!("{failure}");
                }
            }
        }
    };
}

/// Strings that share beginnings, end in zeros, or are at the ends of a byte.
fn text() -> impl Strategy<Value = String> + Clone {
    let shared = prop_oneof![
        Just(0_usize),
        Just(0),
        Just(1),
        Just(6),
        Just(7),
        Just(8),
        Just(9),
        Just(15),
        Just(16),
        Just(17),
        Just(24),
        Just(119),
        Just(120),
        Just(121),
        Just(130)
    ];
    let end = proptest::collection::vec(
        prop_oneof![
            Just('\0'),
            Just('\u{1}'),
            Just('a'),
            Just('b'),
            Just('\u{7f}'),
            Just('\u{7ff}'),
            Just('\u{10ffff}')
        ],
        0..5,
    );
    (shared, end)
        .prop_map(|(shared, end)| "s".repeat(shared) + &end.into_iter().collect::<String>())
}

fn bytes() -> impl Strategy<Value = Vec<u8>> + Clone {
    (
        0..20_usize,
        proptest::collection::vec(prop_oneof![Just(0), Just(1_u8), Just(254), Just(255)], 0..4),
        prop_oneof![Just(0_u8), Just(255)],
    )
        .prop_map(|(shared, end, with)| [vec![with; shared], end].concat())
}

fn wide() -> impl Strategy<Value = u128> + Clone {
    (
        prop_oneof![
            Just(0_u32),
            Just(1),
            Just(7),
            Just(8),
            Just(56),
            Just(63),
            Just(64),
            Just(65),
            Just(120),
            Just(127)
        ],
        0..4_u128,
        any::<bool>(),
    )
        .prop_map(|(shift, low, high)| {
            (1_u128 << shift).wrapping_add(low).wrapping_sub(2) ^ if high { 1 << 127 } else { 0 }
        })
}

beside_a_btree!(texts, String, &'a str, str, |key| key.as_str(), text());
beside_a_btree!(
    texts_in_pairs,
    (String, u8),
    (&'a str, u8),
    (&str, u8),
    |key| (key.0.as_str(), key.1),
    (text(), 0..3_u8)
);
beside_a_btree!(
    optional_texts,
    Option<String>,
    Option<&'a str>,
    Option<&str>,
    |key| key.as_deref(),
    proptest::option::of(text())
);
beside_a_btree!(
    byte_strings,
    Vec<u8>,
    &'a [u8],
    [u8],
    |key| key.as_slice(),
    bytes()
);
beside_a_btree!(wide_numbers, u128, u128, u128, |key| *key, wide());
beside_a_btree!(
    signed_wide_numbers,
    i128,
    i128,
    i128,
    |key| *key,
    wide().prop_map(|wide| wide as i128)
);
beside_a_btree!(
    optional_wide_numbers,
    Option<u128>,
    Option<u128>,
    Option<u128>,
    |key| *key,
    proptest::option::of(wide())
);
beside_a_btree!(
    optional_numbers,
    Option<u64>,
    Option<u64>,
    Option<u64>,
    |key| *key,
    proptest::option::of(wide().prop_map(|wide| wide as u64))
);
beside_a_btree!(
    numbers,
    u64,
    u64,
    u64,
    |key| *key,
    wide().prop_map(|wide| wide as u64)
);
beside_a_btree!(
    signed_numbers,
    i16,
    i16,
    i16,
    |key| *key,
    wide().prop_map(|wide| wide as i16)
);
beside_a_btree!(characters, char, char, char, |key| *key, any::<char>());
beside_a_btree!(
    nested,
    ((u32, String), Option<bool>),
    ((u32, &'a str), &'a Option<bool>),
    ((u32, &str), &Option<bool>),
    |key| ((key.0.0, key.0.1.as_str()), &key.1),
    ((0..3_u32, text()), any::<Option<bool>>())
);
beside_a_btree!(
    arrays,
    [u8; 3],
    &'a [u8; 3],
    [u8; 3],
    |key| key,
    proptest::array::uniform3(prop_oneof![Just(0_u8), Just(255), Just(1)])
);
beside_a_btree!(
    optional_pairs,
    Option<(u64, u64)>,
    Option<(u64, u64)>,
    Option<(u64, u64)>,
    |key| *key,
    proptest::option::of((0..3_u64, wide().prop_map(|wide| wide as u64)))
);
beside_a_btree!(
    unknown,
    std::cmp::Reverse<u64>,
    std::cmp::Reverse<u64>,
    std::cmp::Reverse<u64>,
    |key| *key,
    (0..200_u64).prop_map(std::cmp::Reverse)
);
