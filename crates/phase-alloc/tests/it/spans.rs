//! Large objects.

use crate::support::{Object, PLAIN, Tracking, alone, fresh_phase, in_processes};
use phase_alloc::{PhaseAlloc, PurgePolicy, stats, survivors};

/// A size that is a span's, in whole granules.
const SPAN: usize = if cfg!(miri) { 4 << 10 } else { 256 << 10 };
const GRANULE: usize = if cfg!(miri) { 1 << 10 } else { 16 << 10 };
/// More than threads keep.
const LONG: usize = if cfg!(miri) { 80 << 10 } else { 64 << 20 };

#[test]
fn spans_are_apart_and_counted() {
    let _alone = alone();
    let _phase = fresh_phase();
    let objects: Vec<_> = (1..8)
        .map(|n| Object::new(&PLAIN, SPAN * n / 2 + SPAN + n, 8, n as u8))
        .collect();
    assert_eq!(survivors().count(), 7);
    assert_eq!(survivors().spans(), 7);
    assert_eq!(survivors().chunks(), 0);
    assert_eq!(
        survivors().bytes(),
        objects.iter().map(|o| o.layout.size()).sum()
    );
    objects.into_iter().for_each(|object| object.free(&PLAIN));
    survivors().assert_none();
}

#[test]
fn spans_keep_to_any_alignment() {
    let _alone = alone();
    let _phase = fresh_phase();
    let aligns: &[usize] = if cfg!(miri) {
        &[4 << 10, 8 << 10]
    } else {
        &[8 << 10, 64 << 10, 256 << 10, 1 << 20, 4 << 20]
    };
    let mut objects = Vec::new();
    for align in aligns {
        objects.push(Object::new(&PLAIN, 1, *align, 1));
        objects.push(Object::new(&PLAIN, SPAN + 1, *align, 2));
        objects.push(Object::new_zeroed(&PLAIN, SPAN, *align, 3));
    }
    objects.into_iter().for_each(|object| object.free(&PLAIN));
    survivors().assert_none();
}

#[test]
fn spans_begin_half_a_line_behind_a_line_unless_they_are_aligned_to_more() {
    let _alone = alone();
    let _phase = fresh_phase();
    for (align, place) in [(1, 32), (8, 32), (32, 32), (64, 0), (4096, 0)] {
        let object = Object::new(&PLAIN, SPAN, align, 1);
        assert_eq!(object.address() % 64, place, "aligned to {align}");
        object.free(&PLAIN);
    }
    survivors().assert_none();
}

#[test]
fn free_neighbours_become_one_span() {
    let _alone = alone();
    const TEST: &str = "spans::free_neighbours_become_one_span";
    // In a process of its own, since what the threads of other tests keep may lie between.
    if in_processes(TEST, &["neighbours"]) {
        return;
    }
    let _phase = fresh_phase();
    let objects: Vec<_> = (0..4).map(|n| Object::new(&PLAIN, SPAN, 8, n)).collect();
    let first = objects.iter().map(Object::address).min().unwrap();
    let behind = Object::new(&PLAIN, SPAN, 8, 9);
    objects.into_iter().for_each(|object| object.free(&PLAIN));
    // What this thread keeps for itself is given up too.
    phase_alloc::purge(PurgePolicy::Free);
    let large = Object::new(&PLAIN, 4 * SPAN, 8, 5);
    assert_eq!(large.address(), first);
    large.free(&PLAIN);
    behind.free(&PLAIN);
    survivors().assert_none();
}

#[test]
fn a_span_grows_into_what_is_free_behind_it_and_gives_back_what_it_shrinks_by() {
    let _alone = alone();
    const TEST: &str =
        "spans::a_span_grows_into_what_is_free_behind_it_and_gives_back_what_it_shrinks_by";
    if in_processes(TEST, &["grows"]) {
        return;
    }
    let _phase = fresh_phase();
    phase_alloc::purge(PurgePolicy::Free);
    let mut object = Object::new(&PLAIN, SPAN, 8, 1);
    let address = object.address();
    object.resize(&PLAIN, 3 * SPAN);
    assert_eq!(object.address(), address);
    object.resize(&PLAIN, SPAN);
    assert_eq!(object.address(), address);
    let behind = Object::new(&PLAIN, SPAN + GRANULE, 8, 2);
    // What lies in front of the object, less than a granule, makes its span one granule longer.
    assert_eq!(behind.address(), address + SPAN + GRANULE);
    object.resize(&PLAIN, 2 * SPAN);
    assert_ne!(object.address(), address);
    behind.free(&PLAIN);
    object.free(&PLAIN);
    survivors().assert_none();
}

#[test]
fn a_short_span_does_not_split_the_room_of_long_ones() {
    let _alone = alone();
    const TEST: &str = "spans::a_short_span_does_not_split_the_room_of_long_ones";
    if in_processes(TEST, &["split"]) {
        return;
    }
    let _phase = fresh_phase();
    let long = Object::new(&PLAIN, LONG, 8, 1);
    let address = long.address();
    long.free(&PLAIN);
    let short = Object::new(&PLAIN, SPAN, 8, 2);
    let long = Object::new(&PLAIN, LONG, 8, 3);
    assert_eq!(long.address(), address);
    long.free(&PLAIN);
    short.free(&PLAIN);
    survivors().assert_none();
}

#[test]
fn a_long_span_that_shrinks_to_a_short_one_leaves_the_room_of_long_ones() {
    let _alone = alone();
    const TEST: &str =
        "spans::a_long_span_that_shrinks_to_a_short_one_leaves_the_room_of_long_ones";
    if in_processes(TEST, &["shrinks"]) {
        return;
    }
    let _phase = fresh_phase();
    let mut object = Object::new(&PLAIN, LONG, 8, 1);
    let address = object.address();
    object.resize(&PLAIN, LONG - LONG / if cfg!(miri) { 16 } else { 4 });
    assert_eq!(object.address(), address, "it is long still");
    object.resize(&PLAIN, SPAN);
    let long = Object::new(&PLAIN, LONG, 8, 2);
    assert_eq!(long.address(), address);
    object.free(&PLAIN);
    long.free(&PLAIN);
    survivors().assert_none();
}

#[test]
fn memory_that_was_never_used_is_taken_after_what_the_thread_keeps() {
    let _alone = alone();
    const TEST: &str = "spans::memory_that_was_never_used_is_taken_after_what_the_thread_keeps";
    if cfg!(miri) {
        println!("not run: Miri starts no processes");
        return;
    }
    if in_processes(TEST, &["fresh"]) {
        return;
    }
    let _phase = fresh_phase();
    let kept = Object::new(&PLAIN, SPAN, 8, 1);
    let address = kept.address();
    kept.free(&PLAIN);
    let longer = Object::new(&PLAIN, 4 * SPAN, 8, 2);
    assert_eq!(longer.address(), address);
    longer.free(&PLAIN);
    survivors().assert_none();
}

#[test]
fn a_span_that_was_written_to_comes_back_zeroed() {
    let _alone = alone();
    let _phase = fresh_phase();
    for policy in [PurgePolicy::Never, PurgePolicy::Free, PurgePolicy::DontNeed] {
        for n in 0..4 {
            Object::new(&PLAIN, SPAN * (n + 1), 8, 0xFF).free(&PLAIN);
            phase_alloc::purge(policy);
            Object::new_zeroed(&PLAIN, SPAN * (n + 1), 8, 1).free(&PLAIN);
        }
    }
    survivors().assert_none();
}

#[test]
fn what_the_region_has_no_room_for_goes_to_the_inner_allocator() {
    static SMALL: PhaseAlloc<Tracking> = PhaseAlloc::builder()
        .region_bytes(16 << 20)
        .build_with(Tracking);
    const TEST: &str = "spans::what_the_region_has_no_room_for_goes_to_the_inner_allocator";
    let _alone = alone();
    // In a process of its own, whose region is small; that of Miri always is.
    if in_processes(TEST, &["no room"]) {
        return;
    }
    Object::new(&SMALL, 1, 1, 0).free(&SMALL);
    let _phase = fresh_phase();
    let before = stats();
    let object = Object::new(&SMALL, before.region_bytes, 8, 1);
    assert!(object.is_inner());
    object.free(&SMALL);
    assert_eq!(stats().overflows, before.overflows + 1);
    assert_eq!(
        stats().overflow_bytes,
        before.overflow_bytes + before.region_bytes
    );
}
