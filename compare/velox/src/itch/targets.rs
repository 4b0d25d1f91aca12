//! Where parsed messages go: into transactions that are summed up, or into books.

use std::collections::{BTreeMap, HashMap};
use velox::{BookConfig, Books, Kind, Price, Side, Transaction};

/// What messages about orders do.
pub trait Target: Default {
    /// An execution, a cancellation or a deletion.
    fn put(&mut self, kind: Kind, time_ns: u64, instrument: u16, order: u64, quantity: u32);

    fn add(
        &mut self,
        time_ns: u64,
        instrument: u16,
        order: u64,
        quantity: u32,
        price: u32,
        side: Side,
    );

    /// The old reference and the new one.
    fn replace(
        &mut self,
        time_ns: u64,
        instrument: u16,
        orders: [u64; 2],
        quantity: u32,
        price: u32,
    );

    /// What it came to.
    fn finish(self) -> u64;
}

/// What is left of a transaction in the sum; every field of it is in there.
pub fn digest(sum: u64, it: &Transaction) -> u64 {
    let price = it.price.ticks() as u64;
    let low = u64::from(it.sequence) << 8 | u64::from(it.instrument);
    let kinds = u64::from(it.kind as u8) << 8 | u64::from(it.side as u8);
    [it.time_ns, it.order, price, it.quantity.into(), low, kinds]
        .into_iter()
        .fold(sum, u64::wrapping_add)
}

/// Who takes velox's transactions.
trait Take: Default {
    fn take(&mut self, transaction: &Transaction);
    fn sequence(&mut self) -> &mut u32;
    fn result(self) -> u64;
}

impl<T: Take> Target for T {
    fn put(&mut self, kind: Kind, time_ns: u64, instrument: u16, order: u64, quantity: u32) {
        let transaction = Transaction {
            time_ns,
            order,
            price: Price::new(0),
            quantity,
            sequence: *self.sequence(),
            instrument,
            kind,
            side: Side::Bid,
        };
        self.take(&transaction);
        *self.sequence() += 1;
    }

    fn add(
        &mut self,
        time_ns: u64,
        instrument: u16,
        order: u64,
        quantity: u32,
        price: u32,
        side: Side,
    ) {
        let transaction = Transaction {
            time_ns,
            order,
            price: Price::new(price as i32),
            quantity,
            sequence: *self.sequence(),
            instrument,
            kind: Kind::Add,
            side,
        };
        self.take(&transaction);
        *self.sequence() += 1;
    }

    fn replace(
        &mut self,
        time_ns: u64,
        instrument: u16,
        orders: [u64; 2],
        quantity: u32,
        price: u32,
    ) {
        let [old, new] = orders;
        let replace = Transaction {
            time_ns,
            order: old,
            price: Price::new(price as i32),
            quantity,
            sequence: *self.sequence(),
            instrument,
            kind: Kind::Replace,
            side: Side::Bid,
        };
        self.take(&replace);
        let next = Transaction {
            sequence: replace.sequence + 1,
            ..replace
        };
        self.take(&next.rename(old, new));
        *self.sequence() += 2;
    }

    fn finish(self) -> u64 {
        self.result()
    }
}

/// The sum of all transactions.
#[derive(Default)]
pub struct Digest {
    sum: u64,
    sequence: u32,
}

impl Take for Digest {
    fn take(&mut self, transaction: &Transaction) {
        self.sum = digest(self.sum, transaction);
    }

    fn sequence(&mut self) -> &mut u32 {
        &mut self.sequence
    }

    fn result(self) -> u64 {
        self.sum
    }
}

/// velox's books.
pub struct Exact {
    pub books: Books,
    sequence: u32,
}

impl Exact {
    #[inline(always)]
    pub fn apply(&mut self, transaction: &Transaction) {
        let applied = self.books.apply(transaction);
        debug_assert!(applied.is_ok());
    }
}

impl Default for Exact {
    fn default() -> Self {
        Self {
            books: Books::with_config(BookConfig {
                slots: 1024,
                step: 100,
            }),
            sequence: 0,
        }
    }
}

impl Take for Exact {
    fn take(&mut self, transaction: &Transaction) {
        self.apply(transaction);
    }

    fn sequence(&mut self) -> &mut u32 {
        &mut self.sequence
    }

    fn result(self) -> u64 {
        levels(&self.books)
    }
}

/// A number for all levels.
pub fn levels(books: &Books) -> u64 {
    let mut sum = 0;
    for (instrument, book) in books.instruments() {
        for side in [Side::Bid, Side::Ask] {
            for level in book.levels(side) {
                sum = with_level(sum, instrument, side, level.price.ticks(), level.quantity);
            }
        }
    }
    sum
}

fn with_level(sum: u64, instrument: u16, side: Side, ticks: i32, quantity: u64) -> u64 {
    let place = u64::from(instrument) << 40 | (side as u64) << 32 | u64::from(ticks as u32);
    sum.wrapping_add(place.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ quantity)
}

#[derive(Clone, Copy)]
struct Resting {
    instrument: u16,
    side: Side,
    price: u32,
    quantity: u32,
}

/// What one writes without velox: a map of orders with a fast hash, and an ordered map for each side of each book.
#[derive(Default)]
pub struct Maps {
    orders: HashMap<u64, Resting, foldhash::fast::FixedState>,
    books: Vec<[BTreeMap<u32, u64>; 2]>,
}

impl Maps {
    fn side(&mut self, order: &Resting) -> &mut BTreeMap<u32, u64> {
        let at = usize::from(order.instrument);
        if at >= self.books.len() {
            self.books.resize_with(at + 1, Default::default);
        }
        &mut self.books[at][usize::from(order.side == Side::Ask)]
    }

    fn rest(&mut self, reference: u64, order: Resting) {
        self.orders.insert(reference, order);
        *self.side(&order).entry(order.price).or_insert(0) += u64::from(order.quantity);
    }

    fn take_off(&mut self, order: &Resting, quantity: u32) {
        let side = self.side(order);
        if let Some(held) = side.get_mut(&order.price) {
            *held -= u64::from(quantity);
            if *held == 0 {
                side.remove(&order.price);
            }
        }
    }
}

impl Target for Maps {
    fn put(&mut self, kind: Kind, _: u64, _: u16, reference: u64, quantity: u32) {
        let (order, quantity) = if kind == Kind::Delete {
            let order = self.orders.remove(&reference).expect("it rests");
            (order, order.quantity)
        } else {
            let order = self.orders.get_mut(&reference).expect("it rests");
            order.quantity -= quantity;
            let order = *order;
            if order.quantity == 0 {
                self.orders.remove(&reference);
            }
            (order, quantity)
        };
        self.take_off(&order, quantity);
    }

    fn add(&mut self, _: u64, instrument: u16, order: u64, quantity: u32, price: u32, side: Side) {
        let resting = Resting {
            instrument,
            side,
            price,
            quantity,
        };
        self.rest(order, resting);
    }

    fn replace(&mut self, _: u64, _: u16, orders: [u64; 2], quantity: u32, price: u32) {
        let [old, new] = orders;
        let order = self.orders.remove(&old).expect("it rests");
        self.take_off(&order, order.quantity);
        let resting = Resting {
            price,
            quantity,
            ..order
        };
        self.rest(new, resting);
    }

    fn finish(self) -> u64 {
        let mut sum = 0;
        for (instrument, sides) in (0..).zip(&self.books) {
            for (side, levels) in [Side::Bid, Side::Ask].into_iter().zip(sides) {
                for (price, quantity) in levels {
                    sum = with_level(sum, instrument, side, *price as i32, *quantity);
                }
            }
        }
        sum
    }
}
