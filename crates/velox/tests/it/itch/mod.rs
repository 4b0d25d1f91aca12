//! ITCH files: messages, readers, writer, and files that are malformed.

mod fuzz;
mod impossible;
mod malformed;
mod messages;
mod properties;
mod support;
