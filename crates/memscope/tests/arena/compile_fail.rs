//! What must not compile.

use crate::support::{no_other_program, not_run};

#[test]
fn values_that_escape_and_handles_that_are_sent_do_not_compile() {
    if let Some(reason) = no_other_program() {
        return not_run(reason);
    }
    trybuild::TestCases::new().compile_fail("tests/ui/arena/*.rs");
}
