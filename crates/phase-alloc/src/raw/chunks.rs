//! The lists of chunks that no thread allocates from. Everything here is under the crate's one lock.

use super::chunk::Chunk;
use super::os::{self, Purge};
use super::size::{CHUNK_BYTES, STREAMS};

/// Chunks are committed so many at a time.
const COMMIT: u32 = 32;

/// A chunk by number, with its words.
#[derive(Clone, Copy)]
pub(crate) struct ChunkAt {
    pub(crate) index: u32,
    pub(crate) words: &'static Chunk,
}

/// Which chunks are free, abandoned, or were never used.
///
/// # Invariants
///
/// 1. A chunk in `free` has been claimed since it was last open: nothing in it is live, and nobody
///    else has it.
/// 2. A chunk in `abandoned` has no owner and R clear.
/// 3. Chunks from `fresh` on were never used; those below `committed` can be.
pub(crate) struct Chunks {
    table: &'static [Chunk],
    base: *mut u8,
    free: List,
    abandoned: [List; STREAMS],
    fresh: u32,
    committed: u32,
    /// How many chunks are in use before the table is swept.
    sweep_at: u32,
    /// How the memory of all free chunks was given back, if it was.
    purged: Option<Purge>,
    /// Chunks that are not used again.
    worn_out: u32,
}

// SAFETY: `base` is an address into the region, which every thread may use.
unsafe impl Send for Chunks {}

/// Chunks linked by `Chunk::link`, by number from 1; 0 is the end.
#[derive(Clone, Copy)]
struct List {
    first: u32,
    length: u32,
}

impl List {
    const EMPTY: Self = Self {
        first: 0,
        length: 0,
    };

    fn push(&mut self, chunk: ChunkAt) {
        chunk.words.set_link(self.first);
        self.first = chunk.index + 1;
        self.length += 1;
    }

    fn pop(&mut self, table: &'static [Chunk]) -> Option<ChunkAt> {
        let index = self.first.checked_sub(1)?;
        let words = &table[index as usize];
        self.first = words.link();
        self.length -= 1;
        Some(ChunkAt { index, words })
    }
}

/// Figures about the chunks.
#[derive(Clone, Copy, Default)]
pub(crate) struct ChunkFigures {
    pub(crate) total: usize,
    pub(crate) used: usize,
    pub(crate) free: usize,
    pub(crate) abandoned: usize,
}

impl Chunks {
    /// No chunks.
    pub(crate) const NONE: Self = Self {
        table: &[],
        base: core::ptr::null_mut(),
        free: List::EMPTY,
        abandoned: [List::EMPTY; STREAMS],
        fresh: 0,
        committed: 0,
        sweep_at: 16,
        purged: None,
        worn_out: 0,
    };

    /// Chunks over reserved memory.
    ///
    /// # Safety
    ///
    /// - `base` is the start of a reservation of `table.len()` chunks, used by this value alone.
    pub(crate) const unsafe fn over(table: &'static [Chunk], base: *mut u8) -> Self {
        Self {
            table,
            base,
            ..Self::NONE
        }
    }

    /// A chunk for `stream` of `thread`, which is its owner then.
    pub(crate) fn acquire(&mut self, stream: usize, thread: u64) -> Option<&'static Chunk> {
        while let Some(chunk) = self.abandoned[stream].pop(self.table) {
            if !chunk.words.claim_if_empty() {
                chunk.words.adopt(thread);
                return Some(chunk.words);
            }
            self.release(chunk);
        }
        let chunk = self.free.pop(self.table).or_else(|| self.extend())?;
        let start = self.start(chunk);
        chunk.words.open(thread, start, start.addr() + CHUNK_BYTES);
        Some(chunk.words)
    }

    /// Takes back a chunk that the caller has claimed.
    pub(crate) fn release(&mut self, chunk: ChunkAt) {
        if chunk.words.is_worn_out() {
            // SAFETY: the chunk is claimed and is not used again.
            unsafe { os::purge(self.start(chunk), CHUNK_BYTES, Purge::DontNeed) };
            self.worn_out += 1;
            return;
        }
        self.free.push(chunk);
        self.purged = None;
    }

    /// Takes a chunk that its owner leaves.
    pub(crate) fn abandon(&mut self, stream: usize, chunk: ChunkAt) {
        chunk.words.abandon();
        self.abandoned[stream].push(chunk);
    }

    /// Frees the chunks that are empty and that nobody noticed, or nobody looked at since they were left.
    pub(crate) fn sweep(&mut self) {
        for index in 0..self.fresh {
            let words = &self.table[index as usize];
            if words.sweep() {
                self.release(ChunkAt { index, words });
            }
        }
        for stream in 0..STREAMS {
            let mut left = core::mem::replace(&mut self.abandoned[stream], List::EMPTY);
            while let Some(chunk) = left.pop(self.table) {
                if chunk.words.claim_if_empty() {
                    self.release(chunk);
                } else {
                    self.abandoned[stream].push(chunk);
                }
            }
        }
    }

    /// Gives the memory of free chunks back to the system.
    pub(crate) fn purge(&mut self, how: Purge) {
        self.sweep();
        if !how.adds_to(self.purged) {
            return;
        }
        self.purged = Some(how);
        let mut next = self.free.first;
        while let Some(index) = next.checked_sub(1) {
            let words = &self.table[index as usize];
            // SAFETY: a free chunk was committed, and nothing in it is in use (invariant 1).
            unsafe { os::purge(self.start(ChunkAt { index, words }), CHUNK_BYTES, how) };
            next = words.link();
        }
    }

    /// The words of every chunk that was ever used.
    pub(crate) fn used(&self) -> &'static [Chunk] {
        &self.table[..self.fresh as usize]
    }

    pub(crate) fn figures(&self) -> ChunkFigures {
        let abandoned: u32 = self.abandoned.iter().map(|list| list.length).sum();
        ChunkFigures {
            total: self.table.len(),
            used: (self.fresh - self.free.length - self.worn_out) as usize,
            free: self.free.length as usize,
            abandoned: abandoned as usize,
        }
    }

    fn start(&self, chunk: ChunkAt) -> *mut u8 {
        self.base.wrapping_add(chunk.index as usize * CHUNK_BYTES)
    }

    /// A chunk that was never used, or one that a sweep finds.
    fn extend(&mut self) -> Option<ChunkAt> {
        if self.fresh >= self.sweep_at || self.fresh as usize == self.table.len() {
            self.sweep_at = self.fresh.saturating_mul(2);
            self.sweep();
            if let Some(chunk) = self.free.pop(self.table) {
                return Some(chunk);
            }
        }
        let index = self.fresh;
        let words = self.table.get(index as usize)?;
        if index == self.committed && !self.commit() {
            return None;
        }
        self.fresh += 1;
        Some(ChunkAt { index, words })
    }

    fn commit(&mut self) -> bool {
        let left = u32::try_from(self.table.len()).unwrap_or(u32::MAX) - self.committed;
        let count = COMMIT.min(left);
        let start = self
            .base
            .wrapping_add(self.committed as usize * CHUNK_BYTES);
        // SAFETY: these chunks lie inside the reservation that `over` was given.
        let done = unsafe { os::commit(start, count as usize * CHUNK_BYTES) };
        if done {
            self.committed += count;
        }
        done
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sync::{AtomicPtr, Ordering};
    use core::ptr;

    #[test]
    fn a_chunk_whose_generations_are_used_up_is_not_used_again() {
        static TABLE: [Chunk; 1] = [Chunk::worn_out()];
        // Reserved memory is never given back, and Miri wants to see that somebody has it.
        static MEMORY: AtomicPtr<u8> = AtomicPtr::new(ptr::null_mut());
        let base = os::reserve(CHUNK_BYTES)
            .expect("there is address space")
            .as_ptr();
        MEMORY.store(base, Ordering::Relaxed);
        // SAFETY: the memory was reserved for this value.
        let mut chunks = unsafe { Chunks::over(&TABLE, base) };
        assert!(chunks.commit());
        chunks.fresh = 1;
        // SAFETY: the memory is committed, and nobody else has it.
        unsafe { base.write(1) };
        let (index, words) = (0, &TABLE[0]);
        chunks.release(ChunkAt { index, words });
        let figures = chunks.figures();
        assert_eq!((figures.used, figures.free), (0, 0));
        assert!(chunks.acquire(0, 1).is_none());
        if cfg!(any(target_os = "linux", miri)) {
            // SAFETY: likewise. The page was given back, and reads as zero.
            assert_eq!(unsafe { base.read() }, 0);
        }
    }
}
