//! What happens in a synthetic market.

use std::io::{self, Write};

use crate::itch::{
    AddAttributedOrder, AddOrder, Header, Message, OrderCancel, OrderDelete, OrderExecuted,
    OrderExecutedWithPrice, OrderReplace, Participant, Symbol, Text, Timestamp, Trade,
    TradingAction, TradingState, Transactions, Writer, YesNo, recorded,
};
use crate::{Kind, Price, Side, Transaction};

/// Something that happens to an instrument.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Event {
    /// When, in nanoseconds.
    pub time_ns: u64,
    /// To which, from 1 on.
    pub instrument: u16,
    /// What.
    pub action: Action,
}

/// What happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Action {
    /// An order rests.
    Add {
        /// Its reference.
        order: u64,
        /// Its side.
        side: Side,
        /// Its price.
        price: Price,
        /// Its shares.
        shares: u32,
        /// Whether it is known whose it is.
        is_attributed: bool,
    },
    /// Shares of an order are traded.
    Execute {
        /// Its reference.
        order: u64,
        /// The shares.
        shares: u32,
        /// The number of the trade.
        trade: u64,
        /// What was paid, where it isn't the price of the order.
        paid: Option<Price>,
    },
    /// Shares of an order are withdrawn.
    Cancel {
        /// Its reference.
        order: u64,
        /// The shares, fewer than the order has.
        shares: u32,
    },
    /// An order is withdrawn.
    Delete {
        /// Its reference.
        order: u64,
    },
    /// An order becomes another one.
    Replace {
        /// Its reference.
        order: u64,
        /// The new reference.
        new_order: u64,
        /// The new price.
        price: Price,
        /// The new shares.
        shares: u32,
    },
    /// A trade that the book knows nothing of.
    Trade {
        /// The side of the order that wasn't seen.
        side: Side,
        /// What was paid.
        price: Price,
        /// The shares.
        shares: u32,
        /// The number of the trade.
        trade: u64,
    },
    /// Trading of the instrument halts.
    Halt,
    /// Trading of the instrument goes on.
    Resume,
}

/// The symbol of an instrument: its number in five letters, as `SAAAB` for 1.
pub(super) fn symbol(instrument: u16) -> Symbol {
    let letter = |power: u32| char::from(b'A' + (u32::from(instrument) / power % 26) as u8);
    let name: String = [17_576, 676, 26, 1].map(letter).iter().collect();
    Symbol::new(&format!("S{name}")).unwrap_or_default()
}

/// A price as ITCH has it. Synthetic prices are above 0.
fn wire(price: Price) -> u32 {
    price.ticks().unsigned_abs()
}

impl Event {
    /// What it does to a book, numbered from `sequence` on.
    ///
    /// ```
    /// use velox::Kind;
    /// use velox::synthetic::{Action, Event};
    ///
    /// let event = Event { time_ns: 5, instrument: 1, action: Action::Delete { order: 9 } };
    /// let delete = event.transactions(0).next().unwrap();
    /// assert_eq!((delete.kind, delete.order), (Kind::Delete, 9));
    /// ```
    #[must_use]
    #[inline]
    pub fn transactions(&self, sequence: u32) -> Transactions {
        // What the message's own would be, without the message.
        let one = |kind, order, quantity| Transaction {
            time_ns: self.time().ns(),
            order,
            quantity,
            sequence,
            instrument: self.instrument,
            kind,
            ..Transaction::EMPTY
        };
        match self.action {
            Action::Add {
                order,
                side,
                price,
                shares,
                ..
            } => Transactions::only(Transaction {
                price: recorded(wire(price)),
                side,
                ..one(Kind::Add, order, shares)
            }),
            Action::Execute { order, shares, .. } => {
                Transactions::only(one(Kind::Execute, order, shares))
            }
            Action::Cancel { order, shares } => {
                Transactions::only(one(Kind::Cancel, order, shares))
            }
            Action::Delete { order } => Transactions::only(one(Kind::Delete, order, 0)),
            Action::Replace {
                order,
                new_order,
                price,
                shares,
            } => {
                let replace = Transaction {
                    price: recorded(wire(price)),
                    ..one(Kind::Replace, order, shares)
                };
                Transactions::replacement(replace, new_order)
            }
            Action::Trade { .. } | Action::Halt | Action::Resume => Transactions::NONE,
        }
    }

    /// The end of the day for what is later.
    #[inline]
    fn time(&self) -> Timestamp {
        Timestamp::from_ns(self.time_ns).unwrap_or(Timestamp::LAST)
    }

    /// Writes it as a message. A time beyond the day is written as the end of the day.
    ///
    /// # Errors
    ///
    /// If the sink fails.
    pub fn write<W: Write>(&self, writer: &mut Writer<W>) -> io::Result<()> {
        self.with_message(|message| writer.write_message(message))
    }

    /// Calls `use_it` with the message that it is.
    fn with_message<T>(&self, use_it: impl FnOnce(Message<'_>) -> T) -> T {
        let header = Header::new(self.instrument, self.time());
        let stock = symbol(self.instrument);
        match self.action {
            Action::Add {
                order,
                side,
                price,
                shares,
                is_attributed,
            } => {
                let price = wire(price);
                if is_attributed {
                    let whose = Participant::new("VELX").unwrap_or_default();
                    let it =
                        AddAttributedOrder::new(header, order, side, shares, stock, price, whose);
                    use_it(Message::AddAttributedOrder(&it))
                } else {
                    let it = AddOrder::new(header, order, side, shares, stock, price);
                    use_it(Message::AddOrder(&it))
                }
            }
            Action::Execute {
                order,
                shares,
                trade,
                paid: None,
            } => use_it(Message::OrderExecuted(&OrderExecuted::new(
                header, order, shares, trade,
            ))),
            Action::Execute {
                order,
                shares,
                trade,
                paid: Some(paid),
            } => {
                let it = OrderExecutedWithPrice::new(
                    header,
                    order,
                    shares,
                    trade,
                    YesNo::Yes,
                    wire(paid),
                );
                use_it(Message::OrderExecutedWithPrice(&it))
            }
            Action::Cancel { order, shares } => use_it(Message::OrderCancel(&OrderCancel::new(
                header, order, shares,
            ))),
            Action::Delete { order } => {
                use_it(Message::OrderDelete(&OrderDelete::new(header, order)))
            }
            Action::Replace {
                order,
                new_order,
                price,
                shares,
            } => {
                let it = OrderReplace::new(header, order, new_order, shares, wire(price));
                use_it(Message::OrderReplace(&it))
            }
            Action::Trade {
                side,
                price,
                shares,
                trade,
            } => {
                let it = Trade::new(header, 0, side, shares, stock, wire(price), trade);
                use_it(Message::Trade(&it))
            }
            Action::Halt => use_it(Message::TradingAction(&halt(
                header,
                stock,
                TradingState::Halted,
            ))),
            Action::Resume => use_it(Message::TradingAction(&halt(
                header,
                stock,
                TradingState::Trading,
            ))),
        }
    }
}

fn halt(header: Header, stock: Symbol, state: TradingState) -> TradingAction {
    TradingAction::new(header, stock, state, b' ', Text::default())
}

#[cfg(all(test, not(any(loom, shuttle))))]
mod tests {
    use super::{Action, Event};
    use crate::synthetic::{Config, Generator, Halts};
    use crate::{Price, Side};

    #[test]
    fn the_transactions_of_an_event_are_those_of_its_message() {
        let halts = Halts {
            every_ns: 100_000,
            length_ns: 50_000,
        };
        let config = Config {
            halts: Some(halts),
            depth: 20,
            ..Config::default()
        };
        let add = |ticks, time_ns| Event {
            time_ns,
            instrument: u16::MAX,
            action: Action::Add {
                order: u64::MAX,
                side: Side::Ask,
                price: Price::new(ticks),
                shares: u32::MAX,
                is_attributed: true,
            },
        };
        let odd = [add(-3, u64::MAX), add(i32::MIN, 0), add(i32::MAX, 5)];
        let flow = Generator::new(config, 7).unwrap();
        let count = if cfg!(miri) { 200 } else { 20_000 };
        for (number, event) in odd.into_iter().chain(flow).take(count).enumerate() {
            let own = event.transactions(number as u32);
            let of_message = event.with_message(|it| it.transactions(number as u32));
            assert_eq!(own.as_slice(), of_message.as_slice(), "{event:?}");
        }
    }
}
