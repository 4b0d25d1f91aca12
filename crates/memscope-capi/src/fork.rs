//! `fork` while other threads are at work: the child has the thread that forked alone, and a lock that another one held
//! then would stay locked in it. So the thread takes all locks before, and gives them up after on both sides.

use std::cell::RefCell;
use std::collections::VecDeque;

use memscope::raw_parts;

use crate::sync::MutexGuard;
use crate::{arena, block, handoff, references, scope, site};

struct Held {
    // In the reverse order of their taking.
    _accounts: raw_parts::Held,
    _sites: MutexGuard<'static, site::Sites>,
    _arenas: MutexGuard<'static, VecDeque<arena::Ended>>,
    _scopes: MutexGuard<'static, VecDeque<&'static scope::Scope>>,
    _references: MutexGuard<'static, references::Live>,
    _moved: MutexGuard<'static, handoff::Moved>,
}

thread_local! {
    static HELD: RefCell<Option<Held>> = const { RefCell::new(None) };
}

/// Runs when the library is loaded.
#[used]
#[cfg(target_os = "linux")]
// This section holds pointers to functions without arguments.
#[unsafe(link_section = ".init_array")]
static AT_START: extern "C" fn() = at_start;

/// As [`exit::watch`](crate::exit::watch), for the begin.
#[inline]
pub(crate) fn watch() {
    #[cfg(target_os = "linux")]
    core::hint::black_box(&raw const AT_START);
}

extern "C" fn at_start() {
    raw_parts::set_other_side(block::made_by_c);
    // SAFETY: functions without arguments, which stay as long as the library does. Without memory for them a child that
    // forks at the wrong moment may wait for ever, as it does without them.
    unsafe { libc::pthread_atfork(Some(take), Some(give_up), Some(give_up)) };
}

extern "C" fn take() {
    // A thread that forks in its last destructors takes nothing.
    let _ = HELD.try_with(|held| {
        // In the order in which they are taken inside one another elsewhere.
        let _moved = handoff::hold();
        let _references = references::hold();
        let _scopes = scope::hold();
        let _arenas = arena::hold();
        let _sites = site::hold();
        let _accounts = raw_parts::hold();
        *held.borrow_mut() = Some(Held {
            _accounts,
            _sites,
            _arenas,
            _scopes,
            _references,
            _moved,
        });
    });
}

extern "C" fn give_up() {
    drop(HELD.try_with(RefCell::take));
}
