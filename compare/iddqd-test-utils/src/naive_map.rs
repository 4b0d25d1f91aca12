//! A list that is searched from end to end: slow, and plainly right.

use crate::test_item::TestItem;
use iddqd::errors::DuplicateItem;

/// Items of which no two share one of the first `keys` keys.
pub struct NaiveMap {
    items: Vec<TestItem>,
    keys: usize,
}

impl NaiveMap {
    pub fn new_key1() -> Self {
        Self::with_keys(1)
    }

    pub fn new_key12() -> Self {
        Self::with_keys(2)
    }

    pub fn new_key123() -> Self {
        Self::with_keys(3)
    }

    fn with_keys(keys: usize) -> Self {
        let items = Vec::new();
        Self { items, keys }
    }

    pub fn items(&self) -> &[TestItem] {
        &self.items
    }

    pub fn iter(&self) -> impl Iterator<Item = &TestItem> {
        self.items.iter()
    }

    pub fn insert_unique(
        &mut self,
        item: TestItem,
    ) -> Result<(), DuplicateItem<TestItem, &TestItem>> {
        let is_duplicate = |old: &&TestItem| share_a_key(self.keys, old, &item);
        if self.items.iter().any(|old| is_duplicate(&old)) {
            let duplicates = self.items.iter().filter(is_duplicate).collect();
            return Err(DuplicateItem::__internal_new(item, duplicates));
        }
        self.items.push(item);
        Ok(())
    }

    pub fn insert_overwrite(&mut self, item: TestItem) -> Vec<TestItem> {
        let keys = self.keys;
        let removed = self.remove_all(|old| share_a_key(keys, old, &item));
        self.items.push(item);
        removed
    }

    pub fn extend(&mut self, items: impl IntoIterator<Item = TestItem>) {
        for item in items {
            self.insert_overwrite(item);
        }
    }

    pub fn retain(&mut self, mut keep: impl FnMut(&mut TestItem) -> bool) {
        self.items.retain_mut(|item| keep(item));
    }

    pub fn clear(&mut self) {
        self.items.clear();
    }

    pub fn get1(&self, key1: u8) -> Option<&TestItem> {
        self.items.iter().find(|item| item.key1 == key1)
    }

    pub fn get2(&self, key2: char) -> Option<&TestItem> {
        self.items.iter().find(|item| item.key2 == key2)
    }

    pub fn get3(&self, key3: &str) -> Option<&TestItem> {
        self.items.iter().find(|item| item.key3 == key3)
    }

    pub fn get_unique12(&self, key1: u8, key2: char) -> Option<&TestItem> {
        self.get1(key1).filter(|item| item.key2 == key2)
    }

    pub fn get_mut_unique12(&mut self, key1: u8, key2: char) -> Option<&mut TestItem> {
        let both = |item: &&mut TestItem| item.key1 == key1 && item.key2 == key2;
        self.items.iter_mut().find(both)
    }

    pub fn get_unique123(&self, key1: u8, key2: char, key3: &str) -> Option<&TestItem> {
        self.get_unique12(key1, key2)
            .filter(|item| item.key3 == key3)
    }

    pub fn get_mut_unique123(&mut self, key1: u8, key2: char, key3: &str) -> Option<&mut TestItem> {
        self.get_mut_unique12(key1, key2)
            .filter(|item| item.key3 == key3)
    }

    pub fn remove1(&mut self, key1: u8) -> Option<TestItem> {
        self.remove_all(|item| item.key1 == key1).pop()
    }

    pub fn remove2(&mut self, key2: char) -> Option<TestItem> {
        self.remove_all(|item| item.key2 == key2).pop()
    }

    pub fn remove3(&mut self, key3: &str) -> Option<TestItem> {
        self.remove_all(|item| item.key3 == key3).pop()
    }

    pub fn remove_unique12(&mut self, key1: u8, key2: char) -> Option<TestItem> {
        self.remove_all(|item| item.key1 == key1 && item.key2 == key2)
            .pop()
    }

    pub fn remove_unique123(&mut self, key1: u8, key2: char, key3: &str) -> Option<TestItem> {
        self.remove_all(|item| item.key1 == key1 && item.key2 == key2 && item.key3 == key3)
            .pop()
    }

    /// Removes what an entry for both keys would stand for.
    pub fn entry_remove12(&mut self, key1: u8, key2: char) -> Vec<TestItem> {
        self.remove_all(|item| item.key1 == key1 || item.key2 == key2)
    }

    pub fn first(&self) -> Option<&TestItem> {
        self.items.iter().min_by_key(|item| item.key1)
    }

    pub fn first_mut(&mut self) -> Option<&mut TestItem> {
        self.items.iter_mut().min_by_key(|item| item.key1)
    }

    pub fn last(&self) -> Option<&TestItem> {
        self.items.iter().max_by_key(|item| item.key1)
    }

    pub fn last_mut(&mut self) -> Option<&mut TestItem> {
        self.items.iter_mut().max_by_key(|item| item.key1)
    }

    pub fn pop_first(&mut self) -> Option<TestItem> {
        let key1 = self.first()?.key1;
        self.remove1(key1)
    }

    pub fn pop_last(&mut self) -> Option<TestItem> {
        let key1 = self.last()?.key1;
        self.remove1(key1)
    }

    fn remove_all(&mut self, doomed: impl Fn(&TestItem) -> bool) -> Vec<TestItem> {
        self.items.extract_if(.., |item| doomed(item)).collect()
    }
}

/// Whether two items share one of their first keys.
fn share_a_key(keys: usize, one: &TestItem, other: &TestItem) -> bool {
    let same = [
        one.key1 == other.key1,
        one.key2 == other.key2,
        one.key3 == other.key3,
    ];
    same[..keys].contains(&true)
}
