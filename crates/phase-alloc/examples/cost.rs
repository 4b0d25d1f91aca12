//! What the paths cost: nanoseconds, the median of 31 runs. `cargo run --release --example cost`
//! With an argument, that case alone runs, for callgrind.

#![expect(unsafe_code, reason = "it calls the allocator as the language does")]
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a program for a developer"
)]

use std::alloc::Layout;
use std::hint::black_box;
use std::time::Instant;

use phase_alloc::PhaseAlloc;

#[global_allocator]
static ALLOCATOR: PhaseAlloc = PhaseAlloc::new();

const OBJECTS: usize = 10_000;

fn alloc(layout: Layout) -> *mut u8 {
    // SAFETY: no layout here is empty.
    unsafe { std::alloc::alloc(black_box(layout)) }
}

fn free(object: *mut u8, layout: Layout) {
    // SAFETY: each object is freed once, with its layout.
    unsafe { std::alloc::dealloc(black_box(object), black_box(layout)) };
}

/// The median, and the least.
fn median(mut samples: Vec<f64>) -> String {
    samples.sort_by(f64::total_cmp);
    format!("{:.2} ({:.2})", samples[samples.len() / 2], samples[0])
}

fn timed(count: usize, run: impl FnOnce()) -> f64 {
    let start = Instant::now();
    run();
    start.elapsed().as_nanos() as f64 / count as f64
}

fn batch(name: &str, layout: Layout) {
    let mut objects = vec![std::ptr::null_mut(); OBJECTS];
    let (mut allocs, mut frees) = (Vec::new(), Vec::new());
    for _ in 0..31 {
        allocs.push(timed(OBJECTS, || {
            objects.iter_mut().for_each(|slot| *slot = alloc(layout));
        }));
        frees.push(timed(OBJECTS, || {
            objects.iter().for_each(|o| free(*o, layout));
        }));
    }
    println!(
        "{name}: alloc {} ns, free {} ns",
        median(allocs),
        median(frees)
    );
}

/// Objects of two chunks by turns: a free does not wait for the one before.
fn two_chunks() {
    let layouts = [16, 1040].map(|size| Layout::from_size_align(size, 8).unwrap());
    let mut objects = vec![std::ptr::null_mut(); 400];
    let mut frees = Vec::new();
    for _ in 0..31 {
        for (slot, layout) in objects.iter_mut().zip(layouts.iter().cycle()) {
            *slot = alloc(*layout);
        }
        frees.push(timed(400, || {
            for (object, layout) in objects.iter().zip(layouts.iter().cycle()) {
                free(*object, *layout);
            }
        }));
    }
    println!("16 B and 1040 B by turns: free {} ns", median(frees));
}

/// Spans of 32 lengths, allocated in order and freed in order.
fn spans() {
    let layout = |n: usize| Layout::from_size_align((160 + n * 30) << 10, 8).unwrap();
    let mut objects = [std::ptr::null_mut(); 32];
    let (mut allocs, mut frees) = (Vec::new(), Vec::new());
    for _ in 0..31 {
        allocs.push(timed(32, || {
            let slots = objects.iter_mut().enumerate();
            slots.for_each(|(n, slot)| *slot = alloc(layout(n)));
        }));
        frees.push(timed(32, || {
            let slots = objects.iter().enumerate();
            slots.for_each(|(n, object)| free(*object, layout(n)));
        }));
    }
    println!(
        "32 spans up to 1090 KiB: alloc {} ns, free {} ns",
        median(allocs),
        median(frees)
    );
}

fn pairs(name: &str, layout: Layout) {
    let samples = (0..31)
        .map(|_| {
            timed(OBJECTS, || {
                (0..OBJECTS).for_each(|_| free(alloc(layout), layout));
            })
        })
        .collect();
    println!("{name}: alloc and free {} ns", median(samples));
}

fn remote(layout: Layout) {
    let mut samples = Vec::new();
    for _ in 0..31 {
        let objects: Vec<usize> = (0..OBJECTS)
            .map(|_| alloc(layout).expose_provenance())
            .collect();
        let thread = std::thread::spawn(move || {
            timed(OBJECTS, || {
                for object in &objects {
                    free(std::ptr::with_exposed_provenance_mut(*object), layout);
                }
            })
        });
        samples.push(thread.join().unwrap());
    }
    println!("16 B, another thread's: free {} ns", median(samples));
}

fn main() {
    let small = Layout::from_size_align(16, 8).unwrap();
    let wanted = std::env::args().nth(1);
    let runs = |name: &str| wanted.as_deref().is_none_or(|wanted| wanted == name);
    let _guard = phase_alloc::PhaseGuard::begin();
    if runs("small") {
        batch("16 B, in batches", small);
    }
    if runs("turns") {
        two_chunks();
    }
    if runs("pairs") {
        pairs("16 B, in pairs", small);
    }
    if runs("remote") {
        remote(small);
    }
    if runs("span") {
        pairs(
            "256 KiB, in pairs",
            Layout::from_size_align(256 << 10, 8).unwrap(),
        );
    }
    if runs("spans") {
        spans();
    }
    if runs("inner") {
        phase_alloc::opt_out(|| pairs("16 B of the inner allocator, in pairs", small));
    }
}
