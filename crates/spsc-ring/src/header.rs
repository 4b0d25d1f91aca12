//! The words that both ends share: two indices, the life flags and the waker cells.

use crate::raw::WakerCell;
use crate::sync::{AtomicU8, AtomicUsize, Ordering, Track, const_fn};

/// The producer accepts nothing more, or no longer exists.
const PRODUCER_CLOSED: u8 = 1;
/// The consumer wants nothing more, or no longer exists.
const CONSUMER_CLOSED: u8 = 2;
/// The producer handle was dropped (its index in the header is final).
const PRODUCER_GONE: u8 = 4;
/// The consumer handle was dropped (its index in the header is final).
const CONSUMER_GONE: u8 = 8;
/// No handle exists: the header is exact, and a new pair may be made.
const IDLE: u8 = PRODUCER_CLOSED | CONSUMER_CLOSED | PRODUCER_GONE | CONSUMER_GONE;

/// Which handle a flag speaks of.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Side {
    Producer,
    Consumer,
}

impl Side {
    const fn closed(self) -> u8 {
        match self {
            Self::Producer => PRODUCER_CLOSED,
            Self::Consumer => CONSUMER_CLOSED,
        }
    }

    const fn gone(self) -> u8 {
        match self {
            Self::Producer => PRODUCER_GONE,
            Self::Consumer => CONSUMER_GONE,
        }
    }
}

/// A value on cache lines of its own: 128 bytes, since x86 prefetches lines in pairs and some
/// aarch64 cores have lines of 128.
#[repr(align(128))]
#[derive(Debug)]
struct Padded<T>(T);

/// The state shared by the two ends.
///
/// # Invariants
/// 1. Indices count operations, modulo 2^bits; slot `i & (storage - 1)` holds item `i`.
/// 2. `tail - head <= capacity <= storage`, and the storage is a power of two.
/// 3. The slots `head..tail` are initialised and belong to the consumer; the others to the producer.
/// 4. Only the producer stores `tail`, only the consumer stores `head`.
/// 5. Once a side's GONE flag is set, that side's index never changes until the next `lend`.
#[expect(
    unnameable_types,
    reason = "it stands in the sealed part of a public trait"
)]
#[repr(C)]
#[derive(Debug)]
pub struct Header {
    tail: Padded<AtomicUsize>,
    head: Padded<AtomicUsize>,
    cold: Padded<Cold>,
}

/// What a running ring only reads, or writes when a side waits.
#[derive(Debug)]
struct Cold {
    capacity: usize,
    flags: AtomicU8,
    items: WakerCell,
    space: WakerCell,
    track: Track,
}

impl Header {
    const_fn! {
        /// An empty ring of which no handle exists.
        ///
        /// The indices start one lap before they overflow, so that every use of more than one lap
        /// passes the overflow, and not the first user who runs for long enough on 32 bits.
        pub(crate) const fn new(capacity: usize, storage: usize) -> Self {
            let start = 0usize.wrapping_sub(storage);
            Self {
                tail: Padded(AtomicUsize::new(start)),
                head: Padded(AtomicUsize::new(start)),
                cold: Padded(Cold {
                    capacity,
                    flags: AtomicU8::new(IDLE),
                    items: WakerCell::new(),
                    space: WakerCell::new(),
                    track: Track::new(storage),
                }),
            }
        }
    }

    #[inline]
    pub(crate) const fn capacity(&self) -> usize {
        self.cold.0.capacity
    }

    /// Where the consumer waits for items.
    #[inline]
    pub(crate) const fn items(&self) -> &WakerCell {
        &self.cold.0.items
    }

    /// Where the producer waits for space.
    #[inline]
    pub(crate) const fn space(&self) -> &WakerCell {
        &self.cold.0.space
    }

    #[inline]
    pub(crate) fn touch(&self, start: usize, len: usize) {
        self.cold.0.track.touch(start, len);
    }

    #[inline]
    pub(crate) fn tail(&self) -> usize {
        // ORDERING: Acquire pairs with the Release in `publish_tail`: the items below are written.
        self.tail.0.load(Ordering::Acquire)
    }

    #[inline]
    pub(crate) fn head(&self) -> usize {
        // ORDERING: Acquire pairs with the Release in `publish_head`: the consumer's last access
        // to the slots below happened before the producer overwrites them.
        self.head.0.load(Ordering::Acquire)
    }

    #[inline]
    pub(crate) fn publish_tail(&self, tail: usize) {
        // ORDERING: Release pairs with the Acquire in `tail`.
        self.tail.0.store(tail, Ordering::Release);
    }

    #[inline]
    pub(crate) fn publish_head(&self, head: usize) {
        // ORDERING: Release pairs with the Acquire in `head`.
        self.head.0.store(head, Ordering::Release);
    }

    pub(crate) fn is_closed(&self, side: Side) -> bool {
        // ORDERING: Acquire pairs with the Release in `close`: who sees the flag also sees the last
        // index that the side published before it.
        self.cold.0.flags.load(Ordering::Acquire) & side.closed() != 0
    }

    pub(crate) fn is_gone(&self, side: Side) -> bool {
        // ORDERING: Relaxed: nothing is read on the strength of it.
        self.cold.0.flags.load(Ordering::Relaxed) & side.gone() != 0
    }

    /// The side will push, or accept, nothing more; the other side is woken.
    pub(crate) fn close(&self, side: Side) {
        // ORDERING: Release pairs with the Acquire in `is_closed`.
        self.cold.0.flags.fetch_or(side.closed(), Ordering::Release);
        match side {
            Side::Producer => self.items().notify(),
            Side::Consumer => self.space().notify(),
        }
    }

    /// The side's handle is being dropped; it uses the header no more after this.
    pub(crate) fn retire(&self, side: Side) {
        // When a waker of the other side panics the handle is gone all the same.
        let _gone = Gone { header: self, side };
        self.close(side);
    }

    /// Takes the right to make the one pair of handles; false while a pair exists or was leaked.
    pub(crate) fn lend(&self) -> bool {
        // ORDERING: Acquire pairs with both `retire`s of the pair before: the new handles start
        // from its last indices. A failed exchange reads nothing that is used.
        self.cold
            .0
            .flags
            .compare_exchange(IDLE, 0, Ordering::Acquire, Ordering::Relaxed)
            .is_ok()
    }

    /// The initialised slots, as start and length, when all handles are gone.
    ///
    /// A leaked handle may have moved items out without saying so; then they leak too.
    pub(crate) fn remains(&mut self) -> (usize, usize) {
        // ORDERING: Relaxed throughout: `&mut self` has ordered everything before it.
        if self.cold.0.flags.load(Ordering::Relaxed) != IDLE {
            return (0, 0);
        }
        let head = self.head.0.load(Ordering::Relaxed);
        (head, self.tail.0.load(Ordering::Relaxed).wrapping_sub(head))
    }
}

/// Says that a handle is gone, when it goes itself.
struct Gone<'a> {
    header: &'a Header,
    side: Side,
}

impl Drop for Gone<'_> {
    fn drop(&mut self) {
        // ORDERING: Release pairs with the Acquire in `lend`, alone or as head of a release
        // sequence that the other side's flag continues: the next pair sees the last index. (The
        // fence in `notify` would do; the ordering says what is meant where it is needed.)
        let flags = &self.header.cold.0.flags;
        flags.fetch_or(self.side.gone(), Ordering::Release);
    }
}
