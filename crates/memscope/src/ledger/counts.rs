//! Sums of lanes.

/// What was allocated and freed; bytes are those that users asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) allocs: u64,
    pub(crate) alloc_bytes: u64,
    pub(crate) frees: u64,
    pub(crate) free_bytes: u64,
    /// The sum of the threads' own peaks: the peak where one thread was at work, else a bound from above.
    pub(crate) peak_bytes: u64,
}

impl Counts {
    pub(crate) const fn is_neutral(&self) -> bool {
        self.allocs == self.frees
    }

    /// The sum; the peak is that of `self`, for peaks at different times have no sum.
    pub(crate) const fn plus(&self, other: &Self) -> Self {
        Self {
            allocs: self.allocs.wrapping_add(other.allocs),
            alloc_bytes: self.alloc_bytes.wrapping_add(other.alloc_bytes),
            frees: self.frees.wrapping_add(other.frees),
            free_bytes: self.free_bytes.wrapping_add(other.free_bytes),
            peak_bytes: self.peak_bytes,
        }
    }
}
