//! Why a call came back without having done its work.

use core::error::Error;
use core::fmt;

/// Why a value was not pushed. It holds the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PushError<T> {
    /// The ring was full.
    Full(T),
    /// The consumer was closed or dropped: nobody will read the value.
    Closed(T),
}

impl<T> PushError<T> {
    /// The value that was not pushed.
    ///
    /// # Examples
    ///
    /// ```
    /// let (mut producer, _consumer) = spsc_ring::ring::<u8>(0);
    /// assert_eq!(producer.try_push(9).unwrap_err().into_inner(), 9);
    /// ```
    pub fn into_inner(self) -> T {
        match self {
            Self::Full(value) | Self::Closed(value) => value,
        }
    }
}

impl<T> fmt::Display for PushError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Full(_) => "the ring is full",
            Self::Closed(_) => "the consumer is closed",
        })
    }
}

impl<T: fmt::Debug> Error for PushError<T> {}

/// Why no value was popped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PopError {
    /// The ring was empty.
    Empty,
    /// The ring is empty, and the producer was closed or dropped: nothing more will come.
    Closed,
}

impl fmt::Display for PopError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "the ring is empty",
            Self::Closed => "the ring is empty and the producer is closed",
        })
    }
}

impl Error for PopError {}

/// No memory for a ring of this capacity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CapacityError {
    pub(crate) capacity: usize,
}

impl fmt::Display for CapacityError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no memory for a ring of {} items", self.capacity)
    }
}

impl Error for CapacityError {}

/// The other side is closed. Holds the value that could not be handed over, if there was one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closed<T = ()>(pub T);

impl<T> fmt::Display for Closed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the other side of the ring is closed")
    }
}

impl<T: fmt::Debug> Error for Closed<T> {}
