//! What other threads leave for a loop, and how they wake it.

use std::io;
use std::os::fd::RawFd;

use crate::sync::{AtomicBool, Bell, Mutex, Ordering, lock};

/// A list, and a bell that is rung once for all that is put into it until somebody looks.
///
/// # Invariants
/// 1. While something is in the list that nobody took, either it is awake, or who put it there is about to wake it.
/// 2. While it is awake, either the bell rings, or who woke it is about to ring, or the loop is in
///    [`take`](Self::take): a loop that waits for the bell does not sleep through.
pub(crate) struct Wakeup<T> {
    list: Mutex<Vec<T>>,
    /// Whether the bell has been rung since the loop looked last.
    is_awake: AtomicBool,
    bell: Bell,
}

impl<T> Wakeup<T> {
    /// # Errors
    /// No descriptor is left.
    pub(crate) fn new() -> io::Result<Self> {
        Ok(Self {
            list: Mutex::new(Vec::new()),
            is_awake: AtomicBool::new(false),
            bell: Bell::new()?,
        })
    }

    /// Another one, with what is in this one's list.
    ///
    /// # Errors
    /// No descriptor is left.
    pub(crate) fn renewed(&self) -> io::Result<Self> {
        let renewed = Self::new()?;
        renewed.is_awake.store(self.is_awake(), Ordering::Relaxed);
        std::mem::swap(&mut *lock(&renewed.list), &mut *lock(&self.list));
        Ok(renewed)
    }

    /// Readable as long as the loop has been woken and has not looked.
    pub(crate) fn descriptor(&self) -> RawFd {
        self.bell.descriptor()
    }

    pub(crate) fn put(&self, item: T) {
        lock(&self.list).push(item);
        self.wake();
    }

    pub(crate) fn wake(&self) {
        // ORDERING: Release pairs with the Acquire in `take`: the loop sees what this thread did before. Who finds it awake
        // leaves that to the loop, which has yet to look.
        if !self.is_awake.swap(true, Ordering::Release) {
            self.bell.ring();
        }
    }

    #[inline]
    pub(crate) fn is_awake(&self) -> bool {
        // Relaxed is enough: who wakes a loop that has looked already rings.
        self.is_awake.load(Ordering::Relaxed)
    }

    /// Takes what is in the list into an empty one.
    pub(crate) fn take(&self, items: &mut Vec<T>) {
        self.bell.silence();
        // ORDERING: Acquire pairs with the Release in `wake`. After the silence: who comes later rings again.
        self.is_awake.swap(false, Ordering::Acquire);
        std::mem::swap(&mut *lock(&self.list), items);
    }
}

/// Every schedule, and every value that the memory model lets a load see, of small programs.
///
/// | broken | fails |
/// |---|---|
/// | Release of `wake`, or Acquire of `take` | `what_a_thread_did_before_it_woke_the_loop_is_seen` |
/// | `take` silences the bell after `is_awake` is cleared | `a_second_wake_up_is_not_lost` (the loop waits for good) |
/// | `put` wakes before it has put | `no_call_is_lost`, `calls_of_one_thread_stay_in_their_order` |
/// | `wake` stores without a look at who woke it before | `a_loop_that_was_woken_often_is_rung_for_once` |
#[cfg(all(test, loom))]
mod tests {
    use super::Wakeup;
    use crate::sync::{Arc, AtomicUsize, Ordering};
    use loom::{model, thread};

    /// As the loop does: it waits for the bell unless it is awake, and looks when it is.
    fn wait<T>(wakeup: &Wakeup<T>) {
        if !wakeup.is_awake() {
            while !wakeup.bell.is_readable() {
                thread::yield_now();
            }
        }
        while !wakeup.is_awake() {
            thread::yield_now();
        }
    }

    #[test]
    fn no_call_is_lost() {
        model(|| {
            let wakeup = Arc::new(Wakeup::new().unwrap());
            let threads: Vec<_> = (0..2)
                .map(|number| {
                    let wakeup = Arc::clone(&wakeup);
                    thread::spawn(move || wakeup.put(number))
                })
                .collect();
            let (mut all, mut taken) = (Vec::new(), Vec::new());
            while all.len() < 2 {
                wait(&wakeup);
                wakeup.take(&mut taken);
                all.append(&mut taken);
            }
            threads.into_iter().for_each(|it| it.join().unwrap());
            all.sort_unstable();
            assert_eq!(all, [0, 1]);
        });
    }

    #[test]
    fn what_a_thread_did_before_it_woke_the_loop_is_seen() {
        model(|| {
            let wakeup = Arc::new(Wakeup::<()>::new().unwrap());
            let done = Arc::new(AtomicUsize::new(0));
            let (remote, noted) = (Arc::clone(&wakeup), Arc::clone(&done));
            let thread = thread::spawn(move || {
                noted.store(1, Ordering::Relaxed);
                remote.wake();
            });
            wait(&wakeup);
            wakeup.take(&mut Vec::new());
            assert_eq!(done.load(Ordering::Relaxed), 1);
            thread.join().unwrap();
        });
    }

    #[test]
    fn a_second_wake_up_is_not_lost() {
        model(|| {
            let wakeup = Arc::new(Wakeup::<()>::new().unwrap());
            let done = Arc::new(AtomicUsize::new(0));
            let (remote, noted) = (Arc::clone(&wakeup), Arc::clone(&done));
            let thread = thread::spawn(move || {
                for count in 1..3 {
                    noted.store(count, Ordering::Relaxed);
                    remote.wake();
                }
            });
            while done.load(Ordering::Relaxed) < 2 {
                wait(&wakeup);
                wakeup.take(&mut Vec::new());
            }
            thread.join().unwrap();
        });
    }

    #[test]
    fn calls_of_one_thread_stay_in_their_order() {
        model(|| {
            let wakeup = Arc::new(Wakeup::new().unwrap());
            let remote = Arc::clone(&wakeup);
            let thread = thread::spawn(move || (0..2).for_each(|number| remote.put(number)));
            let (mut all, mut taken) = (Vec::new(), Vec::new());
            while all.len() < 2 {
                wait(&wakeup);
                wakeup.take(&mut taken);
                all.append(&mut taken);
            }
            thread.join().unwrap();
            assert_eq!(all, [0, 1]);
        });
    }

    #[test]
    fn a_loop_that_was_woken_often_is_rung_for_once() {
        model(|| {
            let wakeup = Arc::new(Wakeup::<()>::new().unwrap());
            wakeup.wake();
            wakeup.bell.silence();
            let remote = Arc::clone(&wakeup);
            thread::spawn(move || remote.wake()).join().unwrap();
            assert!(wakeup.is_awake() && !wakeup.bell.is_readable());
        });
    }
}
