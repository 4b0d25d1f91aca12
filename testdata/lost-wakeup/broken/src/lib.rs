//! Planted: [`Gate::open`] changes its state outside the lock, so that a waiter can sleep through the change.
//!
//! Seen by shuttle. Not seen by unit, alloc, asan, tsan, memcheck, miri.

#[cfg(shuttle)]
use shuttle::sync::{
    Condvar, Mutex,
    atomic::{AtomicBool, Ordering},
};
#[cfg(not(shuttle))]
use std::sync::{
    Condvar, Mutex,
    atomic::{AtomicBool, Ordering},
};

/// A gate that is opened once.
pub struct Gate {
    is_open: AtomicBool,
    lock: Mutex<()>,
    opened: Condvar,
}

impl Gate {
    /// A closed gate.
    pub fn new() -> Self {
        Self {
            is_open: AtomicBool::new(false),
            lock: Mutex::new(()),
            opened: Condvar::new(),
        }
    }

    /// Opens it.
    pub fn open(&self) {
        self.is_open.store(true, Ordering::SeqCst); // PLANTED
        self.opened.notify_one();
    }

    /// Waits until it is open.
    pub fn wait(&self) {
        let mut held = self.lock.lock().unwrap();
        while !self.is_open.load(Ordering::SeqCst) {
            held = self.opened.wait(held).unwrap();
        }
    }
}

#[cfg(test)]
mod tests {
    #[cfg(shuttle)]
    #[test]
    fn a_waiter_gets_through_in_many_orders() {
        let model = || {
            let gate = std::sync::Arc::new(super::Gate::new());
            let shared = std::sync::Arc::clone(&gate);
            let thread = shuttle::thread::spawn(move || shared.wait());
            gate.open();
            thread.join().unwrap();
        };
        shuttle::check_random(model, 1000);
    }

    #[cfg(not(shuttle))]
    #[test]
    fn an_open_gate_stops_nobody() {
        let gate = super::Gate::new();
        gate.open();
        gate.wait();
    }
}
