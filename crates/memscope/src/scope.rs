//! Scopes: an account that a piece of work has to itself.

use std::fmt;
use std::marker::PhantomData;
use std::panic::Location;
use std::time::Duration;

use crate::action;
use crate::balance::References;
use crate::books::{self, Account, SiteSums};
use crate::budget;
use crate::leak::NotNeutral;
use crate::settle;
use crate::transfer::Transfer;
use crate::usage::Usage;

/// A piece of work whose allocations are to be freed when it ends: a request, a query, a task.
///
/// A scope lies inside the one that the creating thread was in. What a thread allocates belongs to the scope that it is
/// in, from [`enter`](Self::enter) to the drop of the guard; a block belongs to its scope for good, whoever frees it or
/// changes its size, on whatever thread, and also after the scope's end.
///
/// Ending a scope checks that it is neutral: [`end`](Self::end) answers with an error if it is not; dropping it takes
/// the [action](crate::set_leak_action) for leaks, which by default ends the process.
///
/// ```
/// # #[global_allocator] static ALLOCATOR: memscope::Scoped = memscope::Scoped::system();
/// use memscope::Scope;
///
/// let request = Scope::new("request");
/// let kept = request.run(|| {
///     let scratch = vec![0_u8; 1000];
///     vec![scratch.len()]
/// });
/// let leak = request.end().unwrap_err();
/// assert_eq!((leak.usage().live(), leak.usage().live_bytes()), (1, 8));
/// # drop(kept);
/// ```
#[derive(Debug)]
#[must_use = "a scope that is dropped at once counts nothing"]
pub struct Scope {
    handle: ScopeHandle,
    /// Whether somebody has been told how it ended.
    is_ended: bool,
}

impl Scope {
    /// A scope inside the one that the calling thread is in.
    ///
    /// # Panics
    /// As [`try_new`](Self::try_new) fails.
    ///
    /// ```
    /// let scope = memscope::Scope::new("parse");
    /// assert!(scope.usage().is_neutral());
    /// ```
    #[track_caller]
    #[inline]
    pub fn new(name: &'static str) -> Self {
        Self::expect(Self::open(books::current(), name, None))
    }

    /// The same, for a request with a number.
    ///
    /// # Panics
    /// As [`try_new`](Self::try_new) fails.
    ///
    /// ```
    /// let scope = memscope::Scope::for_request("GET /orders", 42);
    /// # #[cfg(feature = "enabled")]
    /// assert_eq!(scope.handle().path(), "GET /orders#42");
    /// ```
    #[track_caller]
    #[inline]
    pub fn for_request(name: &'static str, request: u64) -> Self {
        Self::expect(Self::open(books::current(), name, Some(request)))
    }

    /// As [`new`](Self::new), without a panic.
    ///
    /// # Errors
    /// 262,142 scopes are unfinished already, or there is no memory for the account.
    ///
    /// ```
    /// let scope = memscope::Scope::try_new("parse")?;
    /// # scope.end().unwrap();
    /// # Ok::<(), memscope::TooManyScopes>(())
    /// ```
    #[track_caller]
    #[inline]
    pub fn try_new(name: &'static str) -> Result<Self, TooManyScopes> {
        Self::open(books::current(), name, None)
    }

    /// A scope that lies in that of the process, wherever the calling thread is.
    #[track_caller]
    #[inline]
    pub(crate) fn in_process(name: &'static str) -> Self {
        Self::expect(Self::open(books::root(), name, None))
    }

    /// Ends the scope, whatever is live in it.
    #[inline]
    pub(crate) fn close(mut self) {
        self.is_ended = true;
    }

    #[track_caller]
    #[inline]
    fn open(
        parent: Option<Account>,
        name: &'static str,
        request: Option<u64>,
    ) -> Result<Self, TooManyScopes> {
        // Not in the closure, which is no caller.
        let caller = Location::caller();
        let account = parent
            .and_then(|parent| books::open(parent, name, request, caller))
            .ok_or(TooManyScopes(()))?;
        Ok(Self {
            handle: ScopeHandle { account },
            is_ended: false,
        })
    }

    #[track_caller]
    #[inline]
    fn expect(opened: Result<Self, TooManyScopes>) -> Self {
        match opened {
            Ok(scope) => scope,
            Err(error) => panic!("{error}"),
        }
    }

    /// Lets the calling thread into the scope, until the guard is dropped.
    ///
    /// ```
    /// # #[global_allocator] static ALLOCATOR: memscope::Scoped = memscope::Scoped::system();
    /// let scope = memscope::Scope::new("work");
    /// let entered = scope.enter();
    /// let block = Box::new(1_u64);
    /// drop(entered);
    /// assert_eq!(scope.usage().live_bytes(), 8);
    /// # drop(block);
    /// ```
    #[inline]
    pub fn enter(&self) -> Entered<'_> {
        self.handle.enter()
    }

    /// Runs a closure inside the scope.
    ///
    /// ```
    /// let scope = memscope::Scope::new("work");
    /// assert_eq!(scope.run(|| [1, 2].len()), 2);
    /// ```
    #[inline]
    pub fn run<R>(&self, work: impl FnOnce() -> R) -> R {
        self.handle.run(work)
    }

    /// A handle for other threads and tasks.
    ///
    /// ```
    /// # #[global_allocator] static ALLOCATOR: memscope::Scoped = memscope::Scoped::system();
    /// let scope = memscope::Scope::new("work");
    /// let handle = scope.handle();
    /// std::thread::spawn(move || handle.run(|| drop(vec![0_u8; 100]))).join().unwrap();
    /// assert_eq!(scope.usage().bytes_freed, 100);
    /// ```
    #[must_use]
    #[inline]
    pub fn handle(&self) -> ScopeHandle {
        self.handle.clone()
    }

    /// Moves every block of a value to the account of this scope: what another scope made is meant to outlive it.
    ///
    /// On the other scope's account it counts as freed, on this one's as allocated, with the site that it has. No block is
    /// copied, and none that is here already is counted again. A value whose blocks a [`Scoped`](crate::Scoped) did not make
    /// stays as it is.
    ///
    /// The value comes and goes by value, or by a unique reference with [`Transfer`]: nobody else can free it meanwhile.
    /// Complexity: linear in the value's blocks.
    ///
    /// ```
    /// # #[global_allocator] static ALLOCATOR: memscope::Scoped = memscope::Scoped::system();
    /// use memscope::Scope;
    ///
    /// let cache = Scope::new("cache");
    /// let request = Scope::new("request");
    /// let answer = request.run(|| cache.adopt(vec!["an".to_owned(), "answer".to_owned()]));
    /// request.end()?;
    /// assert_eq!(cache.usage().live(), 3);
    /// drop(answer);
    /// cache.end()?;
    /// # Ok::<(), memscope::NotNeutral>(())
    /// ```
    #[must_use = "what is adopted and dropped could have been dropped"]
    #[inline]
    pub fn adopt<T: Transfer>(&self, value: T) -> T {
        self.handle.adopt(value)
    }

    /// What was allocated and freed so far, in this scope and in those inside it.
    ///
    /// Exact for what happened before the call; what other threads do meanwhile may be in it or not, allocations rather
    /// than frees. Complexity: linear in the threads that ever were in the scope; where scopes inside this one are
    /// unfinished, in all unfinished scopes too.
    ///
    /// ```
    /// assert_eq!(memscope::Scope::new("work").usage(), memscope::Usage::default());
    /// ```
    #[must_use]
    #[inline]
    pub fn usage(&self) -> Usage {
        self.handle.usage()
    }

    /// Fails unless every block of the scope, and of those inside it, has come back, or is within the
    /// [scope's](crate::set_scope_budget) or its [site's](crate::set_site_budget) budget; and every
    /// [reference](crate::Balance) is released.
    ///
    /// # Errors
    /// Blocks are live.
    ///
    /// ```
    /// let scope = memscope::Scope::new("work");
    /// scope.check_neutral()?;
    /// # Ok::<(), memscope::NotNeutral>(())
    /// ```
    #[inline]
    pub fn check_neutral(&self) -> Result<Usage, NotNeutral> {
        self.handle.check_neutral()
    }

    /// Takes the [action](crate::set_leak_action) for leaks unless the scope is neutral.
    ///
    /// # Panics
    /// If blocks are live and the action is to panic.
    ///
    /// ```
    /// memscope::Scope::new("work").assert_neutral();
    /// ```
    #[inline]
    pub fn assert_neutral(&self) {
        if let Err(leak) = self.check_neutral() {
            action::take(&leak);
        }
    }

    /// Ends the scope, and answers what was used.
    ///
    /// # Errors
    /// Blocks are live. They stay on the account of the ended scope until they are freed.
    ///
    /// ```
    /// let usage = memscope::Scope::new("work").end()?;
    /// assert_eq!(usage.live(), 0);
    /// # Ok::<(), memscope::NotNeutral>(())
    /// ```
    #[inline]
    pub fn end(mut self) -> Result<Usage, NotNeutral> {
        self.is_ended = true;
        self.check_neutral()
    }

    /// Ends the scope, and waits up to `patience` for frees that other threads are about to do.
    ///
    /// A thread that has been joined has freed everything, but the end of [`std::thread::scope`] and of a channel come
    /// before the last frees of the threads behind them.
    ///
    /// # Errors
    /// Blocks are still live when `patience` is over.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let scope = memscope::Scope::new("work");
    /// std::thread::scope(|threads| {
    ///     threads.spawn(|| scope.run(|| drop(vec![0_u8; 100])));
    /// });
    /// scope.end_within(Duration::from_secs(10))?;
    /// # Ok::<(), memscope::NotNeutral>(())
    /// ```
    #[inline]
    pub fn end_within(self, patience: Duration) -> Result<Usage, NotNeutral> {
        settle::until(patience, || self.check_neutral().is_ok());
        self.end()
    }
}

#[cfg(feature = "enabled")]
impl Drop for Scope {
    #[inline]
    fn drop(&mut self) {
        // While a panic unwinds, what is live may be what the panic carries.
        if !self.is_ended && !std::thread::panicking() {
            self.assert_neutral();
        }
    }
}

/// A share in a scope, for other threads and tasks: clone it and send it.
///
/// A scope that has ended can still be entered by its handles; what is allocated then shows in the scopes around.
#[derive(Debug)]
pub struct ScopeHandle {
    account: Account,
}

impl ScopeHandle {
    /// The scope that the calling thread is in; the process if it is in none. `None` only where there was no memory
    /// for a single account.
    ///
    /// ```
    /// let scope = memscope::Scope::new("work");
    /// let current = scope.run(|| memscope::ScopeHandle::current().unwrap());
    /// # #[cfg(feature = "enabled")]
    /// assert_eq!(current.path(), "work");
    /// ```
    #[must_use]
    #[inline]
    pub fn current() -> Option<Self> {
        let account = books::current()?;
        books::add_handle(account);
        Some(Self { account })
    }

    /// The process: the outermost scope, which never ends. `None` only where there was no memory for a single account.
    ///
    /// ```
    /// # #[global_allocator] static ALLOCATOR: memscope::Scoped = memscope::Scoped::system();
    /// let scope = memscope::Scope::new("work");
    /// let kept = scope.run(|| vec![0_u8; 100]);
    /// let process = memscope::ScopeHandle::process().unwrap();
    /// let kept = process.adopt(kept);
    /// scope.end()?;
    /// # drop(kept);
    /// # Ok::<(), memscope::NotNeutral>(())
    /// ```
    #[must_use]
    #[inline]
    pub fn process() -> Option<Self> {
        let account = books::root()?;
        books::add_handle(account);
        Some(Self { account })
    }

    /// The innermost scope around this one that has not ended, the process at last; `None` for the process itself.
    ///
    /// ```
    /// let outer = memscope::Scope::new("outer");
    /// let inner = outer.run(|| memscope::Scope::new("inner"));
    /// let around = inner.handle().parent().unwrap();
    /// # #[cfg(feature = "enabled")]
    /// assert_eq!(around.path(), "outer");
    /// ```
    #[must_use]
    #[inline]
    pub fn parent(&self) -> Option<Self> {
        let account = books::around(self.account)?;
        Some(Self { account })
    }

    /// As [`Scope::enter`].
    ///
    /// ```
    /// let scope = memscope::Scope::new("work");
    /// let handle = scope.handle();
    /// let entered = handle.enter();
    /// # drop(entered);
    /// ```
    #[inline]
    pub fn enter(&self) -> Entered<'_> {
        Entered {
            #[cfg(feature = "enabled")]
            entry: books::enter(self.account),
            scope: PhantomData,
        }
    }

    /// As [`Scope::run`].
    ///
    /// ```
    /// assert_eq!(memscope::Scope::new("work").handle().run(|| 1 + 1), 2);
    /// ```
    #[inline]
    pub fn run<R>(&self, work: impl FnOnce() -> R) -> R {
        let _entered = self.enter();
        work()
    }

    /// As [`Scope::adopt`].
    ///
    /// ```
    /// # #[global_allocator] static ALLOCATOR: memscope::Scoped = memscope::Scoped::system();
    /// let request = memscope::Scope::new("request");
    /// let query = request.run(|| memscope::Scope::new("query"));
    /// let rows = query.run(|| query.handle().parent().unwrap().adopt(vec![1, 2, 3]));
    /// query.end()?;
    /// # drop(rows);
    /// # Ok::<(), memscope::NotNeutral>(())
    /// ```
    #[must_use = "what is adopted and dropped could have been dropped"]
    #[inline]
    pub fn adopt<T: Transfer>(&self, value: T) -> T {
        #[cfg(feature = "enabled")]
        let value = {
            let mut value = value;
            value.transfer(self);
            value
        };
        value
    }

    /// As [`Scope::usage`].
    ///
    /// ```
    /// assert!(memscope::Scope::new("work").handle().usage().is_neutral());
    /// ```
    #[must_use]
    #[inline]
    pub fn usage(&self) -> Usage {
        books::usage(self.account)
    }

    /// As [`Scope::check_neutral`].
    ///
    /// # Errors
    /// Blocks are live.
    ///
    /// ```
    /// assert!(memscope::Scope::new("work").handle().check_neutral().is_ok());
    /// ```
    #[inline]
    pub fn check_neutral(&self) -> Result<Usage, NotNeutral> {
        let usage = self.usage();
        let (references, none) = (References::of(self.account), References::default());
        if usage.is_neutral() && references == none {
            return Ok(usage);
        }
        let nothing = (Usage::default(), SiteSums::default());
        let leak = NotNeutral::of(self.account, usage, nothing.0, &nothing.1);
        budget::judge(leak.with_references(&references, &none)).map(|()| usage)
    }

    /// The names of the scopes from the outermost to this one, as `request#42 > query`.
    ///
    /// ```
    /// let outer = memscope::Scope::new("outer");
    /// let inner = outer.run(|| memscope::Scope::new("inner"));
    /// # #[cfg(feature = "enabled")]
    /// assert_eq!(inner.handle().path(), "outer > inner");
    /// ```
    #[must_use]
    pub fn path(&self) -> String {
        books::describe(self.account).path
    }

    pub(crate) fn account(&self) -> Account {
        self.account
    }
}

impl Clone for ScopeHandle {
    #[inline]
    fn clone(&self) -> Self {
        books::add_handle(self.account);
        Self {
            account: self.account,
        }
    }
}

#[cfg(feature = "enabled")]
impl Drop for ScopeHandle {
    #[inline]
    fn drop(&mut self) {
        books::drop_handle(self.account);
    }
}

/// The calling thread is inside a scope as long as this lives.
///
/// Drop guards in the reverse order of their making. A guard that is dropped out of turn puts the thread into the scope
/// that it was in when the guard was made if that is still entered, and else out of all scopes; a guard that is
/// forgotten leaves the thread where it is, and the account of the scope open for good.
///
/// A guard stays on its thread:
///
/// ```compile_fail,E0277
/// let scope = memscope::Scope::new("work");
/// let entered = scope.enter();
/// std::thread::scope(|threads| threads.spawn(move || drop(entered)));
/// ```
#[must_use = "the thread leaves the scope when this is dropped"]
pub struct Entered<'scope> {
    #[cfg(feature = "enabled")]
    entry: books::Entry,
    /// The handle is kept by its owner; the guard stays on its thread.
    scope: PhantomData<(&'scope ScopeHandle, *const ())>,
}

#[cfg(feature = "enabled")]
impl Drop for Entered<'_> {
    #[inline]
    fn drop(&mut self) {
        books::leave(self.entry);
    }
}

impl fmt::Debug for Entered<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entered").finish_non_exhaustive()
    }
}

/// There is no room for another scope.
///
/// ```
/// fn is_error<T: std::error::Error>() {}
/// is_error::<memscope::TooManyScopes>();
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooManyScopes(());

impl fmt::Display for TooManyScopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("too many scopes are unfinished, or there is no memory for another: end scopes, and free what ended ones left")
    }
}

impl std::error::Error for TooManyScopes {}
