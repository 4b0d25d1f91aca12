//! `velox run` and `velox replay`.

use std::fs;
use std::process;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use velox::clock::Clock;
use velox::pipeline::{self, Finished, Options, Output, Pace, Running, Stop};
use velox::telemetry::{Timed, hgrm};
use velox::{BookConfig, BookReader, Books, Bundle};

use super::args::{Arrivals, From, OnFault, OnFullArg, Run, Speed};
use super::checked::{Checked, Refused};
use super::metrics::Metrics;
use super::report::{Best, Input, Last, Latency, Refusals, Report};
use super::source::{self, Source};
use super::{Failure, print, tui};

/// What ends at once on a second signal says so in the way of the shells.
const SECOND_SIGNAL: i32 = 130;

/// How long the threads have to hand over what they recorded.
const ANSWER: Duration = Duration::from_millis(1);

/// The books of a feed have prices of a cent.
const BOOKS: BookConfig = BookConfig {
    slots: 1024,
    step: 100,
};

pub(crate) type Flow = Running<Source, Checked, Digest>;

/// All transactions that were put out, in their order, as a number.
#[derive(Debug, Default)]
pub(crate) struct Digest(u64);

impl Output for Digest {
    #[inline]
    fn put(&mut self, bundle: &Bundle) {
        const ODD: u64 = 0x9E37_79B9_7F4A_7C15;
        for it in bundle.transactions() {
            let what = u64::from(it.price.ticks().cast_unsigned()) << 32 | u64::from(it.quantity);
            let which = u64::from(it.sequence) << 32
                | u64::from(it.instrument) << 16
                | (it.kind as u64) << 8
                | it.side as u64;
            let word = it.order.wrapping_mul(ODD)
                ^ what
                ^ which.wrapping_mul(ODD.rotate_left(32) | 1)
                ^ it.time_ns;
            self.0 = (self.0.rotate_left(5) ^ word).wrapping_mul(ODD);
        }
    }
}

/// What the signals have to stop.
#[derive(Debug, Default)]
struct Signals {
    count: u32,
    stop: Option<Stop>,
}

#[derive(Clone, Debug)]
struct Handler(Arc<Mutex<Signals>>);

impl Handler {
    /// From here on the first SIGINT, SIGTERM or SIGHUP drains, and a second one ends the process.
    fn install() -> Result<Self, Failure> {
        let this = Self(Arc::default());
        let handler = this.clone();
        let set = ctrlc::set_handler(move || handler.signal());
        set.map_err(|error| Failure::Machine(format!("signals are not handled: {error}")))?;
        Ok(this)
    }

    fn signal(&self) {
        let mut signals = self.lock();
        signals.count += 1;
        if signals.count > 1 {
            process::exit(SECOND_SIGNAL);
        }
        if let Some(stop) = &signals.stop {
            stop.stop();
        }
    }

    /// Gives the signals what they stop, and stops it if one has come already.
    fn arm(&self, stop: Stop) {
        let mut signals = self.lock();
        if signals.count > 0 {
            stop.stop();
        }
        signals.stop = Some(stop);
    }

    fn has_come(&self) -> bool {
        self.lock().count > 0
    }

    fn lock(&self) -> MutexGuard<'_, Signals> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Looks at a pipeline now and then.
pub(crate) struct Observer {
    start: Instant,
    before: (u64, u64, u64),
    pub(crate) reader: BookReader,
    instrument: u16,
    metrics: Option<Metrics>,
    /// The most that was ever missing from a snapshot; 0, or the program is wrong.
    lost: i64,
    refused: Refused,
}

impl Observer {
    /// What happened until now, and since the last look.
    pub(crate) fn look(&mut self, flow: &mut Flow) -> Report {
        if self.refused.get().is_some() {
            // The source ends too, but may be waiting for what is due in minutes.
            flow.stop();
        }
        flow.latencies().request();
        // A batch takes microseconds. Who has nothing to do has nothing to hand over either.
        let _ended = flow.wait_for_end(ANSWER);
        flow.latencies().collect();
        let elapsed_ns = self.elapsed_ns();
        let snapshot = flow.snapshot();
        let latencies = flow.latencies();
        let latency = Latency::of(|timed| latencies.interval(timed));
        let report = Report::new(elapsed_ns, &snapshot, self.before, latency, self.best());
        self.before = (elapsed_ns, report.generated, report.output);
        self.lost = if report.lost == 0 {
            self.lost
        } else {
            report.lost
        };
        if let Some(metrics) = &self.metrics {
            metrics.set(&report, |timed| latencies.total(timed));
        }
        report
    }

    pub(crate) fn elapsed_ns(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }

    fn best(&self) -> Best {
        Best::of(self.instrument, self.reader.top())
    }
}

/// How a pipeline is to run.
fn options(run: &Run) -> Options {
    let flow = &run.flow;
    let nanoseconds = |it: Duration| u64::try_from(it.as_nanos()).unwrap_or(u64::MAX);
    let pace = match (&run.source, flow.speed, run.arrivals) {
        (_, Speed::Max, _) => Pace::Max,
        (From::Synthetic, _, Arrivals::Uniform) => Pace::Rate(run.rate),
        (_, Speed::Times(thousandths), _) => Pace::Recorded(thousandths),
    };
    Options {
        layout: flow.stages.layout(),
        wait: flow.wait.wait(),
        on_full: flow.on_full.on_full(),
        pace,
        ring: flow.ring,
        bundle_max: flow.bundle_max,
        bundle_timeout_ns: nanoseconds(flow.bundle_timeout),
        duration_ns: flow.duration.map(nanoseconds),
        pin: flow.pin.as_ref().map(|it| it.0.clone()).unwrap_or_default(),
        telemetry: !flow.no_telemetry,
    }
}

pub(crate) fn run(run: &Run) -> Result<(), Failure> {
    let handler = Handler::install()?;
    let options = options(run);
    let mut books = Books::with_config(BOOKS);
    let reader = books.reader(run.flow.instrument);
    let books = Checked::new(books, stops_at_refusals(run));
    let refused = books.refused();
    let source = Source::open(run, refused.clone())?;
    let metrics = run.flow.metrics_addr.map(Metrics::serve).transpose()?;
    let clock = Clock::new();
    let start = Instant::now();
    let mut flow = pipeline::start(&options, clock, source, books, Digest::default())?;
    handler.arm(flow.stopper());
    let mut observer = Observer {
        start,
        before: (0, 0, 0),
        reader,
        instrument: run.flow.instrument,
        metrics,
        lost: 0,
        refused,
    };
    let shown = if run.flow.tui {
        tui::show(&mut flow, &mut observer, &options)
    } else {
        watch(&mut flow, &mut observer, run).map(|()| false)
    };
    // Where nothing can be shown any more, what is under way is still put out, and accounted for.
    let finished = flow.finish()?;
    let signalled = matches!(shown, Ok(true)) || handler.has_come();
    let concluded = conclude(run, &options, &observer, finished, signalled);
    shown.and(concluded)
}

/// Whether what the books refuse is a fault of the file. Where transactions are dropped it may be their absence.
fn stops_at_refusals(run: &Run) -> bool {
    let is_whole = matches!(run.flow.on_full, OnFullArg::Block);
    let stops = matches!(run.flow.on_fault, OnFault::Stop);
    matches!(run.source, From::Itch(_)) && is_whole && stops
}

/// Waits for the end, and reports each interval.
fn watch(flow: &mut Flow, observer: &mut Observer, run: &Run) -> Result<(), Failure> {
    while !flow.wait_for_end(run.flow.interval) {
        let report = observer.look(flow);
        if run.flow.json
            && let Err(failure) = print(&report.json())
        {
            flow.stop();
            return Err(failure);
        }
    }
    Ok(())
}

/// Reports what there was in all, and checks that it adds up.
fn conclude(
    run: &Run,
    options: &Options,
    observer: &Observer,
    finished: Finished<Source, Checked, Digest>,
    signalled: bool,
) -> Result<(), Failure> {
    let elapsed_ns = observer.elapsed_ns();
    let Finished {
        snapshot,
        latencies,
        source,
        book,
        output,
    } = finished;
    let latency = Latency::of(|timed| latencies.total(timed));
    let mut report = Report::new(elapsed_ns, &snapshot, (0, 0, 0), latency, observer.best());
    let input = source.tally().map(|tally| Input {
        messages: tally.messages,
        bytes: tally.bytes,
        faults: tally.faults,
        skipped_bytes: tally.skipped_bytes,
    });
    let used_up = source.is_used_up();
    // What the books refused came before what the source could not read.
    let failure = match (observer.refused.get(), &run.source) {
        (Some(refusal), From::Itch(path)) => Some(source::failure_of(path, refusal)),
        _ => source.into_failure(),
    };
    let (books, counts) = (&book.books, book.books.counts());
    report.last = Some(Last {
        ended_by: match options.duration_ns {
            _ if failure.is_some() => "fault",
            _ if signalled => "signal",
            _ if used_up => "count",
            Some(limit) if elapsed_ns >= limit => "duration",
            _ => "end",
        },
        stages: options.layout.threads(),
        book_hash: format!("{:016x}", books.hash()),
        output_hash: format!("{:016x}", output.0),
        input,
        refused: Refusals {
            unknown: counts.unknown,
            duplicate: counts.duplicate,
            empty: counts.empty,
            excess: counts.excess,
            instrument: counts.instrument,
            book: counts.book,
            behind: snapshot.drops.refused.saturating_sub(counts.failed()),
        },
    });
    print(&if run.flow.json {
        report.json()
    } else {
        report.text()
    })?;
    if let (Some(path), Some(histogram)) = (&run.flow.hgrm, latencies.histogram(Timed::EndToEnd)) {
        fs::write(path, hgrm(histogram)).map_err(|error| Failure::Io(path.clone(), error))?;
    }
    if observer.lost != 0 || report.lost != 0 || snapshot.in_flight.total() != 0 {
        return Err(Failure::Internal(
            "transactions are not accounted for".to_owned(),
        ));
    }
    failure.map_or(Ok(()), Err)
}
