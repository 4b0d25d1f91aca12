//! Mapping the hits file before `main`.
//!
//! The constructor stands in the same module as the counters it installs: whatever links a hit
//! links it too.

use core::ffi::{CStr, c_char, c_int, c_void};
use core::ptr::{self, NonNull};

use super::counters::Counters;
use super::environment::variable;
use crate::sync::atomic::AtomicU64;

/// Bytes in front of the counters.
const HEADER: usize = 64;
/// The part of the header that has a meaning: magic, version, number of counters.
const PREAMBLE: usize = 16;

static COUNTERS: Counters = Counters::empty();

/// The loader calls every pointer in this section once, before `main` and before any thread of the
/// program, or while a library that contains it is loaded.
#[used]
#[cfg_attr(target_os = "macos", unsafe(link_section = "__DATA,__mod_init_func"))]
#[cfg_attr(not(target_os = "macos"), unsafe(link_section = ".init_array"))]
static CONSTRUCTOR: extern "C" fn() = construct;

/// Counts an execution of `site`.
#[inline]
pub(crate) fn count(site: u32) {
    COUNTERS.add(site);
}

extern "C" fn construct() {
    if let Some((table, length)) = open().and_then(|file| file.map()) {
        // SAFETY: `map` vouches for the memory, and a constructor runs once.
        unsafe { COUNTERS.install(table, length) };
    }
}

/// Opens the file that the environment names.
fn open() -> Option<File> {
    const O_RDWR: c_int = 2;
    // SAFETY: a constructor runs before the threads of the program, and the path is used here.
    let path = unsafe { variable(c"ASSAY_HITS") }?;
    // SAFETY: likewise.
    let tool = unsafe { variable(c"ASSAY_HITS_UNDER") };
    // SAFETY: likewise.
    let preloaded = unsafe { variable(c"LD_PRELOAD") };
    if tool.is_some_and(|tool| !names(preloaded, tool)) {
        return None;
    }
    // SAFETY: the path ends with a zero.
    let descriptor = unsafe { c_open(path.as_ptr(), O_RDWR) };
    (descriptor >= 0).then_some(File(descriptor))
}

/// Whether the list of preloaded libraries has one that the name is a part of: so a process knows
/// the tool that it runs under, and a child that slipped the tool knows that it does not.
fn names(preloaded: Option<&CStr>, tool: &CStr) -> bool {
    let tool = tool.to_bytes();
    let list = preloaded.map_or(&[][..], CStr::to_bytes);
    !tool.is_empty() && list.windows(tool.len()).any(|part| part == tool)
}

/// An open file, closed on drop.
struct File(c_int);

impl File {
    /// Maps the counters of a good hits file: their memory is valid until the process ends.
    fn map(self) -> Option<(NonNull<AtomicU64>, u32)> {
        let count = counters(self.preamble()?, self.length()?)?;
        let bytes = HEADER + 8 * count as usize;
        // SAFETY: a new mapping at an address that the kernel chooses touches no memory in use.
        let start = unsafe {
            mmap(
                ptr::null_mut(),
                bytes,
                PROT_READ | PROT_WRITE,
                MAP_SHARED,
                self.0,
                0,
            )
        };
        if start.addr() == usize::MAX {
            return None;
        }
        let table = NonNull::new(start.cast::<u8>().wrapping_add(HEADER))?;
        Some((table.cast(), count))
    }

    fn preamble(&self) -> Option<[u8; PREAMBLE]> {
        let mut bytes = [0; PREAMBLE];
        // SAFETY: `bytes` is valid for writes of its length.
        let read = unsafe { read(self.0, bytes.as_mut_ptr().cast(), PREAMBLE) };
        (usize::try_from(read) == Ok(PREAMBLE)).then_some(bytes)
    }

    fn length(&self) -> Option<u64> {
        const SEEK_END: c_int = 2;
        u64::try_from(lseek(self.0, 0, SEEK_END)).ok()
    }
}

impl Drop for File {
    fn drop(&mut self) {
        close(self.0);
    }
}

/// The number of counters in a file of `length` bytes that begins with `preamble`, if it is a hits
/// file, and large enough for what it says.
fn counters(preamble: [u8; PREAMBLE], length: u64) -> Option<u32> {
    const MAGIC: [u8; 8] = *b"ASSAYHIT";
    const VERSION: u32 = 1;
    let (magic, rest) = preamble.split_first_chunk::<8>()?;
    let (version, rest) = rest.split_first_chunk::<4>()?;
    let count = u32::from_ne_bytes(*rest.first_chunk::<4>()?);
    let fits = HEADER as u64 + 8 * u64::from(count) <= length;
    (*magic == MAGIC && u32::from_ne_bytes(*version) == VERSION && fits).then_some(count)
}

const PROT_READ: c_int = 1;
const PROT_WRITE: c_int = 2;
const MAP_SHARED: c_int = 1;

// The types and constants are those of 64-bit Linux, Android and macOS alike.
unsafe extern "C" {
    safe fn close(descriptor: c_int) -> c_int;
    safe fn lseek(descriptor: c_int, offset: i64, whence: c_int) -> i64;
    #[link_name = "open"]
    fn c_open(path: *const c_char, flags: c_int, ...) -> c_int;
    fn read(descriptor: c_int, into: *mut c_void, bytes: usize) -> isize;
    fn mmap(
        address: *mut c_void,
        bytes: usize,
        protection: c_int,
        flags: c_int,
        descriptor: c_int,
        offset: i64,
    ) -> *mut c_void;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn preamble(magic: &[u8; 8], version: u32, count: u32) -> [u8; PREAMBLE] {
        let mut bytes = [0; PREAMBLE];
        bytes[..8].copy_from_slice(magic);
        bytes[8..12].copy_from_slice(&version.to_ne_bytes());
        bytes[12..].copy_from_slice(&count.to_ne_bytes());
        bytes
    }

    #[test]
    fn a_process_under_the_tool_has_its_library() {
        let list = c"/opt/own.so:/usr/libexec/valgrind/vgpreload_memcheck-amd64-linux.so";
        assert!(names(Some(list), c"vgpreload_memcheck"));
        assert!(!names(Some(c"/opt/own.so"), c"vgpreload_memcheck"));
        assert!(!names(None, c"vgpreload_memcheck"));
        assert!(!names(Some(list), c""));
    }

    #[test]
    fn a_good_file_says_how_many_counters_it_has() {
        assert_eq!(counters(preamble(b"ASSAYHIT", 1, 3), 64 + 24), Some(3));
        assert_eq!(counters(preamble(b"ASSAYHIT", 1, 0), 64), Some(0));
    }

    #[test]
    fn a_file_of_another_kind_version_or_length_is_refused() {
        assert_eq!(counters(preamble(b"ASSAYHIP", 1, 3), 88), None);
        assert_eq!(counters(preamble(b"ASSAYHIT", 2, 3), 88), None);
        assert_eq!(counters(preamble(b"ASSAYHIT", 1, 3), 87), None);
        assert_eq!(counters(preamble(b"ASSAYHIT", 1, u32::MAX), 88), None);
    }
}
