//! Maps by two and by three hashed keys: against a plain list, and case by case.

use adversary::model::Runner;
use idmap::bi_hash_map::{Entry, OccupiedEntryMut, OccupiedEntryRef};
use idmap::internal::ValidateCompact;
use idmap::{
    BiHashItem, BiHashMap, TriHashItem, TriHashMap, bi_hash_map, bi_upcast, tri_hash_map,
    tri_upcast,
};
use proptest::prelude::*;
use std::panic::{AssertUnwindSafe, catch_unwind};

#[derive(Clone, Debug, PartialEq, Eq)]
struct Item {
    name: String,
    keys: [u8; 3],
    value: u32,
}

fn item(a: u8, b: u8, c: u8, value: u32) -> Item {
    Item {
        name: a.to_string(),
        keys: [a, b, c],
        value,
    }
}

impl BiHashItem for Item {
    type K1<'a> = &'a str;
    type K2<'a> = &'a u8;

    fn key1(&self) -> &str {
        &self.name
    }

    fn key2(&self) -> &u8 {
        &self.keys[1]
    }

    bi_upcast!();
}

impl TriHashItem for Item {
    type K1<'a> = &'a str;
    type K2<'a> = &'a u8;
    type K3<'a> = (u8, &'a str);

    fn key1(&self) -> &str {
        &self.name
    }

    fn key2(&self) -> &u8 {
        &self.keys[1]
    }

    fn key3(&self) -> (u8, &str) {
        (self.keys[2], "x")
    }

    tri_upcast!();
}

const NAMES: [&str; 8] = ["0", "1", "2", "3", "4", "5", "6", "7"];

/// A list in which no two items share one of the first `keys` keys.
#[derive(Clone, Debug)]
struct Naive {
    keys: usize,
    items: Vec<Item>,
}

impl Naive {
    fn find(&self, key: usize, of: u8) -> Option<&Item> {
        self.items.iter().find(|item| item.keys[key] == of)
    }

    /// In the order of the keys, each once.
    fn in_the_way(&self, of: [u8; 3]) -> Vec<Item> {
        let mut found: Vec<Item> = Vec::new();
        for (key, of) in of.into_iter().enumerate().take(self.keys) {
            if let Some(item) = self.find(key, of).filter(|item| !found.contains(item)) {
                found.push(item.clone());
            }
        }
        found
    }

    fn remove_all(&mut self, of: [u8; 3]) -> Vec<Item> {
        let removed = self.in_the_way(of);
        self.items.retain(|item| !removed.contains(item));
        removed
    }

    fn sorted(&self) -> Vec<Item> {
        sorted(self.items.clone())
    }
}

fn sorted(mut items: Vec<Item>) -> Vec<Item> {
    items.sort_by_key(|item| (item.keys, item.value));
    items
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Insert([u8; 3]),
    Overwrite([u8; 3]),
    Remove(usize, u8),
    RemoveUnique([u8; 3]),
    EntryInsert([u8; 3]),
    EntryRemove([u8; 3]),
    EntryModify([u8; 3]),
    Update(u8, [u8; 3]),
    Retain(u8),
    Shrink,
}

fn keys() -> impl Strategy<Value = [u8; 3]> {
    [0..8u8, 0..8u8, 0..8u8]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => keys().prop_map(Step::Insert),
        3 => keys().prop_map(Step::Overwrite),
        2 => (0..3usize, 0..8u8).prop_map(|(key, of)| Step::Remove(key, of)),
        1 => keys().prop_map(Step::RemoveUnique),
        2 => keys().prop_map(Step::EntryInsert),
        1 => keys().prop_map(Step::EntryRemove),
        2 => keys().prop_map(Step::EntryModify),
        2 => (0..8u8, keys()).prop_map(|(of, to)| Step::Update(of, to)),
        1 => (2..6u8).prop_map(Step::Retain),
        1 => Just(Step::Shrink),
    ]
}

/// The steps on a map and on the list, which have to give the same results all along.
macro_rules! model {
    ($map:ident, $n:literal, $module:ident, |$of:ident| $keys:tt, $queries:tt, $by_number:tt) => {
        #[test]
        fn sequences_answer_as_a_list_does() {
            let cases = if cfg!(miri) { 1 } else { 10_000 };
            Runner::new().cases(cases).steps(16).run(
                &step(),
                || ($map::<Item>::new(), Naive { keys: $n, items: Vec::new() }, 0),
                |(map, naive, value), step| {
                    *value += 1;
                    one(map, naive, *step, *value);
                    map.validate(ValidateCompact::NonCompact).unwrap();
                    assert_eq!(sorted(map.iter().cloned().collect()), naive.sorted());
                    for of in 0..8 {
                        assert_eq!(map.get1(NAMES[of as usize]), naive.find(0, of));
                        assert_eq!(map.get2(&of), naive.find(1, of));
                    }
                    assert_eq!(*map, naive.items.iter().rev().cloned().collect());
                },
            );
        }

        fn one(map: &mut $map<Item>, naive: &mut Naive, step: Step, value: u32) {
            let new = |keys: [u8; 3]| item(keys[0], keys[1], keys[2], value);
            match step {
                Step::Insert(keys) => {
                    let expected = sorted(naive.in_the_way(keys));
                    match map.insert_unique(new(keys)) {
                        Ok(()) => naive.items.push(new(keys)),
                        Err(error) => {
                            assert!(!expected.is_empty());
                            let found = error.duplicates().iter().map(|item| (*item).clone()).collect();
                            assert_eq!(sorted(found), expected);
                        }
                    }
                }
                Step::Overwrite(keys) => {
                    assert_eq!(map.insert_overwrite(new(keys)), naive.remove_all(keys));
                    naive.items.push(new(keys));
                }
                Step::Remove(key, $of) => {
                    let expected = naive.find(key % $n, $of).cloned();
                    let removed = by_number!($by_number, map, key % $n, $of);
                    assert_eq!(removed, expected);
                    naive.items.retain(|item| Some(item) != expected.as_ref());
                }
                Step::RemoveUnique($of) => {
                    let found = naive.in_the_way($of).into_iter().find(|item| item.keys[..$n] == $of[..$n]);
                    assert_eq!(map.get_unique $queries, found.as_ref());
                    assert_eq!(map.get_mut_unique $keys.is_some(), found.is_some());
                    assert_eq!(map.remove_unique $keys, found);
                    naive.items.retain(|item| Some(item) != found.as_ref());
                }
                Step::EntryInsert($of) => {
                    let removed = match map.entry $keys {
                        idmap::$module::Entry::Vacant(entry) => {
                            let entry = entry.insert_entry(new($of));
                            assert_eq!(entry.get().as_unique(), Some(&new($of)));
                            Vec::new()
                        }
                        idmap::$module::Entry::Occupied(mut entry) => {
                            let removed = entry.insert(new($of));
                            assert!(entry.is_unique());
                            removed
                        }
                    };
                    assert_eq!(removed, naive.remove_all($of));
                    naive.items.push(new($of));
                }
                Step::EntryRemove($of) => {
                    let removed = match map.entry $keys {
                        idmap::$module::Entry::Vacant(_) => Vec::new(),
                        idmap::$module::Entry::Occupied(entry) => {
                            assert_eq!(entry.get().by_key1(), naive.find(0, $of[0]));
                            assert_eq!(entry.get().by_key2(), naive.find(1, $of[1]));
                            entry.remove()
                        }
                    };
                    assert_eq!(removed, naive.remove_all($of));
                }
                Step::EntryModify($of) => {
                    let _ = map.entry $keys.and_modify(|mut item| item.value += 100);
                    let found = naive.in_the_way($of);
                    naive.items.iter_mut().filter(|item| found.contains(item)).for_each(|item| item.value += 100);
                }
                Step::Update($of, to) => {
                    let updated = map.update1(NAMES[$of as usize], |item| *item = new(to)).map(|result| result.is_ok());
                    let Some(before) = naive.find(0, $of).cloned() else { return assert_eq!(updated, None) };
                    let possible = naive.in_the_way(to).iter().all(|item| *item == before);
                    assert_eq!(updated, Some(possible));
                    if possible {
                        naive.items.retain(|item| *item != before);
                        naive.items.push(new(to));
                    }
                }
                Step::Retain(divisor) => {
                    map.retain(|item| item.keys[0] % divisor != 0);
                    naive.items.retain(|item| item.keys[0] % divisor != 0);
                }
                Step::Shrink => {
                    map.shrink_to_fit();
                    map.validate(ValidateCompact::Compact).unwrap();
                }
            }
        }
    };
}

macro_rules! by_number {
    (bi, $map:ident, $key:expr, $of:ident) => {
        if $key == 0 {
            $map.remove1(NAMES[$of as usize])
        } else {
            $map.remove2(&$of)
        }
    };
    (tri, $map:ident, $key:expr, $of:ident) => {
        match $key {
            0 => $map.remove1(NAMES[$of as usize]),
            1 => $map.remove2(&$of),
            _ => $map.remove3(($of, "x")),
        }
    };
}

mod bi {
    use super::*;
    model!(
        BiHashMap,
        2,
        bi_hash_map,
        |of| (NAMES[of[0] as usize], &of[1]),
        (NAMES[of[0] as usize], &of[1]),
        bi
    );
}

mod tri {
    use super::*;
    model!(
        TriHashMap,
        3,
        tri_hash_map,
        |of| (NAMES[of[0] as usize], &of[1], (of[2], "x")),
        (NAMES[of[0] as usize], &of[1], &(of[2], "x")),
        tri
    );
}

pub(crate) fn panic_text(call: impl FnOnce()) -> String {
    let payload = catch_unwind(AssertUnwindSafe(call)).expect_err("the call panics");
    match payload.downcast::<String>() {
        Ok(text) => *text,
        Err(payload) => payload
            .downcast::<&str>()
            .map_or_else(|_| String::new(), |text| (*text).to_owned()),
    }
}

#[test]
fn a_changed_key_is_named_in_the_panic_and_the_record_stays() {
    let mut map = tri_hash_map! { item(1, 2, 3, 0) };
    type Change = fn(&mut Item);
    let changes: [Change; 3] = [
        |item| item.name.push('x'),
        |item| item.keys[1] = 9,
        |item| item.keys[2] = 9,
    ];
    for (key, change) in (1..).zip(changes) {
        let expected = format!("key{key} changed during RefMut borrow");
        assert_eq!(
            panic_text(|| change(&mut map.iter_mut().next().unwrap())),
            expected
        );
        map.validate_structural(ValidateCompact::Compact).unwrap();
        map = tri_hash_map! { item(1, 2, 3, 0) };
    }
}

#[test]
fn entries_refuse_records_with_other_keys() {
    let vacant = |new: Item| {
        panic_text(move || {
            let mut map = BiHashMap::<Item>::new();
            let Entry::Vacant(entry) = map.entry("1", &2) else {
                unreachable!()
            };
            entry.insert(new);
        })
    };
    assert_eq!(vacant(item(7, 2, 0, 0)), "key1 hashes do not match");
    assert_eq!(vacant(item(1, 7, 0, 0)), "key2 hashes do not match");

    let occupied = |key2: u8, new: Item| {
        let mut map = bi_hash_map! { item(1, 2, 0, 0), item(3, 4, 0, 0) };
        let text = panic_text(|| {
            let Entry::Occupied(mut entry) = map.entry("1", &key2) else {
                unreachable!()
            };
            entry.insert(new);
        });
        assert_eq!(map.len(), 2);
        map.validate(ValidateCompact::Compact).unwrap();
        text
    };
    assert_eq!(occupied(2, item(3, 2, 0, 0)), "key1 mismatch");
    assert_eq!(occupied(2, item(1, 4, 0, 0)), "key2 mismatch");
    assert_eq!(occupied(4, item(3, 4, 0, 0)), "key1 mismatch");
    assert_eq!(occupied(4, item(1, 2, 0, 0)), "key2 mismatch");
}

#[test]
fn a_non_unique_entry_gives_the_record_of_each_key() {
    let mut map = bi_hash_map! { item(1, 2, 0, 10), item(3, 4, 0, 20) };
    let Entry::Occupied(mut entry) = map.entry("1", &4) else {
        panic!("both keys are there")
    };
    assert!(entry.is_non_unique() && !entry.is_unique());
    let OccupiedEntryRef::NonUnique {
        by_key1: Some(first),
        by_key2: Some(second),
    } = entry.get()
    else {
        panic!("by each key there is a record")
    };
    assert_eq!((first.value, second.value), (10, 20));
    assert!(entry.get().as_unique().is_none() && entry.get_mut().as_unique().is_none());
    entry.get_mut().by_key2().unwrap().value = 21;
    let OccupiedEntryMut::NonUnique {
        by_key1: Some(mut first),
        ..
    } = entry.into_mut()
    else {
        panic!("by each key there is a record")
    };
    first.value = 11;
    drop(first);
    assert_eq!(
        map.iter().map(|item| item.value).collect::<Vec<_>>(),
        [11, 21]
    );
}

#[test]
fn a_record_that_has_two_keys_of_three_is_given_to_change_once() {
    let mut map = tri_hash_map! { item(1, 2, 3, 10), item(4, 5, 6, 20) };
    let tri_hash_map::Entry::Occupied(mut entry) = map.entry("1", &2, (6, "x")) else {
        unreachable!()
    };
    assert_eq!(entry.get().by_key1(), entry.get().by_key2());
    let mut met = Vec::new();
    entry.get_mut().for_each(|item| met.push(item.value));
    assert_eq!(met, [10, 20]);
    let mut records = entry.get_mut();
    assert!(
        records.by_key1().is_some() && records.by_key2().is_none() && records.by_key3().is_some()
    );
    drop(records);
    let removed = entry.insert(item(1, 2, 6, 30));
    assert_eq!(
        removed.iter().map(|item| item.value).collect::<Vec<_>>(),
        [10, 20]
    );
    assert_eq!(map.len(), 1);
}

#[test]
fn debug_formats_are_those_of_iddqd() {
    let mut map = bi_hash_map! { item(1, 2, 0, 0) };
    assert_eq!(
        format!("{map:?}"),
        r#"{Item { name: "1", keys: [1, 2, 0], value: 0 }}"#
    );
    let with_keys = format!("{:?}", map.debug_with_keys());
    assert_eq!(
        with_keys,
        r#"{{k1: "1", k2: 2}: Item { name: "1", keys: [1, 2, 0], value: 0 }}"#
    );
    let unique = "Occupied(OccupiedEntry { indexes: Unique(0), .. })";
    assert_eq!(format!("{:?}", map.entry("1", &2)), unique);
    let non_unique =
        "Occupied(OccupiedEntry { indexes: NonUnique { index1: None, index2: Some(0) }, .. })";
    assert_eq!(format!("{:?}", map.entry("9", &2)), non_unique);
    assert!(
        format!("{:?}", map.entry("9", &9))
            .starts_with("Vacant(VacantEntry { hashes: [MapHash { hash: ")
    );
    let tri = tri_hash_map! { item(1, 2, 3, 0) };
    assert!(
        format!("{:?}", tri.debug_with_keys())
            .starts_with(r#"{{k1: "1", k2: 2, k3: (3, "x")}: Item"#)
    );
}

#[test]
fn a_duplicate_among_collected_records_is_reported_with_those_before_it() {
    let items = [item(1, 2, 0, 0), item(3, 4, 0, 1), item(1, 4, 0, 2)];
    let error = BiHashMap::<Item>::from_iter_unique(items.clone()).unwrap_err();
    assert_eq!(error.into_parts(), (items[2].clone(), items[..2].to_vec()));
    assert_eq!(items.into_iter().collect::<BiHashMap<Item>>().len(), 1);
}

#[test]
fn pointers_to_items_are_items() {
    let items = [item(1, 2, 3, 0), item(4, 5, 6, 1)];
    let by_reference: TriHashMap<&Item> = items.iter().collect();
    assert_eq!(by_reference.get3(&(6, "x")).map(|item| item.value), Some(1));
    let mut boxed: BiHashMap<Box<Item>> = items.iter().cloned().map(Box::new).collect();
    boxed.get2_mut(&5).unwrap().value = 7;
    assert_eq!(boxed.remove1("4").map(|item| item.value), Some(7));
    let [a, b] = boxed.get1_disjoint_mut(["1", "4"]);
    assert!(a.is_some() && b.is_none());
    drop((a, b));
    assert_eq!(boxed.keys1().rev().collect::<Vec<_>>(), ["1"]);
}
