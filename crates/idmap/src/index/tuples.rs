//! Several indexes as one.

use super::{Conflicts, Index, Indexes};
use crate::allocator::{Allocator, Global};
use crate::errors::TryReserveError;
use crate::slab::{Position, Slab};
use alloc::string::String;
use alloc::vec::Vec;

macro_rules! tuple {
    ($n:literal: $($X:ident $at:tt),+) => {
        impl<$($X: Indexes),+> Indexes for ($($X,)+) {
            type Tables<A: Allocator> = ($($X::Tables<A>,)+);
            const EMPTY: Self::Tables<Global> = ($($X::EMPTY,)+);

            fn new_in<A: Allocator>(alloc: &mut dyn FnMut() -> A) -> Self::Tables<A> {
                ($($X::new_in(alloc),)+)
            }
        }

        impl<T, S, $($X: Index<T, S, Print = [u64; 1]>),+> Index<T, S> for ($($X,)+) {
            const UNIQUE: usize = 0 $(+ $X::UNIQUE)+;
            const ALL_UNIQUE: bool = true $(&& $X::ALL_UNIQUE)+;
            const SPOTS_LAST: bool = true $(&& $X::SPOTS_LAST)+;
            type Spot = ($($X::Spot,)+);
            type Place = ($($X::Place,)+);
            type Print = [u64; $n];

            #[inline]
            fn print(state: &S, item: &T) -> Self::Print {
                [$($X::print(state, item)[0]),+]
            }

            #[inline]
            fn prepare<A: Allocator>(tables: &mut Self::Tables<A>, item: &T) {
                $($X::prepare(&mut tables.$at, item);)+
            }

            #[inline]
            fn spot<A: Allocator>(
                tables: &Self::Tables<A>,
                slab: &Slab<T, A>,
                state: &S,
                item: (&T, Position),
                conflicts: &mut Conflicts,
            ) -> Self::Spot {
                ($($X::spot(&tables.$at, slab, state, item, conflicts),)+)
            }

            #[inline]
            fn place<A: Allocator>(tables: &Self::Tables<A>, slab: &Slab<T, A>, state: &S, position: Position) -> Self::Place {
                ($($X::place(&tables.$at, slab, state, position),)+)
            }

            #[inline]
            fn try_reserve<A: Allocator>(tables: &mut Self::Tables<A>, additional: usize) -> Result<(), TryReserveError> {
                $($X::try_reserve(&mut tables.$at, additional)?;)+
                Ok(())
            }

            #[inline]
            fn insert<A: Allocator>(tables: &mut Self::Tables<A>, spot: Self::Spot, position: Position) {
                $($X::insert(&mut tables.$at, spot.$at, position);)+
            }

            #[inline]
            fn remove<A: Allocator>(tables: &mut Self::Tables<A>, place: Self::Place) {
                $($X::remove(&mut tables.$at, place.$at);)+
            }

            fn leave<A: Allocator>(tables: &mut Self::Tables<A>, place: Self::Place) {
                $($X::leave(&mut tables.$at, place.$at);)+
            }

            fn enter<A: Allocator>(tables: &mut Self::Tables<A>, spot: Self::Spot, position: Position) {
                $($X::enter(&mut tables.$at, spot.$at, position);)+
            }

            fn orders<A: Allocator>(tables: &Self::Tables<A>, orders: &mut Vec<Vec<Position>>) {
                $($X::orders(&tables.$at, orders);)+
            }

            fn extract<A: Allocator>(tables: &mut Self::Tables<A>, place: Self::Place) {
                $($X::extract(&mut tables.$at, place.$at);)+
            }

            fn restore<A: Allocator>(
                tables: &mut Self::Tables<A>,
                orders: &mut dyn Iterator<Item = Vec<Position>>,
                is_left: &dyn Fn(Position) -> bool,
            ) {
                $($X::restore(&mut tables.$at, orders, is_left);)+
            }

            fn clear<A: Allocator>(tables: &mut Self::Tables<A>) {
                $($X::clear(&mut tables.$at);)+
            }

            fn retain<A: Allocator>(tables: &mut Self::Tables<A>, keep: &dyn Fn(Position) -> bool) {
                $($X::retain(&mut tables.$at, keep);)+
            }

            fn remap<A: Allocator>(tables: &mut Self::Tables<A>, moved: &[Position]) {
                $($X::remap(&mut tables.$at, moved);)+
            }

            fn shrink<A: Allocator>(tables: &mut Self::Tables<A>, min_capacity: usize) {
                $($X::shrink(&mut tables.$at, min_capacity);)+
            }

            fn check<A: Allocator>(tables: &Self::Tables<A>, slab: &Slab<T, A>) -> Result<(), String> {
                $($X::check(&tables.$at, slab).map_err(|error| alloc::format!("index {}: {error}", $at + 1))?;)+
                Ok(())
            }
        }
    };
}

tuple!(1: X1 0);
tuple!(2: X1 0, X2 1);
tuple!(3: X1 0, X2 1, X3 2);
tuple!(4: X1 0, X2 1, X3 2, X4 3);
tuple!(5: X1 0, X2 1, X3 2, X4 3, X5 4);
tuple!(6: X1 0, X2 1, X3 2, X4 3, X5 4, X6 5);
