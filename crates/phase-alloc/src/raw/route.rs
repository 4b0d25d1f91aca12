//! Where an object goes, and where it came from.
//!
//! Allocation looks at the mode, the size and the thread. Deallocation and reallocation look at the
//! **address** alone: what began in the inner allocator stays there, whatever phase it is met in.

use core::alloc::{GlobalAlloc, Layout};
use core::ptr::NonNull;

use block_guard::FRESH_BYTE;

use super::cache;
use super::chunks::ChunkAt;
use super::size::{GRANULE_BYTES, STREAM_MAX, granules, key, lead, rounded, stream};
use super::span::{Record, Span};
use super::state::{CENTRAL, Mode, Place, ROUTES, min_bytes, mode, mode_for};
use super::{counters, debug, thread};
use crate::config::Config;
use crate::sites;

/// What an allocator value has: the configuration, and where everything else goes.
pub(super) struct Route<'a, I> {
    pub(super) config: &'a Config,
    pub(super) inner: &'a I,
}

impl<I: GlobalAlloc> Route<'_, I> {
    /// # Safety
    ///
    /// - As for [`GlobalAlloc::alloc`].
    #[inline]
    pub(super) unsafe fn alloc(self, layout: Layout) -> *mut u8 {
        match fast_alloc(layout) {
            Some(object) => object.as_ptr(),
            // SAFETY: the caller's contract.
            None => unsafe { self.alloc_other(layout) },
        }
    }

    /// A span that the thread kept, or what the slow path finds. Apart from `alloc`, so that its fast
    /// path calls nothing.
    ///
    /// # Safety
    ///
    /// - As for [`GlobalAlloc::alloc`].
    #[inline(never)]
    unsafe fn alloc_other(self, layout: Layout) -> *mut u8 {
        match other_alloc(layout) {
            Some(object) => object.as_ptr(),
            // SAFETY: the caller's contract.
            None => unsafe { self.alloc_slow(layout, false) },
        }
    }

    /// # Safety
    ///
    /// - As for [`GlobalAlloc::alloc_zeroed`].
    #[inline]
    pub(super) unsafe fn alloc_zeroed(self, layout: Layout) -> *mut u8 {
        match fast_alloc(layout) {
            Some(object) => {
                // SAFETY: the object is new, and has that many bytes.
                unsafe { object.write_bytes(0, layout.size()) };
                object.as_ptr()
            }
            // SAFETY: the caller's contract.
            None => unsafe { self.alloc_slow(layout, true) },
        }
    }

    /// # Safety
    ///
    /// - As for [`GlobalAlloc::dealloc`].
    #[inline]
    pub(super) unsafe fn dealloc(self, object: *mut u8, layout: Layout) {
        match ROUTES.fast_offset(object.addr()) {
            Some(offset) => free_in_chunk(ROUTES.chunk(offset), object.addr(), layout.size()),
            // SAFETY: the caller's contract.
            None => unsafe { self.dealloc_other(object, layout) },
        }
    }

    /// # Safety
    ///
    /// - As for [`GlobalAlloc::realloc`].
    pub(super) unsafe fn realloc(self, object: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let place = ROUTES.place(object.addr());
        let stays = match place {
            // SAFETY: the caller's contract; the object began in the inner allocator.
            Place::Elsewhere => return unsafe { self.inner.realloc(object, layout, size) },
            _ if debug_or_observed() => false,
            Place::Chunk(chunk) => resize_in_chunk(chunk, object.addr(), layout, size),
            Place::Span(start, record) => resize_span(start, record, object.addr(), layout, size),
        };
        if stays {
            return object;
        }
        // SAFETY: the caller promises that the rounded size is that of a layout.
        let new = unsafe { Layout::from_size_align_unchecked(size, layout.align()) };
        // SAFETY: the caller's contract: the size is not 0.
        let target = unsafe { self.move_to(object, layout, new) };
        if target.is_null() && stays_without_memory(&place, object.addr(), layout, size) {
            return object;
        }
        target
    }

    /// # Safety
    ///
    /// - `object` is a live object of this allocator, of layout `old`; `new` is not empty.
    #[inline(never)]
    unsafe fn move_to(self, object: *mut u8, old: Layout, new: Layout) -> *mut u8 {
        let Route { config, inner } = self;
        // SAFETY: `new` is not empty.
        let target = unsafe { Route { config, inner }.alloc(new) };
        if !target.is_null() {
            let bytes = old.size().min(new.size());
            // SAFETY: both objects are live and differ, and each has that many bytes.
            unsafe { target.copy_from_nonoverlapping(object, bytes) };
            // SAFETY: the caller gave the object up.
            unsafe { Route { config, inner }.dealloc(object, old) };
        }
        target
    }

    /// # Safety
    ///
    /// - As for [`GlobalAlloc::alloc`].
    #[cold]
    #[inline(never)]
    unsafe fn alloc_slow(self, layout: Layout, zero: bool) -> *mut u8 {
        if let Some(object) = alloc_in_mode(mode_for(self.config), layout, zero) {
            object.as_ptr()
        } else if zero {
            // SAFETY: the caller's contract.
            unsafe { self.inner.alloc_zeroed(layout) }
        } else {
            // SAFETY: likewise.
            unsafe { self.inner.alloc(layout) }
        }
    }

    /// What is not in a chunk, or what a report or a debug mode wants to see.
    ///
    /// # Safety
    ///
    /// - As for [`GlobalAlloc::dealloc`].
    #[inline(never)]
    unsafe fn dealloc_other(self, object: *mut u8, layout: Layout) {
        if ROUTES.frees_fast()
            && let Some((start, record)) = ROUTES.granule(object.addr())
        {
            return free_span(start, record);
        }
        // SAFETY: the caller's contract.
        unsafe { self.dealloc_slow(object, layout) }
    }

    /// # Safety
    ///
    /// - As for [`GlobalAlloc::dealloc`].
    unsafe fn dealloc_slow(self, object: *mut u8, layout: Layout) {
        let place = ROUTES.place(object.addr());
        if let Place::Elsewhere = place {
            // SAFETY: the caller's contract; the object began in the inner allocator.
            return unsafe { self.inner.dealloc(object, layout) };
        }
        let mode = mode();
        if mode.is_observed() {
            counters::freed(layout.size());
            if mode.is_traced() {
                sites::freed(object.addr());
            }
        }
        if mode.poisons() {
            // SAFETY: the caller gave the object up, and it lies in the region.
            return unsafe { debug::free(mode, object, layout) };
        }
        free_at(place, object.addr(), layout);
    }
}

/// A small object of the current chunk.
#[inline(always)]
fn fast_alloc(layout: Layout) -> Option<NonNull<u8>> {
    if !ROUTES.admits(layout.size()) {
        return None;
    }
    thread::with(|local| local.allocate_small(layout))
}

/// An object of a current chunk, or a span that this thread kept.
#[inline]
fn other_alloc(layout: Layout) -> Option<NonNull<u8>> {
    if !ROUTES.admits(layout.size()) {
        return None;
    }
    if key(layout) <= STREAM_MAX {
        return thread::with(|local| local.allocate(layout));
    }
    if layout.align() > GRANULE_BYTES {
        return None;
    }
    let bytes = layout.size() + lead(layout.align());
    let span = thread::with(|local| local.take_span(bytes))?;
    object_of(span, layout)
}

/// Memory of the region for an object, all zero if that is wanted, if the mode and the thread send it
/// there. Counts what there is no room for.
fn alloc_in_mode(mode: Mode, layout: Layout, zero: bool) -> Option<NonNull<u8>> {
    let size = layout.size();
    if !mode.is_active() || size < min_bytes() || !thread::with(thread::Local::takes_part) {
        return None;
    }
    let allocated = if mode.quarantines() {
        debug::alloc(layout)
    } else {
        region_alloc(layout)
    };
    let Some((object, zeroed)) = allocated else {
        counters::overflowed(size);
        return None;
    };
    if zero && !zeroed {
        // SAFETY: the object is new, and has that many bytes.
        unsafe { object.write_bytes(0, size) };
    } else if !zero && mode.poisons() {
        // SAFETY: likewise.
        unsafe { object.write_bytes(FRESH_BYTE, size) };
    }
    if mode.is_observed() {
        counters::allocated(size);
        if mode.is_traced() {
            sites::allocated(object.addr().get(), size);
        }
    }
    Some(object)
}

/// Memory of the region for an object, and whether it is known to read as zero.
pub(super) fn region_alloc(layout: Layout) -> Option<(NonNull<u8>, bool)> {
    if key(layout) <= STREAM_MAX {
        let object = thread::with(|local| local.allocate_or_refill(layout))?;
        return Some((object, false));
    }
    let bytes = layout.size() + lead(layout.align());
    let length = u32::try_from(granules(bytes)).ok()?;
    let reuse = || CENTRAL.with(|central| central.spans.reuse(length, layout.align()));
    let (span, zeroed) = reuse().or_else(|| {
        // What this thread keeps may be what there is no room beside.
        thread::with(thread::Local::release_spans);
        CENTRAL.with(|central| central.spans.allocate(length, layout.align()))
    })?;
    Some((object_of(span, layout)?, zeroed))
}

/// The object of a span that was allocated for it.
#[inline]
fn object_of(span: Span, layout: Layout) -> Option<NonNull<u8>> {
    ROUTES.record(span.start).set_live(layout.size());
    let start = ROUTES.granule_start(span.start);
    NonNull::new(start.wrapping_add(lead(layout.align())))
}

/// Takes back an object of the region.
pub(super) fn free_at(place: Place, address: usize, layout: Layout) {
    match place {
        Place::Chunk(chunk) => free_in_chunk(chunk, address, layout.size()),
        Place::Span(start, record) => free_span(start, record),
        Place::Elsewhere => {}
    }
}

#[inline]
fn free_in_chunk(chunk: ChunkAt, address: usize, size: usize) {
    let bytes = rounded(size);
    if !thread::with(|local| local.owns(chunk.words)) {
        give_back(chunk, bytes);
    } else if chunk.words.free(address, bytes) {
        claim_drained(chunk);
    }
}

/// Frees an object of another thread's chunk.
#[inline(never)]
fn give_back(chunk: ChunkAt, bytes: usize) {
    if chunk.words.give_back(bytes) {
        release_chunk(chunk);
    }
}

#[cold]
#[inline(never)]
fn claim_drained(chunk: ChunkAt) {
    if chunk.words.claim_drained() {
        release_chunk(chunk);
    }
}

#[cold]
#[inline(never)]
fn release_chunk(chunk: ChunkAt) {
    CENTRAL.with(|central| central.chunks.release(chunk));
}

#[inline]
fn free_span(start: u32, record: &'static Record) {
    let length = record.length();
    record.set_live(0);
    let span = Span { start, length };
    thread::with(|local| {
        if !local.is_enrolled() || !local.keep_span(span) {
            local.release_span(span);
        }
    });
}

fn resize_in_chunk(chunk: ChunkAt, address: usize, old: Layout, size: usize) -> bool {
    let (old_bytes, new_bytes) = (rounded(old.size()), rounded(size));
    if new_bytes == old_bytes {
        return true;
    }
    let new_key = size.max(old.align());
    if new_bytes > old_bytes && (new_key > STREAM_MAX || stream(new_key) != stream(key(old))) {
        // Not past the sizes of the stream: one that grew into a survivor would pin small objects.
        return false;
    }
    if thread::with(|local| local.owns(chunk.words)) {
        return chunk.words.resize(address, old_bytes, new_bytes);
    }
    if new_bytes < old_bytes {
        chunk.words.give_back_bytes(old_bytes - new_bytes);
    }
    new_bytes < old_bytes
}

fn resize_span(
    start: u32,
    record: &'static Record,
    address: usize,
    old: Layout,
    size: usize,
) -> bool {
    if size.max(old.align()) <= STREAM_MAX {
        return false;
    }
    let length = record.length();
    let Ok(needed) = u32::try_from(granules(size + address % GRANULE_BYTES)) else {
        return false;
    };
    if needed <= length {
        if is_cut(length, needed) && !cache::keeps(length) && cache::keeps(needed) {
            // What is left would be a short span that splits the room of long ones: it is moved.
            return false;
        }
        shrink_span(start, record, needed, size);
        return true;
    }
    let span = Span { start, length };
    let grown = thread::with(thread::Local::takes_part)
        && mode().is_active()
        && CENTRAL.with(|central| central.spans.grow(span, needed));
    if grown {
        record.set_live(size);
    }
    grown
}

/// Gives the end of a span back, if that is more than an eighth of it. `needed` granules hold the object.
fn shrink_span(start: u32, record: &'static Record, needed: u32, size: usize) {
    let length = record.length();
    if is_cut(length, needed) {
        let span = Span { start, length };
        CENTRAL.with(|central| central.spans.shrink(span, needed));
    }
    record.set_live(size);
}

/// Whether a span gives its end back when its object comes to need fewer granules.
fn is_cut(length: u32, needed: u32) -> bool {
    length - needed > length / 8
}

/// Whether an object that could not be moved became smaller where it is, so that shrinking does not fail
/// for want of memory. Others than those of spans are not moved to shrink.
#[cold]
fn stays_without_memory(place: &Place, address: usize, old: Layout, size: usize) -> bool {
    let Place::Span(start, record) = *place else {
        return false;
    };
    if size > old.size() || debug_or_observed() {
        return false;
    }
    // No more granules than the old size takes, so that the number fits.
    let needed = granules(size + address % GRANULE_BYTES) as u32;
    shrink_span(start, record, needed, size);
    true
}

/// Whether resizing in place would hide something from a report or a debug mode.
fn debug_or_observed() -> bool {
    !ROUTES.frees_fast()
}
