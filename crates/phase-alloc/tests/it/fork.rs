//! A process that forks while other threads use what is not an allocation.
#![cfg(all(unix, not(miri)))]

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use crate::support::{Object, PLAIN, case, in_process_of_its_own};
use phase_alloc::{begin_phase, end_phase, phase};

/// A child that takes longer has lost its way.
const CHILD_SECONDS: u32 = 1;

/// Forks many times while other threads do `beside`, and has each child do `work`.
fn fork_beside(forks: usize, beside: impl Fn() + Send + Sync, work: impl Fn()) {
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    beside();
                }
            });
        }
        let lost = (0..forks).find(|_| status_of_a_child(&work) != 0);
        stop.store(true, Ordering::Relaxed);
        assert_eq!(
            lost, None,
            "the child of {forks} that did not end as it should"
        );
    });
}

fn status_of_a_child(work: &impl Fn()) -> i32 {
    // SAFETY: the child uses the allocator, which promises to go on there, and no lock of others.
    let child = unsafe { libc::fork() };
    assert!(child >= 0, "no process can be started");
    if child == 0 {
        // SAFETY: its default action ends the child.
        unsafe { libc::alarm(CHILD_SECONDS) };
        work();
        // SAFETY: there are no conditions. The exit handlers are the parent's.
        unsafe { libc::_exit(0) };
    }
    let mut status = 0;
    // SAFETY: `status` is writable.
    let waited = unsafe { libc::waitpid(child, &raw mut status, 0) };
    assert_eq!(waited, child, "it is this process's child");
    status
}

fn run(test: &str) {
    let Some(output) = in_process_of_its_own(&format!("fork::{test}"), "fork") else {
        return;
    };
    let told = String::from_utf8_lossy(&output.stdout);
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "{:?} {told}\n{text}",
        output.status
    );
}

#[test]
fn a_child_goes_on_if_its_parent_looked_at_figures_before_the_first_phase() {
    if case().is_none() {
        return run("a_child_goes_on_if_its_parent_looked_at_figures_before_the_first_phase");
    }
    Object::new(&PLAIN, 1, 1, 0).free(&PLAIN);
    fork_beside(
        30,
        || {
            assert_eq!(
                phase_alloc::stats().overflows,
                phase_alloc::survivors().count()
            );
        },
        || phase(|| ()),
    );
}

#[test]
fn a_child_goes_on_if_there_is_no_region() {
    if case().is_none() {
        return run("a_child_goes_on_if_there_is_no_region");
    }
    without_address_space(|| phase(|| ()));
    assert_eq!(phase_alloc::stats().region_bytes, 0);
    fork_beside(
        30,
        || {
            begin_phase();
            end_phase();
        },
        || phase(|| ()),
    );
}

/// Runs `f` with no address space to reserve.
fn without_address_space(f: impl FnOnce()) {
    let mut limit = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: `limit` is writable.
    unsafe { libc::getrlimit(libc::RLIMIT_AS, &raw mut limit) };
    let none = libc::rlimit {
        rlim_cur: 1 << 20,
        ..limit
    };
    // SAFETY: the limits are readable; requests fail meanwhile, which is the point.
    unsafe { libc::setrlimit(libc::RLIMIT_AS, &raw const none) };
    f();
    // SAFETY: likewise.
    unsafe { libc::setrlimit(libc::RLIMIT_AS, &raw const limit) };
}

#[test]
fn handlers_of_the_program_allocate_and_free_around_a_fork() {
    extern "C" fn allocate() {
        let objects: Vec<_> = (0..20)
            .map(|n| Object::new(&PLAIN, 100_000, 8, n))
            .collect();
        objects.into_iter().for_each(|object| object.free(&PLAIN));
        Object::new(&PLAIN, 6 << 20, 8, 1).free(&PLAIN);
    }
    if case().is_none() {
        return run("handlers_of_the_program_allocate_and_free_around_a_fork");
    }
    // SAFETY: a program that waits for ever is ended.
    unsafe { libc::alarm(CHILD_SECONDS) };
    // SAFETY: the function may be called at any time.
    unsafe { libc::pthread_atfork(Some(allocate), Some(allocate), Some(allocate)) };
    Object::new(&PLAIN, 1, 1, 0).free(&PLAIN);
    phase(|| assert_eq!(status_of_a_child(&allocate_in_the_child), 0));
    fn allocate_in_the_child() {
        allocate();
    }
}

#[test]
fn a_child_goes_on_if_its_parent_records_call_sites() {
    if case().is_none() {
        return run("a_child_goes_on_if_its_parent_records_call_sites");
    }
    Object::new(&PLAIN, 1, 1, 0).free(&PLAIN);
    let allocate = || Object::new(&PLAIN, 40, 8, 1).free(&PLAIN);
    let (_, report, _) = phase_alloc::phase_with_call_sites(|| {
        fork_beside(200, allocate, allocate);
    });
    report.survivors.assert_none();
}
