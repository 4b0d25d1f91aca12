//! Files, clocks and `errno`. Nothing here allocates.

use core::ffi::{CStr, c_int};

use super::pages::Words;

/// An open file; closed when dropped.
#[derive(Debug)]
pub(crate) struct File(c_int);

impl File {
    pub(crate) fn read(path: &CStr) -> Option<Self> {
        Self::open(path, libc::O_RDONLY)
    }

    /// A file that is not there yet, for its owner alone.
    pub(crate) fn create(path: &CStr) -> Option<Self> {
        Self::open(path, libc::O_RDWR | libc::O_CREAT | libc::O_EXCL)
    }

    pub(crate) fn write(path: &CStr) -> Option<Self> {
        Self::open(path, libc::O_RDWR)
    }

    fn open(path: &CStr, flags: c_int) -> Option<Self> {
        let mode: libc::mode_t = 0o600;
        // SAFETY: the path ends with a zero byte.
        let file = unsafe { libc::open(path.as_ptr(), flags | libc::O_CLOEXEC, mode) };
        (file >= 0).then_some(Self(file))
    }

    pub(crate) fn number(&self) -> c_int {
        self.0
    }

    /// Makes room from `offset` on, on the disk too.
    pub(crate) fn extend(&self, offset: usize, bytes: usize) -> bool {
        let (Ok(offset), Ok(bytes)) = (offset.try_into(), bytes.try_into()) else {
            return false;
        };
        // SAFETY: an open file.
        unsafe { libc::posix_fallocate(self.0, offset, bytes) == 0 }
    }

    /// Gives everything to `each`, piece by piece.
    pub(crate) fn pieces(&self, mut each: impl FnMut(&[u8])) {
        let mut buffer = [0_u8; 2048];
        loop {
            // SAFETY: an open file, and a buffer of that length.
            let count = unsafe { libc::read(self.0, buffer.as_mut_ptr().cast(), buffer.len()) };
            let filled = usize::try_from(count).ok().and_then(|n| buffer.get(..n));
            match filled {
                Some(piece) if !piece.is_empty() => each(piece),
                _ => return,
            }
        }
    }

    pub(crate) fn put(&self, offset: usize, words: Words) -> bool {
        let Ok(offset) = offset.try_into() else {
            return false;
        };
        let bytes = size_of_val(words);
        // SAFETY: an open file; the words are memory of this process.
        let written = unsafe { libc::pwrite(self.0, words.as_ptr().cast(), bytes, offset) };
        usize::try_from(written) == Ok(bytes)
    }
}

impl Drop for File {
    fn drop(&mut self) {
        // SAFETY: open, and used by nobody else.
        unsafe { libc::close(self.0) };
    }
}

/// The process and its parent.
pub(crate) fn processes() -> (u32, u32) {
    // SAFETY: has no condition.
    let own = unsafe { libc::getpid() };
    // SAFETY: has no condition.
    let parent = unsafe { libc::getppid() };
    (own.cast_unsigned(), parent.cast_unsigned())
}

/// Nanoseconds since 1970.
pub(crate) fn since_1970_ns() -> u64 {
    clock(libc::CLOCK_REALTIME)
}

/// Nanoseconds since some moment before the process began.
pub(crate) fn now_ns() -> u64 {
    clock(libc::CLOCK_MONOTONIC)
}

fn clock(which: libc::clockid_t) -> u64 {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: there is room for the answer.
    unsafe { libc::clock_gettime(which, &raw mut time) };
    (time.tv_sec.cast_unsigned())
        .wrapping_mul(1_000_000_000)
        .wrapping_add(time.tv_nsec.cast_unsigned())
}

/// Does something and leaves `errno` as it was.
#[inline]
pub(crate) fn keeping_errno<R>(work: impl FnOnce() -> R) -> R {
    // SAFETY: has no condition.
    let place = unsafe { libc::__errno_location() };
    // SAFETY: the calling thread's own variable.
    let before = unsafe { *place };
    let result = work();
    // SAFETY: as above.
    unsafe { *place = before };
    result
}
