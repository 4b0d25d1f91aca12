//! AddressSanitizer is told which memory of an arena may be used, where the program is built with it.

use std::ffi::c_void;
use std::sync::OnceLock;

type Call = unsafe extern "C" fn(*const c_void, usize);

#[derive(Clone, Copy)]
struct Calls {
    poison: Call,
    unpoison: Call,
}

fn calls() -> Option<Calls> {
    static CALLS: OnceLock<Option<Calls>> = OnceLock::new();
    *CALLS.get_or_init(|| {
        Some(Calls {
            poison: find(c"__asan_poison_memory_region")?,
            unpoison: find(c"__asan_unpoison_memory_region")?,
        })
    })
}

/// Looks for it now.
pub(super) fn look() {
    let _ = calls();
}

fn find(name: &std::ffi::CStr) -> Option<Call> {
    // SAFETY: a string; the handle stands for what is loaded.
    let found = unsafe { libc::dlsym(libc::RTLD_DEFAULT, name.as_ptr()) };
    if found.is_null() {
        return None;
    }
    // SAFETY: the sanitizer's interface gives functions of this type these names.
    Some(unsafe { std::mem::transmute::<*mut c_void, Call>(found) })
}

pub(super) fn forbid(start: *const u8, length: usize) {
    if let Some(calls) = calls() {
        // SAFETY: memory of the caller.
        unsafe { (calls.poison)(start.cast(), length) };
    }
}

pub(super) fn allow(start: *const u8, length: usize) {
    if let Some(calls) = calls() {
        // SAFETY: memory of the caller.
        unsafe { (calls.unpoison)(start.cast(), length) };
    }
}
