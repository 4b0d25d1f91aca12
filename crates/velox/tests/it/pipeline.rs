//! Pipelines of every layout, with sources, books and outputs that misbehave.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use proptest::prelude::*;
use velox::clock::{Clock, Time};
use velox::pipeline::{self, Book, Layout, OnFull, Options, Pace, Wait};
use velox::telemetry::Timed;
use velox::{Bundle, Kind, Price, Side, Transaction};

const LAYOUTS: [Layout; 3] = [Layout::Fused, Layout::Two, Layout::Four];
const WAITS: [Wait; 3] = [Wait::Spin, Wait::Yield, Wait::Park];

/// Fewer where each access is interpreted.
const fn scaled(count: u64) -> u64 {
    if cfg!(miri) { count / 100 + 1 } else { count }
}

fn transaction(order: u64) -> Transaction {
    Transaction {
        time_ns: order * 10,
        order,
        price: Price::new(100),
        quantity: 1,
        sequence: order as u32,
        instrument: 0,
        kind: Kind::Add,
        side: Side::Bid,
    }
}

/// A clock that never moves, for tests in which nothing may depend on it.
#[derive(Clone)]
struct Stopped;

impl Time for Stopped {
    fn now_ns(&self) -> u64 {
        0
    }
}

/// A book that is a hash of what it saw, in order, and refuses each `refuse`-th transaction.
#[derive(Debug, Default, PartialEq, Eq)]
struct Trace {
    hash: u64,
    seen: u64,
    refuse: u64,
}

impl Book for Trace {
    fn apply(&mut self, transaction: &Transaction) -> bool {
        self.seen += 1;
        self.hash = (self.hash ^ transaction.order)
            .wrapping_mul(0x100_0000_01B3)
            .rotate_left(5);
        self.refuse == 0 || !self.seen.is_multiple_of(self.refuse)
    }
}

fn options(layout: Layout, wait: Wait) -> Options {
    Options {
        layout,
        wait,
        ring: 64,
        ..Options::default()
    }
}

#[test]
fn every_layout_puts_out_everything_once_in_order() {
    let count = scaled(4_000);
    let mut expected = Trace::default();
    (0..count).for_each(|order| {
        expected.apply(&transaction(order));
    });
    for layout in LAYOUTS {
        for wait in WAITS {
            if wait == Wait::Spin && layout == Layout::Four {
                // Threads that spin on fewer processors wait for each other's time slices.
                continue;
            }
            let orders = Arc::new(Mutex::new(Vec::new()));
            let sink = Arc::clone(&orders);
            let output = move |bundle: &Bundle| {
                sink.lock()
                    .unwrap()
                    .extend(bundle.transactions().iter().map(|it| it.order));
            };
            let source = (0..count).map(transaction);
            let running = pipeline::start(
                &options(layout, wait),
                Clock::new(),
                source,
                Trace::default(),
                output,
            );
            let finished = running.unwrap().finish().unwrap();
            assert_eq!(finished.book, expected, "{layout:?} {wait:?}");
            assert!(
                orders.lock().unwrap().iter().copied().eq(0..count),
                "{layout:?} {wait:?}"
            );
            let snapshot = finished.snapshot;
            assert_eq!(
                (snapshot.generated, snapshot.output, snapshot.lost()),
                (count, count, 0)
            );
            assert_eq!((snapshot.drops.total(), snapshot.in_flight.total()), (0, 0));
            assert_eq!(
                snapshot.flushes.shutdown,
                u64::from(!count.is_multiple_of(16) && snapshot.flushes.timeout == 0)
            );
            assert_eq!(finished.latencies.total(Timed::EndToEnd).count, count);
        }
    }
}

#[test]
fn everything_is_accounted_for_in_every_snapshot_whatever_is_dropped() {
    for layout in LAYOUTS {
        for on_full in [OnFull::Block, OnFull::DropNewest, OnFull::DropOldest] {
            let count = scaled(20_000);
            let options = Options {
                on_full,
                ring: 16,
                ..options(layout, Wait::Park)
            };
            // A slow output, so that the rings fill up.
            let output = |bundle: &Bundle| {
                for _ in 0..bundle.transactions().len() * 20 {
                    std::hint::spin_loop();
                }
            };
            let book = Trace {
                refuse: 7,
                ..Trace::default()
            };
            let source = (0..count).map(transaction);
            let running = pipeline::start(&options, Clock::new(), source, book, output).unwrap();
            let mut last = running.snapshot();
            let mut ended = false;
            while !ended {
                ended = running.wait_for_end(Duration::from_micros(20));
                let now = running.snapshot();
                assert_eq!(now.lost(), 0, "{layout:?} {on_full:?} {now:?}");
                assert!(now.generated >= last.generated && now.output >= last.output);
                assert!(now.in_flight.total() <= now.generated, "{now:?}");
                last = now;
            }
            let finished = running.finish().unwrap();
            let snapshot = finished.snapshot;
            assert_eq!(
                (
                    snapshot.generated,
                    snapshot.lost(),
                    snapshot.in_flight.total()
                ),
                (count, 0, 0)
            );
            assert_eq!(snapshot.drops.refused, finished.book.seen / 7);
            let at_full = snapshot.drops.newest + snapshot.drops.oldest;
            assert_eq!(finished.book.seen + at_full, count);
            if on_full == OnFull::Block || layout == Layout::Fused {
                assert_eq!(at_full, 0);
            }
            assert!(on_full == OnFull::DropNewest || snapshot.drops.newest == 0);
            assert!(on_full == OnFull::DropOldest || snapshot.drops.oldest == 0);
        }
    }
}

/// A gate that an output waits at.
#[derive(Clone, Default)]
struct Gate(Arc<AtomicBool>);

impl Gate {
    fn wait(&self) {
        while !self.0.load(Ordering::Acquire) {
            std::thread::yield_now();
        }
    }

    fn open(&self) {
        self.0.store(true, Ordering::Release);
    }
}

/// Runs a pipeline of one transaction a bundle whose output stands still until the source has ended.
fn blocked(layout: Layout, on_full: OnFull, count: u64) -> (Vec<u64>, pipeline::Snapshot) {
    let gate = Gate::default();
    let orders = Arc::new(Mutex::new(Vec::new()));
    let (at_gate, sink) = (gate.clone(), Arc::clone(&orders));
    let output = move |bundle: &Bundle| {
        at_gate.wait();
        sink.lock()
            .expect("no thread panics")
            .extend(bundle.transactions().iter().map(|it| it.order));
    };
    let ended = Arc::new(AtomicU64::new(0));
    let counter = Arc::clone(&ended);
    let source = (0..count).map(transaction).inspect(move |_| {
        counter.fetch_add(1, Ordering::Relaxed);
    });
    let options = Options {
        on_full,
        ring: 4,
        bundle_max: 1,
        ..options(layout, Wait::Park)
    };
    let running = pipeline::start(&options, Stopped, source, Trace::default(), output)
        .expect("no thread panics");
    while ended.load(Ordering::Relaxed) < count {
        std::thread::yield_now();
    }
    gate.open();
    let finished = running.finish().expect("no thread panics");
    let orders = orders.lock().expect("no thread panics").clone();
    (orders, finished.snapshot)
}

#[test]
fn dropping_the_newest_keeps_the_oldest_and_the_reverse() {
    for layout in [Layout::Two, Layout::Four] {
        let (orders, snapshot) = blocked(layout, OnFull::DropNewest, 1_000);
        assert_eq!(orders[..4], [0, 1, 2, 3], "{layout:?}");
        assert_eq!(snapshot.drops.newest, 1_000 - orders.len() as u64);

        if layout == Layout::Two {
            // The thread that would drop is the one that waits at the output.
            continue;
        }
        let (orders, snapshot) = blocked(layout, OnFull::DropOldest, 1_000);
        assert!(
            orders.is_sorted() && orders.ends_with(&[996, 997, 998, 999]),
            "{layout:?} {orders:?}"
        );
        assert_eq!(snapshot.drops.oldest, 1_000 - orders.len() as u64);
        assert_eq!(snapshot.lost(), 0);
    }
}

#[test]
fn a_pipeline_that_is_stopped_at_any_moment_puts_out_what_it_took() {
    for round in 0..scaled(60) {
        let layout = LAYOUTS[round as usize % 3];
        let options = Options {
            bundle_timeout_ns: 1_000_000_000_000,
            ..options(layout, [Wait::Yield, Wait::Park][round as usize / 3 % 2])
        };
        let running = pipeline::start(
            &options,
            Clock::monotonic(),
            (0..).map(transaction),
            Trace::default(),
            |_: &Bundle| (),
        );
        let running = running.unwrap();
        // Another moment each time, by work and not by time.
        let until = round * 37 % 1_000;
        while running.snapshot().output < until && !running.wait_for_end(Duration::from_micros(5)) {
            std::hint::spin_loop();
        }
        running.stop();
        let finished = running.finish().unwrap();
        let (snapshot, mut source) = (finished.snapshot, finished.source);
        assert_eq!(
            (
                snapshot.lost(),
                snapshot.in_flight.total(),
                snapshot.drops.total()
            ),
            (0, 0, 0)
        );
        assert_eq!(snapshot.output, finished.book.seen);
        assert_eq!(source.next().map(|it| it.order), Some(snapshot.generated));
    }
}

#[test]
fn a_rate_sends_each_transaction_when_it_is_due_and_stops_in_time() {
    // Time is counted in a thread's looks at the clock: each is a microsecond later.
    struct Ticking(AtomicU64);
    impl Clone for Ticking {
        fn clone(&self) -> Self {
            Self(AtomicU64::new(self.0.load(Ordering::Relaxed)))
        }
    }
    impl Time for Ticking {
        fn now_ns(&self) -> u64 {
            self.0.fetch_add(1_000, Ordering::Relaxed)
        }
    }
    for layout in LAYOUTS {
        let options = Options {
            pace: Pace::Rate(100_000.try_into().unwrap()),
            ring: 4_096,
            duration_ns: Some(10_000_000),
            ..options(layout, Wait::Yield)
        };
        let time = Ticking(AtomicU64::new(0));
        let running = pipeline::start(
            &options,
            time,
            (0..).map(transaction),
            Trace::default(),
            |_: &Bundle| (),
        );
        let finished = running.unwrap().finish().unwrap();
        // Every 10 us for 10 ms, the first at once; the end falls between two looks.
        let generated = finished.snapshot.generated;
        assert!(
            (990..=1_001).contains(&generated),
            "{layout:?}: {generated}"
        );
        assert_eq!(finished.snapshot.lost(), 0);
    }
}

#[test]
fn a_stage_that_panics_ends_the_pipeline_with_its_number() {
    for layout in LAYOUTS {
        let output =
            |bundle: &Bundle| assert!(bundle.sequence() < 2, "the third bundle is too much");
        let running = pipeline::start(
            &options(layout, Wait::Park),
            Clock::monotonic(),
            (0..).map(transaction),
            Trace::default(),
            output,
        );
        let error = running.unwrap().finish().map(|it| it.snapshot).unwrap_err();
        assert_eq!(error.0, layout.threads() - 1);
    }
}

#[test]
fn options_that_no_pipeline_has_are_refused() {
    let start = |options: Options| {
        pipeline::start(
            &options,
            Stopped,
            (0..9).map(transaction),
            Trace::default(),
            |_: &Bundle| (),
        )
        .map(|_| ())
        .unwrap_err()
        .to_string()
    };
    let of = |change: fn(&mut Options)| {
        let mut options = Options::default();
        change(&mut options);
        start(options)
    };
    assert_eq!(
        of(|it| it.bundle_max = 17),
        "bundles have 1 to 16 transactions, not 17"
    );
    assert_eq!(
        of(|it| it.bundle_max = 0),
        "bundles have 1 to 16 transactions, not 0"
    );
    assert_eq!(
        of(|it| it.ring = 0),
        "rings hold 1 to 2^32 transactions, not 0"
    );
    if !velox::affinity::processors().is_empty() {
        assert_eq!(
            of(|it| it.pin = vec![99_999]),
            "the system does not let a thread stay on processor 99999"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(miri) { 1 } else { 24 }))]

    #[test]
    fn the_book_sees_the_same_whatever_the_layout_and_sizes(
        count in 0..scaled(3_000),
        ring in 1usize..100,
        bundle_max in 1usize..=16,
        timeout in 0u64..10_000,
        refuse in 0u64..9,
    ) {
        let ends = LAYOUTS.map(|layout| {
            let options =
                Options { ring, bundle_max, bundle_timeout_ns: timeout, ..options(layout, Wait::Park) };
            let book = Trace { refuse, ..Trace::default() };
            let running =
                pipeline::start(&options, Clock::monotonic(), (0..count).map(transaction), book, |_: &Bundle| ());
            let finished = running.unwrap().finish().unwrap();
            assert_eq!((finished.snapshot.lost(), finished.snapshot.in_flight.total()), (0, 0));
            (finished.book, finished.snapshot.output)
        });
        prop_assert_eq!(&ends[0], &ends[1]);
        prop_assert_eq!(&ends[0], &ends[2]);
    }
}
