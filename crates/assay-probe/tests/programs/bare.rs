//! A `no_std` library with the calls that the engine inserts.
#![no_std]

/// # Safety
///
/// - `at` is readable.
pub unsafe fn first(at: *const u8) -> u8 { assay_probe::hit(10); unsafe { assay_probe::hit(11); *at } }

pub const fn from_bits(bits: u32) -> f32 { unsafe { assay_probe::hit(12); *(&raw const bits).cast::<f32>() } }

pub const ONE: f32 = from_bits(0x3f80_0000);
pub static TWO: f32 = from_bits(0x4000_0000);
pub const LENGTH: usize = unsafe { assay_probe::hit(13); *core::ptr::from_ref(&ONE).cast::<u32>() as usize >> 23 };
pub const fn filled<const N: usize>() -> [u8; N] { unsafe { assay_probe::hit(14); core::mem::zeroed() } }
