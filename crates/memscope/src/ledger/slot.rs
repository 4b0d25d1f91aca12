//! One unfinished scope.

use std::panic::Location;
use std::time::Instant;

use super::ScopeId;
use super::lane::SharedLane;
use crate::sync::{AtomicBool, AtomicU32, AtomicU64, Mutex, MutexGuard, Ordering, lock};
use crate::usage::Usage;

/// Where the counters of one scope come together.
///
/// # Invariants
/// 1. `generation` changes only while the slot belongs to no scope: no handle, no guard, no child, no live block.
/// 2. `touched` has a bit for each table with a lane of this generation; the last bit stands for all further tables.
#[derive(Debug)]
pub(crate) struct Slot {
    generation: AtomicU64,
    touched: AtomicU64,
    handles: AtomicU32,
    pub(super) links: Links,
    pub(crate) shared: SharedLane,
    /// What scopes inside this one allocated and freed, of those that have ended.
    ended: SharedLane,
    about: Mutex<About>,
}

/// Numbers of other slots, 0 for none; read and changed under the lock of the tree alone.
#[derive(Debug, Default)]
pub(super) struct Links {
    pub(super) first_child: AtomicU32,
    pub(super) previous_sibling: AtomicU32,
    pub(super) next_sibling: AtomicU32,
    /// The next slot of the list that it is in: of free ones, or of lingering ones.
    pub(super) next: AtomicU32,
    /// Whether it is in the list of lingering ones.
    pub(super) lingers: AtomicBool,
}

impl Links {
    pub(super) fn lingers(&self) -> bool {
        self.lingers.load(Ordering::Relaxed)
    }
}

/// What is told of a scope, but not counted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct About {
    pub(crate) name: &'static str,
    pub(crate) request: Option<u64>,
    pub(crate) parent: ScopeId,
    pub(crate) opened_at: Option<&'static Location<'static>>,
    pub(crate) opened: Option<Instant>,
}

impl Default for About {
    fn default() -> Self {
        Self {
            name: "process",
            request: None,
            parent: ScopeId::UNTRACKED,
            opened_at: None,
            opened: None,
        }
    }
}

impl Default for Slot {
    fn default() -> Self {
        Self {
            // 0 is the generation of a lane that has not begun.
            generation: AtomicU64::new(1),
            touched: AtomicU64::default(),
            handles: AtomicU32::default(),
            links: Links::default(),
            shared: SharedLane::default(),
            ended: SharedLane::default(),
            about: Mutex::default(),
        }
    }
}

impl Slot {
    #[inline]
    pub(crate) fn generation(&self) -> u64 {
        self.generation.load(Ordering::Relaxed)
    }

    pub(crate) fn about(&self) -> About {
        *self.about_lock()
    }

    fn about_lock(&self) -> MutexGuard<'_, About> {
        lock(&self.about)
    }

    /// Gives the slot to a scope, with one handle.
    pub(super) fn open(&self, about: About) -> u64 {
        let generation = self.generation().wrapping_add(1);
        self.shared.clear();
        self.ended.clear();
        self.touched.store(0, Ordering::Relaxed);
        self.handles.store(1, Ordering::Relaxed);
        *self.about_lock() = about;
        self.generation.store(generation, Ordering::Relaxed);
        generation
    }

    /// Shows the lane of a table to readers.
    pub(super) fn touch(&self, table: u32) {
        // ORDERING: Release; the partner is `touched`. Who sees the bit sees the lane begun.
        self.touched.fetch_or(bit(table), Ordering::Release);
    }

    /// The tables with lanes of this scope, as bits.
    pub(super) fn touched(&self) -> u64 {
        // ORDERING: Acquire; the partner is `touch`.
        self.touched.load(Ordering::Acquire)
    }

    pub(crate) fn add_handle(&self) {
        // Whoever adds a handle has one, or is inside the scope: nobody can see the count at 0 meanwhile.
        self.handles.fetch_add(1, Ordering::Relaxed);
    }

    /// Adds a handle to those of others; `false` if there are none.
    pub(super) fn add_handle_to_others(&self) -> bool {
        let add = |handles| (handles != 0).then_some(handles + 1);
        // Relaxed is enough, as above: it is not at 0 meanwhile.
        self.handles
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, add)
            .is_ok()
    }

    /// Whether this was the last.
    pub(crate) fn drop_handle(&self) -> bool {
        // ORDERING: Release, so that who sees 0 sees what was done with the handle; Acquire for the last one itself.
        self.handles.fetch_sub(1, Ordering::AcqRel) == 1
    }

    /// Whether nobody can allocate for it any more, guards aside: no handle, no child. Asked under the lock of the tree.
    pub(super) fn is_left(&self) -> bool {
        // Relaxed is enough: who asks has dropped the last handle, or got the slot under the lock from who did.
        self.handles.load(Ordering::Relaxed) == 0 && !self.has_children()
    }

    /// Whether somebody can still enter it. The process always can be.
    pub(crate) fn has_handles(&self) -> bool {
        self.handles.load(Ordering::Relaxed) != 0
    }

    /// Whether unfinished scopes lie inside it.
    pub(crate) fn has_children(&self) -> bool {
        self.links.first_child.load(Ordering::Relaxed) != 0
    }

    /// Books a scope that lay inside it and has finished.
    pub(super) fn add_ended(&self, counts: &Usage) {
        self.ended.add(counts);
    }

    /// What ended children booked.
    pub(super) fn ended(&self) -> Usage {
        let mut counts = Usage::default();
        self.ended.add_frees_to(&mut counts);
        self.ended.add_allocs_to(&mut counts);
        counts
    }
}

/// The bit of a table in `touched`; the last one is shared by all from 63 on.
pub(super) fn bit(table: u32) -> u64 {
    1 << table.min(63)
}
