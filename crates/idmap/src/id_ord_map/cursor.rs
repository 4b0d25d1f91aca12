//! Cursors: places between two records in the order of their keys. The names are those of the standard `BTreeMap`.

use super::{IdOrdItem, IdOrdMap, Keys, RefMut, State};
use crate::allocator::{Allocator, Global};
use crate::index::{Index, OrdTable};
use crate::map::IndexedMap;
use crate::slab::{Position, Slab};
use crate::tree::{self, Tree};
use core::cmp::Ordering;
use core::{fmt, mem};

/// A place between two records of an ordered index, or at one of its ends.
///
/// # Examples
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
/// use std::ops::Bound;
///
/// let users: idmap::IdOrdMap<User> = users();
/// let mut cursor = users.lower_bound(Bound::Included("b"));
/// assert_eq!(cursor.peek_prev().map(|user| user.name), Some("ada"));
/// assert_eq!(cursor.next().map(|user| user.name), Some("bob"));
/// assert_eq!(cursor.next().map(|user| user.name), Some("eve"));
/// assert_eq!(cursor.next(), None);
/// ```
pub struct Cursor<'a, T, A: Allocator = Global> {
    slab: &'a Slab<T, A>,
    tree: &'a Tree<A>,
    /// The entry behind the place.
    at: tree::Cursor,
}

impl<'a, T, A: Allocator> Cursor<'a, T, A> {
    pub(crate) fn new(slab: &'a Slab<T, A>, table: &'a OrdTable<A>, at: tree::Cursor) -> Self {
        let tree = &table.tree;
        Self {
            slab,
            tree,
            at: tree.settle(at),
        }
    }

    fn item(&self, at: tree::Cursor) -> Option<&'a T> {
        self.slab.get(self.tree.entry(at)?.position)
    }

    /// The record behind the place; the cursor steps over it. Constant time.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// let users: idmap::IdOrdMap<User> = users();
    /// let mut cursor = users.lower_bound::<str>(std::ops::Bound::Unbounded);
    /// assert_eq!(cursor.next().map(|user| user.name), Some("ada"));
    /// assert_eq!(cursor.next().map(|user| user.name), Some("bob"));
    /// ```
    #[expect(
        clippy::should_implement_trait,
        reason = "the name that cursors of the standard library have"
    )]
    pub fn next(&mut self) -> Option<&'a T> {
        let item = self.peek_next()?;
        self.at = self.tree.after(self.at);
        Some(item)
    }

    /// The record before the place; the cursor steps over it. Constant time.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// let users: idmap::IdOrdMap<User> = users();
    /// let mut cursor = users.upper_bound::<str>(std::ops::Bound::Unbounded);
    /// assert_eq!(cursor.prev().map(|user| user.name), Some("eve"));
    /// assert_eq!(cursor.prev().map(|user| user.name), Some("bob"));
    /// ```
    pub fn prev(&mut self) -> Option<&'a T> {
        self.at = self.tree.before(self.at)?;
        self.peek_next()
    }

    /// The record behind the place. Constant time.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// let users: idmap::IdOrdMap<User> = users();
    /// let cursor = users.lower_bound(std::ops::Bound::Excluded("ada"));
    /// assert_eq!(cursor.peek_next().map(|user| user.name), Some("bob"));
    /// ```
    #[must_use]
    pub fn peek_next(&self) -> Option<&'a T> {
        self.item(self.at)
    }

    /// The record before the place. Constant time.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// let users: idmap::IdOrdMap<User> = users();
    /// let cursor = users.upper_bound(std::ops::Bound::Included("ada"));
    /// assert_eq!(cursor.peek_prev().map(|user| user.name), Some("ada"));
    /// ```
    #[must_use]
    pub fn peek_prev(&self) -> Option<&'a T> {
        self.item(self.tree.before(self.at)?)
    }
}

impl<T, A: Allocator> Clone for Cursor<'_, T, A> {
    fn clone(&self) -> Self {
        Self { ..*self }
    }
}

/// The records before the place and behind it.
impl<T: fmt::Debug, A: Allocator> fmt::Debug for Cursor<'_, T, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let neighbours = (self.peek_prev(), self.peek_next());
        f.debug_tuple("Cursor")
            .field(&neighbours.0)
            .field(&neighbours.1)
            .finish()
    }
}

/// A place between two records of an [`IdOrdMap`], or at one of its ends, to change the map there.
///
/// # Examples
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
/// use std::ops::Bound;
///
/// let mut users: idmap::IdOrdMap<User> = users();
/// let mut cursor = users.lower_bound_mut(Bound::Included("bob"));
/// cursor.next().unwrap().age += 1;
/// assert_eq!(cursor.remove_next().map(|user| user.name), Some("eve"));
/// cursor.insert_before(User { name: "zoe", age: 7 }).unwrap();
/// assert!(users.iter().map(|user| (user.name, user.age)).eq([("ada", 36), ("bob", 5), ("zoe", 7)]));
/// ```
pub struct CursorMut<'a, T: IdOrdItem, A: Allocator = Global> {
    map: &'a mut IdOrdMap<T, A>,
    /// The entry behind the place.
    at: tree::Cursor,
}

impl<'a, T: IdOrdItem, A: Allocator> CursorMut<'a, T, A> {
    pub(super) fn new(map: &'a mut IdOrdMap<T, A>, at: tree::Cursor) -> Self {
        let at = map.tables.0.tree.settle(at);
        Self { map, at }
    }

    const fn tree(&self) -> &Tree<A> {
        &self.map.tables.0.tree
    }

    fn item(&mut self, at: tree::Cursor) -> Option<RefMut<'_, T>> {
        let position = self.tree().entry(at)?.position;
        self.map.get_at_mut(position)
    }

    /// The place, to read.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// let mut users: idmap::IdOrdMap<User> = users();
    /// let cursor = users.upper_bound_mut(std::ops::Bound::Unbounded);
    /// assert_eq!(cursor.as_cursor().prev().map(|user| user.name), Some("eve"));
    /// ```
    #[must_use]
    pub fn as_cursor(&self) -> Cursor<'_, T, A> {
        Cursor::new(&self.map.slab, &self.map.tables.0, self.at)
    }

    /// The record behind the place, to change all but its key; the cursor steps over it. Constant time.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// let mut users: idmap::IdOrdMap<User> = users();
    /// let mut cursor = users.lower_bound_mut(std::ops::Bound::Unbounded);
    /// cursor.next().unwrap().age += 1;
    /// assert_eq!(users.get("ada").unwrap().age, 37);
    /// ```
    #[expect(
        clippy::should_implement_trait,
        reason = "the name that cursors of the standard library have"
    )]
    pub fn next(&mut self) -> Option<RefMut<'_, T>> {
        let at = self.at;
        self.at = self.tree().after(at);
        self.item(at)
    }

    /// The record before the place, to change all but its key; the cursor steps over it. Constant time.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// let mut users: idmap::IdOrdMap<User> = users();
    /// let mut cursor = users.upper_bound_mut(std::ops::Bound::Unbounded);
    /// cursor.prev().unwrap().age += 1;
    /// assert_eq!(users.get("eve").unwrap().age, 42);
    /// ```
    pub fn prev(&mut self) -> Option<RefMut<'_, T>> {
        self.at = self.tree().before(self.at)?;
        self.peek_next()
    }

    /// The record behind the place, to change all but its key. Constant time.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// let mut users: idmap::IdOrdMap<User> = users();
    /// let mut cursor = users.lower_bound_mut(std::ops::Bound::Included("bob"));
    /// assert_eq!(cursor.peek_next().map(|user| user.age), Some(4));
    /// ```
    pub fn peek_next(&mut self) -> Option<RefMut<'_, T>> {
        self.item(self.at)
    }

    /// The record before the place, to change all but its key. Constant time.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// let mut users: idmap::IdOrdMap<User> = users();
    /// let mut cursor = users.lower_bound_mut(std::ops::Bound::Included("bob"));
    /// assert_eq!(cursor.peek_prev().map(|user| user.age), Some(36));
    /// ```
    pub fn peek_prev(&mut self) -> Option<RefMut<'_, T>> {
        let at = self.tree().before(self.at)?;
        self.item(at)
    }

    /// Takes the record behind the place out of the map. Logarithmic time.
    ///
    /// # Panics
    ///
    /// If a key does. The record is gone then, and the cursor is at the end of the map.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// let mut users: idmap::IdOrdMap<User> = users();
    /// let mut cursor = users.lower_bound_mut(std::ops::Bound::Included("b"));
    /// assert_eq!(cursor.remove_next().map(|user| user.name), Some("bob"));
    /// assert_eq!(cursor.peek_next().map(|user| user.name), Some("eve"));
    /// ```
    pub fn remove_next(&mut self) -> Option<T> {
        let position = self.tree().entry(self.at)?.position;
        let behind = self.tree().entry(self.tree().after(self.at));
        let at = mem::replace(&mut self.at, tree::Cursor::END);
        self.map.tables.0.tree.remove(&at.path());
        let item = self.map.slab.remove(position);
        if let Some(behind) = behind {
            // It has moved up, unless its leaf was merged with another.
            let near = self.tree().settle(at);
            let moved_up = self.tree().entry(near) == Some(behind);
            self.at = if moved_up {
                near
            } else {
                self.place(behind.position)
            };
        }
        item
    }

    /// Takes the record before the place out of the map. Logarithmic time.
    ///
    /// # Panics
    ///
    /// If a key does. The record is gone then, and the cursor is at the end of the map.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// let mut users: idmap::IdOrdMap<User> = users();
    /// let mut cursor = users.lower_bound_mut(std::ops::Bound::Included("b"));
    /// assert_eq!(cursor.remove_prev().map(|user| user.name), Some("ada"));
    /// assert_eq!(cursor.peek_next().map(|user| user.name), Some("bob"));
    /// ```
    pub fn remove_prev(&mut self) -> Option<T> {
        self.at = self.tree().before(self.at)?;
        self.remove_next()
    }

    /// Inserts a record at the place; the cursor is behind it then. Logarithmic time.
    ///
    /// # Errors
    ///
    /// The record, if its key is not between those of the records before the place and behind it.
    ///
    /// # Panics
    ///
    /// If the map has as many records as it can, or a key panics. Aborts if there is no memory.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// let mut users: idmap::IdOrdMap<User> = users();
    /// let mut cursor = users.lower_bound_mut(std::ops::Bound::Included("bob"));
    /// cursor.insert_before(User { name: "al", age: 7 }).unwrap();
    /// assert_eq!(cursor.peek_prev().map(|user| user.name), Some("al"));
    /// assert!(cursor.insert_before(User { name: "zoe", age: 7 }).is_err());
    /// ```
    pub fn insert_before(&mut self, item: T) -> Result<(), T> {
        self.insert_after(item)?;
        self.at = self.tree().after(self.at);
        Ok(())
    }

    /// Inserts a record at the place; the cursor is before it then. Logarithmic time.
    ///
    /// # Errors
    ///
    /// The record, if its key is not between those of the records before the place and behind it.
    ///
    /// # Panics
    ///
    /// If the map has as many records as it can, or a key panics. Aborts if there is no memory.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// let mut users: idmap::IdOrdMap<User> = users();
    /// let mut cursor = users.lower_bound_mut(std::ops::Bound::Included("bob"));
    /// cursor.insert_after(User { name: "al", age: 7 }).unwrap();
    /// assert_eq!(cursor.next().map(|user| user.age), Some(7));
    /// assert_eq!(cursor.next().map(|user| user.age), Some(4));
    /// ```
    pub fn insert_after(&mut self, item: T) -> Result<(), T> {
        let here = self.as_cursor();
        let is = |side, other: Option<&T>| {
            other.is_none_or(|other| other.key().cmp(&item.key()) == side)
        };
        if !is(Ordering::Less, here.peek_prev()) || !is(Ordering::Greater, here.peek_next()) {
            return Err(item);
        }
        self.at = tree::Cursor::END;
        let position = self
            .map
            .insert_or_conflicts(item)
            .map_err(|(item, _)| item)?;
        self.at = self.place(position);
        Ok(())
    }

    fn place(&self, position: Position) -> tree::Cursor {
        let IndexedMap {
            slab,
            tables,
            state,
        } = &*self.map;
        <Keys as Index<T, State>>::place(tables, slab, state, position)
            .0
            .cursor()
    }
}

impl<T: IdOrdItem + fmt::Debug, A: Allocator> fmt::Debug for CursorMut<'_, T, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_cursor().fmt(f)
    }
}
