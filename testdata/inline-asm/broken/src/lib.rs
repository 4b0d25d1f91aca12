//! Planted: the assembly of [`last`] reads one byte past a slice, where the compiler can't put a check.
//!
//! Seen by memcheck. Not seen by unit, alloc, asan, tsan. Cut by miri.

/// The last byte.
pub fn last(bytes: &[u8]) -> Option<u8> {
    let at = bytes.len();
    #[cfg(target_arch = "x86_64")]
    let byte = {
        let byte: u8;
        // SAFETY: `at` is an index of the slice; the instruction reads one byte and changes no flag.
        unsafe {
            std::arch::asm!("mov {out}, byte ptr [{start} + {at}]", out = out(reg_byte) byte, // PLANTED
                start = in(reg) bytes.as_ptr(), at = in(reg) at,
                options(nostack, readonly, preserves_flags));
        }
        byte
    };
    #[cfg(not(target_arch = "x86_64"))]
    let byte = *bytes.get(at)?;
    Some(byte)
}

#[cfg(test)]
mod tests {
    #[test]
    fn of_eight() {
        let bytes = std::hint::black_box(vec![7_u8; 8]);
        assert!(super::last(&bytes).is_some());
    }
}
