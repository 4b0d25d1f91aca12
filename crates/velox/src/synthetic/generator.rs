//! The flow itself.

use core::iter::FusedIterator;
use std::collections::VecDeque;

use super::arrivals::Process;
use super::config::{Config, ConfigError};
use super::event::{Action, Event};
use super::orders::{Order, Orders};
use super::random::Random;
use crate::{Price, Side};

/// How far the orders are placed that are placed far away, in steps.
const FAR: u64 = 1_000;

/// An endless flow of events that the seed determines, on every platform.
///
/// Every event is possible: an order is executed, reduced, withdrawn or replaced only while it rests and by no more than
/// it has, executions take the best price and the oldest order first, and no two orders have a reference in common. A bid
/// is never placed at or above the best ask, or an ask at or below the best bid.
///
/// # Examples
///
/// ```
/// use velox::synthetic::{Config, Generator};
///
/// let one: Vec<_> = Generator::new(Config::default(), 7)?.take(1_000).collect();
/// let other: Vec<_> = Generator::new(Config::default(), 7)?.take(1_000).collect();
/// assert_eq!(one, other);
/// assert!(one.is_sorted_by_key(|event| event.time_ns));
/// # Ok::<(), velox::synthetic::ConfigError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Generator {
    config: Config,
    /// Of what happens, and of when.
    random: Random,
    timing: Random,
    process: Process,
    /// When the next event arrives, and the next halt begins.
    arrival: u64,
    halt: u64,
    /// Instruments that are halted, by when that ends.
    halted: VecDeque<(u64, u16)>,
    markets: Vec<Market>,
    /// Sums of the weights of the markets up to each.
    weights: Vec<u64>,
    /// What is left of an order that trades with those that rest.
    taker: Option<Taker>,
    reference: u64,
    trade: u64,
}

/// One instrument.
#[derive(Clone, Debug)]
struct Market {
    orders: Orders,
    /// Where its orders gather, in steps.
    fair: i32,
    is_halted: bool,
}

/// An order that trades at once.
#[derive(Clone, Copy, Debug)]
struct Taker {
    time_ns: u64,
    market: usize,
    /// The side that it takes from.
    side: Side,
    shares: u32,
}

impl Generator {
    /// The flow of this seed.
    ///
    /// # Errors
    ///
    /// If there is no such flow.
    pub fn new(config: Config, seed: u64) -> Result<Self, ConfigError> {
        config.check()?;
        let mut timing = Random::new(seed, 1);
        let mut process = Process::new(config.rate, config.arrivals, config.bursts, &mut timing);
        let market = Market {
            orders: Orders::default(),
            fair: config.price.ticks() / i32::from(config.step),
            is_halted: false,
        };
        let arrival = process.next(&mut timing);
        let mut sum = 0;
        let weights = (1..=u64::from(config.instruments)).map(|number| {
            sum += (1 << 32) / number;
            sum
        });
        let mut generator = Self {
            weights: weights.collect(),
            config,
            random: Random::new(seed, 0),
            timing,
            process,
            arrival,
            halt: u64::MAX,
            halted: VecDeque::new(),
            markets: vec![market; config.instruments.into()],
            taker: None,
            reference: 0,
            trade: 0,
        };
        generator.plan_halt(0);
        Ok(generator)
    }

    /// Its transactions, numbered from 0 on. A replacement is two.
    ///
    /// ```
    /// use velox::synthetic::{Config, Generator};
    ///
    /// let flow = Generator::new(Config::default(), 7)?.transactions();
    /// assert!(flow.take(1_000).map(|it| it.sequence).eq(0..1_000));
    /// # Ok::<(), velox::synthetic::ConfigError>(())
    /// ```
    #[must_use]
    pub fn transactions(self) -> TransactionFlow {
        TransactionFlow {
            generator: self,
            next: None,
            sequence: 0,
        }
    }

    /// What it was made with.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    fn next_event(&mut self) -> Event {
        loop {
            if let Some(taker) = self.taker.take()
                && let Some(event) = self.take(taker)
            {
                return event;
            }
            let resume = self.halted.front().map_or(u64::MAX, |(end, _)| *end);
            if resume <= self.halt.min(self.arrival) {
                return self.resume();
            }
            if self.halt <= self.arrival {
                if let Some(event) = self.begin_halt() {
                    return event;
                }
                continue;
            }
            let time = self.arrival;
            self.arrival = self.process.next(&mut self.timing);
            let market = self.pick_market();
            if !self.markets[market].is_halted
                && let Some(event) = self.act(time, market)
            {
                return event;
            }
        }
    }

    fn event(&self, time: u64, market: usize, action: Action) -> Event {
        Event {
            time_ns: self.config.start_ns.saturating_add(time),
            instrument: market as u16 + 1,
            action,
        }
    }

    fn pick_market(&mut self) -> usize {
        let sum = self.weights.last().copied().unwrap_or(1);
        let place = self.random.below(sum);
        self.weights.partition_point(|end| *end <= place)
    }

    fn plan_halt(&mut self, after: u64) {
        if let Some(halts) = self.config.halts {
            let gap = (u128::from(self.timing.exponential()) * u128::from(halts.every_ns)) >> 32;
            self.halt = after.saturating_add(gap as u64);
        }
    }

    fn begin_halt(&mut self) -> Option<Event> {
        let time = self.halt;
        self.plan_halt(time);
        let market = self.pick_market();
        let halts = self.config.halts?;
        if core::mem::replace(&mut self.markets[market].is_halted, true) {
            return None;
        }
        let end = time.saturating_add(halts.length_ns);
        self.halted.push_back((end, market as u16));
        Some(self.event(time, market, Action::Halt))
    }

    fn resume(&mut self) -> Event {
        let (time, market) = self.halted.pop_front().unwrap_or_default();
        self.markets[usize::from(market)].is_halted = false;
        self.event(time, market.into(), Action::Resume)
    }

    /// Does something to an instrument, if there is an order to do it to.
    fn act(&mut self, time: u64, market: usize) -> Option<Event> {
        let mix = self.config.mix;
        let depth = u64::from(self.config.depth);
        let resting = self.markets[market].orders.len() as u64;
        let growing = |weight: u16| u64::from(weight) * resting / depth;
        let fixed = |weight: u16| u64::from(weight);
        let weights = [
            fixed(mix.add),
            growing(mix.cancel),
            growing(mix.delete),
            fixed(mix.execute),
            growing(mix.replace),
            fixed(mix.trade),
        ];
        let mut place = self.random.below(weights.iter().sum());
        let kind = weights
            .iter()
            .position(|weight| match place.checked_sub(*weight) {
                Some(left) => {
                    place = left;
                    false
                }
                None => true,
            });
        match kind {
            Some(1) => self.cancel(time, market),
            Some(2) => self.delete(time, market),
            Some(3) => self.execute(time, market),
            Some(4) => self.replace(time, market),
            Some(5) => self.trade(time, market),
            _ => Some(self.add(time, market)),
        }
    }

    fn add(&mut self, time: u64, market: usize) -> Event {
        self.walk(market);
        let side = if self.random.chance(1, 2) {
            Side::Bid
        } else {
            Side::Ask
        };
        let order = Order {
            reference: self.next_reference(),
            side,
            price: self.place(market, side),
            shares: self.shares(),
        };
        self.markets[market].orders.insert(order);
        let action = Action::Add {
            order: order.reference,
            side,
            price: self.price(order.price),
            shares: order.shares,
            is_attributed: self.random.chance(1, 32),
        };
        self.event(time, market, action)
    }

    fn cancel(&mut self, time: u64, market: usize) -> Option<Event> {
        let place = self.pick(market)?;
        let order = *self.markets[market].orders.get(place);
        let most = u64::from(order.shares - 1);
        if most == 0 {
            return self.delete(time, market);
        }
        let shares = 1 + self.random.below(most) as u32;
        self.markets[market].orders.reduce(place, shares);
        let order = order.reference;
        Some(self.event(time, market, Action::Cancel { order, shares }))
    }

    fn delete(&mut self, time: u64, market: usize) -> Option<Event> {
        let place = self.pick(market)?;
        let order = self.markets[market].orders.remove(place).reference;
        Some(self.event(time, market, Action::Delete { order }))
    }

    fn replace(&mut self, time: u64, market: usize) -> Option<Event> {
        let place = self.pick(market)?;
        let old = self.markets[market].orders.remove(place);
        let new = Order {
            reference: self.next_reference(),
            price: self.place(market, old.side),
            shares: self.shares(),
            ..old
        };
        self.markets[market].orders.insert(new);
        let action = Action::Replace {
            order: old.reference,
            new_order: new.reference,
            price: self.price(new.price),
            shares: new.shares,
        };
        Some(self.event(time, market, action))
    }

    /// An order arrives that trades: with the side that the fair price has left behind, or with either.
    fn execute(&mut self, time_ns: u64, market: usize) -> Option<Event> {
        let it = &self.markets[market];
        let is_low = it
            .orders
            .best_price(Side::Ask)
            .is_some_and(|ask| ask <= it.fair);
        let is_high = it
            .orders
            .best_price(Side::Bid)
            .is_some_and(|bid| bid >= it.fair);
        let side = match (is_low, is_high) {
            (true, _) => Side::Ask,
            (_, true) => Side::Bid,
            _ if self.random.chance(1, 2) => Side::Ask,
            _ => Side::Bid,
        };
        let shares = self.shares().saturating_mul(2);
        self.take(Taker {
            time_ns,
            market,
            side,
            shares,
        })
    }

    /// Trades with the next order, and keeps what is left of the taker.
    fn take(&mut self, taker: Taker) -> Option<Event> {
        let orders = &mut self.markets[taker.market].orders;
        let place = orders.best(taker.side)?;
        let order = *orders.get(place);
        let shares = order.shares.min(taker.shares);
        orders.reduce(place, shares);
        let left = taker.shares - shares;
        self.taker = (left > 0).then_some(Taker {
            shares: left,
            ..taker
        });
        self.trade += 1;
        let paid = self
            .random
            .chance(1, 64)
            .then(|| self.price(order.price + 1));
        let action = Action::Execute {
            order: order.reference,
            shares,
            trade: self.trade,
            paid,
        };
        Some(self.event(taker.time_ns, taker.market, action))
    }

    fn trade(&mut self, time: u64, market: usize) -> Option<Event> {
        self.trade += 1;
        let action = Action::Trade {
            side: Side::Bid,
            price: self.price(self.markets[market].fair),
            shares: self.shares(),
            trade: self.trade,
        };
        Some(self.event(time, market, action))
    }

    /// Any order of an instrument, if it has one.
    fn pick(&mut self, market: usize) -> Option<usize> {
        let orders = &self.markets[market].orders;
        (orders.len() > 0).then(|| orders.pick(&mut self.random))
    }

    /// Now and then moves the fair price by a step.
    fn walk(&mut self, market: usize) {
        if self.random.chance(1, u64::from(self.config.drift).max(1)) {
            let first = self.config.price.ticks() / i32::from(self.config.step);
            let step = if self.random.chance(1, 2) { 1 } else { -1 };
            let fair = &mut self.markets[market].fair;
            *fair = (*fair + step).clamp(first / 2, first * 2);
        }
    }

    /// Where a new order goes: some steps from the fair price, and on its own side of the other side's best.
    fn place(&mut self, market: usize, side: Side) -> i32 {
        let distance = if self.random.chance(1, 64) {
            self.random.below(FAR)
        } else {
            self.random.geometric(self.config.distance.into()).min(FAR)
        };
        let distance = 1 + distance as i32;
        let it = &self.markets[market];
        match side {
            Side::Bid => {
                let ask = it.orders.best_price(Side::Ask).unwrap_or(i32::MAX);
                (it.fair - distance).min(ask - 1)
            }
            Side::Ask => {
                let bid = it.orders.best_price(Side::Bid).unwrap_or(i32::MIN);
                (it.fair + distance).max(bid + 1)
            }
        }
    }

    /// The shares of an order: mostly some round lots, at times any number.
    fn shares(&mut self) -> u32 {
        if self.random.chance(1, 4) {
            1 + self.random.below(300) as u32
        } else {
            100 * (1 + self.random.geometric(2) as u32)
        }
    }

    fn price(&self, steps: i32) -> Price {
        Price::new(steps * i32::from(self.config.step))
    }

    fn next_reference(&mut self) -> u64 {
        self.reference += 1 + self.random.below(4);
        self.reference
    }
}

impl Iterator for Generator {
    type Item = Event;

    fn next(&mut self) -> Option<Event> {
        Some(self.next_event())
    }
}

impl FusedIterator for Generator {}

/// An endless flow of transactions.
///
/// Made by [`Generator::transactions`].
#[derive(Clone, Debug)]
pub struct TransactionFlow {
    generator: Generator,
    /// The second half of a replacement.
    next: Option<crate::Transaction>,
    sequence: u32,
}

impl Iterator for TransactionFlow {
    type Item = crate::Transaction;

    fn next(&mut self) -> Option<crate::Transaction> {
        let transaction = match self.next.take() {
            Some(transaction) => transaction,
            None => loop {
                let mut transactions = self.generator.next_event().transactions(self.sequence);
                if let Some(first) = transactions.next() {
                    self.next = transactions.next();
                    break first;
                }
            },
        };
        self.sequence = self.sequence.wrapping_add(1);
        Some(transaction)
    }
}

impl FusedIterator for TransactionFlow {}
