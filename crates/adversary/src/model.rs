//! Sequences of operations, run beside an oracle and made small when one fails.
//!
//! **Finds:** what takes several operations to go wrong, and what goes wrong without a crash: lost
//! entries, stale indexes, counts that are off by one, invariants that hold until the next call.
//!
//! The operations come from a proptest strategy; a failing sequence is shrunk by taking operations out
//! and making their parameters small. The panic that reports it has the shortest sequence, what it failed
//! with, and the seed.
//!
//! ```
//! use adversary::model::Runner;
//! use adversary::oracle::NaiveMap;
//! use proptest::prelude::*;
//! use std::collections::BTreeMap;
//!
//! #[derive(Clone, Debug)]
//! enum Op {
//!     Insert(u8, u32),
//!     Remove(u8),
//! }
//!
//! let ops = prop_oneof![
//!     (0..8u8, any::<u32>()).prop_map(|(key, value)| Op::Insert(key, value)),
//!     (0..8u8).prop_map(Op::Remove),
//! ];
//! Runner::new().cases(64).run(
//!     &ops,
//!     || (BTreeMap::new(), NaiveMap::new()),
//!     |(map, naive), op| {
//!         match *op {
//!             Op::Insert(key, value) => assert_eq!(map.insert(key, value), naive.insert(key, value)),
//!             Op::Remove(key) => assert_eq!(map.remove(&key), naive.remove(&key)),
//!         }
//!         assert!(map.iter().eq(naive.sorted()));
//!     },
//! );
//! ```
//!
//! [`with_fault`] adds a fault to some operations, for panics in the middle of a sequence. Operations that
//! only make sense in some states are best made to do nothing in the others; where that will not do,
//! [`Runner::check_sequences`] takes a strategy for whole sequences, such as that of a state machine of
//! `proptest-state-machine`.

use crate::countdown::Fault;
use crate::quiet;
use proptest::collection::vec;
use proptest::option::weighted;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use std::fmt;
use std::hash::{BuildHasher, Hasher, RandomState};

/// How many sequences to run, how long, and from which seed.
///
/// # Examples
///
/// ```
/// let runner = adversary::model::Runner::new().cases(1000).steps(60).seed(7);
/// ```
#[derive(Clone, Debug)]
pub struct Runner {
    cases: u32,
    steps: usize,
    shrinks: u32,
    seed: u64,
}

/// A sequence that fails, as short as it could be made.
///
/// # Examples
///
/// ```
/// use adversary::model::Runner;
///
/// let failure = Runner::new()
///     .check(&(0..100u32), || (), |(), it| assert!(*it < 50, "too much"))
///     .unwrap_err();
/// assert_eq!(failure.ops, [50]);
/// assert!(failure.to_string().contains("too much"));
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Failure<O> {
    /// The operations.
    pub ops: Vec<O>,
    /// The text and place of the panic.
    pub message: String,
    /// The seed that leads there, see [`Runner::seed`].
    pub seed: u64,
    /// How many sequences ran before.
    pub case: u32,
}

impl<O: fmt::Debug> fmt::Display for Failure<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.message)?;
        for (index, op) in self.ops.iter().enumerate() {
            writeln!(f, "{index:>4}: {op:?}")?;
        }
        let (seed, case) = (self.seed, self.case);
        write!(f, "case {case} of `Runner::seed({seed})`, shrunk")
    }
}

impl<O: fmt::Debug> std::error::Error for Failure<O> {}

impl Default for Runner {
    fn default() -> Self {
        Self::new()
    }
}

impl Runner {
    /// 256 sequences of up to 40 operations, from a random seed.
    ///
    /// ```
    /// let runner = adversary::model::Runner::new();
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self {
            cases: 256,
            steps: 40,
            shrinks: 100_000,
            seed: RandomState::new().build_hasher().finish(),
        }
    }

    /// With another number of sequences.
    ///
    /// ```
    /// let runner = adversary::model::Runner::new().cases(10_000);
    /// ```
    #[must_use]
    pub const fn cases(mut self, cases: u32) -> Self {
        self.cases = cases;
        self
    }

    /// With another greatest length of a sequence.
    ///
    /// ```
    /// let runner = adversary::model::Runner::new().steps(200);
    /// ```
    #[must_use]
    pub const fn steps(mut self, steps: usize) -> Self {
        self.steps = steps;
        self
    }

    /// From this seed: the same sequences every time, as long as strategy and proptest stay the same.
    ///
    /// ```
    /// use adversary::model::Runner;
    ///
    /// let find = || {
    ///     let runner = Runner::new().seed(3);
    ///     runner.check(&(0..9), || (), |(), it| assert_ne!(*it, 7)).unwrap_err().case
    /// };
    /// assert_eq!(find(), find());
    /// ```
    #[must_use]
    pub const fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Gives up shrinking after so many runs of a sequence.
    ///
    /// ```
    /// use adversary::model::Runner;
    ///
    /// let runner = Runner::new().shrinks(0).seed(1);
    /// let failure = runner.check(&(5..9), || (), |(), _| panic!("always")).unwrap_err();
    /// assert!(!failure.ops.is_empty());
    /// ```
    #[must_use]
    pub const fn shrinks(mut self, shrinks: u32) -> Self {
        self.shrinks = shrinks;
        self
    }

    /// Runs sequences of operations; each starts with a state of `setup`, and ends when a step panics or
    /// dropping the state does.
    ///
    /// # Panics
    ///
    /// With a [`Failure`], if a sequence fails.
    ///
    /// # Examples
    ///
    /// ```
    /// use adversary::model::Runner;
    ///
    /// Runner::new().run(&(0..10usize), Vec::new, |list, op| {
    ///     list.push(*op);
    ///     assert_eq!(list.last(), Some(op));
    /// });
    /// ```
    #[track_caller]
    pub fn run<S: Strategy, T>(
        &self,
        ops: &S,
        setup: impl Fn() -> T,
        step: impl Fn(&mut T, &S::Value),
    ) {
        if let Err(failure) = self.check(ops, setup, step) {
            panic!("{failure}");
        }
    }

    /// The same, and returns the failure.
    ///
    /// # Errors
    ///
    /// The shortest sequence that was found to fail.
    ///
    /// # Examples
    ///
    /// ```
    /// use adversary::model::Runner;
    ///
    /// let never_two = |state: &mut u8, _: &bool| {
    ///     *state += 1;
    ///     assert!(*state < 2);
    /// };
    /// let failure = Runner::new().check(&proptest::bool::ANY, || 0, never_two).unwrap_err();
    /// assert_eq!(failure.ops, [false, false]);
    /// ```
    pub fn check<S: Strategy, T>(
        &self,
        ops: &S,
        setup: impl Fn() -> T,
        step: impl Fn(&mut T, &S::Value),
    ) -> Result<(), Failure<S::Value>> {
        let run = runs(setup, step);
        self.search(
            &vec(ops, 1..=self.steps.max(1)),
            &run,
            |ops, message, left| thin(ops, message, left, &run),
        )
    }

    /// The same with a strategy that makes whole sequences. They shrink as the strategy says, and no operation is taken out
    /// besides.
    ///
    /// # Errors
    ///
    /// The shortest sequence that was found to fail.
    ///
    /// # Panics
    ///
    /// If the strategy can make no sequence, because it filters too much.
    ///
    /// # Examples
    ///
    /// ```
    /// use adversary::model::Runner;
    /// use proptest::prelude::*;
    ///
    /// let ascending = prop::collection::vec(0..5u32, 1..20).prop_map(|mut list| {
    ///     list.sort();
    ///     list
    /// });
    /// let grows = |last: &mut u32, it: &u32| assert!(std::mem::replace(last, *it) <= *it);
    /// assert!(Runner::new().check_sequences(&ascending, || 0, grows).is_ok());
    /// ```
    pub fn check_sequences<O, T>(
        &self,
        sequences: &impl Strategy<Value = Vec<O>>,
        setup: impl Fn() -> T,
        step: impl Fn(&mut T, &O),
    ) -> Result<(), Failure<O>> {
        self.search(sequences, &runs(setup, step), |ops, message, _| {
            (ops, message)
        })
    }

    /// Runs sequences until one fails, shrinks it as its strategy says, and then by `thin`, which may run so many more.
    fn search<O>(
        &self,
        sequences: &impl Strategy<Value = Vec<O>>,
        run: &impl Fn(&[O]) -> Result<(), String>,
        thin: impl FnOnce(Vec<O>, String, u32) -> (Vec<O>, String),
    ) -> Result<(), Failure<O>> {
        let mut runner = self.runner();
        for case in 0..self.cases {
            let tree = match sequences.new_tree(&mut runner) {
                Ok(tree) => tree,
                Err(reason) => panic!("the strategy has no sequence: {reason}"),
            };
            if let Err(message) = run(&tree.current()) {
                let (ops, message, left) = self.shrink(tree, message, run);
                let (ops, message) = thin(ops, message, left);
                let seed = self.seed;
                return Err(Failure {
                    ops,
                    message,
                    seed,
                    case,
                });
            }
        }
        Ok(())
    }

    fn runner(&self) -> TestRunner {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&self.seed.to_le_bytes());
        let config = Config {
            failure_persistence: None,
            ..Config::default()
        };
        TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes))
    }

    /// Smaller while it fails, back a little when it does not: the protocol of [`ValueTree`]. Returns also how many more
    /// runs there may be.
    fn shrink<O>(
        &self,
        mut tree: impl ValueTree<Value = Vec<O>>,
        mut message: String,
        run: impl Fn(&[O]) -> Result<(), String>,
    ) -> (Vec<O>, String, u32) {
        let mut best = tree.current();
        let (mut failed, mut left) = (true, self.shrinks);
        while left > 0 {
            let moved = match failed {
                true => tree.simplify(),
                false => tree.complicate(),
            };
            if !moved {
                break;
            }
            left -= 1;
            let ops = tree.current();
            failed = match run(&ops) {
                Ok(()) => false,
                Err(text) => {
                    (best, message) = (ops, text);
                    true
                }
            };
        }
        (best, message, left)
    }
}

/// How a sequence is run.
fn runs<O, T>(
    setup: impl Fn() -> T,
    step: impl Fn(&mut T, &O),
) -> impl Fn(&[O]) -> Result<(), String> {
    move |ops| {
        quiet::catch(|| {
            let mut state = setup();
            ops.iter().for_each(|op| step(&mut state, op));
        })
    }
}

/// Takes out one operation after the other, until none can be missed. A strategy tries each once; of two that need each
/// other it may have kept the one that it tried first.
fn thin<O>(
    mut ops: Vec<O>,
    mut message: String,
    mut left: u32,
    run: impl Fn(&[O]) -> Result<(), String>,
) -> (Vec<O>, String) {
    let (mut at, mut needed) = (ops.len(), 0);
    while needed < ops.len() && ops.len() > 1 && left > 0 {
        at = at.checked_sub(1).unwrap_or(ops.len() - 1);
        let op = ops.remove(at);
        match run(&ops) {
            Err(text) => (message, needed) = (text, 0),
            Ok(()) => {
                ops.insert(at, op);
                needed += 1;
            }
        }
        left -= 1;
    }
    (ops, message)
}

/// Pairs of an operation and, in every second one or so, a panic in one of its first `calls` calls.
///
/// A shrunk sequence has no fault that it does not need. [`run_armed`](crate::countdown::run_armed) takes
/// the fault.
///
/// # Examples
///
/// ```
/// use adversary::countdown::{run_armed, run_counted};
/// use adversary::{drops::Ledger, liar::Liar, model};
/// use std::collections::BTreeSet;
///
/// let ops = model::with_fault(0..10u8, 4);
/// let ledger = Ledger::new();
/// model::Runner::new().cases(64).run(&ops, BTreeSet::new, |set, (key, fault)| {
///     let key = Liar::new(*key).counted(&ledger);
///     match fault {
///         Some(fault) => drop(run_armed(*fault, || set.insert(key))),
///         None => drop(run_counted(|| set.insert(key))),
///     }
///     assert_eq!(set.iter().count(), set.len());
/// });
/// ledger.assert_clean();
/// ```
pub fn with_fault<S: Strategy>(
    ops: S,
    calls: u64,
) -> impl Strategy<Value = (S::Value, Option<Fault>)> {
    let fault = (0..calls.max(1)).prop_map(Fault::Panic);
    (ops, weighted(0.5, fault))
}
