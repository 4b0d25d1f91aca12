//! Return addresses of the calling thread, as the unwinder finds them: programs of a distribution keep no frame pointers.

use core::ffi::{c_int, c_void};
use std::cell::Cell;

use crate::stacks::{DEPTH_MAX, Frames};

thread_local! {
    /// The unwinder may allocate, which is not to be unwound.
    static IS_WALKING: Cell<bool> = const { Cell::new(false) };
}

struct Walk {
    frames: Frames,
    length: usize,
    depth: usize,
    /// The addresses of this library.
    own: (usize, usize),
}

/// The stack outside of `own`, at most `depth` addresses; empty inside the unwinder.
pub(crate) fn stack(depth: usize, own: (usize, usize)) -> Frames {
    let mut walk = Walk {
        frames: [0; DEPTH_MAX],
        length: 0,
        depth: depth.min(DEPTH_MAX),
        own,
    };
    if IS_WALKING.replace(true) {
        return walk.frames;
    }
    // SAFETY: `step` gets the pointer to `walk` back, and nothing else uses `walk` meanwhile.
    unsafe { _Unwind_Backtrace(step, (&raw mut walk).cast()) };
    IS_WALKING.set(false);
    walk.frames
}

/// Called by the unwinder for each frame, innermost first.
///
/// # Safety
/// - `context` is the unwinder's, `walk` the pointer that `stack` passed.
unsafe extern "C" fn step(context: *mut c_void, walk: *mut c_void) -> c_int {
    const GO_ON: c_int = 0;
    const END_OF_STACK: c_int = 5;
    // SAFETY: the pointer is to the `Walk` of `stack`, which nothing else uses now.
    let walk = unsafe { &mut *walk.cast::<Walk>() };
    // SAFETY: the context is valid during this call.
    let address = unsafe { _Unwind_GetIP(context) };
    if walk.length == 0 && address >= walk.own.0 && address < walk.own.1 {
        return GO_ON;
    }
    if address == 0 {
        return END_OF_STACK;
    }
    if let Some(place) = walk.frames.get_mut(walk.length) {
        *place = address;
        walk.length += 1;
    }
    if walk.length < walk.depth {
        GO_ON
    } else {
        END_OF_STACK
    }
}

unsafe extern "C" {
    // SAFETY: the signatures are those of the unwinder that the standard library links (Itanium C++ ABI, exception
    // handling, level I).
    fn _Unwind_Backtrace(
        step: unsafe extern "C" fn(*mut c_void, *mut c_void) -> c_int,
        walk: *mut c_void,
    ) -> c_int;
    fn _Unwind_GetIP(context: *mut c_void) -> usize;
}
