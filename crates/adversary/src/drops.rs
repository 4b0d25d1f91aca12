//! Values whose drops are counted.
//!
//! **Finds:** double drops, leaks, and values used after they were dropped, in a run without Miri or a
//! sanitizer and without undefined behaviour of the kit's own: a [`Token`] is two integers, so a bitwise
//! copy of one is harmless, and dropping both is on record.
//!
//! ```
//! use adversary::drops::{Ledger, Violation};
//!
//! let ledger = Ledger::new();
//! let values = [ledger.token(), ledger.token()];
//! std::mem::forget(values);
//! assert_eq!(ledger.violations().len(), 2);
//! assert_eq!(ledger.violations()[0], Violation::Leaked { serial: 0 });
//! ```

use crate::countdown;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::thread;

/// Who counts.
///
/// When it is dropped its tokens count for nobody.
///
/// # Examples
///
/// ```
/// use adversary::drops::Ledger;
///
/// let ledger = Ledger::new();
/// let first = ledger.token();
/// let second = first.clone();
/// drop(first);
/// assert_eq!((ledger.made(), ledger.live()), (2, 1));
/// drop(second);
/// ledger.assert_clean();
/// ```
#[derive(Debug)]
pub struct Ledger {
    id: u64,
}

/// A value that is on a [`Ledger`]'s books. Making one is free; cloning and dropping one are calls into
/// user code, so they [`tick`](countdown::tick).
///
/// Memory that never was a token, zeros or an allocator's pattern, names a ledger that never was: dropping
/// or using it panics, as soon as the thread does not unwind.
///
/// # Examples
///
/// ```
/// use adversary::drops::Ledger;
///
/// let ledger = Ledger::new();
/// assert_eq!(ledger.token().serial(), 0);
/// assert_eq!(ledger.token().serial(), 1);
/// ```
#[derive(Debug)]
pub struct Token {
    ledger: u64,
    serial: u64,
}

/// What a token should not have gone through.
///
/// # Examples
///
/// ```
/// let violation = adversary::drops::Violation::Leaked { serial: 3 };
/// assert_eq!(violation.to_string(), "value 3 was not dropped");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Violation {
    /// Dropped more than once.
    DroppedAgain {
        /// Which token, in the order of their making.
        serial: u64,
        /// How often in all.
        times: u32,
    },
    /// Used after it was dropped.
    UsedAfterDrop {
        /// Which token.
        serial: u64,
    },
    /// Not dropped yet.
    Leaked {
        /// Which token.
        serial: u64,
    },
    /// Dropped or used under a serial number that its ledger has not given out.
    NeverMade {
        /// What stood where the serial number is.
        serial: u64,
    },
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DroppedAgain { serial, times } => {
                write!(f, "value {serial} was dropped {times} times")
            }
            Self::UsedAfterDrop { serial } => write!(f, "value {serial} was used after its drop"),
            Self::Leaked { serial } => write!(f, "value {serial} was not dropped"),
            Self::NeverMade { serial } => write!(f, "value {serial} was never made"),
        }
    }
}

#[derive(Default)]
struct Account {
    /// Drops by serial number.
    drops: Vec<u32>,
    late: Vec<Violation>,
}

struct Books {
    next: u64,
    accounts: BTreeMap<u64, Account>,
}

/// Tokens are plain integers so that copies of them are harmless; so the counts are elsewhere.
static BOOKS: Mutex<Books> = Mutex::new(Books {
    // 0 is no ledger: memory of zeros is no token.
    next: 1,
    accounts: BTreeMap::new(),
});

/// The books change only in here, where no user code runs; a poisoned lock is as good as any.
fn with_books<R>(f: impl FnOnce(&mut Books) -> R) -> R {
    countdown::paused(|| {
        let mut books = BOOKS.lock().unwrap_or_else(PoisonError::into_inner);
        f(&mut books)
    })
}

impl Default for Ledger {
    fn default() -> Self {
        Self::new()
    }
}

impl Ledger {
    /// An empty ledger.
    ///
    /// ```
    /// assert_eq!(adversary::drops::Ledger::new().made(), 0);
    /// ```
    #[must_use]
    pub fn new() -> Self {
        with_books(|books| {
            let id = books.next;
            books.next += 1;
            books.accounts.insert(id, Account::default());
            Self { id }
        })
    }

    /// Makes a token, with the next serial number from 0 on.
    ///
    /// ```
    /// let ledger = adversary::drops::Ledger::new();
    /// assert_eq!(ledger.token().serial(), 0);
    /// ```
    #[must_use]
    pub fn token(&self) -> Token {
        Token::make(self.id)
    }

    /// How many tokens were made, clones included.
    ///
    /// ```
    /// let ledger = adversary::drops::Ledger::new();
    /// drop(ledger.token().clone());
    /// assert_eq!(ledger.made(), 2);
    /// ```
    #[must_use]
    pub fn made(&self) -> usize {
        self.with(|account| account.drops.len())
    }

    /// How many were made and not yet dropped.
    ///
    /// ```
    /// let ledger = adversary::drops::Ledger::new();
    /// let _token = ledger.token();
    /// assert_eq!(ledger.live(), 1);
    /// ```
    #[must_use]
    pub fn live(&self) -> usize {
        self.with(|account| account.drops.iter().filter(|drops| **drops == 0).count())
    }

    /// Everything that is wrong by now; live tokens count as leaked. Linear in the tokens made.
    ///
    /// ```
    /// let ledger = adversary::drops::Ledger::new();
    /// let token = ledger.token();
    /// assert_eq!(ledger.violations().len(), 1);
    /// drop(token);
    /// assert_eq!(ledger.violations(), []);
    /// ```
    #[must_use]
    pub fn violations(&self) -> Vec<Violation> {
        self.with(|account| {
            let drops = account.drops.iter().zip(0..);
            let counted = drops.filter_map(|(drops, serial)| match *drops {
                0 => Some(Violation::Leaked { serial }),
                1 => None,
                times => Some(Violation::DroppedAgain { serial, times }),
            });
            counted.chain(account.late.iter().cloned()).collect()
        })
    }

    /// The same without the leaks, which a panic may cause in sound code.
    ///
    /// ```
    /// let ledger = adversary::drops::Ledger::new();
    /// std::mem::forget(ledger.token());
    /// assert_eq!(ledger.unsound(), []);
    /// ```
    #[must_use]
    pub fn unsound(&self) -> Vec<Violation> {
        let mut violations = self.violations();
        violations.retain(|it| !matches!(it, Violation::Leaked { .. }));
        violations
    }

    /// Asserts that every token was dropped, and once.
    ///
    /// # Panics
    ///
    /// With all violations, if there are any.
    ///
    /// ```
    /// let ledger = adversary::drops::Ledger::new();
    /// drop(ledger.token());
    /// ledger.assert_clean();
    /// ```
    #[track_caller]
    pub fn assert_clean(&self) {
        report(&self.violations());
    }

    /// Asserts that nothing is wrong but for leaks.
    ///
    /// # Panics
    ///
    /// With all violations that are no leaks, if there are any.
    ///
    /// ```
    /// let ledger = adversary::drops::Ledger::new();
    /// std::mem::forget(ledger.token());
    /// ledger.assert_sound();
    /// ```
    #[track_caller]
    pub fn assert_sound(&self) {
        report(&self.unsound());
    }

    fn with<R>(&self, f: impl FnOnce(&Account) -> R) -> R {
        with_books(|books| f(&books.accounts[&self.id]))
    }
}

#[track_caller]
fn report(violations: &[Violation]) {
    let lines: Vec<String> = violations.iter().map(ToString::to_string).collect();
    assert!(lines.is_empty(), "{}", lines.join("; "));
}

impl Drop for Ledger {
    fn drop(&mut self) {
        with_books(|books| books.accounts.remove(&self.id));
    }
}

impl Token {
    fn make(ledger: u64) -> Self {
        with_books(|books| {
            let drops = books.accounts.get_mut(&ledger).map(|it| &mut it.drops);
            let serial = drops.map_or(0, |drops| {
                drops.push(0);
                drops.len() as u64 - 1
            });
            Self { ledger, serial }
        })
    }

    /// Its number, in the order of their making.
    ///
    /// ```
    /// let ledger = adversary::drops::Ledger::new();
    /// assert_eq!([ledger.token(), ledger.token()].map(|it| it.serial()), [0, 1]);
    /// ```
    #[must_use]
    pub const fn serial(&self) -> u64 {
        self.serial
    }

    /// Notes a use: [`Violation::UsedAfterDrop`] if it was dropped. Does not tick.
    ///
    /// # Panics
    ///
    /// If the token was never made.
    ///
    /// ```
    /// let ledger = adversary::drops::Ledger::new();
    /// ledger.token().touch();
    /// ledger.assert_clean();
    /// ```
    pub fn touch(&self) {
        let serial = self.serial;
        self.with_account(|account| match account.drops.get(serial as usize) {
            Some(0) => {}
            Some(_) => account.late.push(Violation::UsedAfterDrop { serial }),
            None => account.late.push(Violation::NeverMade { serial }),
        });
    }

    fn with_account(&self, f: impl FnOnce(&mut Account)) {
        let was_made = with_books(|books| match books.accounts.get_mut(&self.ledger) {
            Some(account) => {
                f(account);
                true
            }
            None => (1..books.next).contains(&self.ledger),
        });
        assert!(
            was_made || thread::panicking(),
            "memory that never was a token is taken for one"
        );
    }
}

impl Clone for Token {
    fn clone(&self) -> Self {
        countdown::tick();
        self.touch();
        Self::make(self.ledger)
    }
}

impl Drop for Token {
    /// Counts first: a destructor that panics has still dropped its value.
    fn drop(&mut self) {
        let serial = self.serial;
        self.with_account(|account| match account.drops.get_mut(serial as usize) {
            Some(drops) => *drops += 1,
            None => account.late.push(Violation::NeverMade { serial }),
        });
        countdown::tick();
    }
}
