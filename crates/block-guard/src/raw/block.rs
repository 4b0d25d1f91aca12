//! The life of a block: armed, checked, retired or disarmed.

use core::alloc::Layout;
use core::ptr::NonNull;

use super::bytes::first_other;
use crate::layout::{CANARY, HEADER, PREFIX};
use crate::pattern::{self, Canary, FRESH_BYTE, RETIRED_BYTE};
use crate::{GuardedLayout, Violation};

/// What stands `PREFIX` bytes in front of the user pointer.
#[repr(C, align(16))]
#[derive(Clone, Copy)]
struct Header {
    /// `live_tag` or `retired_tag` of the user address and the two fields below; anything else
    /// means that there is no block.
    tag: u64,
    /// The owner's word.
    note: u64,
    size: usize,
    align: usize,
}

const _: () = assert!(size_of::<Header>() <= HEADER && HEADER.is_multiple_of(align_of::<Header>()));

impl Header {
    fn is_live(&self, user: NonNull<u8>) -> bool {
        self.tag == pattern::live_tag(user.addr().get(), self.size, self.align)
    }

    fn is_retired(&self, user: NonNull<u8>) -> bool {
        self.tag == pattern::retired_tag(user.addr().get(), self.size, self.align)
    }

    /// The layout that a valid header describes.
    fn layout(&self) -> Result<GuardedLayout, Violation> {
        Layout::from_size_align(self.size, self.align)
            .ok()
            .and_then(GuardedLayout::new)
            .ok_or(Violation::NotABlock)
    }
}

/// Writes header and canaries into a fresh block and returns the user pointer, which is aligned as
/// `layout.user()` asks and has the provenance of `start`.
///
/// The user's bytes are left as they are. `note` is a word for the owner, read by [`note()`].
///
/// ```
/// # use {block_guard::*, std::alloc::Layout, std::ptr::NonNull};
/// let layout = GuardedLayout::new(Layout::new::<u64>()).unwrap();
/// let mut memory = vec![0_u128; layout.whole().size().div_ceil(16)];
/// let start = NonNull::new(memory.as_mut_ptr()).unwrap().cast::<u8>();
/// // SAFETY: `memory` is large enough, aligned to 16, and outlives the block.
/// unsafe {
///     let user = arm(start, layout, 7);
///     assert_eq!(user.addr().get() - start.addr().get(), layout.offset());
///     assert_eq!(note(user), 7);
///     assert_eq!(check(user, Some(Layout::new::<u64>())), Ok(layout));
/// }
/// ```
///
/// # Safety
///
/// - `start` is valid for writes of `layout.whole().size()` bytes and aligned to
///   `layout.whole().align()`.
/// - Nothing else uses that memory until the block is [`disarm`]ed.
pub unsafe fn arm(start: NonNull<u8>, layout: GuardedLayout, note: u64) -> NonNull<u8> {
    // SAFETY: `offset` lies inside `whole` (invariant 2 of `GuardedLayout`).
    let user = unsafe { start.add(layout.offset()) };
    let (size, align) = (layout.user().size(), layout.user().align());
    let header = Header {
        tag: pattern::live_tag(user.addr().get(), size, align),
        note,
        size,
        align,
    };
    // SAFETY: `PREFIX` bytes in front of `user` belong to the block (invariant 1), and `user` is a
    // multiple of 16 as `start` and `offset` are (invariants 1 and 3).
    unsafe { header_of(user).write(header) };
    // SAFETY: the front canary is the last part of that prefix.
    unsafe { write_canary(front_of(user)) };
    // SAFETY: the back canary is the last part of the block (invariant 2).
    unsafe { write_canary(back_of(user, size)) };
    user
}

/// Whether a live block begins at `user`, has whole guards, and is what the caller claims it is.
///
/// Without a claim (`None`: C's `free` has none) only header and canaries are looked at. Constant
/// time. The block is not changed.
///
/// # Errors
///
/// The first of: [`Violation::Retired`], [`Violation::NotABlock`], [`Violation::FrontCanary`],
/// [`Violation::BackCanary`], [`Violation::WrongSize`], [`Violation::WrongAlign`].
///
/// ```
/// # use {block_guard::*, std::alloc::Layout, std::ptr::NonNull};
/// # let layout = GuardedLayout::new(Layout::new::<u64>()).unwrap();
/// # let mut memory = vec![0_u128; layout.whole().size().div_ceil(16)];
/// # let start = NonNull::new(memory.as_mut_ptr()).unwrap().cast::<u8>();
/// // SAFETY: `start` as for `arm`.
/// unsafe {
///     let user = arm(start, layout, 0);
///     let wrong = Layout::new::<u32>();
///     assert_eq!(check(user, Some(wrong)), Err(Violation::WrongSize { allocated: 8, claimed: 4 }));
///     user.sub(1).write(0);
///     assert_eq!(check(user, None), Err(Violation::FrontCanary { size: 8, before: 1 }));
/// }
/// ```
///
/// # Safety
///
/// - The 48 bytes in front of `user` are readable and initialised, with the provenance of `user`.
///   That holds for every pointer that [`arm`] returned and whose memory was not given back.
/// - If they are the header of a block, no other thread changes that block during the call.
/// - The canary behind the user's bytes is initialised: [`arm`] did that, and an overrun of
///   uninitialised bytes, a struct's padding for instance, undoes it.
pub unsafe fn check(
    user: NonNull<u8>,
    claimed: Option<Layout>,
) -> Result<GuardedLayout, Violation> {
    // SAFETY: the caller vouches for the bytes in front of `user`.
    let header = unsafe { read_header(user) }?;
    if header.is_retired(user) {
        return Err(Violation::Retired { size: header.size });
    }
    if !header.is_live(user) {
        return Err(Violation::NotABlock);
    }
    // SAFETY: the tag says that `arm` wrote this header, so that the block has both canaries.
    unsafe { check_canaries(user, header.size) }?;
    if let Some(claimed) = claimed {
        check_claim(&header, claimed)?;
    }
    header.layout()
}

/// The layout of the live or retired block at `user`, whatever its guards look like.
///
/// # Errors
///
/// [`Violation::NotABlock`].
///
/// ```
/// # use {block_guard::*, std::alloc::Layout, std::ptr::NonNull};
/// # let layout = GuardedLayout::new(Layout::new::<u64>()).unwrap();
/// # let mut memory = vec![0_u128; layout.whole().size().div_ceil(16)];
/// # let start = NonNull::new(memory.as_mut_ptr()).unwrap().cast::<u8>();
/// // SAFETY: `start` as for `arm`.
/// unsafe {
///     let user = arm(start, layout, 0);
///     user.sub(1).write(0);
///     assert_eq!(layout_of(user), Ok(layout));
///     disarm(user, layout);
///     assert_eq!(layout_of(user), Err(Violation::NotABlock));
/// }
/// ```
///
/// # Safety
///
/// - As for [`check`].
pub unsafe fn layout_of(user: NonNull<u8>) -> Result<GuardedLayout, Violation> {
    // SAFETY: the caller vouches for the bytes in front of `user`.
    let header = unsafe { read_header(user) }?;
    if header.is_live(user) || header.is_retired(user) {
        header.layout()
    } else {
        Err(Violation::NotABlock)
    }
}

/// Fills the user's bytes with [`RETIRED_BYTE`] and marks the block as retired.
///
/// `note` replaces the owner's word. Linear in the block's size. The memory stays the owner's.
///
/// ```
/// # use {block_guard::*, std::alloc::Layout, std::ptr::NonNull};
/// # let layout = GuardedLayout::new(Layout::new::<u64>()).unwrap();
/// # let mut memory = vec![0_u128; layout.whole().size().div_ceil(16)];
/// # let start = NonNull::new(memory.as_mut_ptr()).unwrap().cast::<u8>();
/// // SAFETY: `start` as for `arm`.
/// unsafe {
///     let user = arm(start, layout, 0);
///     retire(user, layout, 0);
///     assert_eq!(check(user, None), Err(Violation::Retired { size: 8 }));
///     assert_eq!(check_retired(user), Ok(layout));
///     user.add(3).write(0);
///     assert_eq!(check_retired(user), Err(Violation::Overwritten { size: 8, offset: 3, found: 0 }));
/// }
/// ```
///
/// # Safety
///
/// - [`check`] has just returned `Ok(layout)` for `user`.
/// - No one uses the user's bytes any more, or the program has a bug that [`check_retired`] may
///   find.
pub unsafe fn retire(user: NonNull<u8>, layout: GuardedLayout, note: u64) {
    let (size, align) = (layout.user().size(), layout.user().align());
    // SAFETY: `check` found a block of this size, whose bytes are the owner's now.
    unsafe { user.write_bytes(RETIRED_BYTE, size) };
    let header = Header {
        tag: pattern::retired_tag(user.addr().get(), size, align),
        note,
        size,
        align,
    };
    // SAFETY: `check` found a header here.
    unsafe { header_of(user).write(header) };
}

/// Whether a retired block is as [`retire`] left it, guards included. Linear in the block's size.
///
/// # Errors
///
/// The first of: [`Violation::NotRetired`], [`Violation::NotABlock`], [`Violation::Overwritten`],
/// [`Violation::FrontCanary`], [`Violation::BackCanary`].
///
/// ```
/// # use {block_guard::*, std::alloc::Layout, std::ptr::NonNull};
/// # let layout = GuardedLayout::new(Layout::new::<u64>()).unwrap();
/// # let mut memory = vec![0_u128; layout.whole().size().div_ceil(16)];
/// # let start = NonNull::new(memory.as_mut_ptr()).unwrap().cast::<u8>();
/// // SAFETY: `start` as for `arm`.
/// unsafe {
///     let user = arm(start, layout, 0);
///     assert_eq!(check_retired(user), Err(Violation::NotRetired { size: 8 }));
///     retire(user, layout, 0);
///     assert_eq!(check_retired(user), Ok(layout));
/// }
/// ```
///
/// # Safety
///
/// - As for [`check`].
/// - The user's bytes are initialised: [`retire`] did that, and a late write of uninitialised bytes
///   undoes it.
pub unsafe fn check_retired(user: NonNull<u8>) -> Result<GuardedLayout, Violation> {
    // SAFETY: the caller vouches for the bytes in front of `user`.
    let header = unsafe { read_header(user) }?;
    if header.is_live(user) {
        return Err(Violation::NotRetired { size: header.size });
    }
    if !header.is_retired(user) {
        return Err(Violation::NotABlock);
    }
    let size = header.size;
    // SAFETY: `retire` initialised these bytes, and they are the owner's until the block is disarmed.
    let bytes = unsafe { NonNull::slice_from_raw_parts(user, size).as_ref() };
    if let Some((offset, found)) = first_other(bytes, RETIRED_BYTE) {
        return Err(Violation::Overwritten {
            size,
            offset,
            found,
        });
    }
    // SAFETY: the tag says that the block has both canaries.
    unsafe { check_canaries(user, size) }?;
    header.layout()
}

/// Ends the block and returns its start, to be given back with `layout.whole()`.
///
/// The header is wiped, so that the address is not taken for a block any more.
///
/// ```
/// # use {block_guard::*, std::alloc::Layout, std::ptr::NonNull};
/// # let layout = GuardedLayout::new(Layout::new::<u64>()).unwrap();
/// # let mut memory = vec![0_u128; layout.whole().size().div_ceil(16)];
/// # let start = NonNull::new(memory.as_mut_ptr()).unwrap().cast::<u8>();
/// // SAFETY: `start` as for `arm`.
/// unsafe {
///     let user = arm(start, layout, 0);
///     assert_eq!(disarm(user, layout), start);
///     assert_eq!(check(user, None), Err(Violation::NotABlock));
/// }
/// ```
///
/// # Safety
///
/// - [`arm`] returned `user` for `layout`, and the block was not disarmed since. It may be retired,
///   and its guards may be damaged.
pub unsafe fn disarm(user: NonNull<u8>, layout: GuardedLayout) -> NonNull<u8> {
    // SAFETY: `arm` wrote a tag here, the first field of the header.
    unsafe { header_of(user).cast::<u64>().write(0) };
    // SAFETY: `arm` came from `start` by adding the same offset.
    unsafe { user.sub(layout.offset()) }
}

/// The word that [`arm`] or [`retire`] was given.
///
/// ```
/// # use {block_guard::*, std::alloc::Layout, std::ptr::NonNull};
/// # let layout = GuardedLayout::new(Layout::new::<u64>()).unwrap();
/// # let mut memory = vec![0_u128; layout.whole().size().div_ceil(16)];
/// # let start = NonNull::new(memory.as_mut_ptr()).unwrap().cast::<u8>();
/// // SAFETY: `start` as for `arm`.
/// unsafe {
///     let user = arm(start, layout, 17);
///     assert_eq!(note(user), 17);
///     retire(user, layout, 18);
///     assert_eq!(note(user), 18);
/// }
/// ```
///
/// # Safety
///
/// - `user` is a block: armed or retired, not disarmed.
#[must_use]
pub unsafe fn note(user: NonNull<u8>) -> u64 {
    // SAFETY: a block has a header.
    unsafe { header_of(user).read() }.note
}

/// Fills the user's bytes with [`FRESH_BYTE`], so that a read of them before the first write gives
/// the same implausible value every time.
///
/// ```
/// # use {block_guard::*, std::alloc::Layout, std::ptr::NonNull};
/// # let layout = GuardedLayout::new(Layout::new::<u64>()).unwrap();
/// # let mut memory = vec![0_u128; layout.whole().size().div_ceil(16)];
/// # let start = NonNull::new(memory.as_mut_ptr()).unwrap().cast::<u8>();
/// // SAFETY: `start` as for `arm`.
/// unsafe {
///     let user = arm(start, layout, 0);
///     fill_fresh(user, layout);
///     assert_eq!(user.cast::<[u8; 8]>().read(), [FRESH_BYTE; 8]);
/// }
/// ```
///
/// # Safety
///
/// - `user` is a live block of `layout`, and its user has not seen it yet.
pub unsafe fn fill_fresh(user: NonNull<u8>, layout: GuardedLayout) {
    // SAFETY: the block has that many user bytes, and no one else has the pointer.
    unsafe { user.write_bytes(FRESH_BYTE, layout.user().size()) };
}

fn check_claim(header: &Header, claimed: Layout) -> Result<(), Violation> {
    if header.size != claimed.size() {
        return Err(Violation::WrongSize {
            allocated: header.size,
            claimed: claimed.size(),
        });
    }
    if header.align != claimed.align() {
        return Err(Violation::WrongAlign {
            allocated: header.align,
            claimed: claimed.align(),
        });
    }
    Ok(())
}

/// Where the header of `user` lies. The address may wrap for a pointer that is no block; it is only
/// used after `read_header` said otherwise.
fn header_of(user: NonNull<u8>) -> *mut Header {
    user.as_ptr().wrapping_sub(PREFIX).cast()
}

/// Where the canary in front of `user` lies.
fn front_of(user: NonNull<u8>) -> *mut Canary {
    user.as_ptr().wrapping_sub(CANARY).cast()
}

/// Where the canary behind `size` bytes at `user` lies.
fn back_of(user: NonNull<u8>, size: usize) -> *mut Canary {
    user.as_ptr().wrapping_add(size).cast()
}

/// The header in front of `user`, if it can be one.
///
/// # Safety
///
/// - The `PREFIX` bytes in front of `user` are readable and initialised.
unsafe fn read_header(user: NonNull<u8>) -> Result<Header, Violation> {
    let header = header_of(user);
    if !header.is_aligned() || user.addr().get() <= PREFIX {
        return Err(Violation::NotABlock);
    }
    // SAFETY: readable by this function's contract, aligned by the line above, and every bit
    // pattern is a `Header`.
    Ok(unsafe { header.read() })
}

/// # Safety
///
/// - `at` is valid for writes of `CANARY` bytes.
unsafe fn write_canary(at: *mut Canary) {
    // SAFETY: valid for writes by this function's contract; bytes have no alignment.
    unsafe { at.write(pattern::canary(at.addr())) };
}

/// # Safety
///
/// - `user` is a block of `size` bytes.
unsafe fn check_canaries(user: NonNull<u8>, size: usize) -> Result<(), Violation> {
    // SAFETY: a block has a canary in front of its user's bytes.
    let front = unsafe { damage(front_of(user)) };
    if let Some((_, last)) = front {
        return Err(Violation::FrontCanary {
            size,
            before: CANARY - last,
        });
    }
    // SAFETY: and one behind them.
    let back = unsafe { damage(back_of(user, size)) };
    if let Some((first, _)) = back {
        return Err(Violation::BackCanary {
            size,
            offset: size + first,
        });
    }
    Ok(())
}

/// The first and the last damaged byte of the canary at `at`.
///
/// # Safety
///
/// - `at` is the canary of a block.
unsafe fn damage(at: *const Canary) -> Option<(usize, usize)> {
    // SAFETY: `arm` initialised `CANARY` bytes here.
    let found = unsafe { at.read() };
    let expected = pattern::canary(at.addr());
    if found == expected {
        return None;
    }
    let differs = |&place: &usize| found[place] != expected[place];
    let first = (0..CANARY).find(differs)?;
    let last = (0..CANARY).rfind(differs)?;
    Some((first, last))
}
