//! The unsafe room: the memory of a block.
//!
//! Every function here keeps to the block that its caller vouches for; the
//! arithmetic comes from [`GuardedLayout`](crate::GuardedLayout).
#![expect(
    unsafe_code,
    reason = "headers, canaries and fills are written around memory that someone else owns"
)]

mod block;
mod bytes;

pub use block::{arm, check, check_retired, disarm, fill_fresh, layout_of, note, retire};
