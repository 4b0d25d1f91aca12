//! Two areas of spans: short ones, which threads keep for their next use, and long ones.
//!
//! A span that is kept, or survives, splits the free room it stands in. Where short and long ones share
//! an area, the next long one may find no room that was used before, and takes fresh memory. A prover
//! whose matrix has 328 MiB held 693 MiB that way, where the live bytes never passed 350.

use super::cache;
use super::os::Purge;
use super::span::{Record, Span, SpanFigures, Spans};

/// Both areas. Granules are numbered through, from the first short one.
pub(crate) struct Areas {
    short: Spans,
    long: Spans,
    /// The first granule of the long ones.
    border: u32,
}

impl Areas {
    /// No granules.
    pub(crate) const NONE: Self = Self {
        short: Spans::NONE,
        long: Spans::NONE,
        border: 0,
    };

    /// Areas over reserved memory. A quarter of it is for the short spans; each area lends its room to
    /// the other when that one has none.
    ///
    /// # Safety
    ///
    /// - `base` is the start of a reservation of `records.len()` granules, used by this value alone.
    pub(crate) unsafe fn over(records: &'static [Record], base: *mut u8) -> Self {
        let length = u32::try_from(records.len()).unwrap_or(u32::MAX);
        let border = length / 4;
        // SAFETY: the granules before the border are this area's alone, by the caller's contract.
        let short = unsafe { Spans::over(records, base, 0..border) };
        // SAFETY: likewise for those behind it.
        let long = unsafe { Spans::over(records, base, border..length) };
        Self {
            short,
            long,
            border,
        }
    }

    /// A span of `length` granules whose start is a multiple of `align` bytes, and whether it reads as
    /// zero. None if its area would have to take memory that was never used.
    pub(crate) fn reuse(&mut self, length: u32, align: usize) -> Option<(Span, bool)> {
        self.by_length(length)[0].reuse(length, align)
    }

    /// The same, with memory that was never used, if there is some.
    pub(crate) fn allocate(&mut self, length: u32, align: usize) -> Option<(Span, bool)> {
        let mut areas = self.by_length(length).into_iter();
        areas.find_map(|area| area.allocate(length, align))
    }

    /// Takes back a used span that nobody uses any more.
    pub(crate) fn release(&mut self, span: Span) {
        self.area(span).release(span);
    }

    /// Gives the granules from `length` on back.
    pub(crate) fn shrink(&mut self, span: Span, length: u32) {
        self.area(span).shrink(span, length);
    }

    /// Makes a used span `length` granules long, if what follows it is free, and it is in the area for
    /// that length then.
    pub(crate) fn grow(&mut self, span: Span, length: u32) -> bool {
        let stays = span.start >= self.border || cache::keeps(length);
        stays && self.area(span).grow(span, length)
    }

    /// Gives the memory of free spans back to the system.
    pub(crate) fn purge(&mut self, how: Purge) {
        self.short.purge(how);
        self.long.purge(how);
    }

    /// The used spans with live bytes.
    pub(crate) fn live(&self) -> impl Iterator<Item = (u32, u64)> {
        self.short.live().chain(self.long.live())
    }

    pub(crate) fn figures(&self) -> SpanFigures {
        let (short, long) = (self.short.figures(), self.long.figures());
        SpanFigures {
            total_bytes: short.total_bytes + long.total_bytes,
            used_bytes: short.used_bytes + long.used_bytes,
            free_bytes: short.free_bytes + long.free_bytes,
        }
    }

    /// The area for spans of a length, and the other.
    fn by_length(&mut self, length: u32) -> [&mut Spans; 2] {
        if cache::keeps(length) {
            [&mut self.short, &mut self.long]
        } else {
            [&mut self.long, &mut self.short]
        }
    }

    fn area(&mut self, span: Span) -> &mut Spans {
        if span.start < self.border {
            &mut self.short
        } else {
            &mut self.long
        }
    }
}
