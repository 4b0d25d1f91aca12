//! The renderers: same evidence, same bytes; nothing of the audited crate acts.

use assay_evidence::{Evidence, render};

use crate::{realistic, sample};

type Renderer = (&'static str, fn(&Evidence) -> String);

const RENDERERS: [Renderer; 6] = [
    ("terminal", |e| {
        render::terminal(e, render::Layout::default())
    }),
    ("terminal in colour", |e| {
        render::terminal(
            e,
            render::Layout {
                colour: true,
                width: 80,
            },
        )
    }),
    ("markdown", render::markdown),
    ("json", render::json),
    ("html", render::html),
    ("sarif", render::sarif),
];

fn samples() -> [Evidence; 4] {
    let mut empty = sample::supported();
    empty.sites.clear();
    empty.hits.clear();
    empty.files.clear();
    empty.runs.clear();
    empty.controls.clear();
    [
        sample::supported(),
        realistic::refuted(),
        realistic::large(120),
        empty,
    ]
}

#[test]
fn the_same_evidence_renders_to_identical_bytes_after_a_round_trip() {
    for evidence in samples() {
        let read = Evidence::from_json(&evidence.to_json()).unwrap();
        for (name, renderer) in RENDERERS {
            assert_eq!(renderer(&evidence), renderer(&read), "{name}");
        }
    }
}

#[test]
fn no_renderer_sends_a_control_character_of_the_audited_crate() {
    for (name, renderer) in RENDERERS {
        let text = renderer(&realistic::refuted());
        let colour = name == "terminal in colour";
        let acts = |c: char| {
            (c.is_control() && c != '\n' && !(colour && c == '\u{1b}')) || c == '\u{202e}'
        };
        // JSON keeps the evidence as it is, escaped by the format.
        let text = if name == "json" {
            text.replace('\u{202e}', "")
        } else {
            text
        };
        assert_eq!(text.chars().filter(|c| acts(*c)).count(), 0, "{name}");
        assert!(!text.contains("\u{1b}[31m `x`"), "{name}");
    }
}

#[test]
fn the_page_holds_no_markup_of_the_audited_crate() {
    let page = render::html(&realistic::refuted());
    assert_eq!(page.matches("<script>").count(), 1);
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
    assert!(!page.contains("javascript:c\""));
    assert!(!page.contains("href=\"javascript"));
}

#[test]
fn the_page_loads_nothing() {
    let page = render::html(&realistic::refuted());
    for loads in [
        " src=",
        "<link",
        "@import",
        "url(",
        "fetch(",
        "XMLHttp",
        "http-equiv=\"refresh",
    ] {
        assert!(!page.contains(loads), "{loads}");
    }
    assert!(page.contains("default-src 'none'"));
}

#[test]
fn every_element_of_the_page_is_closed() {
    for evidence in samples() {
        let page = render::html(&evidence);
        for element in [
            "section", "table", "tbody", "tr", "td", "th", "details", "summary", "pre", "ul", "ol",
            "li", "dl", "div", "span", "a", "p", "article", "form", "select", "svg",
        ] {
            let opened = page.matches(&format!("<{element}>")).count()
                + page.matches(&format!("<{element} ")).count();
            let closed = page.matches(&format!("</{element}>")).count();
            assert_eq!(opened, closed, "{element}");
        }
    }
}

#[test]
fn no_line_for_the_terminal_is_wider_than_asked() {
    for width in [40, 60, 80, 120, 200] {
        let layout = render::Layout {
            colour: false,
            width,
        };
        let report = render::terminal(&realistic::large(20), layout);
        let before_findings = report.split("\nFindings\n").next().unwrap();
        for line in before_findings.lines() {
            assert!(line.chars().count() <= width, "{width}: {line}");
        }
    }
}

#[test]
fn no_report_claims_safety_or_gives_a_score() {
    for (name, renderer) in RENDERERS {
        for evidence in samples() {
            let text = renderer(&evidence).to_lowercase();
            let words = text.split(|c: char| !c.is_alphanumeric());
            assert_eq!(words.filter(|w| *w == "safe").count(), 0, "{name}");
            assert!(!text.contains("/10") || name != "markdown", "{name}");
        }
    }
}

#[test]
fn the_terminal_report_reads_as_before() {
    insta::assert_snapshot!(render::terminal(
        &realistic::refuted(),
        render::Layout::default()
    ));
}

#[test]
fn the_narrow_terminal_report_reads_as_before() {
    let layout = render::Layout {
        colour: false,
        width: 60,
    };
    insta::assert_snapshot!(render::terminal(&sample::supported(), layout));
}

#[test]
fn the_markdown_report_reads_as_before() {
    insta::assert_snapshot!(render::markdown(&realistic::refuted()));
}

#[test]
fn the_sarif_log_reads_as_before() {
    insta::assert_snapshot!(render::sarif(&realistic::refuted()));
}

#[test]
fn the_verdict_in_the_json_reads_as_before() {
    let report: serde_json::Value =
        serde_json::from_str(&render::json(&realistic::refuted())).unwrap();
    insta::assert_snapshot!(serde_json::to_string_pretty(&report["verdict"]).unwrap());
}

#[test]
fn the_sarif_log_fits_the_official_schema() {
    let schema = include_str!("../../testdata/sarif-2.1.0/sarif-schema-2.1.0.json");
    // The published pattern has a stray `]`, which ECMAScript reads as itself and Rust's regular
    // expressions refuse.
    let mended = schema.replace("[a-zA-Z]{2}]?$", r"[a-zA-Z]{2}\\]?$");
    assert_ne!(mended, schema);
    let schema: serde_json::Value = serde_json::from_str(&mended).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for evidence in samples() {
        let log: serde_json::Value = serde_json::from_str(&render::sarif(&evidence)).unwrap();
        let errors: Vec<String> = validator
            .iter_errors(&log)
            .map(|e| format!("{}: {e}", e.instance_path()))
            .collect();
        assert_eq!(errors, Vec::<String>::new());
        for result in log["runs"][0]["results"].as_array().unwrap() {
            assert_eq!(result["locations"].as_array().unwrap().len(), 1, "{result}");
        }
    }
    let mut broken: serde_json::Value =
        serde_json::from_str(&render::sarif(&sample::supported())).unwrap();
    broken["runs"][0]["tool"] = serde_json::json!({});
    assert!(!validator.is_valid(&broken));
}
