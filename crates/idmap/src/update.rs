//! Changes of keys.

use crate::allocator::Allocator;
use crate::errors::DuplicateItem;
use crate::index::Index;
use crate::map::IndexedMap;
use crate::slab::Position;

/// A record that is in no index for a moment. If a key panics then, it is dropped, and the map is as if it were removed.
struct Unindexed<'a, T, X: Index<T, S>, S, A: Allocator> {
    map: &'a mut IndexedMap<T, X, S, A>,
    position: Position,
    indexed: bool,
}

impl<T, X: Index<T, S>, S, A: Allocator> Drop for Unindexed<'_, T, X, S, A> {
    fn drop(&mut self) {
        if !self.indexed {
            let IndexedMap { slab, tables, .. } = &mut *self.map;
            let item = slab.remove(self.position);
            X::retain(tables, &|position| slab.get(position).is_some());
            drop(item);
        }
    }
}

impl<T, X: Index<T, S>, S, A: Allocator> IndexedMap<T, X, S, A> {
    /// Changes a copy of a record, and puts it in the place of the record if no other is in its way.
    pub(crate) fn update_at<R>(
        &mut self,
        position: Position,
        change: impl FnOnce(&mut T) -> R,
    ) -> Option<Result<R, DuplicateItem<T, &T>>>
    where
        T: Clone,
    {
        let mut item = self.slab.get(position)?.clone();
        let result = change(&mut item);
        let (mut spot, mut conflicts) = self.spot(&item, position);
        if X::ALL_UNIQUE && conflicts.only(X::UNIQUE) == Some(position) {
            self.slab.replace(position, item);
            return Some(Ok(result));
        }
        conflicts.forget(position);
        if !conflicts.positions().is_empty() {
            return Some(Err(self.duplicates(item, conflicts)));
        }
        self.reserve(1);
        let place = X::place(&self.tables, &self.slab, &self.state, position);
        X::leave(&mut self.tables, place);
        let mut unindexed = Unindexed {
            map: self,
            position,
            indexed: false,
        };
        if !X::SPOTS_LAST {
            spot = unindexed.map.spot_to_insert(&item, position).0;
        }
        X::enter(&mut unindexed.map.tables, spot, position);
        unindexed.indexed = true;
        drop(unindexed);
        self.slab.replace(position, item);
        Some(Ok(result))
    }
}
