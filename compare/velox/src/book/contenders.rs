//! The books.

use super::stream::Event;
use super::{Book, contender};
use hftbacktest::depth::{HashMapMarketDepth, L2MarketDepth, MarketDepth, ROIVectorMarketDepth};
use lobster::{OrderBook as Lobster, OrderType};
use orderbook_rs::OrderBook as OrderBookRs;
use pricelevel::{Id, Side as LevelSide, TimeInForce};
use std::collections::BTreeMap;
use std::hint::black_box;
use velox::{BookReader, BookWriter, Price, SharedBook, SharedBookConfig, Side};

/// A book, and how it is measured.
pub struct Contender {
    pub name: &'static str,
    /// Nanoseconds for each event, and the sum of the best prices.
    pub run: fn(&[Event]) -> (f64, i64),
}

pub fn all() -> Vec<Contender> {
    vec![
        contender::<Writer>(super::WRITER),
        contender::<WriterAndReader>("velox, read by a reader"),
        contender::<Shared>(super::SHARED),
        contender::<Maps>("two BTreeMaps"),
        contender::<Roi>("hftbacktest, ROI vector"),
        contender::<Hashed>("hftbacktest, hash map"),
        contender::<LobsterBook>("lobster"),
        contender::<OrderBookRsBook>("orderbook-rs"),
    ]
}

pub const fn side(event: &Event) -> Side {
    if event.ask { Side::Ask } else { Side::Bid }
}

/// The change of the level.
pub fn change(event: &Event) -> i64 {
    let quantity = i64::from(event.quantity);
    if event.add { quantity } else { -quantity }
}

pub fn ticks(price: Option<Price>) -> i64 {
    price.map_or(0, |it| i64::from(it.ticks()))
}

struct Writer(BookWriter);

impl Book for Writer {
    fn new() -> Self {
        Self(BookWriter::new())
    }

    fn apply(&mut self, event: &Event) {
        let done = self
            .0
            .update(side(event), Price::new(event.ticks), change(event));
        debug_assert!(done.is_ok());
    }

    fn best(&mut self) -> [i64; 2] {
        let top = self.0.top();
        [ticks(top.bid), ticks(top.ask)]
    }
}

/// The same, but the best prices are read as another thread would.
struct WriterAndReader(Writer, BookReader);

impl Book for WriterAndReader {
    fn new() -> Self {
        let writer = Writer::new();
        let reader = writer.0.reader();
        Self(writer, reader)
    }

    fn apply(&mut self, event: &Event) {
        self.0.apply(event);
    }

    fn best(&mut self) -> [i64; 2] {
        let top = self.1.top();
        [ticks(top.bid), ticks(top.ask)]
    }
}

struct Shared(SharedBook);

impl Book for Shared {
    fn new() -> Self {
        let first = Price::new(8_000);
        Self(SharedBook::new(SharedBookConfig {
            first,
            slots: 4096,
            step: 1,
        }))
    }

    fn apply(&mut self, event: &Event) {
        let done = self
            .0
            .update(side(event), Price::new(event.ticks), change(event));
        debug_assert!(done.is_ok());
    }

    fn best(&mut self) -> [i64; 2] {
        let top = self.0.top();
        [ticks(top.bid), ticks(top.ask)]
    }
}

/// What one writes without a library.
pub struct Maps {
    bids: BTreeMap<i32, u64>,
    asks: BTreeMap<i32, u64>,
}

impl Book for Maps {
    fn new() -> Self {
        Self {
            bids: BTreeMap::new(),
            asks: BTreeMap::new(),
        }
    }

    fn apply(&mut self, event: &Event) {
        let levels = if event.ask {
            &mut self.asks
        } else {
            &mut self.bids
        };
        let quantity = u64::from(event.quantity);
        if event.add {
            *levels.entry(event.ticks).or_insert(0) += quantity;
        } else if let Some(held) = levels.get_mut(&event.ticks) {
            *held -= quantity;
            if *held == 0 {
                levels.remove(&event.ticks);
            }
        }
    }

    fn best(&mut self) -> [i64; 2] {
        let bid = self.bids.last_key_value().map_or(0, |it| i64::from(*it.0));
        [
            bid,
            self.asks.first_key_value().map_or(0, |it| i64::from(*it.0)),
        ]
    }
}

/// Its interface takes prices and quantities as floating-point numbers, and what a level holds.
fn update<D: L2MarketDepth>(depth: &mut D, event: &Event) {
    let (price, quantity) = (f64::from(event.ticks), f64::from(event.level));
    let changed = match event.ask {
        true => depth.update_ask_depth(price, quantity, 0),
        false => depth.update_bid_depth(price, quantity, 0),
    };
    black_box(changed);
}

/// It gives the extremes of 64 bits for an empty side.
fn best<D: MarketDepth>(depth: &D) -> [i64; 2] {
    [depth.best_bid_tick(), depth.best_ask_tick()].map(|it| {
        if it == i64::MIN || it == i64::MAX {
            0
        } else {
            it
        }
    })
}

struct Roi(ROIVectorMarketDepth);

impl Book for Roi {
    fn new() -> Self {
        Self(ROIVectorMarketDepth::new(1.0, 1.0, 8_000.0, 12_095.0))
    }

    fn apply(&mut self, event: &Event) {
        update(&mut self.0, event);
    }

    fn best(&mut self) -> [i64; 2] {
        best(&self.0)
    }
}

struct Hashed(HashMapMarketDepth);

impl Book for Hashed {
    fn new() -> Self {
        Self(HashMapMarketDepth::new(1.0, 1.0))
    }

    fn apply(&mut self, event: &Event) {
        update(&mut self.0, event);
    }

    fn best(&mut self) -> [i64; 2] {
        best(&self.0)
    }
}

struct LobsterBook(Lobster);

impl Book for LobsterBook {
    fn new() -> Self {
        Self(Lobster::default())
    }

    fn apply(&mut self, event: &Event) {
        let id = u128::from(event.order);
        let order = match event.add {
            true => OrderType::Limit {
                id,
                side: if event.ask {
                    lobster::Side::Ask
                } else {
                    lobster::Side::Bid
                },
                qty: u64::from(event.quantity),
                price: event.ticks as u64,
            },
            false => OrderType::Cancel { id },
        };
        black_box(self.0.execute(order));
    }

    fn best(&mut self) -> [i64; 2] {
        [self.0.max_bid(), self.0.min_ask()].map(|it| it.unwrap_or(0) as i64)
    }
}

struct OrderBookRsBook(OrderBookRs<()>);

impl Book for OrderBookRsBook {
    fn new() -> Self {
        Self(OrderBookRs::new("X"))
    }

    fn apply(&mut self, event: &Event) {
        let id = Id::from_u64(event.order);
        if event.add {
            let side = if event.ask {
                LevelSide::Sell
            } else {
                LevelSide::Buy
            };
            let (price, quantity) = (event.ticks as u128, u64::from(event.quantity));
            let added = self
                .0
                .add_limit_order(id, price, quantity, side, TimeInForce::Gtc, None);
            black_box(added.is_ok());
        } else {
            black_box(self.0.cancel_order(id).is_ok());
        }
    }

    fn best(&mut self) -> [i64; 2] {
        [self.0.best_bid(), self.0.best_ask()].map(|it| it.unwrap_or(0) as i64)
    }
}
