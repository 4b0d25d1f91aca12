//! What can go wrong.

use alloc::vec::Vec;
use core::alloc::Layout;
use core::fmt;

/// A record was not inserted, since others have keys of it.
///
/// `D` is a reference to a record of the map, or a record that was taken out of it.
///
/// # Examples
///
/// ```
/// use idmap::{IdHashItem, IdHashMap, id_upcast};
///
/// #[derive(Debug)]
/// struct Disk { serial: u32, bytes: u64 }
///
/// impl IdHashItem for Disk {
///     type Key<'a> = u32;
///     fn key(&self) -> u32 { self.serial }
///     id_upcast!();
/// }
///
/// let mut disks = IdHashMap::new();
/// disks.insert_unique(Disk { serial: 7, bytes: 1 << 40 }).unwrap();
/// let error = disks.insert_unique(Disk { serial: 7, bytes: 0 }).unwrap_err();
/// assert_eq!(error.new_item().bytes, 0);
/// assert_eq!(error.duplicates()[0].bytes, 1 << 40);
/// ```
#[derive(Debug)]
pub struct DuplicateItem<T, D = T> {
    new: T,
    duplicates: Vec<D>,
}

impl<T, D> DuplicateItem<T, D> {
    #[doc(hidden)]
    pub fn __internal_new(new: T, duplicates: Vec<D>) -> Self {
        Self { new, duplicates }
    }

    /// The record that was not inserted.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// let mut users: idmap::IdHashMap<User> = users();
    /// let error = users.insert_unique(User { name: "ada", age: 7 }).unwrap_err();
    /// assert_eq!(error.new_item().age, 7);
    /// ```
    #[inline]
    pub fn new_item(&self) -> &T {
        &self.new
    }

    /// The records that have its keys, in the order of slots, each once.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// let mut users: idmap::IdHashMap<User> = users();
    /// let error = users.insert_unique(User { name: "ada", age: 7 }).unwrap_err();
    /// assert_eq!(error.duplicates(), [&User { name: "ada", age: 36 }]);
    /// ```
    #[inline]
    pub fn duplicates(&self) -> &[D] {
        &self.duplicates
    }

    /// The record that was not inserted, and those that have its keys.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// let mut users: idmap::IdHashMap<User> = users();
    /// let error = users.insert_unique(User { name: "ada", age: 7 }).unwrap_err();
    /// let (new, duplicates) = error.into_parts();
    /// assert_eq!((new.age, duplicates[0].age), (7, 36));
    /// ```
    pub fn into_parts(self) -> (T, Vec<D>) {
        (self.new, self.duplicates)
    }
}

impl<T: Clone> DuplicateItem<T, &T> {
    /// The same with clones, so that it borrows nothing from the map.
    ///
    /// # Examples
    ///
    /// ```
    /// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
    /// let mut users: idmap::IdHashMap<User> = users();
    /// let error = users.insert_unique(User { name: "ada", age: 7 }).unwrap_err();
    /// let error = error.into_owned();
    /// users.clear();
    /// assert_eq!(error.duplicates()[0].age, 36);
    /// ```
    #[must_use]
    pub fn into_owned(self) -> DuplicateItem<T> {
        DuplicateItem {
            new: self.new,
            duplicates: self.duplicates.into_iter().cloned().collect(),
        }
    }
}

impl<T: fmt::Debug, D: fmt::Debug> fmt::Display for DuplicateItem<T, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "new item: {:?} conflicts with existing: {:?}",
            self.new, self.duplicates
        )
    }
}

impl<T: fmt::Debug, D: fmt::Debug> core::error::Error for DuplicateItem<T, D> {}

/// There is no memory for what was asked; nothing has changed.
///
/// # Examples
///
/// ```
/// # mod doc { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs")); } use doc::*;
/// let error = idmap::IdHashMap::<User>::try_with_capacity(usize::MAX).unwrap_err();
/// assert_eq!(error.to_string(), "capacity overflow");
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TryReserveError {
    /// `None`: more than a map can have.
    layout: Option<Layout>,
}

impl TryReserveError {
    pub(crate) const fn capacity_overflow() -> Self {
        Self { layout: None }
    }

    pub(crate) fn from_vec(error: &allocator_api2::collections::TryReserveError) -> Self {
        use allocator_api2::collections::TryReserveErrorKind;
        match error.kind() {
            TryReserveErrorKind::CapacityOverflow => Self { layout: None },
            TryReserveErrorKind::AllocError { layout, .. } => Self {
                layout: Some(layout),
            },
        }
    }

    /// What the operations do that cannot return an error: as the standard collections.
    #[cold]
    pub(crate) fn handle(self) -> ! {
        match self.layout {
            Some(layout) => alloc::alloc::handle_alloc_error(layout),
            None => panic!("capacity overflow"),
        }
    }
}

impl fmt::Display for TryReserveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.layout.is_some() {
            "memory allocation failed"
        } else {
            "capacity overflow"
        })
    }
}

impl core::error::Error for TryReserveError {}
