//! Histograms that change sides.

use std::fmt;

use hdrhistogram::Histogram;
use spsc_ring::{Consumer, Producer, PushError};

use super::counts::Counts;
use super::{Summary, Timed, histogram};

type Slot = Box<Counts>;

/// Where one thread records one kind of latency.
pub struct Recorder {
    current: Slot,
    empty: Consumer<Slot>,
    full: Producer<Slot>,
}

impl Recorder {
    /// A recorder, and what collects from it.
    ///
    /// ```
    /// use velox::telemetry::Recorder;
    ///
    /// let (mut recorder, mut collector) = Recorder::new();
    /// recorder.record(250);
    /// collector.request();
    /// recorder.exchange();
    /// collector.collect();
    /// assert_eq!(collector.total().max(), 250);
    /// ```
    #[must_use]
    pub fn new() -> (Self, Collector) {
        let (to_recorder, empty) = spsc_ring::ring(1);
        let (full, from_recorder) = spsc_ring::ring(1);
        let recorder = Self {
            current: Counts::new(),
            empty,
            full,
        };
        let collector = Collector {
            spare: Some(Counts::new()),
            to_recorder,
            from_recorder,
            interval: histogram(),
            total: histogram(),
        };
        (recorder, collector)
    }

    /// Records a latency. Longer ones than a minute count as one. Neither allocates nor waits.
    #[inline]
    pub fn record(&mut self, ns: u64) {
        self.current.record(ns, 1);
    }

    /// Records a latency that many transactions have.
    #[cfg(not(loom))]
    #[inline]
    pub(crate) fn record_many(&mut self, ns: u64, times: u64) {
        self.current.record(ns, times);
    }

    /// Records how long it is since each of these moments, at `now_ns`.
    ///
    /// ```
    /// use velox::telemetry::Recorder;
    ///
    /// let (mut recorder, mut collector) = Recorder::new();
    /// recorder.record_since(&[100, 100, 250], 300);
    /// collector.finish(recorder);
    /// assert_eq!((collector.total().len(), collector.total().min(), collector.total().max()), (3, 50, 200));
    /// ```
    #[inline]
    pub fn record_since(&mut self, moments_ns: &[u64], now_ns: u64) {
        for moment in moments_ns {
            self.record(now_ns.saturating_sub(*moment));
        }
    }

    /// As [`record_since`](Self::record_since), of moments none of which is before the one in front of it.
    #[cfg(not(loom))]
    #[inline]
    pub(crate) fn record_in_order(&mut self, moments_ns: &[u64], now_ns: u64) {
        let [Some(longest), Some(shortest)] = [moments_ns.first(), moments_ns.last()]
            .map(|it| it.map(|moment| now_ns.saturating_sub(*moment)))
        else {
            return;
        };
        // Those that are late are late by about the same: adding to one word again and again waits for it.
        if super::counts::same(longest, shortest) {
            self.record_many(longest, moments_ns.len() as u64);
        } else {
            self.record_since(moments_ns, now_ns);
        }
    }

    /// Hands what was recorded to the collector, if it has sent an empty histogram. To be called now and then.
    #[inline]
    pub fn exchange(&mut self) {
        if let Ok(empty) = self.empty.try_pop() {
            let filled = core::mem::replace(&mut self.current, empty);
            // There are two histograms: where one came in, the ring out of here has room.
            let sent = self.full.try_push(filled);
            debug_assert!(sent.is_ok() || self.full.is_closed());
        }
    }
}

impl fmt::Debug for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recorder").finish_non_exhaustive()
    }
}

/// What collects from one [`Recorder`].
pub struct Collector {
    /// Empty; none while the recorder has both.
    spare: Option<Slot>,
    to_recorder: Producer<Slot>,
    from_recorder: Consumer<Slot>,
    interval: Histogram<u64>,
    total: Histogram<u64>,
}

impl Collector {
    /// Asks the recorder for what it has recorded. It hands it over with its next [`exchange`](Recorder::exchange).
    pub fn request(&mut self) {
        if let Some(spare) = self.spare.take() {
            // One request is under way at most: the ring has room, unless the recorder has gone.
            self.spare = self
                .to_recorder
                .try_push(spare)
                .err()
                .map(PushError::into_inner);
        }
    }

    /// Takes in what the recorder has handed over.
    pub fn collect(&mut self) {
        if let Ok(mut filled) = self.from_recorder.try_pop() {
            self.interval.reset();
            self.add(&mut filled);
            self.spare = Some(filled);
        }
    }

    /// Takes in all that is left, when the recorder is done.
    pub fn finish(&mut self, mut recorder: Recorder) {
        self.collect();
        self.add(&mut recorder.current);
    }

    fn add(&mut self, filled: &mut Counts) {
        let (interval, total) = (&mut self.interval, &mut self.total);
        filled.drain(|ns, count| {
            for sum in [&mut *interval, &mut *total] {
                sum.record_n(ns, count).expect("it is within the bounds");
            }
        });
    }

    /// What came last.
    #[must_use]
    pub const fn interval(&self) -> &Histogram<u64> {
        &self.interval
    }

    /// All that came.
    #[must_use]
    pub const fn total(&self) -> &Histogram<u64> {
        &self.total
    }
}

impl fmt::Debug for Collector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Collector")
            .field("collected", &self.total.len())
            .finish_non_exhaustive()
    }
}

/// The collectors of a pipeline: one for each thing that is timed, none where nothing is.
#[derive(Debug, Default)]
pub struct Latencies {
    collectors: Vec<Collector>,
}

impl Latencies {
    /// A recorder and a collector for each thing that is timed.
    #[cfg(not(loom))]
    pub(crate) fn new() -> ([Recorder; 4], Self) {
        let mut collectors = Vec::new();
        let recorders = Timed::ALL.map(|_| {
            let (recorder, collector) = Recorder::new();
            collectors.push(collector);
            recorder
        });
        (recorders, Self { collectors })
    }

    /// Asks the threads for what they have recorded. They hand it over with their next batch.
    pub fn request(&mut self) {
        self.collectors.iter_mut().for_each(Collector::request);
    }

    /// Takes in what the threads have handed over.
    pub fn collect(&mut self) {
        self.collectors.iter_mut().for_each(Collector::collect);
    }

    #[cfg(not(loom))]
    pub(crate) fn finish(&mut self, timed: Timed, recorder: Recorder) {
        if let Some(collector) = self.collectors.get_mut(timed.index()) {
            collector.finish(recorder);
        }
    }

    /// What came last; nothing where nothing is timed.
    #[must_use]
    pub fn interval(&self, timed: Timed) -> Summary {
        self.collectors
            .get(timed.index())
            .map_or_else(Summary::default, |it| Summary::of(it.interval()))
    }

    /// All that came.
    #[must_use]
    pub fn total(&self, timed: Timed) -> Summary {
        self.histogram(timed)
            .map_or_else(Summary::default, Summary::of)
    }

    /// All that came, in full.
    #[must_use]
    pub fn histogram(&self, timed: Timed) -> Option<&Histogram<u64>> {
        self.collectors.get(timed.index()).map(Collector::total)
    }
}

#[cfg(all(test, not(any(loom, shuttle))))]
mod tests {
    use super::Recorder;

    #[test]
    fn each_latency_is_collected_once() {
        let (mut recorder, mut collector) = Recorder::new();
        let mut recorded = 0;
        for round in 0..20u64 {
            for ns in 0..round {
                recorder.record(ns * 100);
                recorded += 1;
            }
            if round % 3 != 0 {
                recorder.exchange();
            }
            if round % 4 != 0 {
                collector.request();
            }
            if round % 5 != 0 {
                collector.collect();
            }
        }
        collector.finish(recorder);
        assert_eq!(collector.total().len(), recorded);
    }

    #[test]
    fn moments_in_order_are_recorded_as_each_by_itself_would_be() {
        for (step, now) in [
            (0, 9_000),
            (1, 60_000_000),
            (7, 9_000),
            (100, 5_000_000),
            (1 << 40, 3),
        ] {
            let moments: Vec<u64> = (0..80).map(|it| it * step).collect();
            let ((mut one, mut all), (mut each, mut sum)) = (Recorder::new(), Recorder::new());
            one.record_in_order(&moments, now);
            one.record_in_order(&[], now);
            each.record_since(&moments, now);
            all.finish(one);
            sum.finish(each);
            assert_eq!(all.total(), sum.total(), "{step}");
            assert_eq!(all.total().len(), 80);
        }
    }

    #[test]
    fn a_collector_that_has_gone_does_not_hold_up_the_recorder() {
        let (mut recorder, collector) = Recorder::new();
        drop(collector);
        for _ in 0..5 {
            recorder.record(u64::MAX);
            recorder.exchange();
        }
    }
}
