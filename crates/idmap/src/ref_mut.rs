//! A record that may be changed, all but its keys.

use crate::index::Index;
use core::fmt;
use core::ops::{Deref, DerefMut};

/// A record that may be changed, all but its keys.
///
/// When it goes, after the record was borrowed mutably, it hashes the keys again. To change keys, use `update`.
///
/// # Panics
///
/// On drop, if a key has changed, and with the feature `std` only while no other panic unwinds. The record stays in the map, and may not be found by that key any more.
///
/// # Examples
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
/// let mut users: idmap::IdHashMap<User> = users();
/// let mut ada = users.get_mut("ada").unwrap();
/// ada.age += 1; // Not its name: that is for `update`.
/// assert_eq!(ada.age, 37);
/// ```
pub struct RefMut<'a, T, S, X: Index<T, S>> {
    /// `None` once [`into_ref`](Self::into_ref) has taken it.
    item: Option<&'a mut T>,
    state: &'a S,
    before: Option<X::Print>,
    touched: bool,
}

impl<'a, T, S, X: Index<T, S>> RefMut<'a, T, S, X> {
    #[inline]
    pub(crate) const fn new(state: &'a S, item: &'a mut T, before: Option<X::Print>) -> Self {
        Self {
            item: Some(item),
            state,
            before,
            touched: false,
        }
    }

    /// The same for a shorter time.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// let mut users: idmap::IdHashMap<User> = users();
    /// let mut ada = users.get_mut("ada").unwrap();
    /// ada.reborrow().age += 1;
    /// assert_eq!(ada.age, 37);
    /// ```
    #[inline]
    pub fn reborrow(&mut self) -> RefMut<'_, T, S, X> {
        RefMut {
            item: self.item.as_deref_mut(),
            state: self.state,
            before: self.before,
            touched: self.touched,
        }
    }

    /// The record, not to be changed any more.
    ///
    /// # Panics
    ///
    /// If a key has changed.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// let mut users: idmap::IdHashMap<User> = users();
    /// let ada: &User = users.get_mut("ada").unwrap().into_ref();
    /// assert_eq!(ada.age, 36);
    /// ```
    #[inline]
    pub fn into_ref(mut self) -> &'a T {
        let item = self
            .item
            .take()
            .expect("a reference is there until this method takes it");
        self.check(item);
        item
    }

    #[inline]
    fn check(&self, item: &T) {
        let Some(before) = self.before.filter(|_| self.touched) else {
            return;
        };
        let after = X::print(self.state, item);
        if before != after {
            key_changed(differing(before, after));
        }
    }
}

/// Whether a second panic would abort the process, as far as that can be known.
#[inline]
fn unwinding() -> bool {
    #[cfg(feature = "std")]
    return std::thread::panicking();
    #[cfg(not(feature = "std"))]
    return false;
}

/// What to call the first key whose hash differs.
#[cold]
pub(crate) fn differing<P: AsRef<[u64]>>(before: P, after: P) -> &'static str {
    const NAMES: [&str; 6] = ["key1", "key2", "key3", "key4", "key5", "key6"];
    let (before, after) = (before.as_ref(), after.as_ref());
    let name = NAMES
        .iter()
        .zip(before.iter().zip(after))
        .find(|(_, (a, b))| a != b);
    name.filter(|_| before.len() > 1)
        .map_or("key", |(name, _)| *name)
}

#[cold]
#[track_caller]
fn key_changed(key: &str) -> ! {
    panic!("{key} changed during RefMut borrow");
}

impl<T, S, X: Index<T, S>> Drop for RefMut<'_, T, S, X> {
    #[inline]
    fn drop(&mut self) {
        if self.touched
            && let Some(item) = self.item.take()
            && !unwinding()
        {
            self.check(item);
        }
    }
}

impl<T, S, X: Index<T, S>> Deref for RefMut<'_, T, S, X> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        self.item
            .as_deref()
            .expect("a reference is there until into_ref takes it")
    }
}

impl<T, S, X: Index<T, S>> DerefMut for RefMut<'_, T, S, X> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        let item = self
            .item
            .as_deref_mut()
            .expect("a reference is there until into_ref takes it");
        if self.before.is_none() {
            self.before = Some(X::print(self.state, item));
        }
        self.touched = true;
        item
    }
}

impl<T: fmt::Debug, S, X: Index<T, S>> fmt::Debug for RefMut<'_, T, S, X> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}
