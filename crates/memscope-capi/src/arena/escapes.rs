//! Pointers that lead into an arena from places that outlive it: blocks, and the variables of the program.

use std::collections::BTreeMap;
use std::ffi::{c_int, c_void};

use crate::registry;
use crate::site::Site;

/// How much of a block is looked at. As much is filled when a block is made, once there are arenas, so that a pointer
/// which a former owner left there is not taken for one of now.
pub(crate) const LOOKED_AT: usize = 4096;

/// Allocations by their first byte.
pub(super) type Starts = BTreeMap<usize, Site>;

/// Where a pointer to an allocation was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Escape {
    pub(super) allocated: Site,
    /// The block that holds it; `None` for a variable.
    pub(super) holder: Option<Site>,
    pub(super) address: usize,
}

/// The first pointer to the begin of one of these allocations, in a live block that is not `own`, or in a variable of
/// static storage. Complexity: linear in the live blocks and the variables.
pub(super) fn first(starts: &Starts, own: impl Fn(usize) -> bool) -> Option<Escape> {
    if starts.is_empty() {
        return None;
    }
    let mut found = None;
    registry::for_each_live(|address, block| {
        if found.is_none() && !own(address) {
            let length = block.size.min(LOOKED_AT);
            let escape = in_words(address, length, starts, Some(block.site));
            // What was read of a block that another thread has freed meanwhile is nothing.
            let state = registry::find(address).map(registry::Entry::state);
            found = escape.filter(|_| state == Some(registry::State::Live(block)));
        }
    });
    found.or_else(|| in_variables(starts))
}

fn in_words(from: usize, length: usize, starts: &Starts, holder: Option<Site>) -> Option<Escape> {
    let (low, high) = (starts.keys().next(), starts.keys().next_back());
    let bounds = low.copied().unwrap_or(1)..=high.copied().unwrap_or(0);
    let mut words = [0_usize; LOOKED_AT / size_of::<usize>()];
    let mut at = from.next_multiple_of(size_of::<usize>());
    let end = from + length;
    while at < end {
        let wanted = ((end - at) / size_of::<usize>()).min(words.len());
        let count = read(at, &mut words[..wanted]);
        for (index, word) in words[..count].iter().enumerate() {
            if !bounds.contains(word) {
                continue;
            }
            if let Some(&allocated) = starts.get(word) {
                let address = at + index * size_of::<usize>();
                return Some(Escape {
                    allocated,
                    holder,
                    address,
                });
            }
        }
        if count == 0 {
            return None;
        }
        at += count * size_of::<usize>();
    }
    None
}

/// Copies words of this process by way of the system, which refuses memory that another thread has given back meanwhile
/// where a read would end the process. How many were copied.
fn read(address: usize, words: &mut [usize]) -> usize {
    let to = libc::iovec {
        iov_base: words.as_mut_ptr().cast(),
        iov_len: size_of_val(words),
    };
    let from = libc::iovec {
        iov_base: std::ptr::without_provenance_mut(address),
        iov_len: to.iov_len,
    };
    let process = std::process::id().cast_signed();
    // SAFETY: it writes to `words` alone.
    let copied =
        unsafe { libc::process_vm_readv(process, &raw const to, 1, &raw const from, 1, 0) };
    usize::try_from(copied).unwrap_or(0) / size_of::<usize>()
}

/// Whether the system lets a process read its own memory so; a sandbox may refuse it.
pub(super) fn is_possible() -> bool {
    let known = [1_usize; 1];
    let mut copy = [0_usize; 1];
    read(known.as_ptr().addr(), &mut copy) == 1
}

struct Search<'a> {
    starts: &'a Starts,
    found: Option<Escape>,
}

fn in_variables(starts: &Starts) -> Option<Escape> {
    let mut search = Search {
        starts,
        found: None,
    };
    // SAFETY: the callback gets the pointer to `search`, which lives until the call returns.
    unsafe { libc::dl_iterate_phdr(Some(look_at_object), (&raw mut search).cast()) };
    search.found
}

/// # Safety
/// - As `dl_iterate_phdr` calls it, with a [`Search`].
unsafe extern "C" fn look_at_object(
    info: *mut libc::dl_phdr_info,
    _size: usize,
    search: *mut c_void,
) -> c_int {
    // SAFETY: what `dl_iterate_phdr` gives.
    let info = unsafe { &*info };
    // SAFETY: what `in_variables` gives, which nobody else uses meanwhile.
    let search = unsafe { &mut *search.cast::<Search<'_>>() };
    if info.dlpi_phdr.is_null() {
        return 0;
    }
    // SAFETY: that many headers of a loaded object.
    let headers =
        unsafe { std::slice::from_raw_parts(info.dlpi_phdr, usize::from(info.dlpi_phnum)) };
    // Variables that the loader made read-only again hold no pointer of now, and cannot be told from others here.
    let wanted = libc::PF_R | libc::PF_W;
    for header in headers {
        if header.p_type == libc::PT_LOAD && header.p_flags & wanted == wanted {
            let from = (info.dlpi_addr + header.p_vaddr) as usize;
            let found = in_words(from, header.p_memsz as usize, search.starts, None);
            search.found = search.found.or(found);
        }
    }
    c_int::from(search.found.is_some())
}
