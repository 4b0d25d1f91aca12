//! The schema and what it accepts.

use assay_evidence::{Evidence, json_schema, render};
use serde_json::Value;

use crate::sample;

const CHECKED_IN: &str = include_str!("../../../../docs/schema/evidence.schema.json");

#[test]
fn the_checked_in_schema_is_the_generated_one() {
    let how = "cargo run -p assay-evidence --example schema > docs/schema/evidence.schema.json";
    assert!(
        json_schema() == CHECKED_IN,
        "the schema changed; renew it with\n{how}"
    );
}

#[test]
fn evidence_with_its_verdict_fits_the_schema() {
    for evidence in [sample::supported(), Evidence::example()] {
        let document: Value = serde_json::from_str(&render::json(&evidence)).unwrap();
        assert_eq!(errors(&document), Vec::<String>::new());
    }
}

#[test]
fn the_schema_refuses_what_the_reader_refuses() {
    let whole: Value = serde_json::from_str(&sample::supported().to_json()).unwrap();
    let breaks: [fn(&mut Value); 4] = [
        |d| d["schema_version"] = 2.into(),
        |d| d["sites"][0]["kind"] = "blok".into(),
        |d| d["more"] = true.into(),
        |d| d["hits"][0]["count"] = "many".into(),
    ];
    for breach in breaks {
        let mut document = whole.clone();
        breach(&mut document);
        assert!(!errors(&document).is_empty());
        assert!(Evidence::from_json(&document.to_string()).is_err());
    }
}

fn errors(document: &Value) -> Vec<String> {
    let schema: Value = serde_json::from_str(&json_schema()).expect("the schema compiles");
    let validator = jsonschema::validator_for(&schema).expect("the schema compiles");
    validator
        .iter_errors(document)
        .map(|e| format!("{}: {e}", e.instance_path()))
        .collect()
}
