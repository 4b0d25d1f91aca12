//! What an audit of unsafe code found, as data.
//!
//! An [`Evidence`] file records the unsafe sites of a crate, the validation
//! layers that could run, the runs that were made, which run executed which
//! site, the planted bugs that each layer had to catch, and the findings. The
//! [`verdict`] is a pure function of that file; the [`render`] functions turn
//! the same evidence into the same bytes, every time.
//!
//! ```
//! use assay_evidence::{Evidence, State, exit_code, verdict};
//! # let text = Evidence::example().to_json();
//! let evidence = Evidence::from_json(&text)?;
//! let verdict = verdict(&evidence);
//! assert_eq!(verdict.state, State::Incomplete);
//! assert_eq!(exit_code::of(&verdict), exit_code::INCOMPLETE);
//! for reason in &verdict.missing {
//!     println!("{reason}; {}", reason.next_step());
//! }
//! # Ok::<(), assay_evidence::LoadError>(())
//! ```
//!
//! # Guarantees
//! - A verdict in a file is never read: [`Evidence::from_json`] skips it, [`verdict`] computes it.
//! - Replacing a layer by "not run" and taking its runs, hits, controls and sightings away never
//!   makes a verdict better; REFUTED can become INCOMPLETE, since the bug is then not known.
//!   Hence a layer that was not run blocks SUPPORTED, also where [`requirement`] doesn't ask for it.
//! - A layer that is [`LayerStatus::NotApplicable`] doesn't satisfy a rule that asks for it.
//! - The renderers escape what they print: no text of an audited crate becomes markup, a terminal
//!   escape sequence or a URI of another scheme.
//!
//! # Not guaranteed
//! - SUPPORTED says what was executed under what, and that nothing was reported. It does not say
//!   that the code has no undefined behaviour: an input that no test makes is seen by no layer.
//! - Evidence is not signed. Whoever can write the file can write other records.
#![forbid(unsafe_code)]
#![warn(missing_docs, missing_debug_implementations)]

mod canonical;
mod diff;
mod example;
pub mod exit_code;
mod fate;
pub mod gate;
mod json;
mod model;
pub mod render;
mod schema;
mod table;
mod validate;
mod verdict;

pub use diff::{Change, Difference, diff};
pub use fate::Fate;
pub use json::{LoadError, MAX_JSON_BYTES};
pub use model::*;
pub use schema::json_schema;
pub use validate::{Invalid, Violation};
pub(crate) use verdict::shell_line;
pub use verdict::{
    LayerVerdict, Level, Reason, Recommendation, Requirement, SiteCounts, SiteState, SiteVerdict,
    Standing, State, Unexercised, Verdict, requirement, verdict,
};

/// The examples of the README run as tests.
#[doc = include_str!("../README.md")]
#[cfg(doctest)]
struct Readme;
