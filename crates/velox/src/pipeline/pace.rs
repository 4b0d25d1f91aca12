//! When each transaction is to be sent.

use core::num::NonZeroU64;

use crate::clock::Scale;

/// When each transaction is to be sent.
///
/// Latencies are counted from then, not from when it was: a pipeline that stands still is late with all that was to be
/// sent meanwhile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// As soon as possible. Latencies are counted from when it was sent.
    Max,
    /// So many a second, equally spaced.
    Rate(NonZeroU64),
    /// At its own time after the first, with thousandths of the recorded speed: 1000 as recorded, 2000 twice as fast.
    Recorded(NonZeroU64),
}

/// The moments at which transactions are to be sent, one after the other.
///
/// Integers throughout: the moments of a rate are exact to the nanosecond, however many there are. They never go back:
/// where recorded times do, a transaction is to be sent with the one before it.
///
/// # Examples
///
/// ```
/// use core::num::NonZeroU64;
/// use velox::pipeline::{Moments, Pace};
///
/// let mut moments = Moments::new(Pace::Rate(NonZeroU64::new(3).unwrap()), 1_000);
/// let at = [(); 4].map(|()| moments.next(0, 0));
/// assert_eq!(at, [1_000, 333_334_333, 666_667_666, 1_000_001_000]);
/// ```
#[derive(Clone, Debug)]
pub struct Moments {
    start_ns: u64,
    kind: Kind,
}

#[derive(Clone, Debug)]
enum Kind {
    Max,
    Rate {
        /// Since the start, rounded down, and what was rounded off in parts of `per_second`.
        next_ns: u64,
        rest: u64,
        per_second: u64,
    },
    Recorded {
        first_ns: Option<u64>,
        last_ns: u64,
        scale: Scale,
    },
}

const SECOND: u64 = 1_000_000_000;

impl Moments {
    /// The moments of a pace that starts at `start_ns`.
    #[must_use]
    pub fn new(pace: Pace, start_ns: u64) -> Self {
        let kind = match pace {
            Pace::Max => Kind::Max,
            Pace::Rate(per_second) => Kind::Rate {
                next_ns: 0,
                rest: 0,
                per_second: per_second.get(),
            },
            Pace::Recorded(thousandths) => Kind::Recorded {
                first_ns: None,
                last_ns: start_ns,
                // A speed that has no scale would take a tick of 500 s: as good as one that does nothing.
                scale: Scale::from_ratio(1_000, thousandths.get()).unwrap_or(Scale::IDENTITY),
            },
        };
        Self { start_ns, kind }
    }

    /// When the next transaction, which happened at `time_ns` by its own clock, is to be sent. `now_ns` is now.
    #[inline]
    pub fn next(&mut self, time_ns: u64, now_ns: u64) -> u64 {
        match &mut self.kind {
            Kind::Max => now_ns,
            Kind::Rate {
                next_ns,
                rest,
                per_second,
            } => {
                let at = self.start_ns.saturating_add(*next_ns);
                *next_ns += SECOND / *per_second;
                *rest += SECOND % *per_second;
                if *rest >= *per_second {
                    *rest -= *per_second;
                    *next_ns += 1;
                }
                at
            }
            Kind::Recorded {
                first_ns,
                last_ns,
                scale,
            } => {
                let first = *first_ns.get_or_insert(time_ns);
                let since = scale.ns(time_ns.saturating_sub(first));
                *last_ns = self.start_ns.saturating_add(since).max(*last_ns);
                *last_ns
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Moments, Pace, SECOND};
    use core::num::NonZeroU64;
    use proptest::prelude::*;

    fn of(value: u64) -> NonZeroU64 {
        NonZeroU64::new(value).unwrap()
    }

    #[test]
    fn a_recorded_day_starts_with_its_first_transaction() {
        let mut moments = Moments::new(Pace::Recorded(of(2_000)), 50);
        assert_eq!(moments.next(34_200_000_000_000, 0), 50);
        assert_eq!(moments.next(34_200_000_001_001, 0), 550);
        // A time that goes back is that of the one before.
        assert_eq!(moments.next(0, 0), 550);
        assert_eq!(moments.next(34_200_000_001_003, 0), 551);
    }

    #[test]
    fn as_fast_as_possible_is_now() {
        assert_eq!(Moments::new(Pace::Max, 50).next(7, 99), 99);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(if cfg!(miri) { 2 } else { 200 }))]

        #[test]
        fn the_moments_of_a_rate_are_exact(rate in 1u64..3_000_000_000, count in 1u64..2_000) {
            let mut moments = Moments::new(Pace::Rate(of(rate)), 5);
            let last = (0..=count).map(|_| moments.next(0, 0)).last().unwrap();
            let exact = u128::from(count) * u128::from(SECOND) / u128::from(rate);
            prop_assert_eq!(u128::from(last - 5), exact);
        }
    }
}
