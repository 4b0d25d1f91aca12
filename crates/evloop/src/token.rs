//! Names of registrations.

use std::fmt;
use std::os::fd::RawFd;

/// Names a registration of a [`Loop`](crate::Loop) for good: a token of one that is gone never names another.
///
/// A slot and its generation. A slot is given up after 2^31 generations rather than to repeat one. A token says nothing
/// to another loop.
///
/// ```
/// use evloop::{Loop, Timer};
/// use std::time::Duration;
///
/// let mut events = Loop::new()?;
/// let token = events.add_timer(Timer::once(Duration::ZERO), |_, _| {});
/// assert!(events.contains(token));
/// events.remove(token);
/// assert!(!events.contains(token));
/// # Ok::<(), evloop::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Token(
    /// The generation above the slot. One number, so that an event fits into two registers.
    u64,
);

/// Set in the slot of what names a descriptor. Registrations have slots below.
const DESCRIPTOR: u32 = 1 << 31;

impl Token {
    /// Names the waker of a loop in the kernel's event data; no registration, and no descriptor's generation.
    pub(crate) const WAKER: Self = Self(u64::MAX);
    /// Slots below are of registrations.
    pub(crate) const SLOTS: u32 = DESCRIPTOR;

    #[inline]
    pub(crate) const fn new(slot: u32, generation: u32) -> Self {
        Self((generation as u64) << 32 | slot as u64)
    }

    /// Of the kernel's event data, which says what it was given.
    #[inline]
    pub(crate) const fn named(data: u64) -> Self {
        Self(data)
    }

    /// Names a descriptor that several registrations watch, in the kernel's event data.
    pub(crate) const fn of_descriptor(fd: RawFd, generation: u32) -> Self {
        Self::new(fd.cast_unsigned() | DESCRIPTOR, generation)
    }

    /// The descriptor, if it names one, and its generation.
    pub(crate) const fn descriptor(self) -> Option<(RawFd, u32)> {
        if self.slot() < DESCRIPTOR {
            return None;
        }
        let fd = (self.slot() & !DESCRIPTOR).cast_signed();
        Some((fd, self.generation()))
    }

    #[inline]
    pub(crate) const fn slot(self) -> u32 {
        self.0 as u32
    }

    #[inline]
    pub(crate) const fn generation(self) -> u32 {
        (self.0 >> 32) as u32
    }

    /// Whether a registration may have it: only odd generations have one.
    #[inline]
    pub(crate) const fn is_possible(self) -> bool {
        self.generation() % 2 == 1 && self.slot() < Self::SLOTS
    }

    /// As one number, never 0: the generation above the slot. For what cannot carry a token, such as a foreign language.
    ///
    /// ```
    /// # use evloop::{Loop, Timer, Token};
    /// # let mut events = Loop::new()?;
    /// let token = events.add_timer(Timer::idle(), |_, _| {});
    /// assert_eq!(Token::from_bits(token.to_bits()), Some(token));
    /// # Ok::<(), evloop::Error>(())
    /// ```
    #[must_use]
    pub const fn to_bits(self) -> u64 {
        self.0
    }

    /// What [`to_bits`](Self::to_bits) made; `None` for a number that no token has. A number of a registration that is
    /// gone makes a token that names nothing.
    ///
    /// ```
    /// assert_eq!(evloop::Token::from_bits(7), None);
    /// ```
    #[must_use]
    pub const fn from_bits(bits: u64) -> Option<Self> {
        let token = Self(bits);
        if token.is_possible() {
            Some(token)
        } else {
            None
        }
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Token({}.{})", self.slot(), self.generation())
    }
}
