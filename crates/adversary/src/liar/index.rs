//! A container whose `Index` answers for another index.

use crate::countdown::tick;
use crate::liar::script::{self, Told};
use std::fmt;
use std::ops::{Index, IndexMut};

/// Items behind an `Index` that lies.
///
/// `index` and `index_mut` [`tick`](crate::countdown::tick). The lies find code that calls `index` twice
/// and takes it that both answers are one item: two `&mut` to one item, or a value that was checked and
/// another that is used.
///
/// # Examples
///
/// ```
/// use adversary::liar::{Shelf, script};
///
/// let shelf = Shelf::new([10, 20]).script(script::only(1, 0));
/// assert_eq!([shelf[1], shelf[1], shelf[1]], [20, 10, 20]);
/// ```
pub struct Shelf<T> {
    items: Vec<T>,
    script: Told<usize>,
}

impl<T> Shelf<T> {
    /// An honest one.
    ///
    /// ```
    /// assert_eq!(adversary::liar::Shelf::new([10, 20])[1], 20);
    /// ```
    pub fn new(items: impl IntoIterator<Item = T>) -> Self {
        Self {
            items: items.into_iter().collect(),
            script: Told::new(script::honest()),
        }
    }

    /// Answers for other indexes than it is asked for.
    ///
    /// ```
    /// use adversary::liar::{Shelf, script};
    ///
    /// assert_eq!(Shelf::new([10, 20]).script(script::always(0))[1], 10);
    /// ```
    #[must_use]
    pub fn script(self, script: impl FnMut(u64, usize) -> usize + 'static) -> Self {
        Self {
            script: Told::new(script),
            ..self
        }
    }

    /// How many items there are, honestly.
    ///
    /// ```
    /// assert_eq!(adversary::liar::Shelf::new([10, 20]).len(), 2);
    /// ```
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether there is none.
    ///
    /// ```
    /// assert!(!adversary::liar::Shelf::new([10, 20]).is_empty());
    /// ```
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    fn told(&self, index: usize) -> usize {
        tick();
        self.script.answer(index)
    }
}

/// # Panics
///
/// If the index that it answers for is none of its own.
impl<T> Index<usize> for Shelf<T> {
    type Output = T;

    fn index(&self, index: usize) -> &T {
        &self.items[self.told(index)]
    }
}

/// # Panics
///
/// If the index that it answers for is none of its own.
impl<T> IndexMut<usize> for Shelf<T> {
    fn index_mut(&mut self, index: usize) -> &mut T {
        let told = self.told(index);
        &mut self.items[told]
    }
}

impl<T: fmt::Debug> fmt::Debug for Shelf<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shelf")
            .field("items", &self.items)
            .finish_non_exhaustive()
    }
}
