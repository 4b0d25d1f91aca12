//! The threads of a pipeline: each is a stage that is stepped until it is done.

use std::collections::VecDeque;

use spsc_ring::{Consumer, Producer};

use super::account::Account;
use super::bell::Idler;
use super::ingress::{Due, Ingress, Request};
use super::options::OnFull;
use super::shared::Shared;
use super::tail::{End, Tail};
use super::{BATCH, Book, Entry, Output};
use crate::bundle::{Bundler, Flush, Sink};
use crate::clock::Time;
use crate::sync::Arc;
use crate::telemetry::Recorder;
use crate::{Bundle, Transaction};

/// What a step came to.
pub(super) enum Step {
    /// Something happened: the next step may find more.
    Moved,
    /// Nothing happened. The next step may find something after so many nanoseconds, or when a neighbour has done
    /// something.
    Idle(Option<u64>),
    /// Nothing will happen any more.
    Done,
}

/// What one thread does.
pub(super) trait Stage {
    fn step(&mut self) -> Step;
}

/// Steps a stage until it is done, on the thread of that number.
pub(super) fn run(stage: &mut impl Stage, shared: &Shared, thread: usize) {
    let mut idler = Idler::new(shared.wait, shared.bell(thread));
    loop {
        match stage.step() {
            Step::Moved => idler.moved(),
            Step::Idle(until_ns) => idler.idle(until_ns),
            Step::Done => return,
        }
    }
}

/// A stage's place: what it publishes, and whom it wakes.
pub(super) struct Place {
    pub(super) shared: Arc<Shared>,
    pub(super) thread: usize,
    pub(super) account: Account,
}

impl Place {
    pub(super) fn new(shared: &Arc<Shared>, thread: usize) -> Self {
        Self {
            shared: Arc::clone(shared),
            thread,
            account: Account::default(),
        }
    }

    #[inline]
    fn publish(&self) {
        self.shared.publish(self.thread, &self.account);
    }

    #[inline]
    fn wake_next(&self) {
        self.shared.wake(self.thread + 1);
    }

    #[inline]
    fn wake_previous(&self) {
        self.shared.wake(self.thread - 1);
    }
}

#[inline]
fn record(recorder: &mut Option<Recorder>, ns: u64) {
    if let Some(recorder) = recorder {
        recorder.record(ns);
        recorder.exchange();
    }
}

/// Ingress, with a ring behind it.
pub(super) struct Sender<I, T> {
    pub(super) ingress: Ingress<I, T>,
    pub(super) out: Producer<Entry>,
    pub(super) place: Place,
    pub(super) on_full: OnFull,
    pub(super) recorder: Option<Recorder>,
    /// Generated, and waiting until the oldest have made room.
    pub(super) waiting: VecDeque<Entry>,
    pub(super) request: Request,
}

impl<I: Iterator<Item = Transaction>, T: Time> Stage for Sender<I, T> {
    fn step(&mut self) -> Step {
        let now = self.ingress.time.now_ns();
        self.ingress.look_for_end(now);
        if !self.waiting.is_empty() {
            return self.send_waiting();
        }
        let mut grant = self.out.grant(BATCH);
        if grant.is_empty() {
            drop(grant);
            return self.at_full(now);
        }
        let mut oldest = None;
        let due = loop {
            if grant.filled() == grant.len() {
                break None;
            }
            match self.ingress.next(now) {
                Due::Now(entry) => {
                    oldest.get_or_insert(entry.intended_ns);
                    let pushed = grant.push(entry);
                    debug_assert!(pushed.is_ok(), "a slot is free");
                }
                other => break Some(other),
            }
        };
        let Some(oldest) = oldest else {
            return match due {
                Some(Due::In(ns)) => Step::Idle(Some(self.ingress.patience(ns, now))),
                _ => Step::Done,
            };
        };
        let count = grant.filled() as u64;
        self.place.account.taken += count;
        self.place.account.passed += count;
        // Before the next stage can see them: see `Snapshot`.
        self.place.publish();
        grant.commit_all();
        self.place.wake_next();
        record(&mut self.recorder, now.saturating_sub(oldest));
        Step::Moved
    }
}

impl<I: Iterator<Item = Transaction>, T: Time> Sender<I, T> {
    fn at_full(&mut self, now: u64) -> Step {
        if self.ingress.has_ended() || self.out.is_closed() {
            return Step::Done;
        }
        match self.on_full {
            OnFull::Block => Step::Idle(Some(self.ingress.patience(u64::MAX, now))),
            OnFull::DropNewest => self.drop_newest(now),
            OnFull::DropOldest => self.ask_for_room(now),
        }
    }

    fn drop_newest(&mut self, now: u64) -> Step {
        for dropped in 0..BATCH as u64 {
            let step = match self.ingress.next(now) {
                Due::Now(_) => {
                    self.place.account.taken += 1;
                    self.place.account.drops.newest += 1;
                    continue;
                }
                Due::In(ns) => Step::Idle(Some(self.ingress.patience(ns, now))),
                Due::End => Step::Done,
            };
            self.place.publish();
            return if dropped > 0 { Step::Moved } else { step };
        }
        self.place.publish();
        Step::Moved
    }

    fn ask_for_room(&mut self, now: u64) -> Step {
        let most = BATCH.min(self.out.capacity());
        while self.waiting.len() < most {
            match self.ingress.next(now) {
                Due::Now(entry) => self.waiting.push_back(entry),
                Due::In(ns) if self.waiting.is_empty() => {
                    return Step::Idle(Some(self.ingress.patience(ns, now)));
                }
                Due::End if self.waiting.is_empty() => return Step::Done,
                Due::In(_) | Due::End => break,
            }
        }
        let count = self.waiting.len();
        self.place.account.taken += count as u64;
        self.place.account.held = count as u64;
        self.place.publish();
        self.place.shared.ask(self.request.next(count));
        Step::Moved
    }

    fn send_waiting(&mut self) -> Step {
        let mut grant = self.out.grant(self.waiting.len());
        if grant.is_empty() {
            drop(grant);
            return if self.out.is_closed() {
                Step::Done
            } else {
                Step::Idle(None)
            };
        }
        let count = grant.len();
        grant.fill(self.waiting.drain(..count));
        self.place.account.passed += count as u64;
        self.place.account.held = self.waiting.len() as u64;
        self.place.publish();
        grant.commit_all();
        self.place.wake_next();
        Step::Moved
    }
}

/// The end of the first ring, and the requests to drop from it.
pub(super) struct Intake {
    pub(super) ring: Consumer<Entry>,
    served: Request,
}

impl Intake {
    pub(super) fn new(ring: Consumer<Entry>) -> Self {
        Self {
            ring,
            served: Request::default(),
        }
    }

    /// Drops the oldest if there was a request for room that there isn't.
    #[inline]
    fn serve(&mut self, place: &mut Place) {
        if let Some(count) = self.served.serve(place.shared.request()) {
            self.drop_oldest(count, place);
        }
    }

    #[cold]
    fn drop_oldest(&mut self, count: usize, place: &mut Place) {
        // The producer waits for the answer: nothing is pushed meanwhile.
        let room = self.ring.capacity() - self.ring.len();
        let dropped = self.ring.grant(count.saturating_sub(room));
        let count = dropped.len();
        dropped.release_all();
        place.account.taken += count as u64;
        place.account.drops.oldest += count as u64;
        place.publish();
        place.wake_previous();
    }
}

/// The book, between two rings.
pub(super) struct BookStage<B, T> {
    pub(super) intake: Intake,
    pub(super) out: Producer<Entry>,
    pub(super) book: B,
    pub(super) time: T,
    pub(super) place: Place,
    pub(super) recorder: Option<Recorder>,
}

impl<B: Book, T: Time> Stage for BookStage<B, T> {
    fn step(&mut self) -> Step {
        // The flag first: what is missing after it will not come.
        let closed = self.intake.ring.is_closed();
        self.intake.serve(&mut self.place);
        let batch = self.intake.ring.grant(BATCH);
        if batch.is_empty() {
            return if closed { Step::Done } else { Step::Idle(None) };
        }
        let mut room = self.out.grant(batch.len());
        if room.is_empty() {
            drop(room);
            return if self.out.is_closed() {
                Step::Done
            } else {
                Step::Idle(None)
            };
        }
        let count = room.len();
        let (front, back) = batch.as_slices();
        let oldest = front.first().map_or(0, |entry| entry.intended_ns);
        for entry in front.iter().chain(back).take(count) {
            if self.book.apply(&entry.transaction) {
                let pushed = room.push(*entry);
                debug_assert!(pushed.is_ok(), "there is a slot for each");
            }
        }
        let passed = room.filled();
        self.place.account.taken += count as u64;
        self.place.account.passed += passed as u64;
        self.place.account.drops.refused += (count - passed) as u64;
        self.place.publish();
        room.commit_all();
        batch.release(count);
        self.place.wake_next();
        self.place.wake_previous();
        if self.recorder.is_some() {
            let now = self.time.now_ns();
            record(&mut self.recorder, now.saturating_sub(oldest));
        }
        Step::Moved
    }
}

/// The ring to the output, as a bundler's sink.
pub(super) struct RingSink {
    pub(super) out: Producer<Bundle>,
    pub(super) place: Place,
    pub(super) recorder: Option<Recorder>,
}

impl Sink for RingSink {
    fn take(&mut self, bundle: &Bundle) -> bool {
        let mut room = self.out.grant(1);
        if room.push(*bundle).is_err() {
            return false;
        }
        self.place.account.passed += bundle.transactions().len() as u64;
        self.place.account.held = 0;
        self.place.publish();
        room.commit_all();
        self.place.wake_next();
        record(&mut self.recorder, bundle.closed_ns() - bundle.opened_ns());
        true
    }
}

/// The bundles, between two rings.
pub(super) struct BundleStage<T> {
    pub(super) input: Consumer<Entry>,
    pub(super) bundler: Bundler<RingSink>,
    pub(super) time: T,
}

impl<T: Time> Stage for BundleStage<T> {
    fn step(&mut self) -> Step {
        let closed = self.input.is_closed();
        let now = self.time.now_ns();
        let polled = self.bundler.poll(now).is_some();
        let batch = self.input.grant(BATCH);
        let mut count = 0;
        let (front, back) = batch.as_slices();
        for entry in front.iter().chain(back) {
            if self.bundler.is_stuck() && self.bundler.poll(now).is_none() {
                break;
            }
            // Taken before it is added: it may leave, and be published, with its bundle.
            self.bundler.sink_mut().place.account.taken += 1;
            let added = self.bundler.add(entry.transaction, entry.intended_ns, now);
            debug_assert!(added.is_ok(), "the bundle has room");
            count += 1;
        }
        let empty = batch.is_empty();
        if count > 0 || polled {
            publish(&mut self.bundler);
            batch.release(count);
            self.bundler.sink_mut().place.wake_previous();
            return Step::Moved;
        }
        if self.bundler.is_stuck() && self.bundler.sink_mut().out.is_closed() {
            return Step::Done;
        }
        if !(closed && empty) {
            return Step::Idle(self.bundler.deadline_ns().map(|at| at.saturating_sub(now)));
        }
        match self.bundler.flush(Flush::Shutdown, now) {
            Ok(_) => {
                publish(&mut self.bundler);
                Step::Done
            }
            Err(_) if self.bundler.sink_mut().out.is_closed() => Step::Done,
            Err(_) => Step::Idle(None),
        }
    }
}

/// Publishes what the bundles stage has done.
fn publish(bundler: &mut Bundler<RingSink>) {
    let (held, flushes) = (bundler.len() as u64, bundler.flushes());
    let place = &mut bundler.sink_mut().place;
    place.account.held = held;
    place.account.flushes = flushes;
    place.publish();
}

/// The output, behind a ring.
pub(super) struct OutputStage<O, T> {
    pub(super) input: Consumer<Bundle>,
    pub(super) end: End<O, T>,
    pub(super) place: Place,
}

impl<O: Output, T: Time> Stage for OutputStage<O, T> {
    fn step(&mut self) -> Step {
        let closed = self.input.is_closed();
        let batch = self.input.grant(BATCH / Bundle::CAPACITY);
        if batch.is_empty() {
            return if closed { Step::Done } else { Step::Idle(None) };
        }
        let (front, back) = batch.as_slices();
        for bundle in front.iter().chain(back) {
            self.end.put(bundle);
            self.place.account.taken += bundle.transactions().len() as u64;
        }
        self.end.settle();
        self.place.account.passed = self.end.passed;
        self.place.publish();
        batch.release_all();
        self.place.wake_previous();
        Step::Moved
    }
}

/// Book, bundles and output, behind a ring.
pub(super) struct TailStage<B, O, T> {
    pub(super) intake: Intake,
    pub(super) tail: Tail<B, O, T>,
    pub(super) time: T,
    pub(super) place: Place,
}

impl<B: Book, O: Output, T: Time> Stage for TailStage<B, O, T> {
    fn step(&mut self) -> Step {
        let closed = self.intake.ring.is_closed();
        self.intake.serve(&mut self.place);
        let now = self.time.now_ns();
        let polled = self.tail.bundler.poll(now).is_some();
        let batch = self.intake.ring.grant(BATCH);
        let (front, back) = batch.as_slices();
        let oldest = front.first().map(|entry| entry.intended_ns);
        for entry in front.iter().chain(back) {
            self.tail.take(entry, now);
        }
        self.place.account.taken += batch.len() as u64;
        let done = closed && batch.is_empty();
        if done {
            self.tail.finish(now);
        }
        if oldest.is_none() && !polled && !done {
            return Step::Idle(
                self.tail
                    .bundler
                    .deadline_ns()
                    .map(|at| at.saturating_sub(now)),
            );
        }
        self.tail.enter(&mut self.place.account);
        self.place.publish();
        batch.release_all();
        self.place.wake_previous();
        self.tail.settle(oldest);
        if done { Step::Done } else { Step::Moved }
    }
}

/// Everything on one thread.
pub(super) struct FusedStage<I, B, O, T> {
    pub(super) ingress: Ingress<I, T>,
    pub(super) tail: Tail<B, O, T>,
    pub(super) place: Place,
    pub(super) recorder: Option<Recorder>,
}

impl<I: Iterator<Item = Transaction>, B: Book, O: Output, T: Time> Stage
    for FusedStage<I, B, O, T>
{
    fn step(&mut self) -> Step {
        let now = self.ingress.time.now_ns();
        self.ingress.look_for_end(now);
        let polled = self.tail.bundler.poll(now).is_some();
        let mut oldest = None;
        let mut due = Due::In(0);
        for _ in 0..BATCH {
            match self.ingress.next(now) {
                Due::Now(entry) => {
                    oldest.get_or_insert(entry.intended_ns);
                    self.place.account.taken += 1;
                    self.tail.take(&entry, now);
                }
                other => {
                    due = other;
                    break;
                }
            }
        }
        let done = oldest.is_none() && matches!(due, Due::End);
        if done {
            self.tail.finish(now);
        }
        if oldest.is_some() || polled || done {
            self.tail.enter(&mut self.place.account);
            self.place.publish();
            self.tail.settle(oldest);
        }
        if let Some(oldest) = oldest {
            record(&mut self.recorder, now.saturating_sub(oldest));
            return Step::Moved;
        }
        match due {
            Due::In(ns) if !polled => {
                let bundle = self
                    .tail
                    .bundler
                    .deadline_ns()
                    .map_or(u64::MAX, |at| at.saturating_sub(now));
                Step::Idle(Some(self.ingress.patience(ns.min(bundle), now)))
            }
            Due::End => Step::Done,
            _ => Step::Moved,
        }
    }
}
