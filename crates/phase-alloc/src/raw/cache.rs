//! The spans that a thread keeps for its next allocations, so that they take no lock.

use core::cell::Cell;

use super::size::{GRANULE_SHIFT, STREAM_MAX};
use super::span::{Span, bin};

/// The least length of a span has this list.
const FIRST: usize = bin((STREAM_MAX >> GRANULE_SHIFT) as u32);
/// Lists of the lengths that are kept: up to 4 MiB.
const LISTS: usize = 20;
/// Spans in a list.
const DEPTH: usize = 4;
/// Granules of all the spans that a thread keeps: 24 MiB.
const KEPT_MAX: u32 = (24 << 20) >> GRANULE_SHIFT;

/// Whether spans of `length` granules are kept.
#[cfg(not(loom))]
pub(crate) const fn keeps(length: u32) -> bool {
    bin(length) < FIRST + LISTS
}

/// Used spans without a live byte, which this thread alone knows of.
pub(crate) struct SpanCache {
    lists: [List; LISTS],
    granules: Cell<u32>,
}

struct List {
    spans: [Cell<Span>; DEPTH],
    count: Cell<usize>,
}

impl List {
    const fn new() -> Self {
        const NONE: Span = Span {
            start: 0,
            length: 0,
        };
        Self {
            spans: [const { Cell::new(NONE) }; DEPTH],
            count: Cell::new(0),
        }
    }

    /// The spans that are kept, the oldest first.
    #[inline]
    fn kept(&self) -> &[Cell<Span>] {
        let count = self.count.get();
        self.spans.get(..count).unwrap_or(&[])
    }

    /// Takes the span at `place` out; those behind it move up.
    #[inline]
    fn remove(&self, place: usize) -> Option<Span> {
        let (slot, behind) = self.kept().get(place..)?.split_first()?;
        let span = slot.get();
        let mut hole = slot;
        for slot in behind {
            hole.set(slot.get());
            hole = slot;
        }
        self.count.set(self.count.get() - 1);
        Some(span)
    }
}

impl SpanCache {
    pub(crate) const fn new() -> Self {
        Self {
            lists: [const { List::new() }; LISTS],
            granules: Cell::new(0),
        }
    }

    /// A kept span for `length` granules that is at most an eighth longer; the last one kept first.
    #[inline]
    pub(crate) fn take(&self, length: u32) -> Option<Span> {
        let list = self.list(length)?;
        let fits = |slot: &Cell<Span>| slot.get().length.wrapping_sub(length) <= length / 8;
        let place = list.kept().iter().rposition(fits)?;
        let span = list.remove(place)?;
        self.granules.set(self.granules.get() - span.length);
        Some(span)
    }

    /// Keeps a span, or says that there is no room for it.
    #[inline]
    pub(crate) fn keep(&self, span: Span) -> bool {
        let granules = self.granules.get() + span.length;
        let Some(list) = self.list(span.length) else {
            return false;
        };
        let Some(slot) = list.spans.get(list.count.get()) else {
            return false;
        };
        if granules > KEPT_MAX {
            return false;
        }
        slot.set(span);
        list.count.set(list.count.get() + 1);
        self.granules.set(granules);
        true
    }

    /// Gives up the oldest span of a length like this one's.
    pub(crate) fn evict_for(&self, span: Span) -> Option<Span> {
        self.evict_from(self.list(span.length)?)
    }

    /// Gives up any span.
    pub(crate) fn evict(&self) -> Option<Span> {
        self.lists.iter().find_map(|list| self.evict_from(list))
    }

    fn evict_from(&self, list: &List) -> Option<Span> {
        let span = list.remove(0)?;
        self.granules.set(self.granules.get() - span.length);
        Some(span)
    }

    #[inline]
    fn list(&self, length: u32) -> Option<&List> {
        self.lists.get(bin(length).wrapping_sub(FIRST))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEAST: u32 = (STREAM_MAX >> GRANULE_SHIFT) as u32;

    fn span(start: u32, length: u32) -> Span {
        Span { start, length }
    }

    #[test]
    fn the_last_span_that_fits_is_taken_first() {
        let cache = SpanCache::new();
        let length = 8 * LEAST;
        for start in [1, 2, 3] {
            assert!(cache.keep(span(start, length)));
        }
        assert!(cache.keep(span(4, length + length / 4 - 1)));
        assert_eq!(cache.take(length), Some(span(3, length)));
        assert_eq!(cache.take(length), Some(span(2, length)));
        assert_eq!(cache.take(length), Some(span(1, length)));
        assert_eq!(cache.take(length), None, "more than an eighth longer");
        let more = length + length / 8;
        assert_eq!(cache.take(more), Some(span(4, length + length / 4 - 1)));
        assert_eq!(cache.take(more), None);
    }

    #[test]
    fn spans_of_a_length_and_all_granules_are_limited() {
        let cache = SpanCache::new();
        for start in 1..=DEPTH as u32 {
            assert!(cache.keep(span(start, LEAST)));
        }
        assert!(!cache.keep(span(9, LEAST)));
        assert_eq!(cache.evict_for(span(9, LEAST)), Some(span(1, LEAST)));
        assert!(cache.keep(span(9, LEAST)));
        assert!(!cache.keep(span(10, u32::MAX / 4)), "too long for any list");
        let mut kept = 0;
        while let Some(span) = cache.evict() {
            kept += span.length;
        }
        assert_eq!(kept, DEPTH as u32 * LEAST);
        let mut length = LEAST;
        let mut granules = 0;
        while cache.keep(span(1, length)) {
            granules += length;
            length += length / 4 + 1;
        }
        assert!(granules <= KEPT_MAX);
    }
}
