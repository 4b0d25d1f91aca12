//! The edges of a process and of its threads: fork, destructors of thread locals, panics.
#![expect(unsafe_code, reason = "fork has no safe form")]

use super::support::{Block, check_all, overwrite, overwrite_a_little};
use crate::subject::{begin_phase, end_phase, phase};
use std::cell::RefCell;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, Mutex};
use std::thread;

/// A child that is forked in a phase, while another thread allocates, goes on with both its parent's
/// memory and phases of its own.
pub(crate) fn fork_in_a_phase() {
    let stop = Arc::new(AtomicBool::new(false));
    let busy = {
        let stop = Arc::clone(&stop);
        thread::spawn(move || {
            while !stop.load(Ordering::Relaxed) {
                overwrite_a_little();
            }
        })
    };
    let kept: Vec<Block> = phase(|| {
        (0..50)
            .map(|number| Block::new(number, 100 << (number % 10)))
            .collect()
    });
    for turn in 0..10 {
        let status = phase(|| {
            let local = Block::new(turn, 50_000);
            let status = fork(|| {
                child(&kept, &local);
            });
            local.check();
            status
        });
        assert_eq!(status, Some(0), "the child's status");
        check_all(&kept);
    }
    stop.store(true, Ordering::Relaxed);
    busy.join().expect("it does not panic");
    overwrite();
    check_all(&kept);
}

/// What the forked child does; the phase of its parent is open in it.
fn child(kept: &[Block], local: &Block) {
    local.check();
    overwrite();
    check_all(kept);
    let mut own: Vec<Block> = phase(|| (0..50).map(|number| Block::new(number, 5_000)).collect());
    end_phase();
    overwrite();
    own.extend((0..50).map(|number| Block::new(number, 200 << (number % 9))));
    check_all(&own);
    check_all(kept);
}

/// Runs `work` in a forked child and returns the child's exit code.
fn fork(work: impl FnOnce()) -> Option<i32> {
    // SAFETY: The child of a process with threads may only use what is safe after `fork`. The C library
    // keeps its allocator usable there; that the allocator under test does the same is what is tested.
    let pid = unsafe { libc::fork() };
    assert!(pid >= 0, "no process can be started");
    if pid == 0 {
        let unwound = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work));
        // SAFETY: `_exit` has no conditions. The exit handlers belong to the parent.
        unsafe { libc::_exit(i32::from(unwound.is_err())) };
    }
    let pid = rustix::process::Pid::from_raw(pid);
    let waited = rustix::process::waitpid(pid, rustix::process::WaitOptions::empty());
    let (_, status) = waited
        .expect("it is this process's child")
        .expect("it was waited for");
    status.exit_status()
}

static AFTERLIFE: Mutex<Vec<Block>> = Mutex::new(Vec::new());

/// Allocates and frees when its thread has ended, at which time the allocator's own thread locals may be
/// gone.
struct LastWords(Vec<Block>);

impl Drop for LastWords {
    fn drop(&mut self) {
        check_all(&self.0);
        let number = self.0.len();
        let fresh = Block::new(number, 7_000);
        let fresh_small: Vec<Block> = (0..20).map(|number| Block::new(number, 40)).collect();
        self.0.clear();
        AFTERLIFE.lock().expect("no one panics with it").push(fresh);
        check_all(&fresh_small);
    }
}

thread_local! {
    static FIRST: RefCell<LastWords> = const { RefCell::new(LastWords(Vec::new())) };
    static SECOND: RefCell<LastWords> = const { RefCell::new(LastWords(Vec::new())) };
}

/// Thread locals whose destructors check, free and allocate, in and out of phases.
pub(crate) fn destructors_allocate() {
    for turn in 0..60 {
        let work = move || {
            // Registered before the thread allocates anything, and after.
            FIRST.with_borrow_mut(|it| it.0.push(Block::new(turn, 300)));
            phase(|| SECOND.with_borrow_mut(|it| it.0.push(Block::new(turn, 30_000))));
        };
        if turn % 2 == 0 {
            phase(|| thread::spawn(work).join().expect("it does not panic"));
        } else {
            thread::spawn(work).join().expect("it does not panic");
        }
        overwrite_a_little();
    }
    let kept = AFTERLIFE.lock().expect("no one panics with it");
    assert_eq!(kept.len(), 120);
    check_all(&*kept);
}

/// Begins a phase that nothing ends, when its thread is as good as gone.
struct LatePhase;

impl Drop for LatePhase {
    fn drop(&mut self) {
        begin_phase();
        AFTERLIFE
            .lock()
            .expect("no one panics with it")
            .push(Block::new(5, 9_000));
    }
}

thread_local! {
    static LATE: LatePhase = const { LatePhase };
}

/// A destructor opens a phase, and the thread ends within it; the blocks it made are kept.
pub(crate) fn phase_in_a_destructor() {
    for _ in 0..20 {
        let thread = thread::spawn(|| LATE.with(|_| drop(Block::new(1, 100))));
        thread.join().expect("it does not panic");
        overwrite_a_little();
        check_all(&*AFTERLIFE.lock().expect("no one panics with it"));
    }
}

static REPORTS: Mutex<Vec<(String, Block)>> = Mutex::new(Vec::new());
static REPORTED: AtomicUsize = AtomicUsize::new(0);

/// A panic hook that makes a report of several kilobytes and keeps it, for panics within phases, on the
/// main thread and on others.
pub(crate) fn panic_hook_allocates() {
    std::panic::set_hook(Box::new(|info| {
        let number = REPORTED.fetch_add(1, Ordering::Relaxed);
        let text = format!("{info} {}", "r".repeat(6_000));
        let report = (text, Block::new(number, 9_000));
        REPORTS.lock().expect("no one panics with it").push(report);
    }));
    let barrier = Arc::new(Barrier::new(3));
    for turn in 0..20 {
        let threads: Vec<_> = (0..2)
            .map(|_| {
                let barrier = Arc::clone(&barrier);
                thread::spawn(move || {
                    barrier.wait();
                    phase(|| panic!("{}", "p".repeat(turn * 300)));
                })
            })
            .collect();
        barrier.wait();
        let own = std::panic::catch_unwind(|| phase(|| panic!("{}", "p".repeat(turn * 300))));
        overwrite();
        let payloads = threads
            .into_iter()
            .map(thread::JoinHandle::join)
            .chain([own]);
        for payload in payloads {
            let payload = payload.expect_err("it panics").downcast::<String>();
            assert!(payload.is_ok_and(|text| *text == "p".repeat(turn * 300)));
        }
    }
    drop(std::panic::take_hook());
    let reports = REPORTS.lock().expect("no one panics with it");
    assert_eq!(reports.len(), 60);
    for (text, block) in reports.iter() {
        assert!(text.ends_with(&"r".repeat(6_000)) && text.contains("panicked at"));
        block.check();
    }
}
