//! Planted: [`AtPositions`] extends a lifetime, and lends an element once for each time that its position is named.
//!
//! Seen by miri. Not seen by unit, alloc, asan, tsan, memcheck.

use std::marker::PhantomData;

/// Mutable references to the elements at some positions, in their order. A position out of bounds ends it.
pub struct AtPositions<'a, T> {
    start: *mut T,
    len: usize,
    items: PhantomData<&'a mut [T]>,
    positions: Vec<usize>,
    next: usize,
}

impl<'a, T> AtPositions<'a, T> {
    /// The elements of `items` at `positions`.
    pub fn new(items: &'a mut [T], positions: Vec<usize>) -> Self {
        Self {
            start: items.as_mut_ptr(),
            len: items.len(),
            items: PhantomData,
            positions,
            next: 0,
        }
    }
}

impl<'a, T> Iterator for AtPositions<'a, T> {
    type Item = &'a mut T;

    fn next(&mut self) -> Option<&'a mut T> {
        let position = *self.positions.get(self.next)?;
        self.next += 1;
        if position >= self.len {
            return None;
        }
        // SAFETY: `position` is in bounds, and no other reference to its element was handed out.
        Some(unsafe { &mut *self.start.add(position) }) // PLANTED
    }
}

#[cfg(test)]
mod tests {
    use super::AtPositions;

    #[test]
    fn each_element_can_be_changed() {
        let mut items = [1, 2, 3];
        let chosen: Vec<&mut i32> = AtPositions::new(&mut items, vec![2, 0, 2]).collect();
        for item in chosen {
            *item += 1;
        }
        assert_eq!(items[..2], [2, 2]);
    }
}
