//! What happens when a scope that nobody asks about is not neutral.

use crate::leak::NotNeutral;
use crate::sync::{AtomicU8, Ordering};

/// What [`Scope`](crate::Scope) does when it is dropped with live blocks, and what the `assert_` functions do.
///
/// ```
/// use memscope::LeakAction;
///
/// memscope::set_leak_action(LeakAction::Panic);
/// assert_eq!(memscope::leak_action(), LeakAction::Panic);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum LeakAction {
    /// Writes the report to standard error, and ends the process by `abort`.
    #[default]
    Abort,
    /// Panics with the report. A server that catches panics of its tasks goes on.
    Panic,
    /// Writes the report to standard error, and goes on.
    Report,
}

static ACTION: AtomicU8 = AtomicU8::new(0);

/// Says what leaks are to do, in all threads; [`LeakAction::Abort`] at the start.
///
/// ```
/// memscope::set_leak_action(memscope::LeakAction::Report);
/// ```
pub fn set_leak_action(action: LeakAction) {
    ACTION.store(action as u8, Ordering::Relaxed);
}

/// What leaks do.
///
/// ```
/// assert_eq!(memscope::leak_action(), memscope::LeakAction::Abort);
/// ```
#[must_use]
pub fn leak_action() -> LeakAction {
    match ACTION.load(Ordering::Relaxed) {
        1 => LeakAction::Panic,
        2 => LeakAction::Report,
        _ => LeakAction::Abort,
    }
}

#[cold]
#[track_caller]
#[expect(
    clippy::print_stderr,
    reason = "the report of a leak goes to standard error, as its documentation says"
)]
pub(crate) fn take(leak: &NotNeutral) {
    match leak_action() {
        LeakAction::Panic => panic!("{leak}"),
        LeakAction::Report => eprintln!("memscope: {leak}"),
        LeakAction::Abort => {
            eprintln!("memscope: {leak}");
            std::process::abort();
        }
    }
}
