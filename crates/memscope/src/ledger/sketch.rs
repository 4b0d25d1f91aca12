//! Which sites the live blocks of a scope are from, in constant space.
//!
//! A scope of a request should end with nothing: a table of its sites would be filled and emptied for no gain. Instead
//! every block is added to two of 64 cells, by its site, and taken away again when it is freed: its count, its bytes,
//! and a fingerprint of its site. What is left in a cell at the end is the sum over the leaked blocks. Where they are
//! from one site, the sum of fingerprints is the count times that site's; such a site is taken out of its other cell too,
//! and so on (an invertible Bloom lookup table: Goodrich and Mitzenmacher, Allerton 2011). Two sites that share both of
//! their cells, one pair in 1,024, are not told apart.

use super::SiteId;
use crate::sync::OwnedCounter;

/// Cells of each half; a site has one in either.
const HALF: usize = 32;
const CELLS: usize = 2 * HALF;

/// What one thread added and took away, for one slot.
#[derive(Debug)]
#[repr(align(64))]
pub(crate) struct Sketch {
    /// The lane's generation that the cells are of.
    generation: OwnedCounter,
    cells: [Cell; CELLS],
}

#[derive(Debug, Default)]
struct Cell {
    blocks: OwnedCounter,
    bytes: OwnedCounter,
    fingerprints: OwnedCounter,
}

/// A cell's content, or the sum of the same cell of several threads. Numbers wrap: one thread may free what another
/// allocated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Content {
    pub(crate) blocks: u64,
    pub(crate) bytes: u64,
    fingerprints: u64,
}

/// All cells.
#[derive(Clone, Debug)]
pub(crate) struct Contents([Content; CELLS]);

impl Default for Contents {
    fn default() -> Self {
        Self([Content::default(); CELLS])
    }
}

impl Default for Sketch {
    fn default() -> Self {
        Self {
            generation: OwnedCounter::default(),
            cells: std::array::from_fn(|_| Cell::default()),
        }
    }
}

impl Sketch {
    /// Adds blocks and bytes of a site, or takes them away by adding their negation. Only the owner of the table calls this.
    #[inline]
    pub(crate) fn change(&self, generation: u64, site: SiteId, blocks: u64, bytes: u64) {
        if self.generation.get() != generation {
            self.begin(generation);
        }
        let fingerprint = fingerprint(site);
        for at in cells_of(fingerprint) {
            let cell = &self.cells[at];
            cell.blocks.add(blocks);
            cell.bytes.add(bytes);
            cell.fingerprints.add(fingerprint.wrapping_mul(blocks));
        }
    }

    #[cold]
    fn begin(&self, generation: u64) {
        for cell in &self.cells {
            cell.blocks.set(0);
            cell.bytes.set(0);
            cell.fingerprints.set(0);
        }
        self.generation.set(generation);
    }

    /// Adds the cells to those of other threads.
    pub(crate) fn add_to(&self, generation: u64, contents: &mut Contents) {
        if self.generation.get() != generation {
            return;
        }
        for (content, cell) in contents.0.iter_mut().zip(&self.cells) {
            *content = content.plus(&Content {
                blocks: cell.blocks.get(),
                bytes: cell.bytes.get(),
                fingerprints: cell.fingerprints.get(),
            });
        }
    }
}

impl Content {
    fn plus(&self, other: &Self) -> Self {
        Self {
            blocks: self.blocks.wrapping_add(other.blocks),
            bytes: self.bytes.wrapping_add(other.bytes),
            fingerprints: self.fingerprints.wrapping_add(other.fingerprints),
        }
    }

    fn minus(&self, other: &Self) -> Self {
        Self {
            blocks: self.blocks.wrapping_sub(other.blocks),
            bytes: self.bytes.wrapping_sub(other.bytes),
            fingerprints: self.fingerprints.wrapping_sub(other.fingerprints),
        }
    }

    /// Whether all blocks in the cell are from this site; another with the same sum has a chance of 2^-64.
    fn is_of(&self, site: SiteId) -> bool {
        fingerprint(site).wrapping_mul(self.blocks) == self.fingerprints
    }
}

impl Contents {
    pub(crate) fn plus(&self, other: &Self) -> Self {
        Self(std::array::from_fn(|at| self.0[at].plus(&other.0[at])))
    }

    /// What was added since `before`.
    pub(crate) fn since(&self, before: &Self) -> Self {
        Self(std::array::from_fn(|at| self.0[at].minus(&before.0[at])))
    }

    /// Takes out site after site that is alone in a cell, of those given; the blocks and bytes that are left are of
    /// several sites, or of none of these. Complexity: the sites, for each that is found.
    pub(crate) fn take_apart(
        mut self,
        sites: impl Iterator<Item = SiteId> + Clone,
    ) -> (Vec<(SiteId, Content)>, Content) {
        let mut found = Vec::new();
        let mut at = 0;
        while at < CELLS {
            let content = self.0[at];
            let site = sites.clone().find(|site| content.is_of(*site));
            match site.filter(|_| content != Content::default()) {
                Some(site) => {
                    for cell in cells_of(fingerprint(site)) {
                        self.0[cell] = self.0[cell].minus(&content);
                    }
                    found.push((site, content));
                    // A cell before may have only one site now.
                    at = 0;
                }
                None => at += 1,
            }
        }
        let left = self.0[..HALF]
            .iter()
            .fold(Content::default(), |sum, content| sum.plus(content));
        (found, left)
    }
}

/// The finaliser of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014).
#[inline]
fn fingerprint(site: SiteId) -> u64 {
    let mut mixed = u64::from(site.to_bits()).wrapping_add(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

#[inline]
const fn cells_of(fingerprint: u64) -> [usize; 2] {
    let mask = HALF as u64 - 1;
    let first = fingerprint & mask;
    let second = (fingerprint >> 32) & mask;
    [first as usize, HALF + second as usize]
}
