//! Memory of the tables and of the record file, as words that any thread reads and writes.

use core::ffi::c_int;

use super::os::File;
use crate::sync::{AtomicU64, Ordering};

/// Words that stay until the process ends.
pub(crate) type Words = &'static [AtomicU64];

/// Zeroed memory of this process alone.
pub(crate) fn anonymous(words: usize) -> Option<Words> {
    let address = map(0, words, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS, -1, 0)?;
    Some(slice(address, words))
}

/// Words of a file. The file is as long, and its blocks are there: an access cannot fail for want of space.
pub(crate) fn of_file(file: &File, offset: usize, words: usize) -> Option<Words> {
    let address = map(0, words, libc::MAP_SHARED, file.number(), offset)?;
    Some(slice(address, words))
}

/// Puts a part of another file in the place of `words`.
pub(crate) fn replace(words: Words, file: &File, offset: usize) -> bool {
    let flags = libc::MAP_SHARED | libc::MAP_FIXED;
    let address = words.as_ptr().addr();
    map(address, words.len(), flags, file.number(), offset).is_some()
}

/// Gives back the memory of a table that another one has replaced: its content reads as zero from here on, and the
/// addresses stay, so that whoever still had them reads nothing worse.
pub(crate) fn retire(words: Words) {
    let address = words.as_ptr().cast_mut().cast();
    // SAFETY: a whole private mapping of words, for which every value is valid.
    unsafe { libc::madvise(address, size_of_val(words), libc::MADV_DONTNEED) };
}

fn map(place: usize, words: usize, flags: c_int, file: c_int, offset: usize) -> Option<usize> {
    let place = std::ptr::with_exposed_provenance_mut(place);
    let access = libc::PROT_READ | libc::PROT_WRITE;
    let bytes = words.checked_mul(8)?;
    let offset = libc::off_t::try_from(offset).ok()?;
    // SAFETY: a new mapping, or one in the place of words of this module, which are atomics of whatever value.
    let address = unsafe { libc::mmap(place, bytes, access, flags, file, offset) };
    (address != libc::MAP_FAILED).then(|| address.expose_provenance())
}

fn slice(address: usize, words: usize) -> Words {
    let pointer = std::ptr::with_exposed_provenance(address);
    // SAFETY: a mapping of that many words, readable and writable, at the begin of a page; it is never unmapped but by
    // `give_back`, whose caller answers for it. Every value is valid for an atomic.
    unsafe { std::slice::from_raw_parts(pointer, words) }
}

/// A place for words whose number is a power of two, which can be exchanged: one word with their address and number.
#[derive(Debug)]
pub(crate) struct Place(AtomicU64);

impl Place {
    pub(crate) const fn new() -> Self {
        Self(AtomicU64::new(0))
    }

    #[inline]
    pub(crate) fn get(&self) -> Option<Words> {
        // ORDERING: Acquire; the partner is `set`: who sees the address sees the content.
        let packed = self.0.load(Ordering::Acquire) as usize;
        if packed == 0 {
            return None;
        }
        Some(slice(packed & !0xFFF, 1 << (packed & 0xFFF)))
    }

    pub(crate) fn set(&self, words: Words) {
        debug_assert!(words.len().is_power_of_two());
        let packed = words.as_ptr().expose_provenance() | words.len().trailing_zeros() as usize;
        // ORDERING: Release; the partner is `get`.
        self.0.store(packed as u64, Ordering::Release);
    }
}
