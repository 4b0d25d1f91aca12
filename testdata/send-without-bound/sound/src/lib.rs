//! The twin of `broken`: [`Handle`] may go to another thread if what it points to may be shared.

use std::ptr::NonNull;

/// A reference without its lifetime's variance.
pub struct Handle<'a, T> {
    to: NonNull<T>,
    lifetime: std::marker::PhantomData<&'a T>,
}

// SAFETY: a handle is a reference, and a reference to a `Sync` type is `Send`.
unsafe impl<T: Sync> Send for Handle<'_, T> {}

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
        run(unsafe { self.to.as_ref() })
    }
}

#[cfg(test)]
mod tests {
    use super::Handle;
    type Number = std::sync::Mutex<u64>;

    fn add(number: &Number) {
        *number.lock().unwrap() += 1;
    }

    fn get(number: &Number) -> u64 {
        *number.lock().unwrap()
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
