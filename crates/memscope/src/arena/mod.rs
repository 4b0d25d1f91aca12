//! Arenas: memory that is handed out piece by piece and taken back at once.
//!
//! A request, a query or a task allocates many small things that all end with it. An [`Arena`] gives
//! them out of chunks by moving a pointer, and takes them back by moving it once more. What isn't
//! possible is to give back one value before the others, other than the last one.
//!
//! ```
//! use memscope::arena::Arena;
//!
//! let mut arena = Arena::new();
//! for request in ["GET /a", "GET /b"] {
//!     let words = arena.alloc_from_iter(request.split(' '));
//!     let path = arena.alloc_str(words[1]);
//!     path.make_ascii_uppercase();
//!     assert!(path.starts_with('/'));
//!     arena.reset();
//! }
//! assert_eq!(arena.stats().chunks, 1);
//! ```
//!
//! # Which form
//!
//! | form | what it is for |
//! |---|---|
//! | [`Arena`] | an owner that allocates, [resets](Arena::reset), [marks and rewinds](Arena::rewind) |
//! | [`Arena::scope`], [`Region::scope`], [`Child`] | a part that is taken back at its end, within another |
//! | [`Region`] | what a function takes as a parameter: values live for its lifetime, across children |
//! | [`ArenaPool`] | one arena a request, on any thread |
//! | [`worker`] | one arena a piece of work, of the thread that does it |
//!
//! With the feature `allocator-api2`, `&Arena` and `&Region` are an `Allocator` of that crate, for its
//! `Vec` and `Box` and for hashbrown's maps; and an arena takes its chunks from any such allocator.
//!
//! # Destructors
//!
//! | method | destructor | the type |
//! |---|---|---|
//! | [`alloc`](Arena::alloc), slices | there is none | may borrow |
//! | [`alloc_drop`](Arena::alloc_drop) | runs when the arena takes the memory back, newest first | `Send + 'static` |
//! | [`alloc_owned`](Arena::alloc_owned) | runs with the handle | may borrow |
//!
//! # Use after a reset
//!
//! Safe code can't do it. A pointer that was given to unsafe code or to C can be kept too long. Debug
//! builds fill what is taken back with [`block_guard::RETIRED_BYTE`]. Under AddressSanitizer such memory
//! is poisoned, so the first access is reported; with the feature `valgrind` memcheck reports it.
//!
//! # Guarantees
//!
//! - No two blocks that can be used overlap. A block has the alignment and size that were asked for,
//!   and keeps its address and content until the arena takes it back.
//! - Nothing that was allocated in a child can be used after it; nothing that an arena takes back is
//!   borrowed. While a child is open its parent can't allocate: the two are one stack, and the child's
//!   end takes back all that is on top of its beginning. The parent's values can be used meanwhile.
//! - [`Arena::rewind`] to a mark of another arena, or to one that the arena has gone back past, is
//!   refused.
//! - Destructors run once, newest first. If one panics the others are run while it unwinds, and the
//!   arena is in the state in which it would have been.
//! - Where no chunk is needed an allocation is a comparison and an addition: no lock, no system call,
//!   no counter. A reset is of constant time, destructors and released chunks aside.
//! - An arena never holds more than its limit. In a steady state, where each round fits in what is
//!   kept, it calls its allocator no more.
//! - What doesn't fit is an error in the `try_` forms, and leaves the arena as it was.
//!
//! Not guaranteed:
//!
//! - A destructor when its child, handle or arena is leaked (`mem::forget`). A leaked child's values
//!   are dropped when its parent goes back.
//! - That blocks are adjacent, or in an order; or the size of a chunk.
//! - That a write past a block's end is found. The next block stands right behind it.
//! - How often a block was allocated: [`ArenaStats`] counts bytes and chunks.

mod config;
mod error;
mod methods;
mod nest;
mod pool;
mod worker;

pub use crate::raw::arena::{Arena, Child, Heap, Mark, Owned, Region, Source};
pub use config::{ArenaStats, Config};
pub use error::{ArenaError, StaleMark};
pub use pool::{ArenaPool, PooledArena};
pub use worker::worker;
