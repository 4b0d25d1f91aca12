//! Pipelines as they are measured: where transactions come from, how they are spread over threads, where they end.

use std::num::NonZeroU64;
use std::sync::Arc;
use velox::affinity::processors;
use velox::pipeline::{Layout, Options, Output, Pace, Wait};
use velox::synthetic::{Arrivals, Config, Generator, TransactionFlow};
use velox::{BookConfig, Books, Bundle, Transaction};

/// The threads that stages are laid out on.
pub struct Threads {
    pub name: &'static str,
    pub layout: Layout,
}

pub const LAYOUTS: [Threads; 2] = [
    Threads {
        name: "one thread",
        layout: Layout::Fused,
    },
    Threads {
        name: "two threads",
        layout: Layout::Two,
    },
];

/// Transactions that were made before, so that making them is not timed.
#[derive(Clone)]
pub struct Made {
    all: Arc<[Transaction]>,
    next: usize,
}

impl Made {
    pub fn new(seed: u64, count: usize) -> Self {
        Self {
            all: synthetic(seed, 1_000_000).take(count).collect(),
            next: 0,
        }
    }

    pub fn len(&self) -> usize {
        self.all.len()
    }
}

impl Iterator for Made {
    type Item = Transaction;

    #[inline]
    fn next(&mut self) -> Option<Transaction> {
        let next = self.all.get(self.next).copied();
        self.next += 1;
        next
    }
}

/// What `velox run` generates at this rate.
pub fn synthetic(seed: u64, rate: u64) -> TransactionFlow {
    let config = Config {
        rate,
        arrivals: Arrivals::Poisson,
        ..Config::default()
    };
    let generator = Generator::new(config, seed).expect("there is such a flow");
    generator.transactions()
}

/// The books that `velox run` has.
pub fn books() -> Books {
    Books::with_config(BookConfig {
        slots: 1024,
        step: 100,
    })
}

/// An output that reads every transaction.
#[derive(Default)]
pub struct Sum(pub u64);

impl Output for Sum {
    #[inline]
    fn put(&mut self, bundle: &Bundle) {
        for it in bundle.transactions() {
            let word = it.order ^ u64::from(it.quantity) << 32 ^ u64::from(it.sequence);
            self.0 = self.0.wrapping_add(word ^ it.time_ns);
        }
    }
}

/// Pinned threads that spin. None where there are fewer processors than threads.
pub fn options(layout: Layout, pace: Pace) -> Option<Options> {
    let mut pin = processors();
    // The first processor has the system's interrupts, and whoever waits for the pipeline.
    pin.reverse();
    pin.truncate(layout.threads());
    (pin.len() == layout.threads()).then(|| Options {
        layout,
        pace,
        pin,
        wait: Wait::Spin,
        ..Options::default()
    })
}

pub fn rate(per_second: u64) -> Pace {
    Pace::Rate(NonZeroU64::new(per_second).expect("not 0"))
}

/// Why a layout was not run.
pub fn too_few(workload: &str, layout: Layout) -> String {
    let threads = layout.threads();
    format!("{workload}: {threads} threads, and this machine has fewer processors")
}
