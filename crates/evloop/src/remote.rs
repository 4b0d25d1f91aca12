//! Calls from other threads.

use std::fmt;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};

use rustix::event::{EventfdFlags, eventfd};

use crate::backend::{Backend, Watch};
use crate::sync::{Arc, AtomicBool, Mutex, Ordering, lock};
use crate::token::Token;
use crate::{BackendKind, Interest, Loop};

pub(crate) type Call = Box<dyn FnOnce(&mut Loop) + Send>;

struct Shared {
    calls: Mutex<Vec<Call>>,
    /// Whether the descriptor has been written since the loop looked last.
    is_awake: AtomicBool,
    /// Readable as long as the loop has been woken and has not looked.
    descriptor: OwnedFd,
}

/// Calls into a [`Loop`] from other threads: clone it and send it.
///
/// ```
/// let mut events = evloop::Loop::new()?;
/// let remote = events.remote();
/// let thread = std::thread::spawn(move || remote.call(|events| events.stop()));
/// events.run()?;
/// # thread.join().unwrap();
/// # Ok::<(), evloop::Error>(())
/// ```
#[derive(Clone)]
pub struct Remote(Arc<Shared>);

impl Remote {
    /// Has the loop's thread make a call, soon. Calls from one thread are made in their order; those that the loop has
    /// not made when it is dropped are dropped with the last `Remote`.
    ///
    /// ```
    /// let mut events = evloop::Loop::new()?;
    /// let remote = events.remote();
    /// remote.call(|events| events.stop());
    /// events.run()?;
    /// # Ok::<(), evloop::Error>(())
    /// ```
    pub fn call(&self, call: impl FnOnce(&mut Loop) + Send + 'static) {
        lock(&self.0.calls).push(Box::new(call));
        self.wake();
    }

    /// Ends the loop's wait, now or when it waits next.
    ///
    /// ```
    /// let mut events = evloop::Loop::new()?;
    /// events.remote().wake();
    /// events.run_once()?;
    /// # Ok::<(), evloop::Error>(())
    /// ```
    pub fn wake(&self) {
        // ORDERING: AcqRel pairs with the loop's in `take`: the loop sees the calls that were put in before, and a second
        // thread that finds it awake knows that the loop has yet to look.
        if !self.0.is_awake.swap(true, Ordering::AcqRel) {
            // It cannot fail but for a counter at its end, which is readable too.
            _ = rustix::io::write(&self.0.descriptor, &1_u64.to_ne_bytes());
        }
    }

    pub(crate) fn new() -> io::Result<Self> {
        let flags = EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK;
        Ok(Self(Arc::new(Shared {
            calls: Mutex::new(Vec::new()),
            is_awake: AtomicBool::new(false),
            descriptor: eventfd(0, flags)?,
        })))
    }

    /// A waker that no other process has, with the calls that wait in this one.
    pub(crate) fn renewed(&self) -> io::Result<Self> {
        let renewed = Self::new()?;
        renewed.0.is_awake.store(self.is_awake(), Ordering::Relaxed);
        std::mem::swap(&mut *lock(&renewed.0.calls), &mut *lock(&self.0.calls));
        Ok(renewed)
    }

    /// A simulated kernel knows no descriptors of the real one: there the loop looks by itself.
    pub(crate) fn watched_by(&self, backend: &mut Backend) -> io::Result<()> {
        if backend.kind() == BackendKind::Simulation {
            return Ok(());
        }
        backend.add(Watch {
            fd: self.0.descriptor.as_raw_fd(),
            name: Token::WAKER,
            interest: Interest::READABLE,
        })
    }

    pub(crate) fn is_awake(&self) -> bool {
        // Relaxed is enough: who wakes a loop that has looked already writes the descriptor.
        self.0.is_awake.load(Ordering::Relaxed)
    }

    /// Takes the calls there are into an empty list.
    pub(crate) fn take(&self, calls: &mut Vec<Call>) {
        let mut count = [0; 8];
        _ = rustix::io::read(&self.0.descriptor, &mut count);
        // ORDERING: AcqRel pairs with the one in `wake`. After the read: who comes later writes again.
        self.0.is_awake.swap(false, Ordering::AcqRel);
        std::mem::swap(&mut *lock(&self.0.calls), calls);
    }
}

impl fmt::Debug for Remote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Remote").finish_non_exhaustive()
    }
}
