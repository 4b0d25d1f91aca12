//! Guarded memory blocks: a header, canaries and fill patterns around an
//! allocation, for checking allocators and debug modes.
//!
//! ```text
//!  start              header      front canary   user            back canary
//!  |  padding (align) |  32 bytes |  16 bytes    |  size bytes   |  16 bytes |
//!  |<--------------- offset -------------------->|                           |
//!  |<------------------------------- whole --------------------------------->|
//! ```
//!
//! An allocator asks [`GuardedLayout::new`] what to request for a user's
//! layout, [`arm`]s the fresh block and hands the user pointer out. When the
//! pointer comes back, [`check`] says what is wrong with it, if anything. A
//! good block is either [`disarm`]ed and given back, or [`retire`]d: filled
//! with a pattern and kept for a while, so that [`check_retired`] can tell who
//! wrote to it after it was freed.
//!
//! ```
//! use block_guard::{GuardedLayout, Violation, arm, check, disarm};
//! use std::alloc::{Layout, System, GlobalAlloc};
//! use std::ptr::NonNull;
//!
//! let user = Layout::from_size_align(24, 8).unwrap();
//! let guarded = GuardedLayout::new(user).unwrap();
//! // SAFETY: `whole` is never empty, and describes the block that is armed and released.
//! unsafe {
//!     let start = NonNull::new(System.alloc(guarded.whole())).unwrap();
//!     let block = arm(start, guarded, 0);
//!     block.as_ptr().write_bytes(0, 25); // One byte too many.
//!     assert_eq!(check(block, Some(user)), Err(Violation::BackCanary { size: 24, offset: 24 }));
//!     System.dealloc(disarm(block, guarded).as_ptr(), guarded.whole());
//! }
//! ```
//!
//! # Guarantees
//!
//! - A write of a changed byte to one of the 16 bytes on either side of the
//!   user's bytes is seen by the next [`check`] of the block. A written byte
//!   below `0x80` or above `0xBF` (zero, ASCII, `0xFF`) always is a change.
//! - A size or alignment that differs from the armed one is seen by [`check`].
//! - A changed byte in a retired block is seen by [`check_retired`]; a written
//!   byte other than [`RETIRED_BYTE`] always is a change.
//! - Nothing here allocates, panics, locks or touches memory outside the block.
//!
//! # What is not guaranteed
//!
//! - Reads outside the block, and writes further away than the canaries, are
//!   not seen. An address sanitizer sees both.
//! - [`check`] reads the header in front of the pointer. For a pointer that is
//!   no block this memory may not be readable; where it is, the pointer is
//!   taken for a block with a probability of 2^-64.
//! - Two calls on one block at one time are a data race: the owner locks.
//!
//! # Cost
//!
//! 64 bytes a block where the alignment is at most 16, 80 where it is 32,
//! `align` + 16 above. [`check`] is constant; [`retire`] and [`check_retired`]
//! are linear in the block's size.
#![no_std]
#![warn(
    missing_docs,
    missing_debug_implementations,
    clippy::std_instead_of_core
)]

mod layout;
mod pattern;
mod raw;
mod violation;

pub use layout::GuardedLayout;
pub use pattern::{FRESH_BYTE, RETIRED_BYTE};
pub use raw::{arm, check, check_retired, disarm, fill_fresh, layout_of, note, retire};
pub use violation::Violation;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
