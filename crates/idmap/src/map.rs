//! The one map that the others are instances of.

use crate::DefaultHashBuilder;
use crate::allocator::{Allocator, Global};
use crate::errors::TryReserveError;
use crate::index::{Conflicts, Index, Indexes};
use crate::slab::{Position, Slab};
use core::fmt;

/// Records, and the indexes `X` that they are found by.
///
/// `S` builds the hashers, `A` allocates.
pub struct IndexedMap<T, X: Indexes, S = DefaultHashBuilder, A: Allocator = Global> {
    pub(crate) slab: Slab<T, A>,
    pub(crate) tables: X::Tables<A>,
    pub(crate) state: S,
}

impl<T, X: Indexes, S, A: Allocator> IndexedMap<T, X, S, A> {
    /// A map whose parts take allocators from a function.
    pub(crate) fn with_parts(capacity: usize, state: S, mut alloc: impl FnMut() -> A) -> Self {
        Self {
            slab: Slab::with_capacity_in(capacity, alloc()),
            tables: X::new_in(&mut alloc),
            state,
        }
    }

    /// How many records the map has. Constant time.
    #[inline]
    pub fn len(&self) -> usize {
        self.slab.len()
    }

    /// Whether the map has no records. Constant time.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

#[expect(
    private_bounds,
    reason = "the operations of indexes are the crate's own matter"
)]
impl<T, X: Index<T, S>, S, A: Allocator> IndexedMap<T, X, S, A> {
    /// Makes room for `additional` records more, in the slab and in each index.
    ///
    /// # Errors
    ///
    /// If there is no memory. The records and their order are as before.
    #[inline]
    pub fn try_reserve(&mut self, additional: usize) -> Result<(), TryReserveError> {
        self.slab.try_reserve(additional)?;
        X::try_reserve(&mut self.tables, additional)
    }

    #[inline]
    pub(crate) fn reserve_one(&mut self) {
        if let Err(error) = self.try_reserve(1) {
            error.handle();
        }
    }

    /// Inserts a record that is in nobody's way, or says who is in its.
    #[inline]
    pub(crate) fn insert_or_conflicts(&mut self, item: T) -> Result<Position, (T, Conflicts)> {
        self.reserve_one();
        let mut conflicts = Conflicts::default();
        let spot = X::spot(&self.tables, &self.slab, &self.state, &item, &mut conflicts);
        if !conflicts.positions().is_empty() {
            return Err((item, conflicts));
        }
        let position = self.slab.insert(item);
        X::insert(&mut self.tables, spot, position);
        Ok(position)
    }

    #[inline]
    pub(crate) fn remove_at(&mut self, position: Position) -> Option<T> {
        self.slab.get(position)?;
        let place = X::place(&self.tables, &self.slab, &self.state, position);
        X::remove(&mut self.tables, place);
        self.slab.remove(position)
    }
}

impl<T: Clone, X: Indexes, S: Clone, A: Allocator + Clone> Clone for IndexedMap<T, X, S, A>
where
    X::Tables<A>: Clone,
{
    fn clone(&self) -> Self {
        Self {
            slab: self.slab.clone(),
            tables: self.tables.clone(),
            state: self.state.clone(),
        }
    }
}

impl<T: fmt::Debug, X: Indexes, S, A: Allocator> fmt::Debug for IndexedMap<T, X, S, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.slab.iter()).finish()
    }
}
