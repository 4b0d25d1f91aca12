//! Names of scopes and sites that fit into a block's trailer.

/// How many scopes may be unfinished at one time.
pub(crate) const SLOTS: usize = 1 << SLOT_BITS;

const SLOT_BITS: u32 = 18;
const SLOT_MASK: u32 = (1 << SLOT_BITS) - 1;
const SITE_BITS: u32 = 20;

/// A slot, and the last 14 bits of its generation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ScopeId(u32);

impl ScopeId {
    /// The scope of everything that is in no other: the process.
    pub(crate) const ROOT: Self = Self(1 << SLOT_BITS);

    /// Of a block that was allocated while accounting was off. Its slot is never given out.
    pub(crate) const UNTRACKED: Self = Self(u32::MAX);

    #[inline]
    pub(crate) const fn new(slot: u32, generation: u64) -> Self {
        debug_assert!(slot < SLOT_MASK);
        Self(((generation as u32) << SLOT_BITS) | slot)
    }

    #[inline]
    pub(crate) const fn slot(self) -> usize {
        (self.0 & SLOT_MASK) as usize
    }

    /// Whether these are the last bits of `generation`.
    #[inline]
    pub(crate) const fn is_of(self, generation: u64) -> bool {
        self.0 >> SLOT_BITS == (generation as u32) & (u32::MAX >> SLOT_BITS)
    }

    #[inline]
    pub(crate) const fn to_bits(self) -> u32 {
        self.0
    }

    #[inline]
    pub(crate) const fn from_bits(bits: u32) -> Self {
        Self(bits)
    }
}

/// A place in the program that allocates; 0 is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct SiteId(u32);

impl SiteId {
    /// Nobody looked where the allocation came from.
    pub(crate) const NONE: Self = Self(0);

    #[inline]
    pub(crate) const fn to_bits(self) -> u32 {
        self.0
    }

    #[inline]
    pub(crate) const fn from_bits(bits: u32) -> Self {
        debug_assert!(bits < 1 << SITE_BITS);
        Self(bits)
    }
}
