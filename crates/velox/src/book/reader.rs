//! The readers' side of a book.

use super::ladder::Ladder;
use super::price::{Level, Top, index, key, price};
use super::sequence::Sequence;
use super::top::TopCell;
use crate::sync::Arc;
use crate::{Price, Side};

/// What the writer and the readers of a book share. The words that readers poll lie apart from those
/// that each update writes.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) top: Padded<TopCell>,
    pub(crate) sequence: Padded<Sequence>,
    pub(crate) ladders: [Ladder; 2],
}

/// On cache lines of its own: x86 fetches them in pairs.
#[repr(align(128))]
#[derive(Debug)]
pub(crate) struct Padded<T>(pub(crate) T);

impl Shared {
    pub(crate) fn quantity_at(&self, side: Side, price: Price) -> u64 {
        self.ladders[index(side)].quantity_at(key(side, price.ticks()))
    }

    /// Appends the best `levels` levels of a side.
    pub(crate) fn collect(&self, side: Side, levels: usize, into: &mut Vec<Level>) {
        if levels == 0 {
            return;
        }
        let start = into.len();
        self.ladders[index(side)].walk(|key, quantity| {
            into.push(Level {
                price: price(side, key),
                quantity,
            });
            into.len() - start < levels
        });
    }
}

/// The best levels of both sides, at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Depth {
    /// Bids, the highest first.
    pub bids: Vec<Level>,
    /// Asks, the lowest first.
    pub asks: Vec<Level>,
}

impl Depth {
    pub(crate) fn fill(&mut self, shared: &Shared, levels: usize) {
        self.bids.clear();
        self.asks.clear();
        shared.collect(Side::Bid, levels, &mut self.bids);
        shared.collect(Side::Ask, levels, &mut self.asks);
    }
}

/// Reads a book that a [`BookWriter`](crate::BookWriter) changes, from any thread.
///
/// Each call gives the state of the book at one moment between its start and its end. So it sees
/// every update that happened before the call, and calls one after the other never go back in time.
///
/// [`top`](Self::top) reads one word and never waits. The others repeat what an update disturbed: they
/// end once they have got through between two updates, and a writer that never pauses can keep a
/// deep look waiting.
///
/// # Examples
///
/// ```
/// use velox::{BookWriter, Price, Side};
///
/// let mut book = BookWriter::new();
/// let reader = book.reader();
/// let thread = std::thread::spawn(move || {
///     while reader.top().bid.is_none() {
///         std::thread::yield_now();
///     }
///     reader.quantity_at(Side::Bid, Price::new(100))
/// });
/// book.add(Side::Bid, Price::new(100), 7)?;
/// assert_eq!(thread.join().unwrap(), 7);
/// # Ok::<(), velox::BookError>(())
/// ```
#[derive(Clone, Debug)]
pub struct BookReader {
    shared: Arc<Shared>,
}

impl BookReader {
    pub(crate) const fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    /// The best prices of both sides, at one moment.
    ///
    /// One load of one word, where both sides have a level: wait-free. Three where one side is empty;
    /// these are repeated only when, in between, a bid at [`Price::MIN`] or an ask at [`Price::MAX`]
    /// came or went, for whose absence the word has no value left.
    #[must_use]
    #[inline]
    pub fn top(&self) -> Top {
        self.shared.top.0.load()
    }

    /// The quantity that rests at a price; 0 for none.
    ///
    /// It takes the lock of the levels outside the window if the price is one of them.
    #[must_use]
    pub fn quantity_at(&self, side: Side, price: Price) -> u64 {
        let look = || self.shared.quantity_at(side, price);
        self.shared.sequence.0.read(look)
    }

    /// The best level of a side.
    #[must_use]
    pub fn best(&self, side: Side) -> Option<Level> {
        let mut levels = Vec::new();
        self.shared.sequence.0.read(|| {
            levels.clear();
            self.shared.collect(side, 1, &mut levels);
        });
        levels.pop()
    }

    /// The best `levels` levels of each side, all at one moment.
    #[must_use]
    pub fn depth(&self, levels: usize) -> Depth {
        let mut depth = Depth::default();
        self.depth_into(levels, &mut depth);
        depth
    }

    /// As [`depth`](Self::depth), into what an earlier call has allocated.
    ///
    /// ```
    /// # use velox::{BookWriter, Depth, Price, Side};
    /// # let mut book = BookWriter::new();
    /// book.add(Side::Ask, Price::new(8), 1)?;
    /// let (reader, mut depth) = (book.reader(), Depth::default());
    /// reader.depth_into(10, &mut depth);
    /// assert_eq!((depth.bids.len(), depth.asks.len()), (0, 1));
    /// # Ok::<(), velox::BookError>(())
    /// ```
    pub fn depth_into(&self, levels: usize, depth: &mut Depth) {
        let look = || depth.fill(&self.shared, levels);
        self.shared.sequence.0.read(look);
    }

    /// As [`depth_into`](Self::depth_into), but once: false if an update disturbed it, and then `depth` is empty. It
    /// never waits for the writer, but for the lock of the levels outside the window.
    ///
    /// ```
    /// # use velox::{BookWriter, Depth, Price, Side};
    /// # let mut book = BookWriter::new();
    /// book.add(Side::Ask, Price::new(8), 1)?;
    /// let mut depth = Depth::default();
    /// assert!(book.reader().try_depth_into(10, &mut depth));
    /// assert_eq!(depth.asks.len(), 1);
    /// # Ok::<(), velox::BookError>(())
    /// ```
    #[must_use]
    pub fn try_depth_into(&self, levels: usize, depth: &mut Depth) -> bool {
        let look = || depth.fill(&self.shared, levels);
        let whole = self.shared.sequence.0.try_read(look).is_some();
        if !whole {
            depth.bids.clear();
            depth.asks.clear();
        }
        whole
    }

    /// All levels of a side at one moment, the best first.
    pub fn levels(&self, side: Side) -> impl Iterator<Item = Level> + use<> {
        let mut levels = Vec::new();
        self.shared.sequence.0.read(|| {
            levels.clear();
            self.shared.collect(side, usize::MAX, &mut levels);
        });
        levels.into_iter()
    }
}
