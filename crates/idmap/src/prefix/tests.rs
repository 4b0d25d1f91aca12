//! What trees keep of keys agrees with the order of the keys.

use super::{HasPrefix, Mark, Of, Prefix, Shared, eight};
use alloc::string::String;
use alloc::vec::Vec;
use core::cmp::Ordering;
use proptest::prelude::*;

/// What a table does with its entries, without the tree.
struct Kept {
    shared: Shared,
    bits: Vec<u64>,
}

impl Kept {
    fn new(first: Prefix<'_>) -> Self {
        let mut shared = Shared::NOTHING;
        shared.begin(first);
        Self {
            shared,
            bits: Vec::new(),
        }
    }

    fn insert(&mut self, prefix: Prefix<'_>) {
        let mark: Mark = self.shared.mark(prefix, self.shared.strip(prefix));
        let (bits, change) = self.shared.enter(mark);
        if let Some(change) = change {
            self.bits.iter_mut().for_each(|bits| *bits = change(*bits));
        }
        self.bits.push(bits);
    }
}

/// Strings that have much in common, of all lengths around those that matter, with bytes at either end of what there is.
fn key() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![Just(0), Just(b'a'), Just(b'b'), Just(255)];
    let same = prop_oneof![0..12_usize, 100..140_usize];
    let end = prop::collection::vec(byte, 0..12);
    (same, end).prop_map(|(same, end)| (0..same as u8).map(|at| at ^ 0x55).chain(end).collect())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_follows_a_shared_beginning_agrees_with_the_order_of_keys(
        keys in prop::collection::vec(key(), 1..20),
        wanted in key(),
    ) {
        let mut kept = Kept::new(keys[0].prefix());
        keys.iter().for_each(|key| kept.insert(key.prefix()));
        let shared = kept.shared;
        for (key, bits) in keys.iter().zip(&kept.bits) {
            prop_assert_eq!(shared.strip(key.prefix()), Ok(*bits));
            match shared.strip(wanted.prefix()) {
                Err(side) => prop_assert_eq!(wanted.cmp(key), side),
                Ok(other) if other != *bits => prop_assert_eq!(wanted.cmp(key), other.cmp(bits)),
                Ok(_) => (),
            }
        }
    }

    #[test]
    fn numbers_of_sixteen_bytes_share_their_first(
        keys in prop::collection::vec((any::<u128>(), 0..128_u32), 1..20),
    ) {
        let keys: Vec<u128> = keys.into_iter().map(|(key, zeros)| key >> zeros).collect();
        let mut kept = Kept::new(keys[0].prefix());
        keys.iter().for_each(|key| kept.insert(key.prefix()));
        for (one, bits) in keys.iter().zip(&kept.bits) {
            prop_assert_eq!(kept.shared.strip(one.prefix()), Ok(*bits));
            for (other, other_bits) in keys.iter().zip(&kept.bits) {
                let order = bits.cmp(other_bits);
                prop_assert!(order == Ordering::Equal || order == one.cmp(other));
            }
        }
    }

    #[test]
    fn keys_that_say_less_than_they_did_are_kept_all_the_same(
        keys in prop::collection::vec((key(), any::<u128>(), 0..3_u8), 1..20),
    ) {
        let prefixes: Vec<Prefix<'_>> = keys
            .iter()
            .map(|(bytes, number, kind)| match kind {
                0 => Prefix(Of::Exact(*number as u64)),
                1 => Prefix(Of::First(*number)),
                _ => Prefix(Of::Bytes(bytes)),
            })
            .collect();
        let mut kept = Kept::new(prefixes[0]);
        prefixes.iter().for_each(|prefix| kept.insert(*prefix));
        prop_assert_eq!(kept.bits.len(), keys.len());
    }

    #[test]
    fn prints_differ_where_keys_do(
        key in prop::collection::vec(any::<u8>(), 0..70),
        changes in prop::collection::vec((any::<prop::sample::Index>(), 1..=255_u8), 1..4),
        end in any::<u8>(),
    ) {
        let mut other = key.clone();
        for (at, change) in changes.iter().filter(|_| !key.is_empty()) {
            other[at.index(key.len())] ^= change;
        }
        let longer = [&key[..], &[end]].concat();
        prop_assert_eq!(key.prefix().print() == other.prefix().print(), key == other);
        prop_assert_ne!(key.prefix().print(), longer.prefix().print());
    }

    #[test]
    fn eight_bytes_are_those_and_zeros(bytes in prop::collection::vec(any::<u8>(), 0..20), at in 0..20_usize) {
        let at = at.min(bytes.len());
        let mut first = [0; 8];
        for (to, from) in first.iter_mut().zip(&bytes[at..]) {
            *to = *from;
        }
        prop_assert_eq!(eight(&bytes, at), u64::from_be_bytes(first));
    }

    #[test]
    fn prefixes_agree_with_the_order_of_keys(
        one in (any::<i128>(), any::<Option<String>>(), any::<(i8, char)>(), any::<i64>()),
        other in (any::<i128>(), any::<Option<String>>(), any::<(i8, char)>(), any::<i64>()),
    ) {
        fn agrees<K: HasPrefix + Ord>(one: &K, other: &K) -> bool {
            let (one_prefix, other_prefix) = (one.prefix(), other.prefix());
            let order = one_prefix.wide().cmp(&other_prefix.wide());
            order == one.cmp(other) || order == Ordering::Equal && !one_prefix.is_exact()
        }
        prop_assert!(agrees(&one.0, &other.0));
        prop_assert!(agrees(&(one.0 >> 64), &(other.0 >> 64)));
        prop_assert!(agrees(&one.1, &other.1));
        prop_assert!(agrees(&one.2, &other.2));
        prop_assert!(agrees(&one.3, &other.3));
    }
}

#[test]
fn a_shared_beginning_becomes_shorter_by_what_a_key_has_not() {
    let key: Vec<u8> = (0..200).collect();
    let mut kept = Kept::new(key.prefix());
    kept.insert(key.prefix());
    assert_eq!(kept.shared.bytes(), &key[..120]);
    for len in (0..120).rev() {
        let mut other = key.clone();
        other[len] = 255;
        assert_eq!(kept.shared.strip(other.prefix()), Err(Ordering::Greater));
        kept.insert(other.prefix());
        assert_eq!(kept.shared.bytes(), &key[..len]);
        assert_eq!(kept.shared.strip(key.prefix()), Ok(kept.bits[0]));
    }
    assert_eq!(kept.bits[0], 0x0001_0203_0405_0607);
}

#[test]
fn a_key_that_is_all_that_is_shared_is_before_those_that_go_on() {
    let mut kept = Kept::new(b"ab"[..].prefix());
    for key in [&b"ab"[..], b"ab\0", b"abc", b"a", b""] {
        kept.insert(key.prefix());
    }
    let number = |bytes: &[u8]| eight(bytes, 0);
    assert_eq!(kept.shared.bytes(), b"");
    assert_eq!(
        kept.bits,
        [b"ab", b"ab", &b"abc"[..], b"a", b""].map(number)
    );
}

#[test]
fn a_print_tells_lengths_and_a_key_of_which_not_all_is_known_has_none() {
    assert_eq!(7_u64.prefix().print(), Some(7));
    assert!("a".prefix().print().is_some() && ("a",).prefix().print().is_some());
    let zeros = [0; 40];
    let prints: alloc::collections::BTreeSet<_> =
        (0..=40).map(|len| zeros[..len].prefix().print()).collect();
    assert_eq!(prints.len(), 41);
    let numbers = (7_u8, 1_u8);
    assert_eq!(numbers.prefix().print(), None);
    assert_eq!(("a", 1).prefix().print(), None);
    assert_eq!(7_u128.prefix().print(), None);
    assert_eq!(Some("a").prefix().print(), None);
}
