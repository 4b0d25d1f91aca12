//! Book, bundles and output on one thread, and what records at the end of every pipeline.

use super::account::Account;
use super::{Book, Entry, Output};
use crate::Bundle;
use crate::bundle::{Bundler, Flush, Sink};
use crate::clock::Time;
use crate::telemetry::{Recorder, Timed};

/// The end of the pipeline: puts bundles out, and records when.
pub(super) struct End<O, T> {
    pub(super) output: O,
    pub(super) time: T,
    /// Transactions put out.
    pub(super) passed: u64,
    /// How long bundles were open, where it isn't recorded before.
    pub(super) bundle: Option<Recorder>,
    pub(super) end: Option<Recorder>,
}

impl<O, T> End<O, T> {
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
        if let Some(recorder) = &mut self.end {
            let now = self.time.now_ns();
            recorder.record_since(bundle.intended_ns(), now);
        }
    }

    /// Hands over what was recorded, if it was asked for: once for a batch.
    #[inline]
    pub(super) fn exchange(&mut self) {
        for recorder in [&mut self.bundle, &mut self.end].into_iter().flatten() {
            recorder.exchange();
        }
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

    /// Records that the book had a batch, whose oldest was to be sent at `intended_ns`.
    #[inline]
    pub(super) fn record(&mut self, intended_ns: u64) {
        if let Some(recorder) = &mut self.to_book {
            let now = self.bundler.sink_mut().time.now_ns();
            recorder.record(now.saturating_sub(intended_ns));
            recorder.exchange();
        }
        self.bundler.sink_mut().exchange();
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
