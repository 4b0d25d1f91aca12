//! What is live in the region.

use std::fmt;

/// What was live in the region at one moment.
///
/// Exact if no other thread allocated or freed at that moment. Bytes of objects up to
/// 128 KiB are rounded up to 8 an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Survivors {
    objects: usize,
    bytes: usize,
    chunks: usize,
    spans: usize,
}

/// What is live in the region now. Looks at every chunk and span in use.
///
/// # Examples
///
/// ```
/// # #[global_allocator] static A: phase_alloc::PhaseAlloc = phase_alloc::PhaseAlloc::new();
/// let kept = phase_alloc::phase(|| Box::new([0_u8; 5000]));
/// let survivors = phase_alloc::survivors();
/// assert_eq!((survivors.count(), survivors.bytes(), survivors.chunks()), (1, 5000, 1));
/// drop(kept);
/// phase_alloc::survivors().assert_none();
/// ```
#[must_use]
pub fn survivors() -> Survivors {
    let live = crate::raw::live();
    Survivors {
        objects: live.objects,
        bytes: live.bytes,
        chunks: live.chunks,
        spans: live.spans,
    }
}

impl Survivors {
    /// The number of objects.
    #[must_use]
    pub const fn count(&self) -> usize {
        self.objects
    }

    /// Their bytes.
    #[must_use]
    pub const fn bytes(&self) -> usize {
        self.bytes
    }

    /// The chunks of 512 KiB that they keep from being reused.
    #[must_use]
    pub const fn chunks(&self) -> usize {
        self.chunks
    }

    /// Those among the objects that are larger than 128 KiB, or aligned to more, and pin nothing but
    /// themselves.
    #[must_use]
    pub const fn spans(&self) -> usize {
        self.spans
    }

    /// For tests: nothing outlived.
    ///
    /// # Panics
    ///
    /// If something is live in the region.
    #[track_caller]
    pub fn assert_none(&self) {
        assert!(self.objects == 0, "expected no survivors: {self}");
    }
}

impl fmt::Display for Survivors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} survivors of {} bytes, {} chunks pinned",
            self.objects, self.bytes, self.chunks
        )
    }
}
