//! Growing and shrinking.

use crate::support::{Object, PLAIN, alone, fresh_phase};
use phase_alloc::survivors;

#[test]
fn the_last_object_grows_where_it_is_within_its_stream() {
    let _alone = alone();
    let _phase = fresh_phase();
    let mut object = Object::new(&PLAIN, 16, 8, 1);
    let address = object.address();
    for size in [17, 64, 200, 256, 40] {
        object.resize(&PLAIN, size);
        assert_eq!(object.address(), address, "{size}");
        assert_eq!(survivors().bytes(), object.counted());
    }
    let behind = Object::new(&PLAIN, 16, 8, 2);
    assert_eq!(behind.address(), address + 40);
    object.resize(&PLAIN, 48);
    assert_ne!(object.address(), address);
    behind.free(&PLAIN);
    object.free(&PLAIN);
    survivors().assert_none();
}

#[test]
fn an_object_that_outgrows_its_stream_moves_and_keeps_its_bytes() {
    let _alone = alone();
    let _phase = fresh_phase();
    let mut object = Object::new(&PLAIN, 1, 1, 7);
    let largest = if cfg!(miri) { 20 << 10 } else { 8 << 20 };
    let mut size = 1;
    while size < largest {
        size = size * 3 / 2 + 1;
        object.resize(&PLAIN, size);
        assert_eq!(survivors().count(), 1);
        assert_eq!(survivors().bytes(), object.counted());
    }
    while size > 1 {
        size /= 3;
        object.resize(&PLAIN, size.max(1));
        assert_eq!(survivors().count(), 1);
        assert_eq!(survivors().bytes(), object.counted());
    }
    object.free(&PLAIN);
    survivors().assert_none();
}

#[test]
fn what_began_in_the_inner_allocator_stays_there() {
    let _alone = alone();
    drop(fresh_phase());
    let mut outside = Object::new(&PLAIN, 100, 8, 1);
    assert!(outside.is_inner());
    let phase = fresh_phase();
    outside.resize(&PLAIN, 5000);
    assert!(outside.is_inner());
    let mut inside = Object::new(&PLAIN, 100, 8, 2);
    assert!(!inside.is_inner());
    drop(phase);
    outside.free(&PLAIN);
    inside.resize(&PLAIN, 60);
    assert!(!inside.is_inner(), "shrinks where it is");
    inside.resize(&PLAIN, 6000);
    assert!(inside.is_inner(), "moves to where allocations go");
    inside.free(&PLAIN);
    survivors().assert_none();
}

#[test]
fn another_thread_resizes_across_a_phase() {
    let _alone = alone();
    let phase = fresh_phase();
    let mut object = Object::new(&PLAIN, 1000, 8, 3);
    let address = object.address();
    drop(phase);
    let object = std::thread::spawn(move || {
        let _phase = phase_alloc::PhaseGuard::begin();
        object.resize(&PLAIN, 100);
        assert_eq!(object.address(), address, "shrinks where it is");
        assert_eq!(survivors().bytes(), object.counted());
        object.resize(&PLAIN, 220);
        assert_ne!(object.address(), address);
        object
    });
    object.join().unwrap().free(&PLAIN);
    survivors().assert_none();
}
