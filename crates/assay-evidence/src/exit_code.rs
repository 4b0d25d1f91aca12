//! The exit codes of `cargo assay`. `docs/exit-codes.md` says them to users.
//!
//! ```
//! use assay_evidence::exit_code;
//! assert_eq!(exit_code::SUPPORTED, 0);
//! assert_eq!(exit_code::REFUTED, 100);
//! ```

use crate::{State, Verdict};

/// The verdict is SUPPORTED, or a verb that computes none did its work.
pub const SUPPORTED: u8 = 0;
/// The command line is wrong: an unknown verb, option, layer or package, or a path that does not exist.
pub const USAGE: u8 = 2;
/// The verdict is INCOMPLETE: nothing refutes the crate, and something that was required is missing.
pub const INCOMPLETE: u8 = 4;
/// The tool itself failed.
pub const INTERNAL: u8 = 70;
/// The verdict is REFUTED: a soundness finding stands.
pub const REFUTED: u8 = 100;
/// The audited package does not build by itself, so that nothing could be observed.
pub const COULD_NOT_BUILD: u8 = 101;

/// The exit code of a verdict.
///
/// ```
/// use assay_evidence::{Evidence, exit_code, verdict};
/// let evidence = Evidence::example();
/// assert_eq!(exit_code::of(&verdict(&evidence)), exit_code::INCOMPLETE);
/// ```
#[must_use]
pub fn of(verdict: &Verdict) -> u8 {
    match verdict.state {
        State::Supported { .. } => SUPPORTED,
        State::Incomplete => INCOMPLETE,
        State::Refuted => REFUTED,
    }
}
