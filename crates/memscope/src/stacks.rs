//! How stacks are found.

/// How the stack of an allocation is found.
///
/// ```
/// use memscope::{Scoped, Stacks};
///
/// #[global_allocator]
/// static ALLOCATOR: Scoped = Scoped::system().with_stacks(Stacks::Unwind);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Stacks {
    /// It is not looked for: leaks are told by scope, and not by the call that allocated.
    #[default]
    None,
    /// By frame pointers, up to 8 frames, 16 in debug builds: nanoseconds. The program is to be built with
    /// `RUSTFLAGS=-Cforce-frame-pointers=yes`; without that, stacks are short or empty. On Linux, for x86-64 and AArch64.
    FramePointers,
    /// By the unwinder, up to 24 frames: microseconds for each allocation. On Unix.
    Unwind,
}
