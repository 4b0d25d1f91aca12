//! What a thread of the pipeline has done with the transactions it took, readable at any time by others.

use crate::book::Sequence;
use crate::bundle::Flushes;
use crate::sync::{AtomicU64, Ordering};

/// Transactions that went no further, by cause.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Drops {
    /// They came when the first ring was full, and `drop newest` was asked for.
    pub newest: u64,
    /// They were the oldest in the first ring when it was full, and `drop oldest` was asked for.
    pub oldest: u64,
    /// The book refused them.
    pub refused: u64,
}

impl Drops {
    /// For whatever cause.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.newest + self.oldest + self.refused
    }
}

/// What became of the transactions that one thread took.
///
/// # Invariants
/// 1. `taken == passed + held + drops.total()`. Each is counted where it happens; none is a difference of others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// Transactions that came in: for the first thread those that were generated, for the others those that they took
    /// out of the ring before them, which is how far its head moved.
    pub taken: u64,
    /// Transactions that went on: how far the tail of the ring behind moved, or what was put out at the end.
    pub passed: u64,
    /// Transactions that the thread holds itself: the fill of the bundle, and what waits for room in the first ring.
    pub held: u64,
    /// Transactions that went no further.
    pub drops: Drops,
    /// Bundles that left.
    pub flushes: Flushes,
}

/// The words of an account. Loom follows every value that each load may see, so it gets the first three alone.
const WORDS: usize = if cfg!(loom) { 3 } else { ALL };
const ALL: usize = 10;

impl Account {
    /// By how much the account does not add up: 0.
    #[must_use]
    pub const fn residue(&self) -> i64 {
        let out = self
            .passed
            .wrapping_add(self.held)
            .wrapping_add(self.drops.total());
        self.taken.wrapping_sub(out).cast_signed()
    }

    const fn to_words(self) -> [u64; ALL] {
        let Self {
            taken,
            passed,
            held,
            drops,
            flushes,
        } = self;
        [
            taken,
            passed,
            held,
            drops.newest,
            drops.oldest,
            drops.refused,
            flushes.full,
            flushes.timeout,
            flushes.manual,
            flushes.shutdown,
        ]
    }

    const fn from_words(words: [u64; ALL]) -> Self {
        let [
            taken,
            passed,
            held,
            newest,
            oldest,
            refused,
            full,
            timeout,
            manual,
            shutdown,
        ] = words;
        Self {
            taken,
            passed,
            held,
            drops: Drops {
                newest,
                oldest,
                refused,
            },
            flushes: Flushes {
                full,
                timeout,
                manual,
                shutdown,
            },
        }
    }
}

/// An [`Account`] that one thread publishes and any thread reads, whole.
///
/// A sequence lock of atomics: publishing is a dozen stores and never waits; a reader tries again when the account was
/// published meanwhile.
///
/// # Examples
///
/// ```
/// use velox::pipeline::{Account, Ledger};
///
/// let ledger = Ledger::new();
/// ledger.publish(&Account { taken: 3, passed: 1, held: 2, ..Account::default() });
/// assert_eq!(ledger.read().residue(), 0);
/// ```
#[derive(Debug)]
#[repr(align(128))]
pub struct Ledger {
    sequence: Sequence,
    words: [AtomicU64; WORDS],
}

impl Ledger {
    /// Nothing taken yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            sequence: Sequence::new(),
            words: core::array::from_fn(|_| AtomicU64::new(0)),
        }
    }

    /// Publishes the account. For one thread: accounts that two publish at once may be mixed.
    ///
    /// To keep the order in which [`Running::snapshot`](super::Running::snapshot) trusts, a thread publishes what it
    /// passes on before the next can see it, and what it takes only after it has taken it.
    #[inline]
    pub fn publish(&self, account: &Account) {
        let mut count = self.sequence.count();
        self.sequence.begin(count);
        for (word, value) in self.words.iter().zip(account.to_words()) {
            word.store(value, Ordering::Relaxed);
        }
        self.sequence.end(&mut count);
    }

    /// The account that was published last. Lock-free, not wait-free: it tries again while the account changes.
    #[must_use]
    pub fn read(&self) -> Account {
        Account::from_words(self.sequence.read(|| {
            // ORDERING: Relaxed: the sequence orders them.
            core::array::from_fn(|at| {
                self.words
                    .get(at)
                    .map_or(0, |it| it.load(Ordering::Relaxed))
            })
        }))
    }
}

impl Default for Ledger {
    fn default() -> Self {
        Self::new()
    }
}
