//! Return addresses of the calling thread, by its frame pointers or by the unwinder.

use std::cell::Cell;

use crate::sites::{Frames, NO_FRAMES};

/// What a chain of frame pointers was when it was last walked from one place.
///
/// A chain is checked against the one that was walked before instead of being followed: the addresses to look at are
/// then known beforehand, and the processor loads all of them at once, where a walk would wait for each to find the next.
#[derive(Debug)]
pub(crate) struct Remembered {
    length: Cell<usize>,
    site: Cell<u32>,
    /// Where each frame lies, from the innermost; one more than there are return addresses.
    frames: [Cell<usize>; DEPTH + 1],
    returns: [Cell<usize>; DEPTH],
}

/// Frames that are told apart by their pointers. Without optimisation the standard library has eight of its own between an
/// allocation and its caller.
const DEPTH: usize = if cfg!(debug_assertions) { 16 } else { 8 };

const PLACES: usize = 64;

/// What a thread remembers of its stack.
#[derive(Debug)]
pub(crate) struct Memory {
    /// The addresses between which frames lie; equal before the first look, and where it is not known.
    low: Cell<usize>,
    high: Cell<usize>,
    is_known: Cell<bool>,
    places: [Remembered; PLACES],
}

impl Memory {
    pub(crate) const fn new() -> Self {
        Self {
            low: Cell::new(0),
            high: Cell::new(0),
            is_known: Cell::new(false),
            places: [const {
                Remembered {
                    length: Cell::new(0),
                    site: Cell::new(0),
                    frames: [const { Cell::new(0) }; DEPTH + 1],
                    returns: [const { Cell::new(0) }; DEPTH],
                }
            }; PLACES],
        }
    }

    /// The number that `name` gave to the stack of the caller. 0 where there are no frame pointers.
    #[inline]
    pub(crate) fn number(&self, name: impl FnOnce(&Frames) -> u32) -> u32 {
        let first = frame_pointer();
        if !self.is_known.get() {
            self.look_up_bounds();
        }
        let Some(caller) = self.frame(first) else {
            return 0;
        };
        let place = &self.places[place_of(first, caller.returns_to)];
        if self.is_as_remembered(place, first) {
            return place.site.get();
        }
        let frames = self.walk(place, first);
        let number = name(&frames);
        place.site.set(number);
        number
    }

    #[inline]
    fn is_as_remembered(&self, place: &Remembered, first: usize) -> bool {
        let length = place.length.get();
        if length == 0 || place.frames[0].get() != first {
            return false;
        }
        // Each address was checked when it was walked, and is a frame's now: the one before it says so.
        (0..length.min(DEPTH)).all(|at| {
            // SAFETY: inside the stack and aligned, or `walk` would not have noted it; above the first frame, for walks
            // go upwards.
            let frame = unsafe { read(place.frames[at].get()) };
            frame.returns_to == place.returns[at].get() && frame.outer == place.frames[at + 1].get()
        })
    }

    #[cold]
    fn walk(&self, place: &Remembered, first: usize) -> Frames {
        let mut frames = NO_FRAMES;
        let mut at = first;
        let mut length = 0;
        place.frames[0].set(first);
        while let Some(frame) = self.frame(at).filter(|_| length < DEPTH) {
            frames[length] = frame.returns_to;
            place.returns[length].set(frame.returns_to);
            place.frames[length + 1].set(frame.outer);
            length += 1;
            // A stack grows downwards: whatever leads elsewhere is no frame.
            if frame.outer <= at {
                break;
            }
            at = frame.outer;
        }
        place.length.set(length);
        frames
    }

    /// What stands at a frame's address; `None` where no frame of this thread can be.
    #[inline]
    fn frame(&self, address: usize) -> Option<Frame> {
        let words = 2 * size_of::<usize>();
        let lies_inside =
            address >= self.low.get() && address < self.high.get().wrapping_sub(words);
        if !lies_inside || !address.is_multiple_of(align_of::<usize>()) {
            return None;
        }
        // SAFETY: inside the stack of the calling thread by the test above, and aligned; the first frame is that of a
        // function that has not returned, and walks go upwards from it.
        let frame = unsafe { read(address) };
        (frame.returns_to > 0xFFF).then_some(frame)
    }

    /// Where the thread's stack lies. The pages of the main thread's below the lowest that was used are not there yet, but
    /// frames lie above that.
    #[cold]
    fn look_up_bounds(&self) {
        self.is_known.set(true);
        if let Some((low, high)) = bounds() {
            self.low.set(low);
            self.high.set(high);
        }
    }
}

struct Frame {
    outer: usize,
    returns_to: usize,
}

/// What stands at a frame's address.
///
/// # Safety
/// - `address` is aligned, and two words from there on lie inside the calling thread's stack, above the frame of a function
///   that has not returned.
#[inline]
unsafe fn read(address: usize) -> Frame {
    let frame = std::ptr::with_exposed_provenance::<usize>(address);
    // SAFETY: what stands there is some word, and only this thread writes to it.
    let outer = unsafe { frame.read_volatile() };
    // SAFETY: two words lie there, by the caller's contract.
    let second = unsafe { frame.add(1) };
    // SAFETY: as for the first.
    let returns_to = unsafe { second.read_volatile() };
    Frame { outer, returns_to }
}

#[inline]
fn place_of(frame: usize, returns_to: usize) -> usize {
    let mixed = (frame ^ returns_to.rotate_left(20)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    mixed >> (usize::BITS - PLACES.trailing_zeros())
}

/// The frame pointer of the innermost function that keeps one; 0 where this crate does not know the register.
#[inline(always)]
fn frame_pointer() -> usize {
    #[cfg(all(target_arch = "x86_64", not(miri)))]
    {
        let frame: usize;
        // SAFETY: reads a register.
        unsafe {
            std::arch::asm!("mov {}, rbp", out(reg) frame, options(nomem, nostack, preserves_flags));
        }
        frame
    }
    #[cfg(all(target_arch = "aarch64", not(miri)))]
    {
        let frame: usize;
        // SAFETY: reads a register.
        unsafe {
            std::arch::asm!("mov {}, x29", out(reg) frame, options(nomem, nostack, preserves_flags));
        }
        frame
    }
    #[cfg(not(all(any(target_arch = "x86_64", target_arch = "aarch64"), not(miri))))]
    0
}

#[cfg(all(target_os = "linux", target_pointer_width = "64", not(miri)))]
fn bounds() -> Option<(usize, usize)> {
    use std::mem::MaybeUninit;

    let mut attributes = MaybeUninit::<libc::pthread_attr_t>::uninit();
    // SAFETY: has no condition.
    let thread = unsafe { libc::pthread_self() };
    // SAFETY: the calling thread is alive, and there is room for the answer.
    if unsafe { libc::pthread_getattr_np(thread, attributes.as_mut_ptr()) } != 0 {
        return None;
    }
    let mut low = std::ptr::null_mut();
    let mut size = 0;
    // SAFETY: the attributes were filled in; there is room for both answers.
    let answer =
        unsafe { libc::pthread_attr_getstack(attributes.as_ptr(), &raw mut low, &raw mut size) };
    // SAFETY: filled in above, and not used after.
    unsafe { libc::pthread_attr_destroy(attributes.as_mut_ptr()) };
    (answer == 0).then(|| (low.addr(), low.addr() + size))
}

#[cfg(not(all(target_os = "linux", target_pointer_width = "64", not(miri))))]
fn bounds() -> Option<(usize, usize)> {
    None
}

/// The stack of the caller, as the unwinder finds it; empty where there is no unwinder that this crate knows.
#[cold]
pub(crate) fn unwind() -> Frames {
    let mut walk = Walk {
        frames: NO_FRAMES,
        length: 0,
    };
    #[cfg(all(unix, not(miri)))]
    // SAFETY: `step` gets the pointer to `walk` back, and nothing else uses `walk` meanwhile.
    unsafe {
        _Unwind_Backtrace(step, (&raw mut walk).cast());
    }
    walk.length = walk.length.min(walk.frames.len());
    walk.frames
}

struct Walk {
    frames: Frames,
    length: usize,
}

/// Called by the unwinder for each frame, innermost first.
///
/// # Safety
/// - `context` is the unwinder's, `walk` the pointer that `unwind` passed.
#[cfg(all(unix, not(miri)))]
unsafe extern "C" fn step(
    context: *mut core::ffi::c_void,
    walk: *mut core::ffi::c_void,
) -> core::ffi::c_int {
    const GO_ON: core::ffi::c_int = 0;
    const END_OF_STACK: core::ffi::c_int = 5;
    // SAFETY: the pointer is to the `Walk` of `unwind`, which nothing else uses now.
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
    // SAFETY: the signatures are those of the unwinder that the standard library links (Itanium C++ ABI, exception
    // handling, level I).
    fn _Unwind_Backtrace(
        step: unsafe extern "C" fn(
            *mut core::ffi::c_void,
            *mut core::ffi::c_void,
        ) -> core::ffi::c_int,
        walk: *mut core::ffi::c_void,
    ) -> core::ffi::c_int;
    fn _Unwind_GetIP(context: *mut core::ffi::c_void) -> usize;
}
