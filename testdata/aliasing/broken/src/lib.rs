//! Planted: [`pair`] lends one element twice.
//!
//! Seen by miri. Not seen by unit, alloc, asan, tsan, memcheck.

/// Two elements at once; none if a position is out of bounds or both are the same.
pub fn pair<T>(items: &mut [T], a: usize, b: usize) -> Option<(&mut T, &mut T)> {
    if a >= items.len() || b >= items.len() {
        return None;
    }
    let start = items.as_mut_ptr();
    // SAFETY: `a` is in bounds.
    let first = unsafe { &mut *start.add(a) };
    // SAFETY: `b` is in bounds and not `a`.
    let second = unsafe { &mut *start.add(b) }; // PLANTED
    Some((first, second))
}

#[cfg(test)]
mod tests {
    #[test]
    fn both_can_be_changed() {
        let mut items = [1, 2, 3];
        for (a, b) in [(0, 2), (1, 1)] {
            if let Some((first, second)) = super::pair(&mut items, a, b) {
                *first += 1;
                *second += 1;
                *first += 1;
            }
        }
        assert_eq!((items[0], items[2]), (3, 4));
    }
}
