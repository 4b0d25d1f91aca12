//! Planted: [`Slot::replace`] frees the old value, then reads it.
//!
//! Seen by asan, tsan, memcheck, miri. Not seen by unit, alloc.

/// A number on the heap.
pub struct Slot {
    value: *mut u64,
}

impl Slot {
    /// A slot that holds `value`.
    pub fn new(value: u64) -> Self {
        Self {
            value: Box::into_raw(Box::new(value)),
        }
    }

    /// Puts `value` in and gives the old one back.
    pub fn replace(&mut self, value: u64) -> u64 {
        let old = std::mem::replace(&mut self.value, Box::into_raw(Box::new(value)));
        // SAFETY: `old` came from `Box::into_raw`.
        drop(unsafe { Box::from_raw(old) });
        // SAFETY: `old` points to a number.
        unsafe { old.read_volatile() } // PLANTED
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        // SAFETY: `value` came from `Box::into_raw` and is freed here alone.
        drop(unsafe { Box::from_raw(self.value) });
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn can_be_replaced() {
        let mut slot = super::Slot::new(std::hint::black_box(7));
        std::hint::black_box(slot.replace(8));
    }
}
