//! The counts of a histogram, where they are made.
//!
//! `hdrhistogram` keeps minimum, maximum and total with each value, which costs as much as all else that happens to a
//! transaction at the end. Here a value is counted in the same classes, and that is all; the rest is done where the counts
//! are added up.

use super::LONGEST_NS;

/// Classes of one width: three digits take 2048 of them, as in HdrHistogram.
const CLASSES_LOG2: u32 = 11;
const HALF: usize = 1 << (CLASSES_LOG2 - 1);
const LEN: usize = class(LONGEST_NS) + 1;

/// The class of a latency: up to 2047 each has its own, above that the 11 upper bits decide.
#[inline]
const fn class(ns: u64) -> usize {
    let shift = (u64::BITS - CLASSES_LOG2) - (ns | ((1 << CLASSES_LOG2) - 1)).leading_zeros();
    shift as usize * HALF + (ns >> shift) as usize
}

/// Whether two latencies are counted together.
#[cfg(not(loom))]
#[inline]
pub(super) fn same(a_ns: u64, b_ns: u64) -> bool {
    class(a_ns.min(LONGEST_NS)) == class(b_ns.min(LONGEST_NS))
}

/// The least latency of a class.
const fn least(class: usize) -> u64 {
    if class < 2 * HALF {
        return class as u64;
    }
    let shift = class / HALF - 1;
    ((class - shift * HALF) as u64) << shift
}

/// How often each class was seen.
pub(super) struct Counts([u64; LEN]);

impl Counts {
    pub(super) fn new() -> Box<Self> {
        Box::new(Self([0; LEN]))
    }

    /// Counts a latency so many times; longer ones than a minute as one.
    #[inline]
    pub(super) fn record(&mut self, ns: u64, times: u64) {
        if let Some(count) = self.0.get_mut(class(ns.min(LONGEST_NS))) {
            *count += times;
        }
    }

    /// Gives each class that was seen, as its least latency, with its count, and forgets it.
    pub(super) fn drain(&mut self, mut take: impl FnMut(u64, u64)) {
        for (class, count) in self.0.iter_mut().enumerate() {
            if *count > 0 {
                take(least(class), core::mem::take(count));
            }
        }
    }
}

#[cfg(all(test, not(any(loom, shuttle))))]
mod tests {
    use super::super::histogram;
    use super::{Counts, LEN, LONGEST_NS, class, least};
    use proptest::prelude::*;

    #[test]
    fn each_class_begins_where_the_one_before_ends() {
        for at in 1..LEN {
            assert_eq!(class(least(at)), at);
            assert_eq!(class(least(at) - 1), at - 1);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(if cfg!(miri) { 1 } else { 50 }))]

        #[test]
        fn counts_that_are_added_up_are_what_the_histogram_would_have_counted(
            values in prop::collection::vec((0u32..64, any::<u64>()), 0..200),
        ) {
            let (mut counts, mut direct, mut added) = (Counts::new(), histogram(), histogram());
            for (shift, value) in values {
                counts.record(value >> shift, 1);
                direct.saturating_record((value >> shift).min(LONGEST_NS));
            }
            counts.drain(|ns, count| added.record_n(ns, count).unwrap());
            prop_assert_eq!(added.len(), direct.len());
            for at in (0..=100).step_by(if cfg!(miri) { 50 } else { 1 }) {
                let quantile = f64::from(at) / 100.0;
                prop_assert_eq!(added.value_at_quantile(quantile), direct.value_at_quantile(quantile));
            }
            counts.drain(|_, _| panic!("it is empty"));
        }
    }
}
