//! What each thread has: a stream for each size of object, and a few spans.
//!
//! The state is a `thread_local!` that is made in a const context and has no destructor, so that it is
//! reached without a check, and is there during the destructors of others too. Word of the thread's end
//! comes from the thread library.

use core::alloc::Layout;
use core::cell::Cell;
use core::ptr::{self, NonNull};

use super::cache::SpanCache;
use super::chunk::Chunk;
use super::chunks::ChunkAt;
use super::os;
use super::size::{CHUNK_BYTES, SMALL_MAX, STREAMS, UNIT, granules, key, rounded, stream};
use super::span::Span;
use super::state::{CENTRAL, ROUTES};
use crate::sync::{AtomicU64, Ordering};

/// Stands for the chunk of a stream that has none. Nothing is allocated from it.
static NO_CHUNK: Chunk = Chunk::new();

/// The number of the next thread. Numbers are not used again, so that nobody is taken for the owner of
/// a dead thread's chunks.
static NEXT_NUMBER: AtomicU64 = AtomicU64::new(1);

thread_local! {
    static LOCAL: Local = const { Local::new() };
}

/// Calls `f` with this thread's state. `f` does not come back here.
#[inline(always)]
pub(super) fn with<R>(f: impl FnOnce(&Local) -> R) -> R {
    // By way of a pointer, since `f` would not be inlined into the standard library's function.
    let local = LOCAL.with(ptr::from_ref);
    // SAFETY: the state has no destructor and is there until the thread has ended, which it does not
    // within `f`.
    f(unsafe { &*local })
}

/// Leaves this thread's chunks and spans to the others. Later allocations of the thread go to the inner
/// allocator.
pub(super) fn leave() {
    with(Local::leave);
}

/// Has this thread's allocations go to the inner allocator, or no longer.
pub(crate) fn opt_out(more: bool) {
    with(|local| local.opt_out(more));
}

/// One thread's state.
///
/// # Invariants
///
/// 1. This thread owns the chunk of each stream, by `number`.
/// 2. As long as the thread is opted out, or has ended, no stream has a chunk.
pub(super) struct Local {
    /// The chunk that the next objects of a size come from.
    streams: [Stream; STREAMS],
    /// The chunks of the streams while the thread is opted out.
    waiting: [Stream; STREAMS],
    /// 0 before the first chunk, and after the end.
    number: Cell<u64>,
    ended: Cell<bool>,
    opted_out: Cell<u32>,
    cache: SpanCache,
}

type Stream = Cell<&'static Chunk>;

impl Local {
    const fn new() -> Self {
        Self {
            streams: [const { Cell::new(&NO_CHUNK) }; STREAMS],
            waiting: [const { Cell::new(&NO_CHUNK) }; STREAMS],
            number: Cell::new(0),
            ended: Cell::new(false),
            opted_out: Cell::new(0),
            cache: SpanCache::new(),
        }
    }

    /// A small object that needs no more than the least alignment, if there is room in its chunk.
    #[inline(always)]
    pub(super) fn allocate_small(&self, layout: Layout) -> Option<NonNull<u8>> {
        if layout.size() > SMALL_MAX || layout.align() > UNIT {
            return None;
        }
        self.streams[0].get().allocate(rounded(layout.size()))
    }

    /// An object of at most [`STREAM_MAX`](super::size::STREAM_MAX) bytes, if there is room in its chunk.
    #[inline]
    pub(super) fn allocate(&self, layout: Layout) -> Option<NonNull<u8>> {
        let stream = &self.streams[stream(key(layout))];
        let bytes = rounded(layout.size());
        stream.get().allocate_aligned(bytes, layout.align())
    }

    /// The same, with another chunk if need be.
    #[cold]
    pub(super) fn allocate_or_refill(&self, layout: Layout) -> Option<NonNull<u8>> {
        loop {
            let object = self.allocate(layout);
            if object.is_some() || !self.refill(stream(key(layout))) {
                return object;
            }
        }
    }

    /// Whether this thread owns a chunk in which it was asked to free something.
    #[inline(always)]
    pub(super) fn owns(&self, words: &Chunk) -> bool {
        words.is_owned_by(self.number.get())
    }

    /// Whether the thread's allocations may go to the region.
    #[inline]
    pub(super) fn takes_part(&self) -> bool {
        self.opted_out.get() == 0 && !self.ended.get()
    }

    /// Whether the thread's end will be noticed.
    #[inline]
    pub(super) fn is_enrolled(&self) -> bool {
        self.number.get() != 0
    }

    /// A span that the thread keeps, for `size` bytes.
    #[inline]
    pub(super) fn take_span(&self, size: usize) -> Option<Span> {
        let length = u32::try_from(granules(size)).ok()?;
        if self.takes_part() {
            self.cache.take(length)
        } else {
            None
        }
    }

    /// Keeps a span without a live byte for later, or says that it cannot.
    #[inline]
    pub(super) fn keep_span(&self, span: Span) -> bool {
        !self.ended.get() && self.cache.keep(span)
    }

    /// Keeps the span in place of older ones. What there is no room for is freed. The thread's end has
    /// to be noticed from now on.
    #[cold]
    pub(super) fn release_span(&self, span: Span) {
        if !self.ended.get() {
            self.enrol();
        }
        if self.keep_span(span) {
            return;
        }
        let old = self.cache.evict_for(span);
        let kept = self.keep_span(span);
        CENTRAL.with(|central| {
            for span in [old, (!kept).then_some(span)].into_iter().flatten() {
                central.spans.release(span);
            }
        });
    }

    /// Gives up every span that the thread keeps.
    pub(super) fn release_spans(&self) {
        while let Some(span) = self.cache.evict() {
            CENTRAL.with(|central| central.spans.release(span));
        }
    }

    /// Another chunk for a stream. False if there is none.
    fn refill(&self, which: usize) -> bool {
        if !self.takes_part() {
            return false;
        }
        self.enrol();
        let (stream, number) = (&self.streams[which], self.number.get());
        let old = stream.replace(&NO_CHUNK);
        if let Some(chunk) = chunk_at(old) {
            let empty = chunk.words.retire();
            if empty && !chunk.words.is_worn_out() {
                // The same chunk again, which is in the processor's cache.
                let start = ROUTES.chunk_start(chunk.index);
                chunk.words.open(number, start, start.addr() + CHUNK_BYTES);
                stream.set(chunk.words);
                return true;
            }
            if empty {
                CENTRAL.with(|central| central.chunks.release(chunk));
            }
        }
        let opened = CENTRAL.with(|central| central.chunks.acquire(which, number));
        stream.set(opened.unwrap_or(&NO_CHUNK));
        opened.is_some()
    }

    /// Gives the thread a number, and has its end noticed.
    fn enrol(&self) {
        if self.number.get() == 0 {
            self.number.set(NEXT_NUMBER.fetch_add(1, Ordering::Relaxed));
            os::on_thread_exit();
        }
    }

    fn opt_out(&self, more: bool) {
        let before = self.opted_out.get();
        let now = if more { before + 1 } else { before - 1 };
        self.opted_out.set(now);
        if before == 0 || now == 0 {
            let pairs = self.streams.iter().zip(&self.waiting);
            pairs.for_each(|(stream, waiting)| stream.swap(waiting));
        }
    }

    fn leave(&self) {
        self.ended.set(true);
        // From here on the thread is a stranger to its chunks, as all others are.
        self.number.set(0);
        self.release_spans();
        for (which, stream) in self.streams.iter().enumerate() {
            leave_chunk(which, stream.replace(&NO_CHUNK));
        }
        for (which, waiting) in self.waiting.iter().enumerate() {
            leave_chunk(which, waiting.replace(&NO_CHUNK));
        }
    }
}

/// The chunk by number, if it is one.
fn chunk_at(words: &'static Chunk) -> Option<ChunkAt> {
    (!ptr::eq(words, &raw const NO_CHUNK)).then(|| ROUTES.chunk_of(words))
}

/// Frees the chunk, or leaves it to another thread, or retires it if little of it is left.
fn leave_chunk(which: usize, words: &'static Chunk) {
    let Some(chunk) = chunk_at(words) else { return };
    let nearly_full = chunk.words.room() < CHUNK_BYTES / 8;
    let empty = if nearly_full {
        chunk.words.retire()
    } else {
        chunk.words.claim_if_empty()
    };
    CENTRAL.with(|central| {
        if empty {
            central.chunks.release(chunk);
        } else if !nearly_full {
            central.chunks.abandon(which, chunk);
        }
    });
}
