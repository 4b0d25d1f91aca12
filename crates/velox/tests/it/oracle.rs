//! A book of ordered maps, random updates, and a comparison after every one of them.
//!
//! `examples/book_soak.rs` takes this file in too.

use std::collections::BTreeMap;
use velox::{BookError, BookWriter, Depth, Level, Price, SharedBook, Side, Top};

/// Random numbers from a seed (splitmix64).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn word(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.word() % end
    }
}

/// One update.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Change {
    Add,
    Remove,
}

/// A book that is compared.
pub(crate) trait Subject {
    fn change(
        &mut self,
        change: Change,
        side: Side,
        price: Price,
        by: u64,
    ) -> Result<(), BookError>;
    fn top(&self) -> Top;
    fn quantity_at(&self, side: Side, price: Price) -> u64;
    fn depth_into(&self, levels: usize, depth: &mut Depth);
}

impl Subject for BookWriter {
    fn change(
        &mut self,
        change: Change,
        side: Side,
        price: Price,
        by: u64,
    ) -> Result<(), BookError> {
        match change {
            Change::Add => self.add(side, price, by),
            Change::Remove => self.remove(side, price, by),
        }
    }

    fn top(&self) -> Top {
        let top = self.reader().top();
        assert_eq!(BookWriter::top(self), top, "writer and reader");
        top
    }

    fn quantity_at(&self, side: Side, price: Price) -> u64 {
        let quantity = self.reader().quantity_at(side, price);
        assert_eq!(BookWriter::quantity_at(self, side, price), quantity);
        quantity
    }

    fn depth_into(&self, levels: usize, depth: &mut Depth) {
        self.reader().depth_into(levels, depth);
    }
}

impl Subject for SharedBook {
    fn change(
        &mut self,
        change: Change,
        side: Side,
        price: Price,
        by: u64,
    ) -> Result<(), BookError> {
        match change {
            Change::Add => self.add(side, price, by),
            Change::Remove => self.remove(side, price, by),
        }
    }

    fn top(&self) -> Top {
        Self::top(self)
    }

    fn quantity_at(&self, side: Side, price: Price) -> u64 {
        Self::quantity_at(self, side, price)
    }

    fn depth_into(&self, levels: usize, depth: &mut Depth) {
        depth.bids = self.levels(Side::Bid).take(levels).collect();
        depth.asks = self.levels(Side::Ask).take(levels).collect();
    }
}

/// The truth.
#[derive(Debug)]
pub(crate) struct Oracle {
    sides: [BTreeMap<i32, u64>; 2],
    /// What a level holds at most.
    most: u64,
}

impl Oracle {
    fn side(&self, side: Side) -> &BTreeMap<i32, u64> {
        &self.sides[usize::from(side == Side::Ask)]
    }

    pub(crate) fn change(
        &mut self,
        change: Change,
        side: Side,
        price: Price,
        by: u64,
    ) -> Result<(), BookError> {
        let levels = &mut self.sides[usize::from(side == Side::Ask)];
        let held = levels.get(&price.ticks()).copied().unwrap_or(0);
        let after = match change {
            Change::Add => held
                .checked_add(by)
                .filter(|it| *it <= self.most)
                .ok_or(BookError::Overflow { held })?,
            Change::Remove => held.checked_sub(by).ok_or(BookError::Underflow { held })?,
        };
        match after {
            0 => _ = levels.remove(&price.ticks()),
            _ => _ = levels.insert(price.ticks(), after),
        }
        Ok(())
    }

    pub(crate) fn top(&self) -> Top {
        Top {
            bid: self
                .side(Side::Bid)
                .last_key_value()
                .map(|it| Price::new(*it.0)),
            ask: self
                .side(Side::Ask)
                .first_key_value()
                .map(|it| Price::new(*it.0)),
        }
    }

    pub(crate) fn quantity_at(&self, side: Side, price: Price) -> u64 {
        self.side(side).get(&price.ticks()).copied().unwrap_or(0)
    }

    pub(crate) fn depth_is(&self, levels: usize, depth: &Depth) {
        let level = |(ticks, quantity): (&i32, &u64)| Level {
            price: Price::new(*ticks),
            quantity: *quantity,
        };
        let bids = self.side(Side::Bid).iter().rev().take(levels).map(level);
        assert!(
            bids.eq(depth.bids.iter().copied()),
            "bids: {:?}",
            depth.bids
        );
        let asks = self.side(Side::Ask).iter().take(levels).map(level);
        assert!(
            asks.eq(depth.asks.iter().copied()),
            "asks: {:?}",
            depth.asks
        );
    }

    /// Some price that has a level.
    fn some(&self, side: Side, near: i32, random: &mut Random) -> Option<i32> {
        let levels = self.side(side);
        let up = levels.range(near..).next();
        let down = levels.range(..near).next_back();
        let found = if random.below(2) == 0 {
            up.or(down)
        } else {
            down.or(up)
        };
        found.map(|(ticks, _)| *ticks)
    }
}

/// Which prices the updates are about.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Prices {
    /// The lowest and the highest.
    pub(crate) range: (i32, i32),
    /// How many updates a price comes from anywhere in the range: one in so many.
    pub(crate) anywhere: u64,
    /// What a level holds at most.
    pub(crate) most: u64,
}

/// Makes `count` random updates on the subject and on the oracle, and compares them after each.
///
/// The market wanders, with stretches where it is deep, thin or jumps. One update in a few tries what must be
/// refused. Gives how many were refused.
pub(crate) fn compare(subject: &mut impl Subject, prices: Prices, seed: u64, count: u64) -> u64 {
    let mut random = Random(seed);
    let mut oracle = Oracle {
        sides: Default::default(),
        most: prices.most,
    };
    let (low, high) = (i64::from(prices.range.0), i64::from(prices.range.1));
    let mut depth = Depth::default();
    let mut middle = i64::midpoint(low, high);
    let (mut width, mut refused, mut step) = (20, 0, 1);
    for number in 0..count {
        if random.below(5_000) == 0 {
            width = 1 << random.below(12);
            step = if random.below(2) == 0 { 1 } else { 100 };
            if random.below(4) == 0 {
                middle = low + random.below((high - low) as u64 + 1) as i64;
            }
        }
        middle += random.below(3) as i64 - 1;
        let side = if random.below(2) == 0 {
            Side::Bid
        } else {
            Side::Ask
        };
        let away = random.below(width) as i64 * step;
        let ticks = match random.below(prices.anywhere) {
            0 => match random.below(4) {
                0 => low + random.below(3) as i64,
                1 => high - random.below(3) as i64,
                _ => low + random.below((high - low) as u64 + 1) as i64,
            },
            _ if side == Side::Bid => middle - away + 2,
            _ => middle + away - 2,
        };
        let mut ticks = ticks.clamp(low, high) as i32;
        let change = if random.below(100) < 47 {
            Change::Add
        } else {
            Change::Remove
        };
        if matches!(change, Change::Remove) && random.below(16) != 0 {
            ticks = oracle.some(side, ticks, &mut random).unwrap_or(ticks);
        }
        let price = Price::new(ticks);
        let held = oracle.quantity_at(side, price);
        let by = match (change, random.below(64)) {
            (_, 0) => 0,
            (Change::Add, 1) => prices.most - random.below(200),
            (Change::Remove, 1) => held.saturating_add(1),
            (Change::Remove, 2..30) => held / 2,
            (Change::Remove, _) => held,
            (Change::Add, _) => 1 + random.below(100),
        };
        let expected = oracle.change(change, side, price, by);
        let got = subject.change(change, side, price, by);
        let at = || format!("update {number} of seed {seed}: {change:?} {side:?} {price:?} {by}");
        assert_eq!(got, expected, "{}", at());
        refused += u64::from(got.is_err());
        assert_eq!(subject.top(), oracle.top(), "{}", at());
        let quantity = subject.quantity_at(side, price);
        assert_eq!(quantity, oracle.quantity_at(side, price), "{}", at());
        let levels = if number % 1024 == 0 { usize::MAX } else { 2 };
        subject.depth_into(levels, &mut depth);
        oracle.depth_is(levels, &depth);
    }
    refused
}
