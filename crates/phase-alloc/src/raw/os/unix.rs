//! Linux and macOS, by way of libc.

use core::ffi::c_void;
use core::ptr::{self, NonNull};

use super::{Purge, RESERVE_ALIGN};
use crate::raw::thread;
use crate::sync::{AtomicUsize, Ordering};

/// Address space of `bytes` bytes, whole pages, that cannot be used yet, aligned to [`RESERVE_ALIGN`].
pub(crate) fn reserve(bytes: usize) -> Option<NonNull<u8>> {
    let whole = bytes.checked_add(RESERVE_ALIGN)?;
    // SAFETY: a new private mapping at an address that the kernel chooses touches no memory in use.
    let start = unsafe {
        libc::mmap(
            ptr::null_mut(),
            whole,
            libc::PROT_NONE,
            libc::MAP_PRIVATE | libc::MAP_ANON | libc::MAP_NORESERVE,
            -1,
            0,
        )
    };
    if start == libc::MAP_FAILED {
        return None;
    }
    let start = start.cast::<u8>();
    let pad = start.addr().wrapping_neg() & (RESERVE_ALIGN - 1);
    let aligned = start.wrapping_add(pad);
    // SAFETY: what is left over in front is a part of the mapping, which is new.
    unsafe { unreserve(start, pad) };
    // SAFETY: likewise for what is left over behind.
    unsafe { unreserve(aligned.wrapping_add(bytes), RESERVE_ALIGN - pad) };
    NonNull::new(aligned)
}

/// Gives address space back. A failure leaves it reserved, which costs address space alone.
///
/// # Safety
///
/// - The memory is what [`reserve`] gave for that many bytes, or a part of it, in whole pages; nothing uses it any
///   more.
pub(crate) unsafe fn unreserve(start: *mut u8, bytes: usize) {
    // SAFETY: the mapping is the crate's own, and nobody uses that part of it. Of no bytes nothing is taken.
    unsafe { libc::munmap(start.cast(), bytes) };
}

/// Makes memory usable; it reads as zero.
///
/// # Safety
///
/// - The memory is a part of what [`reserve`] gave, in whole pages.
pub(crate) unsafe fn commit(start: *mut u8, bytes: usize) -> bool {
    // SAFETY: the mapping is the crate's own, and gains rights.
    unsafe { libc::mprotect(start.cast(), bytes, libc::PROT_READ | libc::PROT_WRITE) == 0 }
}

/// Gives the pages of memory back, which stays usable. Says whether it reads as zero from now on.
///
/// # Safety
///
/// - The memory was committed, whole pages, and nothing in it is in use.
pub(crate) unsafe fn purge(start: *mut u8, bytes: usize, how: Purge) -> bool {
    let advice = match how {
        Purge::Free => libc::MADV_FREE,
        Purge::DontNeed => libc::MADV_DONTNEED,
    };
    // SAFETY: nobody reads the memory any more before writing to it.
    let done = unsafe { libc::madvise(start.cast(), bytes, advice) == 0 };
    // Elsewhere than on Linux the advice may be ignored.
    done && how == Purge::DontNeed && cfg!(any(target_os = "linux", target_os = "android"))
}

/// Asks for huge pages where the system has them. Advice, so that a failure does not matter.
///
/// # Safety
///
/// - The memory is a part of what [`reserve`] gave, in whole pages.
#[cfg_attr(
    not(any(target_os = "linux", target_os = "android")),
    expect(unused_variables, reason = "there is no such advice")
)]
pub(crate) unsafe fn prefer_huge(start: *mut u8, bytes: usize) {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    // SAFETY: the advice changes no content.
    unsafe {
        libc::madvise(start.cast(), bytes, libc::MADV_HUGEPAGE);
    }
}

/// The key whose value marks a thread, plus one; 0 as long as there is none.
static KEY: AtomicUsize = AtomicUsize::new(0);

/// Has [`thread::leave`] called when this thread ends, after its Rust destructors. Where the system
/// refuses, it is not called.
///
/// A key of the thread library, not a `thread_local!` with a destructor: registering one of those may
/// allocate from the global allocator, and it would run before destructors that still allocate.
pub(crate) fn on_thread_exit() {
    // ORDERING: Acquire pairs with the Release below: the key exists.
    let mut key = KEY.load(Ordering::Acquire);
    if key == 0 {
        key = make_key();
    }
    let Some(key) = key.checked_sub(1) else {
        return;
    };
    // The value means nothing but has to differ from null.
    let value: *const c_void = (&raw const KEY).cast();
    // SAFETY: the key exists, and is never deleted.
    unsafe { libc::pthread_setspecific(key as libc::pthread_key_t, value) };
}

extern "C" fn leave(_value: *mut c_void) {
    thread::leave();
}

fn make_key() -> usize {
    let mut fresh: libc::pthread_key_t = 0;
    // SAFETY: `fresh` is writable, and `leave` may be called on any thread with any value.
    if unsafe { libc::pthread_key_create(&raw mut fresh, Some(leave)) } != 0 {
        return 0;
    }
    // ORDERING: Release and Acquire pair with each other: who sees the key may use it.
    let exchange = KEY.compare_exchange(0, fresh as usize + 1, Ordering::AcqRel, Ordering::Acquire);
    match exchange {
        Ok(_) => fresh as usize + 1,
        Err(theirs) => {
            // SAFETY: this thread made the key, and no thread has a value for it.
            unsafe { libc::pthread_key_delete(fresh) };
            theirs
        }
    }
}

/// Has `before` called before a fork, and `after` behind it in both processes.
pub(crate) fn around_fork(before: extern "C" fn(), after: extern "C" fn()) {
    // SAFETY: the functions may be called at any time. A failure leaves a fork as unprepared as before.
    unsafe { libc::pthread_atfork(Some(before), Some(after), Some(after)) };
}

/// The page faults of this process so far.
pub(crate) fn page_faults() -> Option<u64> {
    let mut usage = core::mem::MaybeUninit::<libc::rusage>::uninit();
    // SAFETY: `usage` is writable.
    if unsafe { libc::getrusage(libc::RUSAGE_SELF, usage.as_mut_ptr()) } != 0 {
        return None;
    }
    // SAFETY: a call that succeeded filled it in.
    let usage = unsafe { usage.assume_init() };
    u64::try_from(usage.ru_minflt + usage.ru_majflt).ok()
}

/// Writes the message to standard error and aborts. Allocates nothing.
pub(crate) fn die(message: &str) -> ! {
    // SAFETY: the message is readable for its length. A failed write changes nothing about the abort.
    unsafe { libc::write(2, message.as_ptr().cast(), message.len()) };
    std::process::abort()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn address_space_is_aligned_and_can_be_given_back() {
        // More than other threads map in the meantime.
        let bytes = 64 * RESERVE_ALIGN;
        let start = reserve(bytes).expect("there is address space").as_ptr();
        assert_eq!(start.addr() % RESERVE_ALIGN, 0);
        // SAFETY: it was reserved.
        assert!(unsafe { commit(start, bytes) });
        // SAFETY: it was committed to its last byte.
        unsafe { start.wrapping_add(bytes - 1).write(1) };
        // SAFETY: nothing uses it.
        unsafe { unreserve(start, bytes) };
        // SAFETY: the advice is what holds anyhow, and changes no content of whatever is there now.
        let still = unsafe { libc::madvise(start.cast(), bytes, libc::MADV_NORMAL) == 0 };
        assert!(!still, "all of it is mapped");
    }

    #[test]
    fn who_makes_the_key_second_takes_that_of_the_first() {
        let first = make_key();
        assert_ne!(first, 0);
        assert_eq!(make_key(), first);
        assert_eq!(KEY.load(Ordering::Relaxed), first);
    }
}
