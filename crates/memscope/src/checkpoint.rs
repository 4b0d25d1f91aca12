//! Checkpoints: what was live at a moment, to be compared with what is live later.

use std::time::Duration;

use crate::action;
use crate::balance::References;
use crate::books::{self, SiteSums};
use crate::budget;
use crate::leak::NotNeutral;
use crate::scope::ScopeHandle;
use crate::settle;
use crate::usage::Usage;

/// What was live in a scope at a moment.
///
/// ```
/// # #[global_allocator] static ALLOCATOR: memscope::Scoped = memscope::Scoped::system();
/// use memscope::{Scope, checkpoint};
///
/// let worker = Scope::new("worker");
/// worker.run(|| {
///     let cache = vec![0_u8; 4096];
///     let warm = checkpoint();
///     for _ in 0..3 {
///         drop(cache.clone());
///         warm.assert_neutral();
///     }
/// });
/// ```
#[derive(Debug)]
pub struct Checkpoint {
    scope: Option<ScopeHandle>,
    usage: Usage,
    sites: SiteSums,
    references: References,
}

/// Notes what is live in the scope that the calling thread is in, and in those inside it.
///
/// ```
/// memscope::checkpoint().check_neutral()?;
/// # Ok::<(), memscope::NotNeutral>(())
/// ```
#[must_use]
#[inline]
pub fn checkpoint() -> Checkpoint {
    let scope = ScopeHandle::current();
    let usage = scope.as_ref().map(ScopeHandle::usage).unwrap_or_default();
    Checkpoint {
        usage,
        sites: site_sums(scope.as_ref()),
        references: references(scope.as_ref()),
        scope,
    }
}

fn site_sums(scope: Option<&ScopeHandle>) -> SiteSums {
    scope
        .map(|scope| books::site_sums(scope.account()))
        .unwrap_or_default()
}

#[inline]
fn references(scope: Option<&ScopeHandle>) -> References {
    scope
        .map(|scope| References::of(scope.account()))
        .unwrap_or_default()
}

impl Checkpoint {
    /// What was allocated and freed since, in the same scope. The peak is the scope's own, as ever.
    ///
    /// ```
    /// # #[global_allocator] static ALLOCATOR: memscope::Scoped = memscope::Scoped::system();
    /// let scope = memscope::Scope::new("work");
    /// let since = scope.run(|| {
    ///     let before = memscope::checkpoint();
    ///     drop(vec![0_u8; 100]);
    ///     before.usage_since()
    /// });
    /// assert_eq!((since.allocs, since.bytes_freed), (1, 100));
    /// ```
    #[must_use]
    #[inline]
    pub fn usage_since(&self) -> Usage {
        let now = self.scope.as_ref().map(ScopeHandle::usage);
        let now = now.unwrap_or_default();
        Usage {
            allocs: now.allocs.wrapping_sub(self.usage.allocs),
            frees: now.frees.wrapping_sub(self.usage.frees),
            bytes_allocated: now.bytes_allocated.wrapping_sub(self.usage.bytes_allocated),
            bytes_freed: now.bytes_freed.wrapping_sub(self.usage.bytes_freed),
            peak_bytes: now.peak_bytes,
        }
    }

    /// Fails unless as many blocks and bytes are live as were then, budgets aside.
    ///
    /// # Errors
    /// More are live, or fewer.
    ///
    /// ```
    /// memscope::checkpoint().check_neutral()?;
    /// # Ok::<(), memscope::NotNeutral>(())
    /// ```
    #[inline]
    pub fn check_neutral(&self) -> Result<Usage, NotNeutral> {
        self.check(|since, references| {
            since.is_neutral() && since.live_bytes() == 0 && *references == self.references
        })
    }

    /// Fails if more blocks or references are live than were then, or more bytes: the work since then has made room, or none.
    ///
    /// # Errors
    /// More are live.
    ///
    /// ```
    /// # #[global_allocator] static ALLOCATOR: memscope::Scoped = memscope::Scoped::system();
    /// let scope = memscope::Scope::new("scope");
    /// scope.run(|| {
    ///     let kept = vec![0_u8; 100];
    ///     let before = memscope::checkpoint();
    ///     drop(kept);
    ///     before.check_not_grown().unwrap();
    ///     # #[cfg(feature = "enabled")]
    ///     before.check_neutral().unwrap_err();
    /// });
    /// ```
    #[inline]
    pub fn check_not_grown(&self) -> Result<Usage, NotNeutral> {
        self.check(|since, references| {
            since.live().cast_signed() <= 0
                && since.live_bytes().cast_signed() <= 0
                && references.is_within(&self.references)
        })
    }

    #[inline]
    fn check(
        &self,
        is_settled: impl FnOnce(&Usage, &References) -> bool,
    ) -> Result<Usage, NotNeutral> {
        let since = self.usage_since();
        let references = references(self.scope.as_ref());
        match &self.scope {
            Some(scope) if !is_settled(&since, &references) => {
                let (account, usage) = (scope.account(), scope.usage());
                let leak = NotNeutral::of(account, usage, self.usage, &self.sites);
                budget::judge(leak.with_references(&references, &self.references)).map(|()| since)
            }
            _ => Ok(since),
        }
    }

    /// Takes the [action](crate::set_leak_action) for leaks unless as much is live as was then.
    ///
    /// # Panics
    /// If it is not so, and the action is to panic.
    ///
    /// ```
    /// memscope::checkpoint().assert_neutral();
    /// ```
    #[track_caller]
    #[inline]
    pub fn assert_neutral(&self) {
        if let Err(leak) = self.check_neutral() {
            action::take(&leak);
        }
    }

    /// The same, after waiting up to `patience` for frees that other threads are about to do.
    ///
    /// # Panics
    /// As [`assert_neutral`](Self::assert_neutral).
    ///
    /// ```
    /// memscope::checkpoint().assert_neutral_within(std::time::Duration::from_secs(1));
    /// ```
    #[track_caller]
    #[inline]
    pub fn assert_neutral_within(&self, patience: Duration) {
        settle::until(patience, || self.check_neutral().is_ok());
        self.assert_neutral();
    }
}
