//! Planted: [`AtPositions`] borrows the whole slice again at each step, while it has parts of it lent. Stacked Borrows
//! refuses that; Tree Borrows does not.
//!
//! Seen by miri. Not seen by unit, alloc, asan, tsan, memcheck.

/// Mutable references to the elements at some positions, in their order. A position out of bounds ends it.
pub struct AtPositions<'a, T> {
    items: &'a mut [T],
    positions: Vec<usize>,
    next: usize,
}

impl<'a, T> AtPositions<'a, T> {
    /// The elements of `items` at `positions`.
    pub fn new(items: &'a mut [T], positions: Vec<usize>) -> Self {
        Self {
            items,
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
        if self.positions[..self.next - 1].contains(&position) {
            return self.next();
        }
        if position >= self.items.len() {
            return None;
        }
        // SAFETY: `position` is in bounds, and no other reference to its element was handed out.
        Some(unsafe { &mut *self.items.as_mut_ptr().add(position) }) // PLANTED
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
