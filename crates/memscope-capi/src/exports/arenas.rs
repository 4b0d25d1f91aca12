//! Arenas.

use std::ffi::{CStr, c_char, c_int, c_void};
use std::ptr;

use crate::arena::{self, Arena, Mark, State};
use crate::block;
use crate::scope::fail;
use crate::site::{self, Site};

/// What an arena is; told, and `None`, where it was not made or has ended.
///
/// # Safety
/// - `arena` is null, or leads to an arena that only the calling thread uses now.
unsafe fn state_of<'a>(arena: *mut Arena, call: &str, site: Site) -> Option<&'a mut State> {
    // SAFETY: by the caller's contract.
    let state = unsafe { arena.as_mut() }.map_or(ptr::null_mut(), |arena| arena.state);
    // SAFETY: null, or what the arena is or was, which is never freed.
    let found = unsafe { state.as_mut() }.filter(|state| !state.has_ended());
    if found.is_none() {
        let line = site.line();
        fail(&format!(
            "{line}: {call} of an arena that was not made, or has ended"
        ));
    }
    found
}

/// `ms_arena_init`: an empty arena.
///
/// # Safety
/// - `arena` can be written to; `parent` is null or an arena of the calling thread; `file` as for
///   [`ms_alloc_at`](crate::ms_alloc_at).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ms_arena_init_at(
    arena: *mut Arena,
    first: usize,
    parent: *mut Arena,
    file: *const c_char,
    line: c_int,
) {
    // SAFETY: the caller's contract is the same.
    let site = unsafe { site::of(file, line) };
    let parent = if parent.is_null() {
        ptr::null_mut()
    } else {
        // SAFETY: the caller's contract is the same.
        let state = unsafe { state_of(parent, "ms_arena_child", site) };
        state.map_or(ptr::null_mut(), ptr::from_mut)
    };
    let state = State::make(first, parent, site);
    // SAFETY: the caller gives a place for it.
    unsafe { arena.write(Arena { state }) };
}

/// `ms_arena_alloc`: `size` bytes, aligned to 16; null where there is no memory.
///
/// # Safety
/// - As [`ms_arena_init_at`]; `arena` is used by the calling thread alone.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ms_arena_alloc_at(
    arena: *mut Arena,
    size: usize,
    file: *const c_char,
    line: c_int,
) -> *mut c_void {
    // SAFETY: the caller's contract is the same.
    let site = unsafe { site::of(file, line) };
    // SAFETY: the caller's contract is the same.
    let state = unsafe { state_of(arena, "ms_arena_alloc", site) };
    state.map_or(ptr::null_mut(), |state| state.alloc(size, site).cast())
}

/// `ms_arena_calloc`: zeroed.
///
/// # Safety
/// - As [`ms_arena_alloc_at`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ms_arena_calloc_at(
    arena: *mut Arena,
    count: usize,
    size: usize,
    file: *const c_char,
    line: c_int,
) -> *mut c_void {
    let Some(size) = count.checked_mul(size) else {
        return block::out_of_memory().cast();
    };
    // SAFETY: the caller's contract is the same.
    let user = unsafe { ms_arena_alloc_at(arena, size, file, line) };
    if !user.is_null() {
        // SAFETY: just allocated with this size.
        unsafe { user.cast::<u8>().write_bytes(0, size) };
    }
    user
}

/// `ms_arena_strdup`: a copy of a string.
///
/// # Safety
/// - As [`ms_arena_alloc_at`]; `text` is a string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ms_arena_strdup_at(
    arena: *mut Arena,
    text: *const c_char,
    file: *const c_char,
    line: c_int,
) -> *mut c_char {
    // SAFETY: a string by the caller's contract.
    let bytes = unsafe { CStr::from_ptr(text) }.to_bytes_with_nul();
    // SAFETY: the caller's contract is the same.
    let user = unsafe { ms_arena_alloc_at(arena, bytes.len(), file, line) };
    // SAFETY: as many bytes as were just allocated.
    unsafe { copy(bytes.as_ptr().cast(), user, bytes.len()) };
    user.cast()
}

/// Copies, unless there is no place to copy to.
///
/// # Safety
/// - `from` can be read, `to` is null or can be written, and they do not overlap.
unsafe fn copy(from: *const c_void, to: *mut c_void, size: usize) {
    if !to.is_null() {
        // SAFETY: by the caller's contract.
        unsafe { ptr::copy_nonoverlapping(from.cast::<u8>(), to.cast(), size) };
    }
}

/// `ms_arena_mark`: a place to go back to.
///
/// # Safety
/// - As [`ms_arena_alloc_at`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ms_arena_mark_at(
    arena: *mut Arena,
    file: *const c_char,
    line: c_int,
) -> Mark {
    // SAFETY: the caller's contract is the same.
    let site = unsafe { site::of(file, line) };
    // SAFETY: the caller's contract is the same.
    let state = unsafe { state_of(arena, "ms_arena_mark", site) };
    state.map_or_else(Mark::none, |state| state.mark())
}

/// `ms_arena_rewind`: 1 if the mark was good.
///
/// # Safety
/// - As [`ms_arena_alloc_at`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ms_arena_rewind_at(
    arena: *mut Arena,
    mark: Mark,
    file: *const c_char,
    line: c_int,
) -> c_int {
    // SAFETY: the caller's contract is the same.
    let site = unsafe { site::of(file, line) };
    // SAFETY: the caller's contract is the same.
    let state = unsafe { state_of(arena, "ms_arena_rewind", site) };
    c_int::from(state.is_some_and(|state| state.rewind(mark, site)))
}

/// `ms_arena_reset`: takes everything back.
///
/// # Safety
/// - As [`ms_arena_alloc_at`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ms_arena_reset_at(arena: *mut Arena, file: *const c_char, line: c_int) {
    // SAFETY: the caller's contract is the same.
    let site = unsafe { site::of(file, line) };
    // SAFETY: the caller's contract is the same.
    if let Some(state) = unsafe { state_of(arena, "ms_arena_reset", site) } {
        state.reset(site);
    }
}

/// `ms_arena_destroy`: gives its memory back.
///
/// # Safety
/// - As [`ms_arena_alloc_at`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ms_arena_destroy_at(arena: *mut Arena, file: *const c_char, line: c_int) {
    // SAFETY: the caller's contract is the same.
    let site = unsafe { site::of(file, line) };
    // SAFETY: the caller's contract is the same.
    if let Some(state) = unsafe { state_of(arena, "ms_arena_destroy", site) } {
        // SAFETY: it leads to an arena.
        unsafe { (*arena).state = ptr::null_mut() };
        state.end(site);
    }
}

/// `ms_arena_copy_out`: a block with a copy of bytes of the arena.
///
/// # Safety
/// - As [`ms_arena_alloc_at`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ms_arena_copy_out_at(
    arena: *mut Arena,
    from: *const c_void,
    size: usize,
    file: *const c_char,
    line: c_int,
) -> *mut c_void {
    // SAFETY: the caller's contract is the same.
    let site = unsafe { site::of(file, line) };
    // SAFETY: the caller's contract is the same.
    let state = unsafe { state_of(arena, "ms_arena_copy_out", site) };
    if !state.is_some_and(|it| it.has_or_tell(from.addr(), size, "ms_arena_copy_out", site)) {
        return ptr::null_mut();
    }
    let block = block::make(size, site, false).cast();
    // SAFETY: the arena has these bytes; the block is another's memory of that size.
    unsafe { copy(from, block, size) };
    block
}

/// `ms_arena_promote`: a copy in the parent of bytes of the arena.
///
/// # Safety
/// - As [`ms_arena_alloc_at`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ms_arena_promote_at(
    arena: *mut Arena,
    from: *const c_void,
    size: usize,
    file: *const c_char,
    line: c_int,
) -> *mut c_void {
    // SAFETY: the caller's contract is the same.
    let site = unsafe { site::of(file, line) };
    // SAFETY: the caller's contract is the same.
    let Some(state) = (unsafe { state_of(arena, "ms_arena_promote", site) }) else {
        return ptr::null_mut();
    };
    if !state.has_or_tell(from.addr(), size, "ms_arena_promote", site) {
        return ptr::null_mut();
    }
    // SAFETY: null, or what the parent is or was, which is never freed, and the same thread's.
    let parent = unsafe { state.parent().as_mut() }.filter(|parent| !parent.has_ended());
    let Some(parent) = parent else {
        let line = site.line();
        fail(&format!(
            "{line}: ms_arena_promote from an arena without a parent, or whose parent has ended"
        ));
        return ptr::null_mut();
    };
    let user = parent.alloc(size, site).cast();
    // SAFETY: the arena has these bytes; the parent's are others.
    unsafe { copy(from, user, size) };
    user
}

/// `MS_OP_BEGIN`: an arena inside the one that the thread works with.
///
/// # Safety
/// - `arena` can be written to; `file` as for [`ms_alloc_at`](crate::ms_alloc_at).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ms_op_begin_at(
    arena: *mut Arena,
    first: usize,
    file: *const c_char,
    line: c_int,
) {
    // SAFETY: the caller's contract is the same.
    let site = unsafe { site::of(file, line) };
    let state = arena::begin(first, site);
    // SAFETY: the caller gives a place for it.
    unsafe { arena.write(Arena { state }) };
}

/// `MS_OP_END`: ends it.
///
/// # Safety
/// - `arena` is null or came from [`ms_op_begin_at`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ms_op_end_at(arena: *mut Arena, file: *const c_char, line: c_int) {
    // SAFETY: the caller's contract is the same.
    let site = unsafe { site::of(file, line) };
    // SAFETY: null or an arena.
    if let Some(arena) = unsafe { arena.as_mut() } {
        // SAFETY: null or what `ms_op_begin_at` made; it is forgotten here.
        unsafe {
            arena::end(
                std::mem::replace(&mut arena.state, ptr::null_mut()),
                "MS_OP_END",
                false,
                site,
            )
        };
    }
}

/// `ms_worker_arena_begin`: an arena of the calling thread.
///
/// # Safety
/// - `file` as for [`ms_alloc_at`](crate::ms_alloc_at).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ms_worker_arena_begin_at(first: usize, file: *const c_char, line: c_int) {
    // SAFETY: the caller's contract is the same.
    let site = unsafe { site::of(file, line) };
    arena::begin(first, site);
}

/// `ms_worker_alloc`: from the arena that the thread began last.
///
/// # Safety
/// - As [`ms_worker_arena_begin_at`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ms_worker_alloc_at(
    size: usize,
    file: *const c_char,
    line: c_int,
) -> *mut c_void {
    let mut arena = Arena {
        state: arena::current(),
    };
    // SAFETY: null or an arena of the calling thread.
    unsafe { ms_arena_alloc_at(&raw mut arena, size, file, line) }
}

/// `ms_worker_arena_end`: 1 if no pointer to an allocation is held by what outlives it.
///
/// # Safety
/// - As [`ms_worker_arena_begin_at`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ms_worker_arena_end_at(file: *const c_char, line: c_int) -> c_int {
    // SAFETY: the caller's contract is the same.
    let site = unsafe { site::of(file, line) };
    let state = arena::current();
    // SAFETY: null or what the thread began last.
    c_int::from(unsafe { arena::end(state, "ms_worker_arena_end", true, site) })
}

/// `ms_set_escape_check`: whether ends of worker arenas look for escaped pointers, as they do at the start; the answer is
/// what it was.
#[unsafe(no_mangle)]
pub extern "C" fn ms_set_escape_check(on: c_int) -> c_int {
    c_int::from(arena::set_scan(on != 0))
}
