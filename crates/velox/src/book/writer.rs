//! The one writer of a book.

use super::error::{BookError, updated};
use super::grid::Grid;
use super::ladder::Ladder;
use super::price::{Level, Top, index, key, price};
use super::reader::{BookReader, Depth, Padded, Shared};
use super::sequence::Sequence;
use super::top::TopCell;
use super::window::Window;
use crate::sync::{Arc, Ordering};
use crate::{Price, Side};

/// How a book stores its levels. It decides memory and time, never what the book holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BookConfig {
    /// How many prices of each side have a slot of their own at most: 64 to 2^18, rounded up to a power of
    /// two. A slot takes 8 bytes on each side. A side begins with 64, and has eight times as many each time that updates
    /// keep coming which those would hold.
    pub slots: usize,
    /// How many ticks lie between two slots: 1 to 2^13. A price in between is kept among those that are outside
    /// the window. For ITCH, 100: there a tick is 0.0001, and prices from 1.00 on are multiples of 0.01.
    pub step: u32,
}

impl Default for BookConfig {
    fn default() -> Self {
        Self {
            slots: 4096,
            step: 1,
        }
    }
}

/// No key: less than any.
const NONE: i64 = i64::MIN;

/// A window grows after so many updates that it would have held.
const GROWS_AFTER: u32 = 16;

/// What the writer alone knows of a side.
#[derive(Debug)]
struct Own {
    /// The same as in the ladder.
    base: i32,
    /// Levels in the window.
    near: u32,
    /// Updates outside of the window since it was last moved.
    misses: u32,
    /// Those among them, since it last grew, that it would have held if it had been larger.
    near_misses: u32,
    /// Which of the ladder's windows is in use, and that window.
    size: usize,
    window: Arc<Window>,
    /// The best key outside of the window, or `NONE`.
    far_best: i64,
    /// The best key, or `NONE`.
    best: i64,
}

/// The book of one instrument: the quantity at each price of both sides.
///
/// Every price of the 32 bits can be held. Near the best price of a side, in its *window*, a level
/// is a word in an array, and a bitmap of bitmaps finds the next one; outside of it levels are in an
/// ordered map. The window follows the best price. An update inside it takes constant time, one
/// outside is logarithmic in the number of levels there; moving the window costs as much as a few
/// updates outside for each level that moves, and happens only after a proportional number of them.
///
/// An empty book takes about 2 KiB, whatever it is configured to. What its windows grow to is in proportion to how far
/// from the best price updates keep coming.
///
/// It is the only writer: updates take `&mut self`. [`reader`](Self::reader) gives handles for other threads.
///
/// # Examples
///
/// ```
/// use velox::{BookError, BookWriter, Price, Side};
///
/// let mut book = BookWriter::new();
/// book.add(Side::Bid, Price::new(100), 10)?;
/// book.add(Side::Bid, Price::new(99), 20)?;
/// book.remove(Side::Bid, Price::new(100), 10)?;
/// assert_eq!(book.top().bid, Some(Price::new(99)));
///
/// let error = book.remove(Side::Bid, Price::new(99), 21);
/// assert_eq!(error, Err(BookError::Underflow { held: 20 }));
/// assert_eq!(book.quantity_at(Side::Bid, Price::new(99)), 20);
/// # Ok::<(), BookError>(())
/// ```
#[derive(Debug)]
pub struct BookWriter {
    shared: Arc<Shared>,
    /// With the slots of the largest window.
    grid: Grid,
    sequence: u64,
    own: [Own; 2],
}

impl BookWriter {
    /// An empty book with the default configuration.
    #[must_use]
    pub fn new() -> Self {
        Self::with_config(BookConfig::default())
    }

    /// An empty book. Values outside of their ranges are brought into them.
    ///
    /// ```
    /// use velox::{BookConfig, BookWriter, Price, Side};
    ///
    /// let mut book = BookWriter::with_config(BookConfig { slots: 64, step: 100 });
    /// for ticks in [i32::MIN, -1, 0, 12_345, i32::MAX] {
    ///     book.add(Side::Ask, Price::new(ticks), 1)?;
    /// }
    /// assert_eq!(book.levels(Side::Ask).count(), 5);
    /// # Ok::<(), velox::BookError>(())
    /// ```
    #[must_use]
    pub fn with_config(config: BookConfig) -> Self {
        let grid = Grid::new(config.slots, config.step);
        let smallest = grid.of_size(0);
        let bases =
            [Side::Bid, Side::Ask].map(|side| smallest.window_for(key(side, 0), key(side, 0)));
        let windows = [(); 2].map(|()| Arc::new(Window::new(smallest)));
        let ladders = [0, 1].map(|side| Ladder::new(&windows[side], bases[side]));
        let [bids, asks] = windows;
        Self {
            shared: Arc::new(Shared {
                top: Padded(TopCell::new()),
                sequence: Padded(Sequence::new()),
                ladders,
            }),
            grid,
            sequence: 0,
            own: [Own::new(bases[0], bids), Own::new(bases[1], asks)],
        }
    }

    /// A handle that reads this book from any thread.
    #[must_use]
    pub fn reader(&self) -> BookReader {
        BookReader::new(Arc::clone(&self.shared))
    }

    /// Adds to the quantity at a price.
    ///
    /// # Errors
    ///
    /// [`BookError::Overflow`] if the sum does not fit in 64 bits.
    #[inline]
    pub fn add(&mut self, side: Side, price: Price, quantity: u64) -> Result<(), BookError> {
        self.change(side, price, |held| {
            let sum = held.checked_add(quantity);
            sum.ok_or(BookError::Overflow { held })
        })
    }

    /// Removes from the quantity at a price.
    ///
    /// # Errors
    ///
    /// [`BookError::Underflow`] if the level holds less.
    #[inline]
    pub fn remove(&mut self, side: Side, price: Price, quantity: u64) -> Result<(), BookError> {
        self.change(side, price, |held| {
            let rest = held.checked_sub(quantity);
            rest.ok_or(BookError::Underflow { held })
        })
    }

    /// Adds `by` to the quantity at a price, or removes it where it is negative. It has no branch on which of the two.
    ///
    /// # Errors
    ///
    /// [`BookError::Overflow`] if the sum does not fit in 64 bits, [`BookError::Underflow`] if the level holds less.
    ///
    /// ```
    /// # use velox::{BookError, BookWriter, Price, Side};
    /// let mut book = BookWriter::new();
    /// book.update(Side::Ask, Price::new(5), 8)?;
    /// book.update(Side::Ask, Price::new(5), -3)?;
    /// assert_eq!(book.quantity_at(Side::Ask, Price::new(5)), 5);
    /// assert_eq!(book.update(Side::Ask, Price::new(5), -6), Err(BookError::Underflow { held: 5 }));
    /// # Ok::<(), BookError>(())
    /// ```
    #[inline]
    pub fn update(&mut self, side: Side, price: Price, by: i64) -> Result<(), BookError> {
        self.change(side, price, |held| updated(held, by))
    }

    /// Sets the quantity at a price, as feeds that tell levels instead of orders do. 0 removes the level.
    ///
    /// ```
    /// # use velox::{BookWriter, Price, Side};
    /// let mut book = BookWriter::new();
    /// book.set(Side::Ask, Price::new(5), 8);
    /// book.set(Side::Ask, Price::new(5), 3);
    /// assert_eq!(book.quantity_at(Side::Ask, Price::new(5)), 3);
    /// ```
    #[inline]
    pub fn set(&mut self, side: Side, price: Price, quantity: u64) {
        let set = self.change(side, price, |_| Ok(quantity));
        debug_assert!(set.is_ok(), "nothing to fail");
    }

    /// The best prices of both sides.
    #[must_use]
    #[inline]
    pub fn top(&self) -> Top {
        let at = |side| {
            let best = self.own[index(side)].best;
            (best != NONE).then(|| price(side, best as i32))
        };
        Top {
            bid: at(Side::Bid),
            ask: at(Side::Ask),
        }
    }

    /// The quantity at a price; 0 for none.
    #[must_use]
    pub fn quantity_at(&self, side: Side, price: Price) -> u64 {
        self.shared.quantity_at(side, price)
    }

    /// The best `levels` levels of each side.
    ///
    /// ```
    /// # use velox::{BookWriter, Level, Price, Side};
    /// let mut book = BookWriter::new();
    /// for ticks in 1..=9 {
    ///     book.add(Side::Bid, Price::new(ticks), 1)?;
    /// }
    /// let bids = book.depth(2).bids;
    /// assert_eq!(bids.iter().map(|it| it.price.ticks()).collect::<Vec<_>>(), [9, 8]);
    /// # Ok::<(), velox::BookError>(())
    /// ```
    #[must_use]
    pub fn depth(&self, levels: usize) -> Depth {
        let mut depth = Depth::default();
        depth.fill(&self.shared, levels);
        depth
    }

    /// All levels of a side, the best first.
    pub fn levels(&self, side: Side) -> impl Iterator<Item = Level> + use<> {
        let mut levels = Vec::new();
        self.shared.collect(side, usize::MAX, &mut levels);
        levels.into_iter()
    }

    #[inline(always)]
    fn change(
        &mut self,
        side: Side,
        price: Price,
        change: impl FnOnce(u64) -> Result<u64, BookError>,
    ) -> Result<(), BookError> {
        let (side, key) = (index(side), key(side, price.ticks()));
        let (shared, own) = (&*self.shared, &self.own[side]);
        let slot = own.window.grid().place(own.base, key);
        let Some((slot, level)) = slot.and_then(|it| Some((it, own.window.level(it)?))) else {
            let held = shared.ladders[side].far_quantity(key);
            let after = change(held)?;
            if held != after {
                self.change_far(side, key, after);
            }
            return Ok(());
        };
        // ORDERING: Relaxed, here and below: only this writer stores it, and readers check what they
        // have read against the sequence count.
        let before = level.load(Ordering::Relaxed);
        let after = change(before)?;
        shared.sequence.0.begin(self.sequence);
        level.store(after, Ordering::Relaxed);
        if (before == 0) != (after == 0) {
            self.turn(side, slot, key, before == 0);
        }
        self.shared.sequence.0.end(&mut self.sequence);
        Ok(())
    }

    /// A slot became occupied or empty. It stands apart so that the common case is short.
    #[inline(never)]
    fn turn(&mut self, side: usize, slot: usize, key: i32, occupied: bool) {
        let own = &mut self.own[side];
        let was = own.best;
        own.turn(slot, key, occupied);
        if own.best != was {
            self.publish_top();
        }
    }

    fn publish_top(&self) {
        let keys = [0, 1].map(|side| self.own[side].best.max(i64::from(i32::MIN)) as i32);
        self.shared.top.0.publish(keys);
    }

    /// Sets a level outside of the window.
    #[cold]
    fn change_far(&mut self, side: usize, key: i32, quantity: u64) {
        let shared = &*self.shared;
        let (ladder, own) = (&shared.ladders[side], &mut self.own[side]);
        shared.sequence.0.begin(self.sequence);
        let mut before = None;
        let far_best = ladder.change_far(|far| {
            before = match quantity {
                0 => far.remove(&key),
                _ => far.insert(key, quantity),
            };
        });
        own.far_best = far_best.map_or(NONE, i64::from);
        own.refresh_best();
        let turned = before.is_none() || quantity == 0;
        if key == i32::MIN && turned {
            shared.top.0.publish_edge(side, quantity != 0);
        }
        own.misses += 1;
        let phase = -(side as i32);
        if !own.grow(ladder, &self.grid, phase, key) {
            own.follow(ladder, phase);
        }
        // Unconditional: whether the best changed is not worth finding out here.
        self.publish_top();
        self.shared.sequence.0.end(&mut self.sequence);
    }
}

impl Default for BookWriter {
    fn default() -> Self {
        Self::new()
    }
}

impl Own {
    fn new(base: i32, window: Arc<Window>) -> Self {
        Self {
            base,
            near: 0,
            misses: 0,
            near_misses: 0,
            size: 0,
            window,
            far_best: NONE,
            best: NONE,
        }
    }

    /// A slot became occupied or empty.
    #[inline]
    fn turn(&mut self, slot: usize, key: i32, occupied: bool) {
        if occupied {
            self.window.occupied().set(slot);
            self.near += 1;
            self.best = self.best.max(i64::from(key));
        } else {
            self.window.occupied().clear(slot);
            self.near -= 1;
            if self.best == i64::from(key) {
                self.refresh_best();
            }
        }
    }

    #[inline]
    fn refresh_best(&mut self) {
        let near = match self.window.occupied().highest() {
            Some(slot) => i64::from(self.window.grid().key(self.base, slot)),
            None => NONE,
        };
        self.best = near.max(self.far_best);
    }

    /// Takes a larger window after some updates that it would have held in the place of this one: whether it did. `full`
    /// has the slots of the largest one. Updates that are far away or between two slots count for nothing.
    fn grow(&mut self, ladder: &Ladder, full: &Grid, phase: i32, key: i32) -> bool {
        let (grid, current) = (full.of_size(self.size + 1), self.window.grid());
        let Ok(best) = i32::try_from(self.best) else {
            return false;
        };
        if grid.slots() == current.slots() {
            return false;
        }
        let around = grid.window_for(phase, current.anchor(self.base));
        self.near_misses += u32::from(grid.slot(around, key).is_some());
        if self.near_misses < GROWS_AFTER {
            return false;
        }
        (self.misses, self.near_misses) = (0, 0);
        self.size += 1;
        let base = grid.window_for(phase, best);
        let window = Arc::new(Window::new(grid));
        ladder.grow(self.size, &window);
        let outgrown = core::mem::replace(&mut self.window, window);
        self.rehouse(ladder, phase, base, outgrown.take_all(self.base));
        true
    }

    /// Moves the window to the best price, if that is worth it: it must leave the middle of the window,
    /// and as many updates must have missed it as a quarter of the levels that it holds.
    fn follow(&mut self, ladder: &Ladder, phase: i32) {
        if self.near > 0 && self.misses < 16 + self.near / 4 {
            return;
        }
        self.misses = 0;
        let Ok(best) = i32::try_from(self.best) else {
            return;
        };
        let grid = self.window.grid();
        let base = grid.window_for(phase, best);
        let moved = (i64::from(base) - i64::from(self.base)).abs();
        let (first, last) = grid.keys(self.base);
        if moved * 8 < i64::from(last) - i64::from(first) {
            return;
        }
        let near = self.window.take_all(self.base);
        self.rehouse(ladder, phase, base, near);
    }

    /// Starts the window, which is empty, at `base`. What `near` has, and what is outside, goes where it belongs then.
    fn rehouse(&mut self, ladder: &Ladder, phase: i32, base: i32, near: Vec<(i32, u64)>) {
        (self.base, self.near) = (base, 0);
        ladder.set_base(base);
        let (window, grid) = (&*self.window, self.window.grid());
        let far_best = ladder.change_far(|far| {
            far.extend(near);
            let (first, last) = grid.keys(base);
            let inside = |key: &i32| grid.holds(phase, *key);
            let keys: Vec<i32> = far
                .range(first..=last)
                .map(|(key, _)| *key)
                .filter(inside)
                .collect();
            for key in keys {
                if let (Some(slot), Some(quantity)) = (grid.slot(base, key), far.remove(&key)) {
                    window.put(slot, quantity);
                    self.near += 1;
                }
            }
        });
        self.far_best = far_best.map_or(NONE, i64::from);
        // What the best price is does not depend on where it is kept.
    }
}
