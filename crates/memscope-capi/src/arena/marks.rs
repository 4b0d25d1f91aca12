//! Places in an arena to go back to, and which of them are gone.

use crate::sync::{AtomicU64, Ordering};

/// C's `ms_arena_mark_t`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Mark {
    life: u64,
    chunk: u64,
    used: u64,
    rewinds: u64,
}

impl Mark {
    /// One of no arena.
    pub(crate) const fn none() -> Self {
        Self {
            life: u64::MAX,
            chunk: 0,
            used: 0,
            rewinds: 0,
        }
    }
}

/// A place: a chunk, and an offset in it.
type Place = (u64, u64);

/// The lives that arenas began: at their making and at each reset. Every life has a number of its own, so that a mark of
/// another arena is none of this one.
static LIVES: AtomicU64 = AtomicU64::new(0);

/// What an arena knows of its marks.
///
/// # Invariants
/// 1. `back` has the rewinds that no later one went as far back as, each with its number: numbers and places rise.
#[derive(Debug)]
pub(super) struct Marks {
    life: u64,
    rewinds: u64,
    back: Vec<(u64, Place)>,
}

impl Marks {
    pub(super) fn new() -> Self {
        Self {
            life: LIVES.fetch_add(1, Ordering::Relaxed),
            rewinds: 0,
            back: Vec::new(),
        }
    }

    pub(super) fn make(&self, (chunk, used): Place) -> Mark {
        Mark {
            life: self.life,
            chunk,
            used,
            rewinds: self.rewinds,
        }
    }

    /// Where a mark is; `None` if it is of another arena or life, or the arena went back past it since.
    pub(super) fn place_of(&self, mark: Mark, here: Place) -> Option<Place> {
        let place = (mark.chunk, mark.used);
        let since = self.back.partition_point(|it| it.0 <= mark.rewinds);
        // By the invariant the first rewind since went back furthest.
        let is_past = self.back.get(since).is_some_and(|it| it.1 < place);
        (mark.life == self.life && place <= here && !is_past).then_some(place)
    }

    /// The arena goes back to a place.
    pub(super) fn rewound(&mut self, chunk: u64, used: u64) {
        let place = (chunk, used);
        self.rewinds += 1;
        // INVARIANT: 1: those that are left went further back, before.
        let left = self.back.partition_point(|it| it.1 < place);
        self.back.truncate(left);
        self.back.push((self.rewinds, place));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_gone_once_the_arena_went_back_past_it() {
        let mut marks = Marks::new();
        let (low, middle) = (marks.make((0, 16)), marks.make((0, 64)));
        marks.rewound(0, 32);
        let high = marks.make((1, 48));
        assert_eq!(marks.place_of(low, (2, 0)), Some((0, 16)));
        assert_eq!(marks.place_of(middle, (2, 0)), None);
        marks.rewound(1, 48);
        marks.rewound(1, 48);
        assert_eq!(marks.place_of(high, (2, 0)), Some((1, 48)));
        assert_eq!(marks.place_of(middle, (2, 0)), None);
        assert_eq!(marks.back.len(), 2);
        marks.rewound(0, 16);
        assert_eq!(marks.place_of(low, (0, 16)), Some((0, 16)));
        assert_eq!(marks.place_of(high, (2, 0)), None);
        assert_eq!(Marks::new().place_of(low, (2, 0)), None);
    }
}
