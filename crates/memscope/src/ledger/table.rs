//! What one thread keeps: a lane for each slot that it has met.

use super::id::SLOTS;
use super::lane::Lane;
use super::sketch::Sketch;
use crate::raw::directory::Directory;
use crate::sync::{AtomicBool, Ordering};

#[cfg(not(loom))]
const LANES_PER_CHUNK: usize = 256;
#[cfg(loom)]
const LANES_PER_CHUNK: usize = 4;

#[cfg(not(loom))]
const LANE_CHUNKS: usize = SLOTS / LANES_PER_CHUNK;
#[cfg(loom)]
const LANE_CHUNKS: usize = 1;

const SKETCHES_PER_CHUNK: usize = LANES_PER_CHUNK / 4;
const SKETCH_CHUNKS: usize = LANE_CHUNKS * 4;

/// The lanes of one thread. A thread that ends leaves it, counts and all, to one that begins: counts are sums, so that
/// it does not matter who added them.
#[derive(Debug, Default)]
pub(crate) struct Table {
    taken: AtomicBool,
    lanes: Directory<Lane, LANE_CHUNKS, LANES_PER_CHUNK>,
    /// Only of threads that allocate with their stacks.
    sketches: Directory<Sketch, SKETCH_CHUNKS, SKETCHES_PER_CHUNK>,
}

impl Table {
    /// Takes the table for the calling thread, if no thread has it.
    pub(super) fn take(&self) -> bool {
        // ORDERING: Acquire; the partner is `give_back`: the counters go on from where the last owner left them.
        !self.taken.load(Ordering::Relaxed)
            && self
                .taken
                .compare_exchange(false, true, Ordering::Acquire, Ordering::Relaxed)
                .is_ok()
    }

    /// Leaves the table to another thread.
    pub(crate) fn give_back(&self) {
        // ORDERING: Release; the partner is `take`.
        self.taken.store(false, Ordering::Release);
    }

    #[inline]
    pub(crate) fn lane(&self, slot: usize) -> Option<&'static Lane> {
        self.lanes.get(slot)
    }

    pub(super) fn sketch(&self, slot: usize) -> Option<&'static Sketch> {
        self.sketches.get(slot)
    }

    /// The cells for a slot; `None` if there is no memory for them.
    #[inline]
    pub(crate) fn make_sketch(&self, slot: usize) -> Option<&'static Sketch> {
        self.sketches.get_or_make(slot)
    }

    pub(super) fn make_lane(&self, slot: usize) -> Option<&'static Lane> {
        self.lanes.get_or_make(slot)
    }
}
