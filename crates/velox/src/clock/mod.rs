//! Time by the processor's own counter.
//!
//! A [`Clock`] reads x86_64's time stamp counter where it is invariant, aarch64's `cntvct_el0`, and the system's
//! monotonic clock elsewhere (and under Miri). It converts ticks by a multiplication and a shift, with a rate that was
//! measured against the monotonic clock: [`Clock::calibration`] says to what error. Copies of a clock agree.
//!
//! ```
//! use velox::clock::{Clock, Time};
//!
//! let clock = Clock::new();
//! let before = clock.now_ns();
//! assert!(clock.now_ns() >= before);
//! ```
//!
//! Between processors the counters agree where the system keeps them so; [`skew`] measures it.

mod calibrate;
mod scale;
mod skew;

use std::time::{Duration, Instant};

pub use calibrate::{Anchor, Calibration, Reading};
pub use scale::Scale;
pub use skew::{Round, Skew, SkewError, exchange, skew};

use crate::raw::counter;

/// What tells the time, in nanoseconds since some origin.
pub trait Time: Clone + Send + 'static {
    /// The time now. On one thread it never goes back.
    fn now_ns(&self) -> u64;
}

/// Which counter a clock reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Source {
    /// x86_64's invariant time stamp counter.
    Tsc,
    /// aarch64's virtual counter, `cntvct_el0`.
    Virtual,
    /// The system's monotonic clock.
    Monotonic,
}

impl Source {
    fn of_this_machine() -> Self {
        match counter::kind() {
            counter::Kind::Tsc => Self::Tsc,
            counter::Kind::Virtual => Self::Virtual,
            counter::Kind::None => Self::Monotonic,
        }
    }

    #[inline]
    fn ticks(self, start: Instant) -> u64 {
        match self {
            Self::Tsc | Self::Virtual => counter::read(),
            Self::Monotonic => nanoseconds(start),
        }
    }
}

/// How often both clocks are looked at for an [`Anchor`].
const READINGS: usize = 32;

/// A clock that starts at 0 when it is made.
///
/// # Invariants
/// 1. `origin_ns` is what the clock showed when its counter showed `origin_ticks`.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    source: Source,
    /// The reference's own origin.
    start: Instant,
    first: Anchor,
    calibration: Calibration,
    origin_ticks: u64,
    origin_ns: u64,
}

impl Clock {
    /// How long [`new`](Self::new) measures.
    pub const SPAN: Duration = Duration::from_millis(20);

    /// The best counter of this machine, its rate measured for [`SPAN`](Self::SPAN).
    ///
    /// The calling thread spins meanwhile.
    #[must_use]
    pub fn new() -> Self {
        Self::calibrated_for(Self::SPAN)
    }

    /// The best counter of this machine, its rate measured for so long: ten times as long, a tenth of the error.
    ///
    /// ```
    /// use std::time::Duration;
    /// use velox::clock::Clock;
    ///
    /// let clock = Clock::calibrated_for(Duration::from_millis(2));
    /// println!("{:?}, {} Hz, +- {} ppb", clock.source(), clock.calibration().hertz(), clock.calibration().error_ppb());
    /// ```
    #[must_use]
    pub fn calibrated_for(span: Duration) -> Self {
        let source = Source::of_this_machine();
        let start = Instant::now();
        if source == Source::Monotonic {
            return Self::monotonic();
        }
        let first = anchor(source, start);
        while start.elapsed() < span {
            core::hint::spin_loop();
        }
        // A counter that stands still is none.
        Calibration::between(first, anchor(source, start)).map_or_else(
            Self::monotonic,
            |calibration| Self {
                source,
                start,
                first,
                calibration,
                origin_ticks: source.ticks(start),
                origin_ns: 0,
            },
        )
    }

    /// The system's monotonic clock.
    #[must_use]
    pub fn monotonic() -> Self {
        Self {
            source: Source::Monotonic,
            start: Instant::now(),
            first: Anchor {
                ticks: 0,
                ns: 0,
                error_ns: 0,
            },
            calibration: Calibration::EXACT,
            origin_ticks: 0,
            origin_ns: 0,
        }
    }

    /// What it reads.
    #[must_use]
    pub const fn source(&self) -> Source {
        self.source
    }

    /// The rate it goes by.
    #[must_use]
    pub const fn calibration(&self) -> Calibration {
        self.calibration
    }

    /// Measures the rate anew, over all the time since the clock was made, and goes on from now at the new rate.
    ///
    /// The time makes no jump. Copies made before keep the old rate, and drift from this one by the difference.
    ///
    /// ```
    /// use velox::clock::{Clock, Time};
    ///
    /// let mut clock = Clock::new();
    /// let (before, bound) = (clock.now_ns(), clock.calibration().error_ppb());
    /// clock.recalibrate();
    /// assert!(clock.now_ns() >= before);
    /// ```
    pub fn recalibrate(&mut self) {
        if self.source == Source::Monotonic {
            return;
        }
        if let Some(calibration) = Calibration::between(self.first, anchor(self.source, self.start))
        {
            self.adopt(calibration, self.source.ticks(self.start));
        }
    }

    /// Goes on from `ticks` at another rate.
    fn adopt(&mut self, calibration: Calibration, ticks: u64) {
        self.origin_ns = self.at(ticks);
        self.origin_ticks = ticks;
        self.calibration = calibration;
    }

    /// The time when the counter showed `ticks`; that of the origin for what was before.
    #[inline]
    fn at(&self, ticks: u64) -> u64 {
        let since = ticks.saturating_sub(self.origin_ticks);
        self.origin_ns
            .saturating_add(self.calibration.scale().ns(since))
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::new()
    }
}

impl Time for Clock {
    #[inline]
    fn now_ns(&self) -> u64 {
        self.at(self.source.ticks(self.start))
    }
}

fn nanoseconds(start: Instant) -> u64 {
    u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX)
}

fn anchor(source: Source, start: Instant) -> Anchor {
    let look = || Reading {
        before_ns: nanoseconds(start),
        ticks: match source {
            Source::Tsc | Source::Virtual => counter::read_ordered(),
            Source::Monotonic => nanoseconds(start),
        },
        after_ns: nanoseconds(start),
    };
    Anchor::narrowest((0..READINGS).map(|_| look())).expect("there are readings")
}

#[cfg(test)]
mod tests {
    use super::{Anchor, Calibration, Clock, Time};

    fn rate(ticks: u64) -> Calibration {
        let first = Anchor {
            ticks: 0,
            ns: 0,
            error_ns: 0,
        };
        let last = Anchor {
            ticks,
            ns: 1_000_000_000,
            error_ns: 0,
        };
        Calibration::between(first, last).unwrap()
    }

    #[test]
    fn the_time_makes_no_jump_when_the_rate_changes() {
        let mut clock = Clock::monotonic();
        clock.adopt(rate(2_000_000_000), 10_000);
        assert_eq!(clock.at(10_000), 10_000);
        assert_eq!(clock.at(12_000), 11_000);
        clock.adopt(rate(500_000_000), 12_000);
        assert_eq!(clock.at(12_000), 11_000);
        assert_eq!(clock.at(12_100), 11_200);
    }

    #[test]
    fn what_another_processor_read_before_the_origin_is_the_origin() {
        let mut clock = Clock::monotonic();
        clock.adopt(rate(1_000_000_000), 500);
        assert_eq!(clock.at(499), 500);
    }

    #[test]
    fn a_clock_never_goes_back_not_even_when_it_is_calibrated_anew() {
        let mut clock = Clock::new();
        let mut last = 0;
        for round in 0..if cfg!(miri) { 20 } else { 20_000 } {
            let now = clock.now_ns();
            assert!(now >= last, "{now} after {last}");
            last = now;
            if round % 1_000 == 0 {
                clock.recalibrate();
            }
        }
    }
}
