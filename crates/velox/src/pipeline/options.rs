//! What can be chosen of a pipeline.

use super::pace::Pace;
use crate::Bundle;

/// How the stages are spread over threads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// Everything on one thread, without rings.
    Fused,
    /// The ingress on a thread, a ring, and the rest on another.
    Two,
    /// Ingress, book, bundles and output on a thread each, with three rings.
    Four,
}

impl Layout {
    /// The number of threads.
    ///
    /// ```
    /// assert_eq!(velox::pipeline::Layout::Four.threads(), 4);
    /// ```
    #[must_use]
    pub const fn threads(self) -> usize {
        match self {
            Self::Fused => 1,
            Self::Two => 2,
            Self::Four => 4,
        }
    }
}

/// What the ingress does when the first ring is full.
///
/// The other rings block: what the book has applied is put out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnFull {
    /// It waits for room. Transactions are late, none is lost.
    Block,
    /// It drops what comes.
    DropNewest,
    /// It has the consumer of the ring drop the oldest, as many as there is no room for.
    DropOldest,
}

/// What a thread does while it has nothing to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// It looks again at once: the shortest delays, and a processor each.
    Spin,
    /// It offers its processor to other threads.
    Yield,
    /// It sleeps until its neighbour wakes it, or its time has come. Waking takes some ten microseconds.
    Park,
}

/// Everything that can be chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// How the stages are spread over threads.
    pub layout: Layout,
    /// What a thread does while it has nothing to do.
    pub wait: Wait,
    /// What happens when the first ring is full.
    pub on_full: OnFull,
    /// When each transaction is to be sent.
    pub pace: Pace,
    /// The transactions that the first two rings hold; the last one holds as many bundles as take that many, full.
    pub ring: usize,
    /// The most transactions in a bundle: 1 to 16.
    pub bundle_max: usize,
    /// How long a transaction waits at most for its bundle to fill, in nanoseconds.
    pub bundle_timeout_ns: u64,
    /// No transaction is generated so many nanoseconds after the start, or later.
    pub duration_ns: Option<u64>,
    /// The processors for the threads, in order, again from the first where there are fewer; none to leave it to the
    /// system.
    pub pin: Vec<usize>,
    /// Whether latencies are recorded.
    pub telemetry: bool,
}

impl Default for Options {
    /// One thread, as fast as it can, bundles of 16 or 100 microseconds.
    fn default() -> Self {
        Self {
            layout: Layout::Fused,
            wait: Wait::Yield,
            on_full: OnFull::Block,
            pace: Pace::Max,
            ring: 1024,
            bundle_max: Bundle::CAPACITY,
            bundle_timeout_ns: 100_000,
            duration_ns: None,
            pin: Vec::new(),
            telemetry: true,
        }
    }
}
