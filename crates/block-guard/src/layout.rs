//! Where the parts of a guarded block lie.

use core::alloc::Layout;

/// Bytes of canary on either side of the user's bytes.
pub(crate) const CANARY: usize = 16;
/// Bytes that the header occupies.
pub(crate) const HEADER: usize = 32;
/// Bytes in front of the user pointer that belong to header and canary.
pub(crate) const PREFIX: usize = HEADER + CANARY;
/// The least alignment of a block: both header and front canary are words at multiples of it.
pub(crate) const BLOCK_ALIGN: usize = 16;

/// The layout of a block with its guards, computed from the layout that the user asked for.
///
/// # Invariants
///
/// 1. `offset >= PREFIX`, and `offset` is a multiple of `whole.align()`.
/// 2. `whole.size() == offset + user.size() + CANARY`.
/// 3. `whole.align() == max(user.align(), BLOCK_ALIGN)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GuardedLayout {
    user: Layout,
    whole: Layout,
    offset: usize,
}

impl GuardedLayout {
    /// The guarded layout for `user`, or `None` where its size would exceed `isize::MAX`.
    ///
    /// Any alignment and any size, zero included, are served.
    ///
    /// ```
    /// use block_guard::GuardedLayout;
    /// use core::alloc::Layout;
    ///
    /// let small = GuardedLayout::new(Layout::new::<u32>()).unwrap();
    /// assert_eq!((small.offset(), small.whole().size()), (48, 68));
    /// let page = Layout::from_size_align(1, 4096).unwrap();
    /// assert_eq!(GuardedLayout::new(page).unwrap().offset(), 4096);
    /// let huge = Layout::from_size_align(isize::MAX as usize - 7, 8).unwrap();
    /// assert!(GuardedLayout::new(huge).is_none());
    /// ```
    #[must_use]
    pub const fn new(user: Layout) -> Option<Self> {
        let align = if user.align() > BLOCK_ALIGN {
            user.align()
        } else {
            BLOCK_ALIGN
        };
        let Some(offset) = PREFIX.checked_next_multiple_of(align) else {
            return None;
        };
        let Some(end) = offset.checked_add(user.size()) else {
            return None;
        };
        let Some(size) = end.checked_add(CANARY) else {
            return None;
        };
        match Layout::from_size_align(size, align) {
            Ok(whole) => Some(Self {
                user,
                whole,
                offset,
            }),
            Err(_) => None,
        }
    }

    /// The layout that the user asked for.
    ///
    /// ```
    /// # use {block_guard::GuardedLayout, core::alloc::Layout};
    /// let user = Layout::new::<[u16; 3]>();
    /// assert_eq!(GuardedLayout::new(user).unwrap().user(), user);
    /// ```
    #[must_use]
    pub const fn user(&self) -> Layout {
        self.user
    }

    /// The layout to request from the inner allocator. Its size is never zero.
    ///
    /// ```
    /// # use {block_guard::GuardedLayout, core::alloc::Layout};
    /// let whole = GuardedLayout::new(Layout::new::<()>()).unwrap().whole();
    /// assert_eq!((whole.size(), whole.align()), (64, 16));
    /// ```
    #[must_use]
    pub const fn whole(&self) -> Layout {
        self.whole
    }

    /// Bytes from the start of the block to the user's first byte.
    ///
    /// ```
    /// # use {block_guard::GuardedLayout, core::alloc::Layout};
    /// let layout = Layout::from_size_align(8, 64).unwrap();
    /// assert_eq!(GuardedLayout::new(layout).unwrap().offset(), 64);
    /// ```
    #[must_use]
    pub const fn offset(&self) -> usize {
        self.offset
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn validate(layout: &GuardedLayout) {
        let (user, whole) = (layout.user, layout.whole);
        assert!(layout.offset >= PREFIX, "invariant 1");
        assert_eq!(layout.offset % whole.align(), 0, "invariant 1");
        assert_eq!(
            whole.size(),
            layout.offset + user.size() + CANARY,
            "invariant 2"
        );
        assert_eq!(whole.align(), user.align().max(BLOCK_ALIGN), "invariant 3");
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            cases: if cfg!(miri) { 16 } else { 512 },
            failure_persistence: None,
            ..ProptestConfig::default()
        })]

        #[test]
        fn a_guarded_layout_keeps_its_invariants_or_does_not_fit(
            size in prop_oneof![0..=9_000_usize, any::<usize>()],
            shift in 0..usize::BITS,
        ) {
            if let Ok(user) = Layout::from_size_align(size, 1 << shift) {
                match GuardedLayout::new(user) {
                    Some(guarded) => validate(&guarded),
                    None => prop_assert!(
                        size.saturating_add(PREFIX.next_multiple_of(user.align()))
                            .saturating_add(CANARY + user.align())
                            > isize::MAX.unsigned_abs()
                    ),
                }
            }
        }
    }
}
