//! A map with several values for a key.

/// A map that keeps every value of a key, as a list of pairs in the order of their insertion.
///
/// Every operation is linear.
///
/// # Examples
///
/// ```
/// use adversary::oracle::NaiveMultiMap;
///
/// let map = NaiveMultiMap::from_iter([("a", 1), ("b", 2), ("a", 3)]);
/// assert!(map.get(&"a").eq(&[1, 3]));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NaiveMultiMap<K, V> {
    pairs: Vec<(K, V)>,
}

impl<K, V> Default for NaiveMultiMap<K, V> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K, V> NaiveMultiMap<K, V> {
    /// An empty map.
    ///
    /// ```
    /// assert!(adversary::oracle::NaiveMultiMap::<u8, u8>::new().is_empty());
    /// ```
    #[must_use]
    pub const fn new() -> Self {
        Self { pairs: Vec::new() }
    }

    /// How many values there are.
    ///
    /// ```
    /// let map = adversary::oracle::NaiveMultiMap::from_iter([(1, 'a'), (1, 'b')]);
    /// assert_eq!(map.len(), 2);
    /// ```
    #[must_use]
    pub const fn len(&self) -> usize {
        self.pairs.len()
    }

    /// Whether there is none.
    ///
    /// ```
    /// assert!(adversary::oracle::NaiveMultiMap::<u8, u8>::new().is_empty());
    /// ```
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }

    /// The pairs, in the order in which they came.
    ///
    /// ```
    /// let map = adversary::oracle::NaiveMultiMap::from_iter([(2, 'b'), (1, 'a')]);
    /// assert!(map.iter().eq([(&2, &'b'), (&1, &'a')]));
    /// ```
    pub fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.pairs.iter().map(|(key, value)| (key, value))
    }

    /// The pairs by ascending key, those of one key in the order in which they came.
    ///
    /// ```
    /// let map = adversary::oracle::NaiveMultiMap::from_iter([(2, 'b'), (1, 'c'), (1, 'a')]);
    /// assert_eq!(map.sorted(), [(&1, &'c'), (&1, &'a'), (&2, &'b')]);
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

    /// Adds a value to those of a key.
    ///
    /// ```
    /// let mut map = adversary::oracle::NaiveMultiMap::new();
    /// map.insert(1, 'a');
    /// assert_eq!(map.len(), 1);
    /// ```
    pub fn insert(&mut self, key: K, value: V) {
        self.pairs.push((key, value));
    }

    /// Keeps the pairs that the closure wants.
    ///
    /// ```
    /// let mut map = adversary::oracle::NaiveMultiMap::from_iter([(2, 'b'), (1, 'a')]);
    /// map.retain(|key, _| *key == 1);
    /// assert_eq!(map.len(), 1);
    /// ```
    pub fn retain(&mut self, mut keep: impl FnMut(&K, &mut V) -> bool) {
        self.pairs.retain_mut(|(key, value)| keep(key, value));
    }
}

impl<K: PartialEq, V> NaiveMultiMap<K, V> {
    /// The values of a key, in the order in which they came.
    ///
    /// ```
    /// let map = adversary::oracle::NaiveMultiMap::from_iter([(1, 'b'), (1, 'a')]);
    /// assert!(map.get(&1).eq(&['b', 'a']));
    /// ```
    pub fn get(&self, key: &K) -> impl Iterator<Item = &V> {
        let own = self.pairs.iter().filter(move |it| it.0 == *key);
        own.map(|it| &it.1)
    }

    /// Removes all values of a key and returns them.
    ///
    /// ```
    /// let mut map = adversary::oracle::NaiveMultiMap::from_iter([(1, 'b'), (2, 'c'), (1, 'a')]);
    /// assert_eq!(map.remove_all(&1), ['b', 'a']);
    /// assert_eq!(map.len(), 1);
    /// ```
    pub fn remove_all(&mut self, key: &K) -> Vec<V> {
        let own = self.pairs.extract_if(.., |it| it.0 == *key);
        own.map(|it| it.1).collect()
    }

    /// Removes the first pair that equals this one; says whether there was one.
    ///
    /// ```
    /// let mut map = adversary::oracle::NaiveMultiMap::from_iter([(1, 'a'), (1, 'a')]);
    /// assert!(map.remove(&1, &'a') && map.remove(&1, &'a') && !map.remove(&1, &'a'));
    /// ```
    pub fn remove(&mut self, key: &K, value: &V) -> bool
    where
        V: PartialEq,
    {
        let place = self
            .pairs
            .iter()
            .position(|it| it.0 == *key && it.1 == *value);
        place.map(|it| self.pairs.remove(it)).is_some()
    }
}

impl<K, V> FromIterator<(K, V)> for NaiveMultiMap<K, V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        Self {
            pairs: pairs.into_iter().collect(),
        }
    }
}
