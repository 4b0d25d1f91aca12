//! From ticks to nanoseconds by a multiplication and a shift.

/// The bits of a multiplier: what it rounds off is less than one part in 2^40.
const BITS: u32 = 40;

/// How many nanoseconds a tick has, as a fraction whose denominator is a power of two.
///
/// # Invariants
/// 1. `2^39 <= mult < 2^40`, so that `ticks * mult` fits 104 bits.
/// 2. `shift < 104`.
///
/// # Examples
///
/// ```
/// use velox::clock::Scale;
///
/// // 2.6 GHz: 13 ticks are 5 ns.
/// let scale = Scale::from_ratio(5, 13).unwrap();
/// assert_eq!(scale.ns(13_001), 5_000);
/// assert_eq!(scale.ticks(5_000), 13_000);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scale {
    mult: u64,
    shift: u32,
}

impl Scale {
    /// A tick is a nanosecond.
    pub const IDENTITY: Self = Self {
        mult: 1 << (BITS - 1),
        shift: BITS - 1,
    };

    /// The scale of a counter that made so many ticks in so many nanoseconds. Its error is below 2^-39 of the ratio.
    ///
    /// None if one of them is 0, or a tick is longer than 500 s.
    #[must_use]
    pub const fn from_ratio(ns: u64, ticks: u64) -> Option<Self> {
        if ns == 0 || ticks == 0 {
            return None;
        }
        // With this shift the quotient has `BITS` or `BITS + 1` bits: their logarithms are rounded down.
        let Some(shift) = (BITS + ticks.ilog2()).checked_sub(ns.ilog2()) else {
            return None;
        };
        let quotient = Self::quotient(ns, ticks, shift);
        if quotient >> BITS == 0 {
            return Some(Self {
                mult: quotient as u64,
                shift,
            });
        }
        let Some(shift) = shift.checked_sub(1) else {
            return None;
        };
        let quotient = Self::quotient(ns, ticks, shift);
        if quotient >> BITS == 0 {
            return Some(Self {
                mult: quotient as u64,
                shift,
            });
        }
        // Rounding carried into one bit more.
        Some(Self {
            mult: 1 << (BITS - 1),
            shift: shift - 1,
        })
    }

    /// `ns * 2^shift / ticks`, to the nearest.
    const fn quotient(ns: u64, ticks: u64, shift: u32) -> u128 {
        (((ns as u128) << shift) + (ticks / 2) as u128) / ticks as u128
    }

    /// So many ticks in nanoseconds, rounded down; the greatest number where they don't fit.
    #[inline]
    #[must_use]
    pub const fn ns(self, ticks: u64) -> u64 {
        let ns = (ticks as u128 * self.mult as u128) >> self.shift;
        if ns > u64::MAX as u128 {
            u64::MAX
        } else {
            ns as u64
        }
    }

    /// So many nanoseconds in ticks, to the nearest; the greatest number where they don't fit.
    ///
    /// A division: for set-up, not for each event.
    #[must_use]
    pub const fn ticks(self, ns: u64) -> u64 {
        // In two parts, so that nothing overflows: `ns << shift` may have 167 bits.
        let mult = self.mult as u128;
        let (high, low) = ((ns as u128) / mult, (ns as u128) % mult);
        let high = match high.checked_shl(self.shift) {
            Some(shifted) if shifted >> self.shift == high => shifted,
            _ => return u64::MAX,
        };
        // `low < 2^40`, and `shift` may exceed 87 only where a tick is shorter than 2^-47 ns.
        let low = match low.checked_shl(self.shift) {
            Some(shifted) if shifted >> self.shift == low => (shifted + mult / 2) / mult,
            _ => return u64::MAX,
        };
        let ticks = high.saturating_add(low);
        if ticks > u64::MAX as u128 {
            u64::MAX
        } else {
            ticks as u64
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{BITS, Scale};
    use proptest::prelude::*;

    #[test]
    fn a_ratio_of_nothing_is_none() {
        assert_eq!(Scale::from_ratio(0, 1), None);
        assert_eq!(Scale::from_ratio(1, 0), None);
        assert_eq!(Scale::from_ratio(u64::MAX, 1), None);
    }

    #[test]
    fn the_identity_changes_nothing() {
        assert_eq!(Scale::from_ratio(1, 1), Some(Scale::IDENTITY));
        assert_eq!(Scale::IDENTITY.ns(u64::MAX), u64::MAX);
        assert_eq!(Scale::IDENTITY.ticks(u64::MAX), u64::MAX);
    }

    #[test]
    fn what_does_not_fit_is_the_greatest_number() {
        let slow = Scale::from_ratio(1_000_000, 1).unwrap();
        assert_eq!(slow.ns(u64::MAX), u64::MAX);
        assert_eq!(slow.ns(3), 3_000_000);
        let fast = Scale::from_ratio(1, 1_000_000).unwrap();
        assert_eq!(fast.ticks(u64::MAX), u64::MAX);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(if cfg!(miri) { 3 } else { 2_000 }))]

        #[test]
        fn the_multiplier_has_forty_bits_and_the_error_is_below_one_part_in_2_to_the_39(
            ns in 1u64..u64::MAX, ticks in 1u64..u64::MAX, count: u64,
        ) {
            let Some(scale) = Scale::from_ratio(ns, ticks) else {
                prop_assert!(u128::from(ns) >= u128::from(ticks) << (BITS - 1));
                return Ok(());
            };
            prop_assert_eq!(scale.mult.ilog2(), BITS - 1);
            prop_assert!(scale.shift < 104);
            // Of counts with which the exact product fits.
            let count = count >> 1;
            let Some(exact) = u128::from(count).checked_mul(u128::from(ns)) else { return Ok(()) };
            let exact = exact / u128::from(ticks);
            if exact <= u128::from(u64::MAX >> 1) {
                let bound = (exact >> (BITS - 1)) + 1;
                prop_assert!(exact.abs_diff(u128::from(scale.ns(count))) <= bound);
            }
        }

        #[test]
        fn ticks_and_back_lose_less_than_a_tick(hz in 1_000u64..10_000_000_000, ns in 0u64..1 << 53) {
            let scale = Scale::from_ratio(1_000_000_000, hz).unwrap();
            let ticks = scale.ticks(ns);
            let back = scale.ns(ticks);
            prop_assert!(back.abs_diff(ns) <= 1_000_000_000 / hz + 1, "{} {}", ns, back);
        }
    }
}
