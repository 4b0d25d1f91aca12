// Planted by the auditor. Never part of the audited crate.
use std::alloc::{alloc, dealloc, Layout};

#[test]
fn freed_as_half_its_size() {
    let whole = Layout::from_size_align(64, 8).unwrap();
    let half = Layout::from_size_align(32, 8).unwrap();
    unsafe {
        let block = std::hint::black_box(alloc(whole));
        assert!(!block.is_null());
        dealloc(block, half);
    }
}
