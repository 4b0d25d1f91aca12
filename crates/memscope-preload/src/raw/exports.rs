//! The symbols that stand before the C library's and C++'s.
//!
//! A block is noted after the next allocator has handed it out, and taken out of the tables before that gets it back:
//! between the two, no other thread can be given its address.

use core::ffi::{c_int, c_void};

use super::next;
use super::os::keeping_errno;
use crate::blocks::Family;
use crate::tracker;

/// A block for the caller, from `hand_out` or, before that can be, from this library.
#[inline]
fn noted(bytes: usize, family: Family, hand_out: impl FnOnce() -> *mut c_void) -> *mut c_void {
    if !next::is_known() {
        return next::early(bytes);
    }
    let block = hand_out();
    note(block, bytes, family);
    block
}

#[inline]
fn note(block: *mut c_void, bytes: usize, family: Family) {
    if !block.is_null() && tracker::is_on() {
        keeping_errno(|| tracker::allocated(block.addr(), bytes, family));
    }
}

/// Takes a block back.
///
/// # Safety
/// - As for `free`; wrong pointers are found where a record is kept.
#[inline]
unsafe fn release(block: *mut c_void, family: Family) {
    if block.is_null() || next::early_bytes(block).is_some() || !next::is_known() {
        return;
    }
    if tracker::is_on() {
        let taken = keeping_errno(|| tracker::take(block.addr(), family));
        match taken {
            Some(taken) => keeping_errno(|| tracker::freed(&taken)),
            None if is_refused() => return,
            None => {}
        }
    }
    // SAFETY: by the caller's contract.
    unsafe { next::free(block) };
}

/// Whether a pointer that is in no table is kept from the next allocator.
fn is_refused() -> bool {
    next::is_of_libc() && !tracker::may_be_unnoted()
}

/// `malloc`.
pub(crate) extern "C" fn allocate(bytes: usize) -> *mut c_void {
    // SAFETY: has no condition.
    noted(bytes, Family::Malloc, || unsafe { next::malloc(bytes) })
}

fn out_of_memory() -> *mut c_void {
    // SAFETY: has no condition.
    let place = unsafe { libc::__errno_location() };
    // SAFETY: the calling thread's own variable.
    unsafe { *place = libc::ENOMEM };
    std::ptr::null_mut()
}

/// `realloc` of a block that is there.
///
/// # Safety
/// - As for `realloc`.
unsafe fn resize(block: *mut c_void, bytes: usize) -> *mut c_void {
    if let Some(left) = next::early_bytes(block) {
        let new = allocate(bytes);
        if !new.is_null() {
            // SAFETY: the old block has no more bytes than up to the end of that memory, the new one has `bytes`.
            unsafe {
                std::ptr::copy_nonoverlapping(block.cast::<u8>(), new.cast(), bytes.min(left));
            }
        }
        return new;
    }
    if !next::is_known() {
        return out_of_memory();
    }
    if !tracker::is_on() {
        // SAFETY: by the caller's contract.
        return unsafe { next::realloc(block, bytes) };
    }
    let taken = keeping_errno(|| tracker::take(block.addr(), Family::Malloc));
    if taken.is_none() && is_refused() {
        return out_of_memory();
    }
    let old = block.addr();
    // SAFETY: by the caller's contract.
    let new = unsafe { next::realloc(block, bytes) };
    keeping_errno(|| match &taken {
        // It is still there.
        Some(taken) if new.is_null() && bytes > 0 => tracker::note(old, *taken),
        Some(taken) => tracker::freed(taken),
        None => {}
    });
    note(new, bytes, Family::Malloc);
    new
}

/// The symbols themselves.
mod symbols {
    use super::*;

    #[unsafe(no_mangle)]
    extern "C" fn malloc(bytes: usize) -> *mut c_void {
        allocate(bytes)
    }

    #[unsafe(no_mangle)]
    extern "C" fn calloc(count: usize, bytes: usize) -> *mut c_void {
        let Some(all) = count.checked_mul(bytes) else {
            return out_of_memory();
        };
        // SAFETY: has no condition.
        noted(all, Family::Malloc, || unsafe {
            next::calloc(count, bytes)
        })
    }

    #[unsafe(no_mangle)]
    unsafe extern "C" fn realloc(block: *mut c_void, bytes: usize) -> *mut c_void {
        if block.is_null() {
            return allocate(bytes);
        }
        // SAFETY: by the caller's contract.
        unsafe { resize(block, bytes) }
    }

    #[unsafe(no_mangle)]
    unsafe extern "C" fn reallocarray(
        block: *mut c_void,
        count: usize,
        bytes: usize,
    ) -> *mut c_void {
        match count.checked_mul(bytes) {
            // SAFETY: by the caller's contract.
            Some(all) => unsafe { realloc(block, all) },
            None => out_of_memory(),
        }
    }

    #[unsafe(no_mangle)]
    unsafe extern "C" fn free(block: *mut c_void) {
        // SAFETY: by the caller's contract.
        unsafe { release(block, Family::Malloc) };
    }

    #[unsafe(no_mangle)]
    unsafe extern "C" fn posix_memalign(
        place: *mut *mut c_void,
        alignment: usize,
        bytes: usize,
    ) -> c_int {
        if !next::is_known() {
            return libc::ENOMEM;
        }
        // SAFETY: by the caller's contract.
        let result = unsafe { next::posix_memalign(place, alignment, bytes) };
        if result == 0 {
            // SAFETY: it was written to just now.
            note(unsafe { *place }, bytes, Family::Malloc);
        }
        result
    }

    #[unsafe(no_mangle)]
    extern "C" fn aligned_alloc(alignment: usize, bytes: usize) -> *mut c_void {
        // SAFETY: has no condition.
        aligned(bytes, || unsafe { next::aligned_alloc(alignment, bytes) })
    }

    #[unsafe(no_mangle)]
    extern "C" fn memalign(alignment: usize, bytes: usize) -> *mut c_void {
        // SAFETY: has no condition.
        aligned(bytes, || unsafe { next::memalign(alignment, bytes) })
    }

    #[unsafe(no_mangle)]
    extern "C" fn valloc(bytes: usize) -> *mut c_void {
        // SAFETY: has no condition.
        aligned(bytes, || unsafe { next::valloc(bytes) })
    }

    #[unsafe(no_mangle)]
    extern "C" fn pvalloc(bytes: usize) -> *mut c_void {
        // SAFETY: has no condition.
        aligned(bytes, || unsafe { next::pvalloc(bytes) })
    }

    /// Memory from before the next allocator is known is not aligned to more than 16.
    fn aligned(bytes: usize, hand_out: impl FnOnce() -> *mut c_void) -> *mut c_void {
        if !next::is_known() {
            return out_of_memory();
        }
        noted(bytes, Family::Malloc, hand_out)
    }
}

/// C++'s operators, those that take an alignment aside: the C++ library's own call `aligned_alloc` and `free`.
pub(crate) mod operators {
    use super::*;

    /// `operator new` and `operator new[]`.
    fn new(bytes: usize, family: Family) -> *mut c_void {
        let block = noted_new(bytes, family);
        if !block.is_null() {
            return block;
        }
        let block = next::operator_new(bytes);
        // It has called this library's `malloc`, as often as its handlers said.
        if !block.is_null() && tracker::is_on() {
            keeping_errno(|| tracker::change_family(block.addr(), family));
        }
        block
    }

    fn noted_new(bytes: usize, family: Family) -> *mut c_void {
        let bytes = bytes.max(1);
        // SAFETY: has no condition.
        noted(bytes, family, || unsafe { next::malloc(bytes) })
    }

    #[unsafe(no_mangle)]
    pub(crate) unsafe extern "C-unwind" fn _Znwm(bytes: usize) -> *mut c_void {
        new(bytes, Family::New)
    }

    #[unsafe(no_mangle)]
    unsafe extern "C-unwind" fn _Znam(bytes: usize) -> *mut c_void {
        new(bytes, Family::NewArray)
    }

    #[unsafe(no_mangle)]
    unsafe extern "C-unwind" fn _ZnwmRKSt9nothrow_t(bytes: usize, _: *const c_void) -> *mut c_void {
        noted_new(bytes, Family::New)
    }

    #[unsafe(no_mangle)]
    unsafe extern "C-unwind" fn _ZnamRKSt9nothrow_t(bytes: usize, _: *const c_void) -> *mut c_void {
        noted_new(bytes, Family::NewArray)
    }

    #[unsafe(no_mangle)]
    pub(crate) unsafe extern "C-unwind" fn _ZdlPv(block: *mut c_void) {
        // SAFETY: by the caller's contract.
        unsafe { release(block, Family::New) };
    }

    #[unsafe(no_mangle)]
    unsafe extern "C-unwind" fn _ZdlPvm(block: *mut c_void, _: usize) {
        // SAFETY: by the caller's contract.
        unsafe { release(block, Family::New) };
    }

    #[unsafe(no_mangle)]
    unsafe extern "C-unwind" fn _ZdlPvRKSt9nothrow_t(block: *mut c_void, _: *const c_void) {
        // SAFETY: by the caller's contract.
        unsafe { release(block, Family::New) };
    }

    #[unsafe(no_mangle)]
    unsafe extern "C-unwind" fn _ZdaPv(block: *mut c_void) {
        // SAFETY: by the caller's contract.
        unsafe { release(block, Family::NewArray) };
    }

    #[unsafe(no_mangle)]
    unsafe extern "C-unwind" fn _ZdaPvm(block: *mut c_void, _: usize) {
        // SAFETY: by the caller's contract.
        unsafe { release(block, Family::NewArray) };
    }

    #[unsafe(no_mangle)]
    unsafe extern "C-unwind" fn _ZdaPvRKSt9nothrow_t(block: *mut c_void, _: *const c_void) {
        // SAFETY: by the caller's contract.
        unsafe { release(block, Family::NewArray) };
    }
}

extern "C" fn at_begin() {
    // An allocation may not have come before.
    if !next::is_known() || !tracker::is_on() {
        return;
    }
    // SAFETY: the functions have no conditions, and stay.
    unsafe { libc::pthread_atfork(Some(before_fork), Some(after_fork), Some(in_child)) };
}

extern "C" fn at_end() {
    if tracker::is_on() {
        tracker::end();
    }
}

unsafe extern "C" fn before_fork() {
    tracker::before_fork();
}

unsafe extern "C" fn after_fork() {
    tracker::after_fork();
}

unsafe extern "C" fn in_child() {
    keeping_errno(tracker::in_child);
}

#[used]
#[unsafe(link_section = ".init_array")]
static AT_BEGIN: extern "C" fn() = at_begin;

#[used]
#[unsafe(link_section = ".fini_array")]
static AT_END: extern "C" fn() = at_end;
