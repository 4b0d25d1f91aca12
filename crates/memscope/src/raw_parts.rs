//! The accounts without the allocator: for `memscope-capi`, whose blocks are not Rust's. No interface for anybody else.

use std::panic::Location;

use crate::balance::{self, Live};
use crate::books::{self, Account};
use crate::budget::{self, Budgets};
use crate::ledger::{ScopeId, SiteId, Tree};
use crate::local::{self, LEDGER};
use crate::raw::trailer::{self, Tag};
use crate::sites;
use crate::switch;
use crate::symbols;
use crate::sync::MutexGuard;
use crate::usage::Usage;
use crate::violation;

pub use crate::local::Entry;

/// What stands in place of a scope's number for a block that nobody counts.
pub const UNTRACKED: u32 = ScopeId::UNTRACKED.to_bits();

/// Books an allocation for the scope that the calling thread is in; the number of that scope is for [`freed`].
#[inline]
pub fn allocated(bytes: usize) -> u32 {
    if switch::is_on() {
        local::allocated(SiteId::NONE, bytes).to_bits()
    } else {
        UNTRACKED
    }
}

/// Books a free for the scope that [`allocated`] gave.
#[inline]
pub fn freed(scope: u32, bytes: usize) {
    if scope != UNTRACKED {
        local::freed(tag(scope), bytes);
    }
}

/// Books a change of size.
#[inline]
pub fn resized(scope: u32, from: usize, to: usize) {
    if scope != UNTRACKED {
        local::resized(tag(scope), from, to);
    }
}

#[inline]
fn tag(scope: u32) -> Tag {
    Tag {
        scope: ScopeId::from_bits(scope),
        site: SiteId::NONE,
    }
}

/// A scope by its account. Whoever opens one has a handle, and gives it up once by [`close`](Self::close).
#[derive(Clone, Copy, Debug)]
pub struct RawScope(Account);

impl RawScope {
    /// Inside `self`, with one handle. `None` if there are too many, or no memory.
    #[must_use]
    pub fn open(self, name: &'static str, request: Option<u64>) -> Option<Self> {
        books::open(self.0, name, request, Location::caller()).map(Self)
    }

    /// The scope that the calling thread is in.
    #[must_use]
    pub fn current() -> Option<Self> {
        books::current().map(Self)
    }

    /// The account of everything.
    #[must_use]
    pub fn process() -> Option<Self> {
        books::root().map(Self)
    }

    /// The unfinished scope of a number that [`allocated`] or [`id`](Self::id) gave.
    #[must_use]
    #[inline]
    pub fn of(id: u32) -> Option<Self> {
        LEDGER.account(ScopeId::from_bits(id)).map(Self)
    }

    /// Its number; after its end another scope may have it.
    #[must_use]
    #[inline]
    pub fn id(self) -> u32 {
        self.0.id.to_bits()
    }

    /// Gives up the handle of [`open`](Self::open).
    pub fn close(self) {
        books::drop_handle(self.0);
    }

    /// The calling thread is in the scope from now on, until [`leave`].
    #[must_use]
    #[inline]
    pub fn enter(self) -> Entry {
        books::enter(self.0)
    }

    /// What was allocated and freed in it and in those inside it.
    #[must_use]
    pub fn usage(self) -> Usage {
        books::usage(self.0)
    }

    /// The names of the scopes from the outermost to this one.
    #[must_use]
    pub fn path(self) -> String {
        books::describe(self.0).path
    }

    /// The numbers of the unfinished scopes inside it.
    #[must_use]
    pub fn inside(self) -> Vec<u32> {
        let mut found = Vec::new();
        LEDGER.for_each_inside(self.0, |inner| found.push(inner.id.to_bits()));
        found
    }
}

/// Where Rust made the block whose end is at `end`, if `word` is what stands there; `None` if that is no mark of an
/// account.
#[must_use]
pub fn made_at(word: u64, end: usize) -> Option<String> {
    let tag = trailer::decode(word, end).ok()?;
    let account = LEDGER.account(tag.scope)?;
    let place = symbols::location(&sites::frames(tag.site));
    Some(place.map_or_else(
        || format!("allocated in scope `{}`", books::describe(account).path),
        |place| format!("allocated at {place}"),
    ))
}

/// Gives the function that says of an address which other side's block begins there. It is asked before the process ends
/// over a block that is none of the allocator's.
pub fn set_other_side(tell: fn(usize) -> Option<String>) {
    violation::set_other_side(tell);
}

/// What [`hold`] holds.
#[derive(Debug)]
pub struct Held {
    // In the reverse order of their taking.
    _sites: MutexGuard<'static, u32>,
    _tree: MutexGuard<'static, Tree>,
    _references: MutexGuard<'static, Live>,
    _budgets: MutexGuard<'static, Budgets>,
}

/// Takes all locks, for the time of a `fork`: one that another thread has then is locked in the child for good.
#[must_use]
pub fn hold() -> Held {
    // In this order: a report asks for budgets, references and scopes, and each of them may allocate.
    let _budgets = budget::hold();
    let _references = balance::hold();
    let _tree = LEDGER.hold();
    let _sites = sites::hold();
    Held {
        _sites,
        _tree,
        _references,
        _budgets,
    }
}

/// The calling thread, which has entered a scope, leaves it.
#[inline]
pub fn leave(entry: Entry) {
    books::leave(entry);
}
