//! What the types refuse.

use crate::support::{no_other_program, not_run};

#[test]
fn misuse_does_not_compile() {
    if let Some(reason) = no_other_program() {
        return not_run(reason);
    }
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}
