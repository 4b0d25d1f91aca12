//! Differences of two maps.

use crate::user::{User, user};
use daft::Diffable;
use idmap::{BiHashMap, IdHashItem, IdHashMap, IdIndexMap, IdLeaf, IdOrdMap, TriHashMap};
use std::panic::catch_unwind;

fn before() -> [User; 3] {
    [
        user("same", 1, "s"),
        user("changed", 2, "c"),
        user("gone", 3, "g"),
    ]
}

fn after() -> [User; 3] {
    [
        user("new", 4, "n"),
        user("changed", 2, "C"),
        user("same", 1, "s"),
    ]
}

fn names<'a>(users: impl IntoIterator<Item = &'a User>) -> Vec<&'a str> {
    users.into_iter().map(|user| user.name.as_str()).collect()
}

#[test]
fn records_of_two_maps_by_one_key_are_common_added_or_removed() {
    let (old, new): (IdHashMap<User>, IdHashMap<User>) = (
        before().into_iter().collect(),
        after().into_iter().collect(),
    );
    let diff = old.diff(&new);
    assert_eq!(names(diff.added.iter().copied()), ["new"]);
    assert_eq!(names(diff.removed.iter().copied()), ["gone"]);
    assert_eq!(names(diff.unchanged()), ["same"]);
    assert!(
        diff.is_unchanged("same") && !diff.is_unchanged("changed") && !diff.is_unchanged("gone")
    );
    assert!(diff.is_modified("changed") && !diff.is_modified("same"));
    let leaf = diff.get_modified("changed").unwrap();
    assert_eq!(
        (leaf.before().email.as_str(), leaf.after().email.as_str()),
        ("c", "C")
    );
    assert_eq!(diff.modified().collect::<Vec<_>>(), [leaf]);
    assert_eq!(diff.get_unchanged("same"), Some(&before()[0]));
    assert!(diff.get_unchanged("changed").is_none() && diff.get_modified("same").is_none());
}

#[test]
fn differences_of_ordered_maps_are_in_the_order_of_keys() {
    let (old, new): (IdOrdMap<User>, IdOrdMap<User>) = (
        before().into_iter().collect(),
        after().into_iter().collect(),
    );
    let diff = old.diff(&new);
    assert_eq!(
        names(diff.common.iter().map(|leaf| *leaf.before())),
        ["changed", "same"]
    );
    assert!(diff.is_modified("changed") && diff.is_unchanged("same"));
    assert_eq!(
        (
            names(diff.added.iter().copied()),
            names(diff.removed.iter().copied())
        ),
        (vec!["new"], vec!["gone"])
    );
}

#[test]
fn differences_of_maps_in_the_order_of_insertion_are_in_that_order() {
    let mut old: IdIndexMap<User> = before().into_iter().collect();
    old.reverse();
    let new: IdIndexMap<User> = after().into_iter().collect();
    let diff = old.diff(&new);
    assert_eq!(
        names(diff.common.iter().map(|leaf| *leaf.before())),
        ["changed", "same"]
    );
    assert!(diff.is_modified("changed") && diff.is_unchanged("same"));
    assert_eq!(names(diff.added.iter().copied()), ["new"]);
}

#[test]
fn maps_by_several_keys_are_compared_by_one_or_by_all() {
    let old: TriHashMap<User> = [user("a", 1, "x"), user("b", 2, "y")].into_iter().collect();
    let new: TriHashMap<User> = [user("a", 1, "z"), user("c", 2, "y")].into_iter().collect();
    let leaf = old.diff(&new);

    let by_name = leaf.by_key1();
    assert!(by_name.is_modified("a"));
    assert_eq!(
        (
            by_name.added.iter().next().unwrap().0.id,
            by_name.removed.iter().next().unwrap().0.id
        ),
        (2, 2)
    );
    let by_id = leaf.by_key2();
    assert_eq!(
        (by_id.common.len(), by_id.added.len(), by_id.removed.len()),
        (2, 0, 0)
    );
    let by_email = leaf.by_key3();
    assert!(by_email.is_modified("y") && by_email.added.contains_key("z"));
    let by_all = leaf.by_unique();
    assert_eq!(
        (
            by_all.common.len(),
            by_all.added.len(),
            by_all.removed.len()
        ),
        (0, 2, 2)
    );
    assert_eq!(old.diff(&old).by_unique().unchanged().count(), 2);
    assert!(old.diff(&old).by_unique().is_unchanged3("x"));
    assert_eq!(leaf, old.diff(&new));

    let bi: BiHashMap<User> = old.iter().cloned().collect();
    assert!(
        bi.diff(&bi).by_key2().is_unchanged(&2)
            && bi.diff(&bi).by_unique().get_unchanged1("a").is_some()
    );
}

#[test]
fn debug_formats_are_those_of_iddqd() {
    let old: IdHashMap<User> = [user("a", 1, "x")].into_iter().collect();
    let text = r#"User { name: "a", id: 1, email: "x" }"#;
    let new = IdHashMap::new();
    assert_eq!(
        format!("{:?}", old.diff(&new)),
        format!("Diff {{ common: {{}}, added: {{}}, removed: {{{text}}} }}")
    );
    let common = format!(
        "Diff {{ common: {{IdLeaf {{ before: {text}, after: {text} }}}}, added: {{}}, removed: {{}} }}"
    );
    assert_eq!(format!("{:?}", old.diff(&old)), common);
    let leaf = format!("MapLeaf {{ before: {{{text}}}, after: {{{text}}} }}");
    let bi: BiHashMap<User> = old.into_iter().collect();
    assert_eq!(format!("{:?}", bi.diff(&bi)), leaf);
}

#[test]
fn a_record_whose_key_is_not_the_same_before_and_after_is_refused() {
    use std::cell::Cell;

    struct Fickle(Cell<u32>);

    impl IdHashItem for Fickle {
        type Key<'a> = u32;

        fn key(&self) -> u32 {
            self.0.get()
        }

        idmap::id_upcast!();
    }

    let text = catch_unwind(|| {
        let old: IdHashMap<Fickle> = [Fickle(Cell::new(7))].into_iter().collect();
        let new: IdHashMap<Fickle> = [Fickle(Cell::new(7))].into_iter().collect();
        let diff = old.diff(&new);
        let leaf: IdLeaf<&Fickle> = *diff.common.iter().next().unwrap();
        assert_eq!(leaf.key(), 7);
        leaf.after().0.set(8);
        leaf.key()
    });
    let payload = text.unwrap_err();
    assert_eq!(
        payload.downcast_ref::<&str>(),
        Some(&"key is different between before and after")
    );
}
