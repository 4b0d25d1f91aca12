//! What all keys of a tree begin with, kept once.

use super::{Of, Prefix};
use core::cmp::Ordering;

/// So many bytes that keys share are kept; what they share beyond, the entries have.
const LONGEST: usize = 120;

/// The bytes that all keys of a tree begin with. Entries have the eight that follow.
///
/// While a tree has entries it can only become shorter, so not more than [`LONGEST`] times, and what they have is told
/// then without a look at a record.
#[derive(Clone, Debug)]
pub(crate) struct Shared {
    bytes: [u8; LONGEST],
    len: u8,
}

/// What an insertion does to a tree: so many bytes are shared then, and these follow in the key.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark {
    shared: usize,
    bits: u64,
}

impl Shared {
    pub(crate) const NOTHING: Self = Self {
        bytes: [0; LONGEST],
        len: 0,
    };

    /// For a tree without entries, whose first key this will be.
    pub(crate) fn begin(&mut self, prefix: Prefix<'_>) {
        let (len, first);
        let bytes = match prefix.0 {
            Of::Exact(_) => &[],
            Of::First(number) => {
                first = number.to_be_bytes();
                // Entries are to have eight that are known.
                &first[..8]
            }
            Of::Bytes(bytes) | Of::Field(bytes) => bytes,
        };
        len = bytes.len().min(LONGEST);
        self.bytes[..len].copy_from_slice(&bytes[..len]);
        self.len = len as u8;
    }

    #[inline]
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }

    /// What follows in a key, or how one that begins otherwise stands to the keys of the tree.
    #[inline(always)]
    pub(crate) fn strip(&self, prefix: Prefix<'_>) -> Result<u64, Ordering> {
        match prefix.0 {
            Of::Bytes(bytes) | Of::Field(bytes) => self.strip_bytes(bytes),
            Of::Exact(number) if self.len == 0 => Ok(number),
            _ => self.strip_number(prefix.wide()),
        }
    }

    #[inline(always)]
    fn strip_bytes(&self, key: &[u8]) -> Result<u64, Ordering> {
        let shared = self.bytes();
        if key.starts_with(shared) {
            Ok(eight(key, shared.len()))
        } else {
            Err(self.side(key))
        }
    }

    /// How a key that begins otherwise stands to the keys of the tree.
    #[cold]
    fn side(&self, key: &[u8]) -> Ordering {
        key.cmp(self.bytes())
    }

    /// Of the first field of keys that have more, too, as what is looked for.
    #[inline(never)]
    fn strip_number(&self, first: u128) -> Result<u64, Ordering> {
        self.strip_bytes(&first.to_be_bytes())
    }

    /// What the insertion of a key will do; `stripped` is what [`strip`](Self::strip) has said of it.
    #[inline]
    pub(crate) fn mark(&self, prefix: Prefix<'_>, stripped: Result<u64, Ordering>) -> Mark {
        match stripped {
            Ok(bits) => self.keep(bits),
            Err(_) => self.shorten(prefix),
        }
    }

    /// What the insertion of an entry with such a number does: nothing to the others.
    #[inline]
    pub(crate) fn keep(&self, bits: u64) -> Mark {
        Mark {
            shared: usize::from(self.len),
            bits,
        }
    }

    #[cold]
    fn shorten(&self, prefix: Prefix<'_>) -> Mark {
        let shorten = |key: &[u8]| {
            let both = key.iter().zip(self.bytes());
            let shared = both.take_while(|(one, other)| one == other).count();
            Mark {
                shared,
                bits: eight(key, shared),
            }
        };
        match prefix.0 {
            Of::Exact(_) | Of::First(_) => shorten(&prefix.wide().to_be_bytes()),
            Of::Bytes(bytes) | Of::Field(bytes) => shorten(bytes),
        }
    }

    /// Does what an insertion does. Returns what the new entry is to have, and if less is shared now, what takes the
    /// number of an entry to its new one.
    #[inline]
    pub(crate) fn enter(&mut self, mark: Mark) -> (u64, Option<impl Fn(u64) -> u64 + use<>>) {
        let before = self.bytes();
        let change = (mark.shared < before.len()).then(|| {
            let between = &before[mark.shared..];
            let (first, len) = (eight(between, 0), between.len() as u32 * 8);
            move |bits: u64| first | bits.checked_shr(len).unwrap_or(0)
        });
        self.len = self.len.min(mark.shared as u8);
        (mark.bits, change)
    }
}

/// Eight bytes from a place on, which is not behind the end, as a number. Those that are missing are 0.
#[inline]
pub(super) fn eight(bytes: &[u8], at: usize) -> u64 {
    match bytes[at..].first_chunk() {
        Some(eight) => u64::from_be_bytes(*eight),
        None => last(bytes, bytes.len() - at),
    }
}

/// The last few bytes, seven at most.
#[inline(never)]
fn last(bytes: &[u8], count: usize) -> u64 {
    let number = match bytes.last_chunk() {
        Some(eight) => u64::from_be_bytes(*eight),
        None => bytes
            .iter()
            .fold(0, |sum, byte| sum << 8 | u64::from(*byte)),
    };
    let missing = 64 - count as u32 * 8;
    number.checked_shl(missing).unwrap_or(0)
}
