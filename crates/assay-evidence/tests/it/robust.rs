//! The renderers on evidence that is well-formed and odd: empty texts, spans beyond the source,
//! characters of every kind.

use assay_evidence::*;
use proptest::prelude::*;

use crate::realistic;

fn odd_text() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        Just(realistic::HOSTILE.to_string()),
        "\\PC{0,40}",
        any::<String>(),
        "[\\r\\n\\t a-z{}`|<&\u{4e00}\u{1f980}\u{301}]{0,60}",
    ]
}

fn odd_span() -> impl Strategy<Value = Span> {
    let number = || prop_oneof![1..8_u32, 1..200_u32, Just(u32::MAX)];
    (number(), number(), number(), number(), any::<bool>()).prop_map(|(a, b, c, d, known)| {
        let ((line, column), (end_line, end_column)) = if (a, b) <= (c, d) {
            ((a, b), (c, d))
        } else {
            ((c, d), (a, b))
        };
        let file = if known {
            "src/raw/ring.rs"
        } else {
            "../elsewhere"
        }
        .into();
        Span {
            file,
            line,
            column,
            end_line,
            end_column,
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_odd_evidence_breaks_a_renderer(
        texts in prop::collection::vec(odd_text(), 8),
        spans in prop::collection::vec(odd_span(), 4),
        width in 0..300_usize,
    ) {
        let mut e = realistic::refuted();
        e.subject.package = texts[0].clone();
        e.files[1].text = texts[1].clone();
        e.sites[0].item = texts[2].clone();
        e.findings[0].title = texts[3].clone();
        e.findings[0].span = Some(spans[0].clone());
        e.findings[1].span = Some(spans[1].clone());
        e.sites[1].span = spans[2].clone();
        e.atomics[0].span = spans[3].clone();
        e.runs[0].log = texts[4].clone();
        e.runs[0].command.argv.push(texts[5].clone());
        e.findings[0].stacks[0].frames[0].function = texts[6].clone();
        e.findings[0].stacks[0].frames[0].file = Some(texts[7].clone());
        e.sort();
        prop_assert!(e.validate().is_ok());
        let page = render::html(&e);
        prop_assert_eq!(page.matches("<script>").count(), 1);
        prop_assert!(serde_json::from_str::<serde_json::Value>(&render::sarif(&e)).is_ok());
        for colour in [false, true] {
            let report = render::terminal(&e, render::Layout { colour, width });
            let acts = report.chars().any(|c| c.is_control() && c != '\n' && (!colour || c != '\u{1b}'));
            prop_assert!(!acts);
        }
        prop_assert!(!render::markdown(&e).is_empty());
        let read = Evidence::from_json(&render::json(&e)).unwrap();
        prop_assert_eq!(read, e);
    }
}
