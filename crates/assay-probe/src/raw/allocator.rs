//! The global allocator of builds with `--cfg assay_alloc`.

use core::alloc::{GlobalAlloc, Layout};
use core::ffi::{c_int, c_void};
use core::ptr;

use super::heap::Heap;
use super::unwind;
use crate::depot::Depot;
use crate::fault::{Fault, Found, History, Operation};
use crate::report;

/// Checks what a user of the global allocator promises. A violation ends the process.
struct Checking;

#[global_allocator]
static ALLOCATOR: Checking = Checking;

static HEAP: Heap = Heap::new();

/// Where blocks were allocated and freed; 1.6 MB, of which the used pages exist.
static STACKS: Depot<8192> = Depot::new();

// SAFETY: `Heap` hands out memory of the system's allocator, aligned and sized as asked, exclusively
// and until it is released. No method unwinds: a fault ends the process.
unsafe impl GlobalAlloc for Checking {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        or_report(HEAP.allocate(layout, false, stack()))
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        or_report(HEAP.allocate(layout, true, stack()))
    }

    unsafe fn dealloc(&self, user: *mut u8, layout: Layout) {
        if report::in_progress() {
            // SAFETY: the report's own blocks are released with their layouts.
            return unsafe { HEAP.release_unchecked(user, layout) };
        }
        // SAFETY: a pointer that was allocated here has its header in front; for any other the
        // program is past saving, and a memory fault says so too.
        or_report(unsafe { HEAP.release(user, layout, stack()) });
    }

    unsafe fn realloc(&self, old: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let in_progress = report::in_progress();
        if !in_progress {
            // SAFETY: as in `dealloc`.
            or_report(unsafe { HEAP.verify(old, layout) });
        }
        let Ok(layout_new) = Layout::from_size_align(size, layout.align()) else {
            return ptr::null_mut();
        };
        if size == 0 {
            or_report(Err::<(), _>(Fault {
                operation: Operation::Realloc,
                found: Found::Empty,
                claimed: Some(layout_new),
                block: Some(layout),
                history: History::default(),
            }));
        }
        let new = or_report(HEAP.allocate(layout_new, false, stack()));
        if !new.is_null() {
            // SAFETY: both blocks have that many bytes, and the new one is no one else's.
            unsafe { ptr::copy_nonoverlapping(old, new, layout.size().min(size)) };
            // SAFETY: the caller gives `old` up, which was verified above.
            unsafe { self.dealloc(old, layout) };
        }
        new
    }
}

/// The number of the caller's stack; none for the blocks of a report.
fn stack() -> u32 {
    if report::in_progress() {
        return 0;
    }
    STACKS.keep(&unwind::capture())
}

fn or_report<T>(result: Result<T, Fault>) -> T {
    match result {
        Ok(value) => value,
        Err(fault) => report::abort(&fault, |number| STACKS.frames(number)),
    }
}

/// Called by the loader before `main`, as the one that maps the hits file.
#[cfg(not(miri))]
#[used]
#[cfg_attr(target_os = "macos", unsafe(link_section = "__DATA,__mod_init_func"))]
#[cfg_attr(not(target_os = "macos"), unsafe(link_section = ".init_array"))]
static CONSTRUCTOR: extern "C" fn() = {
    extern "C" fn construct() {
        atexit(at_exit);
        pthread_atfork(before_fork, after_fork, after_fork);
    }
    construct
};

/// What is still in quarantine was not looked at again yet.
extern "C" fn at_exit() {
    or_report(HEAP.recheck());
    if std::env::var_os("ASSAY_ALLOC_LIVE").is_some_and(|value| value == "1") {
        let (bytes, blocks) = HEAP.live();
        report::live(bytes, blocks);
    }
}

extern "C" fn before_fork() {
    HEAP.lock();
}

extern "C" fn after_fork() {
    HEAP.unlock();
}

/// Writes to the standard error stream, past std's lock and the test harness's capture.
pub(crate) fn write(mut bytes: &[u8]) {
    const STDERR: c_int = 2;
    while !bytes.is_empty() {
        // SAFETY: `bytes` is valid for reads of its length.
        let written = unsafe { c_write(STDERR, bytes.as_ptr().cast(), bytes.len()) };
        match usize::try_from(written) {
            Ok(written) if written > 0 => bytes = &bytes[written..],
            _ => return,
        }
    }
}

unsafe extern "C" {
    #[cfg(not(miri))]
    safe fn atexit(callback: extern "C" fn()) -> c_int;
    #[cfg(not(miri))]
    safe fn pthread_atfork(
        before: extern "C" fn(),
        parent: extern "C" fn(),
        child: extern "C" fn(),
    ) -> c_int;
    #[link_name = "write"]
    fn c_write(descriptor: c_int, bytes: *const c_void, length: usize) -> isize;
}
