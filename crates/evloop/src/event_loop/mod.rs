//! The loop, and what is registered with it.

mod call;
mod embed;
mod register;
mod run;

use std::cell::Cell;
use std::collections::VecDeque;
use std::fmt;
use std::os::fd::RawFd;
use std::time::{Duration, Instant};

use crate::backend::{Backend, BackendKind};
use crate::descriptors::Descriptors;
use crate::error::Error;
use crate::interest::Ready;
use crate::queue::Queue;
use crate::remote::{self, Remote};
use crate::slots::Slots;
use crate::stats::Stats;
use crate::token::Token;
use crate::wheel::Wheel;
use crate::{Simulation, backend::simulation::Simulated};

use call::Callback;

pub use call::Call;
pub use register::Timer;
pub use run::Ended;

/// What a callback is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Event {
    /// The registration whose callback it is.
    pub token: Token,
    /// What happened since its last call.
    pub ready: Ready,
}

type Deferred = Box<dyn FnOnce(&mut Loop)>;

/// Priorities are 0, the most urgent, to 3.
const PRIORITIES: usize = 4;
const USUAL: u8 = 1;

/// What is registered.
#[derive(Default)]
struct Registration {
    /// `None` while it runs.
    callback: Option<Callback>,
    kind: Kind,
    /// What its callback may be told: what a descriptor is watched for, and a time that has come.
    told: Ready,
    waiting: Waiting,
    priority: u8,
}

#[derive(Clone, Copy, Default)]
struct Waiting {
    /// What it is to be told besides what stands in its queue.
    ready: Ready,
    /// It is in a queue, and what happens to it is added here.
    is_queued: bool,
}

#[derive(Clone, Copy, Default)]
enum Kind {
    /// Of a slot without a registration.
    #[default]
    None,
    Io {
        fd: RawFd,
    },
    Timer {
        every_us: Option<u64>,
        stays: bool,
    },
}

/// An event loop of one thread.
///
/// Callbacks get the loop itself, and may do with it whatever its owner may: register, remove themselves or others, wait
/// again, change the backend. A callback that removes its own registration is dropped when it returns. Nothing that is
/// dispatched reaches a registration that is gone, whatever stood in the same batch and whatever has its descriptor's
/// number by now.
///
/// ```
/// use evloop::{Interest, Loop};
/// use std::io::{Read, Write};
/// use std::os::unix::net::UnixStream;
///
/// let (mut sender, receiver) = UnixStream::pair().unwrap();
/// let mut events = Loop::new()?;
/// events.add_io(receiver, Interest::READABLE, |events, receiver, _| {
///     let mut text = [0; 5];
///     receiver.read_exact(&mut text).unwrap();
///     assert_eq!(&text, b"hello");
///     events.stop();
/// });
/// sender.write_all(b"hello").unwrap();
/// events.run()?;
/// # Ok::<(), evloop::Error>(())
/// ```
pub struct Loop {
    registrations: Slots<Registration>,
    descriptors: Descriptors,
    wheel: Wheel,
    backend: Backend,
    remote: Remote,
    queues: [Queue; PRIORITIES],
    /// All who are in a queue are marked so.
    are_marked: bool,
    /// Registrations whose priority is not the usual one.
    unusual: usize,
    /// Registrations that were removed, ever; and before the wait, if what stands in the queue is of the last one alone.
    removed: u64,
    removed_before: Option<u64>,
    deferred: VecDeque<Deferred>,
    /// Room that is used again for each wait.
    heard: Queue,
    calls: Vec<remote::Call>,
    due: Vec<u32>,
    begun: Instant,
    /// Since the loop was made, when it looked last; and whether it has waited since. Who has no timer needs no clock.
    now_ns: Cell<u64>,
    is_now_over: Cell<bool>,
    stop: run::Stop,
    /// Whether another thread asked for it since the wait began.
    was_woken: bool,
    /// The kernel tells of a file that nobody watches any more: it has to forget everything.
    is_haunted: bool,
    stats: Stats,
}

impl Loop {
    /// A loop that waits with epoll.
    ///
    /// # Errors
    /// No descriptor is left for it.
    ///
    /// ```
    /// let events = evloop::Loop::new()?;
    /// assert!(events.is_empty());
    /// # Ok::<(), evloop::Error>(())
    /// ```
    pub fn new() -> Result<Self, Error> {
        Self::with_backend(BackendKind::default())
    }

    /// A loop that waits with this backend; a simulation is made [by its own name](Self::simulated).
    ///
    /// # Errors
    /// No descriptor is left for it, or it is [`BackendKind::Simulation`].
    ///
    /// ```
    /// use evloop::{BackendKind, Loop};
    ///
    /// let events = Loop::with_backend(BackendKind::Poll)?;
    /// # Ok::<(), evloop::Error>(())
    /// ```
    pub fn with_backend(kind: BackendKind) -> Result<Self, Error> {
        let failed = |source| Error::Backend { kind, source };
        let mut made = Self::with(Backend::new(kind).map_err(failed)?)?;
        made.remote.watched_by(&mut made.backend).map_err(failed)?;
        Ok(made)
    }

    /// A loop over a simulated kernel, for tests: time passes only where the loop waits, and what is ready is said by
    /// the test.
    ///
    /// # Errors
    /// No descriptor is left for the waker.
    ///
    /// ```
    /// use evloop::{Loop, Simulation, Timer};
    /// use std::time::Duration;
    ///
    /// let simulation = Simulation::new(1);
    /// let mut events = Loop::simulated(&simulation)?;
    /// events.add_timer(Timer::once(Duration::from_secs(3600)), |events, _| events.stop());
    /// events.run()?;
    /// assert_eq!(simulation.time(), Duration::from_secs(3600));
    /// # Ok::<(), evloop::Error>(())
    /// ```
    pub fn simulated(simulation: &Simulation) -> Result<Self, Error> {
        let kind = BackendKind::Simulation;
        let failed = |source| Error::Backend { kind, source };
        let backend = Simulated::new(simulation).map_err(failed)?;
        Self::with(Backend::Simulation(backend))
    }

    fn with(backend: Backend) -> Result<Self, Error> {
        let begun = Instant::now();
        Ok(Self {
            registrations: Slots::new(),
            descriptors: Descriptors::default(),
            wheel: Wheel::new(),
            remote: Remote::new().map_err(Error::Waker)?,
            queues: Default::default(),
            are_marked: true,
            unusual: 0,
            removed: 0,
            removed_before: None,
            deferred: VecDeque::new(),
            heard: Queue::default(),
            calls: Vec::new(),
            due: Vec::new(),
            begun,
            now_ns: Cell::new(backend.clock_ns(begun)),
            is_now_over: Cell::new(false),
            stop: run::Stop::default(),
            was_woken: false,
            is_haunted: false,
            stats: Stats::default(),
            backend,
        })
    }

    /// What the loop waits with.
    ///
    /// ```
    /// assert_eq!(evloop::Loop::new()?.backend(), evloop::BackendKind::Epoll);
    /// # Ok::<(), evloop::Error>(())
    /// ```
    #[must_use]
    pub const fn backend(&self) -> BackendKind {
        self.backend.kind()
    }

    /// Waits with another backend from now on. Every registration stays; nothing that is ready is lost or told twice.
    ///
    /// May be called from a callback. Complexity: linear in the descriptors that are watched.
    ///
    /// # Errors
    /// The backend could not be made or did not take a descriptor. The loop goes on with the one that it has.
    ///
    /// ```
    /// use evloop::{BackendKind, Loop};
    ///
    /// let mut events = Loop::new()?;
    /// events.switch_backend(BackendKind::Poll)?;
    /// assert_eq!(events.backend(), BackendKind::Poll);
    /// # Ok::<(), evloop::Error>(())
    /// ```
    pub fn switch_backend(&mut self, kind: BackendKind) -> Result<(), Error> {
        let failed = |source| Error::Backend { kind, source };
        let mut backend = match &self.backend {
            // The kernel is the same one.
            Backend::Simulation(it) if kind == BackendKind::Simulation => {
                Backend::Simulation(it.renewed().map_err(failed)?)
            }
            Backend::Simulation(_) => {
                return Err(failed(std::io::ErrorKind::Unsupported.into()));
            }
            _ => Backend::new(kind).map_err(failed)?,
        };
        self.flush();
        self.remote.watched_by(&mut backend).map_err(failed)?;
        self.descriptors.tell_all(&mut backend).map_err(failed)?;
        self.backend = backend;
        self.is_haunted = false;
        self.stats.switches += 1;
        Ok(())
    }

    /// A way into this loop for other threads.
    ///
    /// ```
    /// let remote = evloop::Loop::new()?.remote();
    /// remote.wake(); // The loop is gone: nothing happens.
    /// # Ok::<(), evloop::Error>(())
    /// ```
    #[must_use]
    pub fn remote(&self) -> Remote {
        self.remote.clone()
    }

    /// The time since the loop was made, when it looked last: at the end of the last wait where a timer was armed, else
    /// when it was first asked after that.
    ///
    /// ```
    /// use evloop::{Loop, Simulation};
    ///
    /// let events = Loop::simulated(&Simulation::new(1))?;
    /// assert!(events.now().is_zero());
    /// # Ok::<(), evloop::Error>(())
    /// ```
    #[must_use]
    pub fn now(&self) -> Duration {
        Duration::from_nanos(self.now_ns())
    }

    fn now_ns(&self) -> u64 {
        if self.is_now_over.get() {
            self.look_at_the_clock();
        }
        self.now_ns.get()
    }

    /// Counts since the loop was made.
    ///
    /// ```
    /// let mut events = evloop::Loop::new()?;
    /// events.poll()?;
    /// assert_eq!(events.stats().waits, 1);
    /// # Ok::<(), evloop::Error>(())
    /// ```
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.stats
    }

    /// How many registrations there are.
    ///
    /// ```
    /// assert_eq!(evloop::Loop::new()?.len(), 0);
    /// # Ok::<(), evloop::Error>(())
    /// ```
    #[must_use]
    pub const fn len(&self) -> usize {
        self.registrations.len()
    }

    /// Whether there are no registrations.
    ///
    /// ```
    /// assert!(evloop::Loop::new()?.is_empty());
    /// # Ok::<(), evloop::Error>(())
    /// ```
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl fmt::Debug for Loop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Loop")
            .field("backend", &self.backend())
            .field("registrations", &self.len())
            .field("now", &self.now())
            .field("stats", &self.stats)
            .finish_non_exhaustive()
    }
}
