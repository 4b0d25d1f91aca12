//! When things happen: Poisson and Hawkes processes, in integers.

use super::config::{Arrivals, Bursts};
use super::random::{FRACTION, Random};

/// Bits behind the point of an intensity, in events for each nanosecond.
const INTENSITY: u32 = 60;

/// The logarithm of 2, with as many bits behind the point.
const LN_2: u128 = 0x0b17_217f_7d1c_f79a;

const NS_PER_SECOND: u128 = 1_000_000_000;

/// 2 to the power of -1/2, -1/4, -1/8 and so on, with 64 bits behind the point: each is the root of the one before.
static ROOTS: [u64; FRACTION as usize] = {
    let mut roots = [0; FRACTION as usize];
    let mut root = 1 << 63;
    let mut place = 0;
    while place < roots.len() {
        root = ((root as u128) << 64).isqrt() as u64;
        roots[place] = root;
        place += 1;
    }
    roots
};

/// A process of arrivals.
///
/// Intensities have 60 bits behind the point and times 32 behind that of a nanosecond, so that neither the rate nor the
/// sum of many gaps is off by rounding.
#[derive(Clone, Debug)]
pub(super) struct Process {
    /// Without what excites it.
    base: u64,
    /// What each arrival adds, and what is left of the earlier ones.
    jump: u64,
    excitation: u64,
    half_life_ns: u64,
    bursts: Option<Bursts>,
    /// Whether a burst is on, and when that changes.
    is_burst: bool,
    change: u128,
    now: u128,
}

impl Process {
    pub(super) fn new(
        rate: u64,
        arrivals: Arrivals,
        bursts: Option<Bursts>,
        random: &mut Random,
    ) -> Self {
        let mean = ((u128::from(rate) << INTENSITY) / NS_PER_SECOND) as u64;
        let (branching, half_life_ns) = match arrivals {
            Arrivals::Poisson => (0, 1),
            Arrivals::Hawkes {
                branching,
                half_life_ns,
            } => (u64::from(branching), half_life_ns),
        };
        // Each arrival brings `branching` thousandths of another: the base is what of the mean nobody brings.
        let mut process = Self {
            base: (u128::from(mean) * u128::from(1000 - branching) / 1000) as u64,
            jump: (u128::from(branching) * LN_2 / (1000 * u128::from(half_life_ns))) as u64,
            excitation: 0,
            half_life_ns,
            bursts,
            is_burst: false,
            change: u128::MAX,
            now: 0,
        };
        process.plan_change(random);
        process
    }

    /// When the next one arrives, in nanoseconds; they never go back.
    ///
    /// By thinning (Ogata, "On Lewis' simulation method for point processes", 1981): between arrivals the intensity only
    /// falls, so that what it is now bounds it. Where a burst begins or ends the draw starts anew, which changes nothing
    /// in a process without memory.
    pub(super) fn next(&mut self, random: &mut Random) -> u64 {
        loop {
            let bound = self.intensity();
            let gap = (u128::from(random.exponential()) << INTENSITY) / u128::from(bound.max(1));
            if self.now + gap >= self.change {
                self.pass(self.change - self.now);
                self.is_burst = !self.is_burst;
                self.plan_change(random);
                continue;
            }
            self.pass(gap);
            let kept = (u128::from(random.bits()) * u128::from(bound)) >> 64;
            if kept < u128::from(self.intensity()) {
                self.excitation = self.excitation.saturating_add(self.jump);
                return (self.now >> FRACTION) as u64;
            }
        }
    }

    fn intensity(&self) -> u64 {
        let factor = match self.bursts {
            Some(bursts) if self.is_burst => u64::from(bursts.factor),
            _ => 1,
        };
        let base = self.base.saturating_mul(factor);
        base.saturating_add(self.excitation)
    }

    fn pass(&mut self, gap: u128) {
        self.now += gap;
        if self.excitation != 0 {
            // Nearly always 64 bits, which divide in half the time.
            let half_lives = match u64::try_from(gap) {
                Ok(gap) => u128::from(gap / self.half_life_ns),
                Err(_) => gap / u128::from(self.half_life_ns),
            };
            self.excitation = decayed(self.excitation, half_lives);
        }
    }

    fn plan_change(&mut self, random: &mut Random) {
        let Some(bursts) = self.bursts else { return };
        let mean = if self.is_burst {
            bursts.length_ns
        } else {
            bursts.every_ns
        };
        self.change = self.now + u128::from(random.exponential()) * u128::from(mean);
    }
}

/// `value` after so many half lives, which have 32 bits behind the point.
fn decayed(value: u64, half_lives: u128) -> u64 {
    let whole = half_lives >> FRACTION;
    if whole >= 64 {
        return 0;
    }
    let mut fraction = half_lives as u32;
    let mut value = value >> whole;
    while fraction != 0 {
        // From the highest bit down: each product is cut, so their order matters.
        let place = fraction.leading_zeros();
        fraction &= !(1 << 31 >> place);
        value = ((u128::from(value) * u128::from(ROOTS[place as usize])) >> 64) as u64;
    }
    value
}

#[cfg(test)]
mod tests {
    use super::super::config::{Arrivals, Bursts};
    use super::{Process, decayed};
    use crate::synthetic::random::Random;

    const HAWKES: Arrivals = Arrivals::Hawkes {
        branching: 700,
        half_life_ns: 50_000,
    };

    const COUNT: u32 = if cfg!(miri) { 300 } else { 200_000 };

    /// The gaps between arrivals in nanoseconds, in a process of 1,000 ns on average.
    fn gaps(arrivals: Arrivals, bursts: Option<Bursts>) -> Vec<f64> {
        let mut random = Random::new(5, 0);
        let mut process = Process::new(1_000_000, arrivals, bursts, &mut random);
        let times = (0..COUNT).map(|_| process.next(&mut random));
        let mut last = 0;
        times
            .map(|time| (time - std::mem::replace(&mut last, time)) as f64)
            .collect()
    }

    fn mean(values: &[f64]) -> f64 {
        values.iter().sum::<f64>() / values.len() as f64
    }

    /// Variance of counts in windows, by their mean: 1 for a Poisson process.
    fn dispersion(gaps: &[f64], window: f64) -> f64 {
        let mut counts = vec![0.0];
        let (mut now, mut end) = (0.0, window);
        for gap in gaps {
            now += gap;
            while now >= end {
                counts.push(0.0);
                end += window;
            }
            *counts.last_mut().unwrap() += 1.0;
        }
        // The last one was cut.
        counts.pop();
        let mean = mean(&counts);
        let squares: Vec<f64> = counts.iter().map(|it| (it - mean).powi(2)).collect();
        self::mean(&squares) / mean
    }

    #[test]
    fn a_value_halves_in_a_half_life() {
        assert_eq!(decayed(1 << 40, 1 << 32), 1 << 39);
        assert_eq!(decayed(u64::MAX, 64 << 32), 0);
        let half = f64::from(2_u32.pow(30));
        for quarter in 0..16 {
            let exact = half * (-f64::from(quarter) / 4.0).exp2();
            let value = decayed(1 << 30, u128::from(quarter as u32) << 30) as f64;
            assert!((value - exact).abs() < 40.0, "{quarter}: {value} {exact}");
        }
    }

    #[test]
    fn poisson_arrivals_have_the_rate_and_do_not_cluster() {
        let gaps = gaps(Arrivals::Poisson, None);
        let error = 5.0 / f64::from(COUNT).sqrt();
        assert!((mean(&gaps) / 1_000.0 - 1.0).abs() < error);
        let dispersion = dispersion(&gaps, 20_000.0);
        assert!((dispersion - 1.0).abs() < 5.0 * (2.0 * 20.0 / f64::from(COUNT)).sqrt());
    }

    #[test]
    fn hawkes_arrivals_have_the_rate_and_cluster() {
        let gaps = gaps(HAWKES, None);
        // Counts in long windows vary 1 / (1 - 0.7)^2 times as much (Hawkes, 1971).
        let error = 5.0 / 0.3 / f64::from(COUNT).sqrt();
        assert!(
            (mean(&gaps) / 1_000.0 - 1.0).abs() < error,
            "{}",
            mean(&gaps)
        );
        if !cfg!(miri) {
            let dispersion = dispersion(&gaps, 2_000_000.0);
            assert!((7.0..15.0).contains(&dispersion), "{dispersion}");
        }
    }

    #[test]
    fn bursts_raise_the_rate_while_they_last() {
        let bursts = Bursts {
            every_ns: 900_000,
            length_ns: 100_000,
            factor: 11,
        };
        let gaps = gaps(Arrivals::Poisson, Some(bursts));
        // A tenth of the time at eleven times the rate: twice the rate.
        if !cfg!(miri) {
            assert!((mean(&gaps) / 500.0 - 1.0).abs() < 0.2, "{}", mean(&gaps));
        }
    }
}
