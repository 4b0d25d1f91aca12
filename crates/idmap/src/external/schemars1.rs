//! Schemas of what serde writes, of schemars 1.

use super::Named;
use super::serde::AsMap;
use crate::allocator::Allocator;
use crate::index::Indexes;
use crate::map::IndexedMap;
use alloc::borrow::Cow;
use alloc::format;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

/// An array of unique items. Maps are stricter: items that differ may have a key in common.
impl<T: JsonSchema, X: Indexes + Named, S, A: Allocator> JsonSchema for IndexedMap<T, X, S, A> {
    fn schema_name() -> Cow<'static, str> {
        format!("{}_of_{}", X::NAME, T::schema_name()).into()
    }

    fn schema_id() -> Cow<'static, str> {
        format!("idmap::{}<{}>", X::NAME, T::schema_id()).into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let items = generator.subschema_for::<T>();
        json_schema!({
            "title": X::NAME,
            "type": "array",
            "items": items,
            "uniqueItems": true,
        })
    }
}

/// An object with the records as properties.
impl<T: JsonSchema, X: Named, S, A> JsonSchema for AsMap<T, X, S, A> {
    fn schema_name() -> Cow<'static, str> {
        format!("{}AsMap_of_{}", X::NAME, T::schema_name()).into()
    }

    fn schema_id() -> Cow<'static, str> {
        format!("idmap::{}AsMap<{}>", X::NAME, T::schema_id()).into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let properties = generator.subschema_for::<T>();
        json_schema!({
            "title": format!("{}AsMap", X::NAME),
            "type": "object",
            "additionalProperties": properties,
        })
    }
}
