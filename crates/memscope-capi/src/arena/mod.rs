//! Arenas of C: many allocations, taken back together.

mod chunk;
mod escapes;
mod marks;
mod rest;
mod sanitizer;

use std::cell::Cell;
use std::ptr;

use memscope::raw_parts::{self, RawScope};

use self::chunk::{Chunk, Fault, room_for};
use self::escapes::{Escape, Starts};
use self::marks::Marks;
use crate::block;
use crate::scope::fail;
use crate::site::Site;
use crate::sync::{AtomicBool, Ordering};

pub(crate) use self::escapes::LOOKED_AT;
pub use self::marks::Mark;
pub(crate) use self::rest::{Ended, hold};

/// C's `ms_arena`: a pointer to what the arena is; null before its begin and after its end.
#[repr(C)]
#[derive(Debug)]
pub struct Arena {
    pub(crate) state: *mut State,
}

/// What an arena is. Chunks before `current` are full, those behind it are empty. It is never freed, so that the use of an
/// arena that has ended, by a copy of C's variable or by a child, can be told; others get it [later](rest).
#[derive(Debug)]
pub(crate) struct State {
    chunks: Vec<Chunk>,
    current: usize,
    first: usize,
    scope: u32,
    made: Site,
    reset: Site,
    marks: Marks,
    children: usize,
    parent: *mut State,
    /// The one that the thread works with when this one has ended; for those of [`begin`].
    outer: *mut State,
    /// Whether its thread works with it, or with one inside it: from [`begin`] to [`end`].
    is_begun: bool,
    has_ended: bool,
}

const LEAST: usize = 256;

static ANY: AtomicBool = AtomicBool::new(false);
static SCAN: AtomicBool = AtomicBool::new(true);

thread_local! {
    static CURRENT: Cell<*mut State> = const { Cell::new(ptr::null_mut()) };
}

/// Whether there ever was an arena.
#[inline]
pub(crate) fn is_any() -> bool {
    ANY.load(Ordering::Relaxed)
}

pub(crate) fn set_scan(on: bool) -> bool {
    SCAN.swap(on, Ordering::Relaxed)
}

/// The arena that the thread began last of those that have not ended; null if there is none.
pub(crate) fn current() -> *mut State {
    let mut at = CURRENT.get();
    // SAFETY: null, or what an arena is, which is never freed.
    while let Some(state) = unsafe { at.as_ref() }.filter(|state| state.has_ended) {
        at = state.outer;
    }
    at
}

impl State {
    pub(crate) fn make(first: usize, parent: *mut Self, made: Site) -> *mut Self {
        ANY.store(true, Ordering::Relaxed);
        // SAFETY: null, or an arena that has not ended, and that is this thread's, as its owner says.
        if let Some(parent) = unsafe { parent.as_mut() } {
            parent.children += 1;
        }
        memscope::outside(|| {
            rest::take(Self {
                chunks: Vec::new(),
                current: 0,
                first: first.max(LEAST),
                scope: RawScope::current().map_or(raw_parts::UNTRACKED, RawScope::id),
                made,
                reset: Site::NONE,
                marks: Marks::new(),
                children: 0,
                parent,
                outer: ptr::null_mut(),
                is_begun: false,
                has_ended: false,
            })
        })
    }

    pub(crate) fn parent(&self) -> *mut Self {
        self.parent
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.has_ended
    }

    /// Null where there is no memory.
    pub(crate) fn alloc(&mut self, size: usize, site: Site) -> *mut u8 {
        let Some(room) = room_for(size) else {
            return block::out_of_memory();
        };
        loop {
            let current = self.chunks.get_mut(self.current);
            match current.and_then(|chunk| chunk.take(room, size, site)) {
                Some(Ok(user)) => return user,
                Some(Err(fault)) => {
                    self.tell(fault, site);
                    return block::out_of_memory();
                }
                None if self.current < self.chunks.len() => self.current += 1,
                None => {
                    if !self.grow(room) {
                        return block::out_of_memory();
                    }
                }
            }
        }
    }

    fn grow(&mut self, room: usize) -> bool {
        let last = self.chunks.last().map_or(self.first / 2, Chunk::size);
        let size = last.saturating_mul(2).max(room);
        // The arena's memory is its maker's, whatever the thread is in now.
        let entry = RawScope::of(self.scope).map(RawScope::enter);
        let chunk = Chunk::make(size, self.made);
        if let Some(entry) = entry {
            raw_parts::leave(entry);
        }
        let Some(chunk) = chunk else { return false };
        memscope::outside(|| self.chunks.push(chunk));
        self.current = self.chunks.len() - 1;
        true
    }

    /// Where the next allocation would stand, unless it needs another chunk.
    fn here(&self) -> (u64, u64) {
        let used = self.chunks.get(self.current).map_or(0, Chunk::used);
        (self.current as u64, used as u64)
    }

    pub(crate) fn mark(&self) -> Mark {
        self.marks.make(self.here())
    }

    /// Takes back what was allocated since the mark; false, and told, if the mark is of before or of another arena.
    pub(crate) fn rewind(&mut self, mark: Mark, site: Site) -> bool {
        let Some((chunk, used)) = self.marks.place_of(mark, self.here()) else {
            fail(&format!(
                "{}: ms_arena_rewind to a mark that is gone; the arena was made at {}, and taken back at {}",
                site.line(),
                self.made.line(),
                self.reset.line()
            ));
            return false;
        };
        memscope::outside(|| self.marks.rewound(chunk, used));
        self.take_back(chunk as usize, used as usize, site);
        true
    }

    pub(crate) fn reset(&mut self, site: Site) {
        self.take_back(0, 0, site);
        memscope::outside(|| self.marks = Marks::new());
    }

    fn take_back(&mut self, chunk: usize, used: usize, site: Site) {
        if self.children != 0 {
            fail(&format!(
                "{}: the arena made at {} is taken back, and has {} children that have not ended",
                site.line(),
                self.made.line(),
                self.children
            ));
        }
        let mut fault = None;
        for (index, it) in self.chunks.iter_mut().enumerate().skip(chunk) {
            let from = if index == chunk { used } else { 0 };
            fault = fault.or(it.take_back(from));
        }
        self.current = chunk;
        if let Some(fault) = fault {
            self.tell(fault, site);
        }
        self.reset = site;
    }

    /// Whether these bytes are of allocations here; told if not.
    pub(crate) fn has_or_tell(&self, address: usize, size: usize, call: &str, site: Site) -> bool {
        let has = self.chunks.iter().any(|chunk| chunk.has(address, size));
        if !has {
            fail(&format!(
                "{}: {call} of {address:#x}, which is not in the arena made at {}; it was last taken back at {}",
                site.line(),
                self.made.line(),
                self.reset.line()
            ));
        }
        has
    }

    /// Ends the arena, and gives its memory back.
    pub(crate) fn end(&mut self, site: Site) {
        self.take_back(0, 0, site);
        // SAFETY: null, or what an arena is, which is never freed, and not given to others while it has children.
        if let Some(parent) = unsafe { self.parent.as_mut() } {
            parent.children = parent.children.saturating_sub(1);
        }
        memscope::outside(|| {
            for chunk in std::mem::take(&mut self.chunks) {
                chunk.end(site);
            }
            self.marks = Marks::new();
        });
        self.has_ended = true;
        rest::leave(self);
    }

    /// Whether no pointer to an allocation is held by anything that outlives the arena; told if one is.
    pub(crate) fn check_escapes(&self, site: Site) -> bool {
        if !SCAN.load(Ordering::Relaxed) {
            return true;
        }
        if !escapes::is_possible() {
            fail(&format!(
                "{}: escaped pointers cannot be looked for: process_vm_readv is refused here; ms_set_escape_check(0)",
                site.line()
            ));
            return false;
        }
        let escape = memscope::outside(|| {
            let mut starts = Starts::new();
            for chunk in &self.chunks {
                chunk.for_each(0, |user, _, site| {
                    starts.insert(user.addr(), site);
                });
            }
            let of_arena = |address| self.chunks.iter().any(|chunk| chunk.is_at(address));
            escapes::first(&starts, of_arena)
        });
        let Some(Escape {
            allocated,
            holder,
            address,
        }) = escape
        else {
            return true;
        };
        let place = match holder {
            Some(holder) => format!("the block allocated at {}", holder.line()),
            None => format!("a variable at {address:#x}"),
        };
        fail(&format!(
            "{}: escaped pointer: what {} allocated in the arena made at {} is held by {place}",
            site.line(),
            allocated.line(),
            self.made.line()
        ));
        false
    }

    #[cold]
    fn tell(&self, fault: Fault, site: Site) {
        let made = self.made.line();
        fail(&match fault {
            Fault::Overrun {
                address,
                size,
                site: allocated,
            } => format!(
                "{}: overrun of {address:#x}, {size} bytes allocated there in the arena made at {made}; found at {}",
                allocated.line(),
                site.line()
            ),
            Fault::AfterReset { address } => format!(
                "{}: use after reset: somebody wrote to {address:#x} of the arena made at {made}; found at {}",
                self.reset.line(),
                site.line()
            ),
        });
    }
}

/// The thread works with a new arena inside the one that it worked with before.
pub(crate) fn begin(first: usize, site: Site) -> *mut State {
    let outer = current();
    let state = State::make(first, outer, site);
    // SAFETY: just made, and never freed.
    let made = unsafe { &mut *state };
    made.outer = outer;
    made.is_begun = true;
    CURRENT.set(state);
    state
}

/// Ends the arena that the thread works with; what is wrong is told.
///
/// # Safety
/// - `state` is null or came from [`begin`].
pub(crate) unsafe fn end(state: *mut State, call: &str, checks: bool, site: Site) -> bool {
    // SAFETY: null, or what an arena is, which is never freed.
    let found = unsafe { state.as_mut() }.filter(|_| state == current());
    let Some(found) = found else {
        fail(&format!(
            "{}: {call} without its begin: arenas of a thread end in the reverse order, on the thread",
            site.line()
        ));
        return false;
    };
    let is_clean = !checks || found.check_escapes(site);
    CURRENT.set(found.outer);
    found.is_begun = false;
    found.end(site);
    is_clean
}
