//! Planted: [`Sender::send`] announces the letter with a relaxed store, which publishes nothing.
//!
//! Seen by tsan, miri, loom. Not seen by unit, alloc, asan, memcheck.

use sync::{Arc, AtomicBool, Ordering, UnsafeCell};

struct Mailbox {
    full: AtomicBool,
    letter: UnsafeCell<u64>,
}

// SAFETY: the sender writes `letter` once, before `full` is set; the receiver reads it after.
unsafe impl Sync for Mailbox {}

/// Sends one letter.
pub struct Sender(Arc<Mailbox>);

/// Receives it.
pub struct Receiver(Arc<Mailbox>);

/// A mailbox for one letter.
pub fn mailbox() -> (Sender, Receiver) {
    let full = AtomicBool::new(false);
    let letter = UnsafeCell::new(0);
    let shared = Arc::new(Mailbox { full, letter });
    (Sender(Arc::clone(&shared)), Receiver(shared))
}

impl Sender {
    /// Sends the letter.
    pub fn send(self, letter: u64) {
        self.0.put(letter);
    }
}

impl Receiver {
    /// The letter, once it has come.
    pub fn poll(&self) -> Option<u64> {
        self.0.get()
    }
}

impl Mailbox {
    fn put(&self, letter: u64) {
        // SAFETY: the receiver waits for `full`, and there is one sender.
        self.letter.with_mut(|place| unsafe { *place = letter }); // PLANTED
        self.full.store(true, Ordering::Relaxed);
    }

    fn get(&self) -> Option<u64> {
        let full = self.full.load(Ordering::Acquire);
        // SAFETY: `full` was set after the letter was written.
        full.then(|| self.letter.with(|place| unsafe { *place })) // PLANTED
    }
}

/// The types that a model checker replaces.
mod sync {
    #[cfg(loom)]
    pub(crate) use loom::{
        cell::UnsafeCell,
        sync::Arc,
        sync::atomic::{AtomicBool, Ordering},
        thread,
    };
    #[cfg(not(loom))]
    pub(crate) use std::sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    };
    #[cfg(all(test, not(loom)))]
    pub(crate) use std::thread;

    #[cfg(not(loom))]
    pub(crate) struct UnsafeCell<T>(std::cell::UnsafeCell<T>);

    #[cfg(not(loom))]
    impl<T> UnsafeCell<T> {
        pub(crate) fn new(value: T) -> Self {
            Self(std::cell::UnsafeCell::new(value))
        }

        pub(crate) fn with<R>(&self, run: impl FnOnce(*const T) -> R) -> R {
            run(self.0.get())
        }

        pub(crate) fn with_mut<R>(&self, run: impl FnOnce(*mut T) -> R) -> R {
            run(self.0.get())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{mailbox, sync::thread};

    fn one_letter_arrives() {
        let (sender, receiver) = mailbox();
        let thread = thread::spawn(move || sender.send(7));
        let letter = loop {
            match receiver.poll() {
                Some(letter) => break letter,
                None => thread::yield_now(),
            }
        };
        assert_eq!(letter, 7);
        thread.join().unwrap();
    }

    #[cfg(loom)]
    #[test]
    fn a_letter_arrives_in_every_order() {
        loom::model(one_letter_arrives);
    }

    #[cfg(not(loom))]
    #[test]
    fn a_letter_arrives_each_time() {
        one_letter_arrives();
    }
}
