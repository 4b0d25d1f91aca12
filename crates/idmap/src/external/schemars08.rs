//! Schemas of what serde writes. The names in them are those of iddqd, so that they do not change for its users.

use super::Named;
use super::serde::AsMap;
use crate::allocator::Allocator;
use crate::index::Indexes;
use crate::map::IndexedMap;
use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString};
use schemars08::r#gen::SchemaGenerator;
use schemars08::schema::{
    ArrayValidation, InstanceType, Metadata, ObjectValidation, Schema, SchemaObject, SingleOrVec,
};
use schemars08::{JsonSchema, Map};

/// A schema with a title, and with the Rust type that it is of, for generators of code.
fn of_map<T: JsonSchema, X: Named>(title: String, generator: &mut SchemaGenerator) -> SchemaObject {
    let rust_type = serde_json::json!({
        "crate": X::CRATE,
        "version": "*",
        "path": format!("{}::{}", X::CRATE, X::NAME),
        "parameters": [generator.subschema_for::<T>()],
    });
    SchemaObject {
        metadata: Some(Box::new(Metadata {
            title: Some(title),
            ..Metadata::default()
        })),
        extensions: Map::from_iter([("x-rust-type".to_string(), rust_type)]),
        ..SchemaObject::default()
    }
}

/// An array of unique items. Maps are stricter: items that differ may have a key in common.
impl<T: JsonSchema, X: Indexes + Named, S, A: Allocator> JsonSchema for IndexedMap<T, X, S, A> {
    fn schema_name() -> String {
        format!("{}_of_{}", X::NAME, T::schema_name())
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let items = SingleOrVec::Single(Box::new(generator.subschema_for::<T>()));
        Schema::Object(SchemaObject {
            instance_type: Some(InstanceType::Array.into()),
            array: Some(Box::new(ArrayValidation {
                items: Some(items),
                unique_items: Some(true),
                ..ArrayValidation::default()
            })),
            ..of_map::<T, X>(X::NAME.to_string(), generator)
        })
    }

    fn is_referenceable() -> bool {
        false
    }
}

/// An object with the records as properties.
impl<T: JsonSchema, X: Named, S, A> JsonSchema for AsMap<T, X, S, A> {
    fn schema_name() -> String {
        format!("{}AsMap_of_{}", X::NAME, T::schema_name())
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Schema::Object(SchemaObject {
            instance_type: Some(InstanceType::Object.into()),
            object: Some(Box::new(ObjectValidation {
                additional_properties: Some(Box::new(generator.subschema_for::<T>())),
                ..ObjectValidation::default()
            })),
            ..of_map::<T, X>(format!("{}AsMap", X::NAME), generator)
        })
    }

    fn is_referenceable() -> bool {
        false
    }
}
