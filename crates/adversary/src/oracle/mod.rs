//! What the answer should have been: simple things that are right beside fast ones that may not be.
//!
//! | oracle | beside | finds |
//! |---|---|---|
//! | [`NaiveMap`] | maps whose keys are unique | lost, doubled and misplaced entries, wrong return values |
//! | [`NaiveMultiMap`] | maps that keep several values for a key | the same, and lost duplicates |
//! | [`NaiveRecords`] | maps by several unique keys | the same, and records that one key finds and another does not |
//! | [`ShadowHeap`] | allocators, and code that allocates | blocks that overlap, memory that is given out while it is in use, wrong layouts, double frees, leaks |
//!
//! The maps search a `Vec` from its start. They ask keys for `==` and nothing else, so that there is no
//! order and no hash to get wrong. The module `model` runs an oracle beside the real thing.

mod heap;
mod map;
mod multi_map;
mod records;

pub use heap::{HeapViolation, ShadowHeap};
pub use map::NaiveMap;
pub use multi_map::NaiveMultiMap;
pub use records::NaiveRecords;
