//! Maps with one key, on honest records.

use crate::bi_tri::panic_text;
use idmap::internal::{ValidateChaos, ValidateCompact};
use idmap::{IdHashItem, IdHashMap, IdOrdItem, IdOrdMap, id_hash_map, id_ord_map, id_upcast};
use proptest::prelude::*;
use std::ops::{Bound, RangeBounds};

#[derive(Clone, Debug, PartialEq, Eq)]
struct User {
    email: String,
    age: u8,
}

fn user(email: &str, age: u8) -> User {
    User {
        email: email.into(),
        age,
    }
}

impl IdHashItem for User {
    type Key<'a> = &'a str;
    fn key(&self) -> &str {
        &self.email
    }
    id_upcast!();
}

impl IdOrdItem for User {
    type Key<'a> = &'a str;
    fn key(&self) -> &str {
        &self.email
    }
    id_upcast!();
}

#[test]
fn a_key_that_changes_under_a_reference_is_told() {
    let mut map: IdHashMap<User> = id_hash_map! { user("ada", 36), user("bob", 4) };
    let text = panic_text(|| map.get_mut("ada").unwrap().email.push('x'));
    assert_eq!(text, "key changed during RefMut borrow");
    let mut map: IdOrdMap<User> = id_ord_map! { user("ada", 36), user("bob", 4) };
    let text = panic_text(|| map.get_mut("ada").unwrap().email.push('x'));
    assert_eq!(text, "key changed during RefMut borrow");
}

/// A key of two fields, or of a number.
#[derive(Debug)]
struct Seat<K>(K, u8);

macro_rules! seat {
    ($($key:ty),+) => { $(
        impl IdOrdItem for Seat<$key> {
            type Key<'a> = $key;
            fn key(&self) -> $key {
                self.0
            }
            id_upcast!();
        }
    )+ };
}

seat!(u64, u128, (u64, u8), (&'static str, u8), Option<i32>);

#[test]
fn a_change_of_any_part_of_an_ordered_key_is_told() {
    macro_rules! assert_told {
        ($($from:expr => $to:expr;)+) => { $(
            let mut map = id_ord_map! { Seat($from, 0) };
            map.iter_mut().for_each(|mut seat| seat.1 += 1);
            let text = panic_text(|| map.iter_mut().for_each(|mut seat| seat.0 = $to));
            assert_eq!(text, "key changed during RefMut borrow");
        )+ };
    }
    assert_told! {
        1_u64 => 2;
        1_u128 => 1 << 100;
        (1_u64, 1_u8) => (1, 2);
        ("row", 1_u8) => ("row", 2);
        ("row", 1_u8) => ("rov", 1);
        Some(1) => None;
    }
    for len in 1..(if cfg!(miri) { 3 } else { 40 }) {
        for at in 0..len {
            let mut map: IdOrdMap<User> = id_ord_map! { user(&"x".repeat(len), 0) };
            map.iter_mut().for_each(|mut user| user.age += 1);
            let text = panic_text(|| {
                for mut user in &mut map {
                    user.email.replace_range(at..=at, "y");
                }
            });
            assert_eq!(text, "key changed during RefMut borrow");
        }
    }
}

#[test]
fn an_update_changes_the_key_or_says_who_has_it() {
    let mut map: IdOrdMap<User> = id_ord_map! { user("ada", 36), user("bob", 4) };
    assert_eq!(
        map.update("ada", |user| user.email = "zoe".into())
            .map(|changed| changed.is_ok()),
        Some(true)
    );
    assert_eq!(
        map.iter().map(|user| &*user.email).collect::<Vec<_>>(),
        ["bob", "zoe"]
    );
    let error = map
        .update("zoe", |user| user.email = "bob".into())
        .unwrap()
        .unwrap_err();
    assert_eq!((error.new_item().age, error.duplicates()[0].age), (36, 4));
    assert!(map.get("zoe").is_some());
    assert!(map.update("nobody", |_| ()).is_none());
}

#[test]
fn a_handle_is_stale_once_its_record_is_gone() {
    let mut map = IdHashMap::<User>::new();
    let ada = map.insert_unique_handle(user("ada", 36)).unwrap();
    let bob = map.insert_unique_handle(user("bob", 4)).unwrap();
    assert_eq!(map.handle("bob"), Some(bob));
    map.get_mut_by_handle(bob).unwrap().age += 1;
    assert_eq!(map.remove_by_handle(ada).map(|user| user.age), Some(36));
    map.insert_unique(user("eve", 1)).unwrap();
    assert!(map.get_by_handle(ada).is_none() && map.remove_by_handle(ada).is_none());
    assert_eq!(map.get_by_handle(bob).map(|user| user.age), Some(5));
    map.clear();
    map.extend([user("fay", 2), user("gus", 3)]);
    assert!(map.get_by_handle(bob).is_none());
}

#[test]
fn a_handle_to_a_record_that_was_moved_is_stale() {
    let mut map: IdHashMap<User> = id_hash_map! { user("ada", 36), user("bob", 4), user("cat", 9) };
    let (ada, cat) = (map.handle("ada").unwrap(), map.handle("cat").unwrap());
    map.remove("bob");
    map.shrink_to_fit();
    assert!(map.get_by_handle(ada).is_some());
    assert!(map.get_by_handle(cat).is_none());
    assert!(map.get("cat").is_some());
}

#[test]
fn slots_give_the_order_of_a_hash_map() {
    let mut map: IdHashMap<User> = id_hash_map! { user("ada", 36), user("bob", 4), user("cat", 9) };
    map.remove("ada");
    map.remove("bob");
    map.insert_unique(user("dan", 1)).unwrap();
    map.insert_unique(user("eve", 1)).unwrap();
    assert_eq!(
        map.iter().map(|user| &*user.email).collect::<Vec<_>>(),
        ["eve", "dan", "cat"]
    );
    assert_eq!(
        format!("{:?}", id_hash_map! { user("ada", 36) } as IdHashMap<User>),
        "{User { email: \"ada\", age: 36 }}"
    );
}

#[test]
fn several_records_are_lent_at_once_and_none_twice() {
    let mut map: IdOrdMap<User> = id_ord_map! { user("ada", 36), user("bob", 4), user("cat", 9) };
    let [a, b, c, none] = map.get_disjoint_mut(["cat", "ada", "cat", "nobody"]);
    let (mut a, mut b) = (a.unwrap(), b.unwrap());
    std::mem::swap(&mut a.age, &mut b.age);
    assert!(c.is_none() && none.is_none());
    drop((a, b, c, none));
    assert_eq!(map.get("ada").map(|user| user.age), Some(9));
}

#[test]
fn an_ordered_map_goes_from_both_ends() {
    let mut map: IdOrdMap<User> = ["d", "a", "c", "b", "e"]
        .map(|name| user(name, 0))
        .into_iter()
        .collect();
    let mut iter = map.iter();
    assert_eq!(iter.next_back().map(|user| &*user.email), Some("e"));
    assert_eq!(iter.next().map(|user| &*user.email), Some("a"));
    assert_eq!(iter.len(), 3);
    assert_eq!(
        iter.rev().map(|user| &*user.email).collect::<Vec<_>>(),
        ["d", "c", "b"]
    );
    assert_eq!(map.pop_first().map(|user| user.email), Some("a".into()));
    assert_eq!(map.pop_last().map(|user| user.email), Some("e".into()));
    assert_eq!(map.first_entry().unwrap().get().email, "b");
    assert_eq!(map.last().map(|user| &*user.email), Some("d"));
}

#[test]
fn an_ordered_map_is_split_and_put_together() {
    for at in ["", "b", "bb", "e", "z"] {
        let mut map: IdOrdMap<User> = ["d", "a", "c", "b", "e"]
            .map(|name| user(name, 0))
            .into_iter()
            .collect();
        let whole = map.clone();
        let mut upper = map.split_off(at);
        assert!(
            map.iter().all(|user| *user.email < *at) && upper.iter().all(|user| *user.email >= *at)
        );
        assert_eq!(map.len() + upper.len(), 5);
        map.append(&mut upper);
        assert!(upper.is_empty());
        assert_eq!(map, whole);
    }
}

#[test]
fn a_range_is_changed_in_the_order_of_keys() {
    let mut map: IdOrdMap<User> = ["d", "a", "c", "b", "e"]
        .map(|name| user(name, 0))
        .into_iter()
        .collect();
    let mut range = map.range_mut((Bound::Excluded("a"), Bound::Included("d")));
    assert_eq!(range.len(), 3);
    for (age, user) in (1..).zip(range.by_ref()) {
        { user }.age = age;
    }
    drop(range);
    assert_eq!(
        map.iter().map(|user| user.age).collect::<Vec<_>>(),
        [0, 1, 2, 3, 0]
    );
    assert_eq!(
        map.range("b".."d")
            .map(|user| &*user.email)
            .collect::<Vec<_>>(),
        ["b", "c"]
    );
}

/// Keys that begin alike, so that a tree has what follows only, and some that do not. No expression of characters: Miri
/// takes a minute to read one.
fn name() -> impl Strategy<Value = String> {
    const BEGINNINGS: [&str; 7] = [
        "user-",
        "user-000",
        "use",
        "zebra",
        "region-1/rack-42/sled-0",
        "region-1/rack-42/sled-0000",
        "",
    ];
    let end = prop::collection::vec(prop::sample::select(&['a', 'b'][..]), 0..=3);
    (prop::sample::select(&BEGINNINGS[..]), end)
        .prop_map(|(beginning, end)| beginning.chars().chain(end).collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(miri) { 1 } else { 256 }))]

    #[test]
    fn ranges_and_splits_do_as_those_of_a_btree_map_do(
        names in prop::collection::btree_set(name(), 0..if cfg!(miri) { 8 } else { 40 }),
        from in name(),
        to in name(),
    ) {
        let mut map: IdOrdMap<User> = names.iter().map(|name| user(name, 0)).collect();
        let found = |range: (Bound<&str>, Bound<&str>)| map.range::<str, _>(range).map(|user| user.email.clone()).collect::<Vec<_>>();
        let ends = |name| [Bound::Included(name), Bound::Excluded(name), Bound::Unbounded];
        for range in ends(&*from).into_iter().flat_map(|from| ends(&*to).map(|to| (from, to))) {
            let within = names.iter().filter(|name| RangeBounds::<str>::contains::<str>(&range, name));
            prop_assert_eq!(found(range), within.cloned().collect::<Vec<_>>());
        }
        let upper = map.split_off(&from);
        prop_assert!(map.iter().map(|user| &user.email).eq(names.iter().take_while(|name| **name < from)));
        prop_assert!(upper.iter().map(|user| &user.email).eq(names.iter().skip_while(|name| **name < from)));
        for part in [&map, &upper] {
            part.validate(ValidateCompact::NonCompact, ValidateChaos::No).unwrap();
        }
    }
}

#[test]
fn debug_formats_of_vacant_entries_are_those_of_iddqd() {
    let vacant = format!("{:?}", IdHashMap::<User>::new().entry("ada"));
    let hash = vacant.strip_prefix("Vacant(VacantEntry { hash: MapHash { hash: ");
    assert!(
        hash.is_some_and(|rest| rest.ends_with(", .. }, .. })")),
        "{vacant}"
    );
    assert_eq!(
        format!("{:?}", IdOrdMap::<User>::new().entry("ada")),
        "Vacant(VacantEntry { .. })"
    );
}
