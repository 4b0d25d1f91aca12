//! A day of ITCH on both kinds of book beside ordered maps, compared after every message.
//!
//! The maps follow the messages, the books the transactions that the library makes of them. `examples/book_soak.rs`
//! takes this file in too.

use std::collections::BTreeMap;
use velox::itch::{Message, Options, Reader};
use velox::synthetic::{Bursts, Config, Halts};
use velox::{
    BookConfig, BookReader, Books, Depth, Kind, Level, Order, OrderMap, Price, SharedBook,
    SharedBookConfig, Side, Top, Transaction,
};

/// Several instruments, with bursts and halts.
pub(crate) fn lively() -> Config {
    Config {
        instruments: 5,
        depth: 50,
        bursts: Some(Bursts {
            every_ns: 5_000_000,
            length_ns: 500_000,
            factor: 10,
        }),
        halts: Some(Halts {
            every_ns: 2_000_000,
            length_ns: 1_000_000,
        }),
        ..Config::default()
    }
}

/// Levels of each side that are compared after each message.
const LEVELS: usize = 5;

/// Messages after which all there is is compared.
const ALL: u64 = 10_000;

/// Books that follow a day.
pub(crate) trait Subject {
    /// Applies what the day can have, and panics if it is refused.
    fn apply(&mut self, transaction: &Transaction);
    fn orders(&self) -> &OrderMap;
    fn top(&mut self, instrument: u16) -> Top;
    fn quantity_at(&mut self, instrument: u16, side: Side, price: Price) -> u64;
    fn depth_into(&mut self, instrument: u16, levels: usize, depth: &mut Depth);
}

/// The library's books of one writer, looked at by readers.
pub(crate) struct Exact {
    books: Books,
    readers: BTreeMap<u16, BookReader>,
}

impl Exact {
    pub(crate) fn new(config: BookConfig) -> Self {
        Self {
            books: Books::with_config(config),
            readers: BTreeMap::new(),
        }
    }

    fn reader(&mut self, instrument: u16) -> &BookReader {
        let books = &mut self.books;
        let reader = self.readers.entry(instrument);
        reader.or_insert_with(|| books.reader(instrument))
    }
}

impl Subject for Exact {
    fn apply(&mut self, transaction: &Transaction) {
        let applied = self.books.apply(transaction);
        assert_eq!(applied, Ok(()), "{transaction:?}");
    }

    fn orders(&self) -> &OrderMap {
        self.books.orders()
    }

    fn top(&mut self, instrument: u16) -> Top {
        let top = self.reader(instrument).top();
        let own = self.books.book(instrument).map(velox::BookWriter::top);
        assert_eq!(own, Some(top), "writer and reader");
        top
    }

    fn quantity_at(&mut self, instrument: u16, side: Side, price: Price) -> u64 {
        self.reader(instrument).quantity_at(side, price)
    }

    fn depth_into(&mut self, instrument: u16, levels: usize, depth: &mut Depth) {
        self.reader(instrument).depth_into(levels, depth);
    }
}

/// Books of many writers, with the library's map of orders in front of them.
pub(crate) struct Shared {
    orders: OrderMap,
    books: BTreeMap<u16, SharedBook>,
    config: SharedBookConfig,
}

impl Shared {
    /// With all prices that this flow can have: from half the first one to twice it, and a thousand steps beyond.
    pub(crate) fn new(flow: &Config) -> Self {
        let step = i32::from(flow.step);
        let (low, high) = (
            flow.price.ticks() / 2 - 1_010 * step,
            flow.price.ticks() * 2 + 1_010 * step,
        );
        let config = SharedBookConfig {
            first: Price::new(low),
            slots: ((high - low) / step) as usize,
            step: flow.step.into(),
        };
        Self {
            orders: OrderMap::new(),
            books: BTreeMap::new(),
            config,
        }
    }

    fn book(&mut self, instrument: u16) -> &SharedBook {
        let config = self.config;
        let book = self.books.entry(instrument);
        book.or_insert_with(|| SharedBook::new(config))
    }

    fn put(&mut self, reference: u64, order: Order) {
        self.orders.insert(reference, order).expect("it is new");
        let book = self.book(order.instrument);
        let added = book.add(order.side, order.price, order.quantity.into());
        assert_eq!(added, Ok(()), "{order:?}");
    }

    fn take(&mut self, order: &Order, quantity: u32) {
        let book = self.book(order.instrument);
        let removed = book.remove(order.side, order.price, quantity.into());
        assert_eq!(removed, Ok(()), "{order:?}");
    }
}

impl Subject for Shared {
    fn apply(&mut self, it: &Transaction) {
        match it.kind {
            Kind::Add => self.put(
                it.order,
                Order {
                    price: it.price,
                    quantity: it.quantity,
                    instrument: it.instrument,
                    side: it.side,
                },
            ),
            Kind::Cancel | Kind::Execute => {
                let order = self.orders.reduce(it.order, it.quantity);
                self.take(&order.expect("it rests"), it.quantity);
            }
            Kind::Delete => {
                let order = self.orders.remove(it.order).expect("it rests");
                self.take(&order, order.quantity);
            }
            Kind::Replace => {
                let order = self.orders.remove(it.order).expect("it rests");
                self.take(&order, order.quantity);
                let new = Order {
                    price: it.price,
                    quantity: it.quantity,
                    ..order
                };
                self.put(it.order, new);
            }
            Kind::Rename => {
                let old = it.renamed_from().expect("it has one");
                let order = self.orders.remove(old).expect("it rests");
                self.orders.insert(it.order, order).expect("it is new");
            }
        }
    }

    fn orders(&self) -> &OrderMap {
        &self.orders
    }

    fn top(&mut self, instrument: u16) -> Top {
        self.book(instrument).top()
    }

    fn quantity_at(&mut self, instrument: u16, side: Side, price: Price) -> u64 {
        self.book(instrument).quantity_at(side, price)
    }

    fn depth_into(&mut self, instrument: u16, levels: usize, depth: &mut Depth) {
        let book = self.book(instrument);
        depth.bids = book.levels(Side::Bid).take(levels).collect();
        depth.asks = book.levels(Side::Ask).take(levels).collect();
    }
}

/// What a message is about: the order and its place, before and behind it.
#[derive(Clone, Copy, Default)]
struct Touched {
    orders: [Option<u64>; 2],
    places: [Option<(Side, i32)>; 2],
}

/// The truth: orders by reference, and the shares at each price of each side.
#[derive(Default)]
struct Truth {
    orders: BTreeMap<u64, Order>,
    /// By instrument; bids and asks.
    books: BTreeMap<u16, [BTreeMap<i32, u64>; 2]>,
}

impl Truth {
    fn side(&self, instrument: u16, side: Side) -> &BTreeMap<i32, u64> {
        static NONE: BTreeMap<i32, u64> = BTreeMap::new();
        let book = self.books.get(&instrument);
        book.map_or(&NONE, |it| &it[usize::from(side == Side::Ask)])
    }

    fn follow(&mut self, message: &Message<'_>) -> Touched {
        let instrument = message.header().locate.get();
        match message {
            Message::AddOrder(it) => self.add(
                it.order.get(),
                instrument,
                it.side.get(),
                (it.price.get(), it.shares.get()),
            ),
            Message::AddAttributedOrder(it) => self.add(
                it.order.get(),
                instrument,
                it.side.get(),
                (it.price.get(), it.shares.get()),
            ),
            Message::OrderExecuted(it) => self.reduce(it.order.get(), Some(it.shares.get())),
            Message::OrderExecutedWithPrice(it) => {
                self.reduce(it.order.get(), Some(it.shares.get()))
            }
            Message::OrderCancel(it) => self.reduce(it.order.get(), Some(it.shares.get())),
            Message::OrderDelete(it) => self.reduce(it.order.get(), None),
            Message::OrderReplace(it) => {
                let side = self.orders[&it.order.get()].side;
                let gone = self.reduce(it.order.get(), None);
                let new = (it.price.get(), it.shares.get());
                let come = self.add(it.new_order.get(), instrument, side, new);
                Touched {
                    orders: [gone.orders[0], come.orders[0]],
                    places: [gone.places[0], come.places[0]],
                }
            }
            _ => Touched::default(),
        }
    }

    fn add(
        &mut self,
        reference: u64,
        instrument: u16,
        side: Side,
        (price, shares): (u32, u32),
    ) -> Touched {
        let ticks = i32::try_from(price).expect("a price");
        let order = Order {
            price: Price::new(ticks),
            quantity: shares,
            instrument,
            side,
        };
        assert_eq!(self.orders.insert(reference, order), None);
        let book = self.books.entry(instrument).or_default();
        let level = book[usize::from(side == Side::Ask)].entry(ticks);
        *level.or_default() += u64::from(shares);
        Touched {
            orders: [Some(reference), None],
            places: [Some((side, ticks)), None],
        }
    }

    /// Takes shares from an order, or all that it has.
    fn reduce(&mut self, reference: u64, shares: Option<u32>) -> Touched {
        let order = self.orders.get_mut(&reference).expect("it rests");
        let (side, ticks) = (order.side, order.price.ticks());
        let taken = shares.unwrap_or(order.quantity);
        order.quantity -= taken;
        let book = self.books.get_mut(&order.instrument).expect("it has one");
        let levels = &mut book[usize::from(side == Side::Ask)];
        let level = levels.get_mut(&ticks).expect("it has one");
        *level -= u64::from(taken);
        if *level == 0 {
            levels.remove(&ticks);
        }
        if order.quantity == 0 {
            self.orders.remove(&reference);
        }
        Touched {
            orders: [Some(reference), None],
            places: [Some((side, ticks)), None],
        }
    }

    fn top(&self, instrument: u16) -> Top {
        let bid = self.side(instrument, Side::Bid).last_key_value();
        let ask = self.side(instrument, Side::Ask).first_key_value();
        Top {
            bid: bid.map(|(ticks, _)| Price::new(*ticks)),
            ask: ask.map(|(ticks, _)| Price::new(*ticks)),
        }
    }

    /// Whether these are the best levels.
    fn has_depth(&self, instrument: u16, levels: usize, depth: &Depth) -> bool {
        let level = |(ticks, quantity): (&i32, &u64)| Level {
            price: Price::new(*ticks),
            quantity: *quantity,
        };
        let bids = self.side(instrument, Side::Bid).iter().rev();
        let asks = self.side(instrument, Side::Ask).iter();
        let bids = bids.take(levels).map(level);
        let asks = asks.take(levels).map(level);
        bids.eq(depth.bids.iter().copied()) && asks.eq(depth.asks.iter().copied())
    }
}

/// What was read of a day, and compared.
#[derive(Debug, Default)]
pub(crate) struct Compared {
    pub(crate) messages: u64,
    /// Messages by their letter.
    pub(crate) letters: BTreeMap<char, u64>,
    /// The most orders that rested at a time.
    pub(crate) most_orders: usize,
}

/// Reads a day, follows it with the books and the maps, and compares them after each message.
///
/// # Panics
/// At the first difference, with the offset of its message.
pub(crate) fn compare(
    file: &[u8],
    subject: &mut impl Subject,
    mut progress: impl FnMut(&Compared),
) -> Compared {
    let (mut truth, mut compared, mut sequence) = (Truth::default(), Compared::default(), 0_u32);
    let mut depth = Depth::default();
    let mut reader = Reader::new(file, Options::default());
    while let Some(message) = reader.next() {
        let message = message.expect("the day is well-formed");
        for transaction in message.transactions(sequence) {
            sequence = sequence.wrapping_add(1);
            subject.apply(&transaction);
        }
        let touched = truth.follow(&message);
        let instrument = message.header().locate.get();
        let offset = reader.offset() - message.as_bytes().len() as u64 - 2;
        let at = || format!("the message at byte {offset}: {message:?}");

        assert_eq!(subject.orders().len(), truth.orders.len(), "{}", at());
        for order in touched.orders.into_iter().flatten() {
            let expected = truth.orders.get(&order).copied();
            assert_eq!(subject.orders().get(order), expected, "{}", at());
        }
        for (side, ticks) in touched.places.into_iter().flatten() {
            let got = subject.quantity_at(instrument, side, Price::new(ticks));
            let expected = truth.side(instrument, side).get(&ticks).copied();
            assert_eq!(got, expected.unwrap_or(0), "{}", at());
        }
        for instrument in truth.books.keys() {
            assert_eq!(subject.top(*instrument), truth.top(*instrument), "{}", at());
        }
        subject.depth_into(instrument, LEVELS, &mut depth);
        assert!(
            truth.has_depth(instrument, LEVELS, &depth),
            "{}: {depth:?}",
            at()
        );

        compared.messages += 1;
        let letter = char::from(message.as_bytes()[0]);
        *compared.letters.entry(letter).or_default() += 1;
        compared.most_orders = compared.most_orders.max(truth.orders.len());
        if compared.messages.is_multiple_of(ALL) {
            compare_all(subject, &truth);
            progress(&compared);
        }
    }
    compare_all(subject, &truth);
    compared
}

/// All levels of all books, and all orders.
fn compare_all(subject: &mut impl Subject, truth: &Truth) {
    let mut depth = Depth::default();
    for instrument in truth.books.keys() {
        subject.depth_into(*instrument, usize::MAX, &mut depth);
        assert!(
            truth.has_depth(*instrument, usize::MAX, &depth),
            "{instrument}"
        );
    }
    let orders: BTreeMap<u64, Order> = subject.orders().iter().collect();
    assert_eq!(orders, truth.orders);
}
