//! Panics that are expected, caught without a line printed.

use crate::countdown::message;
use std::cell::{Cell, RefCell};
use std::panic::{self, AssertUnwindSafe, catch_unwind};
use std::sync::Once;

thread_local! {
    static QUIET: Cell<bool> = const { Cell::new(false) };
    /// The text and place of the last panic that called the hook.
    static LAST: RefCell<Option<(String, String)>> = const { RefCell::new(None) };
}

static HOOK: Once = Once::new();

/// Runs a closure and returns the text and place of its panic, if it panics.
///
/// The first call puts a hook in front of the process's panic hook, which keeps the panics of these
/// closures to itself and passes on all others.
pub(crate) fn catch(f: impl FnOnce()) -> Result<(), String> {
    HOOK.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            if QUIET.get() {
                let place = panic.location().map(ToString::to_string);
                let last = place.map(|place| (message(panic.payload()), place));
                LAST.with_borrow_mut(|it| *it = last);
            } else {
                before(panic);
            }
        }));
    });
    let before = QUIET.replace(true);
    LAST.with_borrow_mut(|it| *it = None);
    let result = catch_unwind(AssertUnwindSafe(f));
    QUIET.set(before);
    result.map_err(|payload| {
        let text = message(&*payload);
        // Another panic may have been caught within; a payload that is passed on calls no hook.
        match LAST.with_borrow_mut(Option::take) {
            Some((last, place)) if last == text => format!("{text} ({place})"),
            _ => text,
        }
    })
}
