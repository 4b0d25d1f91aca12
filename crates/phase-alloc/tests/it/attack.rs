//! Spans at every border: of their granules, of the two areas, of the streams, of what there is room for.

use std::alloc::{GlobalAlloc, Layout};
use std::sync::atomic::{AtomicBool, Ordering};

use crate::support::{
    Object, PLAIN, Tracking, alone, case, fresh_phase, in_processes, is_repeated,
};
use phase_alloc::{PhaseAlloc, PhaseGuard, PurgePolicy, opt_out, purge, stats, survivors};

const GRANULE: usize = if cfg!(miri) { 1 << 10 } else { 16 << 10 };
/// Larger objects are spans.
const STREAM_MAX: usize = if cfg!(miri) { 2 << 10 } else { 128 << 10 };
/// Spans of so many granules are long ones.
const LONG: usize = if cfg!(miri) { 64 } else { 256 };
/// A quarter of the room for spans is for short ones. Miri's region always is small.
const SMALL: usize = if cfg!(miri) { 64 << 10 } else { 8 << 20 };

static SMALL_REGION: PhaseAlloc<Tracking> = PhaseAlloc::builder()
    .region_bytes(SMALL)
    .build_with(Tracking);
static PURGED: PhaseAlloc<Tracking> = PhaseAlloc::builder()
    .region_bytes(2 * SMALL)
    .purge(PurgePolicy::DontNeed)
    .build_with(Tracking);
static POISON: PhaseAlloc<Tracking> = PhaseAlloc::builder()
    .region_bytes(2 * SMALL)
    .poison(true)
    .build_with(Tracking);
static QUARANTINE: PhaseAlloc<Tracking> = PhaseAlloc::builder()
    .region_bytes(2 * SMALL)
    .quarantine(true)
    .build_with(Tracking);

/// Sizes around the borders of streams, granules and areas; spans begin with 32 bytes that are not the
/// object's.
fn sizes() -> Vec<usize> {
    let least = STREAM_MAX / GRANULE;
    let granules = [
        least,
        least + 1,
        least + 2,
        2 * least,
        LONG - 1,
        LONG,
        LONG + 1,
    ];
    let around = |granules: usize| {
        [33, 32, 31, 1, 0]
            .map(|less| granules * GRANULE - less)
            .into_iter()
            .chain([granules * GRANULE + 1])
    };
    let mut sizes: Vec<_> = granules.into_iter().flat_map(around).collect();
    sizes.extend([1, STREAM_MAX / 2, 3 * least * GRANULE]);
    sizes
}

fn aligns() -> [usize; 7] {
    let long = if cfg!(miri) { 32 << 10 } else { 4 << 20 };
    [1, 32, 64, GRANULE, 2 * GRANULE, 4 * GRANULE, long]
}

/// xorshift64* (Vigna: "An experimental exploration of Marsaglia's xorshift generators", 2016).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) as usize % limit
    }
}

/// Allocates, resizes and frees at the borders, and compares the figures at each step.
struct Walk<'a, A> {
    allocator: &'a A,
    random: Random,
    objects: Vec<Object>,
    /// Whether bytes are counted as they were asked for.
    exact: bool,
}

impl<A: GlobalAlloc> Walk<'_, A> {
    fn run(&mut self, steps: usize) {
        for _ in 0..steps {
            self.step();
            self.compare();
        }
        self.objects
            .drain(..)
            .for_each(|object| object.free(self.allocator));
        survivors().assert_none();
        purge(PurgePolicy::Free);
    }

    fn step(&mut self) {
        let (sizes, aligns) = (sizes(), aligns());
        let size = sizes[self.random.below(sizes.len())];
        let align = aligns[self.random.below(aligns.len())];
        let seed = self.random.below(256) as u8;
        match self.random.below(20) {
            0..4 => self
                .objects
                .push(Object::new(self.allocator, size, align, seed)),
            4..7 => self.objects.push(self.zeroed(size, align, seed)),
            7..13 if !self.objects.is_empty() => {
                let at = self.random.below(self.objects.len());
                self.objects[at].resize(self.allocator, size);
            }
            13 => purge([PurgePolicy::Free, PurgePolicy::DontNeed][self.random.below(2)]),
            _ if !self.objects.is_empty() => {
                let at = self.random.below(self.objects.len());
                let object = self.objects.swap_remove(at);
                dirty(&object);
                object.free(self.allocator);
            }
            _ => {}
        }
    }

    /// An object whose every byte was found to be zero.
    fn zeroed(&self, size: usize, align: usize, seed: u8) -> Object {
        let layout = Layout::from_size_align(size, align).unwrap();
        // SAFETY: the layout is not empty.
        let start = unsafe { self.allocator.alloc_zeroed(layout) };
        assert!(!start.is_null());
        // SAFETY: the object is live, and was initialised.
        let bytes = unsafe { std::slice::from_raw_parts(start, size) };
        // SAFETY: any bytes are words.
        let (head, words, tail) = unsafe { bytes.align_to::<u64>() };
        let clean =
            head.iter().chain(tail).all(|byte| *byte == 0) && words.iter().all(|word| *word == 0);
        assert!(clean, "{layout:?} is not zero");
        // SAFETY: the object is live, and has that many bytes.
        unsafe { start.write_bytes(0xA5, size) };
        let object = Object {
            start,
            layout,
            seed,
        };
        object.fill();
        object
    }

    fn compare(&self) {
        let inside = || self.objects.iter().filter(|object| !object.is_inner());
        assert_eq!(survivors().count(), inside().count());
        let spans =
            inside().filter(|object| object.layout.size().max(object.layout.align()) > STREAM_MAX);
        if self.exact {
            assert_eq!(survivors().spans(), spans.count());
            assert_eq!(survivors().bytes(), inside().map(Object::counted).sum());
        }
        let stats = stats();
        assert!(stats.span_bytes_used + stats.span_bytes_free <= stats.region_bytes);
    }
}

/// Leaves no byte zero, so that one that comes back is seen; the pattern stays.
fn dirty(object: &Object) {
    // SAFETY: the object is live, and has that many bytes.
    unsafe { object.start.write_bytes(0x5A, object.layout.size()) };
    object.fill();
}

/// Steps of a walk.
fn steps() -> usize {
    match is_repeated() {
        _ if cfg!(miri) => 30,
        true => 100,
        false => 400,
    }
}

fn walk(allocator: &impl GlobalAlloc, exact: bool) {
    Object::new(allocator, 1, 1, 0).free(allocator);
    for seed in [1, 2] {
        let _phase = PhaseGuard::begin();
        let random = Random(0x9E37_79B9 * seed);
        Walk {
            allocator,
            random,
            objects: Vec::new(),
            exact,
        }
        .run(steps());
        // All of it is one piece again, in both areas. Under Miri other tests' threads may end late.
        if exact && !cfg!(miri) {
            assert_eq!((stats().span_bytes_used, stats().span_bytes_free), (0, 0));
        }
    }
}

#[test]
fn spans_keep_to_themselves_at_every_border_in_regions_that_overflow() {
    let _alone = alone();
    const TEST: &str = "attack::spans_keep_to_themselves_at_every_border_in_regions_that_overflow";
    if in_processes(TEST, &["plain", "small", "purged", "poison", "quarantine"]) {
        return;
    }
    match case().as_deref() {
        Some("small") => walk(&SMALL_REGION, true),
        Some("purged") => walk(&PURGED, true),
        Some("poison") => walk(&POISON, true),
        Some("quarantine") => walk(&QUARANTINE, false),
        _ => walk(&PLAIN, true),
    }
}

#[test]
fn requests_that_no_memory_holds_fail_and_leave_the_object_as_it_is() {
    if cfg!(miri) {
        println!("not run: Miri ends where the system's allocator would fail");
        return;
    }
    let _alone = alone();
    const TEST: &str = "attack::requests_that_no_memory_holds_fail_and_leave_the_object_as_it_is";
    if in_processes(TEST, &["plain", "small", "poison", "quarantine"]) {
        return;
    }
    match case().as_deref() {
        Some("small") => beyond_all_memory(&SMALL_REGION),
        Some("poison") => beyond_all_memory(&POISON),
        Some("quarantine") => beyond_all_memory(&QUARANTINE),
        _ => beyond_all_memory(&PLAIN),
    }
}

fn beyond_all_memory(allocator: &impl GlobalAlloc) {
    Object::new(allocator, 1, 1, 0).free(allocator);
    let _phase = PhaseGuard::begin();
    const MOST: usize = isize::MAX as usize;
    for align in [1, 32, 64, GRANULE, 4 << 20, 1 << 40, 1 << 62] {
        for less in [0, 1, 31, 32, 33, GRANULE - 1, GRANULE, GRANULE + 32] {
            let Ok(layout) =
                Layout::from_size_align((MOST - less + 1).saturating_sub(align), align)
            else {
                continue;
            };
            if layout.size() < 1 << 60 {
                continue;
            }
            // SAFETY: the layout is not empty.
            let object = unsafe { allocator.alloc(layout) };
            // SAFETY: likewise.
            let zeroed = unsafe { allocator.alloc_zeroed(layout) };
            assert!(object.is_null() && zeroed.is_null(), "{layout:?}");
            for size in [1, STREAM_MAX, STREAM_MAX + 1, 40 * GRANULE] {
                if align > 4 << 20 {
                    continue;
                }
                let object = Object::new(allocator, size, align, 3);
                // SAFETY: the object is live; the size is that of a layout.
                let moved =
                    unsafe { allocator.realloc(object.start, object.layout, layout.size()) };
                assert!(moved.is_null(), "{layout:?}");
                object.free(allocator);
            }
        }
    }
    survivors().assert_none();
}

#[test]
fn bytes_that_there_was_no_room_for_are_not_counted_past_the_end() {
    if cfg!(miri) {
        println!("not run: Miri ends where the system's allocator would fail");
        return;
    }
    let _alone = alone();
    const TEST: &str = "attack::bytes_that_there_was_no_room_for_are_not_counted_past_the_end";
    if in_processes(TEST, &["overflow"]) {
        return;
    }
    let _phase = fresh_phase();
    let layout = Layout::from_size_align(isize::MAX as usize, 1).unwrap();
    for _ in 0..3 {
        let before = stats().overflow_bytes;
        // SAFETY: the layout is not empty.
        assert!(unsafe { PLAIN.alloc(layout) }.is_null());
        assert!(stats().overflow_bytes >= before);
    }
    assert_eq!(stats().overflow_bytes, usize::MAX);
}

#[test]
fn a_small_object_of_a_wide_alignment_shrinks_where_it_is() {
    let _alone = alone();
    let phase = fresh_phase();
    let mut object = Object::new(&PLAIN, 1000, 2 * STREAM_MAX, 1);
    let address = object.address();
    for size in [900, 1000, 10] {
        object.resize(&PLAIN, size);
        assert_eq!(object.address(), address, "{size}");
        assert_eq!((survivors().spans(), survivors().bytes()), (1, size));
    }
    drop(phase);
    object.resize(&PLAIN, 5);
    assert_eq!(object.address(), address, "shrinks where it is");
    object.free(&PLAIN);
    survivors().assert_none();
}

/// The system's allocator, which can be told to have no memory.
#[derive(Debug)]
struct Refusing(AtomicBool);

// SAFETY: it is the system's allocator, or fails.
unsafe impl GlobalAlloc for Refusing {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if self.0.load(Ordering::Relaxed) {
            return std::ptr::null_mut();
        }
        // SAFETY: the caller's contract.
        unsafe { Tracking.alloc(layout) }
    }

    unsafe fn dealloc(&self, object: *mut u8, layout: Layout) {
        // SAFETY: the caller's contract.
        unsafe { Tracking.dealloc(object, layout) };
    }
}

static REFUSING: PhaseAlloc<Refusing> =
    PhaseAlloc::builder().build_with(Refusing(AtomicBool::new(true)));

#[test]
fn an_object_shrinks_where_there_is_no_memory_for_another() {
    let _alone = alone();
    let phase = fresh_phase();
    let mut objects = [
        Object::new(&REFUSING, 200, 8, 1),
        Object::new(&REFUSING, STREAM_MAX, 8, 1),
        Object::new(&REFUSING, STREAM_MAX + 1, 8, 2),
        Object::new(&REFUSING, 40 * GRANULE, 8, 3),
        Object::new(&REFUSING, 40 * GRANULE, 64, 3),
        Object::new(&REFUSING, 40 * GRANULE, 2 * STREAM_MAX, 3),
    ];
    // What is moved now, is moved to the inner allocator.
    drop(phase);
    for object in &mut objects {
        object.resize(&REFUSING, 100);
        object.resize(&REFUSING, 50);
    }
    assert_eq!(survivors().count(), 6);
    objects
        .into_iter()
        .for_each(|object| object.free(&REFUSING));
    survivors().assert_none();
}

#[test]
fn a_thread_keeps_no_more_than_is_said_and_nothing_when_it_has_ended() {
    let _alone = alone();
    const TEST: &str = "attack::a_thread_keeps_no_more_than_is_said_and_nothing_when_it_has_ended";
    if cfg!(miri) {
        println!("not run: Miri's region is smaller than what a thread keeps");
        return;
    }
    if in_processes(TEST, &["keeps"]) {
        return;
    }
    let _phase = fresh_phase();
    let kept = std::thread::scope(|scope| {
        let keeper = scope.spawn(|| {
            let objects: Vec<_> = (0..80)
                .map(|n| Object::new(&PLAIN, (9 + n * 3) * GRANULE, 8, 1))
                .collect();
            objects.into_iter().for_each(|object| object.free(&PLAIN));
            survivors().assert_none();
            let kept = stats().span_bytes_used;
            opt_out(|| {
                for size in [40 * GRANULE, 600 * GRANULE] {
                    let object = Object::new(&PLAIN, size, 8, 2);
                    assert!(object.is_inner(), "not what the thread keeps");
                    object.free(&PLAIN);
                }
            });
            kept
        });
        keeper.join().unwrap()
    });
    assert!(kept <= 24 << 20, "{kept} bytes");
    assert!(kept > 16 << 20, "{kept} bytes");
    assert_eq!((stats().span_bytes_used, stats().span_bytes_free), (0, 0));
}

#[test]
fn the_larger_area_holds_three_eighths_of_the_region_and_lends_it() {
    let _alone = alone();
    const TEST: &str = "attack::the_larger_area_holds_three_eighths_of_the_region_and_lends_it";
    if cfg!(miri) {
        println!("not run: Miri's region is one for all tests");
        return;
    }
    if in_processes(TEST, &["small"]) {
        return;
    }
    Object::new(&SMALL_REGION, 1, 1, 0).free(&SMALL_REGION);
    let _phase = PhaseGuard::begin();
    let largest = SMALL * 3 / 8 - 32;
    // Short spans, in all the room there is for spans.
    let short = [(); SMALL / 2 / (16 * GRANULE)]
        .map(|()| Object::new(&SMALL_REGION, 16 * GRANULE - 32, 8, 1));
    assert!(short.iter().all(|object| !object.is_inner()));
    assert_eq!(stats().span_bytes_used, SMALL / 2);
    short
        .into_iter()
        .for_each(|object| object.free(&SMALL_REGION));
    for (size, inner) in [(largest, false), (largest + 1, true)] {
        let object = Object::new(&SMALL_REGION, size, 8, 2);
        assert_eq!(object.is_inner(), inner, "{size}");
        object.free(&SMALL_REGION);
    }
    survivors().assert_none();
}

#[test]
fn phases_end_and_purge_while_spans_are_resized() {
    let _alone = alone();
    const TEST: &str = "attack::phases_end_and_purge_while_spans_are_resized";
    if in_processes(TEST, &["purged"]) {
        return;
    }
    let rounds = if cfg!(miri) { 10 } else { 300 };
    Object::new(&PURGED, 1, 1, 0).free(&PURGED);
    std::thread::scope(|scope| {
        for seed in 1..3_u64 {
            scope.spawn(move || resizes(rounds, seed));
        }
        scope.spawn(move || {
            for _ in 0..rounds {
                drop(PhaseGuard::begin());
                purge(PurgePolicy::DontNeed);
            }
        });
    });
    survivors().assert_none();
}

fn resizes(rounds: usize, seed: u64) {
    let mut random = Random(seed);
    let sizes = sizes();
    for _ in 0..rounds {
        let _phase = PhaseGuard::begin();
        let size = sizes[random.below(sizes.len())];
        let mut object = if random.below(2) == 0 {
            Object::new(&PURGED, size, 8, seed as u8)
        } else {
            Object::new_zeroed(&PURGED, size, 8, seed as u8)
        };
        for _ in 0..3 {
            object.resize(&PURGED, sizes[random.below(sizes.len())]);
        }
        object.free(&PURGED);
    }
}
