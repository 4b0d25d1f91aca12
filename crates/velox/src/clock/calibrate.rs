//! How fast a counter ticks, with a bound on the error.

use super::Scale;

/// One look at both clocks: the reference, the counter, the reference again.
///
/// The counter was read at a moment between the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The reference before, in nanoseconds.
    pub before_ns: u64,
    /// The counter.
    pub ticks: u64,
    /// The reference after, in nanoseconds.
    pub after_ns: u64,
}

/// A moment on both clocks, known to `error_ns`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Anchor {
    /// The counter.
    pub ticks: u64,
    /// The reference, in nanoseconds.
    pub ns: u64,
    /// The moment is at most this far from `ns`.
    pub error_ns: u64,
}

impl Anchor {
    /// The moment of the narrowest of some readings: an interruption widens a reading, so the narrowest had none.
    ///
    /// None without a reading.
    ///
    /// ```
    /// use velox::clock::{Anchor, Reading};
    ///
    /// let wide = Reading { before_ns: 0, ticks: 7, after_ns: 900 };
    /// let narrow = Reading { before_ns: 1_000, ticks: 2_600, after_ns: 1_040 };
    /// let anchor = Anchor::narrowest([wide, narrow]).unwrap();
    /// assert_eq!((anchor.ticks, anchor.ns, anchor.error_ns), (2_600, 1_020, 21));
    /// ```
    #[must_use]
    pub fn narrowest(readings: impl IntoIterator<Item = Reading>) -> Option<Self> {
        let width = |reading: &Reading| reading.after_ns.saturating_sub(reading.before_ns);
        let best = readings.into_iter().min_by_key(width)?;
        let half = width(&best) / 2;
        Some(Self {
            ticks: best.ticks,
            ns: best.before_ns + half,
            // One for the half that is rounded off, and for what the reference itself rounds off.
            error_ns: half + 1,
        })
    }
}

/// The rate of a counter, measured between two moments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Calibration {
    scale: Scale,
    span_ns: u64,
    span_ticks: u64,
    error_ppb: u64,
}

impl Calibration {
    /// The rate of a counter whose ticks are nanoseconds of the reference itself.
    pub(crate) const EXACT: Self = Self {
        scale: Scale::IDENTITY,
        span_ns: 1_000_000_000,
        span_ticks: 1_000_000_000,
        error_ppb: 0,
    };

    /// The rate between two anchors.
    ///
    /// None if no time passed between them, or the counter stood still or went back.
    ///
    /// ```
    /// use velox::clock::{Anchor, Calibration};
    ///
    /// let first = Anchor { ticks: 0, ns: 0, error_ns: 20 };
    /// let last = Anchor { ticks: 260_000_000, ns: 100_000_000, error_ns: 30 };
    /// let rate = Calibration::between(first, last).unwrap();
    /// assert_eq!(rate.hertz(), 2_600_000_000);
    /// // 50 ns of 100 ms are 500 in a thousand million; a tick of them is 4.
    /// assert_eq!(rate.error_ppb(), 504);
    /// ```
    #[must_use]
    pub fn between(first: Anchor, last: Anchor) -> Option<Self> {
        let span_ns = last.ns.checked_sub(first.ns)?;
        let span_ticks = last.ticks.checked_sub(first.ticks)?;
        let scale = Scale::from_ratio(span_ns, span_ticks)?;
        let error_ns = u128::from(first.error_ns + last.error_ns);
        let moments = (error_ns * 1_000_000_000).div_ceil(u128::from(span_ns));
        // A counter shows whole ticks: between two of its values lies up to a tick more or less.
        let error_ppb = moments + u128::from(1_000_000_000_u64.div_ceil(span_ticks));
        Some(Self {
            scale,
            span_ns,
            span_ticks,
            error_ppb: u64::try_from(error_ppb).unwrap_or(u64::MAX),
        })
    }

    /// How to convert ticks.
    #[must_use]
    pub const fn scale(&self) -> Scale {
        self.scale
    }

    /// How long was measured, in nanoseconds.
    #[must_use]
    pub const fn span_ns(&self) -> u64 {
        self.span_ns
    }

    /// The rate differs from that of the reference clock by no more than this, in parts of a thousand million
    /// (1000 of them are 1 ppm), over the span that was measured.
    ///
    /// The reference is the system's monotonic clock. What a time service does to that clock later is not in it.
    #[must_use]
    pub const fn error_ppb(&self) -> u64 {
        self.error_ppb
    }

    /// Ticks in a second.
    #[must_use]
    pub fn hertz(&self) -> u64 {
        let ticks = u128::from(self.span_ticks) * 1_000_000_000;
        let hertz = (ticks + u128::from(self.span_ns / 2)) / u128::from(self.span_ns.max(1));
        u64::try_from(hertz).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::{Anchor, Calibration, Reading};
    use proptest::prelude::*;

    /// A counter of a known rate, read at a known moment between the two looks at the reference.
    fn reading(hertz: u64, before_ns: u64, to_read: u64, to_after: u64) -> Reading {
        let at = u128::from(before_ns + to_read);
        Reading {
            before_ns,
            ticks: (at * u128::from(hertz) / 1_000_000_000) as u64,
            after_ns: before_ns + to_read + to_after,
        }
    }

    #[test]
    fn a_counter_that_stands_still_or_goes_back_has_no_rate() {
        let anchor = |ticks, ns| Anchor {
            ticks,
            ns,
            error_ns: 1,
        };
        assert_eq!(Calibration::between(anchor(5, 0), anchor(5, 10)), None);
        assert_eq!(Calibration::between(anchor(5, 0), anchor(4, 10)), None);
        assert_eq!(Calibration::between(anchor(5, 10), anchor(6, 10)), None);
        assert_eq!(Anchor::narrowest([]), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(if cfg!(miri) { 2 } else { 1_000 }))]

        #[test]
        fn the_true_rate_lies_within_the_bound(
            hertz in 20_000_000u64..6_000_000_000,
            start in 0u64..1 << 50,
            span in 10_000_000u64..60_000_000_000,
            delays in prop::array::uniform4(0u64..5_000),
        ) {
            let at = |ns: u64, to_read, to_after| {
                let readings = [reading(hertz, ns, to_read, to_after), reading(hertz, ns + 9_000, to_read / 2, to_after)];
                Anchor::narrowest(readings).unwrap()
            };
            let first = at(start, delays[0], delays[1]);
            let last = at(start + span, delays[2], delays[3]);
            let rate = Calibration::between(first, last).unwrap();
            let second = rate.scale().ns(hertz);
            prop_assert!(
                second.abs_diff(1_000_000_000) <= rate.error_ppb() + 1,
                "{} {:?}", second, rate
            );
        }
    }
}
