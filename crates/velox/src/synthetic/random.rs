//! Random numbers that are the same everywhere: integers from a seeded generator, and no floating point.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// Bits behind the point of an exponential variate, and of a time in parts of a nanosecond.
pub(super) const FRACTION: u32 = 32;

/// A source of integers that the seed determines.
#[derive(Clone, Debug)]
pub(super) struct Random(ChaCha8Rng);

impl Random {
    /// The source `stream` of a seed; streams know nothing of each other.
    pub(super) fn new(seed: u64, stream: u64) -> Self {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        let mut source = ChaCha8Rng::from_seed(key);
        source.set_stream(stream);
        Self(source)
    }

    pub(super) fn bits(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// Uniform below `end`, which is not 0. By multiplication (Lemire, "Fast random integer generation in an interval",
    /// 2019), the bias of at most `end` in 2^64 left in.
    pub(super) fn below(&mut self, end: u64) -> u64 {
        ((u128::from(self.bits()) * u128::from(end)) >> 64) as u64
    }

    /// True `part` times of `whole`.
    pub(super) fn chance(&mut self, part: u64, whole: u64) -> bool {
        self.below(whole) < part
    }

    /// An exponential variate of mean 1, with 32 bits behind the point.
    ///
    /// By comparisons alone (von Neumann, "Various techniques used in connection with random digits", 1951): a run of
    /// falling uniforms that begins with `x` has an odd length with probability e^-x.
    pub(super) fn exponential(&mut self) -> u64 {
        let mut whole = 0;
        loop {
            let first = self.bits();
            let (mut last, mut is_odd) = (first, true);
            loop {
                let next = self.bits();
                if next >= last {
                    break;
                }
                (last, is_odd) = (next, !is_odd);
            }
            if is_odd {
                return whole << FRACTION | first >> (64 - FRACTION);
            }
            whole += 1;
        }
    }

    /// A geometric variate from 0 on, of about this mean: an exponential one, cut.
    pub(super) fn geometric(&mut self, mean: u32) -> u64 {
        (self.exponential() * u64::from(mean)) >> FRACTION
    }
}

#[cfg(test)]
mod tests {
    use super::{FRACTION, Random};

    #[test]
    fn exponentials_have_mean_and_variance_one() {
        let mut random = Random::new(1, 0);
        let count = if cfg!(miri) { 1_000 } else { 200_000 };
        let one = f64::from(2_u32.pow(16)).powi(2);
        let draws: Vec<f64> = (0..count)
            .map(|_| random.exponential() as f64 / one)
            .collect();
        let mean = draws.iter().sum::<f64>() / f64::from(count);
        let variance = draws.iter().map(|it| (it - mean).powi(2)).sum::<f64>() / f64::from(count);
        // Five standard errors.
        let error = 5.0 / f64::from(count).sqrt();
        assert!((mean - 1.0).abs() < error, "{mean}");
        assert!((variance - 1.0).abs() < error * 8_f64.sqrt(), "{variance}");
        let above = draws.iter().filter(|it| **it > 3.0).count() as f64 / f64::from(count);
        assert!((above - (-3_f64).exp()).abs() < error, "{above}");
        assert_eq!(FRACTION, 32);
    }

    #[test]
    fn numbers_below_an_end_are_spread_evenly() {
        let mut random = Random::new(2, 0);
        let mut counts = [0_u32; 7];
        let draws = if cfg!(miri) { 700 } else { 70_000 };
        (0..draws).for_each(|_| counts[random.below(7) as usize] += 1);
        let expected = f64::from(draws) / 7.0;
        for count in counts {
            assert!(
                (f64::from(count) - expected).abs() < 5.0 * expected.sqrt(),
                "{counts:?}"
            );
        }
    }

    #[test]
    fn streams_of_a_seed_differ() {
        let [mut one, mut other] = [0, 1].map(|stream| Random::new(3, stream));
        assert_ne!(one.bits(), other.bits());
    }
}
