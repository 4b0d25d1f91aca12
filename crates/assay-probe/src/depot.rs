//! Call stacks, each kept once, for the allocation and the free of every block.
//!
//! The idea is that of the sanitizers' stack depot: programs allocate from few places, so that a
//! number says where. A fixed table, no locks and no allocation, so that an allocator can use it.

use crate::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// Frames kept of a stack. An unoptimised std has about ten of its own above the caller's.
pub(crate) const DEPTH: usize = 24;
/// Places that are looked at for a stack before it is given up.
const PROBES: usize = 32;

/// Return addresses, innermost first; 0 behind the last.
pub(crate) type Frames = [usize; DEPTH];

/// A table of `N` stacks.
pub(crate) struct Depot<const N: usize> {
    stacks: [Stack; N],
}

/// # Invariants
///
/// 1. `hash` is 0 while the place is free, and never changes afterwards.
/// 2. `frames` are written once, by the thread that took the place.
struct Stack {
    hash: AtomicU64,
    frames: [AtomicUsize; DEPTH],
}

impl<const N: usize> Depot<N> {
    pub(crate) const fn new() -> Self {
        Self {
            stacks: [const {
                Stack {
                    hash: AtomicU64::new(0),
                    frames: [const { AtomicUsize::new(0) }; DEPTH],
                }
            }; N],
        }
    }

    /// The number of this stack; 0 for the empty one, and where the table has no place left.
    pub(crate) fn keep(&self, frames: &Frames) -> u32 {
        if frames[0] == 0 || N == 0 {
            return 0;
        }
        let hash = hash(frames);
        let start = usize::try_from(hash % N as u64).unwrap_or(0);
        for at in (start..N).chain(0..start).take(PROBES) {
            if self.stacks[at].is_or_becomes(hash, frames) {
                return u32::try_from(at + 1).unwrap_or(0);
            }
        }
        0
    }

    /// The stack of this number. One that another thread is just writing may be cut short.
    pub(crate) fn frames(&self, number: u32) -> Frames {
        let at = (number as usize).checked_sub(1);
        at.and_then(|at| self.stacks.get(at))
            .map_or([0; DEPTH], |stack| {
                stack
                    .frames
                    .each_ref()
                    .map(|frame| frame.load(Ordering::Relaxed))
            })
    }
}

impl Stack {
    /// Whether the place has this stack already, or was free and has it now.
    fn is_or_becomes(&self, hash: u64, frames: &Frames) -> bool {
        // ORDERING: Relaxed throughout; a report may read a stack that is not written to its end,
        // and the depot must not order the audited threads.
        let taken = self
            .hash
            .compare_exchange(0, hash, Ordering::Relaxed, Ordering::Relaxed);
        match taken {
            Ok(_) => {
                for (slot, &frame) in self.frames.iter().zip(frames) {
                    slot.store(frame, Ordering::Relaxed);
                }
                true
            }
            Err(other) => other == hash,
        }
    }
}

/// FNV-1a by words (Fowler, Noll, Vo), never 0.
fn hash(frames: &Frames) -> u64 {
    let hash = frames.iter().fold(0xcbf2_9ce4_8422_2325, |hash, &frame| {
        (hash ^ frame as u64)
            .wrapping_mul(0x0100_0000_01b3)
            .rotate_left(23)
    });
    hash.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stack(seed: usize) -> Frames {
        let mut frames = [0; DEPTH];
        frames[0] = seed;
        frames[1] = seed * 3;
        frames
    }

    #[test]
    fn a_stack_has_one_number_and_comes_back_by_it() {
        static DEPOT: Depot<64> = Depot::new();
        let numbers = [1, 2, 3].map(|seed| DEPOT.keep(&stack(seed)));
        assert!(!numbers.contains(&0));
        for (seed, number) in [1, 2, 3].into_iter().zip(numbers) {
            assert_eq!(DEPOT.keep(&stack(seed)), number);
            assert_eq!(DEPOT.frames(number), stack(seed));
        }
    }

    #[test]
    fn a_full_table_and_an_empty_stack_have_no_number() {
        static DEPOT: Depot<4> = Depot::new();
        let kept = (1..20).filter(|&seed| DEPOT.keep(&stack(seed)) != 0);
        assert_eq!(kept.count(), 4);
        assert_eq!(DEPOT.keep(&[0; DEPTH]), 0);
        for none in [0, 5, u32::MAX] {
            assert_eq!(DEPOT.frames(none), [0; DEPTH]);
        }
    }
}
