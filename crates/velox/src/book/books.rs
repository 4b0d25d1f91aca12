//! The books of many instruments, driven by transactions.

use core::error::Error;
use core::fmt;

use super::error::BookError;
use super::price::index;
use super::reader::BookReader;
use super::writer::{BookConfig, BookWriter};
use crate::orders::{Order, OrderError, OrderMap};
use crate::{Kind, Price, Side, Transaction};

/// Why a transaction was not applied. Orders and books are as they were before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ApplyError {
    /// The order map refused it: an unknown or taken reference, or more executed than is left.
    Order(OrderError),
    /// The transaction is about another instrument than its order.
    Instrument {
        /// The instrument of the order.
        order: u16,
    },
    /// The book refused it: a level's quantity would not fit.
    Book(BookError),
}

impl fmt::Display for ApplyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Order(error) => error.fmt(f),
            Self::Instrument { order } => write!(f, "the order is of instrument {order}"),
            Self::Book(error) => error.fmt(f),
        }
    }
}

impl Error for ApplyError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Order(error) => Some(error),
            Self::Book(error) => Some(error),
            Self::Instrument { .. } => None,
        }
    }
}

impl From<OrderError> for ApplyError {
    fn from(error: OrderError) -> Self {
        Self::Order(error)
    }
}

impl From<BookError> for ApplyError {
    fn from(error: BookError) -> Self {
        Self::Book(error)
    }
}

/// What to do with a transaction that cannot be applied.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnError {
    /// Count it and go on with the next.
    #[default]
    Skip,
    /// Count it and stop there.
    Stop,
}

/// How many transactions were applied, and how many were not, by cause.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// Applied.
    pub applied: u64,
    /// Their reference named no order.
    pub unknown: u64,
    /// Their reference was taken.
    pub duplicate: u64,
    /// Their quantity was 0.
    pub empty: u64,
    /// They took more than was left.
    pub excess: u64,
    /// Their order is of another instrument.
    pub instrument: u64,
    /// The level's quantity would not have fitted.
    pub book: u64,
}

impl Applied {
    /// All that were not applied.
    ///
    /// ```
    /// assert_eq!(velox::Applied::default().failed(), 0);
    /// ```
    #[must_use]
    pub const fn failed(&self) -> u64 {
        self.unknown + self.duplicate + self.empty + self.excess + self.instrument + self.book
    }

    fn count(&mut self, error: &ApplyError) {
        let counter = match error {
            ApplyError::Order(OrderError::Unknown) => &mut self.unknown,
            ApplyError::Order(OrderError::Duplicate) => &mut self.duplicate,
            ApplyError::Order(OrderError::Empty) => &mut self.empty,
            ApplyError::Order(OrderError::Excess { .. }) => &mut self.excess,
            ApplyError::Instrument { .. } => &mut self.instrument,
            ApplyError::Book(_) => &mut self.book,
        };
        *counter += 1;
    }
}

/// The books of all instruments, and the orders in them.
///
/// A book is made when its instrument gets its first order, or when a reader is asked for.
///
/// # Examples
///
/// ```
/// use velox::{Books, Kind, Price, Side, Transaction};
///
/// let mut books = Books::new();
/// let add = Transaction {
///     time_ns: 0,
///     order: 1,
///     price: Price::new(100),
///     quantity: 30,
///     sequence: 0,
///     instrument: 7,
///     kind: Kind::Add,
///     side: Side::Bid,
/// };
/// books.apply(&add)?;
/// books.apply(&Transaction { kind: Kind::Execute, quantity: 10, ..add })?;
/// let book = books.book(7).unwrap();
/// assert_eq!(book.quantity_at(Side::Bid, Price::new(100)), 20);
///
/// // There is no order 2. What fails changes nothing, and is counted.
/// assert!(books.apply(&Transaction { kind: Kind::Delete, order: 2, ..add }).is_err());
/// assert_eq!(books.counts().unknown, 1);
/// # Ok::<(), velox::ApplyError>(())
/// ```
#[derive(Debug, Default)]
pub struct Books {
    /// By instrument.
    books: Vec<Option<BookWriter>>,
    orders: OrderMap,
    config: BookConfig,
    counts: Applied,
}

impl Books {
    /// No books yet; each will have the default configuration.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// No books yet; each will have this configuration.
    ///
    /// ```
    /// use velox::{BookConfig, Books};
    ///
    /// // For ITCH: 1024 slots of a cent.
    /// let books = Books::with_config(BookConfig { slots: 1024, step: 100 });
    /// assert!(books.book(1).is_none());
    /// ```
    #[must_use]
    pub fn with_config(config: BookConfig) -> Self {
        Self {
            config,
            ..Self::default()
        }
    }

    /// Applies one transaction.
    ///
    /// An execution or cancellation reduces its order where it rests, whatever price the transaction
    /// has. A replacement gives the order a new price and quantity; a renaming gives it a new reference.
    ///
    /// # Errors
    ///
    /// If its reference is unknown, or taken for one that adds or renames; if it takes more than is
    /// left; if it adds a quantity of 0, or is about another instrument than its order. It is counted
    /// ([`counts`](Self::counts)), and nothing else has changed.
    #[inline]
    pub fn apply(&mut self, transaction: &Transaction) -> Result<(), ApplyError> {
        let result = self.apply_uncounted(transaction);
        match &result {
            Ok(()) => self.counts.applied += 1,
            Err(error) => self.counts.count(error),
        }
        result
    }

    /// Applies transactions in their order.
    ///
    /// # Errors
    ///
    /// With [`OnError::Stop`], where the first that failed stands, and why. Those before it are applied.
    ///
    /// ```
    /// # use velox::{Books, Kind, OnError, Price, Side, Transaction};
    /// # let add = Transaction {
    /// #     time_ns: 0, order: 1, price: Price::new(100), quantity: 30, sequence: 0, instrument: 7,
    /// #     kind: Kind::Add, side: Side::Bid,
    /// # };
    /// let mut books = Books::new();
    /// assert!(books.apply_all(&[add, add], OnError::Skip).is_ok());
    /// let (at, _) = books.apply_all(&[add], OnError::Stop).unwrap_err();
    /// assert_eq!((at, books.counts().duplicate), (0, 2));
    /// ```
    pub fn apply_all(
        &mut self,
        transactions: &[Transaction],
        on_error: OnError,
    ) -> Result<(), (usize, ApplyError)> {
        for (at, transaction) in transactions.iter().enumerate() {
            match self.apply(transaction) {
                Err(error) if on_error == OnError::Stop => return Err((at, error)),
                _ => {}
            }
        }
        Ok(())
    }

    /// The book of an instrument, if it has one.
    #[must_use]
    pub fn book(&self, instrument: u16) -> Option<&BookWriter> {
        self.books.get(usize::from(instrument))?.as_ref()
    }

    /// A reader of an instrument's book, which is made if there is none.
    pub fn reader(&mut self, instrument: u16) -> BookReader {
        self.book_mut(instrument).reader()
    }

    /// The instruments that have a book.
    pub fn instruments(&self) -> impl Iterator<Item = (u16, &BookWriter)> {
        let numbered = (0..=u16::MAX).zip(&self.books);
        numbered.filter_map(|(instrument, book)| Some((instrument, book.as_ref()?)))
    }

    /// The orders that rest in the books.
    #[must_use]
    pub const fn orders(&self) -> &OrderMap {
        &self.orders
    }

    /// What was applied and what failed since the start.
    #[must_use]
    pub const fn counts(&self) -> &Applied {
        &self.counts
    }

    /// A number for the state of all books and orders.
    ///
    /// It depends on which levels and orders there are and on nothing else: not on the order of the
    /// transactions that led there, on threads, on the configuration or on the machine. Every level
    /// (instrument, side, price, quantity) and every order (reference, instrument, side, price, quantity) is
    /// mixed into 64 bits, and these are summed modulo 2^64. Equal states have equal numbers;
    /// different states have different ones but for one in 2^64, as long as nobody seeks them.
    ///
    /// It takes time in proportion to levels and orders.
    #[must_use]
    pub fn hash(&self) -> u64 {
        let mut sum = 0_u64;
        for (instrument, book) in self.instruments() {
            for side in [Side::Bid, Side::Ask] {
                let levels = book.levels(side);
                let place = |price| place(instrument, side, price);
                let mixed = levels.map(|level| mix(0, place(level.price), level.quantity));
                sum = mixed.fold(sum, u64::wrapping_add);
            }
        }
        let orders = self.orders.iter().map(|(reference, order)| {
            let place = place(order.instrument, order.side, order.price);
            mix(reference.wrapping_add(1), place, u64::from(order.quantity))
        });
        orders.fold(sum, u64::wrapping_add)
    }

    #[inline]
    fn apply_uncounted(&mut self, transaction: &Transaction) -> Result<(), ApplyError> {
        match transaction.kind {
            Kind::Add => self.add(transaction),
            Kind::Cancel | Kind::Execute => {
                let order = self.orders.change(transaction.order, |order| {
                    check(order, transaction.instrument)?;
                    order.less(transaction.quantity).map_err(ApplyError::from)
                })?;
                self.take(&order, transaction.quantity)
            }
            Kind::Delete => {
                let order = self.remove(transaction)?;
                self.take(&order, order.quantity)
            }
            Kind::Replace => self.replace(transaction),
            Kind::Rename => self.rename(transaction),
        }
    }

    fn add(&mut self, transaction: &Transaction) -> Result<(), ApplyError> {
        let order = Order {
            price: transaction.price,
            quantity: transaction.quantity,
            instrument: transaction.instrument,
            side: transaction.side,
        };
        self.orders.insert(transaction.order, order)?;
        let (side, price, quantity) = (order.side, order.price, u64::from(order.quantity));
        let book = self.book_mut(order.instrument);
        if let Err(error) = book.add(side, price, quantity) {
            self.orders.remove(transaction.order)?;
            return Err(error.into());
        }
        Ok(())
    }

    fn replace(&mut self, transaction: &Transaction) -> Result<(), ApplyError> {
        if transaction.quantity == 0 {
            self.check_instrument(transaction.order, transaction.instrument)?;
            return Err(OrderError::Empty.into());
        }
        let order = self.remove(transaction)?;
        let new = Order {
            price: transaction.price,
            quantity: transaction.quantity,
            ..order
        };
        let book = self.book_mut(order.instrument);
        // The order that comes is put in first: if it does not fit, the other is still there.
        if let Err(error) = book.add(order.side, new.price, u64::from(new.quantity)) {
            self.orders.insert(transaction.order, order)?;
            return Err(error.into());
        }
        self.take(&order, order.quantity)?;
        self.orders.insert(transaction.order, new)?;
        Ok(())
    }

    fn rename(&mut self, transaction: &Transaction) -> Result<(), ApplyError> {
        let from = transaction.renamed_from().ok_or(OrderError::Unknown)?;
        let order = self.orders.get(from).ok_or(OrderError::Unknown)?;
        check(&order, transaction.instrument)?;
        self.orders.insert(transaction.order, order)?;
        self.orders.remove(from)?;
        Ok(())
    }

    /// Takes from the book what was taken from an order in it.
    #[inline]
    fn take(&mut self, order: &Order, quantity: u32) -> Result<(), ApplyError> {
        let book = self.book_mut(order.instrument);
        // A level holds at least its orders, so it cannot lack what one of them had.
        book.remove(order.side, order.price, u64::from(quantity))?;
        Ok(())
    }

    /// Removes the order of a transaction, if it is of its instrument.
    #[inline]
    fn remove(&mut self, transaction: &Transaction) -> Result<Order, ApplyError> {
        self.orders.change(transaction.order, |order| {
            check(order, transaction.instrument).map(|()| 0)
        })
    }

    fn check_instrument(&self, reference: u64, instrument: u16) -> Result<(), ApplyError> {
        match self.orders.get(reference) {
            Some(order) => check(&order, instrument),
            None => Err(OrderError::Unknown.into()),
        }
    }

    #[inline]
    fn book_mut(&mut self, instrument: u16) -> &mut BookWriter {
        let at = usize::from(instrument);
        if at >= self.books.len() {
            self.books.resize_with(at + 1, || None);
        }
        self.books[at].get_or_insert_with(|| BookWriter::with_config(self.config))
    }
}

#[inline]
const fn check(order: &Order, instrument: u16) -> Result<(), ApplyError> {
    if order.instrument == instrument {
        Ok(())
    } else {
        Err(ApplyError::Instrument {
            order: order.instrument,
        })
    }
}

/// Instrument, side and price in one word.
fn place(instrument: u16, side: Side, price: Price) -> u64 {
    u64::from(instrument) << 33 | (index(side) as u64) << 32 | u64::from(price.ticks() as u32)
}

/// Mixes three words into one; the steps are those of splitmix64 (G. Steele, D. Lea, C. Flood, 2014).
fn mix(a: u64, b: u64, c: u64) -> u64 {
    [a, b, c].into_iter().fold(0, |state: u64, word| {
        let mut z = (state ^ word).wrapping_add(0x9e37_79b9_7f4a_7c15);
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    })
}
