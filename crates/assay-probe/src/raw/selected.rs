//! Which mutant is switched on. The environment says so, and a constructor reads it before `main`.

use super::environment::variable;
use crate::mutants::{NONE, number};
use crate::sync::atomic::{AtomicU32, Ordering};

static SELECTED: AtomicU32 = AtomicU32::new(NONE);

/// As for the counters, see `map`; Miri runs constructors too.
#[used]
#[cfg_attr(target_os = "macos", unsafe(link_section = "__DATA,__mod_init_func"))]
#[cfg_attr(not(target_os = "macos"), unsafe(link_section = ".init_array"))]
static CONSTRUCTOR: extern "C" fn() = construct;

/// Whether mutant `n` is switched on.
#[inline]
pub(crate) fn is_selected(n: u32) -> bool {
    // ORDERING: Relaxed; the one store happens before `main`, and this load must not order the
    // audited code.
    SELECTED.load(Ordering::Relaxed) == n
}

extern "C" fn construct() {
    // SAFETY: a constructor runs before the threads of the program, and the text is read here.
    let text = unsafe { variable(c"ASSAY_MUTANT") };
    if let Some(n) = text.and_then(|text| number(text.to_bytes())) {
        // ORDERING: Relaxed; it happens before `main`.
        SELECTED.store(n, Ordering::Relaxed);
    }
}
