//! Spans: runs of whole granules for objects too large for a chunk. They coalesce when they are freed.
//!
//! Each granule has a [`Record`]; those of a span's first and last granule say what the span is
//! (boundary tags: Knuth, The Art of Computer Programming 1, section 2.5). Free spans are kept by size
//! in lists of four steps to a doubling (good fit, as in TLSF: Masmano, Ripoll, Crespo, Real, ECRTS
//! 2004). Everything but the live bytes of a span is under the crate's one lock.

use core::ops::Range;

use super::os::{self, Purge};
use super::size::GRANULE_BYTES;
use crate::sync::{AtomicU32, AtomicU64, Ordering};

/// Steps to a doubling, as a power of two.
const STEP_BITS: u32 = 2;
const BINS: usize = 128;
/// So many spans of the list that may hold one large enough are looked at.
const SCAN: usize = 8;
/// The granules that are committed at a time, at least: 32 MiB.
const COMMIT: u32 = if cfg!(any(miri, loom)) { 16 } else { 2048 };

/// What is known of a granule. All zero for one that was never used.
pub(crate) struct Record {
    /// On the first granule of a span: its length, times two, plus one if it is free.
    head: AtomicU32,
    /// On the last granule of a free span: its length. Else 0.
    tail: AtomicU32,
    /// On the first granule of a span. Free: its neighbours in the list, numbers from 1. Used: the live
    /// bytes; 0 for a span that a thread keeps for its next use.
    word: AtomicU64,
}

impl Record {
    /// As fresh memory is.
    #[cfg(loom)]
    pub(crate) fn new() -> Self {
        Self {
            head: AtomicU32::new(0),
            tail: AtomicU32::new(0),
            word: AtomicU64::new(0),
        }
    }

    /// The length of the used span that begins here. For who has that span.
    #[inline]
    pub(crate) fn length(&self) -> u32 {
        // Relaxed: written before the span was handed out, to whoever frees it in the end.
        self.head.load(Ordering::Relaxed) >> 1
    }

    /// The live bytes of the used span that begins here.
    #[inline]
    pub(crate) fn live(&self) -> u64 {
        self.word.load(Ordering::Relaxed)
    }

    /// Sets them. For who has that span.
    #[inline]
    pub(crate) fn set_live(&self, bytes: usize) {
        // Relaxed: a figure, on which nothing rests.
        self.word.store(bytes as u64, Ordering::Relaxed);
    }

    /// Whether a free span begins here, or began here before it became the end of a longer one.
    pub(crate) fn is_free(&self) -> bool {
        self.head.load(Ordering::Relaxed) & 1 == 1
    }

    fn set_used(&self, length: u32) {
        self.head.store(length << 1, Ordering::Relaxed);
        self.word.store(0, Ordering::Relaxed);
    }

    fn links(&self) -> (u32, u32) {
        let word = self.word.load(Ordering::Relaxed);
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the two halves of the word"
        )]
        let halves = ((word >> 32) as u32, word as u32);
        halves
    }

    fn set_links(&self, before: u32, after: u32) {
        let word = u64::from(before) << 32 | u64::from(after);
        self.word.store(word, Ordering::Relaxed);
    }
}

/// Granules `start..start + length`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) start: u32,
    pub(crate) length: u32,
}

/// The spans of a part of the region.
///
/// # Invariants
///
/// 1. Granules from `first` to `top` belong to spans that follow each other without a gap: each span's first
///    record has its length. The others were never used.
/// 2. No two free spans are neighbours, and none ends at `top`.
/// 3. Each free span is in the list of its length, and its last record has its length too. The last
///    record of a used span has 0 there.
/// 4. A bit of `filled` is set if and only if that list is not empty.
pub(crate) struct Spans {
    /// Those of the whole region.
    records: &'static [Record],
    base: *mut u8,
    first: u32,
    limit: u32,
    bins: [u32; BINS],
    filled: u128,
    top: u32,
    /// Granules from here on read as zero.
    touched: u32,
    committed: u32,
    free: u32,
    /// How the memory of all free spans was given back, if it was.
    purged: Option<Purge>,
}

// SAFETY: `base` is an address into the region, which every thread may use.
unsafe impl Send for Spans {}

/// Figures about the spans.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SpanFigures {
    pub(crate) total_bytes: usize,
    pub(crate) used_bytes: usize,
    pub(crate) free_bytes: usize,
}

impl Spans {
    /// No spans.
    pub(crate) const NONE: Self = Self {
        records: &[],
        base: core::ptr::null_mut(),
        first: 0,
        limit: 0,
        bins: [0; BINS],
        filled: 0,
        top: 0,
        touched: 0,
        committed: 0,
        free: 0,
        purged: None,
    };

    /// Spans over reserved memory: the granules of a range.
    ///
    /// # Safety
    ///
    /// - `base` is the start of a reservation of `records.len()` granules, and those of the range are used
    ///   by this value alone.
    pub(crate) const unsafe fn over(
        records: &'static [Record],
        base: *mut u8,
        range: Range<u32>,
    ) -> Self {
        Self {
            records,
            base,
            first: range.start,
            limit: range.end,
            top: range.start,
            touched: range.start,
            committed: range.start,
            ..Self::NONE
        }
    }

    /// Spans for a model, which does not look at their memory.
    #[cfg(loom)]
    pub(crate) fn without_memory(records: &'static [Record]) -> Self {
        Self {
            records,
            limit: u32::try_from(records.len()).unwrap_or(u32::MAX),
            ..Self::NONE
        }
    }

    /// Granules of used spans.
    pub(crate) fn used_granules(&self) -> usize {
        (self.top - self.first - self.free) as usize
    }

    /// The same as [`Spans::allocate`], of granules that were used before alone.
    #[cfg(not(loom))]
    pub(crate) fn reuse(&mut self, length: u32, align: usize) -> Option<(Span, bool)> {
        let limit = core::mem::replace(&mut self.limit, self.touched);
        let span = self.allocate(length, align);
        self.limit = limit;
        span
    }

    /// A span of `length` granules whose start is a multiple of `align` bytes, and whether it reads as
    /// zero.
    pub(crate) fn allocate(&mut self, length: u32, align: usize) -> Option<(Span, bool)> {
        if align <= GRANULE_BYTES {
            let span = self.take(length)?;
            return Some(self.cut(span, length));
        }
        let slack = u32::try_from(align / GRANULE_BYTES - 1).ok()?;
        let whole = self.take(length.checked_add(slack)?)?;
        let start = self.address(whole.start).addr();
        let pad = u32::try_from((start.wrapping_neg() & (align - 1)) / GRANULE_BYTES).ok()?;
        if pad > 0 {
            self.set_used(Span {
                start: whole.start,
                length: pad,
            });
        }
        let span = Span {
            start: whole.start + pad,
            length: whole.length - pad,
        };
        let cut = self.cut(span, length);
        if pad > 0 {
            self.release(Span {
                start: whole.start,
                length: pad,
            });
        }
        Some(cut)
    }

    /// Takes back a used span that nobody uses any more.
    pub(crate) fn release(&mut self, span: Span) {
        let Span {
            mut start,
            mut length,
        } = span;
        let end = start + length;
        if end < self.top && self.records[end as usize].is_free() {
            length += self.unlink(end);
        }
        let before = if start > self.first {
            let last = &self.records[start as usize - 1];
            last.tail.load(Ordering::Relaxed)
        } else {
            0
        };
        if before > 0 {
            start -= before;
            length += self.unlink(start);
        }
        if start + length == self.top {
            self.top = start;
        } else {
            self.link(Span { start, length });
        }
        self.purged = None;
    }

    /// Gives the granules from `length` on back.
    pub(crate) fn shrink(&mut self, span: Span, length: u32) {
        let rest = Span {
            start: span.start + length,
            length: span.length - length,
        };
        let live = self.records[span.start as usize].live();
        self.set_used(Span { length, ..span });
        self.records[span.start as usize]
            .word
            .store(live, Ordering::Relaxed);
        self.set_used(rest);
        self.release(rest);
    }

    /// Makes a used span `length` granules long if what follows it is free.
    pub(crate) fn grow(&mut self, span: Span, length: u32) -> bool {
        let end = span.start + span.length;
        let more = length - span.length;
        let live = self.records[span.start as usize].live();
        let taken = if end == self.top {
            let Some(rest) = self.extend(more) else {
                return false;
            };
            rest
        } else if self.records[end as usize].is_free()
            && self.records[end as usize].length() >= more
        {
            Span {
                start: end,
                length: self.unlink(end),
            }
        } else {
            return false;
        };
        self.cut(taken, more);
        self.set_used(Span { length, ..span });
        self.records[span.start as usize]
            .word
            .store(live, Ordering::Relaxed);
        true
    }

    /// Gives the memory of free spans back to the system.
    pub(crate) fn purge(&mut self, how: Purge) {
        if !how.adds_to(self.purged) {
            return;
        }
        self.purged = Some(how);
        for bin in 0..BINS {
            let mut next = self.bins[bin];
            while let Some(start) = next.checked_sub(1) {
                let record = &self.records[start as usize];
                self.purge_one(
                    Span {
                        start,
                        length: record.length(),
                    },
                    how,
                );
                next = record.links().1;
            }
        }
        if self.touched > self.top {
            let rest = Span {
                start: self.top,
                length: self.touched - self.top,
            };
            if self.purge_one(rest, how) {
                self.touched = self.top;
            }
        }
    }

    fn purge_one(&self, span: Span, how: Purge) -> bool {
        let bytes = span.length as usize * GRANULE_BYTES;
        // SAFETY: a free span was committed, and nothing in it is in use.
        unsafe { os::purge(self.address(span.start), bytes, how) }
    }

    /// The used spans with live bytes.
    pub(crate) fn live(&self) -> impl Iterator<Item = (u32, u64)> {
        let mut start = self.first;
        core::iter::from_fn(move || {
            (start < self.top).then(|| {
                let record = &self.records[start as usize];
                let item = (start, if record.is_free() { 0 } else { record.live() });
                start += record.length();
                item
            })
        })
        .filter(|(_, live)| *live > 0)
    }

    pub(crate) fn figures(&self) -> SpanFigures {
        SpanFigures {
            total_bytes: (self.limit - self.first) as usize * GRANULE_BYTES,
            used_bytes: self.used_granules() * GRANULE_BYTES,
            free_bytes: self.free as usize * GRANULE_BYTES,
        }
    }

    pub(crate) fn address(&self, granule: u32) -> *mut u8 {
        self.base.wrapping_add(granule as usize * GRANULE_BYTES)
    }

    /// A span of at least `length` granules, out of the lists or from the top. Its records still are
    /// those of a free span, or none.
    fn take(&mut self, length: u32) -> Option<Span> {
        match self.find(length) {
            Some(start) => Some(Span {
                start,
                length: self.unlink(start),
            }),
            None => self.extend(length),
        }
    }

    /// The start of a free span of at least `length` granules.
    fn find(&self, length: u32) -> Option<u32> {
        let own = bin(length);
        let mut next = self.bins[own];
        for _ in 0..SCAN {
            let Some(start) = next.checked_sub(1) else {
                break;
            };
            let record = &self.records[start as usize];
            if record.length() >= length {
                return Some(start);
            }
            next = record.links().1;
        }
        let larger = self.filled & (u128::MAX << own << 1);
        if larger == 0 {
            return None;
        }
        self.bins[larger.trailing_zeros() as usize].checked_sub(1)
    }

    /// Granules from the top on.
    fn extend(&mut self, length: u32) -> Option<Span> {
        let start = self.top;
        let end = start.checked_add(length)?;
        if end > self.limit || (end > self.committed && !self.commit(end)) {
            return None;
        }
        self.top = end;
        Some(Span { start, length })
    }

    fn commit(&mut self, end: u32) -> bool {
        let end = end.next_multiple_of(COMMIT).min(self.limit);
        let bytes = (end - self.committed) as usize * GRANULE_BYTES;
        // SAFETY: these granules lie inside the reservation that `over` was given.
        let done = unsafe { os::commit(self.address(self.committed), bytes) };
        if done {
            self.committed = end;
        }
        done
    }

    /// Makes the first `length` granules a used span, and frees the rest.
    fn cut(&mut self, span: Span, length: u32) -> (Span, bool) {
        let used = Span { length, ..span };
        self.set_used(used);
        if span.length > length {
            let rest = Span {
                start: span.start + length,
                length: span.length - length,
            };
            self.set_used(rest);
            self.release(rest);
        }
        let zeroed = span.start >= self.touched;
        self.touched = self.touched.max(span.start + length);
        (used, zeroed)
    }

    fn set_used(&self, span: Span) {
        self.records[span.start as usize].set_used(span.length);
        let last = span.start + span.length - 1;
        self.records[last as usize].tail.store(0, Ordering::Relaxed);
    }

    fn link(&mut self, span: Span) {
        let bin = bin(span.length);
        let first = self.bins[bin];
        let record = &self.records[span.start as usize];
        record.head.store(span.length << 1 | 1, Ordering::Relaxed);
        record.set_links(0, first);
        let last = span.start + span.length - 1;
        self.records[last as usize]
            .tail
            .store(span.length, Ordering::Relaxed);
        if let Some(first) = first.checked_sub(1) {
            let record = &self.records[first as usize];
            record.set_links(span.start + 1, record.links().1);
        }
        self.bins[bin] = span.start + 1;
        self.filled |= 1 << bin;
        self.free += span.length;
    }

    /// Takes the free span at `start` out of its list and returns its length.
    fn unlink(&mut self, start: u32) -> u32 {
        let record = &self.records[start as usize];
        let (length, (before, after)) = (record.length(), record.links());
        if let Some(after) = after.checked_sub(1) {
            let record = &self.records[after as usize];
            record.set_links(before, record.links().1);
        }
        if let Some(before) = before.checked_sub(1) {
            let record = &self.records[before as usize];
            record.set_links(record.links().0, after);
        } else {
            let bin = bin(length);
            self.bins[bin] = after;
            if after == 0 {
                self.filled &= !(1 << bin);
            }
        }
        self.free -= length;
        length
    }
}

/// The list of free spans of `length` granules: lengths in it are at least those of the list before.
#[inline]
pub(crate) const fn bin(length: u32) -> usize {
    let log = length.ilog2();
    let step = if log < STEP_BITS {
        length << (STEP_BITS - log)
    } else {
        length >> (log - STEP_BITS)
    };
    ((log << STEP_BITS) + (step & ((1 << STEP_BITS) - 1))) as usize
}
