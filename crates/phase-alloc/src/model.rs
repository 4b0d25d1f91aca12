//! What `tests/loom.rs` explores: the code that ships, by way of names that a test can use.

use crate::raw::cache::SpanCache;
use crate::raw::chunk::Chunk as Words;
use crate::raw::lock::Lock as SpinLock;
use crate::raw::span::{Record, Span, Spans as Free};

/// A chunk's words, with one unit of memory.
pub struct Chunk(Words);

/// The bytes of each object of a model.
pub const BYTES: usize = 8;

impl Chunk {
    /// A chunk that `owner` has opened.
    #[must_use]
    pub fn opened_by(owner: u64) -> Self {
        let chunk = Self(Words::new());
        chunk.open(owner);
        chunk
    }

    /// Opens a chunk that the caller has claimed.
    pub fn open(&self, owner: u64) {
        let start = core::ptr::without_provenance_mut(BYTES);
        self.0.open(owner, start, 16 * BYTES);
    }

    /// Allocates; returns the object's address.
    #[must_use]
    pub fn allocate(&self) -> Option<usize> {
        self.0.allocate(BYTES).map(|object| object.addr().get())
    }

    /// The owner frees. True if the caller has the chunk to itself now.
    #[must_use]
    pub fn free(&self, address: usize) -> bool {
        self.0.free(address, BYTES) && self.0.claim_drained()
    }

    /// Another thread frees. True if the caller has the chunk to itself now.
    #[must_use]
    pub fn give_back(&self) -> bool {
        self.0.give_back(BYTES)
    }

    /// See the original.
    #[must_use]
    pub fn retire(&self) -> bool {
        self.0.retire()
    }

    /// See the original.
    #[must_use]
    pub fn sweep(&self) -> bool {
        self.0.sweep()
    }

    /// See the original.
    pub fn abandon(&self) {
        self.0.abandon();
    }

    /// See the original.
    pub fn adopt(&self, owner: u64) {
        self.0.adopt(owner);
    }

    /// See the original.
    #[must_use]
    pub fn claim_if_empty(&self) -> bool {
        self.0.claim_if_empty()
    }

    /// See the original.
    #[must_use]
    pub fn is_owned_by(&self, thread: u64) -> bool {
        self.0.is_owned_by(thread)
    }
}

/// The crate's lock.
pub struct Lock<T>(SpinLock<T>);

impl<T> Lock<T> {
    /// Around `value`.
    pub fn new(value: T) -> Self {
        Self(SpinLock::new(value))
    }

    /// Runs `body` with the value.
    pub fn with<R>(&self, body: impl FnOnce(&mut T) -> R) -> R {
        self.0.with(body)
    }
}

/// Spans over granules without memory. Used as `route` uses them.
pub struct Spans {
    records: &'static [Record],
    free: SpinLock<Free>,
}

/// What one thread keeps.
pub struct Kept(SpanCache);

impl Spans {
    /// So many granules.
    #[must_use]
    pub fn new(granules: usize) -> Self {
        let records: Vec<Record> = (0..granules).map(|_| Record::new()).collect();
        let records: &'static [Record] = records.leak();
        Self {
            records,
            free: SpinLock::new(Free::without_memory(records)),
        }
    }

    /// A span of `length` granules: the first of them.
    #[must_use]
    pub fn allocate(&self, kept: &Kept, length: u32) -> Option<u32> {
        let span = match kept.0.take(length) {
            Some(span) => span,
            None => self.free.with(|free| free.allocate(length, 1))?.0,
        };
        self.records[span.start as usize].set_live(1);
        Some(span.start)
    }

    /// Takes it back, by its first granule alone.
    pub fn free(&self, kept: &Kept, start: u32) {
        let record = &self.records[start as usize];
        let length = record.length();
        record.set_live(0);
        let span = Span { start, length };
        if !kept.0.keep(span) {
            self.free.with(|free| free.release(span));
        }
    }

    /// A longer span in place, if what follows is free.
    #[must_use]
    pub fn grow(&self, start: u32, length: u32) -> bool {
        let span = Span {
            start,
            length: self.records[start as usize].length(),
        };
        self.free.with(|free| free.grow(span, length))
    }

    /// The thread ends.
    pub fn leave(&self, kept: &Kept) {
        while let Some(span) = kept.0.evict() {
            self.free.with(|free| free.release(span));
        }
    }

    /// The live spans, and the granules that are used or kept.
    #[must_use]
    pub fn figures(&self) -> (usize, usize) {
        self.free
            .with(|free| (free.live().count(), free.used_granules()))
    }
}

impl Kept {
    /// Nothing.
    #[must_use]
    pub fn new() -> Self {
        Self(SpanCache::new())
    }
}

impl Default for Kept {
    fn default() -> Self {
        Self::new()
    }
}
