//! The handle interface: see `include/evloop.h`, which documents every call.
//!
//! C holds 64-bit handles, of which no two things have the same in the life of a process, and gets an error for each that
//! names nothing, or something of another kind or thread. What it hands over (user data with a destroy function) is counted,
//! and destroyed once.
//!
//! ```
//! use evloop_capi::handle::{self as ev, Ready, Status};
//! use std::ffi::c_void;
//!
//! unsafe extern "C-unwind" fn count(_: u64, _: u64, _: Ready, data: *mut c_void) {
//!     // The number below.
//!     unsafe { *data.cast::<u32>() += 1 };
//! }
//!
//! let mut number = 0_u32;
//! let options = ev::Options { size: 16, abi_version: 1, backend: 0, flags: ev::Flags(0) };
//! let timer = ev::Timer {
//!     size: 32,
//!     abi_version: 1,
//!     after_us: 100,
//!     every_us: 0,
//!     flags: ev::TimerFlags::REMOVE,
//!     reserved: 0,
//! };
//! let callback = ev::Callback {
//!     size: 40,
//!     abi_version: 1,
//!     call: Some(count),
//!     data: (&raw mut number).cast(),
//!     destroy: None,
//!     shared: 0,
//! };
//! let (mut events, mut watch) = (0, 0);
//! // Each pointer is of what stands above, which outlives the loop.
//! unsafe {
//!     assert_eq!(ev::evloop_new(&options, &mut events), Status::OK);
//!     assert_eq!(ev::evloop_timer_add(events, &timer, &callback, &mut watch), Status::OK);
//!     assert_eq!(ev::evloop_run(events, std::ptr::null_mut()), Status::OK);
//! }
//! assert_eq!(number, 1);
//! assert_eq!(ev::evloop_remove(watch), Status::STALE);
//! assert_eq!(ev::evloop_free(events), Status::OK);
//! ```
#![expect(
    unsafe_code,
    reason = "C's pointers and functions, and the loops that its handles name"
)]

mod abi;
mod bits;
mod calls;
mod exports;
mod id;
mod ledger;
mod owned;
mod registry;
mod shared;
mod state;
mod status;
mod wakers;
mod watches;

pub use self::{
    abi::{
        ABI_VERSION, Abi, Callback, CallbackFn, DestroyFn, NEVER, Options, Stats, Task, TaskFn,
        Timer,
    },
    bits::{Flags, Interest, Ready, TimerFlags},
    exports::*,
    status::Status,
};
