//! A file as what it does to books.

use core::iter::FusedIterator;

use super::frame::{Front, PREFIX};
use super::message::{PLACES, WINDOW};
use super::{
    AddAttributedOrder, AddOrder, Error, OrderCancel, OrderDelete, OrderExecuted,
    OrderExecutedWithPrice, OrderReplace, Reader, Tally,
};
use crate::{Kind, Price, Side, Transaction};

/// An iterator over the transactions in the bytes of a file.
///
/// They are those that [`Message::transactions`](super::Message::transactions) makes of each message, numbered from 0
/// on. Where their fields stand is looked up by the type of the message, not decided by it, which is what makes this
/// faster than going by way of the messages.
///
/// # Examples
///
/// ```
/// use velox::itch::{Options, Reader, TransactionReader};
/// use velox::synthetic::{Config, write_day};
///
/// let file = write_day(Config::default(), 7, 1_000, Vec::new())?;
/// let mut transactions = TransactionReader::new(Reader::new(&file, Options::default()));
/// let mut sequence = 0;
/// while let Some(transaction) = transactions.next() {
///     assert_eq!(transaction?.sequence, sequence);
///     assert!(transactions.offset() < file.len() as u64);
///     sequence += 1;
/// }
/// assert_eq!(transactions.tally().messages, 1_000);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct TransactionReader<'a> {
    reader: Reader<'a>,
    /// The second half of a replacement.
    second: Option<Transaction>,
    sequence: u32,
    /// Bytes from the message on that the last transaction is of, or from its length on.
    message: &'a [u8],
    end: u64,
}

/// Where the fields of a transaction stand in a message.
#[derive(Clone, Copy)]
struct Effect {
    /// Nothing where the message changes no book.
    kind: Option<Kind>,
    quantity: Place,
    price: Place,
    /// At the letter of the message where there is none. No message with an effect begins with that of an ask.
    side: u8,
}

/// Where four bytes stand, and what of them counts.
#[derive(Clone, Copy)]
struct Place {
    offset: u8,
    mask: u32,
}

impl Place {
    const NONE: Self = Self { offset: 0, mask: 0 };

    const fn at(offset: usize) -> Self {
        assert!(offset < PLACES);
        Self {
            offset: offset as u8,
            mask: u32::MAX,
        }
    }

    #[inline(always)]
    fn read(self, body: &[u8; WINDOW]) -> u32 {
        let offset = usize::from(self.offset) % PLACES;
        let bytes = body[offset..].first_chunk().copied().unwrap_or_default();
        u32::from_be_bytes(bytes) & self.mask
    }
}

/// Where the reference of the order stands in each message that has one.
const ORDER: usize = core::mem::offset_of!(AddOrder, order);

macro_rules! effects {
    ($effects:ident: $($message:ident $kind:ident $($field:ident)*;)+) => { $(
        assert!(core::mem::offset_of!($message, order) == ORDER);
        $effects[$message::TAG as usize].kind = Some(Kind::$kind);
        $(effects!(@ $effects $message $field);)*
    )+ };
    (@ $effects:ident $message:ident shares) => {
        $effects[$message::TAG as usize].quantity = Place::at(core::mem::offset_of!($message, shares));
    };
    (@ $effects:ident $message:ident price) => {
        $effects[$message::TAG as usize].price = Place::at(core::mem::offset_of!($message, price));
    };
    (@ $effects:ident $message:ident side) => {
        $effects[$message::TAG as usize].side = core::mem::offset_of!($message, side) as u8;
    };
}

static EFFECTS: [Effect; 256] = {
    const NONE: Effect = Effect {
        kind: None,
        quantity: Place::NONE,
        price: Place::NONE,
        side: 0,
    };
    let mut effects = [NONE; 256];
    effects! { effects:
        AddOrder Add shares price side;
        AddAttributedOrder Add shares price side;
        OrderExecuted Execute shares;
        OrderExecutedWithPrice Execute shares;
        OrderCancel Cancel shares;
        OrderDelete Delete;
        OrderReplace Replace shares price;
    }
    assert!(effects[Side::Ask as usize].kind.is_none());
    effects
};

impl<'a> TransactionReader<'a> {
    /// Takes what the reader still has to read.
    ///
    /// ```
    /// # use velox::itch::{Options, Reader, TransactionReader};
    /// let mut transactions = TransactionReader::new(Reader::new(&[], Options::default()));
    /// assert!(transactions.next().is_none());
    /// ```
    #[must_use]
    pub fn new(reader: Reader<'a>) -> Self {
        Self {
            second: None,
            sequence: 0,
            message: reader.rest(),
            end: reader.offset() + reader.rest().len() as u64,
            reader,
        }
    }

    /// The offset of the message that the last transaction is of, or of the malformation that was the last item: for who
    /// finds that an order isn't known, and has to say where.
    ///
    /// ```
    /// # use velox::itch::{Header, OrderDelete, Options, Reader, TransactionReader, Writer};
    /// # let mut writer = Writer::new(Vec::new());
    /// # for order in 1..3 { writer.write(&OrderDelete::new(Header::default(), order))?; }
    /// # let file = writer.finish()?;
    /// let mut transactions = TransactionReader::new(Reader::new(&file, Options::default()));
    /// assert_eq!((transactions.next().is_some(), transactions.offset()), (true, 0));
    /// assert_eq!((transactions.next().is_some(), transactions.offset()), (true, 21));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub fn offset(&self) -> u64 {
        self.end - self.message.len() as u64
    }

    /// What was seen until now.
    #[must_use]
    pub fn tally(&self) -> Tally {
        self.reader.tally()
    }

    /// Like `next`, one message at a time.
    #[cold]
    fn next_slow(&mut self) -> Option<Result<Transaction, Error>> {
        loop {
            let item = self.reader.next()?;
            let length = match &item {
                Ok(message) => message.as_bytes().len() + PREFIX,
                Err(_) => 0,
            };
            // The reader may have passed over something in front of it.
            let start = self.end - self.reader.offset() + length as u64;
            self.message = &self.message[self.message.len() - start as usize..];
            let mut transactions = match item {
                Ok(message) => message.transactions(self.sequence),
                Err(error) => return Some(Err(error)),
            };
            if let Some(first) = transactions.next() {
                self.second = transactions.next();
                self.sequence = self.sequence.wrapping_add(1);
                return Some(Ok(first));
            }
        }
    }
}

/// The transaction of a message that has one, and for a replacement the new reference.
#[inline(always)]
fn transaction(front: &Front<'_>, sequence: u32) -> Option<Transaction> {
    let effect = &EFFECTS[usize::from(front.tag)];
    let body = front.body;
    let side = body[usize::from(effect.side) % PLACES];
    Some(Transaction {
        time_ns: front.time_ns,
        order: order(body, ORDER),
        price: Price::new(effect.price.read(body) as i32),
        quantity: effect.quantity.read(body),
        sequence,
        instrument: u16::from_be_bytes([body[1], body[2]]),
        kind: effect.kind?,
        side: if side == Side::Ask as u8 {
            Side::Ask
        } else {
            Side::Bid
        },
    })
}

/// The second half of a replacement, of which this is the first.
#[inline(always)]
fn renamed(front: &Front<'_>, first: Transaction) -> Transaction {
    let new = order(front.body, core::mem::offset_of!(OrderReplace, new_order));
    let second = Transaction {
        sequence: first.sequence.wrapping_add(1),
        ..first
    };
    second.rename(first.order, new)
}

/// The reference at that place.
#[inline(always)]
fn order(body: &[u8; WINDOW], offset: usize) -> u64 {
    let bytes = body[offset..].first_chunk().copied().unwrap_or_default();
    u64::from_be_bytes(bytes)
}

impl Iterator for TransactionReader<'_> {
    type Item = Result<Transaction, Error>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if let Some(second) = self.second.take() {
            self.sequence = self.sequence.wrapping_add(1);
            return Some(Ok(second));
        }
        if let Some(front) = Front::of(self.reader.rest())
            && let Some(first) = transaction(&front, self.sequence)
        {
            self.message = self.reader.rest();
            self.reader.pass(front.rest, 1);
            self.sequence = self.sequence.wrapping_add(1);
            if first.kind == Kind::Replace {
                self.second = Some(renamed(&front, first));
            }
            return Some(Ok(first));
        }
        self.next_slow()
    }

    /// Like going through them one by one, but faster: the place is not written to memory after each.
    #[inline]
    fn fold<B, F: FnMut(B, Self::Item) -> B>(mut self, init: B, mut add: F) -> B {
        let mut sum = init;
        let (mut rest, mut messages) = (self.reader.rest(), 0);
        let (mut sequence, mut second) = (self.sequence, self.second.take());
        loop {
            if let Some(second) = second.take() {
                sequence = sequence.wrapping_add(1);
                sum = add(sum, Ok(second));
            }
            let front = Front::of(rest).and_then(|it| Some((transaction(&it, sequence)?, it)));
            let item = match front {
                Some((first, front)) => {
                    rest = front.rest;
                    messages += 1;
                    sequence = sequence.wrapping_add(1);
                    if first.kind == Kind::Replace {
                        second = Some(renamed(&front, first));
                    }
                    Ok(first)
                }
                None => {
                    self.reader.pass(rest, messages);
                    self.message = rest;
                    self.sequence = sequence;
                    let Some(item) = self.next_slow() else {
                        return sum;
                    };
                    second = self.second.take();
                    (rest, messages, sequence) = (self.reader.rest(), 0, self.sequence);
                    item
                }
            };
            sum = add(sum, item);
        }
    }
}

impl FusedIterator for TransactionReader<'_> {}
