//! The same work by each parser.

use super::OURS;
use super::targets::{Digest, Exact, Maps, Target, digest, levels};
use itch5::{MessageHandler, Parser, messages};
use itchy::{Body, MessageStream};
use std::ops::ControlFlow;
use velox::itch::{Message, Options, Reader, StreamReader, TransactionReader};
use velox::{Kind, Side};

/// A contender and what it does to a file.
pub struct Work {
    pub contender: &'static str,
    pub run: fn(&[u8]) -> u64,
}

pub const FIELDS: &[Work] = &[
    Work {
        contender: OURS,
        run: velox_fields,
    },
    Work {
        contender: "velox, streamed",
        run: velox_stream_fields,
    },
    Work {
        contender: "itch5",
        run: itch5_fields,
    },
    Work {
        contender: "itchy",
        run: itchy_fields,
    },
];

pub const TRANSACTIONS: &[Work] = &[
    Work {
        contender: OURS,
        run: velox_transactions,
    },
    Work {
        contender: "velox, by messages",
        run: velox_message_transactions,
    },
    Work {
        contender: "itch5",
        run: by_itch5::<Digest>,
    },
    Work {
        contender: "itchy",
        run: by_itchy::<Digest>,
    },
];

pub const BOOKS: &[Work] = &[
    Work {
        contender: OURS,
        run: velox_books,
    },
    Work {
        contender: "itch5 and velox's books",
        run: by_itch5::<Exact>,
    },
    Work {
        contender: "itchy and velox's books",
        run: by_itchy::<Exact>,
    },
    Work {
        contender: "itch5, foldhash and BTreeMaps",
        run: by_itch5::<Maps>,
    },
    Work {
        contender: "itchy, foldhash and BTreeMaps",
        run: by_itchy::<Maps>,
    },
];

/// The bytes as words, in four sums that don't wait for each other.
pub fn floor(file: &[u8]) -> u64 {
    let mut sums = [0_u64; 4];
    let (blocks, rest) = file.as_chunks::<32>();
    for block in blocks {
        let (words, _) = block.as_chunks::<8>();
        for (sum, word) in sums.iter_mut().zip(words) {
            *sum = sum.wrapping_add(u64::from_le_bytes(*word));
        }
    }
    let rest = rest.iter().map(|byte| u64::from(*byte)).sum::<u64>();
    sums.into_iter().fold(rest, u64::wrapping_add)
}

fn add(sum: u64, time: u64, order: u64, shares: u32) -> u64 {
    sum.wrapping_add(time)
        .wrapping_add(order)
        .wrapping_add(shares.into())
}

// As the rivals' handlers are.
#[inline(always)]
fn velox_sum(sum: u64, message: &Message<'_>) -> u64 {
    let time = message.header().time.ns();
    match message {
        Message::AddOrder(it) => add(sum, time, it.order.get(), it.shares.get()),
        Message::AddAttributedOrder(it) => add(sum, time, it.order.get(), it.shares.get()),
        Message::OrderExecuted(it) => add(sum, time, it.order.get(), it.shares.get()),
        Message::OrderExecutedWithPrice(it) => add(sum, time, it.order.get(), it.shares.get()),
        Message::OrderCancel(it) => add(sum, time, it.order.get(), it.shares.get()),
        Message::OrderDelete(it) => add(sum, time, it.order.get(), 0),
        Message::OrderReplace(it) => add(sum, time, it.new_order.get(), it.shares.get()),
        _ => add(sum, time, 0, 0),
    }
}

fn velox_fields(file: &[u8]) -> u64 {
    let messages = Reader::new(file, Options::default());
    messages.fold(0, |sum, message| {
        velox_sum(sum, &message.expect("a good file"))
    })
}

fn velox_stream_fields(file: &[u8]) -> u64 {
    let mut reader = StreamReader::new(file, Options::default());
    let mut sum = 0;
    while let Some(message) = reader.next() {
        sum = velox_sum(sum, &message.expect("a good file"));
    }
    sum
}

#[derive(Default)]
struct Fields(u64);

/// A method for each message that has no reference of an order.
macro_rules! times {
    ($($method:ident $message:ident,)+) => { $(
        fn $method(&mut self, it: &messages::$message) -> ControlFlow<()> {
            self.0 = add(self.0, it.timestamp().to_u64(), 0, 0);
            ControlFlow::Continue(())
        }
    )+ };
}

/// A method for each message about an order.
macro_rules! orders {
    ($($method:ident $message:ident $order:ident $($shares:ident)?,)+) => { $(
        fn $method(&mut self, it: &messages::$message) -> ControlFlow<()> {
            let shares = 0 $(+ it.$shares())?;
            self.0 = add(self.0, it.timestamp().to_u64(), it.$order(), shares);
            ControlFlow::Continue(())
        }
    )+ };
}

impl MessageHandler for Fields {
    times! {
        on_system_event SystemEvent,
        on_stock_directory StockDirectory,
        on_stock_trading_action StockTradingAction,
        on_reg_sho_restriction RegSHORestriction,
        on_market_participant_position MarketParticipantPosition,
        on_mwcb_decline_level MWCBDeclineLevel,
        on_mwcb_status MWCBStatus,
        on_quoting_period_update QuotingPeriodUpdate,
        on_luld_auction_collar LULDAuctionCollar,
        on_operational_halt OperationalHalt,
        on_trade Trade,
        on_cross_trade CrossTrade,
        on_broken_trade BrokenTrade,
        on_net_order_imbalance_indicator NetOrderImbalanceIndicator,
        on_retail_price_improvement_indicator RetailPriceImprovementIndicator,
        on_direct_listing_with_capital_raise_price_discovery DirectListingwithCapitalRaisePriceDiscovery,
    }
    orders! {
        on_add_order_no_mpid_attribution AddOrderNoMPIDAttribution order_reference_number shares,
        on_add_order_with_mpid_attribution AddOrderWithMPIDAttribution order_reference_number shares,
        on_order_executed OrderExecuted order_reference_number executed_shares,
        on_order_executed_with_price OrderExecutedWithPrice order_reference_number executed_shares,
        on_order_cancel OrderCancel order_reference_number cancelled_shares,
        on_order_delete OrderDelete order_reference_number,
        on_order_replace OrderReplace new_order_reference_number shares,
    }
}

fn itch5_fields(file: &[u8]) -> u64 {
    let mut fields = Fields::default();
    Parser::new(file)
        .parse_stream(&mut fields)
        .expect("a good file");
    fields.0
}

fn itchy_fields(file: &[u8]) -> u64 {
    MessageStream::from_reader(file).fold(0, |sum, message| {
        let message = message.expect("a good file");
        let time = message.timestamp;
        match message.body {
            Body::AddOrder(it) => add(sum, time, it.reference, it.shares),
            Body::OrderExecuted {
                reference,
                executed,
                ..
            }
            | Body::OrderExecutedWithPrice {
                reference,
                executed,
                ..
            } => add(sum, time, reference, executed),
            Body::OrderCancelled {
                reference,
                cancelled,
            } => add(sum, time, reference, cancelled),
            Body::DeleteOrder { reference } => add(sum, time, reference, 0),
            Body::ReplaceOrder(it) => add(sum, time, it.new_reference, it.shares),
            _ => add(sum, time, 0, 0),
        }
    })
}

fn velox_transactions(file: &[u8]) -> u64 {
    let transactions = TransactionReader::new(Reader::new(file, Options::default()));
    transactions.fold(0, |sum, it| digest(sum, &it.expect("a good file")))
}

fn velox_message_transactions(file: &[u8]) -> u64 {
    let (mut sum, mut sequence) = (0, 0);
    for message in Reader::new(file, Options::default()) {
        for transaction in message.expect("a good file").transactions(sequence) {
            sum = digest(sum, &transaction);
            sequence += 1;
        }
    }
    sum
}

fn velox_books(file: &[u8]) -> u64 {
    let mut exact = Exact::default();
    let transactions = TransactionReader::new(Reader::new(file, Options::default()));
    transactions.for_each(|it| exact.apply(&it.expect("a good file")));
    levels(&exact.books)
}

/// What a rival has parsed goes there.
#[derive(Default)]
struct Sink<T>(T);

macro_rules! puts {
    ($($method:ident $message:ident $kind:ident $($shares:ident)?,)+) => { $(
        fn $method(&mut self, it: &messages::$message) -> ControlFlow<()> {
            let shares = 0 $(+ it.$shares())?;
            let (time, stock) = (it.timestamp().to_u64(), it.stock_locate());
            self.0.put(Kind::$kind, time, stock, it.order_reference_number(), shares);
            ControlFlow::Continue(())
        }
    )+ };
}

macro_rules! puts_adds {
    ($($method:ident $message:ident,)+) => { $(
        fn $method(&mut self, it: &messages::$message) -> ControlFlow<()> {
            let side = match it.buy_sell_indicator() {
                messages::BuySellIndicator::Buy => Side::Bid,
                _ => Side::Ask,
            };
            let (time, stock) = (it.timestamp().to_u64(), it.stock_locate());
            let (order, price) = (it.order_reference_number(), it.price().into_u32());
            self.0.add(time, stock, order, it.shares(), price, side);
            ControlFlow::Continue(())
        }
    )+ };
}

impl<T: Target> MessageHandler for Sink<T> {
    puts_adds! {
        on_add_order_no_mpid_attribution AddOrderNoMPIDAttribution,
        on_add_order_with_mpid_attribution AddOrderWithMPIDAttribution,
    }
    puts! {
        on_order_executed OrderExecuted Execute executed_shares,
        on_order_executed_with_price OrderExecutedWithPrice Execute executed_shares,
        on_order_cancel OrderCancel Cancel cancelled_shares,
        on_order_delete OrderDelete Delete,
    }

    fn on_order_replace(&mut self, it: &messages::OrderReplace) -> ControlFlow<()> {
        let orders = [
            it.original_order_reference_number(),
            it.new_order_reference_number(),
        ];
        let (time, stock) = (it.timestamp().to_u64(), it.stock_locate());
        self.0
            .replace(time, stock, orders, it.shares(), it.price().into_u32());
        ControlFlow::Continue(())
    }
}

fn by_itch5<T: Target>(file: &[u8]) -> u64 {
    let mut sink = Sink(T::default());
    Parser::new(file)
        .parse_stream(&mut sink)
        .expect("a good file");
    sink.0.finish()
}

fn by_itchy<T: Target>(file: &[u8]) -> u64 {
    let mut sink = T::default();
    for message in MessageStream::from_reader(file) {
        let message = message.expect("a good file");
        let (time, stock) = (message.timestamp, message.stock_locate);
        match message.body {
            Body::AddOrder(it) => {
                let side = match it.side {
                    itchy::Side::Buy => Side::Bid,
                    itchy::Side::Sell => Side::Ask,
                };
                sink.add(time, stock, it.reference, it.shares, it.price.raw(), side);
            }
            Body::OrderExecuted {
                reference,
                executed,
                ..
            }
            | Body::OrderExecutedWithPrice {
                reference,
                executed,
                ..
            } => sink.put(Kind::Execute, time, stock, reference, executed),
            Body::OrderCancelled {
                reference,
                cancelled,
            } => sink.put(Kind::Cancel, time, stock, reference, cancelled),
            Body::DeleteOrder { reference } => sink.put(Kind::Delete, time, stock, reference, 0),
            Body::ReplaceOrder(it) => {
                let orders = [it.old_reference, it.new_reference];
                sink.replace(time, stock, orders, it.shares, it.price.raw());
            }
            _ => {}
        }
    }
    sink.finish()
}
