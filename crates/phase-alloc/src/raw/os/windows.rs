//! Windows, by way of kernel32.

use core::ffi::c_void;
use core::ptr::{self, NonNull};

use super::{Purge, RESERVE_ALIGN};
use crate::raw::thread;
use crate::sync::{AtomicUsize, Ordering};

const MEM_COMMIT: u32 = 0x1000;
const MEM_RESERVE: u32 = 0x2000;
const MEM_RELEASE: u32 = 0x8000;
const MEM_RESET: u32 = 0x8_0000;
const PAGE_NOACCESS: u32 = 0x01;
const PAGE_READWRITE: u32 = 0x04;
const FLS_OUT_OF_INDEXES: u32 = u32::MAX;

#[link(name = "kernel32")]
unsafe extern "system" {
    // SAFETY: the signatures are those of the Windows API's documentation.
    fn VirtualAlloc(address: *mut c_void, bytes: usize, kind: u32, rights: u32) -> *mut c_void;
    fn VirtualFree(address: *mut c_void, bytes: usize, kind: u32) -> i32;
    fn VirtualQuery(address: *const c_void, into: *mut c_void, bytes: usize) -> usize;
    fn DiscardVirtualMemory(address: *mut c_void, bytes: usize) -> u32;
    fn FlsAlloc(callback: Option<extern "system" fn(*mut c_void)>) -> u32;
    fn FlsFree(index: u32) -> i32;
    fn FlsSetValue(index: u32, value: *const c_void) -> i32;
    fn GetStdHandle(which: u32) -> *mut c_void;
    fn WriteFile(
        file: *mut c_void,
        from: *const c_void,
        bytes: u32,
        written: *mut u32,
        overlapped: *mut c_void,
    ) -> i32;
}

/// Address space of `bytes` bytes that cannot be used yet, aligned to [`RESERVE_ALIGN`].
pub(crate) fn reserve(bytes: usize) -> Option<NonNull<u8>> {
    let whole = bytes.checked_add(RESERVE_ALIGN)?;
    // SAFETY: a new reservation at an address that the system chooses touches no memory in use.
    let start = unsafe { VirtualAlloc(ptr::null_mut(), whole, MEM_RESERVE, PAGE_NOACCESS) };
    let start = NonNull::new(start)?.cast::<u8>();
    let pad = start.addr().get().wrapping_neg() & (RESERVE_ALIGN - 1);
    NonNull::new(start.as_ptr().wrapping_add(pad))
}

/// Gives address space back. A failure leaves it reserved, which costs address space alone.
///
/// # Safety
///
/// - The memory is what [`reserve`] gave for that many bytes, and nothing uses it any more.
pub(crate) unsafe fn unreserve(start: *mut u8, _bytes: usize) {
    // A reservation is released by its first address, which is the second word of what the system says of it. That
    // is less than eight words.
    let mut said = [ptr::null_mut::<c_void>(); 8];
    // SAFETY: `said` is writable for its size.
    let filled =
        unsafe { VirtualQuery(start.cast(), said.as_mut_ptr().cast(), size_of_val(&said)) };
    if filled > 0 {
        // SAFETY: the reservation is the crate's own, and nobody uses it.
        unsafe { VirtualFree(said[1], 0, MEM_RELEASE) };
    }
}

/// Makes memory usable; it reads as zero.
///
/// # Safety
///
/// - The memory is a part of what [`reserve`] gave, in whole pages.
pub(crate) unsafe fn commit(start: *mut u8, bytes: usize) -> bool {
    // SAFETY: the reservation is the crate's own, and gains rights.
    !unsafe { VirtualAlloc(start.cast(), bytes, MEM_COMMIT, PAGE_READWRITE) }.is_null()
}

/// Gives the pages of memory back, which stays usable. They do not read as zero.
///
/// # Safety
///
/// - The memory was committed, whole pages, and nothing in it is in use.
pub(crate) unsafe fn purge(start: *mut u8, bytes: usize, how: Purge) -> bool {
    match how {
        // SAFETY: nobody reads the memory any more before writing to it.
        Purge::Free => unsafe { VirtualAlloc(start.cast(), bytes, MEM_RESET, PAGE_READWRITE) },
        // SAFETY: likewise.
        Purge::DontNeed => unsafe {
            DiscardVirtualMemory(start.cast(), bytes);
            ptr::null_mut()
        },
    };
    false
}

/// Large pages are a privilege here, and fixed when memory is reserved.
///
/// # Safety
///
/// - None: nothing is done.
pub(crate) unsafe fn prefer_huge(_start: *mut u8, _bytes: usize) {}

/// The index whose value marks a thread, plus one; 0 as long as there is none.
static INDEX: AtomicUsize = AtomicUsize::new(0);

/// Has [`thread::leave`] called when this thread ends. Where the system refuses, it is not called.
pub(crate) fn on_thread_exit() {
    // ORDERING: Acquire pairs with the Release below: the index exists.
    let mut index = INDEX.load(Ordering::Acquire);
    if index == 0 {
        index = make_index();
    }
    let Some(index) = index.checked_sub(1) else {
        return;
    };
    // SAFETY: the index exists, and is never freed. The value means nothing but differs from null.
    unsafe { FlsSetValue(index as u32, (&raw const INDEX).cast()) };
}

extern "system" fn leave(_value: *mut c_void) {
    thread::leave();
}

fn make_index() -> usize {
    // SAFETY: `leave` may be called on any thread with any value.
    let fresh = unsafe { FlsAlloc(Some(leave)) };
    if fresh == FLS_OUT_OF_INDEXES {
        return 0;
    }
    // ORDERING: Release and Acquire pair with each other: who sees the index may use it.
    match INDEX.compare_exchange(0, fresh as usize + 1, Ordering::AcqRel, Ordering::Acquire) {
        Ok(_) => fresh as usize + 1,
        Err(theirs) => {
            // SAFETY: this thread made the index, and no thread has a value for it.
            unsafe { FlsFree(fresh) };
            theirs
        }
    }
}

/// There is no fork.
pub(crate) fn around_fork(_before: extern "C" fn(), _after: extern "C" fn()) {}

/// They are not counted.
pub(crate) fn page_faults() -> Option<u64> {
    None
}

/// Writes the message to standard error and aborts. Allocates nothing.
pub(crate) fn die(message: &str) -> ! {
    const STD_ERROR_HANDLE: u32 = -12_i32 as u32;
    let length = message.len() as u32;
    // SAFETY: any number may be asked for.
    let handle = unsafe { GetStdHandle(STD_ERROR_HANDLE) };
    let mut written = 0;
    // SAFETY: the message is readable for its length, and `written` is writable.
    unsafe {
        WriteFile(
            handle,
            message.as_ptr().cast(),
            length,
            &raw mut written,
            ptr::null_mut(),
        )
    };
    std::process::abort()
}
