//! Allocators that fail on command, and allocators that watch.
//!
//! **[`Scripted`] finds:** code that ignores a failed allocation, or that has changed a capacity, a length
//! or a link before it asked for memory. **[`Shadowed`] finds:** blocks that are freed twice or with the
//! wrong layout, writes past either end of a block, blocks that are never freed, and memory that is read
//! before it was written, so far as its pattern is recognised.
//!
//! A [`Scripted`] allocator does what its inner one does until the thread is in a run of
//! [`countdown`](crate::countdown) with [`Fault::AllocFails`](crate::countdown::Fault::AllocFails) or a
//! sibling of it. As the global allocator it fails the standard collections where they return an error
//! (`try_reserve`); everywhere else the standard library aborts the process when there is no memory.
//!
//! ```standalone_crate
//! use adversary::alloc::Scripted;
//! use adversary::countdown::{Fault, for_each};
//!
//! #[global_allocator]
//! static GLOBAL: Scripted = Scripted::system();
//!
//! let failures = for_each(
//!     Fault::AllocFails,
//!     || vec![1, 2, 3],
//!     |list| list.try_reserve(100),
//!     |list, run| {
//!         assert_eq!(run.result.unwrap().is_err(), run.fired);
//!         assert_eq!(list, [1, 2, 3]);
//!     },
//! );
//! assert_eq!(failures, 1);
//! ```
//!
//! With the feature `allocator-api2` both are an `Allocator` of that crate too, for collections that take
//! one as a parameter. These may unwind, which a global allocator must not:
//! [`Fault::AllocPanics`](crate::countdown::Fault::AllocPanics).
//!
#![cfg_attr(
    feature = "allocator-api2",
    doc = "```
use adversary::alloc::{Scripted, Shadowed};
use adversary::countdown::{Fault, for_each};
use allocator_api2::{alloc::Global, vec::Vec};

for kind in [Fault::AllocFails, Fault::AllocPanics] {
    let heap = Shadowed::new(Global);
    for_each(
        kind,
        || Vec::<u8, _>::new_in(Scripted::new(&heap)),
        |list| list.try_reserve(10).and_then(|()| list.try_reserve(1000)),
        |list, run| assert_eq!(list.capacity() < 1000, run.fired),
    );
    heap.assert_clean();
}
```"
)]

pub use crate::raw::{Scripted, Shadowed};
