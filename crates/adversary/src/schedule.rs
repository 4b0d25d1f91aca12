//! Threads under a scheduler that picks who runs next, from a seed.
//!
//! **Finds:** what depends on the order in which threads run: lost updates, a value read between two
//! writes, deadlocks. The code under test has to use shuttle's threads, atomics and locks in place of the
//! standard library's, usually by way of one module that takes them from either.
//!
//! ```
//! use adversary::schedule::Explorer;
//! use shuttle::sync::{Arc, atomic::{AtomicU32, Ordering}};
//!
//! let lost_update = || {
//!     let count = Arc::new(AtomicU32::new(0));
//!     let threads: Vec<_> = (0..2)
//!         .map(|_| {
//!             let count = Arc::clone(&count);
//!             shuttle::thread::spawn(move || {
//!                 let seen = count.load(Ordering::SeqCst);
//!                 count.store(seen + 1, Ordering::SeqCst); // Not one step.
//!             })
//!         })
//!         .collect();
//!     threads.into_iter().for_each(|it| it.join().unwrap());
//!     assert_eq!(count.load(Ordering::SeqCst), 2);
//! };
//! let failure = Explorer::new().check(lost_update).unwrap_err();
//! assert!(failure.message.contains("left: 1"));
//! ```
//!
//! # What it does not see
//!
//! A program that never has two threads to choose between does not pass: the second scheduler fails it, saying that there is
//! nothing to schedule.
//!
//! Every atomic access is sequentially consistent here, so an ordering that is too weak is not found (loom
//! finds these). A schedule may switch threads at operations of shuttle's types and nowhere else, so a
//! race on plain memory is not found (Miri and ThreadSanitizer find these). All threads of an exploration
//! are one thread of the system, so they have the scripts and counts of one.

use crate::quiet;
use shuttle::scheduler::{DfsScheduler, PctScheduler, RandomScheduler, Scheduler};
use shuttle::{Config, FailurePersistence, Runner};
use std::fmt;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::Arc;

/// How many schedules to run, of which kinds, and from which seed.
///
/// # Examples
///
/// ```
/// let explorer = adversary::schedule::Explorer::new().iterations(1000).depth(4).seed(7);
/// ```
#[derive(Clone, Debug)]
pub struct Explorer {
    iterations: usize,
    depth: usize,
    seed: u64,
}

/// A schedule under which a program fails.
///
/// # Examples
///
/// ```
/// let failure = adversary::schedule::Explorer::new().check(|| panic!("always")).unwrap_err();
/// assert!(failure.message.contains("always"));
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Failure {
    /// The text and place of the panic.
    pub message: String,
    /// Which scheduler found it.
    pub scheduler: &'static str,
    /// The seed that leads there, see [`Explorer::seed`].
    pub seed: u64,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            message,
            scheduler,
            seed,
        } = self;
        write!(
            f,
            "{message}\nfound by the {scheduler} scheduler of `Explorer::seed({seed})`"
        )
    }
}

impl std::error::Error for Failure {}

impl Default for Explorer {
    fn default() -> Self {
        Self::new()
    }
}

impl Explorer {
    /// 500 schedules of each kind, three changes of priority, a random seed.
    ///
    /// ```
    /// let explorer = adversary::schedule::Explorer::new();
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self {
            iterations: 500,
            depth: 3,
            seed: RandomState::new().build_hasher().finish(),
        }
    }

    /// With another number of schedules of each kind.
    ///
    /// ```
    /// let explorer = adversary::schedule::Explorer::new().iterations(10_000);
    /// ```
    #[must_use]
    pub const fn iterations(mut self, iterations: usize) -> Self {
        self.iterations = iterations;
        self
    }

    /// With another number of changes of priority in a schedule: bugs that need as many switches at the
    /// right places are the likelier found.
    ///
    /// ```
    /// let explorer = adversary::schedule::Explorer::new().depth(5);
    /// ```
    #[must_use]
    pub const fn depth(mut self, depth: usize) -> Self {
        self.depth = depth;
        self
    }

    /// From this seed: the same schedules every time, as long as program and shuttle stay the same.
    ///
    /// ```
    /// let explorer = adversary::schedule::Explorer::new().seed(7);
    /// ```
    #[must_use]
    pub const fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Runs a program under random schedules, then under schedules with few changes of priority (Burckhardt
    /// and others, "A randomized scheduler with probabilistic guarantees of finding bugs", ASPLOS 2010).
    /// Returns how many schedules ran.
    ///
    /// # Panics
    ///
    /// With a [`Failure`], if the program panics or no thread can go on.
    ///
    /// # Examples
    ///
    /// ```
    /// use shuttle::sync::{Arc, Mutex};
    ///
    /// let schedules = adversary::schedule::Explorer::new().iterations(100).run(|| {
    ///     let sum = Arc::new(Mutex::new(0));
    ///     let other = Arc::clone(&sum);
    ///     let thread = shuttle::thread::spawn(move || *other.lock().unwrap() += 1);
    ///     *sum.lock().unwrap() += 1;
    ///     thread.join().unwrap();
    ///     assert_eq!(*sum.lock().unwrap(), 2);
    /// });
    /// assert_eq!(schedules, 200);
    /// ```
    #[track_caller]
    pub fn run(&self, program: impl Fn() + Send + Sync + 'static) -> usize {
        self.check(program)
            .unwrap_or_else(|failure| panic!("{failure}"))
    }

    /// The same, and returns the failure.
    ///
    /// # Errors
    ///
    /// The first schedule under which the program panics, or no thread can go on.
    ///
    /// # Examples
    ///
    /// ```
    /// use shuttle::sync::{Arc, Mutex};
    ///
    /// let deadlock = || {
    ///     let (a, b) = (Arc::new(Mutex::new(())), Arc::new(Mutex::new(())));
    ///     let (a2, b2) = (Arc::clone(&a), Arc::clone(&b));
    ///     let thread = shuttle::thread::spawn(move || drop((a2.lock(), b2.lock())));
    ///     drop((b.lock(), a.lock()));
    ///     thread.join().unwrap();
    /// };
    /// let failure = adversary::schedule::Explorer::new().check(deadlock).unwrap_err();
    /// assert!(failure.message.contains("deadlock"));
    /// ```
    pub fn check(&self, program: impl Fn() + Send + Sync + 'static) -> Result<usize, Failure> {
        let program = Arc::new(program);
        let random = RandomScheduler::new_from_seed(self.seed, self.iterations);
        let ran = self.under("random", random, &program)?;
        let few = PctScheduler::new_from_seed(self.seed, self.depth, self.iterations);
        Ok(ran + self.under("few-switches", few, &program)?)
    }

    /// Runs a program under every schedule there is. For programs of a few steps: the number of schedules
    /// is exponential in them. [`iterations`](Self::iterations) and the seed are not asked.
    ///
    /// # Errors
    ///
    /// The first schedule under which the program panics, or no thread can go on.
    ///
    /// # Examples
    ///
    /// ```
    /// let ran = adversary::schedule::Explorer::new().check_all(|| {
    ///     let thread = shuttle::thread::spawn(shuttle::thread::yield_now);
    ///     shuttle::thread::yield_now();
    ///     thread.join().unwrap();
    /// });
    /// assert!(ran.unwrap() > 1);
    /// ```
    pub fn check_all(&self, program: impl Fn() + Send + Sync + 'static) -> Result<usize, Failure> {
        self.under(
            "exhaustive",
            DfsScheduler::new(None, false),
            &Arc::new(program),
        )
    }

    fn under<P: Fn() + Send + Sync + 'static>(
        &self,
        name: &'static str,
        scheduler: impl Scheduler + 'static,
        program: &Arc<P>,
    ) -> Result<usize, Failure> {
        let mut config = Config::new();
        // The seed is enough to come back.
        config.failure_persistence = FailurePersistence::None;
        config.silence_warnings = true;
        let program = Arc::clone(program);
        let mut ran = 0;
        let outcome = quiet::catch(|| ran = Runner::new(scheduler, config).run(move || program()));
        outcome.map(|()| ran).map_err(|message| Failure {
            message,
            scheduler: name,
            seed: self.seed,
        })
    }
}
