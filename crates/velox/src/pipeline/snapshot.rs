//! Where all transactions are, at one consistent cut through the pipeline.

use super::account::Drops;
#[cfg(not(loom))]
use super::account::{Account, Ledger};
#[cfg(not(loom))]
use super::options::Layout;
use crate::bundle::Flushes;

/// Transactions between the source and the output, by place.
///
/// A ring that a layout doesn't have holds none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct InFlight {
    /// Held by the ingress until there is room.
    pub ingress: u64,
    /// In the ring from the ingress to the book.
    pub ring_book: u64,
    /// In the ring from the book to the bundles.
    pub ring_bundles: u64,
    /// In the bundle that is being filled.
    pub bundle: u64,
    /// In bundles, in the ring to the output.
    pub ring_output: u64,
}

impl InFlight {
    /// Wherever they are.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.ingress
            .wrapping_add(self.ring_book)
            .wrapping_add(self.ring_bundles)
            .wrapping_add(self.bundle)
            .wrapping_add(self.ring_output)
    }
}

/// Where all transactions are, at one cut through the pipeline.
///
/// # How a cut is consistent
///
/// Each thread publishes its [`Account`] whole. The accounts are read from the output back to the source, so each is at
/// least as new as those behind it in the flow. A thread publishes what it passes on before the next thread can see it,
/// and what it takes only after it has taken it. So no account counts a transaction as taken that the account before it
/// doesn't count as passed: the cut is consistent in the sense of Chandy and Lamport ("Distributed Snapshots", 1985),
/// without markers in the rings and without a pause. What a ring holds in the cut is how far its tail had moved in the
/// account of its producer, less how far its head had moved in that of its consumer. It can exceed the capacity of the
/// ring, by what the producer did between the two readings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// Transactions that the source gave.
    pub generated: u64,
    /// Transactions that were put out.
    pub output: u64,
    /// Transactions that went no further.
    pub drops: Drops,
    /// Transactions between.
    pub in_flight: InFlight,
    /// Bundles that were made.
    pub flushes: Flushes,
}

impl Snapshot {
    /// Transactions that are neither put out, nor dropped, nor in flight: 0, or the pipeline has lost or doubled some.
    #[must_use]
    pub const fn lost(&self) -> i64 {
        let found = self
            .output
            .wrapping_add(self.drops.total())
            .wrapping_add(self.in_flight.total());
        self.generated.wrapping_sub(found).cast_signed()
    }

    /// Reads the ledgers of the threads, the last first.
    #[cfg(not(loom))]
    pub(super) fn of(layout: Layout, ledgers: &[Ledger]) -> Self {
        let mut accounts = [Account::default(); 4];
        for (account, ledger) in accounts.iter_mut().zip(ledgers).rev() {
            *account = ledger.read();
        }
        let accounts = &accounts[..ledgers.len()];
        let ring = |at: usize| accounts[at].passed.wrapping_sub(accounts[at + 1].taken);
        let in_flight = match layout {
            Layout::Fused => InFlight {
                bundle: accounts[0].held,
                ..InFlight::default()
            },
            Layout::Two => InFlight {
                ingress: accounts[0].held,
                ring_book: ring(0),
                bundle: accounts[1].held,
                ..InFlight::default()
            },
            Layout::Four => InFlight {
                ingress: accounts[0].held,
                ring_book: ring(0),
                ring_bundles: ring(1),
                bundle: accounts[2].held,
                ring_output: ring(2),
            },
        };
        let mut snapshot = Self {
            generated: accounts[0].taken,
            output: accounts[accounts.len() - 1].passed,
            in_flight,
            ..Self::default()
        };
        for account in accounts {
            snapshot.drops.newest += account.drops.newest;
            snapshot.drops.oldest += account.drops.oldest;
            snapshot.drops.refused += account.drops.refused;
            snapshot.flushes.full += account.flushes.full;
            snapshot.flushes.timeout += account.flushes.timeout;
            snapshot.flushes.manual += account.flushes.manual;
            snapshot.flushes.shutdown += account.flushes.shutdown;
        }
        snapshot
    }
}
