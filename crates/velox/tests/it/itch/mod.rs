//! ITCH files: messages, readers, writer, and files that are malformed.

mod every_kind;
mod fuzz;
mod impossible;
mod malformed;
mod messages;
mod properties;
pub(crate) mod support;
