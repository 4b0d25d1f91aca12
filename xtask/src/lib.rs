//! The workspace's own checks, as a library so that tests can run them too.
#![forbid(unsafe_code)]
#![expect(
    clippy::print_stdout,
    reason = "a command's result goes to standard output"
)]

pub mod ci;
pub mod hazards;
pub mod libevent;
pub mod sanitize;
pub mod shell;
pub mod targets;
pub mod tidy;
pub mod tools;
pub mod verbs;
