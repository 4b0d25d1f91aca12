//! A record of what is allocated.

use std::alloc::Layout;
use std::collections::{BTreeMap, VecDeque};
use std::{fmt, iter};

/// What is wrong with an allocator, or with who uses it.
///
/// # Examples
///
/// ```
/// let violation = adversary::oracle::HeapViolation::NotLive { address: 0x40 };
/// assert_eq!(violation.to_string(), "0x40 was freed and is not live");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum HeapViolation {
    /// The allocator's: a block shares bytes with one that is live.
    Overlap {
        /// The new block.
        address: usize,
        /// The live one.
        live: usize,
    },
    /// The allocator's: a block has bytes of one that was freed and must rest, see
    /// [`ShadowHeap::resting`].
    EarlyReuse {
        /// The new block.
        address: usize,
        /// The freed one.
        freed: usize,
    },
    /// The allocator's: a block is not aligned as its layout says.
    Misaligned {
        /// The block.
        address: usize,
        /// What was asked for.
        layout: Layout,
    },
    /// The user's: freed twice, or never allocated.
    NotLive {
        /// What was freed.
        address: usize,
    },
    /// The user's: freed with another layout than it was allocated with.
    WrongLayout {
        /// The block.
        address: usize,
        /// Its own layout.
        own: Layout,
        /// The layout that it was freed with.
        told: Layout,
    },
    /// The user's: written to past one of its ends.
    Damaged {
        /// The block.
        address: usize,
    },
    /// The user's: an access outside of any live block.
    OutOfBounds {
        /// Where the access begins.
        address: usize,
        /// How many bytes it has.
        size: usize,
    },
    /// The user's: not freed.
    Leaked {
        /// The block.
        address: usize,
        /// Its layout.
        layout: Layout,
    },
}

impl fmt::Display for HeapViolation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Overlap { address, live } => {
                write!(
                    f,
                    "{address:#x} was given out and overlaps {live:#x}, which is live"
                )
            }
            Self::EarlyReuse { address, freed } => {
                write!(
                    f,
                    "{address:#x} was given out too early after {freed:#x} was freed"
                )
            }
            Self::Misaligned { address, layout } => {
                write!(f, "{address:#x} is not aligned to {}", layout.align())
            }
            Self::NotLive { address } => write!(f, "{address:#x} was freed and is not live"),
            Self::WrongLayout { address, own, told } => {
                let (own, told) = (Brief(own), Brief(told));
                write!(f, "{address:#x} was freed as {told} and allocated as {own}")
            }
            Self::Damaged { address } => write!(f, "{address:#x} was written to past its ends"),
            Self::OutOfBounds { address, size } => {
                write!(f, "{size} bytes at {address:#x} are not in a live block")
            }
            Self::Leaked { address, layout } => {
                write!(f, "{address:#x} ({}) was not freed", Brief(layout))
            }
        }
    }
}

struct Brief<'a>(&'a Layout);

impl fmt::Display for Brief<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes aligned to {}", self.0.size(), self.0.align())
    }
}

/// A record of what is allocated, which is told of each call and says what is wrong with it.
///
/// It knows addresses only, and touches no memory: an allocator under test may hand out what it likes, and
/// the numbers may be made up. [`Shadowed`](crate::alloc::Shadowed) is an allocator that keeps one.
///
/// # Examples
///
/// An allocator that gives out 24 bytes in a slot of 16:
///
/// ```
/// use adversary::oracle::{HeapViolation, ShadowHeap};
/// use std::alloc::Layout;
///
/// let mut heap = ShadowHeap::new();
/// heap.allocated(0x1000, Layout::new::<[u64; 3]>());
/// heap.allocated(0x1010, Layout::new::<u64>());
/// assert_eq!(heap.violations(), [HeapViolation::Overlap { address: 0x1010, live: 0x1000 }]);
/// ```
///
/// Blocks without bytes share none with any other, so several may be at one address, and next to one that has some.
///
/// # Cost
///
/// Logarithmic in the live blocks for each call; [`allocated`](Self::allocated) is linear in the blocks that
/// rest.
#[derive(Debug, Default)]
pub struct ShadowHeap {
    /// With how often each is live, which is once if it has bytes.
    live: BTreeMap<Block, (Layout, usize)>,
    rest_max: usize,
    resting: VecDeque<(usize, usize)>,
    violations: Vec<HeapViolation>,
}

/// A block: its address; whether it has bytes; if not, its alignment. So a block with bytes is the last at an address.
type Block = (usize, bool, usize);

const fn block(address: usize, layout: Layout) -> Block {
    match layout.size() {
        0 => (address, false, layout.align()),
        _ => (address, true, 0),
    }
}

impl ShadowHeap {
    /// An empty one, in which freed memory may be used again at once.
    ///
    /// ```
    /// use adversary::oracle::ShadowHeap;
    ///
    /// static HEAP: std::sync::Mutex<ShadowHeap> = std::sync::Mutex::new(ShadowHeap::new());
    /// ```
    #[must_use]
    pub const fn new() -> Self {
        Self::resting(0)
    }

    /// An empty one for an allocator that promises not to give out the last `blocks` freed ones again,
    /// such as a quarantine or one that waits for readers.
    ///
    /// ```
    /// use adversary::oracle::{HeapViolation, ShadowHeap};
    /// use std::alloc::Layout;
    ///
    /// let mut heap = ShadowHeap::resting(1);
    /// let layout = Layout::new::<u64>();
    /// heap.allocated(0x10, layout);
    /// heap.freed(0x10, layout);
    /// heap.allocated(0x10, layout);
    /// assert_eq!(heap.violations(), [HeapViolation::EarlyReuse { address: 0x10, freed: 0x10 }]);
    /// ```
    #[must_use]
    pub const fn resting(blocks: usize) -> Self {
        Self {
            live: BTreeMap::new(),
            rest_max: blocks,
            resting: VecDeque::new(),
            violations: Vec::new(),
        }
    }

    /// Notes that a block was given out.
    ///
    /// ```
    /// let mut heap = adversary::oracle::ShadowHeap::new();
    /// heap.allocated(0x1001, std::alloc::Layout::new::<u64>());
    /// assert_eq!(heap.violations()[0].to_string(), "0x1001 is not aligned to 8");
    /// ```
    pub fn allocated(&mut self, address: usize, layout: Layout) {
        if !address.is_multiple_of(layout.align()) {
            self.violations
                .push(HeapViolation::Misaligned { address, layout });
        }
        if layout.size() == 0 {
            let count = &mut self
                .live
                .entry(block(address, layout))
                .or_insert((layout, 0))
                .1;
            *count += 1;
            return;
        }
        if let Some(live) = self.live_within(address, layout.size()) {
            self.violations
                .push(HeapViolation::Overlap { address, live });
        }
        let overlaps = |rest: &(usize, usize)| overlap(*rest, (address, layout.size()));
        let freed = self.resting.iter().find(|it| overlaps(it)).map(|it| it.0);
        if let Some(freed) = freed {
            self.violations
                .push(HeapViolation::EarlyReuse { address, freed });
        }
        self.live.insert(block(address, layout), (layout, 1));
    }

    /// Notes that a block was freed.
    ///
    /// ```
    /// use std::alloc::Layout;
    ///
    /// let mut heap = adversary::oracle::ShadowHeap::new();
    /// heap.allocated(0x10, Layout::new::<u64>());
    /// heap.freed(0x10, Layout::new::<u32>());
    /// assert_eq!(
    ///     heap.violations()[0].to_string(),
    ///     "0x10 was freed as 4 bytes aligned to 4 and allocated as 8 bytes aligned to 8",
    /// );
    /// ```
    pub fn freed(&mut self, address: usize, told: Layout) {
        let Some(own) = self.take(address, told) else {
            self.violations.push(HeapViolation::NotLive { address });
            return;
        };
        if own != told {
            self.violations
                .push(HeapViolation::WrongLayout { address, own, told });
        }
        if self.rest_max > 0 && own.size() > 0 {
            if self.resting.len() == self.rest_max {
                self.resting.pop_front();
            }
            self.resting.push_back((address, own.size()));
        }
    }

    /// Notes an access, and says whether it lies in one live block.
    ///
    /// ```
    /// let mut heap = adversary::oracle::ShadowHeap::new();
    /// heap.allocated(0x10, std::alloc::Layout::new::<u64>());
    /// assert!(heap.accessed(0x14, 4));
    /// assert!(!heap.accessed(0x14, 5));
    /// assert_eq!(heap.violations()[0].to_string(), "5 bytes at 0x14 are not in a live block");
    /// ```
    pub fn accessed(&mut self, address: usize, size: usize) -> bool {
        let below = self.live.range(..=(address, true, 0)).rev();
        let mut blocks = below.filter(|(block, _)| block.1 || (size == 0 && block.0 == address));
        let inside = blocks.next().is_some_and(|(block, (layout, _))| {
            let room = layout.size().checked_sub(address - block.0);
            room.is_some_and(|room| room >= size)
        });
        if !inside {
            self.violations
                .push(HeapViolation::OutOfBounds { address, size });
        }
        inside
    }

    /// Notes that a block was written to past its ends, once for a block.
    ///
    /// ```
    /// let mut heap = adversary::oracle::ShadowHeap::new();
    /// heap.damaged(0x10);
    /// heap.damaged(0x10);
    /// assert_eq!(heap.violations().len(), 1);
    /// ```
    pub fn damaged(&mut self, address: usize) {
        let damaged = HeapViolation::Damaged { address };
        if !self.violations.contains(&damaged) {
            self.violations.push(damaged);
        }
    }

    /// The layout of a live block.
    ///
    /// ```
    /// assert_eq!(adversary::oracle::ShadowHeap::new().layout_of(0x10), None);
    /// ```
    #[must_use]
    pub fn layout_of(&self, address: usize) -> Option<Layout> {
        Some(self.last_at(address)?.1)
    }

    /// The live blocks, by address.
    ///
    /// ```
    /// assert_eq!(adversary::oracle::ShadowHeap::new().live().count(), 0);
    /// ```
    pub fn live(&self) -> impl Iterator<Item = (usize, Layout)> {
        let times = |(block, (layout, count)): (&Block, &(Layout, usize))| {
            iter::repeat_n((block.0, *layout), *count)
        };
        self.live.iter().flat_map(times)
    }

    /// Everything that was found wrong by now, in the order in which it happened, live blocks not included.
    ///
    /// ```
    /// assert_eq!(adversary::oracle::ShadowHeap::new().violations(), []);
    /// ```
    #[must_use]
    pub fn violations(&self) -> &[HeapViolation] {
        &self.violations
    }

    /// The last of the live blocks at an address.
    fn last_at(&self, address: usize) -> Option<(Block, Layout)> {
        let mut at = self.live.range((address, false, 0)..=(address, true, 0));
        at.next_back().map(|(block, (layout, _))| (*block, *layout))
    }

    /// Takes out the block that is meant, or else another at the address.
    fn take(&mut self, address: usize, told: Layout) -> Option<Layout> {
        let meant = block(address, told);
        let found = match self.live.contains_key(&meant) {
            true => meant,
            false => self.last_at(address)?.0,
        };
        let (layout, count) = self.live.get_mut(&found)?;
        let own = *layout;
        *count -= 1;
        if *count == 0 {
            self.live.remove(&found);
        }
        Some(own)
    }

    /// The live block with the highest address among those that share bytes with a range.
    fn live_within(&self, address: usize, size: usize) -> Option<usize> {
        let end = address.saturating_add(size);
        let mut below = self.live.range(..(end, false, 0)).rev();
        // Live blocks do not overlap each other, unless that is on record already.
        let (block, (layout, _)) = below.find(|(block, _)| block.1)?;
        let shares = overlap((block.0, layout.size()), (address, size)) || block.0 == address;
        shares.then_some(block.0)
    }
}

fn overlap(a: (usize, usize), b: (usize, usize)) -> bool {
    a.0 < b.0.saturating_add(b.1) && b.0 < a.0.saturating_add(a.1)
}
