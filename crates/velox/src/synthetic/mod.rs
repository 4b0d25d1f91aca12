//! A synthetic market: a flow of orders from a seed.
//!
//! A [`Generator`] makes [`Event`]s, transactions, or with [`write_day`] an ITCH file. The same seed and [`Config`] make
//! the same flow on every platform: all of it is integer arithmetic on the numbers of a ChaCha8 generator.
//!
//! ```
//! use velox::Kind;
//! use velox::synthetic::{Config, Generator};
//!
//! let flow = Generator::new(Config::default(), 7)?.transactions();
//! let adds = flow.take(10_000).filter(|it| it.kind == Kind::Add).count();
//! assert!(adds > 3_000);
//! # Ok::<(), velox::synthetic::ConfigError>(())
//! ```
//!
//! # The model
//!
//! - *When*: a Poisson process, or a self-exciting one (Hawkes, 1971) with an exponential kernel, drawn by thinning (Ogata,
//!   1981). [`Bursts`] multiply its rate, [`Halts`] silence an instrument.
//! - *What*: limit orders, orders that trade at once, and withdrawals, each with a rate of its own; withdrawals in
//!   proportion to what rests (Smith, Farmer, Gillemot and Krishnamurthy, "Statistical theory of the continuous double
//!   auction", 2003; Cont, Stoikov and Talreja, "A stochastic model for order book dynamics", 2010).
//! - *Where*: a geometrically distributed distance from a fair price, which walks a step up or down now and then. An order
//!   that trades takes the side that the fair price has left behind.
//! - *Which instrument*: the n-th with a weight of 1/n.
//!
//! It is no model of any market's prices: it is there to have every kind of event, in every order in which they can come.
//!
//! # Cost
//!
//! An event takes some hundred nanoseconds, and the logarithm of the orders that rest. The generator allocates while the
//! number of orders grows, and moves tree nodes about later.

mod arrivals;
mod config;
mod day;
mod event;
mod generator;
mod orders;
mod random;

pub use config::{Arrivals, Bursts, Config, ConfigError, Halts, Mix};
pub use day::{OPENING_NS, write_day};
pub use event::{Action, Event};
pub use generator::{Generator, TransactionFlow};
