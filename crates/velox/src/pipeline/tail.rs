//! Book, bundles and output on one thread, and what records at the end of every pipeline.

use super::account::Account;
use super::{BATCH, Book, Entry, Output};
use crate::Bundle;
use crate::bundle::{Bundler, Flush, Sink};
use crate::clock::Time;
use crate::telemetry::{Recorder, Timed};

/// The end of the pipeline: puts bundles out, and records when.
pub(super) struct End<O, T> {
    output: O,
    time: T,
    /// Transactions put out.
    pub(super) passed: u64,
    /// How long bundles were open, where it isn't recorded before.
    bundle: Option<Recorder>,
    end: Option<Recorder>,
    unsettled: Unsettled,
}

/// When the transactions that were put out since the last settlement were to be sent.
///
/// The clock is looked at once for all of them: a look takes longer than all else that the end of the pipeline does for
/// a transaction.
struct Unsettled {
    /// Moments with the transactions that have them, of bundles that have one. Batches of transactions that are due
    /// when they are taken have one too.
    runs: Vec<(u64, u64)>,
    /// Of the other bundles.
    moments: Vec<u64>,
}

impl Unsettled {
    /// What is put out in one step: a batch, what waited before it, and a bundle at the end. More would fit, and allocate.
    const MOST: usize = 2 * (BATCH + Bundle::CAPACITY);

    fn new() -> Self {
        Self {
            runs: Vec::with_capacity(Self::MOST),
            moments: Vec::with_capacity(Self::MOST),
        }
    }

    #[inline]
    fn add(&mut self, moments: &[u64]) {
        let [first, .., last] = moments else {
            return self.moments.extend(moments);
        };
        // Moments never go back: see `Moments`.
        if first != last {
            // Most bundles are full, and copying a length that is known takes no call.
            return match <&[u64; Bundle::CAPACITY]>::try_from(moments) {
                Ok(full) => self.moments.extend_from_slice(full),
                Err(_) => self.moments.extend_from_slice(moments),
            };
        }
        let count = moments.len() as u64;
        match self.runs.last_mut() {
            Some((moment, sum)) if moment == first => *sum += count,
            _ => self.runs.push((*first, count)),
        }
    }

    #[inline]
    fn settle(&mut self, recorder: &mut Recorder, now_ns: u64) {
        for (moment, count) in self.runs.drain(..) {
            recorder.record_many(now_ns.saturating_sub(moment), count);
        }
        recorder.record_in_order(&self.moments, now_ns);
        self.moments.clear();
    }
}

impl<O, T> End<O, T> {
    pub(super) fn new(output: O, time: T, bundle: Option<Recorder>, end: Option<Recorder>) -> Self {
        Self {
            output,
            time,
            passed: 0,
            bundle,
            end,
            unsettled: Unsettled::new(),
        }
    }

    pub(super) fn into_parts(self) -> (O, Vec<(Timed, Recorder)>) {
        let bundle = self.bundle.map(|it| (Timed::Bundle, it));
        let end = self.end.map(|it| (Timed::EndToEnd, it));
        (self.output, bundle.into_iter().chain(end).collect())
    }
}

impl<O: Output, T: Time> End<O, T> {
    #[inline]
    pub(super) fn put(&mut self, bundle: &Bundle) {
        self.output.put(bundle);
        self.passed += bundle.transactions().len() as u64;
        if let Some(recorder) = &mut self.bundle {
            recorder.record(bundle.closed_ns() - bundle.opened_ns());
        }
        if self.end.is_some() {
            self.unsettled.add(bundle.intended_ns());
        }
    }

    /// Records all that was put out since the last time, now that it is out, and hands over what was recorded, if it was
    /// asked for. The time, where it is recorded. Once for a batch.
    #[inline]
    pub(super) fn settle(&mut self) -> Option<u64> {
        let end = self.end.as_mut()?;
        let now = self.time.now_ns();
        self.unsettled.settle(end, now);
        end.exchange();
        if let Some(recorder) = &mut self.bundle {
            recorder.exchange();
        }
        Some(now)
    }
}

/// Bundles go out at once.
impl<O: Output, T: Time> Sink for End<O, T> {
    fn take(&mut self, bundle: &Bundle) -> bool {
        self.put(bundle);
        true
    }
}

/// Book, bundles and output on one thread.
pub(super) struct Tail<B, O, T> {
    pub(super) book: B,
    pub(super) bundler: Bundler<End<O, T>>,
    refused: u64,
    pub(super) to_book: Option<Recorder>,
}

impl<B: Book, O: Output, T: Time> Tail<B, O, T> {
    pub(super) const fn new(
        book: B,
        bundler: Bundler<End<O, T>>,
        to_book: Option<Recorder>,
    ) -> Self {
        Self {
            book,
            bundler,
            refused: 0,
            to_book,
        }
    }

    /// Takes a transaction, to the end if its bundle is full.
    #[inline]
    pub(super) fn take(&mut self, entry: &Entry, now_ns: u64) {
        if !self.book.apply(&entry.transaction) {
            self.refused += 1;
            return;
        }
        let added = self
            .bundler
            .add(entry.transaction, entry.intended_ns, now_ns);
        debug_assert!(added.is_ok(), "the output takes every bundle");
    }

    /// Records that everything before is out, and that the book had a batch whose oldest was to be sent at
    /// `intended_ns`, if there was one.
    #[inline]
    pub(super) fn settle(&mut self, intended_ns: Option<u64>) {
        let now = self.bundler.sink_mut().settle();
        if let (Some(recorder), Some(now), Some(intended_ns)) =
            (&mut self.to_book, now, intended_ns)
        {
            recorder.record(now.saturating_sub(intended_ns));
            recorder.exchange();
        }
    }

    pub(super) fn into_parts(self) -> (B, O, Vec<(Timed, Recorder)>) {
        let (output, mut recorded) = self.bundler.into_sink().into_parts();
        recorded.extend(self.to_book.map(|it| (Timed::Book, it)));
        (self.book, output, recorded)
    }

    /// Lets the last bundle go.
    pub(super) fn finish(&mut self, now_ns: u64) {
        let last = self.bundler.flush(Flush::Shutdown, now_ns);
        debug_assert!(last.is_ok(), "the output takes every bundle");
    }

    /// Enters what happened since the start into the account.
    pub(super) fn enter(&mut self, account: &mut Account) {
        account.passed = self.bundler.sink_mut().passed;
        account.held = self.bundler.len() as u64;
        account.drops.refused = self.refused;
        account.flushes = self.bundler.flushes();
    }
}
