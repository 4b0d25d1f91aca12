//! Records with several unique keys.

use std::fmt;

/// Records with `N` unique keys, as a list in the order of their insertion.
///
/// A key is a function that says whether two records have it in common; so keys may be of any types, and nothing needs
/// an order or a hash. Every operation is linear.
///
/// # Examples
///
/// ```
/// use adversary::oracle::NaiveRecords;
///
/// // Of a number and a name.
/// let mut records = NaiveRecords::<(u8, &str), 2>::new([|a, b| a.0 == b.0, |a, b| a.1 == b.1]);
/// records.insert((1, "ada")).unwrap();
/// records.insert((2, "bob")).unwrap();
/// assert_eq!(records.insert((3, "ada")), Err((3, "ada")));
/// assert_eq!(records.overwrite((1, "bob")), [(1, "ada"), (2, "bob")]);
/// assert_eq!(records.find(|record| record.0 == 1), Some(&(1, "bob")));
/// ```
pub struct NaiveRecords<T, const N: usize> {
    keys: [fn(&T, &T) -> bool; N],
    records: Vec<T>,
}

impl<T, const N: usize> NaiveRecords<T, N> {
    /// No records; what tells whether two have a key in common, for each key.
    ///
    /// ```
    /// use adversary::oracle::NaiveRecords;
    ///
    /// assert!(NaiveRecords::<u8, 1>::new([|a, b| a == b]).is_empty());
    /// ```
    #[must_use]
    pub const fn new(keys: [fn(&T, &T) -> bool; N]) -> Self {
        Self {
            keys,
            records: Vec::new(),
        }
    }

    /// How many records there are.
    ///
    /// ```
    /// use adversary::oracle::NaiveRecords;
    ///
    /// assert_eq!(NaiveRecords::<u8, 1>::new([|a, b| a == b]).len(), 0);
    /// ```
    #[must_use]
    pub const fn len(&self) -> usize {
        self.records.len()
    }

    /// Whether there is none.
    ///
    /// ```
    /// use adversary::oracle::NaiveRecords;
    ///
    /// let mut records = NaiveRecords::<u8, 1>::new([|a, b| a == b]);
    /// records.insert(1).unwrap();
    /// assert!(!records.is_empty());
    /// ```
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// The records, in the order in which they came.
    ///
    /// ```
    /// use adversary::oracle::NaiveRecords;
    ///
    /// let mut records = NaiveRecords::<u8, 1>::new([|a, b| a == b]);
    /// [3, 1, 2].map(|record| records.insert(record).unwrap());
    /// assert!(records.iter().eq(&[3, 1, 2]));
    /// ```
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &T> + ExactSizeIterator {
        self.records.iter()
    }

    /// The first record that the closure wants.
    ///
    /// ```
    /// use adversary::oracle::NaiveRecords;
    ///
    /// let mut records = NaiveRecords::<u8, 1>::new([|a, b| a == b]);
    /// records.insert(3).unwrap();
    /// assert_eq!((records.find(|record| *record == 3), records.find(|record| *record == 4)), (Some(&3), None));
    /// ```
    pub fn find(&self, mut wanted: impl FnMut(&T) -> bool) -> Option<&T> {
        self.records.iter().find(|record| wanted(record))
    }

    fn share_a_key(&self, a: &T, b: &T) -> bool {
        self.keys.iter().any(|same| same(a, b))
    }

    /// The records that have a key of another one, in the order in which they came.
    ///
    /// ```
    /// use adversary::oracle::NaiveRecords;
    ///
    /// let mut records = NaiveRecords::<(u8, u8), 2>::new([|a, b| a.0 == b.0, |a, b| a.1 == b.1]);
    /// [(1, 1), (2, 2), (3, 3)].map(|record| records.insert(record).unwrap());
    /// assert_eq!(records.in_the_way(&(3, 1)), [&(1, 1), &(3, 3)]);
    /// ```
    #[must_use]
    pub fn in_the_way(&self, record: &T) -> Vec<&T> {
        let shared = |kept: &&T| self.share_a_key(kept, record);
        self.records.iter().filter(shared).collect()
    }

    /// Inserts a record behind the others.
    ///
    /// # Errors
    ///
    /// The record, if another has a key of it.
    ///
    /// ```
    /// use adversary::oracle::NaiveRecords;
    ///
    /// let mut records = NaiveRecords::<u8, 1>::new([|a, b| a == b]);
    /// assert_eq!((records.insert(3), records.insert(3)), (Ok(()), Err(3)));
    /// ```
    pub fn insert(&mut self, record: T) -> Result<(), T> {
        if self.in_the_way(&record).is_empty() {
            self.records.push(record);
            Ok(())
        } else {
            Err(record)
        }
    }

    /// Inserts a record behind the others, and removes those that have a key of it. Returns these.
    ///
    /// ```
    /// use adversary::oracle::NaiveRecords;
    ///
    /// let mut records = NaiveRecords::<(u8, char), 1>::new([|a, b| a.0 == b.0]);
    /// assert_eq!(records.overwrite((1, 'a')), []);
    /// assert_eq!(records.overwrite((1, 'b')), [(1, 'a')]);
    /// ```
    pub fn overwrite(&mut self, record: T) -> Vec<T> {
        let keys = self.keys;
        let removed = self.remove_all(|kept| keys.iter().any(|same| same(kept, &record)));
        self.records.push(record);
        removed
    }

    /// Puts a record in the place of the first that the closure wants, and returns that; `None` if it wants none.
    ///
    /// # Errors
    ///
    /// The record, if others than that have a key of it.
    ///
    /// ```
    /// use adversary::oracle::NaiveRecords;
    ///
    /// let mut records = NaiveRecords::<u8, 1>::new([|a, b| a == b]);
    /// [1, 2].map(|record| records.insert(record).unwrap());
    /// assert_eq!(records.replace(|record| *record == 1, 2), Some(Err(2)));
    /// assert_eq!(records.replace(|record| *record == 1, 7), Some(Ok(1)));
    /// assert!(records.iter().eq(&[7, 2]));
    /// assert_eq!(records.replace(|record| *record == 1, 8), None);
    /// ```
    pub fn replace(&mut self, wanted: impl FnMut(&T) -> bool, record: T) -> Option<Result<T, T>> {
        let at = self.records.iter().position(wanted)?;
        let others = (0..).zip(&self.records).filter(|(other, _)| *other != at);
        let refused = others
            .into_iter()
            .any(|(_, kept)| self.share_a_key(kept, &record));
        Some(if refused {
            Err(record)
        } else {
            Ok(std::mem::replace(&mut self.records[at], record))
        })
    }

    /// Removes the records that the closure wants, and returns them.
    ///
    /// ```
    /// use adversary::oracle::NaiveRecords;
    ///
    /// let mut records = NaiveRecords::<u8, 1>::new([|a, b| a == b]);
    /// [1, 2, 3].map(|record| records.insert(record).unwrap());
    /// assert_eq!(records.remove_all(|record| record % 2 == 1), [1, 3]);
    /// assert_eq!(records.len(), 1);
    /// ```
    pub fn remove_all(&mut self, mut wanted: impl FnMut(&T) -> bool) -> Vec<T> {
        self.records
            .extract_if(.., |record| wanted(record))
            .collect()
    }
}

impl<T: Clone, const N: usize> Clone for NaiveRecords<T, N> {
    fn clone(&self) -> Self {
        Self {
            keys: self.keys,
            records: self.records.clone(),
        }
    }
}

impl<T: fmt::Debug, const N: usize> fmt::Debug for NaiveRecords<T, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.records).finish()
    }
}
