//! One chunk: a header, and behind it the memory that blocks are cut from.

use super::source::sealed::Source;
use core::alloc::Layout;
use core::cell::Cell;
use core::ptr::NonNull;

use super::poison;

/// What every chunk is aligned to, and what its size is a multiple of.
const CHUNK_ALIGN: usize = 16;

/// The size of a chunk's header.
pub(super) const HEADER: usize = size_of::<Header>();

const _: () = assert!(HEADER.is_multiple_of(CHUNK_ALIGN) && CHUNK_ALIGN >= super::MIN_ALIGN);

/// What stands at a chunk's start.
#[repr(C, align(16))]
pub(super) struct Header {
    /// The chunk that is filled after this one.
    pub(super) next: Cell<Option<Chunk>>,
    /// How many bytes were used in the chunks before this one when it became the current one.
    pub(super) before: Cell<usize>,
    /// Where the blocks of this chunk ended when the next one became the current one.
    pub(super) filled: Cell<NonNull<u8>>,
    /// The end of the chunk.
    end: NonNull<u8>,
}

/// A chunk, by address.
///
/// # Invariants
/// 1. A chunk that an arena can name is not released: it leaves the list before. So its header is
///    valid, and lies outside the memory of any block.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Chunk(NonNull<Header>);

// SAFETY: A chunk is reached through its arena alone, which is on one thread at a time.
unsafe impl Send for Chunk {}

impl Chunk {
    /// A chunk of at least `size` bytes, its header included, or nothing when there is no memory.
    pub(super) fn obtain(source: &impl Source, size: usize) -> Option<Self> {
        let layout = layout(size)?;
        let start = source.obtain(layout)?;
        // SAFETY: the source's block has `layout.size()` bytes.
        let end = unsafe { start.add(layout.size()) };
        // SAFETY: `layout` checks that the header fits.
        let data = unsafe { start.add(HEADER) };
        let header = Header {
            next: Cell::new(None),
            before: Cell::new(0),
            filled: Cell::new(data),
            end,
        };
        // SAFETY: the block is valid for the header, and aligned for it by `layout`.
        unsafe { start.cast::<Header>().write(header) };
        poison::hide(data, layout.size() - HEADER);
        Some(Self(start.cast()))
    }

    /// Gives the chunk back.
    ///
    /// # Safety
    /// - `source` is the one that it was obtained from.
    /// - Neither the chunk nor a block of it is used again.
    pub(super) unsafe fn release(self, source: &impl Source) {
        let size = self.size();
        poison::open(self.data(), size - HEADER);
        if let Some(layout) = layout(size) {
            // SAFETY: the caller's promise; `size` is that of the layout that it was obtained with.
            unsafe { source.release(self.0.cast(), layout) };
        }
    }

    pub(super) fn header(&self) -> &Header {
        // SAFETY: invariant 1.
        unsafe { self.0.as_ref() }
    }

    /// Where its first block begins.
    pub(super) fn data(self) -> NonNull<u8> {
        // SAFETY: the header lies within the chunk.
        unsafe { self.0.cast::<u8>().add(HEADER) }
    }

    pub(super) fn end(self) -> NonNull<u8> {
        self.header().end
    }

    /// All its bytes, with its header.
    pub(super) fn size(self) -> usize {
        self.end().addr().get() - self.0.addr().get()
    }

    /// The bytes for blocks.
    pub(super) fn room(self) -> usize {
        self.size() - HEADER
    }
}

/// The layout of a chunk that is asked to have `size` bytes.
fn layout(size: usize) -> Option<Layout> {
    let size = size.max(HEADER).checked_next_multiple_of(CHUNK_ALIGN)?;
    Layout::from_size_align(size, CHUNK_ALIGN).ok()
}
