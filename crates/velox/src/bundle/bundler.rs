//! What groups transactions.

use core::fmt;

use super::{Bundle, Flush};
use crate::Transaction;

/// Where bundles go.
///
/// A closure from `&Bundle` to `bool` is one.
pub trait Sink {
    /// Takes the bundle, or says that it can't now. Then it has kept nothing of it, and is asked again.
    fn take(&mut self, bundle: &Bundle) -> bool;
}

impl<F: FnMut(&Bundle) -> bool> Sink for F {
    fn take(&mut self, bundle: &Bundle) -> bool {
        self(bundle)
    }
}

/// What became of a transaction that was accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accepted {
    /// It waits in a bundle that now has so many.
    Waits(usize),
    /// It was the last of a full bundle, which the sink took: the bundle's number.
    Left(u64),
    /// It is the last of a full bundle, which the sink could not take yet. The bundle goes with the next
    /// [`add`](Bundler::add), [`poll`](Bundler::poll) or [`flush`](Bundler::flush) that finds the sink ready.
    Stuck,
}

/// The transaction was not accepted: the bundle is full and the sink does not take it. Nothing has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused(
    /// The transaction, back.
    pub Transaction,
);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the bundle is full and the sink does not take it")
    }
}

impl core::error::Error for Refused {}

/// How many bundles left, by reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flushes {
    /// Full.
    pub full: u64,
    /// Waited long enough.
    pub timeout: u64,
    /// Asked for.
    pub manual: u64,
    /// The last one.
    pub shutdown: u64,
}

impl Flushes {
    /// Bundles that left for this reason.
    #[must_use]
    pub const fn of(&self, flush: Flush) -> u64 {
        match flush {
            Flush::Full => self.full,
            Flush::Timeout => self.timeout,
            Flush::Manual => self.manual,
            Flush::Shutdown => self.shutdown,
        }
    }

    /// All bundles that left.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.full + self.timeout + self.manual + self.shutdown
    }

    const fn count(&mut self, flush: Flush) {
        match flush {
            Flush::Full => self.full += 1,
            Flush::Timeout => self.timeout += 1,
            Flush::Manual => self.manual += 1,
            Flush::Shutdown => self.shutdown += 1,
        }
    }
}

/// Groups transactions into bundles of up to `max`, none of which waits longer than a timeout for its next.
///
/// It has no thread and no clock: who owns it says what time it is, and calls [`poll`](Self::poll) often enough.
/// It does not allocate.
///
/// # Examples
///
/// ```
/// use velox::{Accepted, Bundle, Bundler, Flush};
/// # use velox::{Kind, Price, Side, Transaction};
/// # let transaction = Transaction {
/// #     time_ns: 0, order: 1, price: Price::new(7), quantity: 100, sequence: 0, instrument: 7,
/// #     kind: Kind::Add, side: Side::Ask,
/// # };
/// let mut out = Vec::new();
/// let mut bundler = Bundler::new(2, 100_000, |bundle: &Bundle| {
///     out.push((bundle.flush(), bundle.transactions().len()));
///     true
/// });
/// assert_eq!(bundler.add(transaction, 0, 0), Ok(Accepted::Waits(1)));
/// assert_eq!(bundler.add(transaction, 0, 10), Ok(Accepted::Left(0)));
/// assert_eq!(bundler.add(transaction, 0, 20), Ok(Accepted::Waits(1)));
/// assert_eq!(bundler.deadline_ns(), Some(100_020));
/// assert_eq!(bundler.poll(100_019), None);
/// assert_eq!(bundler.poll(100_020), Some(Flush::Timeout));
/// assert_eq!(bundler.flushes().total(), 2);
/// drop(bundler);
/// assert_eq!(out, [(Flush::Full, 2), (Flush::Timeout, 1)]);
/// ```
#[derive(Debug)]
pub struct Bundler<S> {
    sink: S,
    bundle: Bundle,
    max: u8,
    timeout_ns: u64,
    flushes: Flushes,
}

impl<S: Sink> Bundler<S> {
    /// Bundles of up to `max` transactions, that leave at the latest `timeout_ns` after their first came.
    ///
    /// # Panics
    /// If `max` is not 1 to 16.
    #[must_use]
    pub fn new(max: usize, timeout_ns: u64, sink: S) -> Self {
        assert!(
            (1..=Bundle::CAPACITY).contains(&max),
            "bundles of {max} transactions, they have 1 to {}",
            Bundle::CAPACITY
        );
        Self {
            sink,
            bundle: Bundle::EMPTY,
            max: max as u8,
            timeout_ns,
            flushes: Flushes::default(),
        }
    }

    /// Adds a transaction that was to be sent at `intended_ns`.
    ///
    /// It is accepted or comes back, and nothing between: [`Accepted`] says where it is, [`Refused`] holds it. What
    /// leaves here leaves because it is full; for the timeout there is [`poll`](Self::poll).
    ///
    /// # Errors
    /// [`Refused`] if the bundle before is full and the sink still doesn't take it.
    #[inline]
    pub fn add(
        &mut self,
        transaction: Transaction,
        intended_ns: u64,
        now_ns: u64,
    ) -> Result<Accepted, Refused> {
        if self.bundle.len == self.max && self.send(Flush::Full, now_ns).is_none() {
            return Err(Refused(transaction));
        }
        if self.bundle.len == 0 {
            self.bundle.opened_ns = now_ns;
        }
        self.bundle.push(transaction, intended_ns);
        if self.bundle.len < self.max {
            return Ok(Accepted::Waits(self.len()));
        }
        Ok(self
            .send(Flush::Full, now_ns)
            .map_or(Accepted::Stuck, Accepted::Left))
    }

    /// Lets the bundle go if it is full, or its time is up. The reason, if the sink took it.
    pub fn poll(&mut self, now_ns: u64) -> Option<Flush> {
        let flush = match self.bundle.len {
            0 => return None,
            len if len == self.max => Flush::Full,
            _ if now_ns.saturating_sub(self.bundle.opened_ns) >= self.timeout_ns => Flush::Timeout,
            _ => return None,
        };
        self.send(flush, now_ns).map(|_| flush)
    }

    /// Lets the bundle go whatever it has, for the reason given: its number, or none if there was nothing in it.
    ///
    /// # Errors
    /// [`Stuck`](Accepted::Stuck) if the sink does not take it; it is still here.
    pub fn flush(&mut self, flush: Flush, now_ns: u64) -> Result<Option<u64>, Accepted> {
        if self.bundle.len == 0 {
            return Ok(None);
        }
        self.send(flush, now_ns).map(Some).ok_or(Accepted::Stuck)
    }

    /// The transactions that wait in the bundle.
    #[inline]
    #[must_use]
    pub fn len(&self) -> usize {
        usize::from(self.bundle.len)
    }

    /// Whether none waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bundle.len == 0
    }

    /// Whether the bundle is full and the sink did not take it.
    #[must_use]
    pub fn is_stuck(&self) -> bool {
        self.bundle.len == self.max
    }

    /// When [`poll`](Self::poll) has something to do at the latest; none while nothing waits.
    #[must_use]
    pub fn deadline_ns(&self) -> Option<u64> {
        (self.bundle.len > 0).then(|| self.bundle.opened_ns.saturating_add(self.timeout_ns))
    }

    /// The bundles that left.
    #[must_use]
    pub const fn flushes(&self) -> Flushes {
        self.flushes
    }

    /// The sink.
    pub const fn sink_mut(&mut self) -> &mut S {
        &mut self.sink
    }

    /// The sink. What waits in the bundle is lost: [`flush`](Self::flush) it before.
    #[must_use]
    pub fn into_sink(self) -> S {
        self.sink
    }

    fn send(&mut self, flush: Flush, now_ns: u64) -> Option<u64> {
        self.bundle.flush = flush;
        // Another processor's clock may be behind.
        self.bundle.closed_ns = now_ns.max(self.bundle.opened_ns);
        if !self.sink.take(&self.bundle) {
            return None;
        }
        self.flushes.count(flush);
        let sequence = self.bundle.sequence;
        self.bundle.reset(sequence + 1);
        Some(sequence)
    }
}

#[cfg(test)]
mod tests {
    use super::{Accepted, Bundler, Flush, Refused};
    use crate::Transaction;
    use crate::bundle::{BLANK, Bundle};
    use proptest::prelude::*;

    fn transaction(order: u64) -> Transaction {
        Transaction { order, ..BLANK }
    }

    /// A sink that takes bundles while it is open.
    #[derive(Default)]
    struct Gate {
        open: bool,
        taken: Vec<Bundle>,
    }

    impl super::Sink for Gate {
        fn take(&mut self, bundle: &Bundle) -> bool {
            if self.open {
                self.taken.push(*bundle);
            }
            self.open
        }
    }

    #[test]
    fn sixteen_transactions_are_a_bundle() {
        let mut bundler = Bundler::new(
            16,
            100,
            Gate {
                open: true,
                taken: Vec::new(),
            },
        );
        for order in 0..15 {
            assert_eq!(
                bundler.add(transaction(order), 0, 0),
                Ok(Accepted::Waits(order as usize + 1))
            );
        }
        assert_eq!(bundler.add(transaction(15), 0, 0), Ok(Accepted::Left(0)));
        assert_eq!(bundler.sink_mut().taken[0].transactions().len(), 16);
        assert_eq!((bundler.len(), bundler.flushes().full), (0, 1));
    }

    #[test]
    fn a_full_bundle_that_is_stuck_refuses_the_next_and_loses_nothing() {
        let mut bundler = Bundler::new(2, 100, Gate::default());
        assert_eq!(bundler.add(transaction(0), 0, 0), Ok(Accepted::Waits(1)));
        assert_eq!(bundler.add(transaction(1), 0, 0), Ok(Accepted::Stuck));
        assert!(bundler.is_stuck());
        assert_eq!(
            bundler.add(transaction(2), 0, 0),
            Err(Refused(transaction(2)))
        );
        assert_eq!(bundler.poll(1_000), None);
        assert_eq!(bundler.flush(Flush::Shutdown, 0), Err(Accepted::Stuck));
        bundler.sink_mut().open = true;
        assert_eq!(bundler.add(transaction(2), 0, 0), Ok(Accepted::Waits(1)));
        assert_eq!(bundler.flush(Flush::Shutdown, 0), Ok(Some(1)));
        assert_eq!(bundler.flush(Flush::Shutdown, 0), Ok(None));
        let orders: Vec<_> = bundler
            .sink_mut()
            .taken
            .iter()
            .flat_map(Bundle::transactions)
            .map(|t| t.order)
            .collect();
        assert_eq!(orders, [0, 1, 2]);
        assert_eq!((bundler.flushes().full, bundler.flushes().shutdown), (1, 1));
    }

    #[test]
    fn a_bundle_leaves_when_its_first_transaction_has_waited_for_the_timeout() {
        let mut bundler = Bundler::new(
            16,
            100,
            Gate {
                open: true,
                taken: Vec::new(),
            },
        );
        assert_eq!(
            (bundler.poll(1_000_000), bundler.deadline_ns()),
            (None, None)
        );
        bundler.add(transaction(0), 7, 1_000).unwrap();
        bundler.add(transaction(1), 8, 1_099).unwrap();
        assert_eq!(bundler.deadline_ns(), Some(1_100));
        assert_eq!(bundler.poll(1_099), None);
        assert_eq!(bundler.poll(1_100), Some(Flush::Timeout));
        let bundle = bundler.sink_mut().taken[0];
        assert_eq!(
            (bundle.opened_ns(), bundle.closed_ns(), bundle.flush()),
            (1_000, 1_100, Flush::Timeout)
        );
        assert_eq!(bundle.intended_ns(), [7, 8]);
    }

    #[test]
    fn a_clock_that_is_behind_makes_no_bundle_that_closed_before_it_opened() {
        let mut bundler = Bundler::new(
            16,
            0,
            Gate {
                open: true,
                taken: Vec::new(),
            },
        );
        bundler.add(transaction(0), 0, 50).unwrap();
        assert_eq!(bundler.poll(40), Some(Flush::Timeout));
        let bundle = bundler.sink_mut().taken[0];
        assert_eq!((bundle.opened_ns(), bundle.closed_ns()), (50, 50));
    }

    #[derive(Clone, Debug)]
    enum Call {
        Add,
        Poll(u64),
        Flush,
        Gate(bool),
    }

    fn call() -> impl Strategy<Value = Call> {
        prop_oneof![
            8 => Just(Call::Add),
            2 => (0u64..200).prop_map(Call::Poll),
            1 => Just(Call::Flush),
            2 => any::<bool>().prop_map(Call::Gate),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(if cfg!(miri) { 2 } else { 500 }))]

        #[test]
        fn what_was_accepted_comes_out_once_and_in_order(
            max in 1usize..=16, calls in prop::collection::vec(call(), 0..if cfg!(miri) { 40 } else { 300 }),
        ) {
            let mut bundler = Bundler::new(max, 100, Gate { open: true, taken: Vec::new() });
            let (mut now, mut accepted) = (0, 0);
            for call in calls {
                match call {
                    Call::Add => match bundler.add(transaction(accepted), accepted, now) {
                        Ok(_) => accepted += 1,
                        Err(Refused(back)) => prop_assert_eq!(back, transaction(accepted)),
                    },
                    Call::Poll(later) => {
                        now += later;
                        bundler.poll(now);
                    }
                    Call::Flush => {
                        let _ = bundler.flush(Flush::Manual, now);
                    }
                    Call::Gate(open) => bundler.sink_mut().open = open,
                }
                let out: usize = bundler.sink_mut().taken.iter().map(|b| b.transactions().len()).sum();
                prop_assert_eq!(out + bundler.len(), accepted as usize);
            }
            bundler.sink_mut().open = true;
            bundler.flush(Flush::Shutdown, now).unwrap();
            let total = bundler.flushes().total();
            let taken = core::mem::take(&mut bundler.sink_mut().taken);
            prop_assert_eq!(total, taken.len() as u64);
            prop_assert!(taken.iter().enumerate().all(|(at, bundle)| bundle.sequence() == at as u64));
            prop_assert!(taken.iter().all(|bundle| bundle.check().is_ok() && bundle.len as usize <= max));
            let orders = taken.iter().flat_map(Bundle::transactions).map(|t| t.order);
            prop_assert!(orders.eq(0..accepted));
        }
    }
}
