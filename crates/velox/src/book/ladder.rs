//! One side of a book, as its readers see it.

use std::collections::BTreeMap;

use super::grid::SIZES;
use super::window::Window;
use crate::sync::{Arc, AtomicU32, Mutex, OnceLock, Ordering, lock};

/// The levels of one side by key: those in the window in slots, the others in an ordered map.
///
/// # Invariants
/// 1. A key that has a slot in the window from `base` on has its level there, every other in `far`; `far` holds no 0.
/// 2. `windows` has windows up to that of `size`, which is the one in use; the smaller ones are empty.
/// 3. `far_len` is the number of levels in `far`.
///
/// Only the writer stores, inside an update of the sequence count. A reader's view is whole if the
/// count says so. A window that was outgrown stays: a reader may be in it.
#[derive(Debug)]
pub(crate) struct Ladder {
    windows: [OnceLock<Arc<Window>>; SIZES],
    size: AtomicU32,
    base: AtomicU32,
    far_len: AtomicU32,
    far: Mutex<BTreeMap<i32, u64>>,
}

// ORDERING: Relaxed throughout: the sequence count orders these accesses.
impl Ladder {
    /// No levels, and the smallest window.
    pub(crate) fn new(smallest: &Arc<Window>, base: i32) -> Self {
        let windows: [_; SIZES] = core::array::from_fn(|_| OnceLock::new());
        let set = windows[0].set(Arc::clone(smallest));
        debug_assert!(set.is_ok(), "it is new");
        Self {
            windows,
            size: AtomicU32::new(0),
            base: AtomicU32::new(base as u32),
            far_len: AtomicU32::new(0),
            far: Mutex::new(BTreeMap::new()),
        }
    }

    /// The window in use. None only where the sequence count will say that an update went on: the number of a new window
    /// may be seen before it is.
    #[inline]
    pub(crate) fn window(&self) -> Option<&Arc<Window>> {
        let size = self.size.load(Ordering::Relaxed) as usize;
        self.windows.get(size)?.get()
    }

    /// Takes a window of this size into use, which is the next one.
    pub(crate) fn grow(&self, size: usize, window: &Arc<Window>) {
        let set = self.windows[size].set(Arc::clone(window));
        debug_assert!(set.is_ok(), "a side grows to each size once");
        self.size.store(size as u32, Ordering::Relaxed);
    }

    pub(crate) fn base(&self) -> i32 {
        self.base.load(Ordering::Relaxed) as i32
    }

    pub(crate) fn set_base(&self, base: i32) {
        self.base.store(base as u32, Ordering::Relaxed);
    }

    /// Changes the map of what is outside the window, and gives its best key then.
    pub(crate) fn change_far(&self, change: impl FnOnce(&mut BTreeMap<i32, u64>)) -> Option<i32> {
        let mut far = lock(&self.far);
        change(&mut far);
        let len = u32::try_from(far.len()).unwrap_or(u32::MAX);
        self.far_len.store(len, Ordering::Relaxed);
        far.last_key_value().map(|(key, _)| *key)
    }

    /// The quantity at a key outside the window.
    pub(crate) fn far_quantity(&self, key: i32) -> u64 {
        if self.far_len.load(Ordering::Relaxed) == 0 {
            return 0;
        }
        lock(&self.far).get(&key).copied().unwrap_or(0)
    }

    /// The quantity at any key.
    pub(crate) fn quantity_at(&self, key: i32) -> u64 {
        let base = self.base();
        let near = self
            .window()
            .and_then(|it| Some(it.quantity(it.grid().slot(base, key)?)));
        near.unwrap_or_else(|| self.far_quantity(key))
    }

    /// Gives keys and quantities, the best first, until there are no more or `give` says stop.
    pub(crate) fn walk(&self, mut give: impl FnMut(i32, u64) -> bool) {
        let base = self.base();
        let mut near = self.window().into_iter().flat_map(|it| it.levels(base));
        if self.far_len.load(Ordering::Relaxed) == 0 {
            for (key, quantity) in near {
                if !give(key, quantity) {
                    return;
                }
            }
            return;
        }
        let far = lock(&self.far);
        let mut far = far.iter().rev().map(|(key, quantity)| (*key, *quantity));
        let (mut next_far, mut next_near) = (far.next(), near.next());
        while let Some((key, quantity)) = next_far.max(next_near) {
            if next_far == Some((key, quantity)) {
                next_far = far.next();
            } else {
                next_near = near.next();
            }
            if !give(key, quantity) {
                return;
            }
        }
    }
}
