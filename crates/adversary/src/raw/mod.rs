//! The unsafe room: the two allocators. What is to be found wrong is decided elsewhere, in safe code:
//! [`countdown`](crate::countdown) says which allocation fails, and a
//! [`ShadowHeap`](crate::oracle::ShadowHeap) says what is live.
#![expect(
    unsafe_code,
    reason = "implementing an allocator is unsafe, and so is writing around a block"
)]

#[cfg(feature = "allocator-api2")]
mod api2;
mod scripted;
mod shadowed;

pub use scripted::Scripted;
pub use shadowed::Shadowed;
