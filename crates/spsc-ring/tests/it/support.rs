//! Values that count their drops, and values that panic when dropped.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

/// A value that counts its drop. Not a zero-sized type, and with an allocation of its own, so that
/// a double drop or a leak is seen by the sanitizers too.
#[derive(Debug)]
pub(crate) struct Counted {
    drops: Rc<Cell<usize>>,
    panics: bool,
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.drops.set(self.drops.get() + 1);
        assert!(!self.panics, "this value panics when it is dropped");
    }
}

/// Makes [`Counted`] values and knows how many were dropped.
#[derive(Debug, Default)]
pub(crate) struct Counter(Rc<Cell<usize>>);

impl Counter {
    pub(crate) fn make(&self) -> Counted {
        Counted {
            drops: Rc::clone(&self.0),
            panics: false,
        }
    }

    pub(crate) fn make_panicking(&self) -> Counted {
        Counted {
            drops: Rc::clone(&self.0),
            panics: true,
        }
    }

    pub(crate) fn drops(&self) -> usize {
        self.0.get()
    }
}

/// Runs what is expected to panic, and says whether it did.
pub(crate) fn panics<O>(f: impl FnOnce() -> O) -> bool {
    catch_unwind(AssertUnwindSafe(f)).is_err()
}
