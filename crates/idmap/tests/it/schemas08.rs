//! Schemas of schemars 0.8.

use crate::user::User;
use idmap::id_hash_map::IdHashMapAsMap;
use idmap::id_ord_map::IdOrdMapAsMap;
use idmap::{BiHashMap, IdHashMap, IdIndexMap, IdOrdMap, TriHashMap};
use schemars08::{JsonSchema, schema_for};
use serde_json::{Value, json};

fn schema<T: JsonSchema>() -> Value {
    serde_json::to_value(schema_for!(T)).expect("a schema is JSON")
}

#[test]
fn a_map_is_an_array_of_unique_records_and_names_its_type() {
    let schema = schema::<IdHashMap<User>>();
    assert_eq!(schema["title"], "IdHashMap");
    assert_eq!(schema["type"], "array");
    assert_eq!(schema["items"], json!({"$ref": "#/definitions/User"}));
    assert_eq!(schema["uniqueItems"], true);
    let parameters = json!([{"$ref": "#/definitions/User"}]);
    let rust_type = json!({"crate": "iddqd", "version": "*", "path": "iddqd::IdHashMap", "parameters": parameters});
    assert_eq!(schema["x-rust-type"], rust_type);
    assert_eq!(
        schema["definitions"]["User"]["required"],
        json!(["email", "id", "name"])
    );
}

#[test]
fn a_map_of_keys_to_records_is_an_object() {
    let schema = schema::<IdOrdMapAsMap<User>>();
    assert_eq!(schema["title"], "IdOrdMapAsMap");
    assert_eq!(schema["type"], "object");
    assert_eq!(
        schema["additionalProperties"],
        json!({"$ref": "#/definitions/User"})
    );
    assert_eq!(schema["x-rust-type"]["path"], "iddqd::IdOrdMap");
}

#[test]
fn a_map_that_iddqd_does_not_have_is_of_this_crate() {
    let schema = schema::<IdIndexMap<User>>();
    assert_eq!(schema["x-rust-type"]["crate"], "idmap");
    assert_eq!(schema["x-rust-type"]["path"], "idmap::IdIndexMap");
}

#[test]
fn the_names_are_those_of_iddqd() {
    assert_eq!(IdHashMap::<User>::schema_name(), "IdHashMap_of_User");
    assert_eq!(
        IdHashMapAsMap::<User>::schema_name(),
        "IdHashMapAsMap_of_User"
    );
    assert_eq!(IdOrdMap::<User>::schema_name(), "IdOrdMap_of_User");
    assert_eq!(BiHashMap::<User>::schema_name(), "BiHashMap_of_User");
    assert_eq!(TriHashMap::<User>::schema_name(), "TriHashMap_of_User");
}
