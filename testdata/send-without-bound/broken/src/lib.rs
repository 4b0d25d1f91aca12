//! Planted: [`Handle`] may go to another thread whatever it points to.
//!
//! Seen by tsan, miri. Not seen by unit, alloc, asan, memcheck.

use std::ptr::NonNull;

/// A reference without its lifetime's variance.
pub struct Handle<'a, T> {
    to: NonNull<T>,
    lifetime: std::marker::PhantomData<&'a T>,
}

// SAFETY: a handle is a reference.
unsafe impl<T> Send for Handle<'_, T> {} // PLANTED

impl<'a, T> Handle<'a, T> {
    /// A handle to `to`.
    pub fn new(to: &'a T) -> Self {
        Self {
            to: NonNull::from(to),
            lifetime: std::marker::PhantomData,
        }
    }

    /// Runs `run` on it.
    pub fn with<R>(&self, run: impl FnOnce(&T) -> R) -> R {
        // SAFETY: `to` came from a reference that lives for `'a`.
        run(unsafe { self.to.as_ref() }) // PLANTED
    }
}

#[cfg(test)]
mod tests {
    use super::Handle;
    type Number = std::cell::Cell<u64>;

    fn add(number: &Number) {
        number.set(number.get() + 1);
    }

    fn get(number: &Number) -> u64 {
        number.get()
    }

    #[test]
    fn can_be_used_elsewhere() {
        let number = Number::new(0);
        let (one, two) = (Handle::new(&number), Handle::new(&number));
        std::thread::scope(|scope| {
            let adder = scope.spawn(move || one.with(add));
            while two.with(get) == 0 {
                std::thread::yield_now();
            }
            adder.join().unwrap();
        });
    }
}
