//! What the choice between a mutant and the original is, at compile time and at run time.

/// No mutant has this number.
pub(crate) const NONE: u32 = u32::MAX;

#[cfg(feature = "const-hit")]
pub(crate) const fn at_compile_time(_mutant: u32) -> bool {
    false
}

/// Whether the mutant is switched on; that it was asked for is counted.
#[inline]
pub(crate) fn at_run_time(mutant: u32) -> bool {
    #[cfg(not(miri))]
    crate::raw::count(mutant);
    crate::raw::is_selected(mutant)
}

/// A mutant's number as the environment spells it: decimal digits and nothing else.
pub(crate) fn number(text: &[u8]) -> Option<u32> {
    if text.is_empty() || text.len() > 10 {
        return None;
    }
    let value = text.iter().try_fold(0_u64, |value, digit| {
        digit
            .is_ascii_digit()
            .then(|| value * 10 + u64::from(digit - b'0'))
    })?;
    u32::try_from(value).ok().filter(|&value| value != NONE)
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn digits_are_a_number_and_nothing_else_is() {
        assert_eq!(number(b"0"), Some(0));
        assert_eq!(number(b"4294967294"), Some(u32::MAX - 1));
        for text in ["", "-1", "+1", " 1", "1 ", "x", "4294967295", "99999999999"] {
            assert_eq!(number(text.as_bytes()), None, "{text}");
        }
    }
}
