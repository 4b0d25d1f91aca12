//! How an arena is set up, and what it counts.

/// How much an arena takes, and how much it keeps.
///
/// # Examples
///
/// ```
/// use memscope::arena::{Arena, Config};
///
/// let config = Config::new().first_chunk(64 * 1024).limit(1 << 20);
/// let arena = Arena::with_config(config);
/// arena.alloc(0_u8);
/// assert_eq!(arena.stats().held, 64 * 1024);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Config {
    pub(crate) first_chunk: usize,
    pub(crate) limit: usize,
    pub(crate) keep: usize,
    pub(crate) is_outside_scopes: bool,
}

impl Config {
    /// A first chunk of 1 KiB less what a heap's block may need of its own, no limit, and everything
    /// is kept.
    ///
    /// # Examples
    ///
    /// ```
    /// use memscope::arena::Config;
    ///
    /// assert_eq!(Config::new(), Config::default());
    /// ```
    #[must_use]
    pub const fn new() -> Self {
        Self {
            first_chunk: 1024 - 16,
            limit: usize::MAX,
            keep: usize::MAX,
            is_outside_scopes: false,
        }
    }

    /// The size of the first chunk in bytes, its header of 32 bytes included. Each further one has
    /// twice the size of the one before.
    ///
    /// # Examples
    ///
    /// ```
    /// let _config = memscope::arena::Config::new().first_chunk(1 << 16);
    /// ```
    #[must_use]
    pub const fn first_chunk(mut self, bytes: usize) -> Self {
        self.first_chunk = bytes;
        self
    }

    /// The most that the arena may hold, in bytes: all its chunks, with their headers.
    ///
    /// # Examples
    ///
    /// ```
    /// let _config = memscope::arena::Config::new().limit(1 << 20);
    /// ```
    #[must_use]
    pub const fn limit(mut self, bytes: usize) -> Self {
        self.limit = bytes;
        self
    }

    /// Chunks are on the account of the process, and not of the [`Scope`](crate::Scope) in which they happen to be taken:
    /// for an arena that outlives scopes, as those of pools and of workers do.
    ///
    /// # Examples
    ///
    /// ```
    /// use memscope::Scope;
    /// use memscope::arena::{Arena, Config};
    ///
    /// let arena = Arena::with_config(Config::new().outside_scopes());
    /// let scope = Scope::new("request");
    /// scope.run(|| arena.alloc(1));
    /// scope.end()?;
    /// # Ok::<(), memscope::NotNeutral>(())
    /// ```
    #[must_use]
    pub const fn outside_scopes(mut self) -> Self {
        self.is_outside_scopes = true;
        self
    }

    /// The most that the arena holds after a reset, in bytes. What is above it goes back to the
    /// allocator.
    ///
    /// # Examples
    ///
    /// ```
    /// use memscope::arena::{Arena, Config};
    ///
    /// let mut arena = Arena::with_config(Config::new().keep(64 * 1024));
    /// arena.alloc_slice_fill_with(1 << 20, |_| 0_u8);
    /// arena.reset();
    /// assert!(arena.stats().held <= 64 * 1024);
    /// ```
    #[must_use]
    pub const fn keep(mut self, bytes: usize) -> Self {
        self.keep = bytes;
        self
    }
}

impl Default for Config {
    fn default() -> Self {
        Self::new()
    }
}

/// What an arena holds and has used, in bytes.
///
/// # Examples
///
/// ```
/// let mut arena = memscope::arena::Arena::new();
/// arena.alloc([0_u64; 4]);
/// arena.reset();
/// let stats = arena.stats();
/// assert_eq!((stats.used, stats.peak, stats.resets), (0, 32, 1));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ArenaStats {
    /// In use: blocks, and the padding between them.
    pub used: usize,
    /// The most that was ever in use: the high-water mark.
    pub peak: usize,
    /// Taken from the allocator: all chunks, with their headers.
    pub held: usize,
    /// How many chunks that is.
    pub chunks: usize,
    /// How often the arena was reset.
    pub resets: u64,
}
