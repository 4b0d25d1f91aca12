//! Places in a run that a later one is compared with.

use memscope::raw_parts::RawScope;

use crate::scope::{self, Before};
use crate::site::Site;
use crate::sync::{AtomicU32, Ordering};

/// What was live in the scope that a thread was in. C's `ms_checkpoint_t`.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct Checkpoint {
    live_blocks: u64,
    live_bytes: u64,
    scope: u32,
    epoch: u32,
}

/// How many checkpoints there were. Each block knows it, so that a report names those that came after.
static EPOCH: AtomicU32 = AtomicU32::new(0);

/// Bits of it that blocks keep.
const BITS: u32 = 30;

#[inline]
pub(crate) fn epoch() -> u32 {
    EPOCH.load(Ordering::Relaxed)
}

/// Whether a block's epoch is this one or later; with 2^29 checkpoints between them the answer is wrong.
pub(crate) fn is_since(block: u32, epoch: u32) -> bool {
    block.wrapping_sub(epoch) & ((1 << BITS) - 1) < 1 << (BITS - 1)
}

impl Checkpoint {
    pub(crate) fn here() -> Self {
        let Some(scope) = RawScope::current() else {
            return Self::default();
        };
        let usage = scope.usage();
        Self {
            live_blocks: usage.live(),
            live_bytes: usage.live_bytes(),
            scope: scope.id(),
            epoch: EPOCH.fetch_add(1, Ordering::Relaxed).wrapping_add(1),
        }
    }

    /// Whether as much is live as was then.
    pub(crate) fn check(&self, context: &str, site: Site) -> bool {
        let Some(scope) = RawScope::of(self.scope) else {
            scope::fail(&format!(
                "{}: {context}: the scope of the checkpoint has ended",
                site.line()
            ));
            return false;
        };
        let before = Before {
            blocks: self.live_blocks,
            bytes: self.live_bytes,
            epoch: self.epoch,
        };
        scope::check(scope, Some(before), context, site)
    }
}

#[cfg(test)]
mod tests {
    use super::is_since;

    #[test]
    fn a_block_is_since_a_checkpoint_also_when_the_count_has_wrapped() {
        assert!(is_since(5, 5) && is_since(6, 5) && !is_since(4, 5));
        let last = (1 << 30) - 1;
        assert!(is_since(0, last) && !is_since(last, 0));
    }
}
