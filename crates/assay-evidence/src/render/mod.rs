//! Reports: the same evidence gives the same bytes.
//!
//! Every renderer computes the verdict itself, and makes all text of the audited crate and its
//! tools inert for its output.

mod escape;
mod excerpt;
mod explain;
mod facts;
mod html;
mod json;
mod markdown;
mod mutants;
mod sarif;
mod terminal;

pub use explain::explain;
pub use html::html;
pub use json::json;
pub use markdown::markdown;
pub use sarif::sarif;
pub use terminal::{Layout, mutation, terminal};
