//! libevent 2.1's functions, for programs that were built for it.
//!
//! They are exported under their names with `ev2_` before them, so that a program that links this library for its handles
//! and libevent for itself has one of each. `cargo xtask libevent` links `libevent-2.1.so.7` and
//! `libevent_core-2.1.so.7` from the same code, with libevent's own names.
//!
//! An event that is added has a shadow here: a copy of what its caller said. In the caller's `struct event` stands the
//! shadow's name, a slot and a generation, and nothing of that memory is read or written until the caller names it again.
//! So an event whose memory is freed, moved or zeroed while it is pending does no harm by itself.
#![expect(
    unsafe_code,
    reason = "C's pointers, and the callbacks that they lead to"
)]

mod base;
mod buffer;
mod bufferevent;
mod events;
mod exports;
mod layout;
mod log;
mod shadow;
mod signals;
mod slabs;
mod turn;

pub use self::{
    base::Base,
    buffer::Evbuffer,
    bufferevent::{Bufferevent, DataCallback, EventCallback},
    exports::*,
    layout::*,
    log::LogCallback,
};
