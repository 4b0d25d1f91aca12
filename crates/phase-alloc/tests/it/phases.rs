//! When allocations go to the region, and what is told of it.

use std::alloc::{GlobalAlloc, Layout};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use crate::support::{Object, PLAIN, alone, fresh_phase};
use phase_alloc::{
    PhaseGuard, begin_phase, end_phase, named_phase, named_phases, phase, phase_with_call_sites,
    phase_with_report, stats, survivors,
};

fn goes_to_the_region() -> bool {
    let object = Object::new(&PLAIN, 64, 8, 1);
    let inner = object.is_inner();
    object.free(&PLAIN);
    !inner
}

#[test]
fn phases_nest_and_may_end_once_too_often() {
    let _alone = alone();
    drop(fresh_phase());
    assert!(!goes_to_the_region());
    phase(|| {
        assert!(goes_to_the_region());
        phase(|| phase(|| assert_eq!(stats().active_phases, 3)));
        assert!(goes_to_the_region());
    });
    assert!(!goes_to_the_region());
    end_phase();
    assert_eq!(stats().active_phases, 0);
    begin_phase();
    assert!(goes_to_the_region());
    end_phase();
}

#[test]
fn a_panic_ends_its_phase() {
    let _alone = alone();
    drop(fresh_phase());
    let kept = Object::new(&PLAIN, 1000, 8, 1);
    assert!(std::panic::catch_unwind(|| phase(|| panic!("inside"))).is_err());
    assert!(!goes_to_the_region());
    kept.free(&PLAIN);
}

#[test]
fn a_guard_may_end_on_another_thread() {
    let _alone = alone();
    drop(fresh_phase());
    let guard = PhaseGuard::begin();
    std::thread::spawn(move || drop(guard)).join().unwrap();
    assert_eq!(stats().active_phases, 0);
}

#[test]
fn what_is_kept_across_phases_keeps_its_bytes() {
    let _alone = alone();
    drop(fresh_phase());
    let mut kept = Vec::new();
    for round in 0..if cfg!(miri) { 5 } else { 100_u8 } {
        phase(|| {
            let objects: Vec<_> = (1..if cfg!(miri) { 20 } else { 200 })
                .map(|n| Object::new(&PLAIN, n * n, 8, round))
                .collect();
            for (n, object) in objects.into_iter().enumerate() {
                if n % 37 == 3 {
                    kept.push(object);
                } else {
                    object.free(&PLAIN);
                }
            }
        });
        kept.iter().for_each(Object::check);
        let bytes: usize = kept.iter().map(Object::counted).sum();
        assert_eq!(
            (survivors().count(), survivors().bytes()),
            (kept.len(), bytes)
        );
    }
    kept.into_iter().for_each(|object| object.free(&PLAIN));
    survivors().assert_none();
}

#[test]
fn a_report_counts_what_a_phase_allocates() {
    let _alone = alone();
    drop(fresh_phase());
    let old = phase(|| Object::new(&PLAIN, 24, 8, 1));
    let (kept, report) = phase_with_report(|| {
        Object::new(&PLAIN, 1000, 8, 2).free(&PLAIN);
        Object::new(&PLAIN, 500, 8, 3)
    });
    assert_eq!((report.allocations, report.bytes), (2, 1500));
    assert_eq!(report.peak_live_bytes, 1024);
    assert_eq!((report.before.count(), report.survivors.count()), (1, 2));
    assert_eq!(report.survivors.bytes(), 24 + 504);
    let text = report.to_string();
    assert!(
        text.starts_with("2 allocations of 1500 bytes, peak 1024 bytes live"),
        "{text}"
    );
    old.free(&PLAIN);
    kept.free(&PLAIN);
    assert!(phase(goes_to_the_region));
}

#[inline(never)]
fn one_place() -> Object {
    std::hint::black_box(Object::new(&PLAIN, 1000, 8, 1))
}

#[inline(never)]
fn another_place() -> Object {
    std::hint::black_box(Object::new(&PLAIN, 24, 8, 2))
}

#[test]
fn call_sites_tell_where_survivors_come_from() {
    let _alone = alone();
    drop(fresh_phase());
    let old = phase(one_place);
    let ((kept, inner_sites), report, sites) = phase_with_call_sites(|| {
        let mut kept = Vec::new();
        // A loop that is not unrolled has one return address.
        for _ in 0..std::hint::black_box(3) {
            one_place().free(&PLAIN);
            kept.push(one_place());
            kept.push(another_place());
        }
        (kept, phase_with_call_sites(|| ()).2)
    });
    assert_eq!(inner_sites, [], "one at a time");
    assert_eq!(report.survivors.count(), 7);
    if cfg!(miri) {
        println!("not run: Miri has no unwinder for stacks");
    } else {
        let figures: Vec<_> = sites
            .iter()
            .map(|site| (site.objects, site.bytes))
            .collect();
        assert_eq!(figures, [(3, 3000), (3, 72)]);
        assert_ne!(sites[0].frames, sites[1].frames);
        assert!(
            sites[1]
                .to_string()
                .starts_with("3 objects of 72 bytes, from 0x")
        );
    }
    kept.into_iter().for_each(|object| object.free(&PLAIN));
    old.free(&PLAIN);
    survivors().assert_none();
    assert!(phase(goes_to_the_region));
}

#[test]
fn a_report_that_panics_leaves_the_fast_paths_open() {
    let _alone = alone();
    drop(fresh_phase());
    assert!(std::panic::catch_unwind(|| phase_with_report(|| panic!("inside"))).is_err());
    assert!(!goes_to_the_region());
    assert!(phase(goes_to_the_region));
}

#[test]
fn names_tell_what_their_phases_left() {
    let _alone = alone();
    drop(fresh_phase());
    let kept: Vec<_> = (0..3)
        .map(|n| named_phase("keeps one", || Object::new(&PLAIN, 80, 8, n)))
        .collect();
    let found = named_phases()
        .find(|phase| phase.name == "keeps one")
        .unwrap();
    assert_eq!(
        (found.runs, found.kept_objects, found.kept_bytes),
        (3, 3, 240)
    );
    named_phase("frees", || {
        kept.into_iter().for_each(|object| object.free(&PLAIN));
    });
    let found = named_phases().find(|phase| phase.name == "frees").unwrap();
    assert_eq!((found.kept_objects, found.kept_bytes), (-3, -240));
}

#[test]
#[should_panic(expected = "expected no survivors: 1 survivors of 104 bytes, 1 chunks pinned")]
fn a_survivor_fails_the_assertion() {
    let _alone = alone();
    drop(fresh_phase());
    struct Free(Option<Object>);
    impl Drop for Free {
        fn drop(&mut self) {
            self.0.take().unwrap().free(&PLAIN);
        }
    }
    let _kept = Free(Some(phase(|| Object::new(&PLAIN, 100, 8, 1))));
    survivors().assert_none();
}

#[test]
fn a_peak_is_no_more_than_the_chunks_held_while_another_thread_allocates() {
    let _alone = alone();
    drop(fresh_phase());
    let (size, rounds) = if cfg!(miri) {
        (2000, 5)
    } else {
        (100_000, 300)
    };
    // Looking at many chunks takes a moment, in which the other thread goes on.
    let many: Vec<_> = (0..if cfg!(miri) { 8 } else { 1000 })
        .map(|n| phase(|| Object::new(&PLAIN, size, 8, n as u8)))
        .collect();
    // What is live is counted chunk by chunk, so that an object may be counted wherever it was in the meantime, in
    // as many chunks as there are at most.
    let most_counted = many.len() * size;
    many.into_iter().for_each(|object| object.free(&PLAIN));
    let _phase = PhaseGuard::begin();
    let (turns, stop) = (AtomicUsize::new(0), AtomicBool::new(false));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let layouts = [size, 16].map(|size| Layout::from_size_align(size, 8).unwrap());
            while !stop.load(Ordering::Relaxed) {
                turns.fetch_add(1, Ordering::Relaxed);
                for layout in layouts {
                    // SAFETY: the layout is not empty.
                    let object = unsafe { PLAIN.alloc(layout) };
                    // SAFETY: the object is live, and has that layout.
                    unsafe { PLAIN.dealloc(object, layout) };
                }
            }
        });
        let peaks: Vec<_> = (0..rounds)
            .map(|_| {
                // Long enough for the other thread to go on.
                let (_, report) = phase_with_report(|| {
                    let first = turns.load(Ordering::Relaxed);
                    while turns.load(Ordering::Relaxed) < first + 3 {
                        std::thread::yield_now();
                    }
                });
                report.peak_live_bytes
            })
            .collect();
        stop.store(true, Ordering::Relaxed);
        let most = peaks.into_iter().max().unwrap();
        assert!(
            most <= most_counted,
            "{most} bytes live of objects of {size}"
        );
    });
}
