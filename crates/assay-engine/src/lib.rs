//! The engine of `cargo assay`: from a manifest to [`assay_evidence::Evidence`].
//!
//! ```text
//! discover -> inventory -> scratch copy with probes -> layers -> attribution -> evidence
//! ```
#![forbid(unsafe_code)]
#![warn(missing_docs, missing_debug_implementations)]

mod allow;
mod attribute;
mod audit;
mod cache;
mod cancel;
mod command;
mod content;
mod control;
mod discover;
mod drive;
mod error;
mod event;
mod fingerprint;
mod folders;
mod hits;
mod instrument;
mod inventory;
mod layers;
mod manifest;
mod mirror;
mod mutation;
mod options;
mod parse;
mod prepare;
mod probe_source;
mod process;
mod rustflags;
mod scratch;
mod survey;
mod symbol;
mod sync;
mod tools;
mod track;

pub use audit::{Audit, audit, layers};
pub use cancel::Cancel;
pub use error::Error;
pub use event::{Event, Events};
pub use mutation::{MutateOptions, Mutated, list_mutants, mutate};
pub use options::{AuditOptions, Features, Limits, Selection};
#[doc(hidden)]
pub use prepare::{Prepared, prepare};
pub use survey::{Survey, Timing, measure_scan, survey, survey_source};
pub use track::{
    Ending, FaultKind, LeakKind, Sample, Totals, TrackOptions, TrackedFault, TrackedFrame,
    TrackedLeak, TrackedProcess, Tracking, track,
};
