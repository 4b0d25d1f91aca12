//! A phase-scoped global allocator whose memory is reused only when nothing live is in it.
//!
//! Put [`PhaseAlloc`] in as the `#[global_allocator]` and wrap heavy work in [`phase`]. While a phase is
//! active, objects come from chunks by moving a pointer; outside of phases they go to the inner
//! allocator, the system's unless told otherwise.
//!
//! ```
//! use phase_alloc::{PhaseAlloc, phase, survivors};
//!
//! #[global_allocator]
//! static ALLOCATOR: PhaseAlloc = PhaseAlloc::new();
//!
//! let kept = phase(|| {
//!     let scratch: Vec<String> = (0..1000).map(|n| n.to_string()).collect();
//!     scratch.concat()
//! });
//! assert_eq!(survivors().count(), 1); // The result. The scratch memory is free again.
//! drop(kept);
//! survivors().assert_none();
//! ```
//!
//! # Layout
//!
//! ```text
//! region     | table of chunks, records of granules | chunks, 512 KiB each | spans: short ones | long ones |
//! a thread   one current chunk for each stream: up to 1 KiB, up to 16 KiB, up to 128 KiB; a few spans
//! a chunk    | live objects and gaps        |<- next          end ->|   next moves up; gaps stay gaps
//! its words  held: what the owner allocated less what it freed    returned: what others freed
//! ```
//!
//! The region is address space that is reserved when the first phase begins, and memory only as far as it
//! is written. An object is found by its address: which chunk, which span, or the inner allocator's.
//! Where the words of a chunk are equal nothing in it is live, and the chunk is used again; the module
//! `raw::chunk` has the argument. An object that is the last of its chunk, or of its span, grows and
//! shrinks in place.
//!
//! # Guarantees
//!
//! - No safe program can corrupt memory by how it uses phases: they may nest, overlap between threads,
//!   panic, end on another thread, end too often, or never. What is kept stays valid until it is freed.
//! - Memory is reused when its chunk has no live object, inside a phase too.
//! - Any thread may free or resize any object. What began in the inner allocator stays there.
//! - A thread that ends leaves its chunks to the others. What is allocated after that, in destructors of
//!   the thread, comes from the inner allocator.
//! - Where there is no address space or memory for the region, the inner allocator is asked. Nothing here
//!   panics or aborts, but for the debug modes, when they have found a bug.
//! - After `fork` both processes go on. The child has the chunks of the threads that it does not have;
//!   what they hold stays valid.
//! - On the fast paths there is no lock, and no atomic read-modify-write but to free an object of another
//!   thread's chunk.
//!
//! Not guaranteed:
//!
//! - That memory follows what is live closely: an object of one byte keeps 512 KiB from being used again.
//! - That a chunk is used again at once. If the owner and another thread free its last two objects within
//!   the same nanoseconds, neither may see it empty; it is found when more chunks are needed.
//! - That threads in a phase use the region only: an object that is larger than what is left of it, or
//!   that a thread allocates after it has seen a phase begin or end late, is the inner allocator's.
//! - Anything in a signal handler that allocates, which no Rust allocator promises.
//!
//! # Debugging
//!
//! [`survivors`] tells what is live, [`phase_with_report`] what a phase did, [`phase_with_call_sites`]
//! where its survivors come from; [`named_phase`] sums up by name. [`Builder::poison`] and [`Builder::quarantine`] find bugs of unsafe code in the program.
#![warn(missing_docs, missing_debug_implementations)]
#![cfg_attr(
    loom,
    expect(
        dead_code,
        missing_debug_implementations,
        reason = "the models use a part of the crate, by names for them alone"
    )
)]

mod raw;
mod sync;

#[cfg(not(loom))]
mod config;
#[cfg(loom)]
pub mod model;
#[cfg(not(loom))]
mod named;
#[cfg(not(loom))]
mod phase;
#[cfg(not(loom))]
mod report;
#[cfg(not(loom))]
mod sites;
#[cfg(not(loom))]
mod stats;
#[cfg(not(loom))]
mod survivors;
#[cfg(not(loom))]
pub mod zk_alloc;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

#[cfg(not(loom))]
pub use self::{
    config::{Builder, PhaseAlloc, PurgePolicy},
    named::{NamedPhase, named_phases},
    phase::{PhaseGuard, begin_phase, end_phase, named_phase, opt_out, phase},
    report::{PhaseReport, phase_with_report},
    sites::{CallSite, phase_with_call_sites},
    stats::{Stats, purge, stats},
    survivors::{Survivors, survivors},
};
