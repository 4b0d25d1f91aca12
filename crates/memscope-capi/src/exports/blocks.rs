//! Blocks.

use std::ffi::{c_char, c_int, c_void};

use memscope::raw_parts::{self, RawScope};

use crate::registry::Block;
use crate::scope::Scope;
use crate::site::{self, Site};
use crate::{block, counts};

/// `ms_alloc`: a block of `size` bytes; null where there is no memory.
///
/// # Safety
/// - `file` is null, or a string that lives as long as the shared object it is in.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ms_alloc_at(size: usize, file: *const c_char, line: c_int) -> *mut c_void {
    // SAFETY: the caller's contract is the same.
    let site = unsafe { site::of(file, line) };
    block::make(size, site, false).cast()
}

/// `ms_calloc`: zeroed; null where `count * size` is more than there can be.
///
/// # Safety
/// - As [`ms_alloc_at`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ms_calloc_at(
    count: usize,
    size: usize,
    file: *const c_char,
    line: c_int,
) -> *mut c_void {
    let Some(size) = count.checked_mul(size) else {
        return block::out_of_memory().cast();
    };
    // SAFETY: the caller's contract is the same.
    let site = unsafe { site::of(file, line) };
    block::make(size, site, true).cast()
}

/// `ms_realloc`: the block with another size, in the scope that it was in; null, and the block as it was, where there is
/// no memory.
///
/// # Safety
/// - As [`ms_alloc_at`]; `block` is used by nobody else, and by nobody at all after it has moved.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ms_realloc_at(
    block: *mut c_void,
    size: usize,
    file: *const c_char,
    line: c_int,
) -> *mut c_void {
    // SAFETY: the caller's contract is the same.
    let site = unsafe { site::of(file, line) };
    if block.is_null() {
        return block::make(size, site, false).cast();
    }
    block::resize(block.cast(), size, site).cast()
}

/// `ms_free`.
///
/// # Safety
/// - As [`ms_alloc_at`]; if `block` is a live block, nobody uses it any more.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ms_free_at(block: *mut c_void, file: *const c_char, line: c_int) {
    if !block.is_null() {
        // SAFETY: the caller's contract is the same.
        let site = unsafe { site::of(file, line) };
        block::free(block.cast(), site);
    }
}

/// The function behind `ms_alloc`, for a pointer to it.
#[unsafe(no_mangle)]
pub extern "C" fn ms_alloc(size: usize) -> *mut c_void {
    block::make(size, Site::NONE, false).cast()
}

/// The function behind `ms_calloc`, for a pointer to it.
#[unsafe(no_mangle)]
pub extern "C" fn ms_calloc(count: usize, size: usize) -> *mut c_void {
    // SAFETY: null is a file.
    unsafe { ms_calloc_at(count, size, std::ptr::null(), 0) }
}

/// The function behind `ms_realloc`, for a pointer to it.
///
/// # Safety
/// - As [`ms_realloc_at`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ms_realloc(block: *mut c_void, size: usize) -> *mut c_void {
    // SAFETY: the caller's contract is the same.
    unsafe { ms_realloc_at(block, size, std::ptr::null(), 0) }
}

/// The function behind `ms_free`, for a pointer to it.
///
/// # Safety
/// - As [`ms_free_at`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ms_free(block: *mut c_void) {
    // SAFETY: the caller's contract is the same.
    unsafe { ms_free_at(block, std::ptr::null(), 0) }
}

/// `ms_transfer`: the block is on the account of another scope from now on; of the process where it is null.
///
/// # Safety
/// - As [`ms_alloc_at`]; `to` is null or came from `ms_scope_begin`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ms_transfer_at(
    block: *mut c_void,
    to: *const Scope,
    file: *const c_char,
    line: c_int,
) {
    // SAFETY: the caller's contract is the same.
    let site = unsafe { site::of(file, line) };
    // SAFETY: null or a scope, which is never freed.
    let to = match unsafe { to.as_ref() } {
        Some(scope) => scope.raw("ms_transfer", site),
        None => RawScope::process(),
    };
    if let Some(to) = to {
        let book = |size| {
            let entry = to.enter();
            let scope = raw_parts::allocated(size);
            raw_parts::leave(entry);
            scope
        };
        change(block, "ms_transfer", site, |block| Block {
            scope: book(block.size),
            ..block
        });
    }
}

/// `ms_keep`: the block is no leak any more, wherever it is live.
///
/// # Safety
/// - As [`ms_alloc_at`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ms_keep_at(block: *mut c_void, file: *const c_char, line: c_int) {
    // SAFETY: the caller's contract is the same.
    let site = unsafe { site::of(file, line) };
    change(block, "ms_keep", site, |block| Block {
        scope: raw_parts::UNTRACKED,
        is_kept: true,
        ..block
    });
}

/// Books a block elsewhere. The new account has it before the old one is rid of it.
fn change(user: *mut c_void, call: &'static str, site: Site, make: impl FnOnce(Block) -> Block) {
    if user.is_null() {
        return;
    }
    if let Some((entry, block)) = block::live(user.cast(), call, site) {
        entry.set_live(make(block));
        raw_parts::freed(block.scope, block.size);
    }
}

/// `ms_free` by way of plain `free`, where the header was included with `MS_CHECK_FREE`: a block of this library is told,
/// and everything else goes to `free`.
///
/// # Safety
/// - As C's `free`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ms_plain_free_at(block: *mut c_void, file: *const c_char, line: c_int) {
    // SAFETY: the caller's contract is the same.
    let site = unsafe { site::of(file, line) };
    if block::is_told_as_ours(block.cast(), site) {
        return;
    }
    // SAFETY: the caller's contract is the same.
    unsafe { libc::free(block) };
}

/// Whether a live block begins at a pointer. For Rust beside C, before it takes memory for its own.
#[unsafe(no_mangle)]
pub extern "C" fn ms_is_block(pointer: *const c_void) -> c_int {
    c_int::from(block::size_of(pointer.cast()).is_some())
}

/// The size that a live block was asked with; 0 where there is none.
#[unsafe(no_mangle)]
pub extern "C" fn ms_size(pointer: *const c_void) -> usize {
    block::size_of(pointer.cast()).unwrap_or(0)
}

/// What the calling thread allocated and freed.
pub(super) fn of_thread() -> memscope::Usage {
    counts::of_thread()
}
