//! Planted: [`collect`] takes the word of an `ExactSizeIterator` for the size of its buffer.
//!
//! Seen by alloc, asan, memcheck, miri. Not seen by unit, tsan.

/// The numbers of `source`, as many as it said that it has at most.
pub fn collect(source: impl ExactSizeIterator<Item = u32>) -> Vec<u32> {
    let claimed = source.len();
    let mut out = Vec::<u32>::with_capacity(claimed);
    let start = out.as_mut_ptr();
    let mut written = 0;
    for number in source {
        // SAFETY: the buffer has room for `claimed` numbers.
        unsafe { start.add(written).write_volatile(number) }; // PLANTED
        written += 1;
    }
    // SAFETY: so many were written, and there is room for them.
    unsafe { out.set_len(written.min(claimed)) };
    out
}

#[cfg(test)]
mod tests {
    struct Liar(u32);

    impl Iterator for Liar {
        type Item = u32;

        fn next(&mut self) -> Option<u32> {
            self.0 = self.0.checked_sub(1)?;
            Some(self.0)
        }
    }

    impl ExactSizeIterator for Liar {
        fn len(&self) -> usize {
            2
        }
    }

    #[test]
    fn collects_what_was_promised() {
        assert_eq!(super::collect(Liar(3)), [2, 1]);
        assert_eq!(super::collect(Liar(1)), [0]);
    }
}
