//! An allocator that watches its blocks.

use crate::countdown;
use crate::oracle::{HeapViolation, ShadowHeap};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::fmt;
use std::ptr::{self, NonNull};
use std::sync::{Mutex, PoisonError};

/// Bytes on either side of a block that nobody may write to.
const ZONE: usize = 64;

/// What the zones are filled with.
const ZONE_BYTE: u8 = 0xA9;

/// What a fresh block is filled with: a length, a pointer or a token that is read from it stands out.
const FRESH_BYTE: u8 = 0xA5;

/// What a block is filled with when it is freed.
const FREED_BYTE: u8 = 0xDD;

/// An allocator that gets its memory from another one and notes what is done with it.
///
/// What is wrong is on record and does no harm by itself: a block that is freed twice stays freed, one that
/// is freed with the wrong layout is freed with its own, and 64 bytes on either side of a block may be
/// written to without damage to another one. The zones are looked at when their block is freed, and by
/// [`violations`](Self::violations).
///
/// # Examples
///
/// ```
/// use adversary::alloc::Shadowed;
/// use adversary::oracle::HeapViolation;
/// use std::alloc::{GlobalAlloc, Layout};
///
/// let heap = Shadowed::system();
/// let layout = Layout::new::<[u8; 3]>();
/// // SAFETY: the layout has a size.
/// let block = unsafe { heap.alloc(layout) };
/// // SAFETY: the block is one of this heap's, which bears to be told so twice.
/// unsafe { (heap.dealloc(block, layout), heap.dealloc(block, layout)) };
/// assert_eq!(heap.violations(), [HeapViolation::NotLive { address: block.addr() }]);
/// ```
///
/// # Cost
///
/// A lock and a lookup for each call, 128 bytes or more for each block, and a pass over its bytes. Meant
/// for tests.
pub struct Shadowed<A = System> {
    inner: A,
    heap: Mutex<ShadowHeap>,
}

impl Shadowed {
    /// Over the system's allocator.
    ///
    /// ```
    /// use adversary::alloc::Shadowed;
    ///
    /// static HEAP: Shadowed = Shadowed::system();
    /// ```
    #[must_use]
    pub const fn system() -> Self {
        Self::new(System)
    }
}

impl<A> Shadowed<A> {
    /// Over any allocator.
    ///
    /// ```
    /// use adversary::alloc::Shadowed;
    ///
    /// static HEAP: Shadowed = Shadowed::new(std::alloc::System);
    /// ```
    pub const fn new(inner: A) -> Self {
        Self {
            inner,
            heap: Mutex::new(ShadowHeap::new()),
        }
    }

    /// Everything that was found wrong by now, blocks that are written past their ends included and live
    /// blocks not.
    ///
    /// ```
    /// assert_eq!(adversary::alloc::Shadowed::system().violations(), []);
    /// ```
    pub fn violations(&self) -> Vec<HeapViolation> {
        self.look_at_zones();
        self.copy_out(|heap| heap.violations())
    }

    /// The blocks that are live, by address.
    ///
    /// ```
    /// assert_eq!(adversary::alloc::Shadowed::system().live(), []);
    /// ```
    pub fn live(&self) -> Vec<(usize, Layout)> {
        let count = self.with(|heap| heap.live().count());
        let mut live = Vec::with_capacity(count);
        self.with(|heap| live.extend(heap.live().take(count)));
        live
    }

    /// Asserts that nothing was found wrong and that nothing is live.
    ///
    /// # Panics
    ///
    /// With all that is wrong, if anything is.
    ///
    /// ```
    /// adversary::alloc::Shadowed::system().assert_clean();
    /// ```
    #[track_caller]
    pub fn assert_clean(&self) {
        let mut wrong = self.violations();
        let leaks = self.live().into_iter();
        wrong.extend(leaks.map(|(address, layout)| HeapViolation::Leaked { address, layout }));
        let lines: Vec<String> = wrong.iter().map(ToString::to_string).collect();
        assert!(lines.is_empty(), "{}", lines.join("; "));
    }

    #[cfg(feature = "allocator-api2")]
    pub(super) const fn inner(&self) -> &A {
        &self.inner
    }

    /// Gets a block with a zone on either side from `get`, and returns the part between.
    ///
    /// `get` returns a block for the layout that it is called with, or nothing.
    pub(super) fn arm(
        &self,
        layout: Layout,
        get: impl FnOnce(Layout) -> Option<NonNull<u8>>,
    ) -> Option<NonNull<u8>> {
        let (whole, offset) = around(layout)?;
        let start = get(whole)?;
        // SAFETY: `get` has returned a block of `whole.size()` bytes.
        unsafe { start.write_bytes(ZONE_BYTE, whole.size()) };
        // SAFETY: `offset` is within the block, see `around`.
        let block = unsafe { start.add(offset) };
        // SAFETY: from `offset` on there are `layout.size()` bytes, and the zone behind.
        unsafe { block.write_bytes(FRESH_BYTE, layout.size()) };
        // Exposed, because `look_at_zones` comes back with the address alone.
        let address = block.as_ptr().expose_provenance();
        self.with(|heap| heap.allocated(address, layout));
        Some(block)
    }

    /// Notes that a block is freed. Returns what `get` has returned for it and the layout that `get` was
    /// called with, if the block is live.
    pub(super) fn disarm(
        &self,
        block: NonNull<u8>,
        layout: Layout,
    ) -> Option<(NonNull<u8>, Layout)> {
        let address = block.addr().get();
        let own = self.with(|heap| {
            let own = heap.layout_of(address);
            // Its zones are readable as long as it is not freed, which is until the lock is released.
            if own.is_some_and(|own| !zones_are_whole(block, own)) {
                heap.damaged(address);
            }
            heap.freed(address, layout);
            own
        })?;
        // SAFETY: a block that is live has as many bytes as its own layout says.
        unsafe { block.write_bytes(FREED_BYTE, own.size()) };
        let (whole, offset) = around(own)?;
        // SAFETY: the block stands `offset` bytes behind its start, see `arm`.
        let start = unsafe { block.sub(offset) };
        Some((start, whole))
    }

    fn look_at_zones(&self) {
        self.with(|heap| {
            let damaged = |(address, layout): (usize, Layout)| {
                let block = NonNull::new(ptr::with_exposed_provenance_mut(address))?;
                (!zones_are_whole(block, layout)).then_some(address)
            };
            let addresses: Vec<usize> = heap.live().filter_map(damaged).collect();
            addresses.into_iter().for_each(|it| heap.damaged(it));
        });
    }

    /// A copy that is made in memory of the caller's: what is allocated inside is not watched.
    fn copy_out<T: Copy>(&self, list: impl Fn(&ShadowHeap) -> &[T]) -> Vec<T> {
        let count = self.with(|heap| list(heap).len());
        let mut copy = Vec::with_capacity(count);
        self.with(|heap| copy.extend(list(heap).iter().take(count)));
        copy
    }

    fn with<R>(&self, f: impl FnOnce(&mut ShadowHeap) -> R) -> R {
        let _inside = Inside::enter();
        countdown::paused(|| f(&mut self.heap.lock().unwrap_or_else(PoisonError::into_inner)))
    }
}

/// Without the blocks: the text may go to memory of this very allocator, whose books are closed as long as they are read.
impl<A: fmt::Debug> fmt::Debug for Shadowed<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shadowed")
            .field("inner", &self.inner)
            .finish_non_exhaustive()
    }
}

/// The layout of a block with its zones, and how far from its start the block proper stands.
fn around(layout: Layout) -> Option<(Layout, usize)> {
    let zone = Layout::new::<[u8; ZONE]>();
    let (front, offset) = zone.extend(layout).ok()?;
    let (whole, _) = front.extend(zone).ok()?;
    Some((whole, offset))
}

/// Whether nobody has written to the zones of a live block. Only the 64 bytes next to it on either side
/// are looked at.
fn zones_are_whole(block: NonNull<u8>, layout: Layout) -> bool {
    let intact = |start: NonNull<u8>| {
        (0..ZONE).all(|index| {
            // SAFETY: `start` is the start of a zone, which has `ZONE` bytes.
            let byte = unsafe { start.add(index) };
            // SAFETY: `arm` has written this byte, and the block is live.
            let byte = unsafe { byte.read() };
            byte == ZONE_BYTE
        })
    };
    // SAFETY: in front of the block there are `ZONE` bytes at least, see `around`.
    let front = unsafe { block.sub(ZONE) };
    // SAFETY: behind the block's `layout.size()` bytes there is the other zone.
    let back = unsafe { block.add(layout.size()) };
    intact(front) && intact(back)
}

thread_local! {
    /// Whether this thread is in a `ShadowHeap`, whose own memory may come from a watching allocator.
    static INSIDE: Cell<bool> = const { Cell::new(false) };
}

/// Set until it is dropped.
struct Inside(bool);

impl Inside {
    fn enter() -> Self {
        Self(INSIDE.replace(true))
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        INSIDE.set(self.0);
    }
}

/// The records were made inside, so they go inside.
impl<A> Drop for Shadowed<A> {
    fn drop(&mut self) {
        let _inside = Inside::enter();
        let heap = self.heap.get_mut().unwrap_or_else(PoisonError::into_inner);
        *heap = ShadowHeap::new();
    }
}

// SAFETY: blocks lie within blocks of the inner allocator and are given back to it when they are freed and
// not before, or never. What is allocated inside is the inner allocator's own, and is freed inside too. No
// method unwinds: the shadow heap does not panic, and if it has no memory the process aborts.
unsafe impl<A: GlobalAlloc> GlobalAlloc for Shadowed<A> {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the size of either layout is not 0: the caller's promise, or that of the zones.
        let get = |whole| NonNull::new(unsafe { self.inner.alloc(whole) });
        let block = match INSIDE.get() {
            true => get(layout),
            false => self.arm(layout, get),
        };
        block.map_or(ptr::null_mut(), NonNull::as_ptr)
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        let Some(block) = NonNull::new(block) else {
            return;
        };
        let given = match INSIDE.get() {
            true => Some((block, layout)),
            false => self.disarm(block, layout),
        };
        if let Some((start, whole)) = given {
            // SAFETY: allocated by `alloc` inside, or what `disarm` gives back for it, once.
            unsafe { self.inner.dealloc(start.as_ptr(), whole) };
        }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        let own = match INSIDE.get() {
            true => Some(layout),
            false => self.with(|heap| heap.layout_of(block.addr())),
        };
        let Ok(new_layout) = Layout::from_size_align(new_size, layout.align()) else {
            return ptr::null_mut();
        };
        // SAFETY: `new_size` is not 0 and the alignment is one: the caller's promises.
        let new = unsafe { self.alloc(new_layout) };
        if new.is_null() {
            return new;
        }
        // Of a block that is not live nothing is copied; `dealloc` puts it on record.
        let size = own.map_or(0, |own| own.size().min(new_size));
        // SAFETY: the old block has `own.size()` bytes, the new one `new_size`, and both are live.
        unsafe { ptr::copy_nonoverlapping(block, new, size) };
        // SAFETY: the caller's promises are passed on.
        unsafe { self.dealloc(block, layout) };
        new
    }
}
