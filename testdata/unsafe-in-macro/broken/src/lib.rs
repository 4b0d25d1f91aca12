//! Planted: the functions that `getters!` makes read one element past a slice; the site stands in the macro's body.
//!
//! Seen by asan, memcheck, miri. Not seen by unit, alloc, tsan.

macro_rules! getters {
    ($($name:ident: $at:expr;)*) => {$(
        #[doc = concat!("Element ", $at, ", if there is one.")]
        pub fn $name(words: &[u16]) -> Option<u16> {
            if $at > words.len() {
                return None;
            }
            // SAFETY: the position is below the slice's length.
            Some(unsafe { *words.as_ptr().add($at) }) // PLANTED
        }
    )*};
}

getters! {
    first: 0;
    fourth: 3;
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_first_and_the_fourth() {
        let words = std::hint::black_box(vec![1, 2, 3]);
        assert_eq!(super::first(&words), Some(1));
        std::hint::black_box(super::fourth(&words));
        assert_eq!(super::fourth(&[1, 2, 3, 4]), Some(4));
    }
}
