//! A map by two keys, whose `replace` may forget one of them.

use std::collections::BTreeMap;

/// A number and a letter; each is unique.
pub(crate) type Record = (u8, char);

#[derive(Debug)]
pub(crate) struct Twofold {
    by_number: BTreeMap<u8, Record>,
    by_letter: BTreeMap<char, u8>,
    /// Leaves the letter of a record that is replaced where it is.
    careless: bool,
}

impl Twofold {
    pub(crate) const fn new(careless: bool) -> Self {
        Self {
            by_number: BTreeMap::new(),
            by_letter: BTreeMap::new(),
            careless,
        }
    }

    pub(crate) fn insert(&mut self, record: Record) -> Result<(), Record> {
        if self.by_number.contains_key(&record.0) || self.by_letter.contains_key(&record.1) {
            return Err(record);
        }
        self.by_letter.insert(record.1, record.0);
        self.by_number.insert(record.0, record);
        Ok(())
    }

    /// Gives the record of a number another letter.
    pub(crate) fn replace(&mut self, number: u8, letter: char) -> Option<Result<Record, Record>> {
        let old = *self.by_number.get(&number)?;
        if old.1 != letter && self.by_letter.contains_key(&letter) {
            return Some(Err((number, letter)));
        }
        if !self.careless {
            self.by_letter.remove(&old.1);
        }
        self.by_letter.insert(letter, number);
        self.by_number.insert(number, (number, letter));
        Some(Ok(old))
    }

    pub(crate) fn remove(&mut self, number: u8) -> Option<Record> {
        let record = self.by_number.remove(&number)?;
        self.by_letter.remove(&record.1);
        Some(record)
    }

    pub(crate) fn by_letter(&self, letter: char) -> Option<&Record> {
        self.by_number.get(self.by_letter.get(&letter)?)
    }
}
