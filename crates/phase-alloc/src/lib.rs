//! A phase-scoped global allocator whose memory is reused only when nothing live is in it.
#![warn(missing_docs, missing_debug_implementations)]

mod raw;
mod sync;

#[cfg(not(loom))]
mod config;
#[cfg(not(loom))]
mod named;
#[cfg(not(loom))]
mod phase;
#[cfg(not(loom))]
mod report;
#[cfg(not(loom))]
mod stats;
#[cfg(not(loom))]
mod survivors;
#[cfg(not(loom))]
pub mod zk_alloc;

#[cfg(not(loom))]
pub use self::{
    config::{Builder, PhaseAlloc, PurgePolicy},
    named::{NamedPhase, named_phases},
    phase::{PhaseGuard, begin_phase, end_phase, named_phase, opt_out, phase},
    report::{PhaseReport, phase_with_report},
    stats::{Stats, purge, stats},
    survivors::{Survivors, survivors},
};
