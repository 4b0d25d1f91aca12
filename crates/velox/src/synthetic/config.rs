//! What a flow looks like.

use core::fmt;

use crate::Price;

/// How events follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Arrivals {
    /// Independent of each other.
    Poisson,
    /// Each makes others more likely for a while: a self-exciting process with an exponential kernel (Hawkes, "Spectra
    /// of some self-exciting and mutually exciting point processes", 1971).
    Hawkes {
        /// Thousandths of another event that each event brings, below 1,000. The mean rate stays what it is.
        branching: u16,
        /// Nanoseconds after which half of that has passed.
        half_life_ns: u64,
    },
}

/// Stretches of a higher rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Bursts {
    /// Mean nanoseconds from the end of one to the beginning of the next, exponentially distributed.
    pub every_ns: u64,
    /// Mean nanoseconds that one takes, likewise.
    pub length_ns: u64,
    /// How many times the rate it has. The rate outside of bursts stays what it is.
    pub factor: u16,
}

/// Stretches in which an instrument isn't traded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Halts {
    /// Mean nanoseconds between the beginnings of two, of any instruments, exponentially distributed.
    pub every_ns: u64,
    /// Nanoseconds that one takes.
    pub length_ns: u64,
}

/// How often each kind of event happens, by weights.
///
/// Orders arrive at a rate of their own; the weights of what ends or changes one grow with the number of orders that
/// rest, as in the models of Smith, Farmer, Gillemot and Krishnamurthy (2003) and Cont, Stoikov and Talreja (2010). They
/// hold as they are when as many orders rest as [`Config::depth`] says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Mix {
    /// An order arrives and rests.
    pub add: u16,
    /// A part of an order is withdrawn.
    pub cancel: u16,
    /// An order is withdrawn.
    pub delete: u16,
    /// An order arrives that trades with those that rest, one or more of them.
    pub execute: u16,
    /// An order changes its price and quantity.
    pub replace: u16,
    /// A trade that the book knows nothing of.
    pub trade: u16,
}

impl Default for Mix {
    /// About as in days of large American stocks: as many orders end as arrive, most of them without a trade.
    fn default() -> Self {
        Self {
            add: 450,
            cancel: 15,
            delete: 410,
            execute: 30,
            replace: 80,
            trade: 5,
        }
    }
}

/// A flow.
///
/// ```
/// use velox::synthetic::{Arrivals, Config, Generator};
///
/// let config = Config {
///     instruments: 3,
///     arrivals: Arrivals::Poisson,
///     ..Config::default()
/// };
/// assert!(Generator::new(config, 7).is_ok());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Config {
    /// Events for each second, on average, outside of bursts. An order that trades with several counts once.
    pub rate: u64,
    /// How they follow each other.
    pub arrivals: Arrivals,
    /// Stretches of a higher rate, if any.
    pub bursts: Option<Bursts>,
    /// Halts, if any.
    pub halts: Option<Halts>,
    /// Instruments, numbered from 1 on. The n-th has an n-th of the events of the first.
    pub instruments: u16,
    /// Orders that rest in each, about.
    pub depth: u32,
    /// How often each kind of event happens.
    pub mix: Mix,
    /// Around which the first orders are placed.
    pub price: Price,
    /// Ticks between one price and the next: 100 is a cent in ITCH. The fair price is never below half the first price
    /// or above twice it.
    pub step: u16,
    /// Mean steps from the fair price at which an order is placed, geometrically distributed. Of 64 orders one is placed
    /// up to a thousand steps away.
    pub distance: u16,
    /// Of how many new orders one moves the fair price by a step up or down.
    pub drift: u16,
    /// Nanoseconds at which the flow begins.
    pub start_ns: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            rate: 1_000_000,
            arrivals: Arrivals::Hawkes {
                branching: 500,
                half_life_ns: 100_000,
            },
            bursts: None,
            halts: None,
            instruments: 1,
            depth: 1_000,
            mix: Mix::default(),
            price: Price::new(1_000_000),
            step: 100,
            distance: 8,
            drift: 16,
            start_ns: 0,
        }
    }
}

/// What a flow can't look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ConfigError {
    /// The rate is 0, or above 1,000,000,000.
    Rate,
    /// The branching is not below 1,000, or the half life is 0.
    Arrivals,
    /// A mean length, a time between or a factor is 0.
    Stretches,
    /// There are none.
    Instruments,
    /// No orders rest, or none arrive.
    Orders,
    /// The step is 0, or the price isn't from 4,000 steps to a quarter of [`Price::MAX`].
    Price,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Rate => "the rate is not from 1 to 1,000,000,000",
            Self::Arrivals => "the branching is not below 1,000, or the half life is 0",
            Self::Stretches => "a burst or halt without length, distance or factor",
            Self::Instruments => "no instruments",
            Self::Orders => "no orders rest or arrive",
            Self::Price => "the step is 0, or the price less than 4,000 steps or too high",
        })
    }
}

impl core::error::Error for ConfigError {}

impl Config {
    /// Whether there is such a flow.
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let is_hawkes = match self.arrivals {
            Arrivals::Poisson => true,
            Arrivals::Hawkes {
                branching,
                half_life_ns,
            } => branching < 1000 && half_life_ns > 0,
        };
        let bursts = self
            .bursts
            .is_none_or(|it| it.every_ns > 0 && it.length_ns > 0 && it.factor > 0);
        let halts = self
            .halts
            .is_none_or(|it| it.every_ns > 0 && it.length_ns > 0);
        let (price, step) = (self.price.ticks(), i32::from(self.step));
        let is_price = step > 0 && price / step >= 4_000 && price <= Price::MAX.ticks() / 4;
        let conditions = [
            ((1..=1_000_000_000).contains(&self.rate), ConfigError::Rate),
            (is_hawkes, ConfigError::Arrivals),
            (bursts && halts, ConfigError::Stretches),
            (self.instruments > 0, ConfigError::Instruments),
            (self.depth > 0 && self.mix.add > 0, ConfigError::Orders),
            (is_price, ConfigError::Price),
        ];
        match conditions.into_iter().find(|(holds, _)| !holds) {
            Some((_, error)) => Err(error),
            None => Ok(()),
        }
    }
}
