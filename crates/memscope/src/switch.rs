//! Accounting can be turned off while the program runs.

use crate::sync::{AtomicU8, Ordering};

/// 1 or 0.
static ON: AtomicU8 = AtomicU8::new(1);

/// Whether blocks that are allocated now are counted.
#[cfg(feature = "enabled")]
#[inline]
pub(crate) fn is_on() -> bool {
    ON.load(Ordering::Relaxed) != 0
}

/// Turns accounting on or off for all threads; it is on at the start. Returns what it was.
///
/// A block that is allocated while it is off is never counted, also not when it is freed later. A block that was
/// counted stays so until it is freed. Neither loses anything, whenever the switch is turned.
///
/// ```
/// let was_on = memscope::set_accounting(false);
/// let untracked = vec![0_u8; 100];
/// memscope::set_accounting(was_on);
/// drop(untracked);
/// ```
pub fn set_accounting(on: bool) -> bool {
    ON.swap(u8::from(on), Ordering::Relaxed) != 0
}
