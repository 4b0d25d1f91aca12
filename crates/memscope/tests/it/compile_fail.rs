//! What the types refuse.

#[test]
fn misuse_does_not_compile() {
    if cfg!(miri) {
        return crate::not_run("Miri starts no processes");
    }
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}
