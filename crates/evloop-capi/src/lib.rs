//! C interfaces of [`evloop`]: 64-bit handles that may be stale without harm, and libevent's own functions.
//!
//! A panic cannot cross into C: a call on a handle answers an error code for it, and libevent's functions are `extern "C"`, where a
//! panic ends the process with its message.
#![warn(missing_docs, missing_debug_implementations)]

pub mod handle;
pub mod libevent;
mod sync;
