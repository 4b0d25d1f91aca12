//! Other systems than this one: what can be checked of them here.

use std::path::Path;

use crate::ci::Step;
use crate::shell::cargo;
use crate::tools::Tool;
use crate::verbs::{minutes, target_folder};

/// The crate with code of its own for each system.
const PACKAGE: &str = "phase-alloc";

/// Systems for which the crate is type-checked, with a standard library from source. Nothing is linked or run.
const CHECKED: &[&str] = &["aarch64-apple-darwin", "x86_64-pc-windows-msvc", EMULATED];

/// The processor that is emulated.
const EMULATED: &str = "aarch64-unknown-linux-gnu";

/// One check for each system.
pub fn checks(root: &Path) -> impl Iterator<Item = Step> {
    let folder = target_folder(root, "targets");
    CHECKED.iter().map(move |triple| {
        let arguments = [
            "check",
            "-Zbuild-std",
            "-p",
            PACKAGE,
            "--target",
            triple,
            "--target-dir",
            &folder,
        ];
        let command = cargo(root, Some("nightly"), &arguments);
        Step::new(format!("checked for {triple}: {PACKAGE}"), command).needs(&[Tool::RustSrc])
    })
}

/// The tests and the hazard programs on an emulated processor of another family. Its memory order may be no weaker
/// than that of the processor that emulates it.
#[must_use]
pub fn emulated(root: &Path) -> Step {
    const RUNNER: &str = "qemu-aarch64 -L /usr/aarch64-linux-gnu";
    let folder = target_folder(root, "targets");
    let arguments = [
        "test",
        "-Zbuild-std",
        "-p",
        PACKAGE,
        "--tests",
        "--target",
        EMULATED,
        "--target-dir",
        &folder,
    ];
    let mut command = cargo(root, Some("nightly"), &arguments);
    command
        .env(
            "CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER",
            "aarch64-linux-gnu-gcc",
        )
        .env("CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUNNER", RUNNER)
        .env("PHASE_ALLOC_TEST_RUNNER", RUNNER);
    Step::new(format!("emulated {EMULATED}: {PACKAGE}"), command)
        .needs(&[Tool::RustSrc, Tool::Qemu, Tool::CrossGcc])
        .limit(minutes(90))
}
