//! A map with unique keys.

use std::mem;

/// A map whose keys are unique, as a list of pairs in the order of their insertion.
///
/// Every operation is linear.
///
/// # Examples
///
/// ```
/// use adversary::oracle::NaiveMap;
///
/// let mut map = NaiveMap::new();
/// assert_eq!(map.insert("a", 1), None);
/// assert_eq!(map.insert("a", 2), Some(1));
/// assert_eq!(map.get(&"a"), Some(&2));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NaiveMap<K, V> {
    pairs: Vec<(K, V)>,
}

impl<K, V> Default for NaiveMap<K, V> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K, V> NaiveMap<K, V> {
    /// An empty map.
    ///
    /// ```
    /// assert!(adversary::oracle::NaiveMap::<u8, u8>::new().is_empty());
    /// ```
    #[must_use]
    pub const fn new() -> Self {
        Self { pairs: Vec::new() }
    }

    /// How many keys there are.
    ///
    /// ```
    /// assert_eq!(adversary::oracle::NaiveMap::<u8, u8>::new().len(), 0);
    /// ```
    #[must_use]
    pub const fn len(&self) -> usize {
        self.pairs.len()
    }

    /// Whether there is none.
    ///
    /// ```
    /// assert!(adversary::oracle::NaiveMap::<u8, u8>::new().is_empty());
    /// ```
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }

    /// The pairs, in the order in which their keys came.
    ///
    /// ```
    /// let map = adversary::oracle::NaiveMap::from_iter([(2, 'b'), (1, 'a')]);
    /// assert!(map.iter().eq([(&2, &'b'), (&1, &'a')]));
    /// ```
    pub fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.pairs.iter().map(|(key, value)| (key, value))
    }

    /// The pairs by ascending key: what an ordered map yields.
    ///
    /// ```
    /// let map = adversary::oracle::NaiveMap::from_iter([(2, 'b'), (1, 'a')]);
    /// assert_eq!(map.sorted(), [(&1, &'a'), (&2, &'b')]);
    /// ```
    #[must_use]
    pub fn sorted(&self) -> Vec<(&K, &V)>
    where
        K: Ord,
    {
        let mut pairs: Vec<_> = self.iter().collect();
        pairs.sort_by(|a, b| a.0.cmp(b.0));
        pairs
    }

    /// Keeps the pairs that the closure wants.
    ///
    /// ```
    /// let mut map = adversary::oracle::NaiveMap::from_iter([(2, 'b'), (1, 'a')]);
    /// map.retain(|key, _| *key == 1);
    /// assert_eq!(map.len(), 1);
    /// ```
    pub fn retain(&mut self, mut keep: impl FnMut(&K, &mut V) -> bool) {
        self.pairs.retain_mut(|(key, value)| keep(key, value));
    }

    /// Removes all.
    ///
    /// ```
    /// let mut map = adversary::oracle::NaiveMap::from_iter([(2, 'b')]);
    /// map.clear();
    /// assert!(map.is_empty());
    /// ```
    pub fn clear(&mut self) {
        self.pairs.clear();
    }
}

impl<K: PartialEq, V> NaiveMap<K, V> {
    /// Inserts, or replaces the value of a key that is there and returns the old one.
    ///
    /// ```
    /// let mut map = adversary::oracle::NaiveMap::from_iter([(2, 'b')]);
    /// assert_eq!(map.insert(2, 'c'), Some('b'));
    /// ```
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        match self.get_mut(&key) {
            Some(old) => Some(mem::replace(old, value)),
            None => {
                self.pairs.push((key, value));
                None
            }
        }
    }

    /// The value of a key.
    ///
    /// ```
    /// let map = adversary::oracle::NaiveMap::from_iter([(2, 'b')]);
    /// assert_eq!((map.get(&2), map.get(&1)), (Some(&'b'), None));
    /// ```
    #[must_use]
    pub fn get(&self, key: &K) -> Option<&V> {
        self.pairs.iter().find(|it| it.0 == *key).map(|it| &it.1)
    }

    /// The value of a key, to change it.
    ///
    /// ```
    /// let mut map = adversary::oracle::NaiveMap::from_iter([(2, 'b')]);
    /// assert_eq!(map.get_mut(&2), Some(&mut 'b'));
    /// ```
    pub fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        let pair = self.pairs.iter_mut().find(|it| it.0 == *key);
        pair.map(|it| &mut it.1)
    }

    /// Whether a key is there.
    ///
    /// ```
    /// assert!(adversary::oracle::NaiveMap::from_iter([(2, 'b')]).contains_key(&2));
    /// ```
    #[must_use]
    pub fn contains_key(&self, key: &K) -> bool {
        self.get(key).is_some()
    }

    /// Removes a key and returns its value.
    ///
    /// ```
    /// let mut map = adversary::oracle::NaiveMap::from_iter([(2, 'b')]);
    /// assert_eq!((map.remove(&2), map.remove(&2)), (Some('b'), None));
    /// ```
    pub fn remove(&mut self, key: &K) -> Option<V> {
        let place = self.pairs.iter().position(|it| it.0 == *key)?;
        Some(self.pairs.remove(place).1)
    }
}

/// Later pairs replace earlier ones of the same key.
impl<K: PartialEq, V> FromIterator<(K, V)> for NaiveMap<K, V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        let mut map = Self::new();
        pairs.into_iter().for_each(|(key, value)| {
            map.insert(key, value);
        });
        map
    }
}
