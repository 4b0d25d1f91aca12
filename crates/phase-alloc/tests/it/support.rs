//! Objects with a pattern, an inner allocator that knows what it holds, and tests one at a time.

use std::alloc::{GlobalAlloc, Layout, System};
use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use crate::this_program::this_program;
use phase_alloc::{PhaseAlloc, PhaseGuard};

/// The allocator under test, in its default configuration.
pub(crate) static PLAIN: PhaseAlloc<Tracking> = PhaseAlloc::builder().build_with(Tracking);

/// The tests count what is live in the region of the process, so only one runs at a time.
pub(crate) fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A phase in which nothing is live yet.
pub(crate) fn fresh_phase() -> PhaseGuard {
    // The first call tells the configuration.
    Object::new(&PLAIN, 1, 1, 0).free(&PLAIN);
    let guard = PhaseGuard::begin();
    phase_alloc::survivors().assert_none();
    guard
}

/// The system's allocator, which remembers what it handed out.
#[derive(Debug)]
pub(crate) struct Tracking;

static HELD: LazyLock<Mutex<HashMap<usize, usize>>> = LazyLock::new(Mutex::default);

impl Tracking {
    pub(crate) fn holds(address: usize) -> bool {
        HELD.lock().unwrap().contains_key(&address)
    }
}

// SAFETY: it is the system's allocator.
unsafe impl GlobalAlloc for Tracking {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's contract.
        let object = unsafe { System.alloc(layout) };
        if !object.is_null() {
            HELD.lock().unwrap().insert(object.addr(), layout.size());
        }
        object
    }

    unsafe fn dealloc(&self, object: *mut u8, layout: Layout) {
        let held = HELD.lock().unwrap().remove(&object.addr());
        assert_eq!(held, Some(layout.size()), "freed what it does not hold");
        // SAFETY: the caller's contract.
        unsafe { System.dealloc(object, layout) };
    }
}

/// A live object, filled with a pattern.
#[derive(Debug)]
pub(crate) struct Object {
    pub(crate) start: *mut u8,
    pub(crate) layout: Layout,
    pub(crate) seed: u8,
}

// SAFETY: the object is used by who has this value.
unsafe impl Send for Object {}

impl Object {
    pub(crate) fn new(allocator: &impl GlobalAlloc, size: usize, align: usize, seed: u8) -> Self {
        let layout = Layout::from_size_align(size, align).unwrap();
        // SAFETY: no test asks for an empty object.
        let start = unsafe { allocator.alloc(layout) };
        assert!(!start.is_null(), "no memory for {layout:?}");
        assert_eq!(start.addr() % align, 0, "{layout:?} at {start:?}");
        let object = Self {
            start,
            layout,
            seed,
        };
        object.fill();
        object
    }

    pub(crate) fn new_zeroed(
        allocator: &impl GlobalAlloc,
        size: usize,
        align: usize,
        seed: u8,
    ) -> Self {
        let layout = Layout::from_size_align(size, align).unwrap();
        // SAFETY: no test asks for an empty object.
        let start = unsafe { allocator.alloc_zeroed(layout) };
        assert!(!start.is_null(), "no memory for {layout:?}");
        assert_eq!(start.addr() % align, 0, "{layout:?} at {start:?}");
        let object = Self {
            start,
            layout,
            seed,
        };
        for at in object.places() {
            assert_eq!(object.read(at), 0, "byte {at} of {layout:?}");
        }
        object.fill();
        object
    }

    pub(crate) fn address(&self) -> usize {
        self.start.addr()
    }

    pub(crate) fn is_inner(&self) -> bool {
        Tracking::holds(self.address())
    }

    /// Its bytes as they are counted in the region.
    pub(crate) fn counted(&self) -> usize {
        let key = self.layout.size().max(self.layout.align());
        let span = if cfg!(miri) { 2 << 10 } else { 128 << 10 };
        if key > span {
            self.layout.size()
        } else {
            self.layout.size().next_multiple_of(8)
        }
    }

    pub(crate) fn check(&self) {
        for at in self.places() {
            assert_eq!(self.read(at), self.pattern(at), "byte {at} of {self:?}");
        }
    }

    pub(crate) fn free(self, allocator: &impl GlobalAlloc) {
        self.check();
        // SAFETY: the object is live, and of that layout.
        unsafe { allocator.dealloc(self.start, self.layout) };
    }

    pub(crate) fn resize(&mut self, allocator: &impl GlobalAlloc, size: usize) {
        self.check();
        let old = self.layout.size();
        // SAFETY: the object is live, and of that layout; no test asks for an empty one.
        let start = unsafe { allocator.realloc(self.start, self.layout, size) };
        assert!(!start.is_null());
        self.start = start;
        self.layout = Layout::from_size_align(size, self.layout.align()).unwrap();
        // What both sizes have places for.
        let kept = old.min(size).saturating_sub(8);
        for at in self.places().filter(|at| *at < kept) {
            assert_eq!(
                self.read(at),
                self.pattern(at),
                "byte {at} of {self:?}, was {old}"
            );
        }
        self.fill();
    }

    /// Every byte of small objects; of large ones both ends and one byte a page. Fewer under Miri.
    fn places(&self) -> impl Iterator<Item = usize> + use<> {
        let size = self.layout.size();
        let (front, step) = if cfg!(miri) { (16, 512) } else { (4096, 4096) };
        let head = 0..size.min(front);
        let pages = (front..size).step_by(step);
        let tail = size.saturating_sub(8).max(front)..size;
        head.chain(pages).chain(tail)
    }

    fn pattern(&self, at: usize) -> u8 {
        self.seed ^ (at as u8).wrapping_mul(31) ^ (at >> 12) as u8 | 1
    }

    fn read(&self, at: usize) -> u8 {
        // SAFETY: the place is one of the object's.
        unsafe { self.start.wrapping_add(at).read() }
    }

    pub(crate) fn fill(&self) {
        for at in self.places() {
            // SAFETY: the place is one of the object's.
            unsafe { self.start.wrapping_add(at).write(self.pattern(at)) };
        }
    }
}

/// Runs one test of this binary in a process of its own, with a variable that tells it so.
pub(crate) fn in_process_of_its_own(test: &str, case: &str) -> Option<std::process::Output> {
    if cfg!(miri) {
        println!("not run: Miri starts no processes");
        return None;
    }
    let output = this_program()
        .args(["--exact", test, "--nocapture", "--test-threads=1"])
        .env("PHASE_ALLOC_CASE", case)
        .output()
        .unwrap();
    Some(output)
}

/// Runs each case of a test in a process of its own. False in that process, and under Miri, which starts
/// none.
pub(crate) fn in_processes(test: &str, cases: &[&str]) -> bool {
    if cfg!(miri) || case().is_some() {
        return false;
    }
    for case in cases {
        let output = in_process_of_its_own(test, case).unwrap();
        let told = String::from_utf8_lossy(&output.stdout);
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{case}: {told}\n{text}");
        assert!(told.contains("running 1 test"), "{told}");
    }
    true
}

/// Whether this is one of many repeats under ThreadSanitizer, which looks for what a schedule brings about and not
/// for what a count does: the repeats together make more steps than a run without it.
pub(crate) fn is_repeated() -> bool {
    std::env::var_os("TSAN_OPTIONS").is_some()
}

/// The case that this process was started for.
pub(crate) fn case() -> Option<String> {
    std::env::var("PHASE_ALLOC_CASE").ok()
}
