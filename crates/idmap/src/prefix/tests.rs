//! What trees keep of keys agrees with the order of the keys.

use super::{HasPrefix, Shared};
use alloc::string::String;
use alloc::vec::Vec;
use core::cmp::Ordering;
use proptest::prelude::*;

/// Strings that have much in common, with bytes at either end of what there is.
fn key() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![Just(0), Just(b'a'), Just(b'b'), Just(255)];
    let end = prop::collection::vec(byte, 0..12);
    (0..12_usize, end).prop_map(|(same, end)| [&b"user-0123456"[..same], &end].concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: if cfg!(miri) { 4 } else { 512 }, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_follows_a_shared_beginning_agrees_with_the_order_of_keys(
        keys in prop::collection::vec(key(), 1..20),
        wanted in key(),
    ) {
        let mut shared = Shared::of(keys[0].prefix());
        let mut kept: Vec<u64> = Vec::new();
        for key in &keys {
            let prefix = key.prefix();
            if shared.strip(prefix).is_err() {
                let shorter = shared.with(prefix);
                kept.iter_mut().for_each(|bits| *bits = shorter.convert(shared, *bits));
                shared = shorter;
            }
            kept.push(shared.strip(prefix).expect("the key begins so"));
        }
        for (key, bits) in keys.iter().zip(&kept) {
            prop_assert_eq!(shared.strip(key.prefix()), Ok(*bits));
            match shared.strip(wanted.prefix()) {
                Err(side) => prop_assert_eq!(wanted.cmp(key), side),
                Ok(other) if other != *bits => prop_assert_eq!(wanted.cmp(key), other.cmp(bits)),
                Ok(_) => (),
            }
        }
    }

    #[test]
    fn prefixes_agree_with_the_order_of_keys(
        one in (any::<i128>(), any::<Option<String>>(), any::<(i8, char)>(), any::<i64>()),
        other in (any::<i128>(), any::<Option<String>>(), any::<(i8, char)>(), any::<i64>()),
    ) {
        fn agrees<K: HasPrefix + Ord>(one: &K, other: &K) -> bool {
            let (one_prefix, other_prefix) = (one.prefix(), other.prefix());
            let order = one_prefix.wide().cmp(&other_prefix.wide());
            order == one.cmp(other) || order == Ordering::Equal && !one_prefix.exact
        }
        prop_assert!(agrees(&one.0, &other.0));
        prop_assert!(agrees(&(one.0 >> 64), &(other.0 >> 64)));
        prop_assert!(agrees(&one.1, &other.1));
        prop_assert!(agrees(&one.2, &other.2));
        prop_assert!(agrees(&one.3, &other.3));
    }
}

#[test]
fn a_shared_beginning_shrinks_to_nothing_in_eight_steps_at_most() {
    let key = b"01234567-and-more";
    let mut shared = Shared::of(key.prefix());
    for len in (0..8).rev() {
        let mut other = *key;
        other[len] = b'x';
        assert_eq!(shared.strip(other.prefix()), Err(Ordering::Greater));
        shared = shared.with(other.prefix());
        assert_eq!(shared.len as usize, len * 8);
        assert!(shared.strip(other.prefix()).is_ok() && shared.strip(key.prefix()).is_ok());
    }
    assert_eq!(shared, Shared::NOTHING);
}
