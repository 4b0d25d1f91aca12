//! An event loop that cannot dispatch to what is gone, and that changes its backend while it runs.
//!
//! The faults behind the reports of use after free in event loops are one: a ready event reaches a registration that is
//! gone, in the same batch, in freed memory, under a descriptor's number that something else has by now, or after a change
//! of the backend. Here a registration has a [`Token`], a slot and its generation, and each descriptor's generation is in
//! the kernel's event data; both are compared before a callback is called.
//!
//! ```
//! use evloop::{Interest, Loop, Timer};
//! use std::io::{Read, Write};
//! use std::os::unix::net::UnixStream;
//! use std::time::Duration;
//!
//! let (mut client, server) = UnixStream::pair().unwrap();
//! let mut events = Loop::new()?;
//! events.add_io(server, Interest::READABLE, |events, server, event| {
//!     let mut line = [0; 64];
//!     match server.read(&mut line).unwrap() {
//!         0 => _ = events.remove(event.token), // The client is gone.
//!         length => server.write_all(&line[..length]).unwrap(),
//!     }
//! });
//! client.write_all(b"hello").unwrap();
//! let late = events.add_timer(Timer::once(Duration::from_secs(60)), |events, _| events.stop());
//! events.add_io(client, Interest::READABLE, move |events, client, event| {
//!     let mut line = [0; 5];
//!     client.read_exact(&mut line).unwrap();
//!     assert_eq!(&line, b"hello");
//!     events.remove(late);
//!     events.remove(event.token); // Drops the client.
//! });
//! events.run()?; // Until no registration is left.
//! # Ok::<(), evloop::Error>(())
//! ```
//!
//! # Guarantees
//!
//! - A callback is called with what happened to its own registration since its last call, and never after
//!   [`Loop::remove`] has returned, whatever stands in the same batch and whatever descriptor has the number by now.
//! - What a registration owns, its callback with the source in it, is dropped once, on the loop's thread: when it is
//!   removed; if it is running then, when it returns; with the loop at the latest.
//! - [`Loop::switch_backend`] loses nothing that is ready, tells nothing twice, and leaves the loop as it was if it fails.
//! - What is changed and changed back before the loop waits costs no system call.
//! - Timers are due in the order of their times, at a microsecond's resolution, and not before their time.
//!
//! # What is not guaranteed
//!
//! - Order among descriptors that are ready at the same time.
//! - That a descriptor is still ready when its callback is called: another callback may have read it. Sources should be
//!   non-blocking.
//! - Anything but Linux.
#![deny(unsafe_code)]
#![warn(missing_docs, missing_debug_implementations)]

mod backend;
mod descriptors;
mod error;
mod event_loop;
mod interest;
mod queue;
mod raw;
mod remote;
mod signal;
mod slots;
mod stats;
mod sync;
mod token;
mod wakeup;
mod wheel;

pub use self::{
    backend::BackendKind,
    backend::simulation::{SimulatedDescriptor, Simulation},
    error::Error,
    event_loop::{Call, Ended, Event, Loop, Timer},
    interest::{Interest, Ready},
    remote::Remote,
    stats::Stats,
    token::Token,
};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
