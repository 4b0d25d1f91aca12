//! The names of the crate `zk-alloc`, so that this one drops in: exchange `zk_alloc::` for
//! `phase_alloc::zk_alloc::`.
//!
//! What differs: phases may nest and overlap, and what is kept across them stays valid.

use crate::config::PhaseAlloc;
use crate::raw::{counters, state};

pub use crate::phase::{begin_phase, end_phase, phase};

/// What [`ZkAllocator`] is: the original's threshold, and its environment variables.
pub(crate) const ALLOCATOR: PhaseAlloc =
    PhaseAlloc::builder().min_bytes(4096).from_env(true).build();

/// The allocator, with the original's threshold of 4096 bytes. `ZK_ALLOC_SLAB_GB`,
/// `ZK_ALLOC_MIN_BYTES` and `ZK_ALLOC_POISON_RESET` are read when the first phase begins.
///
/// # Examples
///
/// ```
/// use phase_alloc::zk_alloc::{self, ZkAllocator};
///
/// #[global_allocator]
/// static ALLOCATOR: ZkAllocator = ZkAllocator;
///
/// zk_alloc::begin_phase();
/// let kept = vec![7_u8; 1 << 20];
/// zk_alloc::end_phase();
/// zk_alloc::begin_phase();
/// let next = vec![8_u8; 1 << 20];
/// zk_alloc::end_phase();
/// assert!(kept.iter().all(|byte| *byte == 7)); // Overwritten, with the original.
/// # drop(next);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct ZkAllocator;

/// A phase that ends when the guard is dropped.
#[derive(Debug)]
#[must_use = "the phase ends when the guard is dropped"]
pub struct PhaseGuard(crate::PhaseGuard);

impl PhaseGuard {
    /// Begins a phase.
    pub fn new() -> Self {
        Self(crate::PhaseGuard::begin())
    }
}

impl Default for PhaseGuard {
    fn default() -> Self {
        Self::new()
    }
}

/// Allocations that the region had no room for, and their bytes.
#[must_use]
pub fn overflow_stats() -> (usize, usize) {
    let overflow = counters::overflow();
    (overflow.count, overflow.bytes)
}

/// Sets both figures of [`overflow_stats`] to 0.
pub fn reset_overflow_stats() {
    counters::reset_overflow();
}

/// The slab size in bytes: 8 GiB, or what `ZK_ALLOC_SLAB_GB` says. 0 before the first phase.
///
/// There are no slabs here. The region has so many bytes for each processor, and once more; any thread
/// may use all of it.
#[must_use]
pub fn slab_size() -> usize {
    state::config().map_or(0, |config| config.slab_bytes)
}

/// Smaller objects go to the inner allocator.
#[must_use]
pub fn min_arena_bytes() -> usize {
    state::config().map_or(ALLOCATOR.config.min_bytes, |config| config.min_bytes)
}

/// Does nothing: what rayon keeps across phases stays valid. The original drains rayon's queues here.
pub fn flush_rayon() {}
