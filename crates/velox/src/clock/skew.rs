//! Whether the counters of two processors agree.

use crate::affinity::{self, PinError};
use crate::raw::counter;
use crate::sync::{Arc, AtomicU64, Ordering, spin_loop, thread};

/// One exchange: the first processor's counter, the second's, the first's again, each read after the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Round {
    /// The first processor's counter, before.
    pub sent: u64,
    /// The second processor's.
    pub answered: u64,
    /// The first processor's counter, after.
    pub received: u64,
}

/// By how many ticks one processor's counter is ahead of another's: a range in which the true number lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Skew {
    /// At least.
    pub ticks_min: i64,
    /// At most.
    pub ticks_max: i64,
}

impl Skew {
    /// What a number of exchanges says together: each gives a range, and the offset is in all of them.
    ///
    /// None without an exchange, or if the ranges have nothing in common: then the offset changed meanwhile.
    ///
    /// ```
    /// use velox::clock::{Round, Skew};
    ///
    /// // The second processor is 1000 ticks ahead; messages take 100 and 300 ticks.
    /// let rounds = [
    ///     Round { sent: 0, answered: 1_100, received: 400 },
    ///     Round { sent: 1_000, answered: 2_300, received: 1_400 },
    /// ];
    /// let skew = Skew::from_rounds(rounds).unwrap();
    /// assert_eq!((skew.ticks_min, skew.ticks_max), (900, 1_100));
    /// assert!(!skew.may_be_none());
    /// ```
    #[must_use]
    pub fn from_rounds(rounds: impl IntoIterator<Item = Round>) -> Option<Self> {
        let ranges = rounds.into_iter().map(|round| Self {
            ticks_min: round.answered.wrapping_sub(round.received).cast_signed(),
            ticks_max: round.answered.wrapping_sub(round.sent).cast_signed(),
        });
        let common = ranges.reduce(|a, b| Self {
            ticks_min: a.ticks_min.max(b.ticks_min),
            ticks_max: a.ticks_max.min(b.ticks_max),
        })?;
        (common.ticks_min <= common.ticks_max).then_some(common)
    }

    /// Whether the counters may show the same: what was measured does not say otherwise.
    #[must_use]
    pub const fn may_be_none(&self) -> bool {
        self.ticks_min <= 0 && 0 <= self.ticks_max
    }
}

/// Why the counters of two processors were not compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SkewError {
    /// There is no counter that can be trusted.
    NoCounter,
    /// A thread could not be kept on its processor.
    Pin(PinError),
    /// The offset changed while it was measured.
    Unsteady,
}

impl core::fmt::Display for SkewError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::NoCounter => f.write_str("this machine has no invariant counter"),
            Self::Pin(error) => error.fmt(f),
            Self::Unsteady => f.write_str("the offset of the two counters is not constant"),
        }
    }
}

impl core::error::Error for SkewError {}

impl From<PinError> for SkewError {
    fn from(error: PinError) -> Self {
        Self::Pin(error)
    }
}

/// Compares the counter of processor `second` with that of `first`, in so many exchanges between two pinned threads.
///
/// The bound is about the time in which a cache line crosses over and back. Spins for that long on both processors.
///
/// # Errors
/// [`SkewError`] says which.
///
/// # Panics
/// If a thread cannot be started.
pub fn skew(first: usize, second: usize, rounds: u32) -> Result<Skew, SkewError> {
    Skew::from_rounds(exchange(first, second, rounds)?).ok_or(SkewError::Unsteady)
}

/// Makes exchanges between two pinned threads. From `sent` to `received` a cache line crosses over and back.
///
/// Spins for that long on both processors.
///
/// # Errors
/// [`SkewError`] says which.
///
/// # Panics
/// If a thread cannot be started.
pub fn exchange(first: usize, second: usize, rounds: u32) -> Result<Vec<Round>, SkewError> {
    if counter::kind() == counter::Kind::None {
        return Err(SkewError::NoCounter);
    }
    let table = Arc::new(Table::default());
    let theirs = Arc::clone(&table);
    let answering = thread::spawn(move || {
        let pinned = affinity::pin(second);
        // Who can't be pinned answers all the same: the other side must not wait for ever.
        for round in 1..=u64::from(rounds) {
            theirs.answer(round);
        }
        pinned
    });
    let asking = thread::spawn(move || {
        let pinned = affinity::pin(first);
        let rounds: Vec<_> = (1..=u64::from(rounds))
            .map(|round| table.ask(round))
            .collect();
        pinned.map(|()| rounds)
    });
    let rounds = asking.join().expect("it does not panic");
    answering.join().expect("it does not panic")?;
    Ok(rounds?)
}

/// The words through which two threads exchange what they read.
#[derive(Debug, Default)]
struct Table {
    asked: AtomicU64,
    answered: AtomicU64,
    value: AtomicU64,
}

impl Table {
    fn ask(&self, round: u64) -> Round {
        let sent = counter::read_ordered();
        // ORDERING: Release pairs with the Acquire in `answer`: the counter was read before.
        self.asked.store(round, Ordering::Release);
        // ORDERING: Acquire pairs with the Release in `answer`: the value is that of this round.
        while self.answered.load(Ordering::Acquire) != round {
            spin_loop();
        }
        let received = counter::read_ordered();
        // ORDERING: Relaxed: the Acquire above orders it, and the next round is not yet asked.
        let answered = self.value.load(Ordering::Relaxed);
        Round {
            sent,
            answered,
            received,
        }
    }

    fn answer(&self, round: u64) {
        // ORDERING: Acquire pairs with the Release in `ask`: the counter is read after the other's.
        while self.asked.load(Ordering::Acquire) != round {
            spin_loop();
        }
        // ORDERING: Relaxed: the Release below publishes it.
        self.value.store(counter::read_ordered(), Ordering::Relaxed);
        // ORDERING: Release pairs with the Acquire in `ask`.
        self.answered.store(round, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::{Round, Skew};
    use proptest::prelude::*;

    #[test]
    fn without_an_exchange_nothing_is_known() {
        assert_eq!(Skew::from_rounds([]), None);
    }

    #[test]
    fn ranges_without_anything_in_common_are_no_offset() {
        let near = Round {
            sent: 0,
            answered: 10,
            received: 20,
        };
        let far = Round {
            sent: 100,
            answered: 1_000,
            received: 120,
        };
        assert_eq!(Skew::from_rounds([near, far]), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(if cfg!(miri) { 2 } else { 1_000 }))]

        #[test]
        fn the_true_offset_lies_in_the_range(
            offset in -1_000_000_000i64..1_000_000_000,
            start: u64,
            ways in prop::collection::vec((0u64..5_000, 0u64..5_000), 1..20),
        ) {
            let rounds = ways.iter().map(|&(there, back)| Round {
                sent: start,
                answered: start.wrapping_add(there).wrapping_add_signed(offset),
                received: start.wrapping_add(there + back),
            });
            let skew = Skew::from_rounds(rounds).unwrap();
            prop_assert!(skew.ticks_min <= offset && offset <= skew.ticks_max);
        }
    }
}
