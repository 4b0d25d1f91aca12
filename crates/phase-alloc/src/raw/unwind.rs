//! Return addresses of the calling thread.
//!
//! From the unwinder itself: `std::backtrace` takes a lock that the program may hold when it allocates.

/// Frames of a stack that are kept, innermost first.
const DEPTH: usize = 24;

/// Return addresses, innermost first; 0 where there are no more.
pub(crate) type Frames = [usize; DEPTH];

/// The stack of the caller. Empty where there is no unwinder that this crate knows.
pub(crate) fn capture() -> Frames {
    let mut walk = Walk {
        frames: [0; DEPTH],
        length: 0,
    };
    #[cfg(all(unix, not(miri)))]
    // SAFETY: `step` gets the pointer to `walk` back, and nothing else uses `walk` meanwhile.
    unsafe {
        _Unwind_Backtrace(step, (&raw mut walk).cast());
    }
    walk.length = walk.length.min(DEPTH);
    walk.frames
}

/// Frames found so far.
struct Walk {
    frames: Frames,
    length: usize,
}

#[cfg(all(unix, not(miri)))]
use core::ffi::{c_int, c_void};

/// Called by the unwinder for each frame, innermost first.
///
/// # Safety
///
/// - `context` is the unwinder's, `walk` the pointer that `capture` passed.
#[cfg(all(unix, not(miri)))]
unsafe extern "C" fn step(context: *mut c_void, walk: *mut c_void) -> c_int {
    const GO_ON: c_int = 0;
    const END_OF_STACK: c_int = 5;
    // SAFETY: the pointer is to the `Walk` of `capture`, which nothing else uses now.
    let walk = unsafe { &mut *walk.cast::<Walk>() };
    let Some(frame) = walk.frames.get_mut(walk.length) else {
        return END_OF_STACK;
    };
    // SAFETY: the context is valid during this call.
    *frame = unsafe { _Unwind_GetIP(context) };
    walk.length += 1;
    GO_ON
}

#[cfg(all(unix, not(miri)))]
unsafe extern "C" {
    // SAFETY: the signatures are those of the unwinder that the standard library links (Itanium C++ ABI,
    // exception handling, level I).
    fn _Unwind_Backtrace(
        step: unsafe extern "C" fn(*mut c_void, *mut c_void) -> c_int,
        walk: *mut c_void,
    ) -> c_int;
    fn _Unwind_GetIP(context: *mut c_void) -> usize;
}
