//! Values in slots that are used again, under another generation.

use crate::token::Token;

const NONE: u32 = u32::MAX;

struct Slot<T> {
    /// Of the value. Where there is none: the generation of the last one, plus one, which is even; and the next free slot.
    token: Token,
    /// The default where there is none, so that a comparison of tokens is all it takes to get it.
    value: T,
}

/// # Invariants
/// 1. A token names at most one value for good: a slot's generation grows when its value goes, and ends there.
/// 2. Exactly the slots without a value that have a generation left are in the list of free ones, once.
pub(crate) struct Slots<T> {
    slots: Vec<Slot<T>>,
    first_free: u32,
    len: usize,
}

impl<T: Default> Slots<T> {
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
    /// With 2^31 slots in use.
    pub(crate) fn insert(&mut self, value: T) -> Token {
        self.len += 1;
        let number = self.first_free;
        if number != NONE {
            let slot = &mut self.slots[number as usize];
            self.first_free = slot.token.slot();
            slot.token = Token::new(number, slot.token.generation() + 1);
            slot.value = value;
            return slot.token;
        }
        let number = u32::try_from(self.slots.len()).unwrap_or(NONE);
        assert!(number < Token::SLOTS, "2^31 registrations are in use");
        let token = Token::new(number, 1);
        self.slots.push(Slot { token, value });
        token
    }

    #[inline]
    pub(crate) fn get(&self, token: Token) -> Option<&T> {
        let slot = self.slots.get(token.slot() as usize)?;
        (slot.token == token).then_some(&slot.value)
    }

    #[inline]
    pub(crate) fn get_mut(&mut self, token: Token) -> Option<&mut T> {
        let slot = self.slots.get_mut(token.slot() as usize)?;
        (slot.token == token).then_some(&mut slot.value)
    }

    pub(crate) fn remove(&mut self, token: Token) -> Option<T> {
        let slot = self.slots.get_mut(token.slot() as usize)?;
        if slot.token != token {
            return None;
        }
        self.len -= 1;
        // After the last one, which is odd, comes 0, which stays.
        let generation = token.generation().wrapping_add(1);
        slot.token = Token::new(self.first_free, generation);
        if generation != 0 {
            self.first_free = token.slot();
        }
        Some(std::mem::take(&mut slot.value))
    }

    /// The token of the value that a slot has.
    pub(crate) fn token_at(&self, number: u32) -> Option<Token> {
        let slot = self.slots.get(number as usize)?;
        slot.token.is_possible().then_some(slot.token)
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
        let last = super::Token::new(0, u32::MAX);
        slots.slots[0].token = last;
        assert_eq!(slots.get(token), None);
        assert_eq!(slots.remove(last), Some(1));
        assert_eq!(slots.first_free, NONE);
        assert_eq!(slots.insert(2).slot(), 1);
        assert_eq!((slots.token_at(0), slots.len()), (None, 1));
    }
}
