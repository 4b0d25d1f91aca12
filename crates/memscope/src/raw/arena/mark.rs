//! Marks, and going back to them.

use super::back::Position;
use super::bump::Arena;
use super::chunk::Chunk;
use super::drops::Entry;
use super::source::Source;
use crate::arena::{ArenaError, StaleMark};
use core::alloc::Layout;
use core::fmt;
use core::hash::BuildHasher;
use core::ptr::NonNull;
use std::hash::RandomState;

/// A place in an arena, to go back to with [`Arena::rewind`].
///
/// # Examples
///
/// ```
/// let mut arena = memscope::arena::Arena::new();
/// let mark = arena.mark();
/// let used = arena.stats().used;
/// arena.alloc(1_u64);
/// arena.rewind(mark)?;
/// assert_eq!(arena.stats().used, used);
/// # Ok::<(), memscope::arena::StaleMark>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// The address of its entry.
    entry: usize,
    serial: u64,
}

impl fmt::Debug for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mark").finish_non_exhaustive()
    }
}

/// The entry of a mark. `repr(C)`: the address of the one is that of the other.
#[repr(C)]
#[derive(Clone, Copy)]
struct Node {
    entry: Entry,
    /// The chunk in which it stands.
    chunk: Option<Chunk>,
    serial: u64,
}

impl<A: Source> Arena<A> {
    pub(crate) fn try_put_mark(&self) -> Result<Mark, ArenaError> {
        let node = self.try_block(Layout::new::<Node>())?.cast::<Node>();
        let serial = self.next_serial();
        let content = Node {
            entry: Entry {
                prev: self.entries.get(),
                run: None,
            },
            chunk: self.chunk.get(),
            serial,
        };
        // SAFETY: the block has the node's layout, and is nobody else's.
        unsafe { node.write(content) };
        // INVARIANT: 4: the node is initialised, a block, and in the current chunk.
        self.entries.set(Some(node.cast()));
        Ok(Mark {
            entry: node.addr().get(),
            serial,
        })
    }

    /// Goes back to a mark: runs the destructors of the values that were allocated since, newest first,
    /// and takes their memory. The mark stays, so that one can go back to it again.
    ///
    /// Takes time in the number of destructors and marks since then. If a destructor panics the others
    /// are run while it unwinds, and the arena has gone back.
    ///
    /// # Errors
    /// The mark is of another arena, or this one was reset or went back to an earlier mark since.
    /// Nothing has changed then.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut arena = memscope::arena::Arena::new();
    /// let (first, second) = (arena.mark(), arena.mark());
    /// assert!(arena.rewind(second).is_ok());
    /// assert!(arena.rewind(first).is_ok());
    /// assert!(arena.rewind(second).is_err());
    /// ```
    pub fn rewind(&mut self, mark: Mark) -> Result<(), StaleMark> {
        let to = self.find(mark).ok_or(StaleMark)?;
        // SAFETY: the mark's entry is on the list, so the arena has not gone back past it, and its
        // chunk is there. The arena is borrowed exclusively, so none of its blocks is borrowed.
        unsafe { self.rewind_to(&to) };
        Ok(())
    }

    /// The position behind a mark, if its entry is on the list. That no other one can have been made
    /// at its address since is what the serial number is for.
    fn find(&self, mark: Mark) -> Option<Position> {
        let mut next = self.entries.get();
        while let Some(entry) = next {
            // SAFETY: invariant 4 of the arena.
            let content = unsafe { entry.read() };
            if entry.addr().get() == mark.entry && content.run.is_none() {
                return position_behind(entry, mark.serial);
            }
            next = content.prev;
        }
        None
    }

    /// A number that no other mark has: counted from a number at random, so that those of two arenas
    /// differ.
    fn next_serial(&self) -> u64 {
        if self.serial.get() == 0 {
            self.serial.set(RandomState::new().hash_one(0));
        }
        let serial = self.serial.get().wrapping_add(1);
        self.serial.set(serial);
        serial
    }
}

/// The entry is one without a destructor, and on an arena's list.
fn position_behind(entry: NonNull<Entry>, serial: u64) -> Option<Position> {
    let node = entry.cast::<Node>();
    // SAFETY: only `try_put_mark` makes entries without a destructor, each with its node.
    let content = unsafe { node.read() };
    // SAFETY: the node is a block of its layout's size.
    let ptr = unsafe { node.add(1) }.cast();
    (content.serial == serial).then_some(Position {
        chunk: content.chunk,
        ptr,
        entries: Some(entry),
    })
}
