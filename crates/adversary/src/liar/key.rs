//! A value of which everything is asked through the lies.

use crate::countdown::tick;
use crate::drops::{Ledger, Token};
use crate::liar::lie;
use std::borrow::Borrow;
use std::cmp::Ordering;
use std::hash::{DefaultHasher, Hash, Hasher};

/// A value whose `Ord`, `Eq`, `Hash`, `Borrow` and `Clone` lie as long as a [`Lie`](crate::liar::Lie)
/// is told, and panic on command, `Drop` included; without either it is as good as the value.
///
/// With a `T` that owns no memory, a liar that is dropped twice does no harm but is on the books of its
/// [`Ledger`].
///
/// # Examples
///
/// ```
/// use adversary::{countdown, drops::Ledger, liar::Liar};
///
/// let ledger = Ledger::new();
/// let list: Vec<_> = (0..3).map(|it| Liar::new(it).counted(&ledger)).collect();
/// let run = countdown::run_armed(countdown::Fault::Panic(1), || list.clone());
/// assert!(run.was_injected()); // The second clone panicked; `Vec` dropped the first one.
/// assert_eq!((ledger.made(), ledger.live()), (4, 3));
/// ```
#[derive(Debug)]
pub struct Liar<T> {
    value: T,
    decoy: Option<T>,
    token: Option<Token>,
}

impl<T> Liar<T> {
    /// A liar that no ledger counts.
    ///
    /// ```
    /// assert_eq!(*adversary::liar::Liar::new(3).get(), 3);
    /// ```
    #[must_use]
    pub const fn new(value: T) -> Self {
        Self {
            value,
            decoy: None,
            token: None,
        }
    }

    /// A liar that has another value to lend, or to be cloned to.
    ///
    /// ```
    /// assert_eq!(*adversary::liar::Liar::with_decoy(3, 4).get(), 3);
    /// ```
    #[must_use]
    pub const fn with_decoy(value: T, decoy: T) -> Self {
        Self {
            value,
            decoy: Some(decoy),
            token: None,
        }
    }

    /// The same on a ledger's books, its clones included.
    ///
    /// ```
    /// use adversary::{drops::Ledger, liar::Liar};
    ///
    /// let ledger = Ledger::new();
    /// drop(Liar::new(3).counted(&ledger).clone());
    /// assert_eq!((ledger.made(), ledger.live()), (2, 0));
    /// ```
    #[must_use]
    pub fn counted(mut self, ledger: &Ledger) -> Self {
        self.token = Some(ledger.token());
        self
    }

    /// The value, honestly and without a tick.
    ///
    /// ```
    /// assert_eq!(*adversary::liar::Liar::new(3).get(), 3);
    /// ```
    #[must_use]
    pub const fn get(&self) -> &T {
        &self.value
    }

    /// A call into user code: it counts, and the value must be alive.
    fn called(&self) {
        tick();
        if let Some(token) = &self.token {
            token.touch();
        }
    }
}

impl<T: PartialEq> PartialEq for Liar<T> {
    fn eq(&self, other: &Self) -> bool {
        self.called();
        lie::eq(self.value == other.value)
    }
}

impl<T: Eq> Eq for Liar<T> {}

impl<T: Ord> PartialOrd for Liar<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T: Ord> Ord for Liar<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.called();
        lie::ord(self.value.cmp(&other.value))
    }
}

impl<T: Hash> Hash for Liar<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.called();
        let honest = || {
            let mut hasher = DefaultHasher::new();
            self.value.hash(&mut hasher);
            hasher.finish()
        };
        match lie::hash(honest) {
            Some(told) => state.write_u64(told),
            None => self.value.hash(state),
        }
    }
}

impl<T> Borrow<T> for Liar<T> {
    fn borrow(&self) -> &T {
        self.called();
        match (lie::borrow(), &self.decoy) {
            (true, Some(decoy)) => decoy,
            _ => &self.value,
        }
    }
}

impl<T: Clone> Clone for Liar<T> {
    fn clone(&self) -> Self {
        // The token ticks where there is one.
        let token = self.token.clone();
        if token.is_none() {
            tick();
        }
        let value = match (lie::cloned(), &self.decoy) {
            (true, Some(decoy)) => decoy.clone(),
            _ => self.value.clone(),
        };
        Self {
            value,
            decoy: self.decoy.clone(),
            token,
        }
    }
}

impl<T> Drop for Liar<T> {
    fn drop(&mut self) {
        // The token ticks where there is one.
        if self.token.is_none() {
            tick();
        }
    }
}
