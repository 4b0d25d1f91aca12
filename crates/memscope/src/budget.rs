//! How much may stay live where nothing should.

use std::fmt;

use crate::leak::{LeakSite, NotNeutral};
use crate::outside::outside;
#[cfg(feature = "enabled")]
use crate::sync::MutexGuard;
use crate::sync::{Mutex, lock};

/// How many blocks and bytes may stay live.
///
/// ```
/// use memscope::Budget;
///
/// let budget = Budget::blocks(2).and_bytes(4096);
/// assert_eq!(budget.to_string(), "2 blocks and 4096 bytes");
/// assert_eq!(Budget::default(), Budget::NONE);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Budget {
    blocks: u64,
    bytes: u64,
}

impl Budget {
    /// Nothing may stay.
    pub const NONE: Self = Self {
        blocks: 0,
        bytes: 0,
    };

    /// So many blocks, of any size.
    ///
    /// ```
    /// assert_eq!(memscope::Budget::blocks(3).to_string(), "3 blocks");
    /// ```
    #[must_use]
    pub const fn blocks(blocks: u64) -> Self {
        Self {
            blocks,
            bytes: u64::MAX,
        }
    }

    /// So many bytes, in any number of blocks.
    ///
    /// ```
    /// assert_eq!(memscope::Budget::bytes(64).to_string(), "64 bytes");
    /// ```
    #[must_use]
    pub const fn bytes(bytes: u64) -> Self {
        Self {
            blocks: u64::MAX,
            bytes,
        }
    }

    /// The same, in so many blocks at most.
    ///
    /// ```
    /// let budget = memscope::Budget::bytes(64).and_blocks(1);
    /// assert_eq!(budget, memscope::Budget::blocks(1).and_bytes(64));
    /// ```
    #[must_use]
    pub const fn and_blocks(self, blocks: u64) -> Self {
        Self { blocks, ..self }
    }

    /// The same, of so many bytes at most.
    ///
    /// ```
    /// let budget = memscope::Budget::blocks(1).and_bytes(64);
    /// assert_eq!(budget, memscope::Budget::bytes(64).and_blocks(1));
    /// ```
    #[must_use]
    pub const fn and_bytes(self, bytes: u64) -> Self {
        Self { bytes, ..self }
    }

    /// Fewer than before is not what a budget is for.
    pub(crate) fn covers(self, (blocks, bytes): (i64, i64)) -> bool {
        let within = |amount: i64, limit| u64::try_from(amount).is_ok_and(|it| it <= limit);
        within(blocks, self.blocks) && within(bytes, self.bytes)
    }
}

impl fmt::Display for Budget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.blocks, self.bytes) {
            (u64::MAX, bytes) => write!(f, "{bytes} bytes"),
            (blocks, u64::MAX) => write!(f, "{blocks} blocks"),
            (blocks, bytes) => write!(f, "{blocks} blocks and {bytes} bytes"),
        }
    }
}

/// By name, and by a part of the location; one of each at most.
#[derive(Debug)]
pub(crate) struct Budgets {
    scopes: Vec<(&'static str, Budget)>,
    sites: Vec<(&'static str, Budget)>,
}

static BUDGETS: Mutex<Budgets> = Mutex::new(Budgets {
    scopes: Vec::new(),
    sites: Vec::new(),
});

/// Lets so much stay live in each scope of this name, at its end and at its checkpoints. What is above is told as ever.
///
/// What stays is live in the scopes around too, which have budgets of their own. [`Budget::NONE`] takes the budget back.
///
/// ```
/// # #[global_allocator] static ALLOCATOR: memscope::Scoped = memscope::Scoped::system();
/// use memscope::{Budget, Scope, set_scope_budget};
///
/// set_scope_budget("session", Budget::blocks(1));
/// let session = Scope::new("session");
/// let one = session.run(|| Box::new(1));
/// session.check_neutral()?;
/// let two = session.run(|| Box::new(2));
/// let leak = session.end().unwrap_err();
/// assert_eq!(leak.usage().live(), 2);
/// # drop((one, two));
/// # Ok::<(), memscope::NotNeutral>(())
/// ```
pub fn set_scope_budget(name: &'static str, budget: Budget) {
    outside(|| set(&mut lock(&BUDGETS).scopes, name, budget));
}

/// Lets so much that one place allocated stay live in each scope, at its end and at its checkpoints.
///
/// `place` is a part of a leak's [location](LeakSite::location), as `src/cache.rs:40` or `cache::Table::insert`; what all
/// sites with it allocated is added up. Sites are known where the allocator notes [stacks](crate::Scoped::with_stacks).
/// [`Budget::NONE`] takes the budget back.
///
/// ```
/// use memscope::{Budget, set_site_budget};
///
/// // A table that grows to 64 KiB, whatever the scope that makes it grow.
/// set_site_budget("src/symbols.rs", Budget::blocks(1).and_bytes(65_536));
/// // No more of that.
/// set_site_budget("src/symbols.rs", Budget::NONE);
/// ```
pub fn set_site_budget(place: &'static str, budget: Budget) {
    outside(|| set(&mut lock(&BUDGETS).sites, place, budget));
}

/// Keeps other threads from them.
#[cfg(feature = "enabled")]
pub(crate) fn hold() -> MutexGuard<'static, Budgets> {
    lock(&BUDGETS)
}

fn set(budgets: &mut Vec<(&'static str, Budget)>, key: &'static str, budget: Budget) {
    budgets.retain(|(known, _)| *known != key);
    if budget != Budget::NONE {
        budgets.push((key, budget));
    }
}

/// The report, unless all of it is within budgets.
#[cold]
pub(crate) fn judge(mut leak: NotNeutral) -> Result<(), NotNeutral> {
    let budgets = lock(&BUDGETS);
    let sites = leak.sites().iter();
    let is_within = |place: &str, budget: &Budget| {
        budget.covers(live_of(sites.clone().filter(|site| is_of(site, place))))
    };
    // Each site once: of two places one may be a part of the other.
    let within = live_of(sites.clone().filter(|site| {
        let mut budgets = budgets.sites.iter();
        budgets.any(|(place, budget)| is_of(site, place) && is_within(place, budget))
    }));
    let live = leak.live();
    let left = (live.0 - within.0, live.1 - within.1);
    let name = leak.name();
    let of_scope = budgets.scopes.iter().find(|(known, _)| *known == name);
    let budget = of_scope.map_or(Budget::NONE, |(_, budget)| *budget);
    // A budget is of blocks.
    if leak.references().is_empty() && budget.covers(left) {
        return Ok(());
    }
    leak.set_budget(budget);
    Err(leak)
}

fn is_of(site: &LeakSite, place: &str) -> bool {
    site.location
        .as_deref()
        .is_some_and(|it| it.contains(place))
}

/// Blocks and bytes that calls left.
fn live_of<'a>(sites: impl Iterator<Item = &'a LeakSite>) -> (i64, i64) {
    sites.fold((0, 0), |sum, site| {
        (
            sum.0 + site.blocks.cast_signed(),
            sum.1 + site.bytes.cast_signed(),
        )
    })
}
