//! Random schedules of whole pipelines, and of how they end.
//!
//! `RUSTFLAGS="--cfg shuttle" cargo test --release -p velox --test shuttle --target-dir target/shuttle`
#![cfg(shuttle)]

use shuttle::sync::Arc;
use shuttle::sync::atomic::{AtomicU64, Ordering};
use shuttle::{check_pct, check_random, thread};
use velox::clock::Time;
use velox::pipeline::{self, Book, Layout, OnFull, Options, Wait};
use velox::{Bundle, Kind, Price, Side, Transaction};

const ITERATIONS: usize = 300;

fn check(program: impl Fn() + Clone + Send + Sync + 'static) {
    check_random(program.clone(), ITERATIONS);
    check_pct(program, ITERATIONS, 3);
}

/// A clock that never moves: bundles leave when they are full, or at the end.
#[derive(Clone)]
struct Stopped;

impl Time for Stopped {
    fn now_ns(&self) -> u64 {
        0
    }
}

/// A book that refuses each third transaction.
struct Thirds(u64);

impl Book for Thirds {
    fn apply(&mut self, transaction: &Transaction) -> bool {
        self.0 += 1;
        transaction.order % 3 != 2
    }
}

fn transaction(order: u64) -> Transaction {
    Transaction {
        time_ns: 0,
        order,
        price: Price::new(1),
        quantity: 1,
        sequence: 0,
        instrument: 0,
        kind: Kind::Add,
        side: Side::Bid,
    }
}

fn options(layout: Layout, on_full: OnFull) -> Options {
    Options {
        layout,
        on_full,
        wait: Wait::Park,
        ring: 2,
        bundle_max: 2,
        telemetry: false,
        ..Options::default()
    }
}

/// Runs `count` transactions, looks meanwhile, stops it at some moment if asked to, and checks that all adds up.
fn program(layout: Layout, on_full: OnFull, count: u64, stops: bool) {
    let put = Arc::new(AtomicU64::new(0));
    let sink = Arc::clone(&put);
    let output = move |bundle: &Bundle| {
        sink.fetch_add(bundle.transactions().len() as u64, Ordering::SeqCst);
    };
    let source = (0..count).map(transaction);
    let running = pipeline::start(
        &options(layout, on_full),
        Stopped,
        source,
        Thirds(0),
        output,
    )
    .unwrap();
    let stop = running.stopper();
    let stopper = stops.then(|| thread::spawn(move || stop.stop()));
    for _ in 0..2 {
        let snapshot = running.snapshot();
        assert_eq!(snapshot.lost(), 0, "{snapshot:?}");
        // A ring from which more was taken than passed on would hold less than nothing.
        let it = snapshot.in_flight;
        for held in [
            it.ingress,
            it.ring_book,
            it.ring_bundles,
            it.bundle,
            it.ring_output,
        ] {
            assert!(held <= snapshot.generated, "{snapshot:?}");
        }
        thread::yield_now();
    }
    let finished = running.finish().unwrap();
    if let Some(stopper) = stopper {
        stopper.join().unwrap();
    }
    let snapshot = finished.snapshot;
    assert_eq!((snapshot.lost(), snapshot.in_flight.total()), (0, 0));
    assert_eq!(snapshot.output, put.load(Ordering::SeqCst));
    assert_eq!(
        finished.book.0 + snapshot.drops.newest + snapshot.drops.oldest,
        snapshot.generated
    );
    if !stops {
        assert_eq!(snapshot.generated, count);
    }
}

#[test]
fn four_threads_put_out_everything_and_end() {
    check(|| program(Layout::Four, OnFull::Block, 7, false));
}

#[test]
fn two_threads_put_out_everything_and_end() {
    check(|| program(Layout::Two, OnFull::Block, 7, false));
}

#[test]
fn four_threads_that_are_stopped_put_out_what_they_took() {
    check(|| program(Layout::Four, OnFull::Block, 9, true));
}

#[test]
fn two_threads_that_are_stopped_put_out_what_they_took() {
    check(|| program(Layout::Two, OnFull::Block, 9, true));
}

#[test]
fn what_is_dropped_at_a_full_ring_is_counted() {
    check(|| program(Layout::Four, OnFull::DropNewest, 9, true));
    check(|| program(Layout::Four, OnFull::DropOldest, 9, true));
    check(|| program(Layout::Two, OnFull::DropOldest, 9, true));
}
