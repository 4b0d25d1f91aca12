//! A number of a key, to see whether it has changed. Quicker than a hash, which has more to do.

use super::{Of, Prefix};

impl Prefix<'_> {
    /// A number that differs where the key does, but for one chance in 2^64 or so. `None` if not all of the key is known.
    #[inline]
    pub(crate) fn print(self) -> Option<u64> {
        match self.0 {
            Of::Exact(number) => Some(number),
            Of::Bytes(bytes) => Some(fold_all(bytes)),
            Of::First(_) | Of::Field(_) => None,
        }
    }
}

/// What begins, and what the bytes are set against: the first digits of pi.
const SEEDS: [u64; 2] = [0x243f_6a88_85a3_08d3, 0x1319_8a2e_0370_7344];

/// Sixteen bytes at a time, those at the end twice rather than fewer.
#[inline]
fn fold_all(bytes: &[u8]) -> u64 {
    let start = SEEDS[0] ^ bytes.len() as u64;
    if let Some(end) = bytes.last_chunk() {
        let (all, _) = bytes[..bytes.len() - 1].as_chunks();
        return fold(all.iter().fold(start, fold), end);
    }
    let mut all = [0; 16];
    match (bytes.first_chunk::<8>(), bytes.last_chunk::<8>()) {
        (Some(first), Some(last)) => {
            all[..8].copy_from_slice(first);
            all[8..].copy_from_slice(last);
        }
        _ => all.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from),
    }
    fold(start, &all)
}

/// Multiplies to 128 bits and puts the halves together, as wyhash does (Wang Yi, <https://github.com/wangyi-fudan/wyhash>).
#[inline]
fn fold(sum: u64, bytes: &[u8; 16]) -> u64 {
    let number = u128::from_le_bytes(*bytes);
    let (low, high) = (number as u64, (number >> 64) as u64);
    let product = u128::from(low ^ SEEDS[1]) * u128::from(high ^ sum);
    product as u64 ^ (product >> 64) as u64
}
