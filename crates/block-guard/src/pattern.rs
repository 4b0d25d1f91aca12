//! What the guards are filled with.

use crate::layout::CANARY;

/// What [`fill_fresh`](crate::fill_fresh) writes: no plausible length, pointer or text.
pub const FRESH_BYTE: u8 = 0xA5;
/// What [`retire`](crate::retire) writes over the user's bytes.
pub const RETIRED_BYTE: u8 = 0xDB;

/// Marks the header of a block that is in use.
const LIVE: u64 = 0x6c1f_8e4b_93d2_50a7;
/// Marks the header of a block that was retired.
const RETIRED: u64 = 0xb85a_27e0_4d69_1cf3;

/// The canary on one side of a block.
pub(crate) type Canary = [u8; CANARY];

/// The canary that stands at address `at`.
///
/// It depends on the address, so that a neighbour's guards copied over it are a change. Every byte
/// lies in `0x80..=0xBF`: a stray zero, a text byte or `0xFF` is never taken for the canary.
pub(crate) const fn canary(at: usize) -> Canary {
    let mut bytes = [0; CANARY];
    let (left, right) = bytes.split_at_mut(CANARY / 2);
    left.copy_from_slice(&canary_word(at).to_ne_bytes());
    right.copy_from_slice(&canary_word(at.wrapping_add(CANARY / 2)).to_ne_bytes());
    bytes
}

const fn canary_word(at: usize) -> u64 {
    (mix(at as u64) & 0x3f3f_3f3f_3f3f_3f3f) | 0x8080_8080_8080_8080
}

/// The word that a live block of this address, size and alignment has in its header.
pub(crate) const fn live_tag(user: usize, size: usize, align: usize) -> u64 {
    tag(LIVE, user, size, align)
}

/// The same for a retired block.
pub(crate) const fn retired_tag(user: usize, size: usize, align: usize) -> u64 {
    tag(RETIRED, user, size, align)
}

const fn tag(kind: u64, user: usize, size: usize, align: usize) -> u64 {
    mix(kind ^ mix(user as u64 ^ mix(size as u64 ^ mix(align as u64))))
}

/// The finaliser of SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number
/// generators", OOPSLA 2014), a bijection that spreads every input bit.
const fn mix(word: u64) -> u64 {
    let word = word.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_canary_byte_is_zero_text_or_all_ones() {
        for at in (0..4096).step_by(7) {
            assert!(canary(at).iter().all(|byte| (0x80..=0xBF).contains(byte)));
        }
    }

    #[test]
    fn canaries_of_neighbouring_blocks_differ() {
        assert_ne!(canary(4096), canary(4096 + 64));
        assert_ne!(canary(4096), canary(4097));
    }

    #[test]
    fn tags_tell_live_from_retired_and_one_block_from_another() {
        let tag = live_tag(64, 8, 4);
        for other in [
            retired_tag(64, 8, 4),
            live_tag(80, 8, 4),
            live_tag(64, 9, 4),
            live_tag(64, 8, 8),
            live_tag(64, 4, 8),
        ] {
            assert_ne!(tag, other);
        }
    }
}
