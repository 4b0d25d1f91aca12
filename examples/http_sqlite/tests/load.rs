//! A small load is neutral, and a planted leak is told with its line.

use std::process::{Command, Output};

fn load(arguments: &[&str]) -> (Output, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_http_sqlite"))
        .args(["load", "--concurrency", "16", "--requests"])
        .args(arguments)
        .output()
        .expect("the program is built before its tests");
    let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.push_str(&String::from_utf8_lossy(&output.stderr));
    (output, text)
}

#[test]
fn a_load_of_a_thousand_requests_is_neutral() {
    let (output, text) = load(&["1000"]);
    assert!(output.status.success(), "{text}");
    assert!(
        text.contains("1000 of 1000 requests neutral, 0 scopes left"),
        "{text}"
    );
}

#[test]
fn a_planted_leak_stops_the_load_with_its_line_its_bytes_and_its_scope() {
    let (output, text) = load(&["1000", "--plant-leak"]);
    assert_eq!(output.status.code(), Some(3), "{text}");
    let mut lines = include_str!("../src/service.rs").lines();
    let at = lines.position(|line| line.ends_with("// The planted leak."));
    let line = at.expect("the source has the planted leak") + 1;
    assert!(
        text.contains("1 block of 1234 bytes in all did not come back in scope `GET /notes#"),
        "{text}"
    );
    // Sites need frame pointers, which this folder's `.cargo/config.toml` asks for.
    let site = "1 block of 1234 bytes allocated at ";
    let told = text.lines().find(|line| line.contains(site));
    assert!(
        told.is_some_and(|told| told.contains(&format!("src/service.rs:{line} "))),
        "{text}"
    );
}
