//! The account books: which thread allocated and freed how much for which scope.
//!
//! Each thread has a [`Table`] with a [`Lane`] of counters for each scope that it meets. It adds to them without any
//! exchange, for nobody else does. A scope's account is the sum over all tables. Frees are summed first and
//! allocations after, so that a sum may come out too high while others are at work, and never too low: what sums to
//! neutral *was* neutral at a moment between, and stays it once nobody can allocate for the scope any more.
//!
//! A scope that ends while blocks of it live keeps its [`Slot`] until the last of them is freed (it lingers), so that
//! every free finds its account. Only then is the slot given to another scope, under another generation.

mod id;
mod lane;
#[cfg(all(test, loom))]
mod models;
mod sketch;
mod slot;
mod table;
mod tree;

pub(crate) use id::{ScopeId, SiteId};
pub(crate) use lane::Lane;
pub(crate) use sketch::Contents;
pub(crate) use slot::{About, Slot};
pub(crate) use table::Table;
pub(crate) use tree::Tree;

use crate::raw::directory::Directory;
#[cfg(not(loom))]
use crate::sync::MutexGuard;
use crate::sync::{AtomicU32, Mutex, Ordering, const_fn, lock};
use crate::usage::Usage;
use id::SLOTS;
use tree::Slots;

#[cfg(not(loom))]
mod bounds {
    use super::SLOTS;
    pub(super) const SLOTS_PER_CHUNK: usize = 128;
    pub(super) const SLOT_CHUNKS: usize = SLOTS / SLOTS_PER_CHUNK;
    pub(super) const TABLES: usize = 1024;
}
#[cfg(loom)]
mod bounds {
    pub(super) const SLOTS_PER_CHUNK: usize = 4;
    pub(super) const SLOT_CHUNKS: usize = 1;
    pub(super) const TABLES: usize = 4;
}
use bounds::TABLES;

/// All accounts.
pub(crate) struct Ledger {
    slots: Slots,
    tables: Directory<Table, TABLES, 1>,
    tables_used: AtomicU32,
    tree: Mutex<Tree>,
}

/// A thread's own table, and its number.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OwnTable {
    pub(crate) table: &'static Table,
    pub(crate) number: u32,
}

/// A scope that has not finished.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Account {
    pub(crate) slot: &'static Slot,
    pub(crate) id: ScopeId,
    /// The slot's; a copy, for the look at it would be another line of memory.
    generation: u64,
}

impl Account {
    fn of(index: u32, slot: &'static Slot) -> Self {
        let generation = slot.generation();
        Self {
            slot,
            id: ScopeId::new(index, generation),
            generation,
        }
    }
}

impl Ledger {
    const_fn! {
        pub(crate) const fn new() -> Self {
            Self {
                slots: Directory::new(),
                tables: Directory::new(),
                tables_used: AtomicU32::new(0),
                tree: Mutex::new(Tree::new()),
            }
        }
    }

    /// The account of everything that is in no scope. `None` if there is no memory for it.
    #[inline]
    pub(crate) fn root(&self) -> Option<Account> {
        Some(Account {
            slot: self.slots.get_or_make(0)?,
            id: ScopeId::ROOT,
            generation: 1,
        })
    }

    /// The account that a block's trailer names; `None` if it names none that is unfinished.
    #[inline]
    pub(crate) fn account(&self, id: ScopeId) -> Option<Account> {
        let slot = self.slots.get(id.slot())?;
        let generation = slot.generation();
        id.is_of(generation).then_some(Account {
            slot,
            id,
            generation,
        })
    }

    /// A table for a thread that begins; `None` if there are too many threads, or no memory.
    pub(crate) fn take_table(&self) -> Option<OwnTable> {
        for number in 0..TABLES {
            let table = self.tables.get_or_make(number)?;
            if table.take() {
                let number = number as u32;
                // Relaxed is enough: who sees that the table touched a slot, by Acquire, sees this.
                self.tables_used.fetch_max(number + 1, Ordering::Relaxed);
                return Some(OwnTable { table, number });
            }
        }
        None
    }

    /// The lane of a thread for an account; `None` if there is no memory for it.
    #[inline]
    pub(crate) fn lane(&self, own: OwnTable, account: Account) -> Option<&'static Lane> {
        match own.table.lane(account.id.slot()) {
            Some(lane) if lane.is_of(account.generation) => Some(lane),
            _ => Self::begin_lane(own, account),
        }
    }

    #[cold]
    fn begin_lane(own: OwnTable, account: Account) -> Option<&'static Lane> {
        let lane = own.table.make_lane(account.id.slot())?;
        lane.begin(account.id, account.generation);
        account.slot.touch(own.number);
        Some(lane)
    }

    /// A new scope, with one handle. `None` if [`SLOTS`] are unfinished already, or there is no memory.
    pub(crate) fn open(&self, about: About) -> Option<Account> {
        let parent = self.account(about.parent)?;
        let mut tree = lock(&self.tree);
        let index = self.free_slot(&mut tree)?;
        let slot = self.slots.get(index as usize)?;
        let generation = slot.open(about);
        tree::link(parent.slot, slot, index, &self.slots);
        Some(Account {
            slot,
            id: ScopeId::new(index, generation),
            generation,
        })
    }

    /// A slot that nobody has. Each time it looks at two scopes that linger, so that the slots in use stay below twice
    /// the most that were unfinished at one time.
    fn free_slot(&self, tree: &mut Tree) -> Option<u32> {
        for _ in 0..2 {
            self.look_at_lingering(tree);
        }
        let free = tree.pop_free(&self.slots);
        free.or_else(|| tree.fresh(&self.slots))
    }

    fn look_at_lingering(&self, tree: &mut Tree) -> Option<()> {
        let index = tree.pop_lingering(&self.slots)?;
        let slot = self.slots.get(index as usize)?;
        if !self.finish(tree, Account::of(index, slot)) {
            tree.push_lingering(index, &self.slots);
        }
        Some(())
    }

    /// The innermost scope around that has a handle, with one more; the process at last. `None` for the process itself.
    /// The caller has a handle.
    pub(crate) fn around(&self, account: Account) -> Option<Account> {
        let _tree = lock(&self.tree);
        let mut at = account;
        loop {
            // It is unfinished, for it has a child that is.
            let parent = self.account(at.slot.about().parent)?;
            if parent.id == ScopeId::ROOT || parent.slot.add_handle_to_others() {
                return Some(parent);
            }
            at = parent;
        }
    }

    /// What is told of a scope and of those around it, from the innermost on. No scope may begin or end in `visit`.
    pub(crate) fn for_each_around(&self, account: Account, mut visit: impl FnMut(About)) {
        let _tree = lock(&self.tree);
        let mut at = Some(account);
        while let Some(account) = at {
            let about = account.slot.about();
            visit(about);
            at = self.account(about.parent);
        }
    }

    /// Keeps other threads from beginning and ending scopes, and from looking at what is told of them.
    #[cfg(not(loom))]
    pub(crate) fn hold(&self) -> MutexGuard<'_, Tree> {
        lock(&self.tree)
    }

    /// Gives up a handle. With the last one the scope finishes, now or when the last of its blocks is freed.
    pub(crate) fn drop_handle(&self, account: Account) {
        // The process never finishes, and has no slot to give back.
        if account.id == ScopeId::ROOT || !account.slot.drop_handle() {
            return;
        }
        let mut tree = lock(&self.tree);
        // Who forgot a guard is inside without a handle, and may get one: a scope that lingers does so once.
        if !account.slot.links.lingers() && !self.finish(&mut tree, account) {
            tree.push_lingering(account.id.slot() as u32, &self.slots);
        }
    }

    /// Gives the slot back if nothing is left of its scope: no handle, no child, no guard, no block. None of these can
    /// come back then, for each needs one of the others.
    fn finish(&self, tree: &mut Tree, account: Account) -> bool {
        // Guards after handles: who drops a handle has left before.
        if !account.slot.is_left() || self.is_entered(account) {
            return false;
        }
        let counts = self.own(account);
        if !counts.is_neutral() {
            return false;
        }
        if let Some(parent) = self.account(account.slot.about().parent) {
            tree::unlink(parent.slot, account.slot, &self.slots);
            parent.slot.add_ended(&counts.plus(&account.slot.ended()));
        }
        tree.push_free(account.id.slot() as u32, &self.slots);
        true
    }

    /// What threads did on this account, those in scopes inside it aside.
    pub(crate) fn own(&self, account: Account) -> Usage {
        let mut counts = Usage::default();
        self.add_frees(account, &mut counts);
        // Every free was seen with Acquire: the allocations that they undo are in what comes now.
        self.add_allocs(account, &mut counts);
        counts
    }

    fn add_frees(&self, account: Account, counts: &mut Usage) {
        self.for_each_lane(account, |lane| lane.add_frees_to(counts));
        account.slot.shared.add_frees_to(counts);
    }

    fn add_allocs(&self, account: Account, counts: &mut Usage) {
        self.for_each_lane(account, |lane| lane.add_allocs_to(counts));
        account.slot.shared.add_allocs_to(counts);
    }

    /// What was done on this account and on those of all scopes inside it.
    pub(crate) fn inclusive(&self, account: Account) -> Usage {
        // No scope begins or finishes meanwhile, so that none is missed or seen twice.
        let _tree = lock(&self.tree);
        let outer = account.id.slot() as u32;
        let mut counts = Usage::default();
        // The frees of all scopes first: a block that moves from one to another is not missed between two looks.
        self.add_frees(account, &mut counts);
        tree::for_each_inside(outer, &self.slots, |index, slot| {
            self.add_frees(Account::of(index, slot), &mut counts);
        });
        self.add_allocs(account, &mut counts);
        let mut inside = account.slot.ended();
        tree::for_each_inside(outer, &self.slots, |index, slot| {
            self.add_allocs(Account::of(index, slot), &mut inside);
            inside = inside.plus(&slot.ended());
        });
        counts.plus(&inside)
    }

    /// The unfinished scopes inside `outer`, at any depth. No scope may begin or end in `visit`.
    pub(crate) fn for_each_inside(&self, outer: Account, mut visit: impl FnMut(Account)) {
        let _tree = lock(&self.tree);
        tree::for_each_inside(outer.id.slot() as u32, &self.slots, |index, slot| {
            visit(Account::of(index, slot));
        });
    }

    /// The process and all unfinished scopes, each after the one that it lies in: what was done in it, and in those
    /// inside it that have ended. No scope may begin or end in `visit`.
    pub(crate) fn survey(&self, mut visit: impl FnMut(Account, Usage, Usage)) {
        let _tree = lock(&self.tree);
        let mut look = |account: Account| visit(account, self.own(account), account.slot.ended());
        let Some(root) = self.root() else {
            return;
        };
        look(root);
        tree::for_each_inside(0, &self.slots, |index, slot| {
            look(Account::of(index, slot));
        });
    }

    /// The sums of the cells of the scope itself.
    pub(crate) fn contents(&self, account: Account) -> Contents {
        let mut contents = Contents::default();
        self.for_each_table(account, |table| {
            if let Some(sketch) = table.sketch(account.id.slot()) {
                sketch.add_to(account.generation, &mut contents);
            }
        });
        contents
    }

    fn is_entered(&self, account: Account) -> bool {
        let mut entered = false;
        self.for_each_lane(account, |lane| entered |= lane.is_entered());
        entered
    }

    fn for_each_lane(&self, account: Account, mut visit: impl FnMut(&Lane)) {
        self.for_each_table(account, |table| {
            let lane = table.lane(account.id.slot());
            if let Some(lane) = lane.filter(|lane| lane.is_of(account.generation)) {
                visit(lane);
            }
        });
    }

    /// The tables of threads that met the scope.
    fn for_each_table(&self, account: Account, mut visit: impl FnMut(&'static Table)) {
        let touched = account.slot.touched();
        let used = self.tables_used.load(Ordering::Relaxed);
        for number in 0..used {
            if touched & slot::bit(number) == 0 {
                continue;
            }
            if let Some(table) = self.tables.get(number as usize) {
                visit(table);
            }
        }
    }
}
