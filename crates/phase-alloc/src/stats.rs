//! Figures about the region.

use crate::config::PurgePolicy;
use crate::raw::{self, counters, size, state};

/// Figures about the region at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Phases that have begun and not ended.
    pub active_phases: usize,
    /// Bytes of address space for chunks and spans. 0 before the first phase, or if there was none.
    pub region_bytes: usize,
    /// Bytes of chunks that have live objects or are allocated from.
    pub chunk_bytes_used: usize,
    /// Bytes of chunks that are free, and were used before.
    pub chunk_bytes_free: usize,
    /// Bytes of chunks whose thread has ended with room in them. Part of those in use.
    pub chunk_bytes_abandoned: usize,
    /// Bytes of spans that have live objects or that a thread keeps for its next ones.
    pub span_bytes_used: usize,
    /// Bytes of free spans between those in use.
    pub span_bytes_free: usize,
    /// Allocations in a phase that the region had no room for.
    pub overflows: usize,
    /// Their bytes, or [`usize::MAX`] if they are more than that.
    pub overflow_bytes: usize,
}

/// Figures about the region now. Constant time.
///
/// # Examples
///
/// ```
/// # #[global_allocator] static A: phase_alloc::PhaseAlloc = phase_alloc::PhaseAlloc::new();
/// assert_eq!(phase_alloc::phase(phase_alloc::stats).active_phases, 1);
/// assert!(phase_alloc::stats().region_bytes > 0);
/// ```
#[must_use]
pub fn stats() -> Stats {
    let figures = raw::figures();
    let overflow = counters::overflow();
    let chunks = |count: usize| count * size::CHUNK_BYTES;
    Stats {
        active_phases: state::phases(),
        region_bytes: chunks(figures.chunks_total) + figures.span_bytes_total,
        chunk_bytes_used: chunks(figures.chunks_used),
        chunk_bytes_free: chunks(figures.chunks_free),
        chunk_bytes_abandoned: chunks(figures.chunks_abandoned),
        span_bytes_used: figures.span_bytes_used,
        span_bytes_free: figures.span_bytes_free,
        overflows: overflow.count,
        overflow_bytes: overflow.bytes,
    }
}

/// Gives the memory of free chunks and spans back to the system, as `policy` says.
///
/// Spans that other threads keep for their next use (24 MiB each at most) stay.
///
/// # Examples
///
/// ```
/// # #[global_allocator] static A: phase_alloc::PhaseAlloc = phase_alloc::PhaseAlloc::new();
/// phase_alloc::phase(|| drop(vec![1_u8; 64 << 20]));
/// phase_alloc::purge(phase_alloc::PurgePolicy::DontNeed);
/// ```
pub fn purge(policy: PurgePolicy) {
    raw::purge(policy);
}
