//! Comparing memory with a pattern, fast in unoptimised builds too.

/// How many bytes are compared in one step.
const STEP: usize = 256;

/// The first byte of `bytes` that is not `pattern`, and what it is.
///
/// Whole steps are slice comparisons, which become `memcmp` at any optimisation level; only a step
/// with a difference is walked.
pub(super) fn first_other(bytes: &[u8], pattern: u8) -> Option<(usize, u8)> {
    let expected = [pattern; STEP];
    let mut at = 0;
    for step in bytes.chunks(STEP) {
        if *step != expected[..step.len()] {
            let inside = step.iter().position(|&byte| byte != pattern)?;
            return Some((at + inside, step[inside]));
        }
        at += step.len();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::first_other;

    #[test]
    fn the_first_difference_is_found_at_every_place() {
        let mut bytes = [7_u8; 600];
        assert_eq!(first_other(&bytes, 7), None);
        for at in [599, 512, 511, 256, 255, 1, 0] {
            bytes[at] = 8;
            assert_eq!(first_other(&bytes, 7), Some((at, 8)));
        }
        assert_eq!(first_other(&[], 7), None);
    }
}
