//! Scopes, checkpoints, references.

use std::ffi::{CStr, c_char, c_int};

use memscope::raw_parts::RawScope;

use crate::checkpoint::Checkpoint;
use crate::references;
use crate::scope::{self, Scope};
use crate::site::{self, Site};

/// Stands for no request.
const NO_REQUEST: u64 = u64::MAX;

/// `ms_scope_open`: a scope inside the one that the thread is in, which nobody has entered; null where there are too many.
///
/// # Safety
/// - `name` and `file` are null or strings; `file` lives as long as the shared object it is in.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ms_scope_open_at(
    name: *const c_char,
    request: u64,
    file: *const c_char,
    line: c_int,
) -> *const Scope {
    // SAFETY: the caller's contract is the same.
    let site = unsafe { site::of(file, line) };
    // SAFETY: the caller's contract is the same.
    let name = unsafe { site::name(name) };
    let request = (request != NO_REQUEST).then_some(request);
    match Scope::open(name, request, site) {
        Some(scope) => scope,
        None => std::ptr::null(),
    }
}

/// `ms_scope_begin`: opened and entered.
///
/// # Safety
/// - As [`ms_scope_open_at`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ms_scope_begin_at(
    name: *const c_char,
    request: u64,
    file: *const c_char,
    line: c_int,
) -> *const Scope {
    // SAFETY: the caller's contract is the same.
    let scope = unsafe { ms_scope_open_at(name, request, file, line) };
    // SAFETY: a scope of this library; the file as the caller says.
    unsafe { ms_scope_enter_at(scope, file, line) };
    scope
}

/// `ms_scope_enter`: the calling thread is in the scope.
///
/// # Safety
/// - `scope` is null or came from `ms_scope_begin` or `ms_scope_open`; `file` as for [`ms_scope_open_at`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ms_scope_enter_at(scope: *const Scope, file: *const c_char, line: c_int) {
    // SAFETY: null or a scope, which is never freed.
    if let Some(scope) = unsafe { scope.as_ref() } {
        // SAFETY: the caller's contract is the same.
        scope.enter(unsafe { site::of(file, line) });
    }
}

/// `ms_scope_leave`: the calling thread goes back to the scope that it was in before.
///
/// # Safety
/// - As [`ms_scope_enter_at`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ms_scope_leave_at(scope: *const Scope, file: *const c_char, line: c_int) {
    // SAFETY: null or a scope, which is never freed.
    if let Some(scope) = unsafe { scope.as_ref() } {
        // SAFETY: the caller's contract is the same.
        scope.leave_or_tell(unsafe { site::of(file, line) });
    }
}

/// `ms_scope_end`: left, checked, and ended; 1 if it was neutral.
///
/// # Safety
/// - As [`ms_scope_enter_at`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ms_scope_end_at(
    scope: *const Scope,
    file: *const c_char,
    line: c_int,
) -> c_int {
    // SAFETY: null or a scope, which is never freed.
    let Some(scope) = (unsafe { scope.as_ref() }) else {
        return 1;
    };
    // SAFETY: the caller's contract is the same.
    let site = unsafe { site::of(file, line) };
    c_int::from(scope.end(site))
}

/// `ms_checkpoint`: what is live in the scope that the thread is in.
#[unsafe(no_mangle)]
pub extern "C" fn ms_checkpoint() -> Checkpoint {
    Checkpoint::here()
}

/// `ms_assert_since`: 1 if as much is live as at the checkpoint.
///
/// # Safety
/// - `context` and `file` are null or strings; `file` lives as long as the shared object it is in.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ms_assert_since_at(
    checkpoint: Checkpoint,
    context: *const c_char,
    file: *const c_char,
    line: c_int,
) -> c_int {
    // SAFETY: the caller's contract is the same.
    let site = unsafe { site::of(file, line) };
    // SAFETY: the caller's contract is the same.
    let context = unsafe { text(context) };
    c_int::from(checkpoint.check(&context, site))
}

/// `ms_assert_neutral`: 1 if nothing is live in the scope that the thread is in; the process, if it is in none.
///
/// # Safety
/// - As [`ms_assert_since_at`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ms_assert_neutral_at(
    context: *const c_char,
    file: *const c_char,
    line: c_int,
) -> c_int {
    let Some(scope) = RawScope::current() else {
        return 1;
    };
    // SAFETY: the caller's contract is the same.
    let site = unsafe { site::of(file, line) };
    // SAFETY: the caller's contract is the same.
    let context = unsafe { text(context) };
    c_int::from(scope::check(scope, None, &context, site))
}

/// # Safety
/// - `text` is null or a string.
unsafe fn text(text: *const c_char) -> String {
    if text.is_null() {
        return "assertion".to_owned();
    }
    // SAFETY: a string by the caller's contract.
    let text = unsafe { CStr::from_ptr(text) };
    memscope::outside(|| text.to_string_lossy().into_owned())
}

/// `ms_ref_create`: something of this kind exists.
///
/// # Safety
/// - `kind` and `file` are null or strings; `file` lives as long as the shared object it is in.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ms_ref_create_at(
    kind: *const c_char,
    id: u64,
    file: *const c_char,
    line: c_int,
) {
    // SAFETY: the caller's contract is the same.
    let (kind, site) = unsafe { reference(kind, file, line) };
    references::create(kind, id, site);
}

/// `ms_ref_release`: it exists no more.
///
/// # Safety
/// - As [`ms_ref_create_at`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ms_ref_release_at(
    kind: *const c_char,
    id: u64,
    file: *const c_char,
    line: c_int,
) {
    // SAFETY: the caller's contract is the same.
    let (kind, site) = unsafe { reference(kind, file, line) };
    references::release(kind, id, site);
}

/// `ms_ref_live`: how many of a kind exist.
///
/// # Safety
/// - `kind` is null or a string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ms_ref_live(kind: *const c_char) -> u64 {
    // SAFETY: the caller's contract is the same.
    references::live(unsafe { site::name(kind) })
}

/// `ms_ref_assert_balanced`: 1 if none of a kind exists.
///
/// # Safety
/// - As [`ms_ref_create_at`]; `context` is null or a string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ms_ref_assert_balanced_at(
    kind: *const c_char,
    context: *const c_char,
    file: *const c_char,
    line: c_int,
) -> c_int {
    // SAFETY: the caller's contract is the same.
    let (kind, site) = unsafe { reference(kind, file, line) };
    // SAFETY: the caller's contract is the same.
    let context = unsafe { text(context) };
    c_int::from(references::check(kind, &context, site))
}

/// # Safety
/// - As [`ms_ref_create_at`].
unsafe fn reference(kind: *const c_char, file: *const c_char, line: c_int) -> (&'static str, Site) {
    // SAFETY: the caller's contract is the same.
    let kind = unsafe { site::name(kind) };
    // SAFETY: the caller's contract is the same.
    (kind, unsafe { site::of(file, line) })
}

/// `ms_stack_check`: 1 if the depth of a stack is as expected.
///
/// # Safety
/// - As [`ms_assert_since_at`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ms_stack_check_at(
    expected: i64,
    found: i64,
    context: *const c_char,
    file: *const c_char,
    line: c_int,
) -> c_int {
    if expected == found {
        return 1;
    }
    // SAFETY: the caller's contract is the same.
    let site = unsafe { site::of(file, line) };
    // SAFETY: the caller's contract is the same.
    let context = unsafe { text(context) };
    scope::fail(&format!(
        "{}: stack: {context}: {found} values are on it, and there should be {expected}",
        site.line()
    ));
    0
}
