//! Planted: when the caller's function panics in [`pop_with`], the vector still owns what the function dropped.
//!
//! Seen by unit, alloc, asan, memcheck, miri. Not seen by tsan.

/// Gives the last element to `take`; false if there is none.
pub fn pop_with<T>(items: &mut Vec<T>, take: impl FnOnce(T)) -> bool {
    let Some(last) = items.len().checked_sub(1) else {
        return false;
    };
    // SAFETY: `last` holds an element, which the vector gives up.
    take(unsafe { items.as_ptr().add(last).read() }); // PLANTED
    // SAFETY: the vector gets shorter, and the element past its end was moved out.
    unsafe { items.set_len(last) };
    true
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    #[test]
    fn gives_the_last() {
        let mut items = vec![Box::new(1), Box::new(2)];
        assert!(super::pop_with(&mut items, |item| assert_eq!(*item, 2)));
        assert_eq!(items.len(), 1);
    }

    #[test]
    fn survives_a_panic() {
        let mut items = vec![Box::new(std::hint::black_box(1))];
        let popped = AssertUnwindSafe(|| super::pop_with(&mut items, |item| assert_eq!(*item, 2)));
        assert!(catch_unwind(popped).is_err());
        drop(std::hint::black_box(items));
    }
}
