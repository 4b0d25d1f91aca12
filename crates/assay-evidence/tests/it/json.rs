//! Reading and writing.

use assay_evidence::{Evidence, LayerName, LoadError, RunId, State, render, verdict};

use proptest::prelude::*;

use crate::sample;

#[test]
fn evidence_survives_a_round_trip_byte_by_byte() {
    let evidence = sample::supported();
    let text = evidence.to_json();
    let read = Evidence::from_json(&text).unwrap();
    assert_eq!(read, evidence);
    assert_eq!(read.to_json(), text);
    assert_eq!(render::json(&read), render::json(&evidence));
}

#[test]
fn a_verdict_in_the_file_is_never_believed() {
    let mut evidence = sample::supported();
    evidence.hits.clear();
    let honest = render::json(&evidence);
    assert!(honest.contains(r#""state": "incomplete""#));
    for lie in [
        r#"{"state":{"state":"supported","level":"controlled"}}"#,
        "7",
        "null",
        "[[]]",
    ] {
        let mut forged: serde_json::Value = serde_json::from_str(&honest).unwrap();
        forged["verdict"] = serde_json::from_str(lie).unwrap();
        let read = Evidence::from_json(&forged.to_string()).unwrap();
        assert_eq!(read, evidence);
        assert_eq!(verdict(&read).state, State::Incomplete);
        assert_eq!(render::json(&read), honest);
    }
}

#[test]
fn a_file_of_another_schema_version_is_refused_by_its_version() {
    let text = r#"{"schema_version": 2, "sites": {"a shape": "of the future"}}"#;
    let error = Evidence::from_json(text).unwrap_err();
    assert!(
        matches!(error, LoadError::SchemaVersion { found: 2 }),
        "{error}"
    );
}

#[test]
fn what_is_no_evidence_is_refused_with_the_place() {
    let error = Evidence::from_json("{\n  \"sites\": []\n}").unwrap_err();
    assert_eq!(
        error.to_string(),
        "no evidence file: missing field `schema_version` at line 3 column 1"
    );
    let text = sample::supported()
        .to_json()
        .replacen("\"block\"", "\"blok\"", 1);
    let error = Evidence::from_json(&text).unwrap_err().to_string();
    assert!(
        error.starts_with("malformed evidence: unknown variant `blok`"),
        "{error}"
    );
    assert!(error.contains(" at line "), "{error}");
}

#[test]
fn an_unknown_member_is_refused() {
    let text = sample::supported()
        .to_json()
        .replacen("{", "{\"verdicts\": {},", 1);
    let error = Evidence::from_json(&text).unwrap_err().to_string();
    assert!(error.contains("unknown field `verdicts`"), "{error}");
}

#[test]
fn a_reference_to_nothing_is_refused() {
    let mut evidence = sample::supported();
    evidence.controls[0].run = RunId("asan/of another file".into());
    let error = Evidence::from_json(&evidence.to_json())
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("controls[0].run: no run `asan/of another file`"),
        "{error}"
    );
}

#[test]
fn every_invariant_is_checked() {
    type Breach = (u8, fn(&mut Evidence));
    let breaks: [Breach; 18] = [
        (1, |e| e.schema_version = 2),
        (1, |e| e.sites[1].id = e.sites[0].id.clone()),
        (1, |e| e.hits[1] = e.hits[0].clone()),
        (2, |e| e.hits[0].site.0 = "0".into()),
        (3, |e| e.layers.reverse()),
        (3, |e| e.atomics.reverse()),
        (4, |e| {
            e.findings[0].severity = assay_evidence::Severity::Hygiene;
        }),
        (5, |e| e.findings[0].sites = vec![e.sites[0].id.clone(); 2]),
        (6, |e| e.findings[0].allowed_by = Some(9)),
        (6, |e| e.allowances[0].reason = " ".into()),
        (7, |e| e.sites[0].span.end_line = 1),
        (8, |e| e.hits[0].count = 0),
        (1, |e| e.mutants.push(e.mutants[0].clone())),
        (2, |e| e.mutants[0].sites[0].0 = "0".into()),
        (3, |e| e.baselines.reverse()),
        (9, |e| {
            e.baselines[0].status = assay_evidence::BaselineStatus::NotNeeded;
        }),
        (9, |e| {
            e.mutants[0].unviable = Some("mismatched types".into());
        }),
        (10, |e| e.equivalents[0].reviewer = " ".into()),
    ];
    let mut whole = sample::supported();
    let leak = sample::finding("f1", assay_evidence::BugClass::Leak, &[], &["asan/debug"]);
    whole.findings.push(leak);
    sample::allow(&mut whole, "f1");
    let said = (LayerName::Asan, sample::killed("heap-buffer-overflow"));
    let mutant = sample::mutant("m1", &whole.sites[0], &[said]);
    whole.mutants.push(mutant);
    whole.equivalents.push(sample::equivalent("m2"));
    sample::ask(&mut whole, LayerName::Asan);
    sample::ask(&mut whole, LayerName::Miri);
    whole.validate().unwrap();
    for (number, (invariant, breach)) in breaks.into_iter().enumerate() {
        let mut broken = whole.clone();
        breach(&mut broken);
        let error = broken.validate().unwrap_err();
        let found = error.violations().iter().any(|v| v.invariant == invariant);
        assert!(found, "breach {number}: {error}");
    }
}

/// A file of before there were mutants has no lists for them.
#[test]
fn a_file_without_the_lists_of_mutation_is_read() {
    let whole = sample::supported();
    let mut older: serde_json::Value = serde_json::from_str(&whole.to_json()).unwrap();
    for list in ["baselines", "equivalents", "measurements"] {
        older.as_object_mut().unwrap().remove(list).unwrap();
    }
    assert_eq!(Evidence::from_json(&older.to_string()).unwrap(), whole);
}

#[test]
fn a_text_beyond_the_limit_is_refused_before_it_is_read() {
    let text = " ".repeat(assay_evidence::MAX_JSON_BYTES + 1);
    let error = Evidence::from_json(&text).unwrap_err();
    assert!(matches!(error, LoadError::TooLarge { .. }), "{error}");
}

#[test]
fn a_verdict_nested_beyond_measure_is_skipped() {
    let deep = format!(
        "{{\"verdict\": {}{},",
        "[".repeat(200_000),
        "]".repeat(200_000)
    );
    let text = sample::supported().to_json().replacen('{', &deep, 1);
    // Whether the parser takes it or names its limit, the stack holds.
    if let Ok(read) = Evidence::from_json(&text) {
        assert_eq!(read, sample::supported());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_damaged_file_is_refused_or_read_and_never_breaks_the_reader(
        cuts in prop::collection::vec((any::<prop::sample::Index>(), 0..40_usize, "[\\[\\]{}\",:0-9a-z-]{0,6}"), 1..4),
    ) {
        let mut text = sample::supported().to_json();
        for (at, length, with) in cuts {
            let start = at.index(text.len());
            let end = (start + length).min(text.len());
            if text.is_char_boundary(start) && text.is_char_boundary(end) {
                text.replace_range(start..end, &with);
            }
        }
        if let Ok(read) = Evidence::from_json(&text) {
            prop_assert!(read.validate().is_ok());
            prop_assert_eq!(verdict(&read), verdict(&read.clone()));
            prop_assert_eq!(Evidence::from_json(&read.to_json()).unwrap(), read);
        }
    }
}
