//! Return addresses of the calling thread, and the file that an address lies in.
//!
//! `std::backtrace` takes a lock that the audited program may hold, and allocates; it serves for the
//! one stack of a report. The stacks of allocations and frees come from the unwinder itself.

use core::ffi::{CStr, c_char, c_int, c_void};
use std::path::PathBuf;

use crate::depot::{DEPTH, Frames};

/// The stack of the caller, from this function's own frame on.
pub(crate) fn capture() -> Frames {
    let mut walk = Walk {
        frames: [0; DEPTH],
        length: 0,
    };
    if !cfg!(miri) {
        // SAFETY: `step` gets the pointer to `walk` back, and nothing else uses `walk` meanwhile.
        unsafe { _Unwind_Backtrace(step, (&raw mut walk).cast()) };
    }
    walk.frames
}

/// Frames found so far.
struct Walk {
    frames: Frames,
    length: usize,
}

/// Called by the unwinder for each frame, innermost first.
///
/// # Safety
///
/// - `context` is the unwinder's, `walk` the pointer that `capture` passed.
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

/// The executable or library that `address` lies in, and the address as that file counts it.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(crate) fn module_of(address: usize) -> Option<(PathBuf, usize)> {
    let mut search = Search {
        address,
        found: None,
    };
    // SAFETY: `look` gets the pointer to `search` back, and nothing else uses `search` meanwhile.
    unsafe { dl_iterate_phdr(look, (&raw mut search).cast()) };
    search.found
}

/// Elsewhere no file is named.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(crate) fn module_of(_address: usize) -> Option<(PathBuf, usize)> {
    None
}

struct Search {
    address: usize,
    found: Option<(PathBuf, usize)>,
}

/// The beginning of `dl_phdr_info`, 64 bits.
#[repr(C)]
struct Module {
    bias: usize,
    name: *const c_char,
    segments: *const Segment,
    count: u16,
}

/// `Elf64_Phdr`.
#[repr(C)]
struct Segment {
    kind: u32,
    flags: u32,
    offset: u64,
    address: u64,
    physical: u64,
    file_size: u64,
    memory_size: u64,
    align: u64,
}

/// Called by the loader for each module; a result other than 0 ends the search.
///
/// # Safety
///
/// - `module` is the loader's, `search` the pointer that `module_of` passed.
unsafe extern "C" fn look(module: *const Module, _size: usize, search: *mut c_void) -> c_int {
    // SAFETY: the pointer is to the `Search` of `module_of`, which nothing else uses now.
    let search = unsafe { &mut *search.cast::<Search>() };
    // SAFETY: the loader's description is valid during this call.
    let module = unsafe { &*module };
    // SAFETY: it says where its program headers are, and how many.
    let segments = unsafe { core::slice::from_raw_parts(module.segments, module.count.into()) };
    let offset = search.address.wrapping_sub(module.bias);
    const LOADED: u32 = 1;
    let inside = |segment: &Segment| {
        segment.kind == LOADED
            && (offset as u64).wrapping_sub(segment.address) < segment.memory_size
    };
    if !segments.iter().any(inside) {
        return 0;
    }
    // SAFETY: the loader's names end with a zero.
    let name = unsafe { CStr::from_ptr(module.name) };
    // The program itself has no name here.
    let path = match name.to_str() {
        Ok("") | Err(_) => std::env::current_exe().unwrap_or_default(),
        Ok(name) => PathBuf::from(name),
    };
    search.found = Some((path, offset));
    1
}

unsafe extern "C" {
    fn _Unwind_Backtrace(
        step: unsafe extern "C" fn(*mut c_void, *mut c_void) -> c_int,
        walk: *mut c_void,
    ) -> c_int;
    fn _Unwind_GetIP(context: *mut c_void) -> usize;
    #[cfg(any(target_os = "linux", target_os = "android"))]
    fn dl_iterate_phdr(
        look: unsafe extern "C" fn(*const Module, usize, *mut c_void) -> c_int,
        search: *mut c_void,
    ) -> c_int;
}
