// Planted by the auditor. Never part of the audited crate.
use std::cell::UnsafeCell;

struct Counter(UnsafeCell<u64>);
unsafe impl Sync for Counter {}
static COUNTER: Counter = Counter(UnsafeCell::new(0));

fn count() {
    for _ in 0..10_000 {
        unsafe { *COUNTER.0.get() += 1 }
    }
}

#[test]
fn counter_is_lost() {
    let other = std::thread::spawn(count);
    count();
    other.join().unwrap();
}
