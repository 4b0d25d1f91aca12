//! C interfaces of [`evloop`]: 64-bit handles that may be stale without harm, and libevent's own functions.
//!
//! A panic cannot cross into C: each function here is `extern "C"`, where a panic ends the process with its message.
#![warn(missing_docs, missing_debug_implementations)]

pub mod handle;
pub mod libevent;
mod sync;
