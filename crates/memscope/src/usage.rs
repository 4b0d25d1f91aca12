//! What was allocated and freed.

use std::fmt;

#[cfg(not(loom))]
use crate::books;

/// Counts of blocks and bytes. Bytes are those that were asked for, without what allocators add.
///
/// ```
/// let usage = memscope::Usage { allocs: 3, frees: 2, bytes_allocated: 70, bytes_freed: 30, ..Default::default() };
/// assert_eq!((usage.live(), usage.live_bytes()), (1, 40));
/// assert!(!usage.is_neutral());
/// assert_eq!(usage.to_string(), "1 block, 40 bytes live (3 allocated, 2 freed, peak 0 bytes)");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Blocks that were allocated; one that [moves](crate::Scope::adopt) counts as freed in the one scope and as allocated
    /// in the other.
    pub allocs: u64,
    /// Blocks that were freed.
    pub frees: u64,
    /// Bytes that were allocated; a block that changes its size counts as freed with the old one and allocated with
    /// the new.
    pub bytes_allocated: u64,
    /// Bytes that were freed.
    pub bytes_freed: u64,
    /// The most bytes that were live at one time, scopes inside this one aside. Exact where one thread was at work in
    /// the scope at a time and the same freed; otherwise the sum of the threads' own peaks, which is a bound from above.
    pub peak_bytes: u64,
}

impl Usage {
    /// Blocks that are live.
    ///
    /// ```
    /// assert_eq!(memscope::Usage::default().live(), 0);
    /// ```
    #[must_use]
    #[inline]
    pub const fn live(&self) -> u64 {
        self.allocs.wrapping_sub(self.frees)
    }

    /// Bytes that are live.
    ///
    /// ```
    /// assert_eq!(memscope::Usage::default().live_bytes(), 0);
    /// ```
    #[must_use]
    #[inline]
    pub const fn live_bytes(&self) -> u64 {
        self.bytes_allocated.wrapping_sub(self.bytes_freed)
    }

    /// Whether every block came back.
    ///
    /// ```
    /// assert!(memscope::Usage::default().is_neutral());
    /// ```
    #[must_use]
    #[inline]
    pub const fn is_neutral(&self) -> bool {
        self.allocs == self.frees
    }

    /// The sum; the peak is that of `self`, for peaks at different times have no sum.
    pub(crate) const fn plus(&self, other: &Self) -> Self {
        Self {
            allocs: self.allocs.wrapping_add(other.allocs),
            frees: self.frees.wrapping_add(other.frees),
            bytes_allocated: self.bytes_allocated.wrapping_add(other.bytes_allocated),
            bytes_freed: self.bytes_freed.wrapping_add(other.bytes_freed),
            peak_bytes: self.peak_bytes,
        }
    }
}

impl fmt::Display for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let live = self.live();
        write!(
            f,
            "{live} {}, {} bytes live ({} allocated, {} freed, peak {} bytes)",
            if live == 1 { "block" } else { "blocks" },
            self.live_bytes(),
            self.allocs,
            self.frees,
            self.peak_bytes,
        )
    }
}

/// What the process allocated and freed, in all scopes and outside.
///
/// ```
/// # #[global_allocator] static ALLOCATOR: memscope::Scoped = memscope::Scoped::system();
/// let before = memscope::process();
/// let block = vec![0_u8; 100];
/// # #[cfg(feature = "enabled")]
/// assert!(memscope::process().live_bytes() >= before.live_bytes() + 100);
/// # drop(block);
/// ```
#[cfg(not(loom))]
#[must_use]
#[inline]
pub fn process() -> Usage {
    books::root().map(books::usage).unwrap_or_default()
}
