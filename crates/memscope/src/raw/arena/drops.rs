//! Values whose destructors the arena runs.

use super::bump::Arena;
use super::source::Source;
use crate::arena::ArenaError;
use core::alloc::Layout;
use core::mem;
use core::ptr::NonNull;

/// One element of an arena's list, newest first: a value with a destructor, or a mark.
#[derive(Clone, Copy)]
pub(super) struct Entry {
    /// The one before it.
    pub(super) prev: Option<NonNull<Self>>,
    /// Runs the destructor; a mark has none.
    pub(super) run: Option<unsafe fn(NonNull<Self>)>,
}

/// A value with its entry. `repr(C)`: the address of the one is that of the other.
#[repr(C)]
struct Node<T> {
    entry: Entry,
    value: T,
}

/// Runs the destructor of the value that stands with an entry.
///
/// # Safety
/// - `entry` is the start of a `Node<T>` whose value is initialised and not used again.
unsafe fn run<T>(entry: NonNull<Entry>) {
    let node = entry.cast::<Node<T>>().as_ptr();
    // SAFETY: the caller's promise: the node is there, so its field is.
    let value = unsafe { &raw mut (*node).value };
    // SAFETY: the caller's promise.
    unsafe { value.drop_in_place() };
}

impl<A: Source> Arena<A> {
    /// A value whose destructor the arena runs.
    ///
    /// The bounds are what makes that sound: the destructor runs when everything that the value
    /// could borrow from the arena or from around it may be gone, and on the thread that has the
    /// arena by then.
    #[inline]
    pub(crate) fn try_put_drop<T: Send + 'static>(&self, value: T) -> Result<&mut T, ArenaError> {
        if !mem::needs_drop::<T>() {
            return self.try_put(value);
        }
        let block = self.try_block(Layout::new::<Node<T>>())?;
        let node = block.cast::<Node<T>>();
        let entry = Entry {
            prev: self.entries.get(),
            run: Some(run::<T>),
        };
        // SAFETY: the block has the node's layout, and is nobody else's.
        unsafe { node.write(Node { entry, value }) };
        // INVARIANT: 4: the node is initialised, and a block of this arena.
        self.entries.set(Some(node.cast()));
        // SAFETY: the node was just written. The reference covers the value alone: the entry in
        // front of it is read later while the value may be borrowed.
        Ok(unsafe { &mut (*node.as_ptr()).value })
    }

    /// Runs the destructors of all entries above `end`, newest first, and takes them off the list.
    /// When one panics the others are run while it unwinds, as `Vec` does.
    ///
    /// # Safety
    /// - The values above `end` are not used again.
    pub(super) unsafe fn drop_down_to(&self, end: Option<NonNull<Entry>>) {
        let mut rest = Rest { arena: self, end };
        rest.run();
    }
}

/// Entries that are still to be taken off the list.
///
/// # Invariants
/// 1. The values above `end` are not used again.
struct Rest<'a, A: Source> {
    arena: &'a Arena<A>,
    end: Option<NonNull<Entry>>,
}

impl<A: Source> Rest<'_, A> {
    fn run(&mut self) {
        while let Some(entry) = self.arena.entries.get()
            && Some(entry) != self.end
        {
            // SAFETY: an entry on the list is initialised, by invariant 4 of the arena.
            let Entry { prev, run } = unsafe { entry.read() };
            self.arena.entries.set(prev);
            if let Some(run) = run {
                // SAFETY: `run` was made for this entry's node; invariant 1, and the entry has left
                // the list before its destructor could panic, so it runs once.
                unsafe { run(entry) };
            }
        }
    }
}

impl<A: Source> Drop for Rest<'_, A> {
    fn drop(&mut self) {
        self.run();
    }
}
