//! Schemas of schemars 1.

use idmap::tri_hash_map::TriHashMapAsMap;
use idmap::{BiHashMap, IdHashMap, IdIndexMap, IdOrdMap};
use schemars::{JsonSchema, schema_for};
use serde_json::{Value, json};

#[derive(JsonSchema)]
#[expect(dead_code, reason = "its fields are for the schema")]
struct User {
    name: String,
    id: u32,
    email: String,
}

fn schema<T: JsonSchema>() -> Value {
    schema_for!(T).to_value()
}

#[test]
fn a_map_is_an_array_of_unique_records() {
    let schema = schema::<BiHashMap<User>>();
    assert_eq!(schema["title"], "BiHashMap");
    assert_eq!(schema["type"], "array");
    assert_eq!(schema["items"], json!({"$ref": "#/$defs/User"}));
    assert_eq!(schema["uniqueItems"], true);
    assert_eq!(
        schema["$defs"]["User"]["required"],
        json!(["name", "id", "email"])
    );
}

#[test]
fn a_map_of_keys_to_records_is_an_object() {
    let schema = schema::<TriHashMapAsMap<User>>();
    assert_eq!(schema["title"], "TriHashMapAsMap");
    assert_eq!(schema["type"], "object");
    assert_eq!(
        schema["additionalProperties"],
        json!({"$ref": "#/$defs/User"})
    );
}

#[test]
fn maps_of_other_records_or_keys_have_other_names() {
    assert_eq!(IdHashMap::<User>::schema_name(), "IdHashMap_of_User");
    assert_eq!(IdIndexMap::<User>::schema_name(), "IdIndexMap_of_User");
    assert_ne!(
        IdHashMap::<User>::schema_id(),
        IdOrdMap::<User>::schema_id()
    );
    assert_ne!(
        IdHashMap::<User>::schema_id(),
        IdHashMap::<Box<[User]>>::schema_id()
    );
}
