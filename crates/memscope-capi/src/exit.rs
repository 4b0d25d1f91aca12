//! The end of the process: what is live then is a leak, and a leak is a failure.

use crate::leaks;
use crate::sync::{AtomicBool, Ordering};
use crate::{handoff, references, report};

/// The exit code of a process that leaked, or went on after another report.
const STATUS: i32 = 23;

/// Runs after the handlers of `atexit`, after the destructors of the program and of the shared objects that use this
/// library: what these free is no leak.
#[used]
#[cfg(target_os = "linux")]
// This section holds pointers to functions without arguments.
#[unsafe(link_section = ".fini_array.00101")]
static AT_EXIT: extern "C" fn() = at_exit;

static IS_OFF: AtomicBool = AtomicBool::new(false);

/// Called where blocks are made, so that a linker which takes this library apart keeps the end too.
#[inline]
pub(crate) fn watch() {
    #[cfg(target_os = "linux")]
    core::hint::black_box(&raw const AT_EXIT);
}

/// Whether there is a check at the end; answers what it was.
pub(crate) fn set_check(on: bool) -> bool {
    !IS_OFF.swap(!on, Ordering::Relaxed)
}

extern "C" fn at_exit() {
    if IS_OFF.load(Ordering::Relaxed) {
        return;
    }
    report::set_action(report::REPORT);
    check();
    if report::failures() != 0 {
        // SAFETY: null stands for all streams.
        unsafe { libc::fflush(std::ptr::null_mut()) };
        // SAFETY: what is left to run after this is the library's end alone.
        unsafe { libc::_exit(STATUS) };
    }
}

/// Tells of everything that is live and was not kept; whether there was nothing.
pub(crate) fn check() -> bool {
    let before = report::failures();
    let live = leaks::live(|block| !block.is_kept);
    if live.all().blocks != 0 {
        let all = leaks::amount(live.all());
        leaks::tell(
            &format!("leak: {all} in all did not come back before the process ended"),
            &live,
        );
    }
    handoff::check_at_end();
    references::check_at_end();
    report::failures() == before
}
