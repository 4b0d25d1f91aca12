//! What takes transactions from the source when they are due.

use super::Entry;
use super::options::Options;
use super::pace::Moments;
use super::shared::Shared;
use crate::Transaction;
use crate::clock::Time;
use crate::sync::Arc;

/// What there is to send.
pub(super) enum Due {
    /// This, now.
    Now(Entry),
    /// Nothing for so many nanoseconds.
    In(u64),
    /// Nothing more.
    End,
}

/// The source and its moments.
pub(super) struct Ingress<I, T> {
    pub(super) source: I,
    pub(super) time: T,
    moments: Moments,
    /// Taken from the source before it was due. It counts as generated when it is sent: until then it may still be
    /// left, as if it had stayed in the source.
    ahead: Option<Entry>,
    end_ns: Option<u64>,
    shared: Arc<Shared>,
    ended: bool,
}

impl<I: Iterator<Item = Transaction>, T: Time> Ingress<I, T> {
    pub(super) fn new(source: I, time: T, options: &Options, shared: &Arc<Shared>) -> Self {
        let start_ns = time.now_ns();
        Self {
            source,
            moments: Moments::new(options.pace, start_ns),
            ahead: None,
            end_ns: options.duration_ns.map(|ns| start_ns.saturating_add(ns)),
            shared: Arc::clone(shared),
            ended: false,
            time,
        }
    }

    /// The next transaction, if it is due at `now_ns`.
    #[inline]
    pub(super) fn next(&mut self, now_ns: u64) -> Due {
        if self.ended {
            return Due::End;
        }
        let next = match self.ahead.take() {
            Some(entry) => entry,
            None => match self.source.next() {
                Some(transaction) => {
                    let intended_ns = self.moments.next(transaction.time_ns, now_ns);
                    Entry {
                        transaction,
                        intended_ns,
                    }
                }
                None => {
                    self.ended = true;
                    return Due::End;
                }
            },
        };
        if next.intended_ns > now_ns {
            self.ahead = Some(next);
            return Due::In(next.intended_ns - now_ns);
        }
        Due::Now(next)
    }

    /// Ends if it is to stop, or its time is over. To be asked before each batch.
    #[inline]
    pub(super) fn look_for_end(&mut self, now_ns: u64) {
        if self.shared.is_stopped() || self.end_ns.is_some_and(|end| now_ns >= end) {
            self.ended = true;
        }
    }

    pub(super) const fn has_ended(&self) -> bool {
        self.ended
    }

    /// How long to wait for what is due in `ns`: no longer than until the end.
    pub(super) fn patience(&self, ns: u64, now_ns: u64) -> u64 {
        self.end_ns
            .map_or(ns, |end| ns.min(end.saturating_sub(now_ns)))
    }
}

/// One request to drop the oldest, from the producer of the first ring to its consumer.
///
/// The producer makes one at a time and waits until there is room; the consumer serves each once.
#[derive(Debug, Default)]
pub(super) struct Request {
    /// Requests made so far.
    pub(super) number: u64,
}

const COUNT_BITS: u32 = 16;

impl Request {
    /// The next request, for room for `count`, as one word.
    pub(super) const fn next(&mut self, count: usize) -> u64 {
        self.number += 1;
        self.number << COUNT_BITS | count as u64
    }

    /// How much room is asked for, if the word is a request that was not served before.
    #[inline]
    pub(super) const fn serve(&mut self, word: u64) -> Option<usize> {
        if word >> COUNT_BITS == self.number {
            return None;
        }
        self.number = word >> COUNT_BITS;
        Some((word & ((1 << COUNT_BITS) - 1)) as usize)
    }
}
