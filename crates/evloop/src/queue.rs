//! Who is to be told.

use crate::interest::Ready;
use crate::token::Token;

/// A registration, and what its callback is to be told. What stands in the registration itself comes on top.
#[derive(Clone, Copy)]
pub(crate) struct Active {
    pub(crate) token: Token,
    pub(crate) ready: Ready,
}

/// First in, first out. Its room is kept.
#[derive(Default)]
pub(crate) struct Queue {
    active: Vec<Active>,
    /// Those before are told.
    told: usize,
}

impl Queue {
    #[inline]
    pub(crate) fn push(&mut self, active: Active) {
        self.active.push(active);
    }

    #[inline]
    pub(crate) fn pop(&mut self) -> Option<Active> {
        let first = self.active.get(self.told).copied()?;
        self.told += 1;
        if self.told == self.active.len() {
            self.active.clear();
            self.told = 0;
        }
        Some(first)
    }

    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.active.len() - self.told
    }

    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.active.is_empty()
    }

    /// Those that are still to be told.
    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Active> {
        let told = self.told.min(self.active.len());
        self.active[told..].iter_mut()
    }

    /// Gives the room of those that were told to those that come.
    pub(crate) fn compact(&mut self) {
        self.active.drain(..self.told);
        self.told = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::{Active, Queue};
    use crate::interest::Ready;
    use crate::token::Token;

    #[test]
    fn the_first_comes_first_also_when_others_come_meanwhile() {
        let active = |slot| Active {
            token: Token::new(slot, 1),
            ready: Ready::NONE,
        };
        let mut queue = Queue::default();
        (0..3).for_each(|slot| queue.push(active(slot)));
        assert_eq!(queue.pop().map(|it| it.token.slot()), Some(0));
        queue.push(active(3));
        assert_eq!((queue.len(), queue.iter_mut().count()), (3, 3));
        queue.compact();
        let mut slots = std::iter::from_fn(|| queue.pop()).map(|it| it.token.slot());
        assert!((&mut slots).eq(1..4));
        drop(slots);
        assert!(queue.is_empty());
    }
}
