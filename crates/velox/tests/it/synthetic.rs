//! The synthetic flow: what it promises of its events, and the files made of it.

use crate::whole_day::lively;
use std::collections::BTreeMap;
use velox::itch::{DAY_NS, Message, Options, Reader};
use velox::synthetic::{
    Action, Arrivals, Config, ConfigError, Event, Generator, Halts, Mix, OPENING_NS, write_day,
};
use velox::{Kind, Price, Side, Transaction};
use zerocopy::IntoBytes;

fn count(many: usize, under_miri: usize) -> usize {
    if cfg!(miri) { under_miri } else { many }
}

/// The orders of one instrument, with the simplest means.
#[derive(Default)]
struct Book {
    /// Side, price, shares and place in time, by reference.
    orders: BTreeMap<u64, (Side, Price, u32, usize)>,
    is_halted: bool,
}

impl Book {
    /// The best price of a side, and the order there that is the oldest.
    fn best(&self, side: Side) -> Option<(Price, u64)> {
        let orders = self.orders.iter().filter(|(_, order)| order.0 == side);
        let sign = if side == Side::Bid { -1 } else { 1 };
        let first = orders.min_by_key(|(_, order)| (sign * order.1.ticks(), order.3));
        first.map(|(reference, order)| (order.1, *reference))
    }

    fn add(&mut self, reference: u64, order: (Side, Price, u32, usize)) {
        assert!(order.1.ticks() > 0 && order.2 > 0);
        assert_eq!(self.orders.insert(reference, order), None);
        if let (Some((bid, _)), Some((ask, _))) = (self.best(Side::Bid), self.best(Side::Ask)) {
            assert!(bid < ask, "{bid:?} meets {ask:?}");
        }
    }

    fn reduce(&mut self, reference: u64, shares: u32) {
        let order = self.orders.get_mut(&reference).expect("it rests");
        assert!(0 < shares && shares <= order.2);
        order.2 -= shares;
        if order.2 == 0 {
            self.orders.remove(&reference);
        }
    }

    fn apply(&mut self, event: &Event, number: usize) {
        let is_resume = event.action == Action::Resume;
        assert_eq!(self.is_halted, is_resume, "{event:?}");
        match event.action {
            Action::Add {
                order,
                side,
                price,
                shares,
                ..
            } => self.add(order, (side, price, shares, number)),
            Action::Execute { order, shares, .. } => {
                let side = self.orders[&order].0;
                assert_eq!(self.best(side).map(|it| it.1), Some(order), "not its turn");
                self.reduce(order, shares);
            }
            Action::Cancel { order, shares } => {
                assert!(shares < self.orders[&order].2);
                self.reduce(order, shares);
            }
            Action::Delete { order } => assert!(self.orders.remove(&order).is_some()),
            Action::Replace {
                order,
                new_order,
                price,
                shares,
            } => {
                let (side, ..) = self.orders.remove(&order).expect("it rests");
                self.add(new_order, (side, price, shares, number));
            }
            Action::Halt => self.is_halted = true,
            Action::Resume => self.is_halted = false,
            _ => {}
        }
    }
}

#[test]
fn every_event_is_possible_when_it_comes() {
    let mut books = BTreeMap::<u16, Book>::new();
    let mut last = (0, 0);
    let mut kinds = BTreeMap::<_, usize>::new();
    let events = Generator::new(lively(), 1).unwrap();
    for (number, event) in events.take(count(30_000, 300)).enumerate() {
        assert!((1..=5).contains(&event.instrument));
        assert!(event.time_ns >= last.0);
        last.0 = event.time_ns;
        if let Action::Add { order, .. }
        | Action::Replace {
            new_order: order, ..
        } = event.action
        {
            assert!(order > last.1);
            last.1 = order;
        }
        books
            .entry(event.instrument)
            .or_default()
            .apply(&event, number);
        *kinds
            .entry(core::mem::discriminant(&event.action).hash_code())
            .or_default() += 1;
    }
    if !cfg!(miri) {
        assert_eq!(kinds.len(), 8, "a kind of event never came");
    }
}

trait HashCode {
    fn hash_code(&self) -> u64;
}

impl<T: std::hash::Hash> HashCode for T {
    fn hash_code(&self) -> u64 {
        use std::hash::{DefaultHasher, Hasher};
        let mut hasher = DefaultHasher::new();
        self.hash(&mut hasher);
        hasher.finish()
    }
}

#[test]
fn about_as_many_orders_rest_as_the_depth_says() {
    let config = Config {
        depth: 200,
        ..Config::default()
    };
    let mut resting = BTreeMap::new();
    let (events, mut sum) = (count(40_000, 400), 0);
    for (number, event) in Generator::new(config, 2).unwrap().take(events).enumerate() {
        match event.action {
            Action::Add { order, shares, .. } => drop(resting.insert(order, shares)),
            Action::Delete { order } => drop(resting.remove(&order)),
            Action::Execute { order, shares, .. } | Action::Cancel { order, shares } => {
                *resting.get_mut(&order).unwrap() -= shares;
                resting.retain(|_, left| *left > 0);
            }
            Action::Replace {
                order,
                new_order,
                shares,
                ..
            } => {
                resting.remove(&order);
                resting.insert(new_order, shares);
            }
            _ => {}
        }
        sum += usize::from(number >= events / 2) * resting.len();
    }
    let mean = sum / (events / 2);
    assert!((150..250).contains(&mean) || cfg!(miri), "{mean}");
}

#[test]
fn a_seed_has_one_flow_and_another_seed_another() {
    let flow = |seed| {
        Generator::new(lively(), seed)
            .unwrap()
            .take(count(2_000, 50))
    };
    assert!(flow(3).eq(flow(3)));
    assert!(!flow(3).eq(flow(4)));
}

/// FNV-1a over the fields in one byte order.
fn digest(transactions: impl Iterator<Item = Transaction>) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for it in transactions {
        let mut bytes = it.time_ns.to_le_bytes().to_vec();
        bytes.extend(it.order.to_le_bytes());
        bytes.extend(it.price.ticks().to_le_bytes());
        bytes.extend(it.quantity.to_le_bytes());
        bytes.extend(it.sequence.to_le_bytes());
        bytes.extend(it.instrument.to_le_bytes());
        bytes.extend([it.kind.as_bytes()[0], it.side.as_bytes()[0]]);
        for byte in bytes {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
        }
    }
    hash
}

#[test]
fn the_flow_of_a_seed_is_the_same_on_every_platform_and_in_every_version() {
    let flow = |config| Generator::new(config, 7).unwrap().transactions();
    assert_eq!(
        digest(flow(Config::default()).take(300)),
        15_698_505_032_199_524_684
    );
    if !cfg!(miri) {
        assert_eq!(
            digest(flow(lively()).take(100_000)),
            2_691_931_139_265_303_697
        );
    }
}

#[test]
fn a_day_is_a_valid_file_of_as_many_messages() {
    for messages in [1_000, count(20_000, 1_000) as u64] {
        let file = write_day(lively(), 5, messages, Vec::new()).unwrap();
        let mut reader = Reader::new(&file, Options::default());
        let mut last = 0;
        let mut tags = BTreeMap::<u8, usize>::new();
        for message in reader.by_ref() {
            let message = message.unwrap();
            let time = message.header().time.ns();
            assert!(last <= time && time < DAY_NS);
            last = time;
            *tags.entry(message.as_bytes()[0]).or_default() += 1;
        }
        assert_eq!(reader.tally().messages, messages);
        assert_eq!(reader.tally().padding_bytes, 2);
        if messages > 10_000 {
            let all = String::from_utf8(tags.into_keys().collect()).unwrap();
            assert_eq!(all, "ABCDEFHIJLNPQRSUVXY");
        }
    }
}

#[test]
fn a_file_has_the_transactions_of_its_flow() {
    let file = write_day(lively(), 6, count(5_000, 300) as u64, Vec::new()).unwrap();
    let mut read = Vec::new();
    for message in Reader::new(&file, Options::default()) {
        read.extend(message.unwrap().transactions(read.len() as u32));
    }
    let config = Config {
        start_ns: OPENING_NS,
        ..lively()
    };
    let made: Vec<_> = Generator::new(config, 6)
        .unwrap()
        .transactions()
        .take(read.len())
        .collect();
    assert!(read.len() > count(4_500, 200));
    assert_eq!(read, made);
}

#[test]
fn a_file_has_its_frame_however_few_messages_are_asked_for() {
    let file = write_day(Config::default(), 7, 0, Vec::new()).unwrap();
    let messages: Vec<_> = Reader::new(&file, Options::default())
        .map(Result::unwrap)
        .collect();
    assert!(matches!(messages.first(), Some(Message::SystemEvent(_))));
    assert!(matches!(messages.last(), Some(Message::SystemEvent(_))));
    assert!(messages.len() < 20);
}

#[test]
fn times_beyond_midnight_are_the_end_of_the_day() {
    let config = Config {
        start_ns: DAY_NS - 1_000,
        ..Config::default()
    };
    let file = write_day(config, 8, 300, Vec::new()).unwrap();
    assert!(Reader::new(&file, Options::default()).all(|message| message.is_ok()));
}

#[test]
fn what_is_no_flow_is_refused() {
    let error = |config| Generator::new(config, 0).unwrap_err();
    let base = Config::default();
    assert_eq!(error(Config { rate: 0, ..base }), ConfigError::Rate);
    let arrivals = Arrivals::Hawkes {
        branching: 1_000,
        half_life_ns: 1,
    };
    assert_eq!(error(Config { arrivals, ..base }), ConfigError::Arrivals);
    let halts = Some(Halts {
        every_ns: 1,
        length_ns: 0,
    });
    assert_eq!(error(Config { halts, ..base }), ConfigError::Stretches);
    assert_eq!(
        error(Config {
            instruments: 0,
            ..base
        }),
        ConfigError::Instruments
    );
    let mix = Mix { add: 0, ..base.mix };
    assert_eq!(error(Config { mix, ..base }), ConfigError::Orders);
    let price = Price::new(399_999);
    assert_eq!(error(Config { price, ..base }), ConfigError::Price);
    let written = write_day(Config { step: 0, ..base }, 0, 0, Vec::new());
    assert_eq!(
        written.unwrap_err().kind(),
        std::io::ErrorKind::InvalidInput
    );
}

#[test]
fn replacements_of_a_flow_are_two_transactions_in_a_row() {
    let flow = Generator::new(Config::default(), 9).unwrap().transactions();
    let all: Vec<_> = flow.take(count(5_000, 500)).collect();
    let mut replaced = 0;
    for pair in all.windows(2) {
        assert_eq!(pair[0].kind == Kind::Replace, pair[1].kind == Kind::Rename);
        if pair[0].kind == Kind::Replace {
            assert_eq!(pair[1].renamed_from(), Some(pair[0].order));
            replaced += 1;
        }
    }
    assert!(replaced > 0 || cfg!(miri));
}
