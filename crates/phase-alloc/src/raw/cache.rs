//! The few spans that a thread keeps for its next allocations, so that they take no lock.

use core::cell::Cell;

use super::size::GRANULE_SHIFT;
use super::span::Span;

const SLOTS: usize = 8;
/// Granules of all the spans that a thread keeps: 8 MiB.
const KEPT_MAX: u32 = (8 << 20) >> GRANULE_SHIFT;
/// Granules of one span that is kept: 4 MiB.
const ONE_MAX: u32 = KEPT_MAX / 2;

/// Used spans without a live byte, which this thread alone knows of.
pub(crate) struct SpanCache {
    slots: [Cell<Span>; SLOTS],
    count: Cell<usize>,
    granules: Cell<u32>,
}

impl SpanCache {
    pub(crate) const fn new() -> Self {
        const EMPTY: Span = Span {
            start: 0,
            length: 0,
        };
        Self {
            slots: [const { Cell::new(EMPTY) }; SLOTS],
            count: Cell::new(0),
            granules: Cell::new(0),
        }
    }

    /// A kept span for `length` granules that is at most an eighth longer; the last one kept first.
    #[inline]
    pub(crate) fn take(&self, length: u32) -> Option<Span> {
        let count = self.count.get();
        for slot in self.slots[..count.min(SLOTS)].iter().rev() {
            let span = slot.get();
            if span.length >= length && span.length - length <= length / 8 {
                let last = self.slots[count - 1].get();
                slot.set(last);
                self.count.set(count - 1);
                self.granules.set(self.granules.get() - span.length);
                return Some(span);
            }
        }
        None
    }

    /// Keeps a span, or says that there is no room for it.
    #[inline]
    pub(crate) fn keep(&self, span: Span) -> bool {
        let (count, granules) = (self.count.get(), self.granules.get());
        if count == SLOTS || span.length > ONE_MAX || granules + span.length > KEPT_MAX {
            return false;
        }
        self.slots[count].set(span);
        self.count.set(count + 1);
        self.granules.set(granules + span.length);
        true
    }

    /// Gives a span up, the one that was kept longest if none was taken meanwhile.
    pub(crate) fn evict(&self) -> Option<Span> {
        let count = self.count.get();
        let span = self.slots.first().filter(|_| count > 0)?.get();
        for at in 1..count {
            self.slots[at - 1].set(self.slots[at].get());
        }
        self.count.set(count - 1);
        self.granules.set(self.granules.get() - span.length);
        Some(span)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(start: u32, length: u32) -> Span {
        Span { start, length }
    }

    #[test]
    fn the_last_span_that_fits_is_taken_first() {
        let cache = SpanCache::new();
        for (start, length) in [(0, 16), (16, 16), (32, 9)] {
            assert!(cache.keep(span(start, length)));
        }
        assert_eq!(cache.take(16), Some(span(16, 16)));
        assert_eq!(cache.take(15), Some(span(0, 16)), "an eighth longer");
        assert_eq!(cache.take(7), None, "9 is more than an eighth longer");
        assert_eq!(cache.take(9), Some(span(32, 9)));
        assert_eq!(cache.take(9), None);
    }

    #[test]
    fn spans_and_their_granules_are_limited() {
        let cache = SpanCache::new();
        assert!(!cache.keep(span(0, ONE_MAX + 1)));
        assert!(cache.keep(span(0, ONE_MAX)));
        assert!(cache.keep(span(ONE_MAX, ONE_MAX)));
        assert!(!cache.keep(span(2 * ONE_MAX, 1)));
        assert_eq!(cache.evict(), Some(span(0, ONE_MAX)));
        assert!(cache.keep(span(2 * ONE_MAX, 1)));
        assert_eq!(cache.evict(), Some(span(ONE_MAX, ONE_MAX)));
        for start in 1..SLOTS as u32 {
            assert!(cache.keep(span(start, 1)));
        }
        assert!(!cache.keep(span(100, 1)));
    }
}
