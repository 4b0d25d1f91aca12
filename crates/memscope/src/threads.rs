//! Threads that begin in the scope of the thread that starts them.

use std::io;
use std::thread::{Builder, JoinHandle};

#[cfg(feature = "enabled")]
use crate::scope::ScopeHandle;

/// As [`std::thread::spawn`], in the scope that the calling thread is in.
///
/// What the thread's start itself allocates (its name, its result's place) is on the caller's account, and so in the
/// same scope; all of it is freed when the thread is joined and its handle is gone.
///
/// # Panics
/// The operating system gives no thread; see [`try_spawn`].
///
/// ```
/// # #[global_allocator] static ALLOCATOR: memscope::Scoped = memscope::Scoped::system();
/// let scope = memscope::Scope::new("work");
/// let worker = scope.run(|| memscope::spawn(|| drop(vec![0_u8; 5000])));
/// worker.join().unwrap();
/// assert!(scope.usage().bytes_freed >= 5000);
/// scope.end_within(std::time::Duration::from_secs(10)).unwrap();
/// ```
#[inline]
pub fn spawn<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> JoinHandle<T> {
    std::thread::spawn(inside(work))
}

/// As [`Builder::spawn`], in the scope that the calling thread is in.
///
/// # Errors
/// The operating system gives no thread.
///
/// ```
/// let worker = memscope::try_spawn(std::thread::Builder::new().name("worker".into()), || 1)?;
/// assert_eq!(worker.join().unwrap(), 1);
/// # Ok::<(), std::io::Error>(())
/// ```
#[inline]
pub fn try_spawn<T: Send + 'static>(
    builder: Builder,
    work: impl FnOnce() -> T + Send + 'static,
) -> io::Result<JoinHandle<T>> {
    builder.spawn(inside(work))
}

/// The work, in the scope that the calling thread is in.
#[cfg(feature = "enabled")]
fn inside<T>(work: impl FnOnce() -> T) -> impl FnOnce() -> T {
    let scope = ScopeHandle::current();
    move || match &scope {
        Some(scope) => scope.run(work),
        None => work(),
    }
}

#[cfg(not(feature = "enabled"))]
#[inline]
fn inside<T>(work: impl FnOnce() -> T) -> impl FnOnce() -> T {
    work
}
