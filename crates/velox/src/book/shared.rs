//! A book that many threads change.

use super::error::{BookError, updated};
use super::max_tree::{CLIMBING, CLIMBING_BITS, CLIMBING_MASK, MaxTree};
use super::price::{Level, Top, index};
use super::reader::Padded;
use crate::sync::{AtomicU64, Ordering, fence_after_exchange_or_load, spin_loop};
use crate::{Price, Side};

/// The prices of a [`SharedBook`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SharedBookConfig {
    /// The lowest price.
    pub first: Price,
    /// How many prices there are: 1 to 65536. Each takes 8 bytes on each side, and half a byte for the tree.
    pub slots: usize,
    /// How many ticks lie between two prices, at least 1.
    pub step: u32,
}

/// The book of one instrument, which any number of threads change and read through `&self`.
///
/// Every price of its window is exact. An update that leaves a level occupied, or makes it larger, is
/// one compare-exchange on the level; one that makes a level occupied or empty also brings that to
/// the word that holds both best prices, in a number of steps that does not depend on other threads.
/// No update waits for another, gives up or gets lost. [`top`](Self::top) is one load.
///
/// # Guarantees
///
/// - An update takes effect at one moment between its start and its end, and so does
///   [`top`](Self::top) and [`quantity_at`](Self::quantity_at): whoever has seen an update in one way, be it by the error
///   that another update returned, sees it in every other.
/// - [`top`](Self::top) is both sides at one moment.
///
/// Not guaranteed:
///
/// - [`levels`](Self::levels) is no snapshot: each level is as it was at some moment of the call, not all at
///   the same one.
/// - Two threads that only read may see two updates of two other threads in different orders,
///   on processors where that is so.
/// - A price outside of the window is refused ([`BookError::OutOfWindow`]), and a level holds less than
///   2^48: who needs all prices has [`BookWriter`](crate::BookWriter).
///
/// # Examples
///
/// ```
/// use velox::{BookError, Price, SharedBook, SharedBookConfig, Side};
///
/// let book = SharedBook::new(SharedBookConfig { first: Price::new(900), slots: 200, step: 1 });
/// std::thread::scope(|scope| {
///     for _ in 0..4 {
///         scope.spawn(|| {
///             for ticks in 990..1000 {
///                 book.add(Side::Bid, Price::new(ticks), 5).unwrap();
///             }
///         });
///     }
/// });
/// assert_eq!(book.top().bid, Some(Price::new(999)));
/// assert_eq!(book.quantity_at(Side::Bid, Price::new(995)), 20);
/// assert_eq!(book.add(Side::Bid, Price::new(1100), 1), Err(BookError::OutOfWindow));
/// ```
#[derive(Debug)]
pub struct SharedBook {
    tree: MaxTree,
    first: i32,
    slots: usize,
    step: u32,
    /// Compare-exchanges on levels that another thread's update made fail.
    retries: Padded<AtomicU64>,
}

/// The greatest quantity of a level.
const QUANTITY_MAX: u64 = u64::MAX >> CLIMBING_BITS;

impl SharedBook {
    /// An empty book. Values outside of their ranges are brought into them; prices that would lie beyond the
    /// highest one do not exist.
    #[must_use]
    pub fn new(config: SharedBookConfig) -> Self {
        let step = config.step.max(1);
        let first = config.first.ticks();
        let room = (i64::from(i32::MAX) - i64::from(first)) / i64::from(step) + 1;
        let room = usize::try_from(room).unwrap_or(usize::MAX);
        let slots = config.slots.clamp(1, 1 << 16).min(room);
        Self {
            tree: MaxTree::new(slots),
            first,
            slots,
            step,
            retries: Padded(AtomicU64::new(0)),
        }
    }

    /// Adds to the quantity at a price. Lock-free; it repeats only what another thread's update of the same level has disturbed.
    ///
    /// # Errors
    ///
    /// [`BookError::Overflow`] if the sum is 2^48 or more, [`BookError::OutOfWindow`]. Nothing has changed.
    #[inline]
    pub fn add(&self, side: Side, price: Price, quantity: u64) -> Result<(), BookError> {
        self.change(side, price, |held| {
            let sum = held.checked_add(quantity);
            sum.filter(|it| *it <= QUANTITY_MAX)
                .ok_or(BookError::Overflow { held })
        })
    }

    /// Removes from the quantity at a price. Lock-free; it repeats only what another thread's update of the same level has disturbed.
    ///
    /// # Errors
    ///
    /// [`BookError::Underflow`] if the level holds less, [`BookError::OutOfWindow`]. Nothing has changed.
    #[inline]
    pub fn remove(&self, side: Side, price: Price, quantity: u64) -> Result<(), BookError> {
        self.change(side, price, |held| {
            let rest = held.checked_sub(quantity);
            rest.ok_or(BookError::Underflow { held })
        })
    }

    /// Adds `by` to the quantity at a price, or removes it where it is negative. It has no branch on which of the two.
    ///
    /// # Errors
    ///
    /// As [`add`](Self::add) and [`remove`](Self::remove) have them.
    ///
    /// ```
    /// # use velox::{BookError, Price, SharedBook, SharedBookConfig, Side};
    /// let book = SharedBook::new(SharedBookConfig { first: Price::new(0), slots: 10, step: 1 });
    /// book.update(Side::Bid, Price::new(5), 8)?;
    /// book.update(Side::Bid, Price::new(5), -3)?;
    /// assert_eq!(book.quantity_at(Side::Bid, Price::new(5)), 5);
    /// # Ok::<(), BookError>(())
    /// ```
    #[inline]
    pub fn update(&self, side: Side, price: Price, by: i64) -> Result<(), BookError> {
        self.change(side, price, |held| {
            let sum = updated(held, by)?;
            match sum <= QUANTITY_MAX {
                true => Ok(sum),
                false => Err(BookError::Overflow { held }),
            }
        })
    }

    /// The best prices of both sides at one moment. One load.
    #[must_use]
    #[inline]
    pub fn top(&self) -> Top {
        let [bid, ask] = self.tree.highest();
        Top {
            bid: bid.map(|rank| self.price(Side::Bid, rank)),
            ask: ask.map(|rank| self.price(Side::Ask, rank)),
        }
    }

    /// The quantity at a price; 0 for none, and outside of the window.
    #[must_use]
    pub fn quantity_at(&self, side: Side, price: Price) -> u64 {
        let Some(rank) = self.rank(side, price) else {
            return 0;
        };
        // ORDERING: Acquire pairs with the fence before the subtraction in `change`: who sees that nobody
        // climbs any more finds the root as they left it.
        let leaf = self.tree.leaf(index(side), rank).load(Ordering::Acquire);
        self.settle(side, rank, leaf);
        leaf >> CLIMBING_BITS
    }

    /// The levels of a side, the best first, each as it was at some moment while the iterator came by.
    ///
    /// ```
    /// # use velox::{Price, SharedBook, SharedBookConfig, Side};
    /// let book = SharedBook::new(SharedBookConfig { first: Price::new(0), slots: 1000, step: 5 });
    /// book.add(Side::Ask, Price::new(995), 1)?;
    /// book.add(Side::Ask, Price::new(10), 2)?;
    /// let prices: Vec<i32> = book.levels(Side::Ask).map(|it| it.price.ticks()).collect();
    /// assert_eq!(prices, [10, 995]);
    /// # Ok::<(), velox::BookError>(())
    /// ```
    pub fn levels(&self, side: Side) -> impl Iterator<Item = Level> + '_ {
        let mut limit = self.slots;
        let next = move || {
            limit = self.tree.highest_below(index(side), limit)?;
            let price = self.price(side, limit);
            let quantity = self.quantity_at(side, price);
            Some(Level { price, quantity })
        };
        // A level that has gone between the two looks is none.
        std::iter::from_fn(next).filter(|level| level.quantity != 0)
    }

    /// How often a compare-exchange on a level had to be repeated: how much threads were in each
    /// other's way.
    ///
    /// ```
    /// # use velox::{Price, SharedBook, SharedBookConfig, Side};
    /// let book = SharedBook::new(SharedBookConfig { first: Price::new(0), slots: 10, step: 1 });
    /// book.add(Side::Ask, Price::new(3), 1)?;
    /// assert_eq!(book.retries(), 0);
    /// # Ok::<(), velox::BookError>(())
    /// ```
    #[must_use]
    pub fn retries(&self) -> u64 {
        // ORDERING: Relaxed: a statistic.
        self.retries.0.load(Ordering::Relaxed)
    }

    #[inline(always)]
    fn change(
        &self,
        side: Side,
        price: Price,
        change: impl Fn(u64) -> Result<u64, BookError>,
    ) -> Result<(), BookError> {
        let rank = self.rank(side, price).ok_or(BookError::OutOfWindow)?;
        let leaf = self.tree.leaf(index(side), rank);
        // ORDERING: Acquire as in `quantity_at`, for updates that change nothing.
        let mut before = leaf.load(Ordering::Acquire);
        loop {
            let held = before >> CLIMBING_BITS;
            let after = match change(held) {
                Ok(after) => after,
                Err(error) => {
                    // The error tells what the level holds.
                    self.settle(side, rank, before);
                    return Err(error);
                }
            };
            let turns = (held == 0) != (after == 0);
            let climbing = before & CLIMBING_MASK;
            if turns && climbing == CLIMBING_MASK {
                // More threads than the count can hold are at work on this one level.
                spin_loop();
                // ORDERING: Acquire as above.
                before = leaf.load(Ordering::Acquire);
                continue;
            }
            let word = after << CLIMBING_BITS | (climbing + u64::from(turns) * CLIMBING);
            // ORDERING: Relaxed where it succeeds: the fence that follows, here or in `climb`, orders it before all
            // that this thread does next, and it after the subtractions that it continues. Acquire where it fails pairs
            // with the fence before the subtraction below: a refusal returns without one.
            match leaf.compare_exchange(before, word, Ordering::Relaxed, Ordering::Acquire) {
                Ok(_) => {
                    if turns {
                        self.tree.climb(index(side), rank);
                        // ORDERING: Relaxed: the fence that ends the climb stands before it. Who reads this with
                        // Acquire finds the root up to date.
                        leaf.fetch_sub(CLIMBING, Ordering::Relaxed);
                    } else {
                        // ORDERING: pairs with the same fence, and the one that ends a climb, of another thread that
                        // changes one level and then looks at this one, while this one does the opposite: one of the two
                        // sees the other's change.
                        fence_after_exchange_or_load();
                        self.settle(side, rank, word);
                    }
                    return Ok(());
                }
                Err(now) => {
                    before = now;
                    // ORDERING: Relaxed: a statistic.
                    self.retries.0.fetch_add(1, Ordering::Relaxed);
                }
            }
        }
    }

    /// Sees to it that what was seen in a leaf is seen in the root: another thread may have changed it and
    /// be on its way there.
    #[inline(always)]
    fn settle(&self, side: Side, rank: usize, leaf: u64) {
        if leaf & CLIMBING_MASK != 0 {
            self.tree.climb(index(side), rank);
        }
    }

    /// The rank of a price: the better, the higher.
    #[inline(always)]
    fn rank(&self, side: Side, price: Price) -> Option<usize> {
        let offset = i64::from(price.ticks()) - i64::from(self.first);
        let offset = u32::try_from(offset).ok()?;
        let slot = if self.step == 1 {
            offset as usize
        } else {
            if !offset.is_multiple_of(self.step) {
                return None;
            }
            (offset / self.step) as usize
        };
        (slot < self.slots).then(|| self.mirrored(side, slot))
    }

    fn price(&self, side: Side, rank: usize) -> Price {
        let slot = self.mirrored(side, rank) as i64;
        Price::new((i64::from(self.first) + slot * i64::from(self.step)) as i32)
    }

    #[inline(always)]
    fn mirrored(&self, side: Side, slot: usize) -> usize {
        match side {
            Side::Bid => slot,
            Side::Ask => self.slots - 1 - slot,
        }
    }
}
