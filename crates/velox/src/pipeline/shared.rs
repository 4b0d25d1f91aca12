//! What the threads of one pipeline share.

use super::account::{Account, Ledger};
use super::bell::Bell;
use super::options::{Options, Wait};
use crate::sync::{AtomicBool, AtomicU64, Condvar, Mutex, Ordering};

/// What the threads of one pipeline share, and who looks at it.
#[derive(Debug)]
pub(super) struct Shared {
    /// One for each thread, in the order of the flow.
    pub(super) ledgers: Box<[Ledger]>,
    bells: Box<[Bell]>,
    pub(super) wait: Wait,
    stopped: AtomicBool,
    /// The last request to drop the oldest: see [`Request`](super::ingress::Request).
    request: AtomicU64,
    ended: Mutex<bool>,
    end: Condvar,
}

impl Shared {
    pub(super) fn new(options: &Options) -> Self {
        let threads = options.layout.threads();
        Self {
            ledgers: (0..threads).map(|_| Ledger::new()).collect(),
            bells: (0..threads).map(|_| Bell::new()).collect(),
            wait: options.wait,
            stopped: AtomicBool::new(false),
            request: AtomicU64::new(0),
            ended: Mutex::new(false),
            end: Condvar::new(),
        }
    }

    /// Publishes the account of one thread.
    #[inline]
    pub(super) fn publish(&self, thread: usize, account: &Account) {
        debug_assert_eq!(account.residue(), 0, "thread {thread}: {account:?}");
        self.ledgers[thread].publish(account);
    }

    pub(super) fn bell(&self, thread: usize) -> &Bell {
        &self.bells[thread]
    }

    /// Wakes one thread, if threads sleep at all.
    #[inline]
    pub(super) fn wake(&self, thread: usize) {
        if self.wait == Wait::Park {
            self.bells[thread].ring();
        }
    }

    /// Asks the ingress to take nothing more from the source.
    pub(super) fn stop(&self) {
        // ORDERING: Relaxed: nothing is read on the strength of it.
        self.stopped.store(true, Ordering::Relaxed);
        self.wake(0);
    }

    #[inline]
    pub(super) fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }

    pub(super) fn ask(&self, request: u64) {
        // ORDERING: Release pairs with the Acquire in `request`: who serves it sees all that was pushed before.
        self.request.store(request, Ordering::Release);
        self.wake(1);
    }

    #[inline]
    pub(super) fn request(&self) -> u64 {
        // ORDERING: Acquire pairs with the Release in `ask`.
        self.request.load(Ordering::Acquire)
    }

    /// The last thread is done.
    fn set_ended(&self) {
        if let Ok(mut ended) = self.ended.lock() {
            *ended = true;
        }
        self.end.notify_all();
    }

    /// Waits until the last thread is done, at most so long; whether it is.
    pub(super) fn wait_for_end(&self, limit: core::time::Duration) -> bool {
        let Ok(ended) = self.ended.lock() else {
            return true;
        };
        self.end
            .wait_timeout_while(ended, limit, |ended| !*ended)
            .is_ok_and(|(ended, _)| *ended)
    }
}

/// What a thread does when it goes, also when it panics: its rings are closed by then, and who waits at them must see it.
pub(super) struct Leave<'a> {
    pub(super) shared: &'a Shared,
    pub(super) thread: usize,
}

impl Drop for Leave<'_> {
    fn drop(&mut self) {
        let Self { shared, thread } = *self;
        if thread > 0 {
            shared.wake(thread - 1);
        }
        if thread + 1 < shared.bells.len() {
            shared.wake(thread + 1);
        } else {
            shared.set_ended();
        }
    }
}
