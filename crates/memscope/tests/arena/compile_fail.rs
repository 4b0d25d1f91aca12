//! What must not compile.

use std::io::Write as _;

#[test]
fn values_that_escape_and_handles_that_are_sent_do_not_compile() {
    if let Some(reason) = not_here() {
        // Written past the harness, which would capture `println!`.
        drop(writeln!(
            std::io::stderr(),
            "compile_fail: not run: {reason}"
        ));
        return;
    }
    trybuild::TestCases::new().compile_fail("tests/ui/arena/*.rs");
}

/// Where the compiler's messages cannot be had, or say nothing that the plain build does not say.
fn not_here() -> Option<&'static str> {
    if cfg!(miri) {
        return Some("Miri cannot start a compiler");
    }
    if std::env::var_os("ASSAY_HITS").is_some() {
        return Some("counters are about executed code, and stand in the compiler's messages");
    }
    let flags = ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS"].map(std::env::var);
    let sanitized = flags
        .iter()
        .flatten()
        .any(|flags| flags.contains("sanitizer"));
    sanitized.then_some("the compiler's messages do not depend on a sanitizer")
}
