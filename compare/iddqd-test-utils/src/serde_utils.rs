//! Through JSON and back.

use crate::test_item::{ItemMap, TestItem};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt::Debug;

/// A map of the items comes back from JSON as it went, and their list is read only if no two of
/// them are in each other's way.
pub fn assert_serialize_roundtrip<M>(items: Vec<TestItem>)
where
    M: ItemMap<Item = TestItem> + Serialize + DeserializeOwned + PartialEq + Debug,
{
    let mut map = M::make_new();
    let inserted = items.iter().filter(|item| map.insert((*item).clone()));
    let all_unique = inserted.count() == items.len();

    let text = serde_json::to_string(&map).expect("a map serializes");
    let back: M = serde_json::from_str(&text).expect("what a map wrote can be read");
    assert_eq!(map, back);
    assert_eq!(map.refs().len(), back.refs().len());

    let list = serde_json::to_string(&items).expect("a list serializes");
    assert_eq!(
        serde_json::from_str::<M>(&list).is_ok(),
        all_unique,
        "{list}"
    );
}
