//! What must not compile.

#[test]
fn misuse_of_handles_does_not_compile() {
    if cfg!(miri) {
        println!("not run: Miri cannot start a compiler");
        return;
    }
    let flags = ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS"].map(std::env::var);
    if flags
        .iter()
        .flatten()
        .any(|flags| flags.contains("sanitizer"))
    {
        println!("not run: the compiler's messages do not depend on a sanitizer");
        return;
    }
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}
