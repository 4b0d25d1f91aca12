//! Stacks by frame pointers, in a program that is built with them.

use std::process::Command;

use crate::support::{no_other_program, not_run};

const MANIFEST: &str = r#"
[package]
name = "frames"
version = "0.0.0"
edition = "2024"

[workspace]

[dependencies]
memscope = { path = "@" }
"#;

#[test]
fn frame_pointers_find_the_line_that_leaked() {
    if cfg!(not(target_os = "linux")) {
        return not_run("needs Linux");
    }
    if let Some(reason) = no_other_program() {
        return not_run(reason);
    }
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("src")).unwrap();
    let manifest = MANIFEST.replace('@', env!("CARGO_MANIFEST_DIR"));
    std::fs::write(folder.path().join("Cargo.toml"), manifest).unwrap();
    std::fs::write(
        folder.path().join("src/main.rs"),
        include_str!("program.rs"),
    )
    .unwrap();
    let output = Command::new(env!("CARGO"))
        .args(["run", "--quiet"])
        .current_dir(folder.path())
        .env("CARGO_TARGET_DIR", folder.path().join("target"))
        .env("RUSTFLAGS", "-Cforce-frame-pointers=yes")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let lines = text.lines().filter(|line| {
        line.contains("10 blocks of 55 bytes allocated at ")
            && line.ends_with("src/main.rs:10 (frames::leaking)")
    });
    let found = lines.count();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(found, 2, "{text}{errors}");
}
