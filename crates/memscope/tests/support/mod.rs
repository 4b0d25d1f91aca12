//! What the binaries of tests ask of the machine that they run on.

use std::io::Write as _;

/// Says that a test was not run, and why.
pub(crate) fn not_run(reason: &str) {
    // Written past the harness, which would keep what `println!` writes to itself.
    drop(writeln!(std::io::stderr(), "not run: {reason}"));
}

/// Why no other program can be built here, or why what it does would say nothing of this build.
pub(crate) fn no_other_program() -> Option<&'static str> {
    if cfg!(miri) {
        return Some("Miri cannot start a compiler");
    }
    if std::env::var_os("ASSAY_HITS").is_some() {
        return Some("counters are about executed code, and would stand in what is built here");
    }
    let flags = ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS"].map(std::env::var);
    let is_sanitized = flags.iter().flatten().any(|it| it.contains("sanitizer"));
    is_sanitized.then_some("what is built here does not depend on a sanitizer")
}
