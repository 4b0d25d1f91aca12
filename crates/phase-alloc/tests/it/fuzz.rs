//! Threads that do everything at random, beside a map of what is live.
//!
//! Every object is entered in the map while it is live: one that lies on another is found at once, one
//! that was used again too early by its pattern. When all threads stand still the allocator's figures
//! must be those of the map.
//!
//! `PHASE_ALLOC_FUZZ_SECONDS` makes it longer; `PHASE_ALLOC_FUZZ_SEED` repeats a run, as far as threads
//! let it.

use std::alloc::GlobalAlloc;
use std::collections::BTreeMap;
use std::sync::{Barrier, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use crate::support::{Object, PLAIN, Tracking, alone, case, in_process_of_its_own, is_repeated};
use phase_alloc::{PhaseAlloc, PhaseGuard, PurgePolicy, opt_out, survivors};

const THREADS: usize = if cfg!(miri) { 2 } else { 4 };

/// Steps of a thread in a round.
fn steps() -> usize {
    match is_repeated() {
        _ if cfg!(miri) => 60,
        true => 1000,
        false => 4000,
    }
}

/// What is live, by where it begins: where it ends.
static MAP: Mutex<BTreeMap<usize, usize>> = Mutex::new(BTreeMap::new());
/// Objects on their way to another thread.
static EXCHANGE: Mutex<Vec<Object>> = Mutex::new(Vec::new());

fn enter(object: &Object) {
    let (start, end) = (object.address(), object.address() + object.layout.size());
    let mut map = MAP.lock().unwrap();
    if let Some((&other, &other_end)) = map.range(..end).next_back() {
        assert!(
            other_end <= start,
            "{object:?} lies on {other:#x}..{other_end:#x}"
        );
    }
    map.insert(start, end);
}

fn leave(object: &Object) {
    assert!(MAP.lock().unwrap().remove(&object.address()).is_some());
}

/// xorshift64* (Vigna: "An experimental exploration of Marsaglia's xorshift generators", 2016).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() >> 33) as usize % limit
    }

    /// Sizes as programs have them: most small, powers of two among them, a few spans.
    fn size(&mut self) -> usize {
        let bits = match self.below(100) {
            0..60 => 8,
            60..85 => 11,
            85..95 => 15,
            95..99 => 18,
            _ => 21,
        };
        let bits = if cfg!(miri) { bits.min(13) } else { bits };
        let size = 1 + self.below(1 << bits);
        if self.below(4) == 0 {
            size.next_power_of_two()
        } else {
            size
        }
    }

    fn align(&mut self) -> usize {
        match self.below(50) {
            0 => 1 << self.below(if cfg!(miri) { 13 } else { 21 }),
            1..10 => 1 << self.below(8),
            _ => 8,
        }
    }
}

struct Worker<'a, A> {
    allocator: &'a A,
    random: Random,
    objects: Vec<Object>,
    phases: Vec<PhaseGuard>,
}

impl<A: GlobalAlloc + Sync> Worker<'_, A> {
    fn step(&mut self) {
        match self.random.below(100) {
            0..45 => self.allocate(),
            45..75 => self.free(),
            75..85 => self.resize(),
            85..90 => self.send(),
            90..96 => self.receive(),
            96 => self.phases.push(PhaseGuard::begin()),
            97 => drop(self.phases.pop()),
            98 => opt_out(|| self.allocate()),
            _ => self.rare(),
        }
        if self.objects.len() > if cfg!(miri) { 20 } else { 400 } {
            self.free();
        }
    }

    fn allocate(&mut self) {
        let (size, align) = (self.random.size(), self.random.align());
        let seed = self.random.next() as u8;
        let object = if self.random.below(4) == 0 {
            Object::new_zeroed(self.allocator, size, align, seed)
        } else {
            Object::new(self.allocator, size, align, seed)
        };
        enter(&object);
        self.objects.push(object);
    }

    fn pick(&mut self) -> Option<Object> {
        let count = self.objects.len();
        // Often the last one, which is the one that the bump pointer goes back over.
        let at = match self.random.below(3) {
            0 => count.checked_sub(1)?,
            _ => self.random.below(count.max(1)),
        };
        (at < count).then(|| self.objects.swap_remove(at))
    }

    fn free(&mut self) {
        if let Some(object) = self.pick() {
            leave(&object);
            object.free(self.allocator);
        }
    }

    fn resize(&mut self) {
        if let Some(mut object) = self.pick() {
            let size = match self.random.below(3) {
                0 => self.random.size(),
                1 => object.layout.size() + self.random.below(100),
                _ => 1 + self.random.below(object.layout.size()),
            };
            // Between the two lines it may lie anywhere, and on nothing in any case.
            leave(&object);
            object.resize(self.allocator, size);
            enter(&object);
            self.objects.push(object);
        }
    }

    fn send(&mut self) {
        if let Some(object) = self.pick() {
            EXCHANGE.lock().unwrap().push(object);
        }
    }

    fn receive(&mut self) {
        let taken = {
            let mut exchange = EXCHANGE.lock().unwrap();
            let half = exchange.len() / 2;
            exchange.split_off(half)
        };
        for object in taken {
            if self.random.below(8) == 0 {
                self.objects.push(object);
            } else {
                leave(&object);
                object.free(self.allocator);
            }
        }
    }

    /// A run of one size, which crosses chunk borders; a thread that ends; memory given back.
    fn rare(&mut self) {
        match self.random.below(8) {
            0 => phase_alloc::purge(PurgePolicy::DontNeed),
            1 => phase_alloc::purge(PurgePolicy::Free),
            2 | 3 => self.lend_to_a_thread(),
            _ => self.run_over_borders(),
        }
    }

    fn lend_to_a_thread(&mut self) {
        let mut worker = Worker {
            allocator: self.allocator,
            random: Random(self.random.next() | 1),
            objects: std::mem::take(&mut self.objects),
            phases: vec![PhaseGuard::begin()],
        };
        self.objects = thread::scope(|scope| {
            let thread = scope.spawn(move || {
                (0..30).for_each(|_| worker.step());
                worker.objects
            });
            thread.join().unwrap()
        });
    }

    fn run_over_borders(&mut self) {
        let (size, count) = if cfg!(miri) {
            (256, 40)
        } else {
            (1 << (6 + self.random.below(11)), 300)
        };
        let first = self.objects.len();
        for n in 0..count {
            let object = Object::new(self.allocator, size, 8, n as u8);
            enter(&object);
            self.objects.push(object);
        }
        while self.objects.len() > first {
            let object = self.objects.pop().unwrap();
            leave(&object);
            object.free(self.allocator);
            if self.random.below(20) == 0 {
                self.allocate();
                let last = self.objects.len() - 1;
                let object = self.objects.swap_remove(last);
                leave(&object);
                object.free(self.allocator);
            }
        }
    }
}

/// Rounds of all threads, until the time is up; one round at least.
fn fuzz<A: GlobalAlloc + Sync>(allocator: &'static A, bytes_agree: bool) {
    Object::new(allocator, 1, 1, 0).free(allocator);
    let seed = variable("PHASE_ALLOC_FUZZ_SEED").unwrap_or(0x5EED);
    let seconds = variable("PHASE_ALLOC_FUZZ_SECONDS").unwrap_or(0);
    let end = Instant::now() + Duration::from_secs(seconds);
    let barrier = Barrier::new(THREADS + 1);
    let mut kept: Vec<Vec<Object>> = (0..THREADS).map(|_| Vec::new()).collect();
    let mut random = Random(seed | 1);
    let mut rounds = 0;
    loop {
        let phase = (random.below(4) > 0).then(PhaseGuard::begin);
        kept = thread::scope(|scope| {
            let threads: Vec<_> = kept
                .drain(..)
                .map(|objects| {
                    let mut worker = Worker {
                        allocator,
                        random: Random(random.next() | 1),
                        objects,
                        phases: Vec::new(),
                    };
                    let barrier = &barrier;
                    scope.spawn(move || {
                        barrier.wait();
                        (0..steps()).for_each(|_| worker.step());
                        worker.phases.clear();
                        worker.objects
                    })
                })
                .collect();
            barrier.wait();
            threads
                .into_iter()
                .map(|thread| thread.join().unwrap())
                .collect()
        });
        drop(phase);
        rounds += 1;
        compare(&kept, bytes_agree);
        if Instant::now() >= end {
            break;
        }
    }
    let rest = EXCHANGE.lock().unwrap().split_off(0);
    for object in kept.into_iter().flatten().chain(rest) {
        leave(&object);
        object.free(allocator);
    }
    survivors().assert_none();
    let steps = steps();
    println!("fuzz: {rounds} rounds of {THREADS} threads and {steps} steps, seed {seed}");
}

/// Nothing is going on: what the allocator counts is what the map has.
fn compare(kept: &[Vec<Object>], bytes_agree: bool) {
    let exchange = EXCHANGE.lock().unwrap();
    let all = || kept.iter().flatten().chain(exchange.iter());
    all().for_each(Object::check);
    assert_eq!(all().count(), MAP.lock().unwrap().len());
    let in_region = || all().filter(|object| !object.is_inner());
    assert_eq!(survivors().count(), in_region().count());
    if bytes_agree {
        assert_eq!(survivors().bytes(), in_region().map(Object::counted).sum());
    }
}

fn variable(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

#[test]
fn threads_at_random_find_nothing_on_anything() {
    let _alone = alone();
    fuzz(&PLAIN, true);
}

#[test]
fn threads_at_random_find_nothing_in_any_configuration() {
    static THRESHOLD: PhaseAlloc<Tracking> =
        PhaseAlloc::builder().min_bytes(4096).build_with(Tracking);
    static POISON: PhaseAlloc<Tracking> = PhaseAlloc::builder().poison(true).build_with(Tracking);
    static BOTH: PhaseAlloc<Tracking> = PhaseAlloc::builder()
        .min_bytes(4096)
        .poison(true)
        .build_with(Tracking);
    static QUARANTINE: PhaseAlloc<Tracking> =
        PhaseAlloc::builder().quarantine(true).build_with(Tracking);
    static SMALL: PhaseAlloc<Tracking> = PhaseAlloc::builder()
        .region_bytes(32 << 20)
        .purge(PurgePolicy::DontNeed)
        .build_with(Tracking);
    const TEST: &str = "fuzz::threads_at_random_find_nothing_in_any_configuration";
    match case().as_deref() {
        None => {
            for case in ["threshold", "poison", "both", "quarantine", "small"] {
                let Some(output) = in_process_of_its_own(TEST, case) else {
                    continue;
                };
                let text = String::from_utf8_lossy(&output.stderr);
                let told = String::from_utf8_lossy(&output.stdout);
                assert!(output.status.success(), "{case}: {told}\n{text}");
                assert!(told.contains("fuzz: "), "{case}: {told}");
            }
        }
        Some("threshold") => fuzz(&THRESHOLD, true),
        Some("poison") => fuzz(&POISON, true),
        Some("both") => fuzz(&BOTH, true),
        Some("quarantine") => fuzz(&QUARANTINE, false),
        Some("small") => fuzz(&SMALL, true),
        Some(other) => panic!("{other}"),
    }
}
