//! The engine of `cargo assay`: from a manifest to [`assay_evidence::Evidence`].
//!
//! ```text
//! discover -> inventory -> scratch copy with probes -> layers -> attribution -> evidence
//! ```
#![forbid(unsafe_code)]
#![warn(missing_docs, missing_debug_implementations)]

mod cancel;
mod error;
mod event;
mod options;

pub use cancel::Cancel;
pub use error::Error;
pub use event::{Event, Events};
pub use options::{AuditOptions, Features, Limits, Selection};
