//! Names of registrations.

use std::fmt;

/// Names a registration of a [`Loop`](crate::Loop) for good: a token of one that is gone never names another.
///
/// A slot and its generation. A slot is given up after 2^32 - 1 generations rather than to repeat one. A token says
/// nothing to another loop.
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
pub struct Token {
    slot: u32,
    generation: u32,
}

impl Token {
    pub(crate) const fn new(slot: u32, generation: u32) -> Self {
        Self { slot, generation }
    }

    pub(crate) const fn slot(self) -> u32 {
        self.slot
    }

    pub(crate) const fn generation(self) -> u32 {
        self.generation
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
        (self.generation as u64) << 32 | self.slot as u64
    }

    /// What [`to_bits`](Self::to_bits) made; `None` for a number that no token has. A number of a registration that is
    /// gone makes a token that names nothing.
    ///
    /// ```
    /// assert_eq!(evloop::Token::from_bits(7), None);
    /// ```
    #[must_use]
    pub const fn from_bits(bits: u64) -> Option<Self> {
        let generation = (bits >> 32) as u32;
        if generation == 0 {
            return None;
        }
        Some(Self {
            slot: bits as u32,
            generation,
        })
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Token({}.{})", self.slot, self.generation)
    }
}
