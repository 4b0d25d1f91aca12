//! JSON, read by a reader of others.

use memscope::report::Growth;
use memscope::{Balance, Scope, Usage};
use serde_json::{Value, json};

use crate::{buffer, report_of, without_stacks};

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn usage(usage: &Usage) -> Value {
    json!({
        "live_blocks": usage.live(),
        "live_bytes": usage.live_bytes(),
        "allocs": usage.allocs,
        "frees": usage.frees,
        "bytes_allocated": usage.bytes_allocated,
        "bytes_freed": usage.bytes_freed,
        "peak_bytes": usage.peak_bytes,
    })
}

#[test]
fn a_report_reads_back_as_what_it_holds() {
    let mut growth = Growth::new(4);
    growth.tick();
    let report = report_of("json \"scope\"\n\\ \u{1}").with_growth(&growth);
    let read = parsed(&report.to_json());
    assert_eq!(read["process"], usage(&report.process()));
    assert_eq!(read["untold"]["bytes"], report.untold().bytes);
    let scopes = read["scopes"].as_array().unwrap();
    assert_eq!(scopes.len(), report.scopes().len());
    for (told, scope) in scopes.iter().zip(report.scopes()) {
        assert_eq!(
            (&told["name"], &told["path"]),
            (&json!(scope.name), &json!(scope.path))
        );
        assert_eq!(told["parent"], json!(scope.parent));
        assert_eq!(told["request"], json!(scope.request));
        assert_eq!(told["own"], usage(&scope.own));
        assert_eq!(told["inclusive"], usage(&scope.inclusive));
        assert_eq!(told["has_ended"], scope.has_ended);
        let line = scope.opened_at.map(std::panic::Location::line);
        assert_eq!(told["opened_at"]["line"], json!(line));
        assert_eq!(told["sites"].as_array().unwrap().len(), scope.sites.len());
    }
    let points = growth.points();
    assert_eq!(read["growth"][0]["live_bytes"], points[0].live_bytes);
}

#[test]
fn sites_read_back_with_their_frames() {
    if without_stacks() {
        return;
    }
    let report = report_of("json of sites");
    let read = parsed(&report.to_json());
    let sites = read["sites"].as_array().unwrap();
    assert_eq!(sites.len(), report.sites().len());
    for (told, site) in sites.iter().zip(report.sites()) {
        assert_eq!(
            (&told["bytes"], &told["blocks"]),
            (&json!(site.bytes), &json!(site.blocks))
        );
        assert_eq!(told["location"], json!(site.location()));
        for (told, frame) in told["frames"].as_array().unwrap().iter().zip(&site.frames) {
            assert_eq!(told["address"], format!("{:#x}", frame.address));
            assert_eq!(told["function"], json!(frame.function));
            assert_eq!(
                (&told["file"], &told["line"]),
                (&json!(frame.file), &json!(frame.line))
            );
        }
    }
    let of_this_scope = |bytes| {
        sites
            .iter()
            .any(|site| site["bytes"].as_u64() >= Some(bytes))
    };
    assert!(of_this_scope(1000));
}

#[test]
fn a_leak_reads_back_as_what_it_tells() {
    let outer = Scope::new("json outer");
    let inner = outer.run(|| Scope::for_request("json inner", 8));
    let kept = inner.run(|| buffer(77));
    let leak = outer.check_neutral().unwrap_err();
    let read = parsed(&leak.to_json());
    assert_eq!((&read["blocks"], &read["bytes"]), (&json!(1), &json!(77)));
    assert_eq!(read["scope"], "json outer");
    assert_eq!(read["opened_at"]["file"], file!());
    assert_eq!(read["usage"], usage(&leak.usage()));
    assert_eq!(read["inside"][0]["scope"], "json outer > json inner#8");
    assert_eq!(read["sites"].as_array().unwrap().len(), leak.sites().len());
    if !without_stacks() {
        assert_eq!(read["sites"][0]["bytes"], 77);
        assert_eq!(
            read["sites"][0]["location"],
            json!(leak.sites()[0].location)
        );
    }
    drop(kept);
    inner.end().unwrap();
    outer.end().unwrap();
}

#[test]
fn references_that_were_not_released_are_in_the_json_of_a_leak() {
    static TICKETS: Balance = Balance::new("tickets");
    let scope = Scope::new("json references");
    let (line, ticket) = scope.run(|| (line!(), TICKETS.created()));
    let read = parsed(&scope.check_neutral().unwrap_err().to_json());
    let created_at = &read["references"][0]["created_at"];
    assert_eq!(
        (&read["references"][0]["name"], &created_at["line"]),
        (&json!("tickets"), &json!(line))
    );
    assert_eq!(read["references"][0]["count"], 1);
    drop(ticket);
    scope.end().unwrap();
}

#[test]
fn fewer_blocks_than_before_are_negative() {
    let scope = Scope::new("json fewer");
    scope.run(|| {
        let before = buffer(50);
        let checkpoint = memscope::checkpoint();
        drop(before);
        let read = parsed(&checkpoint.check_neutral().unwrap_err().to_json());
        assert_eq!((&read["blocks"], &read["bytes"]), (&json!(-1), &json!(-50)));
    });
}

#[test]
fn text_tells_the_scope_and_the_line() {
    let text = report_of("text of report").to_text();
    assert!(
        text.contains("  text of report#7, 2 blocks, opened at "),
        "{text}"
    );
    if !without_stacks() {
        assert!(text.contains("tests/report/main.rs:"), "{text}");
    }
}
