//! Code that asks for memory, with and without regard for the answer.

use std::collections::TryReserveError;

/// A list that keeps its capacity in a field of its own, as a hand-made one does.
#[derive(Debug)]
pub(crate) struct Arena {
    memory: Vec<u64>,
    capacity: usize,
    /// Told first, in the planted bug; when there is memory, in its repair.
    hasty: bool,
    pub(crate) escapes: usize,
}

impl Arena {
    pub(crate) fn hasty() -> Self {
        Self::new(true)
    }

    pub(crate) fn careful() -> Self {
        Self::new(false)
    }

    fn new(hasty: bool) -> Self {
        Self {
            memory: Vec::new(),
            capacity: 0,
            hasty,
            escapes: 0,
        }
    }

    pub(crate) fn try_push(&mut self, value: u64) -> Result<(), TryReserveError> {
        if self.memory.len() == self.capacity {
            let capacity = (2 * self.capacity).max(4);
            if self.hasty {
                self.capacity = capacity;
            }
            self.memory
                .try_reserve_exact(capacity - self.memory.len())?;
            self.capacity = capacity;
        }
        // Where the real code writes without asking again.
        if self.memory.len() < self.memory.capacity() {
            self.memory.push(value);
        } else {
            self.escapes += 1;
        }
        Ok(())
    }

    pub(crate) fn len(&self) -> usize {
        self.memory.len()
    }
}
