//! Work for the process, in the middle of a scope.

#[cfg(feature = "enabled")]
use crate::books;

/// Runs a closure on the account of the process, whatever scope the calling thread is in.
///
/// For what is to outlive the scope and is nobody's leak: an entry of a cache, a connection of a pool, a value that is
/// made once.
///
/// ```
/// # #[global_allocator] static ALLOCATOR: memscope::Scoped = memscope::Scoped::system();
/// use std::sync::OnceLock;
///
/// static TABLE: OnceLock<Vec<u8>> = OnceLock::new();
///
/// let scope = memscope::Scope::new("request");
/// scope.run(|| TABLE.get_or_init(|| memscope::outside(|| vec![0; 1000])).len());
/// scope.end()?;
/// # Ok::<(), memscope::NotNeutral>(())
/// ```
#[inline]
pub fn outside<R>(work: impl FnOnce() -> R) -> R {
    let _process = Process::enter();
    work()
}

/// The calling thread is in no scope as long as this lives.
struct Process {
    #[cfg(feature = "enabled")]
    entry: Option<books::Entry>,
}

impl Process {
    #[inline]
    fn enter() -> Self {
        Self {
            #[cfg(feature = "enabled")]
            entry: books::root().map(books::enter),
        }
    }
}

#[cfg(feature = "enabled")]
impl Drop for Process {
    fn drop(&mut self) {
        if let Some(entry) = self.entry {
            books::leave(entry);
        }
    }
}
