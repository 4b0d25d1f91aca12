//! What an audit of unsafe code found, as data.
//!
//! An [`Evidence`] file records the unsafe sites of a crate, the validation
//! layers that could run, the runs that were made, which run executed which
//! site, the planted bugs that each layer had to catch, and the findings. The
//! [`verdict`] is a pure function of that file; the [`render`] functions turn
//! the same bytes into the same page, every time.
#![forbid(unsafe_code)]
#![warn(missing_docs, missing_debug_implementations)]

mod model;

pub use model::*;
