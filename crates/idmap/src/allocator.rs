//! The allocators that maps take: those of `allocator-api2`.

pub(crate) use allocator_api2::alloc::{Allocator, Global};
