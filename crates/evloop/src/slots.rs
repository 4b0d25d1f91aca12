//! Values in slots that are used again, under another generation.

use crate::token::Token;

const NONE: u32 = u32::MAX;

struct Slot<T> {
    /// Of the value, or of the next one. 0 in a slot that has had all of them.
    generation: u32,
    next_free: u32,
    value: Option<T>,
}

/// # Invariants
/// 1. A token names at most one value for good: a slot's generation grows when its value goes, and ends there.
/// 2. Exactly the slots without a value that have a generation left are in the list of free ones, once.
pub(crate) struct Slots<T> {
    slots: Vec<Slot<T>>,
    first_free: u32,
    len: usize,
}

impl<T> Slots<T> {
    pub(crate) const fn new() -> Self {
        Self {
            slots: Vec::new(),
            first_free: NONE,
            len: 0,
        }
    }

    pub(crate) const fn len(&self) -> usize {
        self.len
    }

    /// # Panics
    /// With 2^32 - 1 slots in use.
    pub(crate) fn insert(&mut self, value: T) -> Token {
        self.len += 1;
        if self.first_free != NONE {
            let number = self.first_free;
            let slot = &mut self.slots[number as usize];
            self.first_free = slot.next_free;
            slot.value = Some(value);
            return Token::new(number, slot.generation);
        }
        let number = u32::try_from(self.slots.len()).unwrap_or(NONE);
        assert!(number != NONE, "2^32 - 1 registrations are in use");
        self.slots.push(Slot {
            generation: 1,
            next_free: NONE,
            value: Some(value),
        });
        Token::new(number, 1)
    }

    #[inline]
    pub(crate) fn get(&self, token: Token) -> Option<&T> {
        let slot = self.slots.get(token.slot() as usize)?;
        let is_it = slot.generation == token.generation();
        slot.value.as_ref().filter(|_| is_it)
    }

    #[inline]
    pub(crate) fn get_mut(&mut self, token: Token) -> Option<&mut T> {
        let slot = self.slots.get_mut(token.slot() as usize)?;
        let is_it = slot.generation == token.generation();
        slot.value.as_mut().filter(|_| is_it)
    }

    pub(crate) fn remove(&mut self, token: Token) -> Option<T> {
        self.get(token)?;
        let slot = self.slots.get_mut(token.slot() as usize)?;
        let value = slot.value.take();
        self.len -= 1;
        slot.generation = slot.generation.wrapping_add(1);
        if slot.generation != 0 {
            slot.next_free = self.first_free;
            self.first_free = token.slot();
        }
        value
    }

    /// The token of the value that a slot has.
    #[inline]
    pub(crate) fn token_at(&self, number: u32) -> Option<Token> {
        let slot = self.slots.get(number as usize)?;
        let taken = slot.value.is_some();
        taken.then_some(Token::new(number, slot.generation))
    }
}

#[cfg(test)]
mod tests {
    use super::{NONE, Slots};

    #[test]
    fn a_token_names_nothing_once_its_value_is_gone() {
        let mut slots = Slots::new();
        let first = slots.insert('a');
        assert_eq!(slots.remove(first), Some('a'));
        let second = slots.insert('b');
        assert_eq!(second.slot(), first.slot());
        assert_eq!((slots.get(first), slots.get(second)), (None, Some(&'b')));
        assert_eq!((slots.remove(first), slots.len()), (None, 1));
    }

    #[test]
    fn a_slot_that_has_had_all_generations_is_given_up() {
        let mut slots = Slots::new();
        let token = slots.insert(1);
        slots.slots[0].generation = u32::MAX;
        let last = super::Token::new(0, u32::MAX);
        assert_eq!(slots.get(token), None);
        assert_eq!(slots.remove(last), Some(1));
        assert_eq!(slots.first_free, NONE);
        assert_eq!(slots.insert(2).slot(), 1);
        assert_eq!((slots.token_at(0), slots.len()), (None, 1));
    }
}
