//! Planted: a clone of [`Shared`] has the same pointer, and both free it.
//!
//! Seen by unit, alloc, asan, memcheck, miri. Not seen by tsan.

/// A number on the heap.
pub struct Shared {
    value: *mut u64,
}

impl Shared {
    /// Puts `value` on the heap.
    pub fn new(value: u64) -> Self {
        Self {
            value: Box::into_raw(Box::new(value)),
        }
    }

    /// The number.
    pub fn get(&self) -> u64 {
        // SAFETY: `value` is freed in `drop` alone.
        unsafe { self.value.read_volatile() }
    }
}

impl Clone for Shared {
    fn clone(&self) -> Self {
        Self { value: self.value }
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        // SAFETY: `value` came from `Box::into_raw` and no other `Shared` has it.
        drop(unsafe { Box::from_raw(self.value) }); // PLANTED
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_clone_has_the_same_number() {
        let one = super::Shared::new(std::hint::black_box(7));
        let two = std::hint::black_box(one.clone());
        assert_eq!(one.get(), two.get());
    }
}
