//! A pipeline that runs does not allocate, with its telemetry on. A program of its own: it counts what every thread
//! allocates.
#![cfg(not(any(loom, shuttle, miri)))]
#![expect(unsafe_code, reason = "an allocator that counts is an allocator")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use velox::clock::Clock;
use velox::pipeline::{self, Book, Layout as Stages, OnFull, Options, Wait};
use velox::synthetic::{Config, Generator};
use velox::telemetry::Timed;
use velox::{Bundle, Transaction};

struct Counting;

static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);

// SAFETY: every call goes to the system's allocator with its arguments, and the system's allocator is one.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller keeps the contract, which is the same.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(block, layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: as above.
        unsafe { System.realloc(block, layout, size) }
    }
}

#[global_allocator]
static GLOBAL: Counting = Counting;

const WARM_UP: u64 = 5_000;
const COUNTED: u64 = 50_000;

/// A book that keeps nothing, and how many allocations there were when the warm-up was over, and at the last transaction.
///
/// The real books allocate where a price is far from the others, and as the orders grow in number.
#[derive(Default)]
struct Watched {
    sum: u64,
    seen: u64,
    before: u64,
    after: u64,
}

impl Book for Watched {
    fn apply(&mut self, transaction: &Transaction) -> bool {
        self.seen += 1;
        if self.seen == WARM_UP {
            self.before = ALLOCATIONS.load(Ordering::Relaxed);
        }
        self.sum = self.sum.wrapping_mul(31) ^ transaction.order;
        self.after = ALLOCATIONS.load(Ordering::Relaxed);
        true
    }
}

/// Allocations of a running pipeline over `COUNTED` transactions.
fn allocations(layout: Stages, telemetry: bool) -> u64 {
    let flow = Generator::new(Config::default(), 3)
        .expect("a flow")
        .transactions();
    // Made before, so that what is counted is the pipeline.
    let source: Vec<_> = flow.take((WARM_UP + COUNTED) as usize).collect();
    let options = Options {
        layout,
        telemetry,
        wait: Wait::Park,
        on_full: OnFull::Block,
        ..Options::default()
    };
    let book = Watched::default();
    let mut running = pipeline::start(
        &options,
        Clock::new(),
        source.into_iter(),
        book,
        |_: &Bundle| (),
    )
    .expect("threads");
    while !running.wait_for_end(Duration::from_millis(1)) {
        running.latencies().request();
        running.latencies().collect();
    }
    let finished = running.finish().expect("no thread panics");
    assert_eq!(finished.snapshot.output, WARM_UP + COUNTED);
    let counted = finished.latencies.total(Timed::EndToEnd).count;
    assert_eq!(counted, if telemetry { WARM_UP + COUNTED } else { 0 });
    finished.book.after - finished.book.before
}

#[test]
fn a_running_pipeline_does_not_allocate_for_its_transactions() {
    for layout in [Stages::Fused, Stages::Two, Stages::Four] {
        for telemetry in [false, true] {
            // The order map may still grow, by doubling: a handful in all, whatever the number of transactions.
            let count = allocations(layout, telemetry);
            assert!(
                count <= 16,
                "{layout:?}, telemetry {telemetry}: {count} allocations"
            );
        }
    }
}
