//! An allocator that knows how many bytes are in use, and how often it was asked, while somebody wants to know.
#![expect(unsafe_code, reason = "`GlobalAlloc` is an unsafe trait")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicBool, AtomicIsize, AtomicU64, Ordering::Relaxed};

/// The system's allocator. Sizes are those that were asked for.
pub struct Counting;

static COUNTS: AtomicBool = AtomicBool::new(false);
static LIVE: AtomicIsize = AtomicIsize::new(0);
static PEAK: AtomicIsize = AtomicIsize::new(0);
static CALLS: AtomicU64 = AtomicU64::new(0);

/// Relaxed throughout: only the thread that measures allocates meanwhile, or nobody looks at more than the calls.
fn grow(bytes: isize) {
    if COUNTS.load(Relaxed) {
        CALLS.fetch_add(u64::from(bytes > 0), Relaxed);
        let live = LIVE.fetch_add(bytes, Relaxed) + bytes;
        PEAK.fetch_max(live, Relaxed);
    }
}

// SAFETY: every call is handed to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        grow(layout.size().cast_signed());
        // SAFETY: the caller's promise is the one that `System` asks for.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        grow(-layout.size().cast_signed());
        // SAFETY: as above.
        unsafe { System.dealloc(block, layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        grow(layout.size().cast_signed());
        // SAFETY: as above.
        unsafe { System.alloc_zeroed(layout) }
    }

    /// A block that moves is there twice for a while, as it is for a caller that moves it itself.
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        grow(size.cast_signed());
        // SAFETY: as above.
        let moved = unsafe { System.realloc(block, layout, size) };
        grow(-layout.size().cast_signed());
        moved
    }
}

/// Begins to count what any thread asks for.
pub fn start() {
    CALLS.store(0, Relaxed);
    COUNTS.store(true, Relaxed);
}

/// Ends it, and says how many blocks were asked for since.
pub fn stop() -> u64 {
    COUNTS.store(false, Relaxed);
    CALLS.load(Relaxed)
}

/// Bytes that an operation left in use, and the most that were in use meanwhile.
pub struct Bytes {
    pub live: f64,
    pub peak: f64,
}

/// Counts what an operation allocates, all that it gives back included.
pub fn count<R>(operation: impl FnOnce() -> R) -> Bytes {
    LIVE.store(0, Relaxed);
    PEAK.store(0, Relaxed);
    COUNTS.store(true, Relaxed);
    let result = operation();
    COUNTS.store(false, Relaxed);
    let bytes = Bytes {
        live: LIVE.load(Relaxed) as f64,
        peak: PEAK.load(Relaxed) as f64,
    };
    drop(result);
    bytes
}
