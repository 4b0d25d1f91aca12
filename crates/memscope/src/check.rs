//! Tests that are to leave nothing.

use std::process::ExitCode;
use std::time::Duration;

use crate::budget::Budget;
use crate::checkpoint::{Checkpoint, checkpoint};
use crate::leak::NotNeutral;
use crate::scope::Scope;
use crate::settle;

/// Runs a piece of work in a scope of its own, and panics if it leaves blocks live: what
/// `#[memscope::test]` makes of a test.
///
/// The scope lies in that of the process, and belongs to the work alone: tests that run beside each other in one process
/// do not meet. What threads allocate that the work starts counts if they are started by [`spawn`](crate::spawn()) or
/// are let into the scope.
///
/// ```
/// # #[global_allocator] static ALLOCATOR: memscope::Scoped = memscope::Scoped::system();
/// use memscope::{Budget, Check};
/// use std::sync::OnceLock;
///
/// static LAST: OnceLock<Box<u8>> = OnceLock::new();
///
/// Check::new("parse").run(|| drop(vec![1, 2, 3]));
/// Check::new("parse").budget(Budget::bytes(64)).run(|| -> Result<(), std::num::ParseIntError> {
///     let number = "1".parse()?;
///     LAST.get_or_init(|| Box::new(number));
///     Ok(())
/// })?;
/// # Ok::<(), std::num::ParseIntError>(())
/// ```
#[derive(Clone, Copy, Debug)]
#[must_use = "nothing is checked before `run`"]
pub struct Check {
    name: &'static str,
    budget: Budget,
    patience: Duration,
    warm_up: u32,
}

impl Check {
    /// Nothing may stay.
    ///
    /// ```
    /// memscope::Check::new("nothing").run(|| ());
    /// ```
    pub const fn new(name: &'static str) -> Self {
        Self {
            name,
            budget: Budget::NONE,
            patience: Duration::ZERO,
            warm_up: 0,
        }
    }

    /// So much may stay.
    ///
    /// ```
    /// # use memscope::{Budget, Check};
    /// static ONE: std::sync::OnceLock<Box<i32>> = std::sync::OnceLock::new();
    /// Check::new("box").budget(Budget::blocks(1)).run(|| {
    ///     ONE.get_or_init(|| Box::new(1));
    /// });
    /// ```
    pub const fn budget(self, budget: Budget) -> Self {
        Self { budget, ..self }
    }

    /// Waits so long for frees that other threads are about to do.
    ///
    /// ```
    /// # use std::time::Duration;
    /// memscope::Check::new("work").within(Duration::from_secs(1)).run(|| ());
    /// ```
    pub const fn within(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// Runs the work so often before the run that is checked, and lets stay what those leave.
    ///
    /// ```
    /// # #[global_allocator] static ALLOCATOR: memscope::Scoped = memscope::Scoped::system();
    /// use std::sync::OnceLock;
    ///
    /// static TABLE: OnceLock<Vec<u8>> = OnceLock::new();
    ///
    /// memscope::Check::new("table").warm_up(1).run(|| {
    ///     TABLE.get_or_init(|| vec![0; 100]);
    /// });
    /// ```
    pub const fn warm_up(self, runs: u32) -> Self {
        Self {
            warm_up: runs,
            ..self
        }
    }

    /// Runs the work, and answers what it answers. A run that fails is the last one, and is not checked.
    ///
    /// # Panics
    /// If the work panics, or leaves more live than its budget.
    ///
    /// ```should_panic
    /// # #[global_allocator] static ALLOCATOR: memscope::Scoped = memscope::Scoped::system();
    /// static KEPT: std::sync::OnceLock<Box<i32>> = std::sync::OnceLock::new();
    /// memscope::Check::new("leak").run(|| {
    ///     KEPT.get_or_init(|| Box::new(1));
    /// });
    /// # #[cfg(not(feature = "enabled"))]
    /// # panic!("nothing is counted");
    /// ```
    #[track_caller]
    pub fn run<R: Outcome>(self, mut work: impl FnMut() -> R) -> R {
        make_output_buffers();
        let scope = Scope::in_process(self.name);
        for _ in 0..self.warm_up {
            let answer = scope.run(&mut work);
            if answer.is_failure() {
                scope.close();
                return answer;
            }
        }
        let warm = scope.run(checkpoint);
        let answer = scope.run(work);
        if !answer.is_failure()
            && let Some(leak) = self.leak_since(&warm)
        {
            panic!("{leak}");
        }
        scope.close();
        answer
    }

    fn leak_since(&self, warm: &Checkpoint) -> Option<NotNeutral> {
        let leak = || {
            let grown = warm.check_not_grown().err();
            grown.filter(|leak| !self.budget.covers(leak.live()))
        };
        settle::until(self.patience, || leak().is_none());
        leak()
    }
}

/// The buffers that take what a test prints are the process's, and stay: they are made before anything is counted.
#[expect(
    clippy::print_stdout,
    reason = "the buffers are made by the first character"
)]
fn make_output_buffers() {
    print!(" ");
}

/// What work that is checked may answer: nothing, a `Result`, or an exit code.
///
/// ```
/// use memscope::Outcome;
///
/// assert!(!().is_failure());
/// assert!(Err::<(), _>("no").is_failure());
/// ```
pub trait Outcome {
    /// Whether the work failed by its own judgement. What it holds then is not held against it.
    ///
    /// ```
    /// assert!(!memscope::Outcome::is_failure(&Ok::<(), ()>(())));
    /// ```
    fn is_failure(&self) -> bool;
}

impl Outcome for () {
    fn is_failure(&self) -> bool {
        false
    }
}

/// A code has no memory, and does not say whether it is one of failure: it is checked as success is.
impl Outcome for ExitCode {
    fn is_failure(&self) -> bool {
        false
    }
}

impl<T: Outcome, E> Outcome for Result<T, E> {
    fn is_failure(&self) -> bool {
        !matches!(self, Ok(value) if !value.is_failure())
    }
}
