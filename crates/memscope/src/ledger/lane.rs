//! What one thread did on the account of one scope.

use super::ScopeId;
use crate::sync::{AtomicU32, AtomicU64, Ordering, OwnedCounter};
use crate::usage::Usage;

/// Counters of one thread for one slot. Only the thread that has the table adds to them; any thread reads them.
///
/// # Invariants
/// 1. The counters are about the generation in `generation`; 0 is none.
/// 2. Frees and their bytes are published, so that who sees either sees the allocation that it undoes.
#[derive(Debug, Default)]
#[repr(align(64))]
pub(crate) struct Lane {
    generation: AtomicU64,
    id: AtomicU32,
    /// Guards of this thread that are alive.
    entered: AtomicU32,
    allocs: OwnedCounter,
    alloc_bytes: OwnedCounter,
    frees: OwnedCounter,
    free_bytes: OwnedCounter,
    peak_bytes: OwnedCounter,
}

impl Lane {
    #[inline]
    pub(crate) fn id(&self) -> ScopeId {
        ScopeId::from_bits(self.id.load(Ordering::Relaxed))
    }

    #[inline]
    pub(crate) fn generation(&self) -> u64 {
        self.generation.load(Ordering::Relaxed)
    }

    #[inline]
    pub(crate) fn is_of(&self, generation: u64) -> bool {
        self.generation() == generation
    }

    /// Starts anew for another generation. Only the owner calls this, and shows the lane to readers afterwards.
    pub(crate) fn begin(&self, id: ScopeId, generation: u64) {
        for counter in [
            &self.allocs,
            &self.alloc_bytes,
            &self.frees,
            &self.free_bytes,
            &self.peak_bytes,
        ] {
            counter.set(0);
        }
        self.entered.store(0, Ordering::Relaxed);
        self.id.store(id.to_bits(), Ordering::Relaxed);
        self.generation.store(generation, Ordering::Relaxed);
    }

    #[inline]
    pub(crate) fn allocated(&self, bytes: usize) {
        let sum = self.alloc_bytes.add(bytes as u64);
        self.allocs.add(1);
        self.raise_peak(sum);
    }

    #[inline]
    pub(crate) fn freed(&self, bytes: usize) {
        self.free_bytes.add_and_publish(bytes as u64);
        self.frees.add_and_publish(1);
    }

    /// A block keeps its scope when its size changes.
    #[inline]
    pub(crate) fn resized(&self, from: usize, to: usize) {
        let sum = self.alloc_bytes.add(to as u64);
        self.free_bytes.add_and_publish(from as u64);
        self.raise_peak(sum);
    }

    #[inline]
    fn raise_peak(&self, alloc_bytes: u64) {
        let live = alloc_bytes.wrapping_sub(self.free_bytes.get());
        // A thread that frees what others have allocated is below zero, which is no peak.
        if live.cast_signed() > self.peak_bytes.get().cast_signed() {
            self.peak_bytes.set(live);
        }
    }

    #[inline]
    pub(crate) fn enter(&self) {
        let entered = self.entered.load(Ordering::Relaxed);
        self.entered.store(entered + 1, Ordering::Relaxed);
    }

    #[inline]
    pub(crate) fn leave(&self) {
        let entered = self.entered.load(Ordering::Relaxed);
        self.entered
            .store(entered.wrapping_sub(1), Ordering::Relaxed);
    }

    #[inline]
    pub(crate) fn is_entered(&self) -> bool {
        self.entered.load(Ordering::Relaxed) != 0
    }

    pub(super) fn add_frees_to(&self, counts: &mut Usage) {
        counts.frees = counts.frees.wrapping_add(self.frees.get_published());
        counts.bytes_freed = counts
            .bytes_freed
            .wrapping_add(self.free_bytes.get_published());
    }

    pub(super) fn add_allocs_to(&self, counts: &mut Usage) {
        counts.allocs = counts.allocs.wrapping_add(self.allocs.get());
        counts.bytes_allocated = counts.bytes_allocated.wrapping_add(self.alloc_bytes.get());
        counts.peak_bytes = counts.peak_bytes.wrapping_add(self.peak_bytes.get());
    }
}

/// The same counters for threads without a table of their own: those that are ending, and those beyond the table of
/// tables. Any number of threads add to it.
#[derive(Debug, Default)]
pub(crate) struct SharedLane {
    allocs: AtomicU64,
    alloc_bytes: AtomicU64,
    frees: AtomicU64,
    free_bytes: AtomicU64,
}

impl SharedLane {
    pub(crate) fn allocated(&self, bytes: usize) {
        self.alloc_bytes.fetch_add(bytes as u64, Ordering::Relaxed);
        self.allocs.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn freed(&self, bytes: usize) {
        // ORDERING: Release, both; the partners are the loads of `add_frees_to`.
        self.free_bytes.fetch_add(bytes as u64, Ordering::Release);
        self.frees.fetch_add(1, Ordering::Release);
    }

    pub(crate) fn resized(&self, from: usize, to: usize) {
        self.alloc_bytes.fetch_add(to as u64, Ordering::Relaxed);
        // ORDERING: Release; the partner is the load of `add_frees_to`.
        self.free_bytes.fetch_add(from as u64, Ordering::Release);
    }

    /// Books what ended elsewhere: both sides at once.
    pub(super) fn add(&self, counts: &Usage) {
        self.alloc_bytes
            .fetch_add(counts.bytes_allocated, Ordering::Relaxed);
        self.allocs.fetch_add(counts.allocs, Ordering::Relaxed);
        // ORDERING: Release, both; the partners are the loads of `add_frees_to`.
        self.free_bytes
            .fetch_add(counts.bytes_freed, Ordering::Release);
        self.frees.fetch_add(counts.frees, Ordering::Release);
    }

    pub(super) fn clear(&self) {
        self.allocs.store(0, Ordering::Relaxed);
        self.alloc_bytes.store(0, Ordering::Relaxed);
        self.frees.store(0, Ordering::Relaxed);
        self.free_bytes.store(0, Ordering::Relaxed);
    }

    pub(super) fn add_frees_to(&self, counts: &mut Usage) {
        // ORDERING: Acquire, both; the partners are the Release of `freed`, `resized` and `add`.
        let frees = self.frees.load(Ordering::Acquire);
        counts.frees = counts.frees.wrapping_add(frees);
        let bytes = self.free_bytes.load(Ordering::Acquire);
        counts.bytes_freed = counts.bytes_freed.wrapping_add(bytes);
    }

    pub(super) fn add_allocs_to(&self, counts: &mut Usage) {
        let allocs = self.allocs.load(Ordering::Relaxed);
        counts.allocs = counts.allocs.wrapping_add(allocs);
        let bytes = self.alloc_bytes.load(Ordering::Relaxed);
        counts.bytes_allocated = counts.bytes_allocated.wrapping_add(bytes);
    }
}
