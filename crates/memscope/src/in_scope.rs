//! Futures that keep their scope across `.await` and threads.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use crate::scope::ScopeHandle;

pin_project! {
    /// A future that is in a scope whenever it is polled, and when it is dropped.
    #[derive(Debug)]
    #[must_use = "futures do nothing unless they are polled"]
    pub struct InScope<F> {
        scope: ScopeHandle,
        // `None` only while it is being dropped.
        #[pin]
        future: Option<F>,
    }

    impl<F> PinnedDrop for InScope<F> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            let _entered = this.scope.enter();
            this.future.set(None);
        }
    }
}

impl<F: Future> Future for InScope<F> {
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let _entered = this.scope.enter();
        match this.future.as_pin_mut() {
            Some(future) => future.poll(context),
            None => Poll::Pending,
        }
    }
}

/// Puts futures into scopes.
///
/// ```
/// # #[global_allocator] static ALLOCATOR: memscope::Scoped = memscope::Scoped::system();
/// use std::future::Future;
/// use std::pin::pin;
/// use std::task::{Context, Waker};
///
/// use memscope::{InScopeExt, Scope};
///
/// let request = Scope::new("request");
/// let task = async {
///     let buffer = vec![0_u8; 64];
///     std::future::ready(()).await;
///     drop(buffer);
/// }
/// .in_scope(request.handle());
/// let poll = pin!(task).poll(&mut Context::from_waker(Waker::noop()));
/// assert!(poll.is_ready());
/// assert_eq!(request.end().unwrap().bytes_freed, 64);
/// ```
pub trait InScopeExt: Sized {
    /// Enters the scope at every poll, and at the drop of the future: its allocations belong to the scope, whatever
    /// thread drives it.
    ///
    /// ```
    /// use memscope::{InScopeExt, Scope};
    ///
    /// let scope = Scope::new("task");
    /// drop(async {}.in_scope(scope.handle()));
    /// ```
    fn in_scope(self, scope: ScopeHandle) -> InScope<Self>;
}

impl<F: Future> InScopeExt for F {
    #[inline]
    fn in_scope(self, scope: ScopeHandle) -> InScope<Self> {
        InScope {
            scope,
            future: Some(self),
        }
    }
}
