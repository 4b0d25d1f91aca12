//! What is live in a chunk, and who may reuse it: the two words on which the crate rests.
//!
//! # The words
//!
//! ```text
//!           63          40   39    38      21 20       0
//!         +---------------+-----+------------+----------+
//! held    | generation    |  1  | objects    | bytes    |   written by the owner alone, plainly
//! returned| generation    |  R  | objects    | bytes    |   added to by every other thread
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
//! 3. Each free is a Release. The owner's are acquired with `held`, those of the others by the exchange
//!    that claims the chunk (additions continue a release sequence): whatever was done with the objects
//!    happens before the reuse.
//! 4. A thread that is stopped between the two reads may look at a chunk that was emptied by another
//!    and is in use again. It finds another generation, in `held` or at the latest in the exchange
//!    that claims the chunk, which fails. That exchange is also what picks one of two threads that
//!    both see the equality. A chunk whose generations are used up is not used again, so that none
//!    comes twice.
//! 5. A generation in which nobody but the owner freed anything is not counted: only the owner can
//!    see such a chunk empty, so there is nobody to pick from.
//!
//! A stale `held` shows too many objects, never too few, so an error is a chunk that is not reused at
//! once. That happens when the owner's last free and another thread's last free cross within the time
//! that a store needs to become visible. Nobody claims the chunk then, until [`Chunk::sweep`].

use core::ptr::{self, NonNull};

use super::size::{CHUNK_BYTES, UNIT};
use crate::sync::{AtomicPtr, AtomicU32, AtomicU64, AtomicUsize, Ordering, const_fn};

const BYTES: u64 = (1 << 21) - 1;
/// One object, in both words.
const OBJECT: u64 = 1 << 21;
const RETIRED: u64 = 1 << 39;
const COUNTS: u64 = RETIRED - 1;
const GENERATION: u64 = 1 << 40;
const LAST_GENERATION: u64 = u64::MAX << 40;

const _: () =
    assert!(CHUNK_BYTES as u64 <= BYTES && (CHUNK_BYTES / UNIT) as u64 * OBJECT <= COUNTS);

/// The owner of a chunk without one. No thread has this number, and none has 0.
const NOBODY: u64 = u64::MAX;

/// What is live in a chunk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Live {
    pub(crate) objects: usize,
    pub(crate) bytes: usize,
}

/// One chunk, apart from its memory: the words, and where its free part begins.
///
/// # Invariants
///
/// 1. `held`, `next` and `end` are written by the thread whose number `owner` is, and by nobody else. A
///    chunk that nobody owns belongs to who holds the lock of the lists it is in, or has claimed it.
/// 2. Every live object of the chunk is counted once in `held` and not in `returned`.
/// 3. R is clear while a stream allocates from the chunk, or may do so again. From then on `next` is
///    null, so that no object ends there.
/// 4. `returned` counts at most as much as the chunk has room for: memory that a thread other than the
///    owner freed is not allocated again within a generation. So fields do not overflow.
/// 5. From `next` to `end` nothing is live, and `next` is a multiple of [`UNIT`].
#[repr(C, align(128))]
pub(crate) struct Chunk {
    mine: OwnersLine,
    others: OthersLine,
}

#[repr(C, align(64))]
struct OwnersLine {
    owner: AtomicU64,
    held: AtomicU64,
    next: AtomicPtr<u8>,
    end: AtomicUsize,
}

#[repr(C, align(64))]
struct OthersLine {
    returned: AtomicU64,
    /// The next chunk in the list that this one is in, counted from 1. Under the lock.
    link: AtomicU32,
}

/// What an object of `bytes` bytes weighs in the words.
#[inline]
const fn weight(bytes: usize) -> u64 {
    OBJECT + bytes as u64
}

/// What the owner does. Its stores are Relaxed where [`Chunk::retire`] publishes them before anyone
/// compares, or who has a pointer into the chunk has it from the owner, after the store.
impl Chunk {
    const_fn! {
        /// As fresh memory is: all zero, which is generation 0 with nothing in it.
        pub(crate) const fn new() -> Self {
            Self {
                mine: OwnersLine {
                    owner: AtomicU64::new(0),
                    held: AtomicU64::new(0),
                    next: AtomicPtr::new(ptr::null_mut()),
                    end: AtomicUsize::new(0),
                },
                others: OthersLine {
                    returned: AtomicU64::new(0),
                    link: AtomicU32::new(0),
                },
            }
        }
    }

    /// A claimed chunk whose generations are used up.
    #[cfg(all(test, not(loom)))]
    pub(crate) const fn worn_out() -> Self {
        let mut chunk = Self::new();
        chunk.others.returned = AtomicU64::new(LAST_GENERATION);
        chunk
    }

    /// Makes `thread` the owner of a chunk that nobody uses and the caller has to itself, with its memory
    /// from `start` to `end`.
    pub(crate) fn open(&self, thread: u64, start: *mut u8, end: usize) {
        let generation = self.others.returned.load(Ordering::Relaxed);
        self.mine
            .held
            .store(generation | RETIRED, Ordering::Relaxed);
        self.mine.next.store(start, Ordering::Relaxed);
        self.mine.end.store(end, Ordering::Relaxed);
        self.mine.owner.store(thread, Ordering::Relaxed);
    }

    /// Makes `thread` the owner of an abandoned chunk that it took out of its list. The lock of the list
    /// orders the former owner's stores before this.
    pub(crate) fn adopt(&self, thread: u64) {
        self.mine.owner.store(thread, Ordering::Relaxed);
    }

    /// Leaves the chunk to who adopts it. What others free meanwhile is counted as before.
    pub(crate) fn abandon(&self) {
        self.mine.owner.store(NOBODY, Ordering::Relaxed);
    }

    /// Whether `thread` owns the chunk. Only asked by that thread, about an object in the chunk.
    #[inline(always)]
    pub(crate) fn is_owned_by(&self, thread: u64) -> bool {
        // Relaxed: if the owner is `thread` it wrote that itself. If it is not, an older value that
        // says so would have to be newer than the allocation of the object, of which `thread` knows.
        self.mine.owner.load(Ordering::Relaxed) == thread
    }

    /// An object of `bytes` bytes, a multiple of [`UNIT`] and not 0, aligned to [`UNIT`].
    #[inline(always)]
    pub(crate) fn allocate(&self, bytes: usize) -> Option<NonNull<u8>> {
        self.allocate_at(self.mine.next.load(Ordering::Relaxed), bytes)
    }

    /// The same for any alignment.
    #[inline]
    pub(crate) fn allocate_aligned(&self, bytes: usize, align: usize) -> Option<NonNull<u8>> {
        let next = self.mine.next.load(Ordering::Relaxed);
        let pad = next.addr().wrapping_neg() & (align.max(UNIT) - 1);
        self.allocate_at(next.wrapping_add(pad), bytes)
    }

    #[inline(always)]
    fn allocate_at(&self, start: *mut u8, bytes: usize) -> Option<NonNull<u8>> {
        let next = start.wrapping_add(bytes);
        if next.addr() > self.mine.end.load(Ordering::Relaxed) {
            return None;
        }
        self.mine.next.store(next, Ordering::Relaxed);
        self.add(weight(bytes));
        // SAFETY: what ends at or before `end`, and above 0, begins in the memory of an open chunk.
        Some(unsafe { NonNull::new_unchecked(start) })
    }

    /// Counts the free of the object of `bytes` bytes at `address`. True if the chunk may be empty now,
    /// which [`Chunk::claim_drained`] tells.
    #[inline(always)]
    pub(crate) fn free(&self, address: usize, bytes: usize) -> bool {
        let held = self.subtract(weight(bytes));
        let next = self.mine.next.load(Ordering::Relaxed);
        // The bump pointer is this chunk's own. One that belongs to the thread must not be compared
        // alone: the last object of a chunk may end where the thread's current chunk begins.
        if next.addr() == address + bytes {
            // From `next`, not from the caller's pointer: that one may be good for the object alone.
            self.mine
                .next
                .store(next.wrapping_sub(bytes), Ordering::Relaxed);
            return false;
        }
        // Relaxed: if it is equal, `claim` has what it needs.
        self.others.returned.load(Ordering::Relaxed) == held
    }

    /// Makes the object of `old` bytes at `address` smaller, or larger if it is the last one and there is
    /// room.
    pub(crate) fn resize(&self, address: usize, old: usize, new: usize) -> bool {
        let next = self.mine.next.load(Ordering::Relaxed);
        let is_last = next.addr() == address + old;
        if new <= old {
            self.subtract((old - new) as u64);
            if is_last {
                self.mine
                    .next
                    .store(next.wrapping_sub(old - new), Ordering::Relaxed);
            }
            return true;
        }
        let next = next.wrapping_add(new - old);
        if !is_last || next.addr() > self.mine.end.load(Ordering::Relaxed) {
            return false;
        }
        self.mine.next.store(next, Ordering::Relaxed);
        self.add((new - old) as u64);
        true
    }

    /// Claims a drained chunk for its owner.
    pub(crate) fn claim_drained(&self) -> bool {
        self.claim(self.mine.held.load(Ordering::Relaxed))
    }

    /// Ends allocation from the chunk. True if it was empty and the caller has it to itself now.
    pub(crate) fn retire(&self) -> bool {
        self.mine.next.store(ptr::null_mut(), Ordering::Relaxed);
        self.mine.end.store(0, Ordering::Relaxed);
        // ORDERING: Release publishes `held` to who sees R with Acquire, in `give_back` and `sweep`.
        let before = self.others.returned.fetch_or(RETIRED, Ordering::Release);
        let returned = before | RETIRED;
        self.mine.held.load(Ordering::Relaxed) == returned && self.claim(returned)
    }

    /// The bytes behind the last object.
    pub(crate) fn room(&self) -> usize {
        let next = self.mine.next.load(Ordering::Relaxed).addr();
        self.mine.end.load(Ordering::Relaxed) - next
    }

    #[inline(always)]
    fn add(&self, weight: u64) {
        let held = self.mine.held.load(Ordering::Relaxed);
        self.mine.held.store(held + weight, Ordering::Relaxed);
    }

    #[inline(always)]
    fn subtract(&self, weight: u64) -> u64 {
        let held = self.mine.held.load(Ordering::Relaxed) - weight;
        // ORDERING: Release pairs with the Acquire loads of `held` in `give_back` and `sweep`: what
        // the owner did with the object comes before its reuse.
        self.mine.held.store(held, Ordering::Release);
        held
    }
}

/// What the other threads do, and who looks at all chunks.
impl Chunk {
    /// Counts the free of an object of `bytes` bytes. True if that emptied the chunk and the caller has it
    /// to itself now.
    #[inline]
    pub(crate) fn give_back(&self, bytes: usize) -> bool {
        // ORDERING: Release pairs with the Acquire in `claim`: what this thread did with the object
        // comes before its reuse. Acquire pairs with `retire`.
        let before = self
            .others
            .returned
            .fetch_add(weight(bytes), Ordering::AcqRel);
        let returned = before + weight(bytes);
        // Asking for R first keeps this thread off the owner's line while the owner allocates.
        // ORDERING: Acquire pairs with the Release in `subtract`.
        returned & RETIRED != 0
            && self.mine.held.load(Ordering::Acquire) == returned
            && self.claim(returned)
    }

    /// Counts bytes that a live object gave up. The object keeps the chunk from being empty.
    pub(crate) fn give_back_bytes(&self, bytes: usize) {
        // ORDERING: Release pairs with `claim`, as in `give_back`, for the bytes that were given up.
        self.others
            .returned
            .fetch_add(bytes as u64, Ordering::Release);
    }

    /// Claims the chunk if it is retired and empty and nobody noticed. For any thread.
    pub(crate) fn sweep(&self) -> bool {
        // ORDERING: Acquire pairs with `retire`, so that `held` is not older than that.
        let returned = self.others.returned.load(Ordering::Acquire);
        // What others freed nothing in, its owner sees empty by itself (5 of the argument above).
        // ORDERING: Acquire pairs with the Release in `subtract`.
        returned & RETIRED != 0
            && returned & COUNTS != 0
            && self.mine.held.load(Ordering::Acquire) == returned
            && self.claim(returned)
    }

    /// Starts the next generation of a chunk that is not retired, if it is empty. For its owner, or who
    /// took it out of the list of abandoned chunks: nobody else claims it.
    pub(crate) fn claim_if_empty(&self) -> bool {
        // Relaxed: `claim` has what it needs, and the list's lock orders the last owner's stores.
        let returned = self.others.returned.load(Ordering::Relaxed);
        let empty = self.mine.held.load(Ordering::Relaxed) == returned | RETIRED;
        empty && self.claim(returned)
    }

    /// Whether the chunk, which the caller has to itself, has no generation left and must not be opened.
    pub(crate) fn is_worn_out(&self) -> bool {
        self.others.returned.load(Ordering::Relaxed) >= LAST_GENERATION
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
            bytes: usize::try_from(live & BYTES).unwrap_or(usize::MAX),
        }
    }

    /// Ends the generation that was found empty, for one thread among those who found it so.
    fn claim(&self, seen: u64) -> bool {
        let generation = seen & !(GENERATION - 1);
        let next = if seen & COUNTS == 0 || generation == LAST_GENERATION {
            generation
        } else {
            generation + GENERATION
        };
        // ORDERING: Acquire pairs with the Release of every addition, so that what others did with the
        // objects comes before the reuse. Who uses the chunk next has it from this thread.
        self.others
            .returned
            .compare_exchange(seen, next, Ordering::Acquire, Ordering::Relaxed)
            .is_ok()
    }

    /// The list link; see the field.
    pub(super) fn link(&self) -> u32 {
        self.others.link.load(Ordering::Relaxed)
    }

    pub(super) fn set_link(&self, link: u32) {
        self.others.link.store(link, Ordering::Relaxed);
    }
}
