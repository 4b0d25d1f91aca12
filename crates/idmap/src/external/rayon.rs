//! Maps in parallel.
//!
//! References to the records are collected first, by one thread, so that ordered maps are in order too and work is
//! divided evenly. This pays where the work for a record is more than the way to it.

use crate::allocator::Allocator;
use crate::index::{Index, Indexes};
use crate::map::IndexedMap;
use crate::ref_mut::RefMut;
use alloc::vec::Vec;
use rayon::iter::{FromParallelIterator, IntoParallelIterator, ParallelExtend, ParallelIterator};
use rayon::vec::IntoIter;

/// The records, in the order of iteration.
impl<'a, T: Sync, X: Indexes, S, A: Allocator> IntoParallelIterator for &'a IndexedMap<T, X, S, A>
where
    &'a IndexedMap<T, X, S, A>: IntoIterator<Item = &'a T>,
{
    type Item = &'a T;
    type Iter = IntoIter<&'a T>;

    fn into_par_iter(self) -> IntoIter<&'a T> {
        self.into_iter().collect::<Vec<_>>().into_par_iter()
    }
}

/// The records, to change all but their keys, in the order of iteration.
impl<'a, T, X, S, A> IntoParallelIterator for &'a mut IndexedMap<T, X, S, A>
where
    X: Index<T, S>,
    A: Allocator,
    RefMut<'a, T, S, X>: Send,
    &'a mut IndexedMap<T, X, S, A>: IntoIterator<Item = RefMut<'a, T, S, X>>,
{
    type Item = RefMut<'a, T, S, X>;
    type Iter = IntoIter<RefMut<'a, T, S, X>>;

    fn into_par_iter(self) -> IntoIter<RefMut<'a, T, S, X>> {
        self.into_iter().collect::<Vec<_>>().into_par_iter()
    }
}

/// The records for good, in the order of iteration.
impl<T: Send, X: Indexes, S, A: Allocator> IntoParallelIterator for IndexedMap<T, X, S, A>
where
    Self: IntoIterator<Item = T>,
{
    type Item = T;
    type Iter = IntoIter<T>;

    fn into_par_iter(self) -> IntoIter<T> {
        self.into_iter().collect::<Vec<_>>().into_par_iter()
    }
}

/// Inserts what threads have made, by one thread, in the order of the iterator.
impl<T: Send, X: Index<T, S>, S, A: Allocator> ParallelExtend<T> for IndexedMap<T, X, S, A>
where
    Self: Send,
{
    fn par_extend<I: IntoParallelIterator<Item = T>>(&mut self, items: I) {
        let items: Vec<T> = items.into_par_iter().collect();
        self.extend(items);
    }
}

/// Collects what threads have made; of records with a key in common, the last in the order of the iterator stays.
impl<T, X, S, A> FromParallelIterator<T> for IndexedMap<T, X, S, A>
where
    T: Send,
    X: Index<T, S>,
    S: Default,
    A: Allocator + Default,
    Self: Send,
{
    fn from_par_iter<I: IntoParallelIterator<Item = T>>(items: I) -> Self {
        let items: Vec<T> = items.into_par_iter().collect();
        items.into_iter().collect()
    }
}
