//! Books that notice where a file stops making sense.

use std::fmt;
use std::sync::{Arc, OnceLock};

use velox::pipeline::Book;
use velox::{ApplyError, Books, Transaction};

/// The first transaction that the books refused.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Refusal {
    /// How many came before it.
    pub(crate) number: u64,
    order: u64,
    error: ApplyError,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "order {}: {}", self.order, self.error)
    }
}

/// Where the first refusal is told, to whoever has to end because of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Refused(Arc<OnceLock<Refusal>>);

impl Refused {
    pub(crate) fn get(&self) -> Option<&Refusal> {
        self.0.get()
    }
}

/// Books. Where they are to stop, nothing is applied behind the first transaction that they refuse, so that the same file
/// ends with the same books whatever is in flight by then.
#[derive(Debug)]
pub(crate) struct Checked {
    pub(crate) books: Books,
    stops: bool,
    has_stopped: bool,
    refused: Refused,
}

impl Checked {
    pub(crate) fn new(books: Books, stops: bool) -> Self {
        Self {
            books,
            stops,
            has_stopped: false,
            refused: Refused::default(),
        }
    }

    /// Where the first refusal will be told, if the books stop at it.
    pub(crate) fn refused(&self) -> Refused {
        self.refused.clone()
    }

    #[cold]
    fn refuse(&mut self, transaction: &Transaction, error: ApplyError) {
        if self.stops {
            self.has_stopped = true;
            let refusal = Refusal {
                number: self.books.counts().applied,
                order: transaction.order,
                error,
            };
            // It is the first: behind it nothing is applied.
            _ = self.refused.0.set(refusal);
        }
    }
}

impl Book for Checked {
    #[inline]
    fn apply(&mut self, transaction: &Transaction) -> bool {
        if self.has_stopped {
            return false;
        }
        match self.books.apply(transaction) {
            Ok(()) => true,
            Err(error) => {
                self.refuse(transaction, error);
                false
            }
        }
    }
}
