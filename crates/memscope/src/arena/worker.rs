//! Arenas of a thread: one a piece of work.

use super::Config;
use crate::outside::outside;
use crate::raw::arena::{Arena, Region};
use core::cell::RefCell;

/// How many arenas wait on a thread: work within work needs more than one.
const IDLE_MAX: usize = 4;

/// What each of them keeps, in bytes.
const KEEP: usize = 1 << 20;

thread_local! {
    static IDLE: RefCell<Vec<Arena>> = const { RefCell::new(Vec::new()) };
}

/// Runs a piece of work with a region of an arena of this thread, and takes back what it allocated.
///
/// That nothing escapes needs no check: the region's lifetime is known to the closure alone. Chunks
/// stay with the thread, up to 1 MiB for each depth of work within work, four deep at most.
///
/// # Examples
///
/// ```
/// use memscope::arena::worker;
///
/// let longest = worker(|region| {
///     let words = region.alloc_from_iter("one three two".split(' '));
///     words.sort_by_key(|word| word.len());
///     words.last().map(|word| word.len())
/// });
/// assert_eq!(longest, Some(5));
/// ```
///
/// ```compile_fail
/// let escaped = memscope::arena::worker(|region| region.alloc(1));
/// ```
pub fn worker<R>(f: impl for<'c> FnOnce(&mut Region<'c>) -> R) -> R {
    let mut arena = Borrowed(None);
    f(&mut arena.0.get_or_insert_with(take).as_region())
}

/// An arena that goes back to its thread, also when the work panics.
struct Borrowed(Option<Arena>);

impl Drop for Borrowed {
    fn drop(&mut self) {
        if let Some(mut arena) = self.0.take() {
            // Destructors may do work of their own: nothing is borrowed here.
            arena.reset();
            put(arena);
        }
    }
}

/// The arena that was used last, or a new one. When the thread is ending there is none.
fn take() -> Arena {
    let idle = IDLE.try_with(|idle| idle.borrow_mut().pop());
    let fresh = || Arena::with_config(Config::new().keep(KEEP).outside_scopes());
    idle.ok().flatten().unwrap_or_else(fresh)
}

fn put(arena: Arena) {
    // An arena that isn't kept is dropped: it is empty, so no code of a value's runs.
    let _ = IDLE.try_with(|idle| {
        let mut idle = idle.borrow_mut();
        if idle.len() < IDLE_MAX {
            outside(|| idle.push(arena));
        }
    });
}
