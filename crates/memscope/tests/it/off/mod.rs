//! Off is off: a release binary with the disabled crate has the text section of one that does not use it.

use std::path::Path;
use std::process::Command;

use crate::support::{no_other_program, not_run};

const MANIFEST: &str = r#"
[package]
name = "off"
version = "0.0.0"
edition = "2024"

[workspace]

[dependencies]
memscope = { path = "@", default-features = false }

[profile.release]
codegen-units = 1
"#;

/// The machine code of the program; `None` where a tool is missing.
fn text_of(folder: &Path, name: &str, flags: &[&str]) -> Option<Vec<u8>> {
    let folder = folder.join(name);
    std::fs::create_dir_all(folder.join("src")).expect("a temporary folder, and cargo");
    let manifest = MANIFEST.replace('@', env!("CARGO_MANIFEST_DIR"));
    std::fs::write(folder.join("Cargo.toml"), manifest).expect("a temporary folder, and cargo");
    std::fs::write(folder.join("src/main.rs"), include_str!("program.rs"))
        .expect("a temporary folder, and cargo");
    let output = Command::new(env!("CARGO"))
        .args([
            "rustc",
            "--release",
            "--quiet",
            "--",
            "--check-cfg",
            "cfg(with_memscope)",
        ])
        .args(flags)
        .current_dir(&folder)
        .env("CARGO_TARGET_DIR", folder.join("target"))
        .env_remove("RUSTFLAGS")
        .output()
        .expect("a temporary folder, and cargo");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = folder.join("text");
    let copied = Command::new("objcopy")
        .args(["-O", "binary", "--only-section=.text"])
        .arg(folder.join("target/release/off"))
        .arg(&text)
        .status();
    match copied {
        Ok(status) => {
            assert!(status.success());
            Some(std::fs::read(text).expect("a temporary folder, and cargo"))
        }
        Err(error) => {
            not_run(&format!("objcopy, of binutils: {error}"));
            None
        }
    }
}

#[test]
fn a_binary_with_the_disabled_crate_has_the_text_of_one_without_it() {
    if cfg!(not(target_os = "linux")) {
        return not_run("needs Linux");
    }
    if let Some(reason) = no_other_program() {
        return not_run(reason);
    }
    let folder = tempfile::tempdir().unwrap();
    let with = ["--cfg", "with_memscope"];
    let Some(without) = text_of(folder.path(), "without", &[]) else {
        return;
    };
    let disabled = text_of(folder.path(), "disabled", &with).unwrap();
    assert!(without.len() > 10_000);
    assert!(
        without == disabled,
        "{} and {} bytes",
        without.len(),
        disabled.len()
    );
}
