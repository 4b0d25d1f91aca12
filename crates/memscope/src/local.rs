//! Which scope the calling thread is in, and the counters that it has to itself.

use std::cell::Cell;

use crate::ledger::{Account, Lane, Ledger, OwnTable, ScopeId, SiteId};
use crate::raw::trailer::Tag;

/// The accounts of this process.
pub(crate) static LEDGER: Ledger = Ledger::new();

/// Neither cell has a destructor, so that reaching them neither allocates nor fails, whatever the thread's age.
struct Local {
    /// The lane of the scope that the thread is in; `None` before its first allocation and after its destructors.
    lane: Cell<Option<&'static Lane>>,
    table: Cell<Option<OwnTable>>,
    stage: Cell<Stage>,
    /// Whether a block that gets the size that it has is to move to the scope that the thread is in.
    moves: Cell<bool>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Nothing was counted yet.
    New,
    /// It has a table.
    Attached,
    /// It has none, and gets none: it is being set up, it ends, or there are too many threads.
    Shared,
}

thread_local! {
    static LOCAL: Local = const {
        Local {
            lane: Cell::new(None),
            table: Cell::new(None),
            stage: Cell::new(Stage::New),
            moves: Cell::new(false),
        }
    };
    static EXIT: Exit = const { Exit };
}

/// Its destructor leaves the thread's table to other threads.
struct Exit;

impl Drop for Exit {
    fn drop(&mut self) {
        LOCAL.with(|local| {
            local.stage.set(Stage::Shared);
            local.lane.set(None);
            if let Some(own) = local.table.take() {
                own.table.give_back();
            }
        });
    }
}

impl Local {
    #[cold]
    fn attach(&self) -> Option<&'static Lane> {
        if self.stage.get() != Stage::New {
            return None;
        }
        // What the steps below allocate is counted without a table.
        self.stage.set(Stage::Shared);
        let own = LEDGER.take_table()?;
        let lane = LEDGER.root().and_then(|root| LEDGER.lane(own, root));
        // A thread is always in the process.
        lane.inspect(|lane| lane.enter());
        if lane.is_none() || EXIT.try_with(|_| ()).is_err() {
            own.table.give_back();
            return None;
        }
        self.table.set(Some(own));
        self.lane.set(lane);
        self.stage.set(Stage::Attached);
        lane
    }

    fn lane(&self) -> Option<&'static Lane> {
        self.lane.get().or_else(|| self.attach())
    }

    #[inline]
    fn allocated(&self, lane: &Lane, site: SiteId, bytes: usize) {
        lane.allocated(bytes);
        if site != SiteId::NONE {
            self.note_site(lane, site, 1, bytes as u64);
        }
    }

    #[inline]
    fn freed(&self, lane: &Lane, site: SiteId, bytes: usize) {
        // Before the free is shown: who sees it sees the cell without the block.
        if site != SiteId::NONE {
            self.note_site(lane, site, u64::MAX, (bytes as u64).wrapping_neg());
        }
        lane.freed(bytes);
    }

    #[inline]
    fn resized(&self, lane: &Lane, site: SiteId, from: usize, to: usize) {
        if site != SiteId::NONE {
            self.note_site(lane, site, 0, (to as u64).wrapping_sub(from as u64));
        }
        lane.resized(from, to);
    }

    /// Without memory for the cells, the scope's leaks are told without their sites.
    // A call, so that what is done where no stacks are noted is short enough to be inlined.
    #[inline(never)]
    fn note_site(&self, lane: &Lane, site: SiteId, blocks: u64, bytes: u64) {
        let own = self.table.get();
        if let Some(sketch) = own.and_then(|own| own.table.make_sketch(lane.id().slot())) {
            sketch.change(lane.generation(), site, blocks, bytes);
        }
    }

    /// The thread's lane for an account.
    fn lane_of(&self, account: Account) -> Option<&'static Lane> {
        self.lane()?;
        LEDGER.lane(self.table.get()?, account)
    }
}

/// Books an allocation for the scope that the thread is in, and says which that is.
#[inline]
pub(crate) fn allocated(site: SiteId, bytes: usize) -> ScopeId {
    LOCAL.with(|local| match local.lane.get() {
        Some(lane) => {
            local.allocated(lane, site, bytes);
            lane.id()
        }
        None => allocated_slowly(local, site, bytes),
    })
}

#[cold]
fn allocated_slowly(local: &Local, site: SiteId, bytes: usize) -> ScopeId {
    if let Some(lane) = local.attach() {
        local.allocated(lane, site, bytes);
        return lane.id();
    }
    match LEDGER.root() {
        Some(root) => {
            root.slot.shared.allocated(bytes);
            root.id
        }
        None => ScopeId::UNTRACKED,
    }
}

/// Books a free for the scope that the block belongs to.
#[inline]
pub(crate) fn freed(tag: Tag, bytes: usize) {
    LOCAL.with(|local| match local.lane.get() {
        Some(lane) if lane.id() == tag.scope => local.freed(lane, tag.site, bytes),
        _ => freed_elsewhere(local, tag, bytes),
    });
}

#[cold]
#[inline(never)]
fn freed_elsewhere(local: &Local, tag: Tag, bytes: usize) {
    let Some(account) = LEDGER.account(tag.scope) else {
        return;
    };
    match local.lane_of(account) {
        Some(lane) => local.freed(lane, tag.site, bytes),
        None => account.slot.shared.freed(bytes),
    }
}

/// Books a change of size for the scope that the block belongs to.
#[inline]
pub(crate) fn resized(tag: Tag, from: usize, to: usize) {
    LOCAL.with(|local| match local.lane.get() {
        Some(lane) if lane.id() == tag.scope => local.resized(lane, tag.site, from, to),
        _ => resized_elsewhere(local, tag, from, to),
    });
}

#[cold]
#[inline(never)]
fn resized_elsewhere(local: &Local, tag: Tag, from: usize, to: usize) {
    let Some(account) = LEDGER.account(tag.scope) else {
        return;
    };
    match local.lane_of(account) {
        Some(lane) => local.resized(lane, tag.site, from, to),
        None => account.slot.shared.resized(from, to),
    }
}

/// Books a block to the scope that the thread is in, and says which that is.
#[cold]
pub(crate) fn moved_here(tag: Tag, bytes: usize) -> ScopeId {
    let here = LOCAL.with(|local| local.lane().map_or(ScopeId::ROOT, Lane::id));
    if here == tag.scope {
        return here;
    }
    // The allocation first: who sees the free sees the block on its new account.
    let here = allocated(tag.site, bytes);
    freed(tag, bytes);
    here
}

/// Runs a closure in which [`moves`] holds.
pub(crate) fn while_moving<R>(work: impl FnOnce() -> R) -> R {
    LOCAL.with(|local| local.moves.set(true));
    let result = work();
    LOCAL.with(|local| local.moves.set(false));
    result
}

/// Whether a block that gets the size that it has moves to the scope that the thread is in.
#[cold]
pub(crate) fn moves() -> bool {
    LOCAL.with(|local| local.moves.get())
}

/// The account that the calling thread is in.
pub(crate) fn current() -> Option<Account> {
    let id = LOCAL.with(|local| local.lane().map(Lane::id));
    LEDGER
        .account(id.unwrap_or(ScopeId::ROOT))
        .or_else(|| LEDGER.root())
}

/// What `leave` goes back to.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    lane: Option<&'static Lane>,
    before: Option<&'static Lane>,
}

/// Enters a scope. The caller keeps a handle of it until it leaves.
#[inline]
pub(crate) fn enter(account: Account) -> Entry {
    LOCAL.with(|local| {
        let before = local.lane.get();
        let lane = local
            .table
            .get()
            .and_then(|own| LEDGER.lane(own, account))
            .or_else(|| local.lane_of(account));
        if let Some(lane) = lane {
            lane.enter();
            local.lane.set(Some(lane));
        }
        Entry { lane, before }
    })
}

/// Leaves a scope for the one that the thread was in before, or for the process if it has left that one meanwhile.
#[inline]
pub(crate) fn leave(entry: Entry) {
    let Some(lane) = entry.lane else {
        return;
    };
    lane.leave();
    LOCAL.with(|local| {
        // After the thread's destructors there is nothing to go back to.
        if local.lane.get().is_some() {
            let before = entry.before.filter(|before| before.is_entered());
            local.lane.set(before.or_else(|| root_lane(local)));
        }
    });
}

#[cold]
fn root_lane(local: &Local) -> Option<&'static Lane> {
    LEDGER.lane(local.table.get()?, LEDGER.root()?)
}
