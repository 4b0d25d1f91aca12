//! How long things take, without cost where they happen.
//!
//! Each thread records into histograms of its own. A collector on another thread exchanges them for empty ones through
//! a pair of rings and adds them up; the recording thread neither waits, nor allocates, nor shares a cache line that
//! changes while it records.
//!
//! Latencies are counted from the moment at which a transaction was *to be* sent. When the pipeline stands still for a
//! second, all that was to be sent in that second counts as late: what G. Tene calls coordinated omission does not
//! hide it.

mod counts;
mod export;
mod recorder;

pub use export::hgrm;
pub use recorder::{Collector, Latencies, Recorder};

use hdrhistogram::Histogram;

/// What is timed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Timed {
    /// From when a transaction was to be sent until the ingress sent it: the oldest of each batch.
    Send,
    /// From when it was to be sent until the book had it: the oldest of each batch.
    Book,
    /// How long a bundle was open.
    Bundle,
    /// From when it was to be sent until it was put out: every transaction.
    EndToEnd,
}

impl Timed {
    /// All that is timed, in the order of the flow.
    pub const ALL: [Self; 4] = [Self::Send, Self::Book, Self::Bundle, Self::EndToEnd];

    /// Its name, in lower case.
    ///
    /// ```
    /// assert_eq!(velox::telemetry::Timed::EndToEnd.name(), "end_to_end");
    /// ```
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Send => "send",
            Self::Book => "book",
            Self::Bundle => "bundle",
            Self::EndToEnd => "end_to_end",
        }
    }

    pub(crate) const fn index(self) -> usize {
        self as usize
    }
}

/// A distribution of latencies in a few numbers, in nanoseconds. All are 0 where nothing was recorded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// How many.
    pub count: u64,
    /// Half of them took no longer.
    pub p50: u64,
    /// Nine of ten.
    pub p90: u64,
    /// 99 of a hundred.
    pub p99: u64,
    /// 999 of a thousand.
    pub p999: u64,
    /// The longest.
    pub max: u64,
    /// The mean, rounded.
    pub mean: u64,
}

impl Summary {
    /// Of a histogram.
    ///
    /// ```
    /// use velox::telemetry::Summary;
    ///
    /// let mut histogram = velox::telemetry::histogram();
    /// for ns in 1..=1_000 {
    ///     histogram.saturating_record(ns);
    /// }
    /// let summary = Summary::of(&histogram);
    /// assert_eq!((summary.count, summary.p50, summary.p99, summary.max), (1_000, 500, 990, 1_000));
    /// ```
    #[must_use]
    pub fn of(histogram: &Histogram<u64>) -> Self {
        if histogram.is_empty() {
            return Self::default();
        }
        Self {
            count: histogram.len(),
            p50: histogram.value_at_quantile(0.5),
            p90: histogram.value_at_quantile(0.9),
            p99: histogram.value_at_quantile(0.99),
            p999: histogram.value_at_quantile(0.999),
            max: histogram.max(),
            mean: histogram.mean().round() as u64,
        }
    }
}

/// The longest latency that is told from longer ones: a minute.
pub const LONGEST_NS: u64 = 60_000_000_000;

/// An empty histogram of latencies: 1 ns to a minute, to three digits.
///
/// # Panics
/// If there is no memory for it: 221 kB.
#[must_use]
pub fn histogram() -> Histogram<u64> {
    Histogram::new_with_bounds(1, LONGEST_NS, 3).expect("the bounds are in order")
}
