//! What is live in a chunk, and who may reuse it: the two words on which the crate rests.
//!
//! # The words
//!
//! ```text
//!           63          39   38    37      19 18       0
//!         +---------------+-----+------------+----------+
//! held    | generation    |  1  | objects    | units    |   written by the owner alone, plainly
//! returned| generation    |  R  | objects    | units    |   added to by every other thread
//!         +---------------+-----+------------+----------+
//! ```
//!
//! `held` counts what the owner allocated less what the owner freed; `returned` counts what others
//! freed. Live is the difference. R says that the chunk is retired: its owner will not allocate from
//! it any more. **The chunk is empty and may be reused if and only if the two words are equal.**
//!
//! The split into a plain and an atomic count is that of biased reference counting (Choi, Shull,
//! Torrellas: "Biased reference counting", PACT 2018). There the shared count is merged into the
//! biased one by the owner; here nobody merges, and nothing is to be done when the owner dies.
//!
//! # Why equality is enough, without a fence between the owner's store and its load
//!
//! Say a thread reads R set and a value `v` in `returned` (an Acquire load, or its own addition), and
//! then reads the same value in `held`.
//!
//! 1. R is set by the owner after its last allocation here, with Release. So the value of `held` that
//!    was read is not older than that moment, and from there on `held` only decreases.
//! 2. Frees only add to `returned`, and it never counts more objects than `held` does. From then on
//!    therefore `held` now <= `held` read = `v` <= `returned` now <= `held` now: all are equal, and
//!    what was read was the newest value of each.
//! 3. Each free is a Release, and each was read with Acquire (additions continue a release sequence):
//!    whatever was done with the objects happens before the reuse.
//! 4. A thread that is stopped between the two reads may look at a chunk that was emptied by another
//!    and is in use again. It finds another generation, in `held` or at the latest in the exchange
//!    that claims the chunk, which fails. That exchange is also what picks one of two threads that
//!    both see the equality.
//!
//! A stale `held` shows too many objects, never too few, so an error is a chunk that is not reused at
//! once. That happens when the owner's last free and another thread's last free cross within the time
//! that a store needs to become visible. Nobody claims the chunk then, until [`Chunk::sweep`].

use super::size::UNIT;
use crate::sync::{AtomicU32, AtomicU64, Ordering, const_fn};

/// One object, in both words.
const OBJECT: u64 = 1 << 19;
const UNITS: u64 = OBJECT - 1;
const RETIRED: u64 = 1 << 38;
const GENERATION: u64 = 1 << 39;
const COUNTS: u64 = RETIRED - 1;

/// The owner of a chunk without one. No thread has this number, and none has 0.
const NOBODY: u64 = u64::MAX;

/// What an object weighs in the words.
#[derive(Clone, Copy)]
pub(crate) struct Weight(u64);

impl Weight {
    /// One object of `bytes` bytes, a multiple of [`UNIT`].
    #[inline]
    pub(crate) const fn object(bytes: usize) -> Self {
        Self(OBJECT + (bytes / UNIT) as u64)
    }

    /// `bytes` more of an object that is counted already.
    #[inline]
    pub(crate) const fn bytes(bytes: usize) -> Self {
        Self((bytes / UNIT) as u64)
    }
}

/// What is live in a chunk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Live {
    pub(crate) objects: usize,
    pub(crate) bytes: usize,
}

/// The words of one chunk, apart from its memory.
///
/// # Invariants
///
/// 1. `held` is written by the thread whose number `owner` is, and by nobody else. A chunk that
///    nobody owns belongs to who holds the lock of the lists it is in, or has claimed it.
/// 2. Every live object of the chunk is counted once in `held` and not in `returned`.
/// 3. R is clear while a stream allocates from the chunk, or may do so again.
/// 4. `returned` counts at most as much as the chunk has units: memory that a thread other than the
///    owner freed is not allocated again within a generation. So fields do not overflow.
#[repr(C, align(128))]
pub(crate) struct Chunk {
    mine: OwnersLine,
    others: OthersLine,
}

#[repr(C, align(64))]
struct OwnersLine {
    owner: AtomicU64,
    held: AtomicU64,
}

#[repr(C, align(64))]
struct OthersLine {
    returned: AtomicU64,
    /// The next chunk in the list that this one is in, counted from 1. Under the lock.
    next: AtomicU32,
    /// Where the free rest of an abandoned chunk begins. Under the lock.
    rest: AtomicU32,
}

impl Chunk {
    const_fn! {
        /// As fresh memory is: all zero, which is generation 0 with nothing in it.
        pub(crate) const fn new() -> Self {
            Self {
                mine: OwnersLine {
                    owner: AtomicU64::new(0),
                    held: AtomicU64::new(0),
                },
                others: OthersLine {
                    returned: AtomicU64::new(0),
                    next: AtomicU32::new(0),
                    rest: AtomicU32::new(0),
                },
            }
        }
    }

    /// Makes `thread` the owner of a chunk that nobody uses and the caller has to itself.
    pub(crate) fn open(&self, thread: u64) {
        // Relaxed: who gets a pointer into the chunk gets it from the owner, after these stores.
        let generation = self.others.returned.load(Ordering::Relaxed);
        self.mine.held.store(generation | RETIRED, Ordering::Relaxed);
        self.mine.owner.store(thread, Ordering::Relaxed);
    }

    /// Makes `thread` the owner of an abandoned chunk that it took out of its list.
    pub(crate) fn adopt(&self, thread: u64) {
        // Relaxed: the lock of the list orders the former owner's stores before this one.
        self.mine.owner.store(thread, Ordering::Relaxed);
    }

    /// Leaves the chunk to who adopts it. What others free meanwhile is counted as before.
    pub(crate) fn abandon(&self) {
        self.mine.owner.store(NOBODY, Ordering::Relaxed);
    }

    /// Whether `thread` owns the chunk. Only asked by that thread, about an object in the chunk.
    #[inline]
    pub(crate) fn is_owned_by(&self, thread: u64) -> bool {
        // Relaxed: if the owner is `thread` it wrote that itself. If it is not, an older value that
        // says so would have to be newer than the allocation of the object, of which `thread` knows.
        self.mine.owner.load(Ordering::Relaxed) == thread
    }

    /// Counts an object, or bytes of one. For the owner.
    #[inline]
    pub(crate) fn take(&self, weight: Weight) {
        let held = self.mine.held.load(Ordering::Relaxed);
        // Relaxed: `retire` publishes it before anyone compares.
        self.mine.held.store(held + weight.0, Ordering::Relaxed);
    }

    /// Counts a free, or bytes that an object gave up. For the owner; [`Chunk::is_drained`] tells what
    /// follows from it.
    #[inline]
    pub(crate) fn give(&self, weight: Weight) {
        let held = self.mine.held.load(Ordering::Relaxed);
        // ORDERING: Release pairs with the Acquire loads of `held` in `give_back` and `sweep`: what
        // the owner did with the object comes before its reuse.
        self.mine.held.store(held - weight.0, Ordering::Release);
    }

    /// Whether the chunk is retired and nothing in it is live, as far as its owner can see.
    #[inline]
    pub(crate) fn is_drained(&self) -> bool {
        // ORDERING: Acquire pairs with the additions in `give_back`.
        self.others.returned.load(Ordering::Acquire) == self.mine.held.load(Ordering::Relaxed)
    }

    /// Claims a drained chunk for its owner.
    #[cold]
    pub(crate) fn claim_drained(&self) -> bool {
        self.claim(self.mine.held.load(Ordering::Relaxed))
    }

    /// Counts a free by a thread that is not the owner. True if that emptied the chunk and the caller
    /// has it to itself now.
    #[inline]
    pub(crate) fn give_back(&self, weight: Weight) -> bool {
        // ORDERING: Release: what this thread did with the object comes before its reuse. Acquire
        // pairs with `retire`, and with the additions of the others.
        let before = self.others.returned.fetch_add(weight.0, Ordering::AcqRel);
        let returned = before + weight.0;
        // Asking for R first keeps this thread off the owner's line while the owner allocates.
        // ORDERING: Acquire pairs with the Release in `give`.
        returned & RETIRED != 0
            && self.mine.held.load(Ordering::Acquire) == returned
            && self.claim(returned)
    }

    /// Ends allocation from the chunk; for the owner. True if it was empty and the caller has it to
    /// itself now.
    pub(crate) fn retire(&self) -> bool {
        // ORDERING: Release publishes `held` to who sees R; Acquire pairs with the additions before it.
        let before = self.others.returned.fetch_or(RETIRED, Ordering::AcqRel);
        let returned = before | RETIRED;
        self.mine.held.load(Ordering::Relaxed) == returned && self.claim(returned)
    }

    /// Claims the chunk if it is retired and empty and nobody noticed. For any thread.
    pub(crate) fn sweep(&self) -> bool {
        // ORDERING: Acquire pairs with `retire` and `give_back`.
        let returned = self.others.returned.load(Ordering::Acquire);
        // ORDERING: Acquire pairs with the Release in `give`.
        returned & RETIRED != 0
            && self.mine.held.load(Ordering::Acquire) == returned
            && self.claim(returned)
    }

    /// Starts the next generation of an abandoned chunk if it is empty. For who holds the list's lock
    /// and took the chunk out of it: R is clear, so nobody else claims it.
    pub(crate) fn reopen_if_empty(&self) -> bool {
        // ORDERING: Acquire pairs with the additions in `give_back`.
        let returned = self.others.returned.load(Ordering::Acquire);
        // Relaxed: the last owner's stores are ordered before by the list's lock.
        let empty = self.mine.held.load(Ordering::Relaxed) == returned | RETIRED;
        empty && self.claim(returned)
    }

    /// What is live. Exact when no other thread allocates or frees here; else near it.
    pub(crate) fn live(&self) -> Live {
        // ORDERING: Acquire pairs with the additions in `give_back`, so that `held` is not older than
        // what they freed.
        let returned = self.others.returned.load(Ordering::Acquire);
        // Relaxed: a figure, on which nothing rests.
        let held = self.mine.held.load(Ordering::Relaxed);
        if (held ^ returned) >= GENERATION {
            return Live::default(); // Claimed, and not opened again.
        }
        let live = (held & COUNTS).saturating_sub(returned & COUNTS);
        Live {
            objects: usize::try_from(live / OBJECT).unwrap_or(usize::MAX),
            bytes: usize::try_from(live & UNITS).unwrap_or(usize::MAX) * UNIT,
        }
    }

    /// Ends the generation that was found empty, for one thread among those who found it so.
    fn claim(&self, seen: u64) -> bool {
        let next = (seen & !(GENERATION - 1)).wrapping_add(GENERATION);
        // ORDERING: AcqRel: with the loads before it this orders every use of the old objects before
        // the reuse. A failed exchange tells only that another thread was first.
        self.others
            .returned
            .compare_exchange(seen, next, Ordering::AcqRel, Ordering::Relaxed)
            .is_ok()
    }

    /// The list link; see the field.
    pub(super) fn next(&self) -> u32 {
        self.others.next.load(Ordering::Relaxed)
    }

    pub(super) fn set_next(&self, next: u32) {
        self.others.next.store(next, Ordering::Relaxed);
    }

    /// Where an abandoned chunk's rest begins; see the field.
    pub(super) fn rest(&self) -> u32 {
        self.others.rest.load(Ordering::Relaxed)
    }

    pub(super) fn set_rest(&self, rest: u32) {
        self.others.rest.store(rest, Ordering::Relaxed);
    }
}
