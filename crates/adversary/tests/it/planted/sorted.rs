//! A map in a sorted list, whose `remove` may be wrong in one case.

#[derive(Debug)]
pub(crate) struct SortedMap {
    pairs: Vec<(u8, u32)>,
    /// Leaves the last pair where it is when two or more are left.
    careless: bool,
}

impl SortedMap {
    pub(crate) fn careless() -> Self {
        Self {
            pairs: Vec::new(),
            careless: true,
        }
    }

    pub(crate) fn careful() -> Self {
        Self {
            pairs: Vec::new(),
            careless: false,
        }
    }

    pub(crate) fn insert(&mut self, key: u8, value: u32) -> Option<u32> {
        match self.pairs.binary_search_by_key(&key, |it| it.0) {
            Ok(place) => Some(std::mem::replace(&mut self.pairs[place].1, value)),
            Err(place) => {
                self.pairs.insert(place, (key, value));
                None
            }
        }
    }

    pub(crate) fn remove(&mut self, key: u8) -> Option<u32> {
        let place = self.pairs.binary_search_by_key(&key, |it| it.0).ok()?;
        if self.careless && place > 0 && place + 1 == self.pairs.len() {
            return Some(self.pairs[place].1);
        }
        Some(self.pairs.remove(place).1)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&u8, &u32)> {
        self.pairs.iter().map(|(key, value)| (key, value))
    }
}
