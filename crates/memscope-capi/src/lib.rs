//! The C99 interface of [`memscope`]: see `include/memscope.h`, which documents every call.
//!
//! C's blocks come from `malloc`, with 16 guarded bytes on either side, and a table beside the heap knows for each
//! address whether a block begins there, how long it is, which line made it, and for which scope. So a double free, a
//! pointer into a block and a pointer of another allocator are told without a look at their memory. Counts are on
//! memscope's accounts: in a program whose Rust side uses `memscope::Scoped`, both sides have one account.
//!
//! A panic cannot cross into C: each function here is `extern "C"`, where a panic ends the process with its message.
//!
//! ```
//! use memscope_capi as ms;
//!
//! let file = c"request.c".as_ptr();
//! // The strings are static, and the block is freed once.
//! unsafe {
//!     let scope = ms::ms_scope_begin_at(c"request".as_ptr(), 7, file, 1);
//!     let block = ms::ms_alloc_at(100, file, 2);
//!     assert_eq!(ms::ms_scope_stats(scope).bytes_allocated, 100);
//!     ms::ms_free_at(block, file, 3);
//!     assert_eq!(ms::ms_scope_end_at(scope, file, 4), 1);
//! }
//! ```
//!
//! # Guarantees
//!
//! - Every block is aligned to 16 bytes, and counted exactly.
//! - A block that is freed twice, a pointer that is no block, a write right before or behind a block:
//!   each is told when the block is freed or changes its size, with the line that allocated and the line that freed.
//! - What is live at the end of the process, and was not kept by `ms_keep`, makes its exit code 23, with each line told.
//!
//! # What is not guaranteed
//!
//! - Two threads that free one block in the same nanoseconds may both be believed.
//! - A free of a stale pointer whose address is a new block's frees the new block; the new owner's free is then told,
//!   with the line of the stale one.
//! - Reads out of bounds and uses after a free are not seen; an address sanitizer sees them, for the blocks are malloc's.
#![expect(unsafe_code, reason = "C's pointers, and the blocks that they lead to")]
#![warn(missing_docs, missing_debug_implementations)]

mod arena;
mod block;
mod checkpoint;
mod counts;
mod exit;
mod fork;
mod guard;
pub mod handoff;
mod leaks;
mod references;
mod registry;
mod report;
mod rust_block;
mod scope;
mod site;
mod sync;

mod exports;
pub use self::{
    arena::{Arena, Mark},
    checkpoint::Checkpoint,
    exports::*,
    scope::Scope,
};
