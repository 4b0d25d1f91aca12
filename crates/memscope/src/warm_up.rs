//! Work that keeps something the first time.

use crate::checkpoint::checkpoint;
use crate::leak::NotNeutral;
use crate::scope::Scope;
use crate::usage::Usage;

/// Does work `runs` times, in which it may fill caches and make what is made once, and then once more, in which it is to
/// leave no more live than before. What it used then.
///
/// All runs are in one scope, inside that of the process: what the first ones leave is on nobody else's account. Threads
/// that the work starts are to be joined before it returns, for a free that comes later counts in the next run.
///
/// # Errors
/// The last run left more blocks or bytes live than were before it.
///
/// # Panics
/// As [`Scope::new`].
///
/// ```
/// # #[global_allocator] static ALLOCATOR: memscope::Scoped = memscope::Scoped::system();
/// use std::cell::RefCell;
///
/// thread_local! {
///     static BUFFER: RefCell<Vec<u8>> = RefCell::default();
/// }
///
/// let mut log = Vec::with_capacity(1);
/// let mut fill = || BUFFER.with_borrow_mut(|buffer| buffer.resize(100, 0));
/// memscope::warm_up(1, &mut fill)?;
/// let leak = memscope::warm_up(1, || log.push(Box::new(1))).unwrap_err();
/// assert!(leak.to_string().starts_with("1 block of "));
/// # Ok::<(), memscope::NotNeutral>(())
/// ```
#[track_caller]
pub fn warm_up(runs: u32, mut work: impl FnMut()) -> Result<Usage, NotNeutral> {
    let scope = Scope::in_process("warm-up");
    let last = scope.run(|| {
        (0..runs).for_each(|_| work());
        let warm = checkpoint();
        work();
        warm.check_not_grown()
    });
    scope.close();
    last
}
