//! A place for one waker, between the one who waits and the one who notifies.
//!
//! The states are those of `futures`' `AtomicWaker`, less what more than one notifier would need,
//! plus one that lets a notifier see with a single load that nobody waits.

use crate::sync::{AtomicU8, Ordering, UnsafeCell, const_fn, fence, spin_loop};
use core::task::Waker;

/// Nobody waits.
const EMPTY: u8 = 0;
/// A waker is in the cell.
const PRESENT: u8 = 1;
/// The waiting side has the cell.
const REGISTERING: u8 = 2;
/// The waiting side has the cell, and was notified meanwhile.
const NOTIFIED: u8 = 3;
/// The notifying side has the cell.
const TAKING: u8 = 4;

/// Holds the waker of one waiting side, which one notifying side takes.
///
/// `register` then look at the ring; change the ring then `notify`: then either the look sees the
/// change or the notification sees the waker.
#[derive(Debug)]
pub(crate) struct WakerCell {
    state: AtomicU8,
    waker: UnsafeCell<Option<Waker>>,
}

// SAFETY: `waker` is reached through `Held` alone, of which the states give out one at a time;
// `Waker` is `Send` and `Sync`.
unsafe impl Sync for WakerCell {}

impl WakerCell {
    const_fn! {
        pub(crate) const fn new() -> Self {
            Self { state: AtomicU8::new(EMPTY), waker: UnsafeCell::new(None) }
        }
    }

    /// Leaves a waker for the next `notify`. May wake it at once when a notification is under way.
    /// The caller looks at the ring afterwards, before it waits.
    pub(crate) fn register(&self, waker: &Waker) {
        let fresh = waker.clone();
        let Some(mut held) = self.hold_to_register() else {
            // The notifier has the cell, for a moment; what it announces may be news to this side.
            spin_loop();
            return waker.wake_by_ref();
        };
        let stale = held.exchange(Some(fresh));
        // ORDERING: Release pairs with the Acquire of PRESENT to TAKING, which reads the waker.
        if !self.change(REGISTERING, PRESENT, Ordering::Release) {
            held.take_and_wake();
        }
        drop(stale);
        // ORDERING: pairs with the fence in `notify`. The state is written before this and the
        // ring read after it; there it is the other way round. So one side sees the other.
        fence(Ordering::SeqCst);
    }

    /// Wakes who waits, if somebody does.
    #[inline]
    pub(crate) fn notify(&self) {
        // ORDERING: pairs with the fence in `register`, see there.
        fence(Ordering::SeqCst);
        // ORDERING: Relaxed is enough for a hint: the exchanges below decide.
        if self.state.load(Ordering::Relaxed) != EMPTY {
            self.notify_waiting();
        }
    }

    #[cold]
    fn notify_waiting(&self) {
        // ORDERING: Acquire pairs with the Release of REGISTERING to PRESENT.
        if self.change(PRESENT, TAKING, Ordering::Acquire) {
            return Held { cell: self }.take_and_wake();
        }
        // ORDERING: Relaxed: the content stays with the waiting side, and the fences order the
        // ring. Where this fails too, the waiting side has registered anew between the two: the
        // fence after that comes later than the one in `notify`, so its look sees the ring's news.
        self.change(REGISTERING, NOTIFIED, Ordering::Relaxed);
    }

    fn hold_to_register(&self) -> Option<Held<'_>> {
        // ORDERING: Acquire pairs with the Release in `take_and_wake`: the notifier may have had
        // the content last. Relaxed from PRESENT: this side itself had it last.
        let held = self.change(EMPTY, REGISTERING, Ordering::Acquire)
            || self.change(PRESENT, REGISTERING, Ordering::Relaxed);
        held.then_some(Held { cell: self })
    }

    fn change(&self, from: u8, to: u8, ordering: Ordering) -> bool {
        // ORDERING: a failed exchange reads nothing that is used, so Relaxed.
        self.state
            .compare_exchange(from, to, ordering, Ordering::Relaxed)
            .is_ok()
    }
}

/// The right to the cell's content: exists in the states REGISTERING, NOTIFIED and TAKING, once.
struct Held<'a> {
    cell: &'a WakerCell,
}

impl Held<'_> {
    fn exchange(&mut self, waker: Option<Waker>) -> Option<Waker> {
        // SAFETY: holding gives exclusive access, and the value in the cell is always valid.
        self.cell
            .waker
            .with_mut(|content| unsafe { content.replace(waker) })
    }

    /// Empties the cell, gives it free, then wakes; user code runs when nothing is held.
    fn take_and_wake(mut self) {
        let waker = self.exchange(None);
        // ORDERING: Release pairs with the Acquire of EMPTY to REGISTERING.
        self.cell.state.store(EMPTY, Ordering::Release);
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

#[cfg(all(test, feature = "std", not(any(loom, shuttle))))]
mod tests {
    use super::{NOTIFIED, PRESENT, WakerCell};
    use crate::sync::Ordering;
    use core::task::Waker;

    /// The notifying side has one look at a cell that is taken; it waits for nobody.
    #[test]
    fn a_notification_returns_while_the_waiting_side_has_the_cell() {
        let cell = WakerCell::new();
        let held = cell.hold_to_register();
        assert!(held.is_some());
        cell.notify();
        assert_eq!(cell.state.load(Ordering::Relaxed), NOTIFIED);
        // And again, now that it has been notified.
        cell.notify();
        assert!(!cell.change(super::REGISTERING, PRESENT, Ordering::Release));
        held.unwrap().take_and_wake();
        cell.register(Waker::noop());
        assert_eq!(cell.state.load(Ordering::Relaxed), PRESENT);
    }
}
