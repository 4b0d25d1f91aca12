//! Whether a pointer that is no block of C's leads to one of Rust's: what `memscope::Scoped` writes at a block's end is
//! looked for. For a report alone, so that it may take its time; and without a fault, wherever the pointer leads.

use std::ptr;

use memscope::raw_parts;

/// The bytes of a block's end that are looked through: malloc makes a block longer by less than this, but for those with a
/// mapping of their own.
const LAST: usize = 40;
const TRAILER: usize = 8;

/// Which line of Rust made the block; `None` where nothing says that Rust did.
pub(crate) fn describe(address: usize) -> Option<String> {
    let usable = usable_size(address)?;
    let length = usable.min(LAST);
    let mut bytes = [0; LAST];
    let first = address + usable - length;
    read(first, &mut bytes[..length])?;
    let windows = bytes[..length].windows(TRAILER).enumerate();
    let found = windows.rev().find_map(|(at, window)| {
        let end = first + at;
        let word = u64::from_ne_bytes(window.try_into().ok()?);
        let place = raw_parts::made_at(word, end)?;
        Some((end - address, place))
    });
    let (size, place) = found?;
    Some(format!(
        "its end has the mark of a Rust block of {size} bytes {place}"
    ))
}

/// As `malloc_usable_size`, which faults where the pointer is none of malloc's: what glibc keeps before a block.
fn usable_size(address: usize) -> Option<usize> {
    const IS_MAPPED: usize = 2;
    const FLAGS: usize = 7;
    let mut size = [0; size_of::<usize>()];
    read(address.checked_sub(size.len())?, &mut size)?;
    let size = usize::from_ne_bytes(size);
    let own = if size & IS_MAPPED == 0 { 8 } else { 16 };
    let usable = (size & !FLAGS).checked_sub(own)?;
    (address.is_multiple_of(16) && usable >= TRAILER && address.checked_add(usable).is_some())
        .then_some(usable)
}

/// Reads memory of this process; `None` where there is none.
fn read(address: usize, bytes: &mut [u8]) -> Option<()> {
    let here = libc::iovec {
        iov_base: bytes.as_mut_ptr().cast(),
        iov_len: bytes.len(),
    };
    let there = libc::iovec {
        iov_base: ptr::without_provenance_mut(address),
        iov_len: bytes.len(),
    };
    // SAFETY: asks for this process alone.
    let this = unsafe { libc::getpid() };
    // SAFETY: the system writes into `bytes`, and says where it cannot read.
    let answer =
        unsafe { libc::process_vm_readv(this, &raw const here, 1, &raw const there, 1, 0) };
    (usize::try_from(answer) == Ok(bytes.len())).then_some(())
}
