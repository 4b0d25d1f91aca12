//! Maps as sequences, and as maps of keys to records.

use crate::user::{User, user};
use idmap::bi_hash_map::BiHashMapAsMap;
use idmap::id_hash_map::IdHashMapAsMap;
use idmap::id_index_map::IdIndexMapAsMap;
use idmap::id_ord_map::IdOrdMapAsMap;
use idmap::tri_hash_map::TriHashMapAsMap;
use idmap::{BiHashMap, IdHashMap, IdIndexMap, IdOrdMap, TriHashMap};
use serde::de::value::{Error, MapDeserializer, SeqDeserializer};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fmt::Debug;

const USERS: &str = r#"[{"name":"zoe","id":1,"email":"z"},{"name":"ada","id":2,"email":"a"}]"#;
const SORTED: &str = r#"[{"name":"ada","id":2,"email":"a"},{"name":"zoe","id":1,"email":"z"}]"#;
const BY_NAME: &str =
    r#"{"zoe":{"name":"zoe","id":1,"email":"z"},"ada":{"name":"ada","id":2,"email":"a"}}"#;
const BY_NAME_SORTED: &str =
    r#"{"ada":{"name":"ada","id":2,"email":"a"},"zoe":{"name":"zoe","id":1,"email":"z"}}"#;

/// The record to read twice differs in each key but one.
fn formats<M>(expected: &str, twice: [&str; 2])
where
    M: Serialize + for<'de> Deserialize<'de> + Default + Extend<User> + PartialEq + Debug,
{
    let mut map = M::default();
    map.extend([user("zoe", 1, "z"), user("ada", 2, "a")]);
    assert_eq!(
        serde_json::to_string(&map).expect("it is written"),
        expected
    );
    assert_eq!(serde_json::from_str::<M>(USERS).expect("it is read"), map);
    assert_eq!(
        serde_json::from_str::<M>(BY_NAME).expect("it is read"),
        map,
        "the keys of a map are ignored"
    );
    for twice in twice {
        let with_duplicate = USERS.replace(']', &format!(",{twice}]"));
        let error = serde_json::from_str::<M>(&with_duplicate)
            .expect_err("it is refused")
            .to_string();
        assert!(error.contains("conflicts with existing"), "{error}");
    }
    let error = serde_json::from_str::<M>("7")
        .expect_err("it is refused")
        .to_string();
    assert!(
        error.contains("expected a sequence or a map of records"),
        "{error}"
    );
}

#[test]
fn maps_are_sequences_in_the_order_of_iteration_and_duplicates_are_refused() {
    let by_name = r#"{"name":"ada","id":3,"email":"x"}"#;
    let by_id = r#"{"name":"eve","id":2,"email":"x"}"#;
    let by_email = r#"{"name":"eve","id":3,"email":"a"}"#;
    formats::<IdHashMap<User>>(USERS, [by_name; 2]);
    formats::<IdIndexMap<User>>(USERS, [by_name; 2]);
    formats::<IdOrdMap<User>>(SORTED, [by_name; 2]);
    formats::<BiHashMap<User>>(USERS, [by_name, by_id]);
    formats::<TriHashMap<User>>(USERS, [by_id, by_email]);
}

#[derive(Serialize, Deserialize)]
struct All {
    #[serde(with = "IdHashMapAsMap")]
    id_hash: IdHashMap<User>,
    #[serde(with = "IdIndexMapAsMap")]
    id_index: IdIndexMap<User>,
    #[serde(with = "IdOrdMapAsMap")]
    id_ord: IdOrdMap<User>,
    #[serde(with = "BiHashMapAsMap")]
    bi: BiHashMap<User>,
    #[serde(with = "TriHashMapAsMap")]
    tri: TriHashMap<User>,
}

#[test]
fn maps_of_keys_to_records_have_the_first_key() {
    let users = || [user("zoe", 1, "z"), user("ada", 2, "a")].into_iter();
    let all = All {
        id_hash: users().collect(),
        id_index: users().collect(),
        id_ord: users().collect(),
        bi: users().collect(),
        tri: users().collect(),
    };
    let json = serde_json::to_string(&all).unwrap();
    let expected = format!(
        r#"{{"id_hash":{BY_NAME},"id_index":{BY_NAME},"id_ord":{BY_NAME_SORTED},"bi":{BY_NAME},"tri":{BY_NAME}}}"#
    );
    assert_eq!(json, expected);
    let back: All = serde_json::from_str(&json).unwrap();
    assert_eq!(
        (back.id_hash, back.id_index, back.id_ord, back.bi, back.tri),
        (all.id_hash, all.id_index, all.id_ord, all.bi, all.tri)
    );
    let error = serde_json::from_str::<All>(r#"{"id_hash":[]}"#)
        .err()
        .unwrap()
        .to_string();
    assert!(error.contains("expected a map of records"), "{error}");
}

#[test]
fn a_hasher_and_an_allocator_can_be_given() {
    use idmap::internal::Global;
    use std::hash::RandomState;
    let read = || serde_json::from_str::<Value>(USERS).unwrap();
    let hasher = RandomState::new();
    let map = IdHashMap::<User, _>::deserialize_with_hasher(read(), hasher.clone()).unwrap();
    assert_eq!(map.len(), 2);
    let map = BiHashMap::<User, _, _>::deserialize_with_hasher_in(read(), hasher, Global).unwrap();
    assert_eq!(map.get2(&2).map(|user| user.name.as_str()), Some("ada"));
    let map = TriHashMap::<User, RandomState, _>::deserialize_in(read(), Global).unwrap();
    assert_eq!(map.len(), 2);
    let map = IdOrdMap::<User>::deserialize_in(read(), Global).unwrap();
    assert_eq!(map.first().map(|user| user.id), Some(2));
}

#[test]
fn a_map_in_the_order_of_insertion_is_written_and_read_in_order() {
    let mut map: IdIndexMap<User> = serde_json::from_str(USERS).unwrap();
    map.reverse();
    assert_eq!(serde_json::to_string(&map).unwrap(), SORTED);
    let back: IdIndexMap<User> = serde_json::from_str(SORTED).unwrap();
    assert!(back.iter().eq(map.iter()));
}

/// Says that it has as many elements as can be, and has none.
struct Liar;

impl Iterator for Liar {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        None
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (usize::MAX, Some(usize::MAX))
    }
}

#[derive(Debug, Deserialize)]
#[serde(transparent)]
struct Number(u32);

impl idmap::IdHashItem for Number {
    type Key<'a> = u32;

    fn key(&self) -> u32 {
        self.0
    }

    idmap::id_upcast!();
}

#[test]
fn a_size_hint_that_lies_makes_room_for_a_mebibyte_of_records_at_most() {
    let map = IdHashMap::<Number>::deserialize(SeqDeserializer::<_, Error>::new(Liar)).unwrap();
    let most = (1 << 20) / size_of::<Number>();
    assert!(
        (1..=2 * most).contains(&map.capacity()),
        "{}",
        map.capacity()
    );
    let entries = MapDeserializer::<_, Error>::new(Liar.map(|number| (number, number)));
    let map = IdHashMap::<Number>::deserialize(entries).unwrap();
    assert!(
        (1..=2 * most).contains(&map.capacity()),
        "{}",
        map.capacity()
    );
}
