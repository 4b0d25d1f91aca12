//! What `tests/loom.rs` explores: the code that ships, by way of names that a test can use.

use crate::raw::chunk::Chunk as Words;
use crate::raw::lock::Lock as SpinLock;

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
