//! A pipeline that runs does not allocate, with its telemetry on; and what books take. A program of its own: it counts what
//! every thread allocates.
#![cfg(not(any(loom, shuttle, miri)))]
#![expect(unsafe_code, reason = "an allocator that counts is an allocator")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use velox::clock::Clock;
use velox::itch::{Options as Reading, Reader, TransactionReader};
use velox::pipeline::{self, Book, Layout as Stages, OnFull, Options, Wait};
use velox::synthetic::{Config, Generator, write_day};
use velox::telemetry::Timed;
use velox::{BookConfig, BookWriter, Books, Bundle, Price, Side, Transaction};

struct Counting;

static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);
/// Bytes that are allocated and not freed.
static BYTES: AtomicU64 = AtomicU64::new(0);
/// One test at a time: all threads are counted.
static ALONE: Mutex<()> = Mutex::new(());

fn alone() -> MutexGuard<'static, ()> {
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

// SAFETY: every call goes to the system's allocator with its arguments, and the system's allocator is one.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        BYTES.fetch_add(layout.size() as u64, Ordering::Relaxed);
        // SAFETY: the caller keeps the contract, which is the same.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        BYTES.fetch_sub(layout.size() as u64, Ordering::Relaxed);
        // SAFETY: as above.
        unsafe { System.dealloc(block, layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        BYTES.fetch_add(size as u64, Ordering::Relaxed);
        BYTES.fetch_sub(layout.size() as u64, Ordering::Relaxed);
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
    let _alone = alone();
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

/// Bytes that are still allocated of what `make` gives.
fn bytes_of<T>(make: impl FnOnce() -> T) -> (u64, T) {
    let before = BYTES.load(Ordering::Relaxed);
    let made = make();
    (BYTES.load(Ordering::Relaxed) - before, made)
}

#[test]
fn a_book_starts_small_whatever_its_configuration() {
    let _alone = alone();
    for slots in [64, 4096, 1 << 18] {
        let config = BookConfig { slots, step: 100 };
        let (bytes, mut book) = bytes_of(|| BookWriter::with_config(config));
        println!("an empty book of up to {slots} slots: {bytes} bytes");
        assert!(bytes <= 4096, "{slots} slots: {bytes} bytes");

        // What is far away, or between two slots, is no reason to grow.
        let (bytes, ()) = bytes_of(|| {
            for ticks in 1..=50 {
                let (far, off) = (Price::new(ticks * 10_000_000), Price::new(100 * ticks + 7));
                book.add(Side::Bid, far, 1).expect("it fits");
                book.add(Side::Ask, off, 1).expect("it fits");
            }
        });
        assert!(bytes <= 4096, "{slots} slots: {bytes} bytes more");
    }
}

#[test]
fn a_day_of_eight_thousand_instruments_takes_a_few_kilobytes_for_each() {
    const INSTRUMENTS: u16 = 8_000;
    let _alone = alone();
    let config = Config {
        instruments: INSTRUMENTS,
        depth: 20,
        ..Config::default()
    };
    // The directory has seven messages for each.
    let messages = 7 * u64::from(INSTRUMENTS) + 64_000;
    let day = write_day(config, 1, messages, Vec::new()).expect("memory takes all");
    let (bytes, books) = bytes_of(|| {
        let mut books = Books::with_config(BookConfig {
            slots: 1024,
            step: 100,
        });
        // A reader for each, so that there is a book of each.
        (1..=INSTRUMENTS).for_each(|it| drop(books.reader(it)));
        for transaction in TransactionReader::new(Reader::new(&day, Reading::default())) {
            let applied = books.apply(&transaction.expect("it is well-formed"));
            assert_eq!(applied, Ok(()));
        }
        books
    });
    let (count, orders) = (books.instruments().count() as u64, books.orders().len());
    let each = bytes / count;
    println!("{count} books and {orders} orders: {bytes} bytes, {each} for each book");
    assert_eq!(count, u64::from(INSTRUMENTS));
    assert!(each <= 4096, "{each} bytes for each book");
}
