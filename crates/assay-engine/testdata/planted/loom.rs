// Planted by the auditor. Never part of the audited crate.
extern crate loom;

use loom::cell::UnsafeCell;
use loom::sync::atomic::{AtomicBool, Ordering};
use loom::sync::Arc;

struct Shared {
    value: UnsafeCell<u32>,
    ready: AtomicBool,
}
unsafe impl Sync for Shared {}
unsafe impl Send for Shared {}

#[test]
fn publishes_relaxed() {
    loom::model(|| {
        let shared = Arc::new(Shared { value: UnsafeCell::new(0), ready: AtomicBool::new(false) });
        let writer = shared.clone();
        let handle = loom::thread::spawn(move || {
            writer.value.with_mut(|value| unsafe { *value = 1 });
            writer.ready.store(true, Ordering::Relaxed);
        });
        if shared.ready.load(Ordering::Acquire) {
            shared.value.with(|value| assert_eq!(unsafe { *value }, 1));
        }
        handle.join().unwrap();
    });
}
