//! The JSON schema, generated from the types.

use schemars::Schema;
use schemars::generate::SchemaSettings;

use crate::{Evidence, Verdict};

/// The JSON schema (draft 2020-12) of what `--format json` prints and `evidence.json` holds.
///
/// The checked-in copy is `docs/schema/evidence.schema.json`; a test compares the two.
/// `cargo run -p assay-evidence --example schema > docs/schema/evidence.schema.json` renews it.
///
/// ```
/// let schema: serde_json::Value = serde_json::from_str(&assay_evidence::json_schema())?;
/// assert_eq!(schema["properties"]["schema_version"]["const"], 1);
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// # Panics
/// Never: the types are known when the crate is built, and a test calls it.
#[must_use]
pub fn json_schema() -> String {
    let mut generator = SchemaSettings::draft2020_12()
        .for_serialize()
        .into_generator();
    let verdict = generator.subschema_for::<Verdict>();
    let mut schema = generator.into_root_schema_for::<Evidence>();
    describe(&mut schema, verdict);
    let mut text = serde_json::to_string_pretty(&schema).expect("a schema is plain JSON");
    text.push('\n');
    text
}

fn describe(schema: &mut Schema, mut verdict: Schema) {
    verdict.insert(
        "description".into(),
        "Derived from the other members when the file is written. Never read back.".into(),
    );
    let root = schema.ensure_object();
    root.insert("title".into(), "Evidence of an audit by cargo assay".into());
    let properties = root.get_mut("properties").and_then(|p| p.as_object_mut());
    let properties = properties.expect("a struct with fields has properties");
    properties.insert("verdict".into(), verdict.to_value());
    let version = properties
        .get_mut("schema_version")
        .and_then(|v| v.as_object_mut());
    version
        .expect("a field")
        .insert("const".into(), crate::SCHEMA_VERSION.into());
}
