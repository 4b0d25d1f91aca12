//! What is known of each block, beside the heap and not in it: the answer to "is this a live block?" reads no memory of
//! the block, so that it is right for a pointer that was freed, was never a block, or leads nowhere.
//!
//! A block's place in the table is its address: one entry for each 16 bytes of the address space, in leaves of 4 MiB
//! that are mapped when the first block of their region is made, and of which the system gives pages as they are used.

use std::ptr;

use crate::site::{self, Site};
use crate::sync::{AtomicPtr, AtomicU64, Ordering};

/// Blocks begin at multiples of this.
pub(crate) const ALIGN: usize = 16;

const LEAF_BITS: u32 = 18;
const MIDDLE_BITS: u32 = 13;
const ROOT_BITS: u32 = 13;
const LEAF_SHIFT: u32 = ALIGN.trailing_zeros() + LEAF_BITS;
const MIDDLE_SHIFT: u32 = LEAF_SHIFT + MIDDLE_BITS;

/// Sizes fit into this many bits.
pub(crate) const SIZE_BITS: u32 = 44;
const EPOCH_LOW: u32 = u64::BITS - SIZE_BITS;
const EPOCH_HIGH: u32 = 10;
const EPOCH_MASK: u32 = (1 << (EPOCH_LOW + EPOCH_HIGH)) - 1;

const _: () = assert!(2 + site::BITS + EPOCH_HIGH == 32);

/// What is known of an address. All zero: nothing.
///
/// ```text
///  mark    scope, or the freeing site : 32 | epoch, upper bits : 10 | site : 20 | state : 2
///  extent  epoch, lower bits : 20 | size : 44
/// ```
#[derive(Debug, Default)]
pub(crate) struct Entry {
    mark: AtomicU64,
    extent: AtomicU64,
}

const LIVE: u64 = 1;
const FREED: u64 = 2;
/// Live, and no leak at the end of the process.
const KEPT: u64 = 3;

/// A live block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Block {
    pub(crate) size: usize,
    pub(crate) scope: u32,
    pub(crate) site: Site,
    /// The number of checkpoints before it, modulo 2^30.
    pub(crate) epoch: u32,
    pub(crate) is_kept: bool,
}

/// What an entry says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// No block began here.
    Unknown,
    Live(Block),
    /// The last block here was freed.
    Freed {
        allocated: Site,
        freed: Site,
    },
}

impl Entry {
    #[inline]
    pub(crate) fn state(&self) -> State {
        // Relaxed is enough: who has a pointer to a block got it from who made it, in some order of the program's own.
        let mark = self.mark.load(Ordering::Relaxed);
        let extent = self.extent.load(Ordering::Relaxed);
        let site = Site::from_bits((mark >> 2) as u32);
        let upper = (mark >> 32) as u32;
        match mark & 3 {
            0 => State::Unknown,
            FREED => State::Freed {
                allocated: site,
                freed: Site::from_bits(upper),
            },
            live => State::Live(Block {
                size: (extent & ((1 << SIZE_BITS) - 1)) as usize,
                scope: upper,
                site,
                epoch: ((mark as u32) >> (2 + site::BITS) << EPOCH_LOW)
                    | (extent >> SIZE_BITS) as u32,
                is_kept: live == KEPT,
            }),
        }
    }

    #[inline]
    pub(crate) fn set_live(&self, block: Block) {
        let epoch = block.epoch & EPOCH_MASK;
        let upper = (epoch >> EPOCH_LOW) << (2 + site::BITS);
        let lower = u64::from(epoch & ((1 << EPOCH_LOW) - 1));
        let state = if block.is_kept { KEPT } else { LIVE };
        let mark = (u64::from(block.scope) << 32)
            | u64::from(upper)
            | (u64::from(block.site.to_bits()) << 2)
            | state;
        self.extent
            .store((lower << SIZE_BITS) | block.size as u64, Ordering::Relaxed);
        self.mark.store(mark, Ordering::Relaxed);
    }

    #[inline]
    pub(crate) fn set_freed(&self, allocated: Site, freed: Site) {
        let mark = (u64::from(freed.to_bits()) << 32) | (u64::from(allocated.to_bits()) << 2);
        self.mark.store(mark | FREED, Ordering::Relaxed);
    }
}

/// Entries of one page of a leaf.
const PAGE: usize = 256;

/// What is known of a region. A bit stands for each page that ever had a block: a walk leaves the others alone, which the
/// system has given no memory.
#[derive(Debug)]
struct Leaf {
    entries: [Entry; 1 << LEAF_BITS],
    pages: [AtomicU64; (1 << LEAF_BITS) / PAGE / u64::BITS as usize],
}

impl Leaf {
    #[inline]
    fn note(&self, index: usize) {
        let page = index / PAGE;
        let word = &self.pages[page / u64::BITS as usize];
        let bit = 1 << (page % u64::BITS as usize);
        if word.load(Ordering::Relaxed) & bit == 0 {
            word.fetch_or(bit, Ordering::Relaxed);
        }
    }

    /// Pages that ever had a block, each with the index of its first entry.
    fn pages(&self) -> impl Iterator<Item = (usize, &[Entry])> {
        let has = |page: usize| {
            let word = self.pages[page / u64::BITS as usize].load(Ordering::Relaxed);
            word >> (page % u64::BITS as usize) & 1 != 0
        };
        let pages = self.entries.chunks(PAGE).enumerate();
        pages
            .filter(move |(page, _)| has(*page))
            .map(|(page, entries)| (page * PAGE, entries))
    }
}

type Middle = [AtomicPtr<Leaf>; 1 << MIDDLE_BITS];

/// # Invariants
/// 1. A pointer here or in a [`Middle`] is null, or leads to a mapping of zeroes that is never unmapped; both types are
///    valid when they are all zero.
/// 2. A pointer that is not null never changes.
static ROOT: [AtomicPtr<Middle>; 1 << ROOT_BITS] =
    [const { AtomicPtr::new(ptr::null_mut()) }; 1 << ROOT_BITS];

/// What is known of an address; `None` if no block was ever made near it.
#[inline]
pub(crate) fn find(address: usize) -> Option<&'static Entry> {
    Some(&leaf_of(address)?.entries[index_of(address)])
}

#[inline]
fn leaf_of(address: usize) -> Option<&'static Leaf> {
    let middle = get(ROOT.get(address >> MIDDLE_SHIFT)?)?;
    get(&middle[(address >> LEAF_SHIFT) % (1 << MIDDLE_BITS)])
}

#[inline]
const fn index_of(address: usize) -> usize {
    (address / ALIGN) % (1 << LEAF_BITS)
}

/// The same, for a block that is being made; `None` if there is no memory for the table.
#[inline]
pub(crate) fn find_or_make(address: usize) -> Option<&'static Entry> {
    let leaf = leaf_of(address).or_else(|| make(address))?;
    leaf.note(index_of(address));
    Some(&leaf.entries[index_of(address)])
}

/// The live blocks in the order of their addresses. Exact for those that no other thread makes or frees meanwhile.
/// Complexity: linear in the regions that ever had a block.
pub(crate) fn for_each_live(mut visit: impl FnMut(usize, Block)) {
    for (at_root, middle) in ROOT.iter().enumerate() {
        let leaves = get(middle).into_iter().flatten().enumerate();
        for (at_middle, leaf) in leaves {
            let Some(leaf) = get(leaf) else { continue };
            let base = (at_root << MIDDLE_SHIFT) | (at_middle << LEAF_SHIFT);
            for (first, entries) in leaf.pages() {
                for (index, entry) in entries.iter().enumerate() {
                    if let State::Live(block) = entry.state() {
                        visit(base | ((first + index) * ALIGN), block);
                    }
                }
            }
        }
    }
}

/// The live block that begins closest before an address, within `reach` bytes.
pub(crate) fn live_before(address: usize, reach: usize) -> Option<(usize, Block)> {
    let mut at = address & !(ALIGN - 1);
    let end = address.saturating_sub(reach);
    while at > end {
        at -= ALIGN;
        if let State::Live(block) = find(at)?.state() {
            return Some((at, block));
        }
    }
    None
}

#[cold]
#[inline(never)]
fn make(address: usize) -> Option<&'static Leaf> {
    let middle = get_or_map(ROOT.get(address >> MIDDLE_SHIFT)?)?;
    get_or_map(&middle[(address >> LEAF_SHIFT) % (1 << MIDDLE_BITS)])
}

#[inline]
fn get<T>(place: &AtomicPtr<T>) -> Option<&'static T> {
    // ORDERING: Acquire; the partner is the exchange of `get_or_map`.
    let table = place.load(Ordering::Acquire);
    // SAFETY: null or a table for good, by invariant 1.
    unsafe { table.as_ref() }
}

fn get_or_map<T>(place: &AtomicPtr<T>) -> Option<&'static T> {
    if let Some(known) = get(place) {
        return Some(known);
    }
    let fresh = map(size_of::<T>())?.cast::<T>();
    // ORDERING: Release, the partner is `get`; Acquire where another thread was first.
    let won = place.compare_exchange(ptr::null_mut(), fresh, Ordering::Release, Ordering::Acquire);
    if won.is_err() {
        // SAFETY: mapped above with this size, and nobody has seen it.
        unsafe { libc::munmap(fresh.cast(), size_of::<T>()) };
    }
    get(place)
}

/// Zeroes that cost nothing until they are written to.
fn map(size: usize) -> Option<*mut u8> {
    // SAFETY: a mapping of its own, at no fixed address.
    let start = unsafe {
        libc::mmap(
            ptr::null_mut(),
            size,
            libc::PROT_READ | libc::PROT_WRITE,
            libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE,
            -1,
            0,
        )
    };
    (start != libc::MAP_FAILED).then_some(start.cast())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_tells_what_was_written_at_the_bounds_of_every_field() {
        let entry = Entry::default();
        assert_eq!(entry.state(), State::Unknown);
        for epoch in [0, 1, EPOCH_MASK, 1 << EPOCH_LOW] {
            for size in [0, 1, (1 << SIZE_BITS) - 1] {
                for is_kept in [false, true] {
                    let block = Block {
                        size,
                        scope: u32::MAX - epoch,
                        site: Site::from_bits((1 << site::BITS) - 1),
                        epoch,
                        is_kept,
                    };
                    entry.set_live(block);
                    assert_eq!(entry.state(), State::Live(block));
                }
            }
        }
        let (allocated, freed) = (Site::from_bits(5), Site::from_bits(1 << 19));
        entry.set_freed(allocated, freed);
        assert_eq!(entry.state(), State::Freed { allocated, freed });
    }

    #[test]
    fn addresses_that_no_block_was_near_are_unknown() {
        assert!(find(0).is_none() || find(0).is_some_and(|e| e.state() == State::Unknown));
        assert!(find(1 << (MIDDLE_SHIFT + ROOT_BITS)).is_none());
        assert!(find(usize::MAX).is_none());
    }

    #[test]
    fn a_block_is_found_from_behind_it() {
        let at = 0x7000_1234_5670;
        let block = Block {
            size: 40,
            scope: 1,
            site: Site::NONE,
            epoch: 0,
            is_kept: true,
        };
        let entry = find_or_make(at).expect("there is memory");
        entry.set_live(block);
        assert_eq!(live_before(at + 100, 200), Some((at, block)));
        assert_eq!(live_before(at, 0), None);
        let mut seen = false;
        for_each_live(|address, found| seen |= address == at && found == block);
        assert!(seen);
        entry.set_freed(Site::NONE, Site::NONE);
    }
}
