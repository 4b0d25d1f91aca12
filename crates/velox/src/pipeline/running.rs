//! A pipeline that runs.

use core::fmt;
use core::time::Duration;
use std::collections::VecDeque;
use std::io;

use super::ingress::{Ingress, Request};
use super::options::{Layout, Options};
use super::shared::{Leave, Shared};
use super::snapshot::Snapshot;
use super::stages::{
    BookStage, BundleStage, FusedStage, Intake, OutputStage, Place, RingSink, Sender, TailStage,
    run,
};
use super::tail::{End, Tail};
use super::{BATCH, Book, Entry, Output};
use crate::affinity::{self, PinError};
use crate::bundle::{Bundler, Sink};
use crate::clock::Time;
use crate::sync::{Arc, thread};
use crate::telemetry::{Latencies, Recorder, Timed};
use crate::{Bundle, Transaction};

/// Why a pipeline did not start.
#[derive(Debug)]
#[non_exhaustive]
pub enum StartError {
    /// Bundles of so many transactions: they have 1 to 16.
    BundleMax(usize),
    /// Rings of so many transactions: they hold at least 1, and at most 2^32.
    Ring(usize),
    /// A thread cannot be kept on its processor.
    Pin(PinError),
    /// The system gives no thread.
    Thread(io::Error),
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BundleMax(max) => write!(
                f,
                "bundles have 1 to {} transactions, not {max}",
                Bundle::CAPACITY
            ),
            Self::Ring(size) => write!(f, "rings hold 1 to 2^32 transactions, not {size}"),
            Self::Pin(error) => error.fmt(f),
            Self::Thread(_) => f.write_str("the system gives no thread"),
        }
    }
}

impl core::error::Error for StartError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Thread(error) => Some(error),
            _ => None,
        }
    }
}

impl From<PinError> for StartError {
    fn from(error: PinError) -> Self {
        Self::Pin(error)
    }
}

impl From<io::Error> for StartError {
    fn from(error: io::Error) -> Self {
        Self::Thread(error)
    }
}

/// A stage panicked: its number in the flow, from 0 on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StageError(pub usize);

impl fmt::Display for StageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "thread {} of the pipeline panicked", self.0)
    }
}

impl core::error::Error for StageError {}

/// Stops a pipeline, from any thread.
#[derive(Clone, Debug)]
pub struct Stop(Arc<Shared>);

impl Stop {
    /// Asks the ingress to take nothing more from the source. What is in flight is put out.
    pub fn stop(&self) {
        self.0.stop();
    }
}

/// Stops the pipeline when its owner leaves it.
#[derive(Debug)]
struct StopOnDrop(Stop);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.stop();
    }
}

/// A pipeline that runs, until its source ends or it is stopped. Dropping it stops it, and doesn't wait.
#[derive(Debug)]
pub struct Running<I, B, O> {
    threads: Threads<I, B, O>,
    layout: Layout,
    shared: Arc<Shared>,
    latencies: Latencies,
    _stop: StopOnDrop,
}

/// What is left of a pipeline that has ended.
#[derive(Debug)]
pub struct Finished<I, B, O> {
    /// Where all transactions went; nothing is in flight.
    pub snapshot: Snapshot,
    /// What was timed.
    pub latencies: Latencies,
    /// The source, with what was not taken from it.
    pub source: I,
    /// The book.
    pub book: B,
    /// The output.
    pub output: O,
}

type Recorded = Vec<(Timed, Recorder)>;
type Recorders = [Option<Recorder>; 4];

#[derive(Debug)]
enum Threads<I, B, O> {
    Fused(thread::JoinHandle<(I, B, O, Recorded)>),
    Two(
        thread::JoinHandle<(I, Recorded)>,
        thread::JoinHandle<(B, O, Recorded)>,
    ),
    Four(
        thread::JoinHandle<(I, Recorded)>,
        thread::JoinHandle<(B, Recorded)>,
        thread::JoinHandle<Recorded>,
        thread::JoinHandle<(O, Recorded)>,
    ),
}

/// Starts a pipeline.
///
/// # Errors
/// [`StartError`] says why it did not start; then no thread is left.
///
/// # Panics
/// If there is no memory for the rings.
///
/// # Examples
///
/// ```
/// use velox::clock::Clock;
/// use velox::pipeline::{self, Layout, Options};
/// use velox::{Bundle, Transaction};
/// # use velox::{Kind, Price, Side};
///
/// struct Count(u64);
/// impl pipeline::Book for Count {
///     fn apply(&mut self, _: &Transaction) -> bool {
///         self.0 += 1;
///         true
///     }
/// }
///
/// # let transaction = Transaction {
/// #     time_ns: 0, order: 1, price: Price::new(7), quantity: 100, sequence: 0, instrument: 7,
/// #     kind: Kind::Add, side: Side::Ask,
/// # };
/// let source = std::iter::repeat_n(transaction, 1_000);
/// let options = Options { layout: Layout::Two, ..Options::default() };
/// let running = pipeline::start(&options, Clock::new(), source, Count(0), |_: &Bundle| ())?;
/// assert_eq!(running.snapshot().lost(), 0);
/// let finished = running.finish()?;
/// assert_eq!((finished.book.0, finished.snapshot.output), (1_000, 1_000));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn start<I, B, O, T>(
    options: &Options,
    time: T,
    source: I,
    book: B,
    output: O,
) -> Result<Running<I, B, O>, StartError>
where
    I: Iterator<Item = Transaction> + Send + 'static,
    B: Book,
    O: Output,
    T: Time,
{
    check(options)?;
    let shared = Arc::new(Shared::new(options));
    let (recorders, latencies) = if options.telemetry {
        let (recorders, latencies) = Latencies::new();
        (recorders.map(Some), latencies)
    } else {
        ([const { None }; 4], Latencies::default())
    };
    let stop = StopOnDrop(Stop(Arc::clone(&shared)));
    let plan = Plan {
        options,
        time,
        shared: &shared,
    };
    let threads = match options.layout {
        Layout::Fused => plan.fused(source, book, output, recorders)?,
        Layout::Two => plan.two(source, book, output, recorders)?,
        Layout::Four => plan.four(source, book, output, recorders)?,
    };
    Ok(Running {
        threads,
        layout: options.layout,
        shared,
        latencies,
        _stop: stop,
    })
}

fn check(options: &Options) -> Result<(), StartError> {
    if !(1..=Bundle::CAPACITY).contains(&options.bundle_max) {
        return Err(StartError::BundleMax(options.bundle_max));
    }
    if options.ring == 0 || options.ring as u64 > 1 << 32 {
        return Err(StartError::Ring(options.ring));
    }
    if options.pin.is_empty() {
        return Ok(());
    }
    // On a thread of its own, which then ends: the caller stays where it is.
    let wanted = options.pin.clone();
    let tried =
        thread::Builder::new().spawn(move || wanted.into_iter().try_for_each(affinity::pin))?;
    tried.join().unwrap_or(Ok(())).map_err(StartError::Pin)
}

/// What is needed to make the threads.
struct Plan<'a, T> {
    options: &'a Options,
    time: T,
    shared: &'a Arc<Shared>,
}

impl<T: Time> Plan<'_, T> {
    fn fused<I, B, O>(
        self,
        source: I,
        book: B,
        output: O,
        recorders: Recorders,
    ) -> io::Result<Threads<I, B, O>>
    where
        I: Iterator<Item = Transaction> + Send + 'static,
        B: Book,
        O: Output,
    {
        let [send, to_book, bundle, end] = recorders;
        let tail = Tail::new(book, self.bundler(self.end(output, bundle, end)), to_book);
        let ingress = self.ingress(source);
        let place = Place::new(self.shared, 0);
        let thread = self.spawn(0, "velox", move |shared| {
            let mut stage = FusedStage {
                ingress: ingress(),
                tail,
                place,
                recorder: send,
            };
            run(&mut stage, shared, 0);
            let (book, output, mut recorded) = stage.tail.into_parts();
            recorded.extend(stage.recorder.map(|it| (Timed::Send, it)));
            (stage.ingress.source, book, output, recorded)
        })?;
        Ok(Threads::Fused(thread))
    }

    fn two<I, B, O>(
        self,
        source: I,
        book: B,
        output: O,
        recorders: Recorders,
    ) -> io::Result<Threads<I, B, O>>
    where
        I: Iterator<Item = Transaction> + Send + 'static,
        B: Book,
        O: Output,
    {
        let [send, to_book, bundle, end] = recorders;
        let (out, ring) = spsc_ring::ring(self.options.ring);
        let tail = Tail::new(book, self.bundler(self.end(output, bundle, end)), to_book);
        let place = Place::new(self.shared, 1);
        let time = self.time.clone();
        let last = self.spawn(1, "velox-tail", move |shared| {
            let mut stage = TailStage {
                intake: Intake::new(ring),
                tail,
                time,
                place,
            };
            run(&mut stage, shared, 1);
            stage.tail.into_parts()
        })?;
        Ok(Threads::Two(self.sender(source, out, send)?, last))
    }

    fn four<I, B, O>(
        self,
        source: I,
        book: B,
        output: O,
        recorders: Recorders,
    ) -> io::Result<Threads<I, B, O>>
    where
        I: Iterator<Item = Transaction> + Send + 'static,
        B: Book,
        O: Output,
    {
        let [send, to_book, bundle, end] = recorders;
        let bundles = self.options.ring.div_ceil(self.options.bundle_max);
        let (to_output, input) = spsc_ring::ring(bundles);
        let end = self.end(output, None, end);
        let place = Place::new(self.shared, 3);
        let last = self.spawn(3, "velox-output", move |shared| {
            let mut stage = OutputStage { input, end, place };
            run(&mut stage, shared, 3);
            stage.end.into_parts()
        })?;

        let (to_bundles, input) = spsc_ring::ring(self.options.ring);
        let sink = RingSink {
            out: to_output,
            place: Place::new(self.shared, 2),
            recorder: bundle,
        };
        let (bundler, time) = (self.bundler(sink), self.time.clone());
        let third = self.spawn(2, "velox-bundles", move |shared| {
            let mut stage = BundleStage {
                input,
                bundler,
                time,
            };
            run(&mut stage, shared, 2);
            let recorder = stage.bundler.into_sink().recorder;
            recorder.map(|it| (Timed::Bundle, it)).into_iter().collect()
        })?;

        let (out, ring) = spsc_ring::ring(self.options.ring);
        let place = Place::new(self.shared, 1);
        let time = self.time.clone();
        let second = self.spawn(1, "velox-book", move |shared| {
            let mut stage = BookStage {
                intake: Intake::new(ring),
                out: to_bundles,
                book,
                time,
                place,
                recorder: to_book,
            };
            run(&mut stage, shared, 1);
            let recorded = stage.recorder.map(|it| (Timed::Book, it));
            (stage.book, recorded.into_iter().collect())
        })?;
        Ok(Threads::Four(
            self.sender(source, out, send)?,
            second,
            third,
            last,
        ))
    }

    /// The thread of the ingress. It comes last: what is behind it waits for it, and ends if it doesn't come.
    fn sender<I>(
        self,
        source: I,
        out: spsc_ring::Producer<Entry>,
        recorder: Option<Recorder>,
    ) -> io::Result<thread::JoinHandle<(I, Recorded)>>
    where
        I: Iterator<Item = Transaction> + Send + 'static,
    {
        let ingress = self.ingress(source);
        let place = Place::new(self.shared, 0);
        let on_full = self.options.on_full;
        self.spawn(0, "velox-ingress", move |shared| {
            let mut stage = Sender {
                ingress: ingress(),
                out,
                place,
                on_full,
                recorder,
                waiting: VecDeque::with_capacity(BATCH),
                request: Request::default(),
            };
            run(&mut stage, shared, 0);
            let recorded = stage.recorder.map(|it| (Timed::Send, it));
            (stage.ingress.source, recorded.into_iter().collect())
        })
    }

    /// The ingress, to be made on its own thread: it starts its moments when it is made.
    fn ingress<I>(&self, source: I) -> impl FnOnce() -> Ingress<I, T> + Send + 'static
    where
        I: Iterator<Item = Transaction> + Send + 'static,
    {
        let (time, options, shared) = (
            self.time.clone(),
            self.options.clone(),
            Arc::clone(self.shared),
        );
        move || Ingress::new(source, time, &options, &shared)
    }

    fn bundler<S: Sink>(&self, sink: S) -> Bundler<S> {
        Bundler::new(
            self.options.bundle_max,
            self.options.bundle_timeout_ns,
            sink,
        )
    }

    fn end<O>(&self, output: O, bundle: Option<Recorder>, end: Option<Recorder>) -> End<O, T> {
        End::new(output, self.time.clone(), bundle, end)
    }

    /// Starts a thread on its processor.
    fn spawn<R: Send + 'static>(
        &self,
        thread: usize,
        name: &str,
        body: impl FnOnce(&Shared) -> R + Send + 'static,
    ) -> io::Result<thread::JoinHandle<R>> {
        let shared = Arc::clone(self.shared);
        let pin = &self.options.pin;
        let cpu = (!pin.is_empty()).then(|| pin[thread % pin.len()]);
        thread::Builder::new().name(name.to_owned()).spawn(move || {
            // What the body owns is dropped before this: its rings are closed when it wakes who waits at them.
            let _leave = Leave {
                shared: &shared,
                thread,
            };
            if let Some(cpu) = cpu {
                // `check` has tried it. If the system has changed its mind since, the thread runs where it may.
                let _ = affinity::pin(cpu);
            }
            body(&shared)
        })
    }
}

impl<I, B, O> Running<I, B, O> {
    /// Where all transactions are now. Reads a few cache lines; the threads don't wait for it.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        Snapshot::of(self.layout, &self.shared.ledgers)
    }

    /// Asks the ingress to take nothing more from the source. What is in flight is put out.
    pub fn stop(&self) {
        self.shared.stop();
    }

    /// What stops this pipeline from elsewhere.
    #[must_use]
    pub fn stopper(&self) -> Stop {
        Stop(Arc::clone(&self.shared))
    }

    /// What is timed: to be collected now and then.
    pub const fn latencies(&mut self) -> &mut Latencies {
        &mut self.latencies
    }

    /// Waits until everything is put out, at most so long; whether it is.
    #[must_use]
    pub fn wait_for_end(&self, limit: Duration) -> bool {
        self.shared.wait_for_end(limit)
    }

    /// Waits until the source has ended, or the pipeline is stopped, and everything is put out.
    ///
    /// # Errors
    /// [`StageError`] if a thread panicked: the source, the book or the output did, or the pipeline is wrong.
    pub fn finish(mut self) -> Result<Finished<I, B, O>, StageError> {
        let (source, book, output, recorded) = self.threads.join()?;
        for (timed, recorder) in recorded {
            self.latencies.finish(timed, recorder);
        }
        Ok(Finished {
            snapshot: Snapshot::of(self.layout, &self.shared.ledgers),
            latencies: self.latencies,
            source,
            book,
            output,
        })
    }
}

impl<I, B, O> Threads<I, B, O> {
    /// Waits for all threads. Those behind one that panicked end by themselves, and those before it too.
    fn join(self) -> Result<(I, B, O, Recorded), StageError> {
        match self {
            Self::Fused(only) => join(only, 0),
            Self::Two(first, last) => {
                let (first, last) = (join(first, 0), join(last, 1));
                let ((source, mut recorded), (book, output, more)) = (first?, last?);
                recorded.extend(more);
                Ok((source, book, output, recorded))
            }
            Self::Four(first, second, third, last) => {
                let ends = (
                    join(first, 0),
                    join(second, 1),
                    join(third, 2),
                    join(last, 3),
                );
                let (source, mut recorded) = ends.0?;
                let (book, of_book) = ends.1?;
                let of_bundles = ends.2?;
                let (output, of_output) = ends.3?;
                recorded.extend(of_book.into_iter().chain(of_bundles).chain(of_output));
                Ok((source, book, output, recorded))
            }
        }
    }
}

fn join<R>(handle: thread::JoinHandle<R>, thread: usize) -> Result<R, StageError> {
    handle.join().map_err(|_| StageError(thread))
}
