//! Why an arena did not do what it was asked.

use core::error::Error;
use core::fmt;

/// Why there is no block.
///
/// # Examples
///
/// ```
/// use memscope::arena::{Arena, ArenaError, Config};
///
/// let arena = Arena::with_config(Config::new().limit(1024));
/// let error = arena.try_alloc([0_u8; 2000]).unwrap_err();
/// assert!(matches!(error, ArenaError::Limit { limit: 1024, held: 0, .. }));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ArenaError {
    /// The arena may not hold so much.
    Limit {
        /// The limit, in bytes.
        limit: usize,
        /// What the arena holds, in bytes.
        held: usize,
        /// What a further chunk would need, in bytes.
        asked: usize,
    },
    /// The allocator has no memory for a chunk.
    Memory {
        /// What a chunk would need, in bytes.
        asked: usize,
    },
    /// The size is beyond the address space.
    TooLarge,
}

impl ArenaError {
    /// Panics with this error.
    #[cold]
    #[inline(never)]
    #[track_caller]
    pub(super) fn raise(self) -> ! {
        panic!("{self}")
    }
}

impl fmt::Display for ArenaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Limit { limit, held, asked } => write!(
                f,
                "the arena's limit is {limit} bytes: it holds {held}, and needs {asked} more"
            ),
            Self::Memory { asked } => write!(f, "no memory for a chunk of {asked} bytes"),
            Self::TooLarge => f.write_str("the size is beyond the address space"),
        }
    }
}

impl Error for ArenaError {}

/// A mark that the arena can't go back to: it is of another arena, or the arena has gone back past it.
///
/// # Examples
///
/// ```
/// use memscope::arena::Arena;
///
/// let mut arena = Arena::new();
/// let mark = arena.mark();
/// arena.reset();
/// assert!(arena.rewind(mark).is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StaleMark;

impl fmt::Display for StaleMark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the mark is of another arena, or the arena has gone back past it")
    }
}

impl Error for StaleMark {}
