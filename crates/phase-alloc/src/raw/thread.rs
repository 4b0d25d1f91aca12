//! What each thread has: a stream for each size of object, and a few spans.
//!
//! The state is a `thread_local!` that is made in a const context and has no destructor, so that it is
//! reached without a check, and is there during the destructors of others too. Word of the thread's end
//! comes from the thread library.

use core::alloc::Layout;
use core::cell::Cell;
use core::ptr::{self, NonNull};

use super::cache::SpanCache;
use super::chunk::{Chunk, Weight};
use super::chunks::ChunkAt;
use super::os;
use super::size::{CHUNK_BYTES, STREAM_MAX, STREAMS, UNIT, granules, rounded, stream};
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
#[inline]
pub(super) fn with<R>(f: impl FnOnce(&Local) -> R) -> R {
    LOCAL.with(f)
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
/// 1. A stream's chunk is owned by this thread, by `number`, and in no other stream.
/// 2. As long as the thread is opted out, or has ended, every `end` is 0.
pub(super) struct Local {
    streams: [Stream; STREAMS],
    /// 0 before the first chunk, and after the end.
    number: Cell<u64>,
    ended: Cell<bool>,
    opted_out: Cell<u32>,
    cache: SpanCache,
}

/// Where the next objects of a size go.
///
/// # Invariants
///
/// 1. From `next` to `end` the chunk is free, and nobody else allocates from it. `next` is a multiple
///    of [`UNIT`].
struct Stream {
    next: Cell<*mut u8>,
    /// The end of the chunk; 0 if there is none, or it is not to be used at present.
    end: Cell<usize>,
    words: Cell<&'static Chunk>,
    index: Cell<u32>,
}

impl Stream {
    const fn new() -> Self {
        Self {
            next: Cell::new(ptr::null_mut()),
            end: Cell::new(0),
            words: Cell::new(&NO_CHUNK),
            index: Cell::new(0),
        }
    }

    #[inline]
    fn bump(&self, layout: Layout) -> Option<NonNull<u8>> {
        let (bytes, align) = (rounded(layout.size()), layout.align());
        let mut start = self.next.get();
        if align > UNIT {
            start = start.wrapping_add(start.addr().wrapping_neg() & (align - 1));
        }
        let next = start.wrapping_add(bytes);
        if next.addr() > self.end.get() {
            return None;
        }
        self.next.set(next);
        self.words.get().take(Weight::object(bytes));
        NonNull::new(start)
    }

    #[inline]
    fn has(&self, words: &'static Chunk) -> bool {
        ptr::eq(self.words.get(), words)
    }

    fn chunk(&self) -> Option<ChunkAt> {
        (!self.has(&NO_CHUNK)).then(|| ChunkAt {
            index: self.index.get(),
            words: self.words.get(),
        })
    }

    fn open(&self, chunk: ChunkAt, rest: usize) {
        let start = ROUTES.chunk_start(chunk.index);
        self.next.set(start.wrapping_add(rest));
        self.end.set(start.addr() + CHUNK_BYTES);
        self.words.set(chunk.words);
        self.index.set(chunk.index);
    }

    fn close(&self) {
        self.next.set(ptr::null_mut());
        self.end.set(0);
        self.words.set(&NO_CHUNK);
    }

    /// The bytes of the chunk that are used.
    fn used(&self) -> usize {
        let start = ROUTES.chunk_start(self.index.get());
        self.next.get().addr() - start.addr()
    }
}

impl Local {
    const fn new() -> Self {
        Self {
            streams: [const { Stream::new() }; STREAMS],
            number: Cell::new(0),
            ended: Cell::new(false),
            opted_out: Cell::new(0),
            cache: SpanCache::new(),
        }
    }

    /// Memory for an object of at most [`STREAM_MAX`] bytes, as its `key` says, out of the current
    /// chunk of its stream.
    #[inline]
    pub(super) fn bump(&self, key: usize, layout: Layout) -> Option<NonNull<u8>> {
        self.streams[stream(key)].bump(layout)
    }

    /// The same, with another chunk if need be.
    #[cold]
    pub(super) fn bump_or_refill(&self, key: usize, layout: Layout) -> Option<NonNull<u8>> {
        loop {
            if let Some(object) = self.bump(key, layout) {
                return Some(object);
            }
            if !self.refill(stream(key)) {
                return None;
            }
        }
    }

    /// Whether this thread owns a chunk in which it was asked to free something.
    #[inline]
    pub(super) fn owns(&self, words: &Chunk) -> bool {
        words.is_owned_by(self.number.get())
    }

    /// Counts the free of an object of a chunk of this thread. True if the chunk may be empty now.
    #[inline]
    pub(super) fn free(&self, words: &'static Chunk, address: usize, key: usize, size: usize) -> bool {
        let bytes = rounded(size);
        words.give(Weight::object(bytes));
        let stream = &self.streams[stream(key)];
        // The last object of another chunk may end where this stream's chunk begins: without this
        // question the bump pointer would go back into a chunk that is not the stream's.
        if !stream.has(words) {
            return words.is_drained();
        }
        let next = stream.next.get();
        if next.addr() == address + bytes {
            // From `next`, not from the caller's pointer: that one may be good for the object alone.
            stream.next.set(next.wrapping_sub(bytes));
        }
        false
    }

    /// Makes an object of a chunk of this thread `new` bytes long where it is, if it can be.
    pub(super) fn resize(&self, words: &'static Chunk, address: usize, old: Layout, new: usize) -> bool {
        let (old_bytes, new_bytes) = (rounded(old.size()), rounded(new));
        if new_bytes == old_bytes {
            return true;
        }
        let key = new.max(old.align());
        let stream = &self.streams[stream(old.size().max(old.align()))];
        let next = stream.next.get();
        let is_last = stream.has(words) && next.addr() == address + old_bytes;
        if new_bytes < old_bytes {
            words.give(Weight::bytes(old_bytes - new_bytes));
            if is_last {
                stream.next.set(next.wrapping_sub(old_bytes - new_bytes));
            }
            return true;
        }
        // Not past the sizes of the stream: one that grew into a survivor would pin small objects.
        let stays = key <= STREAM_MAX && ptr::eq(stream, &raw const self.streams[super::size::stream(key)]);
        let more = new_bytes - old_bytes;
        if !is_last || !stays || next.addr() + more > stream.end.get() {
            return false;
        }
        words.take(Weight::bytes(more));
        stream.next.set(next.wrapping_add(more));
        true
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
        let old = if self.keep_span(span) {
            return;
        } else {
            self.cache.evict()
        };
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
        if let Some(chunk) = stream.chunk() {
            if chunk.words.retire() {
                // Empty: the same chunk again, which is in the processor's cache.
                chunk.words.open(number);
                stream.open(chunk, 0);
                return true;
            }
            stream.close();
        }
        let opened = CENTRAL.with(|central| central.chunks.acquire(which, number));
        if let Some(opened) = &opened {
            stream.open(opened.chunk, opened.rest);
        }
        opened.is_some()
    }

    /// Gives the thread a number, and has its end noticed.
    fn enrol(&self) {
        if self.number.get() == 0 {
            self.number
                .set(NEXT_NUMBER.fetch_add(1, Ordering::Relaxed));
            os::on_thread_exit();
        }
    }

    fn opt_out(&self, more: bool) {
        let before = self.opted_out.get();
        let now = if more { before + 1 } else { before - 1 };
        self.opted_out.set(now);
        if self.ended.get() {
            return;
        }
        for stream in &self.streams {
            let end = match stream.chunk() {
                Some(chunk) if now == 0 => ROUTES.chunk_start(chunk.index).addr() + CHUNK_BYTES,
                _ => 0,
            };
            stream.end.set(end);
        }
    }

    fn leave(&self) {
        self.ended.set(true);
        // From here on the thread is a stranger to its chunks, as all others are.
        self.number.set(0);
        self.release_spans();
        for (which, stream) in self.streams.iter().enumerate() {
            let Some(chunk) = stream.chunk() else { continue };
            let used = stream.used();
            stream.close();
            leave_chunk(which, chunk, used);
        }
    }
}

/// Frees the chunk, or leaves it to another thread, or retires it if little of it is left.
fn leave_chunk(which: usize, chunk: ChunkAt, used: usize) {
    let nearly_full = used > CHUNK_BYTES - CHUNK_BYTES / 8;
    let empty = if nearly_full {
        chunk.words.retire()
    } else {
        chunk.words.reopen_if_empty()
    };
    CENTRAL.with(|central| {
        if empty {
            central.chunks.release(chunk);
        } else if !nearly_full {
            central.chunks.abandon(which, chunk, used);
        }
    });
}
