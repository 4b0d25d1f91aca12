//! Callbacks in Rust that panic.
#![expect(unsafe_code, reason = "the calls that C makes, with C's pointers")]

use std::cell::Cell;
use std::ffi::c_void;
use std::ptr::null_mut;

use evloop_capi::handle::{
    self as ev, Callback, Flags, Options, Ready, Status, Task, Timer, TimerFlags,
};

#[derive(Default)]
struct Counts {
    called: Cell<u32>,
    destroyed: Cell<u32>,
}

impl Counts {
    fn data(&self) -> *mut c_void {
        std::ptr::from_ref(self).cast_mut().cast()
    }
}

/// # Safety
/// - `data` came from [`Counts::data`], of counts that are there.
unsafe fn counts<'a>(data: *mut c_void) -> &'a Counts {
    // SAFETY: by the caller's contract.
    unsafe { &*data.cast::<Counts>() }
}

unsafe extern "C-unwind" fn panics(_: u64, _: u64, _: Ready, data: *mut c_void) {
    // SAFETY: each callback here has counts.
    let counts = unsafe { counts(data) };
    counts.called.set(counts.called.get() + 1);
    panic!("a callback's");
}

unsafe extern "C-unwind" fn task_panics(_: u64, data: *mut c_void) {
    // SAFETY: as above, and the handle and the flags are not looked at.
    unsafe { panics(0, 0, Ready(0), data) };
}

unsafe extern "C-unwind" fn destroys(data: *mut c_void) {
    // SAFETY: each callback here has counts.
    let counts = unsafe { counts(data) };
    counts.destroyed.set(counts.destroyed.get() + 1);
}

unsafe extern "C-unwind" fn destroys_and_panics(data: *mut c_void) {
    // SAFETY: as above.
    unsafe { destroys(data) };
    panic!("a destroy function's");
}

fn new_loop() -> u64 {
    let options = Options {
        size: size_of::<Options>() as u32,
        abi_version: ev::ABI_VERSION,
        backend: 0,
        flags: Flags(0),
    };
    let mut events = 0;
    // SAFETY: both are there.
    let made = unsafe { ev::evloop_new(&raw const options, &raw mut events) };
    assert_eq!(made, Status::OK);
    events
}

fn add_timer(events: u64, counts: &Counts, destroy: ev::DestroyFn) -> u64 {
    let timer = Timer {
        size: size_of::<Timer>() as u32,
        abi_version: ev::ABI_VERSION,
        after_us: ev::NEVER,
        every_us: 0,
        flags: TimerFlags(0),
        reserved: 0,
    };
    let callback = Callback {
        size: size_of::<Callback>() as u32,
        abi_version: ev::ABI_VERSION,
        call: Some(panics),
        data: counts.data(),
        destroy: Some(destroy),
        shared: 0,
    };
    let mut watch = 0;
    // SAFETY: all are there, and the counts outlive the loop in each test.
    let added = unsafe {
        ev::evloop_timer_add(
            events,
            &raw const timer,
            &raw const callback,
            &raw mut watch,
        )
    };
    assert_eq!(added, Status::OK);
    watch
}

fn run(events: u64) -> Status {
    // SAFETY: null is taken.
    unsafe { ev::evloop_run(events, null_mut()) }
}

#[test]
fn a_callback_that_panics_is_removed_and_its_data_destroyed_once() {
    let (counts, other) = (Counts::default(), Counts::default());
    let events = new_loop();
    let watch = add_timer(events, &counts, destroys);
    let second = add_timer(events, &other, destroys);
    assert_eq!(ev::evloop_activate(watch), Status::OK);
    assert_eq!(ev::evloop_poll(events), Status::PANIC);
    assert_eq!((counts.called.get(), counts.destroyed.get()), (1, 1));
    assert_eq!(ev::evloop_remove(watch), Status::STALE);
    // The loop goes on.
    assert_eq!(ev::evloop_activate(second), Status::OK);
    assert_eq!(ev::evloop_poll(events), Status::PANIC);
    assert_eq!((other.called.get(), other.destroyed.get()), (1, 1));
    assert_eq!(run(events), Status::OK);
    assert_eq!(ev::evloop_free(events), Status::OK);
    assert_eq!((counts.destroyed.get(), other.destroyed.get()), (1, 1));
}

#[test]
fn a_deferred_call_that_panics_is_over_and_its_data_destroyed_once() {
    let counts = Counts::default();
    let events = new_loop();
    let task = Task {
        size: size_of::<Task>() as u32,
        abi_version: ev::ABI_VERSION,
        call: Some(task_panics),
        data: counts.data(),
        destroy: Some(destroys),
    };
    // SAFETY: it is there, and the counts outlive the loop.
    let deferred = unsafe { ev::evloop_defer(events, &raw const task) };
    assert_eq!(deferred, Status::OK);
    assert_eq!(run(events), Status::PANIC);
    assert_eq!((counts.called.get(), counts.destroyed.get()), (1, 1));
    assert_eq!(run(events), Status::OK);
    assert_eq!(ev::evloop_free(events), Status::OK);
}

#[test]
fn a_destroy_function_that_panics_is_called_once_and_the_others_too() {
    let (counts, other) = (Counts::default(), Counts::default());
    let events = new_loop();
    let watch = add_timer(events, &counts, destroys_and_panics);
    assert_eq!(ev::evloop_remove(watch), Status::PANIC);
    assert_eq!(ev::evloop_remove(watch), Status::STALE);
    add_timer(events, &counts, destroys_and_panics);
    add_timer(events, &other, destroys);
    assert_eq!(ev::evloop_free(events), Status::OK);
    assert_eq!(ev::evloop_free(events), Status::STALE);
    assert_eq!((counts.destroyed.get(), other.destroyed.get()), (2, 1));
}
