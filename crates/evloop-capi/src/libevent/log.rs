//! What is said of misuse and failures: on standard error, or to the program's own callback.

use std::ffi::{CString, c_char, c_int};
use std::io::Write as _;

use crate::sync::{Mutex, lock};

/// libevent's `event_log_cb`.
pub type LogCallback = unsafe extern "C" fn(c_int, *const c_char);

#[derive(Clone, Copy, Debug)]
pub(super) enum Severity {
    Message = 1,
    Warning = 2,
}

static CALLBACK: Mutex<Option<LogCallback>> = Mutex::new(None);

pub(super) fn set_callback(callback: Option<LogCallback>) {
    *lock(&CALLBACK) = callback;
}

/// Nobody may be inside a base's gate: the program's callback may call back.
#[cold]
pub(super) fn warn(text: &str) {
    log(Severity::Warning, text);
}

#[cold]
pub(super) fn log(severity: Severity, text: &str) {
    let callback = *lock(&CALLBACK);
    let Some(callback) = callback else {
        let name = match severity {
            Severity::Message => "msg",
            Severity::Warning => "warn",
        };
        let line = format!("[{name}] {text}\n");
        // In one piece. Where there is no standard error, there is nobody to tell.
        drop(std::io::stderr().write_all(line.as_bytes()));
        return;
    };
    let text = CString::new(text).unwrap_or_default();
    // SAFETY: the program's own function, with a string that lives until it returns.
    unsafe { callback(severity as c_int, text.as_ptr()) };
}
