//! Planted: [`label`] writes its terminator past an array on the stack.
//!
//! Seen by asan, miri. Not seen by unit, alloc, tsan, memcheck.

/// The first bytes of `text` and a zero, as C wants them.
pub fn label(text: &str) -> [u8; 16] {
    let mut out = [0xFF_u8; 16];
    let len = text.len().min(16);
    let start = out.as_mut_ptr();
    // SAFETY: `len` is at most the length of either.
    unsafe { start.copy_from_nonoverlapping(text.as_ptr(), len) };
    // SAFETY: `len` is an index of `out`.
    unsafe { start.add(len).write_volatile(0) }; // PLANTED
    std::hint::black_box(out)
}

#[cfg(test)]
mod tests {
    #[test]
    fn begins_with_the_text() {
        let text = std::hint::black_box("a text that is too long");
        assert!(super::label(text).starts_with(b"a text that is"));
    }
}
