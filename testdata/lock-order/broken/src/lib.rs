//! Planted: [`Accounts::audit`] and [`Accounts::transfer`] take their two locks in opposite orders.
//!
//! Seen by loom. Not seen by unit, alloc, asan, tsan, memcheck, miri.

#[cfg(loom)]
use loom::sync::Mutex;
#[cfg(not(loom))]
use std::sync::Mutex;

/// Two accounts.
pub struct Accounts {
    from: Mutex<u64>,
    to: Mutex<u64>,
}

impl Accounts {
    /// Two accounts, the first with `amount`.
    pub fn new(amount: u64) -> Self {
        Self {
            from: Mutex::new(amount),
            to: Mutex::new(0),
        }
    }

    /// Moves one from the first to the second.
    pub fn transfer(&self) {
        let mut from = self.from.lock().unwrap();
        let mut to = self.to.lock().unwrap();
        *from -= 1;
        *to += 1;
    }

    /// The sum of both.
    pub fn audit(&self) -> u64 {
        let to = self.to.lock().unwrap(); // PLANTED
        let from = self.from.lock().unwrap();
        *from + *to
    }
}

#[cfg(test)]
mod tests {
    #[cfg(loom)]
    #[test]
    fn the_sum_stays_in_every_order() {
        loom::model(|| {
            let accounts = loom::sync::Arc::new(super::Accounts::new(1));
            let shared = loom::sync::Arc::clone(&accounts);
            let thread = loom::thread::spawn(move || shared.transfer());
            assert_eq!(accounts.audit(), 1);
            thread.join().unwrap();
        });
    }

    #[cfg(not(loom))]
    #[test]
    fn the_sum_stays() {
        let accounts = super::Accounts::new(1);
        accounts.transfer();
        assert_eq!(accounts.audit(), 1);
    }
}
