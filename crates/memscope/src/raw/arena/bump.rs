//! The arena itself: the bump pointer and its chunks.

use super::chunk::{Chunk, HEADER};
use super::drops::Entry;
use super::source::{Heap, Source};
use super::{MIN_ALIGN, poison, round_up};
use crate::arena::{ArenaError, ArenaStats, Config};
use crate::outside::outside;
use core::alloc::Layout;
use core::cell::Cell;
use core::fmt;
use core::hint::cold_path;
use core::ptr::NonNull;

/// Memory that is handed out piece by piece and taken back at once.
///
/// See the [module](crate::arena). Values are borrowed from the arena; [`reset`](Self::reset) and
/// [`rewind`](Self::rewind) need it exclusively, so nothing that they take back is still borrowed.
///
/// An arena can be sent to another thread if its source can, and is used by one at a time.
///
/// # Examples
///
/// ```
/// use memscope::arena::Arena;
///
/// let mut arena = Arena::new();
/// let name = arena.alloc_str("request 7");
/// let sizes = arena.alloc_slice_copy(&[1, 2, 3]);
/// sizes[0] += name.len();
/// assert_eq!(sizes, [10, 2, 3]);
/// arena.reset();
/// assert_eq!(arena.stats().used, 0);
/// ```
///
/// ```compile_fail,E0277
/// fn is_sync<T: Sync>() {}
/// is_sync::<memscope::arena::Arena>();
/// ```
///
/// # Invariants
/// 1. The chunks from `first` on are this arena's, each obtained from `source`; it releases them,
///    after they have left the list, where it is borrowed exclusively.
/// 2. `chunk` is one of them, or there is none.
/// 3. `ptr..end` is the free end of `chunk`, and both are multiples of `MIN_ALIGN`. Where there is
///    no chunk both are the same address. `ptr` may be used for the whole of the chunk.
/// 4. Each entry of the list `entries` is initialised and a block. A mark's entry names a chunk of
///    this arena.
/// 5. A block lies in front of `ptr` in `chunk`, or in a chunk before it; it was handed out once
///    since `ptr` was last set back in front of it.
pub struct Arena<A: Source = Heap> {
    pub(super) ptr: Cell<NonNull<u8>>,
    pub(super) end: Cell<NonNull<u8>>,
    pub(super) chunk: Cell<Option<Chunk>>,
    pub(super) entries: Cell<Option<NonNull<Entry>>>,
    pub(super) first: Cell<Option<Chunk>>,
    pub(super) held: Cell<usize>,
    peak: Cell<usize>,
    pub(super) resets: u64,
    /// Tells the marks of this arena from each other, and from those of another one.
    pub(super) serial: Cell<u64>,
    pub(super) config: Config,
    pub(super) source: A,
}

// SAFETY: The arena's memory is reached through it or through what borrows it, and one that is
// borrowed is not sent. Values that stay in it for their destructors are `Send`.
unsafe impl<A: Source + Send> Send for Arena<A> {}

impl<A: Source> Arena<A> {
    /// An arena that takes its chunks from `source`. It allocates nothing yet.
    ///
    /// # Examples
    ///
    /// ```
    /// use memscope::arena::{Arena, Config, Heap};
    ///
    /// let arena = Arena::with_source(Config::new().limit(4096), Heap);
    /// assert!(arena.try_alloc([0_u8; 8000]).is_err());
    /// ```
    pub const fn with_source(config: Config, source: A) -> Self {
        let nowhere = NonNull::<u64>::dangling().cast();
        Self {
            ptr: Cell::new(nowhere),
            end: Cell::new(nowhere),
            chunk: Cell::new(None),
            entries: Cell::new(None),
            first: Cell::new(None),
            held: Cell::new(0),
            peak: Cell::new(0),
            resets: 0,
            serial: Cell::new(0),
            config,
            source,
        }
    }

    /// A block, with undefined content. Blocks of size 0 may share an address.
    #[inline(always)]
    pub(crate) fn try_block(&self, layout: Layout) -> Result<NonNull<u8>, ArenaError> {
        match self.bump(layout) {
            Some(block) => {
                poison::open(block, layout.size());
                Ok(block)
            }
            None => self.grow(layout),
        }
    }

    /// A block of the current chunk, if it has room.
    #[inline(always)]
    fn bump(&self, layout: Layout) -> Option<NonNull<u8>> {
        if layout.align() <= MIN_ALIGN {
            return self.cut(0, layout.size());
        }
        // A branch and no conditional move: the next allocation waits for this one's `ptr`.
        cold_path();
        let address = self.ptr.get().addr().get();
        self.cut(address.wrapping_neg() & (layout.align() - 1), layout.size())
    }

    /// `size` bytes, `pad` behind `ptr`. By the contract of `Layout` the two are at most `isize::MAX`
    /// together, so nothing wraps.
    #[inline(always)]
    fn cut(&self, pad: usize, size: usize) -> Option<NonNull<u8>> {
        let ptr = self.ptr.get();
        let need = pad + round_up(size);
        if need > self.end.get().addr().get() - ptr.addr().get() {
            return None;
        }
        // SAFETY: `need` bytes of the chunk are free, by invariant 3; 0 bytes need no chunk.
        let next = unsafe { ptr.add(need) };
        self.ptr.set(next);
        // SAFETY: `pad` is at most `need`.
        Some(unsafe { ptr.add(pad) })
    }

    /// A block of a later chunk, kept or new.
    #[cold]
    #[inline(never)]
    fn grow(&self, layout: Layout) -> Result<NonNull<u8>, ArenaError> {
        if layout.size() == 0 {
            return Ok(dangling(layout));
        }
        let room = worst_case(layout).ok_or(ArenaError::TooLarge)?;
        let chunk = match self.kept(room) {
            Some(chunk) => chunk,
            None => self.add_chunk(room)?,
        };
        self.enter(chunk);
        let block = self.bump(layout).ok_or(ArenaError::TooLarge)?;
        poison::open(block, layout.size());
        Ok(block)
    }

    /// The next kept chunk with so much room. Those in front of it are passed over until a rewind.
    fn kept(&self, room: usize) -> Option<Chunk> {
        let mut next = self.chunk.get()?.header().next.get();
        while let Some(chunk) = next
            && chunk.room() < room
        {
            next = chunk.header().next.get();
        }
        next
    }

    /// A new chunk at the list's end, of twice the last one's size if there is so much.
    fn add_chunk(&self, room: usize) -> Result<Chunk, ArenaError> {
        let least = room.checked_add(HEADER).ok_or(ArenaError::TooLarge)?;
        let left = self.config.limit.saturating_sub(self.held.get());
        // The size is rounded up to a multiple of 16, so that is what must be left.
        let left = left & !15;
        if least > left {
            return Err(ArenaError::Limit {
                limit: self.config.limit,
                held: self.held.get(),
                asked: least,
            });
        }
        let doubled = self.last().map(|it| it.size().saturating_mul(2));
        let wanted = doubled
            .unwrap_or(self.config.first_chunk)
            .clamp(least, left);
        let obtain =
            || Chunk::obtain(&self.source, wanted).or_else(|| Chunk::obtain(&self.source, least));
        let chunk = if self.config.is_outside_scopes {
            outside(obtain)
        } else {
            obtain()
        };
        let chunk = chunk.ok_or(ArenaError::Memory { asked: least })?;
        // The source's code may have come back to this arena: what is held, and the list, are read anew.
        if chunk.size() > self.config.limit.saturating_sub(self.held.get()) {
            // SAFETY: the source's, and nobody else knows it.
            unsafe { chunk.release(&self.source) };
            return Err(ArenaError::Limit {
                limit: self.config.limit,
                held: self.held.get(),
                asked: least,
            });
        }
        match self.last() {
            Some(last) => last.header().next.set(Some(chunk)),
            None => self.first.set(Some(chunk)),
        }
        self.held.set(self.held.get() + chunk.size());
        Ok(chunk)
    }

    /// Goes on in a chunk of which nothing is used.
    fn enter(&self, chunk: Chunk) {
        let used = self.used();
        if let Some(current) = self.chunk.get() {
            current.header().filled.set(self.ptr.get());
        }
        chunk.header().before.set(used);
        self.chunk.set(Some(chunk));
        self.ptr.set(chunk.data());
        self.end.set(chunk.end());
    }

    pub(super) fn chunks(&self) -> impl Iterator<Item = Chunk> {
        core::iter::successors(self.first.get(), |it| it.header().next.get())
    }

    fn last(&self) -> Option<Chunk> {
        self.chunks().last()
    }

    /// Bytes in use, with padding.
    fn used(&self) -> usize {
        self.chunk.get().map_or(0, |chunk| {
            let here = self.ptr.get().addr().get() - chunk.data().addr().get();
            chunk.header().before.get() + here
        })
    }

    /// Whoever sets `ptr` back calls this before.
    pub(super) fn note_peak(&self) {
        self.peak.set(self.peak.get().max(self.used()));
    }

    /// What the arena holds and has used.
    ///
    /// Takes time in the number of chunks, which is logarithmic in their size.
    ///
    /// # Examples
    ///
    /// ```
    /// let arena = memscope::arena::Arena::new();
    /// arena.alloc(1_u64);
    /// assert_eq!(arena.stats().used, 8);
    /// assert_eq!(arena.stats().chunks, 1);
    /// ```
    pub fn stats(&self) -> ArenaStats {
        self.note_peak();
        ArenaStats {
            used: self.used(),
            peak: self.peak.get(),
            held: self.held.get(),
            chunks: self.chunks().count(),
            resets: self.resets,
        }
    }
}

impl<A: Source> fmt::Debug for Arena<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Arena")
            .field("stats", &self.stats())
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}

/// An address for a block of size 0.
pub(super) fn dangling(layout: Layout) -> NonNull<u8> {
    NonNull::<u8>::dangling().with_addr(
        core::num::NonZero::new(layout.align()).unwrap_or(core::num::NonZero::<usize>::MIN),
    )
}

/// The room that a block takes in a chunk whose first block would begin at the worst place.
fn worst_case(layout: Layout) -> Option<usize> {
    let pad = layout.align().saturating_sub(MIN_ALIGN);
    round_up(layout.size()).checked_add(pad)
}
