//! Calls from other threads.

use std::fmt;
use std::io;

use crate::backend::{Backend, Watch};
use crate::sync::Arc;
use crate::token::Token;
use crate::wakeup::Wakeup;
use crate::{BackendKind, Interest, Loop};

pub(crate) type Call = Box<dyn FnOnce(&mut Loop) + Send>;

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
pub struct Remote(Arc<Wakeup<Call>>);

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
        self.0.put(Box::new(call));
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
        self.0.wake();
    }

    pub(crate) fn new() -> io::Result<Self> {
        Ok(Self(Arc::new(Wakeup::new()?)))
    }

    /// A waker that no other process has, with the calls that wait in this one.
    pub(crate) fn renewed(&self) -> io::Result<Self> {
        Ok(Self(Arc::new(self.0.renewed()?)))
    }

    /// A simulated kernel knows no descriptors of the real one: there the loop looks by itself.
    pub(crate) fn watched_by(&self, backend: &mut Backend) -> io::Result<()> {
        if backend.kind() == BackendKind::Simulation {
            return Ok(());
        }
        backend.add(Watch {
            fd: self.0.descriptor(),
            name: Token::WAKER,
            interest: Interest::READABLE,
        })
    }

    #[inline]
    pub(crate) fn is_awake(&self) -> bool {
        self.0.is_awake()
    }

    /// Takes the calls there are into an empty list.
    pub(crate) fn take(&self, calls: &mut Vec<Call>) {
        self.0.take(calls);
    }
}

impl fmt::Debug for Remote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Remote").finish_non_exhaustive()
    }
}
