//! Thresholds and debug modes. The first allocator of a process tells the configuration, so each case
//! has a process of its own.

use std::alloc::{GlobalAlloc, Layout};

use crate::support::{Object, PLAIN, Tracking, case, in_process_of_its_own};
use phase_alloc::{PhaseAlloc, PhaseGuard, PurgePolicy, survivors};

static POISON: PhaseAlloc<Tracking> = PhaseAlloc::builder().poison(true).build_with(Tracking);
static QUARANTINE: PhaseAlloc<Tracking> =
    PhaseAlloc::builder().quarantine(true).build_with(Tracking);
static SMALL_REGION: PhaseAlloc<Tracking> = PhaseAlloc::builder()
    .region_bytes(16 << 20)
    .build_with(Tracking);
static HUGE_PAGES: PhaseAlloc<Tracking> =
    PhaseAlloc::builder().huge_pages(true).build_with(Tracking);
static PURGED: PhaseAlloc<Tracking> = PhaseAlloc::builder()
    .purge(PurgePolicy::DontNeed)
    .build_with(Tracking);

/// A phase of a process that tells this allocator's configuration.
fn phase_of(allocator: &impl GlobalAlloc) -> PhaseGuard {
    Object::new(allocator, 1, 1, 0).free(allocator);
    PhaseGuard::begin()
}

/// Runs the case in a process of its own, and says what it said if it ended as it should.
#[track_caller]
fn run(test: &str, case: &str, succeeds: bool) -> String {
    let name = format!("configurations::{test}");
    let Some(output) = in_process_of_its_own(&name, case) else {
        return String::new();
    };
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    let told = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.success(), succeeds, "{case}: {told}\n{text}");
    assert!(told.contains("running 1 test"), "{told}");
    text
}

#[test]
fn objects_below_the_threshold_go_to_the_inner_allocator() {
    const TEST: &str = "objects_below_the_threshold_go_to_the_inner_allocator";
    macro_rules! thresholds {
        ($($bytes:literal)*) => { match case().as_deref() {
            None => for case in [$(stringify!($bytes)),*] { run(TEST, case, true); },
            $(Some(stringify!($bytes)) => {
                static ALLOCATOR: PhaseAlloc<Tracking> =
                    PhaseAlloc::builder().min_bytes($bytes).build_with(Tracking);
                threshold(&ALLOCATOR, $bytes);
            })*
            Some(other) => panic!("{other}"),
        } };
    }
    thresholds!(0 64 128 512 1024 2048 4096 6144 65536 200000);
}

fn threshold(allocator: &impl GlobalAlloc, bytes: usize) {
    let _phase = phase_of(allocator);
    for size in [
        1,
        63,
        64,
        1023,
        1024,
        4095,
        4096,
        65535,
        65536,
        199_999,
        200_000,
        1 << 20,
    ] {
        for _ in 0..2 {
            let object = Object::new(allocator, size, 8, 1);
            assert_eq!(object.is_inner(), size < bytes, "{size} at {bytes}");
            object.free(allocator);
        }
    }
    survivors().assert_none();
}

#[test]
#[cfg(target_os = "linux")]
fn huge_pages_are_asked_for_where_they_are_turned_on() {
    const TEST: &str = "huge_pages_are_asked_for_where_they_are_turned_on";
    match case().as_deref() {
        None => ["huge", "small"]
            .iter()
            .for_each(|case| drop(run(TEST, case, true))),
        Some("huge") => advice_is(&HUGE_PAGES, true),
        Some(_) => advice_is(&PLAIN, false),
    }
}

/// Checks the advice that the system has for the memory of large objects.
#[cfg(target_os = "linux")]
fn advice_is(allocator: &impl GlobalAlloc, huge: bool) {
    let _phase = phase_of(allocator);
    for size in [200_000, 10_000_000] {
        let object = Object::new(allocator, size, 8, 1);
        let Some(flags) = mapping_flags(object.address()) else {
            println!("not run: /proc/self/smaps does not tell flags here");
            return;
        };
        assert_eq!(flags.contains(&"hg".to_owned()), huge, "{flags:?}");
        object.free(allocator);
    }
}

/// The flags of the mapping at an address.
#[cfg(target_os = "linux")]
fn mapping_flags(address: usize) -> Option<Vec<String>> {
    let text = std::fs::read_to_string("/proc/self/smaps").ok()?;
    let mut is_there = false;
    for line in text.lines() {
        let words = || line.split_whitespace().map(str::to_owned);
        if let Some((start, end)) = words().next()?.split_once('-') {
            let number = |text| usize::from_str_radix(text, 16).ok();
            is_there = (number(start)?..number(end)?).contains(&address);
        } else if is_there && line.starts_with("VmFlags:") {
            return Some(words().skip(1).collect());
        }
    }
    None
}

#[test]
fn poison_overwrites_what_is_freed() {
    match case().as_deref() {
        None => drop(run("poison_overwrites_what_is_freed", "poison", true)),
        Some(_) => {
            let _phase = phase_of(&POISON);
            for size in [24, 5000, 300_000] {
                // In front of it one that keeps its chunk, so that the memory is not used again.
                let kept = Object::new(&POISON, size, 8, 1);
                let object = Object::new(&POISON, size, 8, 2);
                let start = object.start;
                object.free(&POISON);
                // SAFETY: the memory is the region's, which is mapped as long as the process lives, and
                // no other thread allocates.
                let bytes = unsafe { std::slice::from_raw_parts(start, size) };
                assert!(bytes.iter().all(|byte| *byte == 0xDB), "{size}");
                Object::new_zeroed(&POISON, size, 8, 3).free(&POISON);
                kept.free(&POISON);
            }
            survivors().assert_none();
        }
    }
}

#[test]
fn poison_ends_a_program_that_frees_twice() {
    const TEST: &str = "poison_ends_a_program_that_frees_twice";
    match case().as_deref() {
        None => {
            for case in ["24", "300000"] {
                let text = run(TEST, case, false);
                assert!(cfg!(miri) || text.contains("freed twice"), "{text}");
            }
        }
        Some(size) => {
            let _phase = phase_of(&POISON);
            let layout = Layout::from_size_align(size.parse().unwrap(), 8).unwrap();
            // SAFETY: the layout is not empty.
            let object = unsafe { POISON.alloc(layout) };
            // SAFETY: the object is live.
            unsafe { POISON.dealloc(object, layout) };
            // SAFETY: none: this is the bug that is to be found.
            unsafe { POISON.dealloc(object, layout) };
        }
    }
}

#[test]
fn quarantine_ends_a_program_with_a_bug() {
    const TEST: &str = "quarantine_ends_a_program_with_a_bug";
    const CASES: &[(&str, &str)] = &[
        ("overrun", "offset 40 of a block"),
        ("use after free", "offset 3 of a freed block"),
        ("twice", "was freed before"),
        ("wrong size", "claimed to have 41 bytes"),
    ];
    let Some(case) = case() else {
        for (case, word) in CASES {
            let text = run(TEST, case, false);
            let told = text.contains("phase-alloc: block at") && text.contains(word);
            assert!(cfg!(miri) || told, "{case}: {text}");
        }
        return;
    };
    let _phase = phase_of(&QUARANTINE);
    let layout = Layout::from_size_align(40, 8).unwrap();
    // SAFETY: the layout is not empty.
    let object = unsafe { QUARANTINE.alloc(layout) };
    let freed_as = Layout::from_size_align(if case == "wrong size" { 41 } else { 40 }, 8).unwrap();
    if case == "overrun" {
        // SAFETY: none: this is the bug that is to be found. The guard is behind the object.
        unsafe { object.wrapping_add(40).write(0) };
    }
    // SAFETY: the object is live; where the layout is wrong, that is the bug.
    unsafe { QUARANTINE.dealloc(object, freed_as) };
    if case == "twice" {
        // SAFETY: none: this is the bug that is to be found.
        unsafe { QUARANTINE.dealloc(object, layout) };
    }
    // SAFETY: none: this is the bug that is to be found. The block waits.
    unsafe { object.wrapping_add(3).write(1) };
    for _ in 0..1000 {
        Object::new(&QUARANTINE, 16, 8, 1).free(&QUARANTINE);
    }
}

#[test]
fn quarantine_lets_a_good_program_be() {
    match case().as_deref() {
        None => drop(run("quarantine_lets_a_good_program_be", "good", true)),
        Some(_) => {
            let _phase = phase_of(&QUARANTINE);
            let mut kept = Vec::new();
            for n in 0..3000_usize {
                let mut object = Object::new(&QUARANTINE, 1 + n * 7 % 5000, 1 << (n % 8), n as u8);
                object.resize(&QUARANTINE, 1 + n * 13 % 4000);
                if n.is_multiple_of(10) {
                    kept.push(object);
                } else {
                    object.free(&QUARANTINE);
                }
            }
            assert_eq!(survivors().count(), kept.len());
            kept.into_iter().for_each(|object| object.free(&QUARANTINE));
            survivors().assert_none();
        }
    }
}

#[test]
fn a_small_region_overflows_to_the_inner_allocator_and_recovers() {
    const TEST: &str = "a_small_region_overflows_to_the_inner_allocator_and_recovers";
    match case().as_deref() {
        None => drop(run(TEST, "small", true)),
        Some(_) => {
            let _phase = phase_of(&SMALL_REGION);
            assert_eq!(phase_alloc::stats().region_bytes, 16 << 20);
            for _ in 0..3 {
                for size in [1000, 100_000, 1 << 20] {
                    let objects: Vec<_> = (0..(12 << 20) / size)
                        .map(|n| Object::new(&SMALL_REGION, size, 8, n as u8))
                        .collect();
                    assert!(objects.iter().any(Object::is_inner), "{size}");
                    assert!(!objects[0].is_inner(), "{size}");
                    objects
                        .into_iter()
                        .for_each(|object| object.free(&SMALL_REGION));
                    survivors().assert_none();
                }
            }
        }
    }
}

#[test]
fn purging_gives_memory_back_to_the_system() {
    const TEST: &str = "purging_gives_memory_back_to_the_system";
    if case().is_none() {
        return drop(run(TEST, "purged", true));
    }
    let phase = phase_of(&PURGED);
    let (mut first, mut last) = (usize::MAX, 0);
    for size in [500, 5000, 50_000, 500_000] {
        let objects: Vec<_> = (0..(32 << 20) / size)
            .map(|n| Object::new(&PURGED, size, 8, n as u8))
            .collect();
        for object in objects {
            first = first.min(object.address());
            last = last.max(object.address());
            object.free(&PURGED);
        }
    }
    let Some(during) = resident(first, last) else {
        println!("not run: there is no /proc/self/smaps");
        return;
    };
    assert!(during > 32 << 20, "{during}");
    drop(phase);
    let after = resident(first, last).unwrap();
    assert!(after < 4 << 20, "{during} {after}");
}

/// Resident bytes of the mappings between two addresses.
fn resident(first: usize, last: usize) -> Option<usize> {
    let text = std::fs::read_to_string("/proc/self/smaps").ok()?;
    let (mut bytes, mut inside) = (0, false);
    for line in text.lines() {
        let (word, rest) = line.split_once(' ')?;
        if let Some((start, end)) = word.split_once('-') {
            let number = |text| usize::from_str_radix(text, 16);
            inside = number(start).ok()? <= last && first < number(end).ok()?;
        } else if inside && word == "Rss:" {
            bytes += 1024 * rest.trim().strip_suffix(" kB")?.parse::<usize>().ok()?;
        }
    }
    Some(bytes)
}

#[test]
fn memory_that_the_system_might_have_taken_is_given_back_at_once_when_that_is_asked_for() {
    const TEST: &str =
        "memory_that_the_system_might_have_taken_is_given_back_at_once_when_that_is_asked_for";
    if case().is_none() {
        return drop(run(TEST, "twice", true));
    }
    for size in [5000, 500_000] {
        let phase = phase_of(&PLAIN);
        let (mut first, mut last) = (usize::MAX, 0);
        let objects: Vec<_> = (0..(16 << 20) / size)
            .map(|n| Object::new(&PLAIN, size, 8, n as u8))
            .collect();
        for object in objects {
            first = first.min(object.address());
            last = last.max(object.address());
            object.free(&PLAIN);
        }
        drop(phase);
        let Some(during) = resident(first, last) else {
            println!("not run: there is no /proc/self/smaps");
            return;
        };
        phase_alloc::purge(PurgePolicy::Free);
        phase_alloc::purge(PurgePolicy::DontNeed);
        let after = resident(first, last).unwrap();
        assert!(after < 4 << 20, "{size}: {during} {after}");
    }
}

#[test]
fn poison_ends_a_program_that_frees_a_span_twice_after_others_of_its_length() {
    const TEST: &str = "poison_ends_a_program_that_frees_a_span_twice_after_others_of_its_length";
    if case().is_none() {
        let text = run(TEST, "spans", false);
        assert!(cfg!(miri) || text.contains("freed twice"), "{text}");
        return;
    }
    let _phase = phase_of(&POISON);
    // Too large for a thread to keep, and with something between them.
    let layout = Layout::from_size_align(32 << 20, 8).unwrap();
    let [first, second] = [(); 2].map(|()| {
        // SAFETY: the layout is not empty.
        let object = unsafe { POISON.alloc(layout) };
        let _stays = Object::new(&POISON, 300_000, 8, 1);
        object
    });
    for object in [first, second, first] {
        // SAFETY: none, the last time: this is the bug that is to be found.
        unsafe { POISON.dealloc(object, layout) };
    }
}

#[test]
fn what_waits_in_quarantine_does_not_survive() {
    if case().is_none() {
        return drop(run(
            "what_waits_in_quarantine_does_not_survive",
            "quarantine",
            true,
        ));
    }
    let _phase = phase_of(&QUARANTINE);
    let kept = Object::new(&QUARANTINE, 300_000, 8, 1);
    Object::new(&QUARANTINE, 300_000, 8, 1).free(&QUARANTINE);
    assert_eq!((survivors().count(), survivors().spans()), (1, 1));
    kept.free(&QUARANTINE);
    assert_eq!((survivors().count(), survivors().spans()), (0, 0));
}

#[test]
fn chunks_of_ended_threads_serve_objects_of_any_size_when_they_are_empty() {
    const TEST: &str = "chunks_of_ended_threads_serve_objects_of_any_size_when_they_are_empty";
    if case().is_none() {
        return drop(run(TEST, "ended", true));
    }
    let _phase = phase_of(&SMALL_REGION);
    // All at once, so that each takes a chunk of its own: all that there are.
    let barrier = std::sync::Barrier::new(8);
    let small: Vec<_> = std::thread::scope(|scope| {
        let threads = [(); 8].map(|()| {
            scope.spawn(|| {
                let object = Object::new(&SMALL_REGION, 40, 8, 1);
                barrier.wait();
                object
            })
        });
        threads.map(|thread| thread.join().unwrap()).into()
    });
    assert!(small.iter().all(|object| !object.is_inner()));
    small
        .into_iter()
        .for_each(|object| object.free(&SMALL_REGION));
    survivors().assert_none();
    let large = Object::new(&SMALL_REGION, 100_000, 8, 2);
    assert!(!large.is_inner(), "nothing is live, and there is no room");
    large.free(&SMALL_REGION);
}

#[test]
fn spans_that_a_thread_keeps_for_itself_do_not_keep_a_larger_one_out_of_the_region() {
    const TEST: &str =
        "spans_that_a_thread_keeps_for_itself_do_not_keep_a_larger_one_out_of_the_region";
    if case().is_none() {
        return drop(run(TEST, "kept", true));
    }
    let _phase = phase_of(&SMALL_REGION);
    let objects = [(); 8].map(|()| Object::new(&SMALL_REGION, 1_000_000, 8, 1));
    assert!(objects.iter().all(|object| !object.is_inner()));
    objects
        .into_iter()
        .for_each(|object| object.free(&SMALL_REGION));
    survivors().assert_none();
    let large = Object::new(&SMALL_REGION, 4 << 20, 8, 2);
    assert!(!large.is_inner(), "nothing is live, and there is no room");
    large.free(&SMALL_REGION);
}
