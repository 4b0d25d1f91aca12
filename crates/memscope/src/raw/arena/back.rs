//! Going back: to a position, to the start, and to nothing.

use super::bump::Arena;
use super::chunk::Chunk;
use super::drops::Entry;
use super::poison;
use super::source::Source;
use core::iter;
use core::ptr::NonNull;

/// A place to which an arena can go back.
#[derive(Clone, Copy)]
pub(super) struct Position {
    pub(super) chunk: Option<Chunk>,
    pub(super) ptr: NonNull<u8>,
    pub(super) entries: Option<NonNull<Entry>>,
}

impl<A: Source> Arena<A> {
    pub(super) fn position(&self) -> Position {
        Position {
            chunk: self.chunk.get(),
            ptr: self.ptr.get(),
            entries: self.entries.get(),
        }
    }

    /// Goes back: runs the destructors of the values since `to`, then takes their memory.
    ///
    /// # Safety
    /// - `to` is a position of this arena that it has not gone back past since, and its chunk is
    ///   still there.
    /// - No block handed out since then is used again, other than by the destructors.
    pub(super) unsafe fn rewind_to(&self, to: &Position) {
        let _finish = Finish { arena: self, to };
        // SAFETY: the caller's second promise.
        unsafe { self.drop_down_to(to.entries) };
    }

    /// Takes everything back: runs the destructors, newest value first, and goes to the start of the
    /// first chunk.
    ///
    /// The chunks stay, up to [`Config::keep`](crate::arena::Config::keep) bytes. In a steady state, where each round fits in what
    /// is kept, a reset calls the allocator no more than an allocation does. Apart from the destructors
    /// it takes constant time, where nothing is to be released; debug builds fill the memory.
    ///
    /// If a destructor panics the others are run while it unwinds, and the arena is empty.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut arena = memscope::arena::Arena::new();
    /// arena.alloc_slice_fill_with(1000, |index| index);
    /// let held = arena.stats().held;
    /// arena.reset();
    /// assert_eq!((arena.stats().used, arena.stats().held), (0, held));
    /// ```
    pub fn reset(&mut self) {
        self.resets += 1;
        let start = Position {
            chunk: None,
            ptr: NonNull::dangling(),
            entries: None,
        };
        // SAFETY: the start is never gone back past. The arena is borrowed exclusively, so none of
        // its blocks is borrowed.
        unsafe { self.rewind_to(&start) };
        if self.held.get() > self.config.keep {
            self.trim();
        }
    }

    /// Releases the chunks that are not kept, from the first that would exceed the cap. The arena is
    /// empty.
    #[cold]
    fn trim(&mut self) {
        let mut kept = 0;
        let mut last = None;
        for chunk in self.chunks() {
            if kept + chunk.size() > self.config.keep {
                break;
            }
            kept += chunk.size();
            last = Some(chunk);
        }
        self.release_after(last);
    }

    /// Releases all chunks behind `last`. No block is in use.
    fn release_after(&mut self, last: Option<Chunk>) {
        let mut next = match last {
            Some(last) => last.header().next.take(),
            None => self.forget_chunks(),
        };
        while let Some(chunk) = next {
            next = chunk.header().next.get();
            self.held.set(self.held.get() - chunk.size());
            // SAFETY: the chunk is of this source by invariant 1, and has left the list; a block
            // could only be used through a borrow of the arena.
            unsafe { chunk.release(&self.source) };
        }
    }

    fn forget_chunks(&mut self) -> Option<Chunk> {
        let nowhere = NonNull::<u64>::dangling().cast();
        self.ptr.set(nowhere);
        self.end.set(nowhere);
        self.chunk.set(None);
        self.first.take()
    }
}

impl<A: Source> Drop for Arena<A> {
    fn drop(&mut self) {
        struct Release<'a, A: Source>(&'a mut Arena<A>);

        impl<A: Source> Drop for Release<'_, A> {
            fn drop(&mut self) {
                self.0.release_after(None);
            }
        }

        let this = Release(self);
        // SAFETY: the arena is borrowed exclusively, and is gone after this.
        unsafe { this.0.drop_down_to(None) };
    }
}

/// Sets the pointer back, also when a destructor has panicked.
struct Finish<'a, A: Source> {
    arena: &'a Arena<A>,
    to: &'a Position,
}

impl<A: Source> Drop for Finish<'_, A> {
    fn drop(&mut self) {
        let (arena, to) = (self.arena, self.to);
        arena.note_peak();
        // Where the arena had no chunk yet it goes to the start of its first one.
        let (chunk, ptr) = match (to.chunk, arena.first.get()) {
            (Some(chunk), _) => (chunk, to.ptr),
            (None, Some(first)) => (first, first.data()),
            (None, None) => return,
        };
        if poison::ACTIVE {
            arena.close_from(chunk, ptr);
        }
        // INVARIANT: 3: `ptr` is the end of the blocks that stay in this chunk.
        arena.chunk.set(Some(chunk));
        arena.ptr.set(ptr);
        arena.end.set(chunk.end());
    }
}

impl<A: Source> Arena<A> {
    /// Closes all that was handed out from a place on. Its blocks are not used again. Of a chunk that
    /// was passed over it closes once more what was closed before.
    fn close_from(&self, chunk: Chunk, mut start: NonNull<u8>) {
        let current = self.chunk.get();
        for chunk in iter::successors(Some(chunk), |it| it.header().next.get()) {
            let is_current = Some(chunk) == current;
            let end = if is_current {
                self.ptr.get()
            } else {
                chunk.header().filled.get()
            };
            let len = end.addr().get() - start.addr().get();
            // SAFETY: the bytes lie in a chunk of this arena; that no block there is used again is
            // what whoever goes back has promised.
            unsafe { poison::close(start, len) };
            if is_current {
                return;
            }
            if let Some(next) = chunk.header().next.get() {
                start = next.data();
            }
        }
    }
}
