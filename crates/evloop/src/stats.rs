//! What a loop counts.

/// Counts of a [`Loop`](crate::Loop), plain numbers of its own thread.
///
/// ```
/// assert_eq!(evloop::Stats::default().callbacks, 0);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Waits, those without patience included.
    pub waits: u64,
    /// Callbacks that were called.
    pub callbacks: u64,
    /// System calls that told the kernel of an interest.
    pub changes: u64,
    /// What was about to be dispatched when its registration had gone.
    pub stale: u64,
    /// What the kernel told of a file that was closed while it was watched and is open elsewhere.
    pub ghosts: u64,
    /// Changes of the backend, those that chase ghosts included.
    pub switches: u64,
    /// Descriptors that the system refused to watch; their callbacks got [`Ready::ERROR`](crate::Ready::ERROR).
    pub refusals: u64,
}
