//! What an arena and a region do alike; only the lifetime of the result differs.

use super::ArenaError;
use crate::raw::arena::{Arena, Owned, Region, Source};
use core::alloc::Layout;
use core::mem;
use core::ptr::NonNull;

#[inline(always)]
#[track_caller]
fn or_panic<T>(result: Result<T, ArenaError>) -> T {
    match result {
        Ok(it) => it,
        Err(error) => error.raise(),
    }
}

/// Refuses types with a destructor where the program is built.
macro_rules! has_no_destructor {
    ($type:ty) => {
        const {
            assert!(
                !mem::needs_drop::<$type>(),
                "the type has a destructor: use `alloc_drop`, which runs it when the arena takes \
                 the memory back, or `alloc_owned`, which runs it with the handle"
            )
        }
    };
}

/// A method that panics, and the one that returns the error.
macro_rules! allocating {
    (
        $(#[doc = $doc:literal])*
        $name:ident, $try_name:ident
        $(<$type:ident $(: $bound:path $(, $more:lifetime)?)?>)?
        ($($argument:ident: $argument_type:ty),*) -> $result:ty
        $body:block with $self:ident
    ) => {
        $(#[doc = $doc])*
        ///
        /// # Panics
        /// Where the form with `try_` returns an error.
        #[inline(always)]
        #[track_caller]
        pub fn $name$(<$type $(: $bound $(+ $more)?)?>)?(&$self, $($argument: $argument_type),*) -> $result {
            or_panic($body)
        }

        $(#[doc = $doc])*
        ///
        /// # Errors
        /// The arena's limit would be exceeded, or the allocator has no memory. What was to be put
        /// into the arena is dropped.
        #[inline(always)]
        pub fn $try_name$(<$type $(: $bound $(+ $more)?)?>)?(
            &$self,
            $($argument: $argument_type),*
        ) -> Result<$result, ArenaError> {
            $body
        }
    };
}

macro_rules! allocation_methods {
    ($r:lifetime) => {
        allocating! {
            /// Puts a value into the arena. For types without a destructor; others don't build.
            ///
            /// # Examples
            ///
            /// ```
            /// let arena = memscope::arena::Arena::new();
            /// let (one, two) = (arena.alloc(1), arena.alloc(2));
            /// *one += *two;
            /// assert_eq!(arena.try_alloc(*one), Ok(&mut 3));
            /// ```
            ///
            /// ```compile_fail,E0080
            /// let arena = memscope::arena::Arena::new();
            /// arena.alloc(String::new());
            /// ```
            alloc, try_alloc<T>(value: T) -> &$r mut T {
                has_no_destructor!(T);
                self.try_put(value)
            } with self
        }

        allocating! {
            /// Puts a value into the arena whose destructor runs when the arena takes the memory
            /// back: at a reset, a rewind, the end of the child, or with the arena. Destructors run
            /// newest first.
            ///
            /// The value is `'static`, since what it could borrow may be gone by then, and `Send`,
            /// since the arena may have been sent. [`alloc_owned`](Self::alloc_owned) asks for
            /// neither. Such a value takes 16 bytes more than another; its type's alignment counts
            /// for these too. A type without a destructor is put as [`alloc`](Self::alloc) does.
            ///
            /// # Examples
            ///
            /// ```
            /// use std::sync::Arc;
            ///
            /// let mut arena = memscope::arena::Arena::new();
            /// let shared = Arc::new(());
            /// arena.alloc_drop(Arc::clone(&shared));
            /// arena.try_alloc_drop(Arc::clone(&shared))?;
            /// assert_eq!(Arc::strong_count(&shared), 3);
            /// arena.reset();
            /// assert_eq!(Arc::strong_count(&shared), 1);
            /// # Ok::<(), memscope::arena::ArenaError>(())
            /// ```
            alloc_drop, try_alloc_drop<T: Send, 'static>(value: T) -> &$r mut T {
                self.try_put_drop(value)
            } with self
        }

        allocating! {
            /// Puts a value into the arena that is dropped with the handle, as a `Box`'s is.
            ///
            /// # Examples
            ///
            /// ```
            /// let arena = memscope::arena::Arena::new();
            /// let mut list = arena.alloc_owned(vec![1, 2]);
            /// list.extend(arena.try_alloc_owned(vec![3])?.iter());
            /// assert_eq!(*list, [1, 2, 3]);
            /// # Ok::<(), memscope::arena::ArenaError>(())
            /// ```
            alloc_owned, try_alloc_owned<T>(value: T) -> Owned<$r, T> {
                self.try_put_owned(value)
            } with self
        }

        allocating! {
            /// Puts a copy of a text into the arena.
            ///
            /// # Examples
            ///
            /// ```
            /// let arena = memscope::arena::Arena::new();
            /// let text = arena.alloc_str("abc");
            /// text.make_ascii_uppercase();
            /// assert_eq!(arena.try_alloc_str(text).as_deref(), Ok("ABC"));
            /// ```
            alloc_str, try_alloc_str(text: &str) -> &$r mut str {
                self.try_put_str(text)
            } with self
        }

        allocating! {
            /// Puts a copy of a slice into the arena.
            ///
            /// # Examples
            ///
            /// ```
            /// let arena = memscope::arena::Arena::new();
            /// assert_eq!(arena.alloc_slice_copy(&[1, 2]), [1, 2]);
            /// assert!(arena.try_alloc_slice_copy::<u8>(&[]).is_ok());
            /// ```
            alloc_slice_copy, try_alloc_slice_copy<T: Copy>(values: &[T]) -> &$r mut [T] {
                self.try_put_copy(values)
            } with self
        }

        allocating! {
            /// A block of memory, with undefined content. It is valid for as long as a value that was
            /// allocated here would be; reading and writing it is the caller's own affair.
            ///
            /// Blocks of size 0 need no memory and may share an address.
            ///
            /// # Examples
            ///
            /// ```
            /// use std::alloc::Layout;
            ///
            /// let arena = memscope::arena::Arena::new();
            /// let page = Layout::from_size_align(100, 4096).unwrap();
            /// assert!(arena.alloc_layout(page).addr().get().is_multiple_of(4096));
            /// let all = Layout::from_size_align(isize::MAX as usize, 1).unwrap();
            /// assert!(arena.try_alloc_layout(all).is_err());
            /// ```
            alloc_layout, try_alloc_layout(layout: Layout) -> NonNull<u8> {
                self.try_block(layout)
            } with self
        }

        /// Puts the value that a closure makes into the arena; its room is taken first, so that the
        /// compiler can make it in place. The closure may allocate here too. If it panics, the room
        /// is lost until the arena takes the memory back.
        ///
        /// # Panics
        /// There is no room; see [`try_alloc_with`](Self::try_alloc_with).
        ///
        /// # Examples
        ///
        /// ```
        /// let arena = memscope::arena::Arena::new();
        /// assert_eq!(arena.alloc_with(|| [7; 1000])[999], 7);
        /// ```
        #[inline(always)]
        #[track_caller]
        pub fn alloc_with<T>(&self, make: impl FnOnce() -> T) -> &$r mut T {
            has_no_destructor!(T);
            or_panic(self.try_put_with(make))
        }

        /// Puts the value that a closure makes into the arena, as [`alloc_with`](Self::alloc_with).
        ///
        /// # Errors
        /// There is no room for the value. The closure is not called.
        ///
        /// # Examples
        ///
        /// ```
        /// let arena = memscope::arena::Arena::new();
        /// assert_eq!(arena.try_alloc_with(|| 1), Ok(&mut 1));
        /// ```
        #[inline(always)]
        pub fn try_alloc_with<T>(&self, make: impl FnOnce() -> T) -> Result<&$r mut T, ArenaError> {
            has_no_destructor!(T);
            self.try_put_with(make)
        }

        /// Puts a slice into the arena whose values a closure makes from their index. For types
        /// without a destructor. The closure may allocate here too.
        ///
        /// # Panics
        /// There is no room; see [`try_alloc_slice_fill_with`](Self::try_alloc_slice_fill_with).
        ///
        /// # Examples
        ///
        /// ```
        /// let arena = memscope::arena::Arena::new();
        /// assert_eq!(arena.alloc_slice_fill_with(3, |index| index * index), [0, 1, 4]);
        /// ```
        #[inline(always)]
        #[track_caller]
        pub fn alloc_slice_fill_with<T>(
            &self,
            len: usize,
            make: impl FnMut(usize) -> T,
        ) -> &$r mut [T] {
            has_no_destructor!(T);
            or_panic(self.try_put_slice(len, make))
        }

        /// Puts a slice into the arena, as [`alloc_slice_fill_with`](Self::alloc_slice_fill_with).
        ///
        /// # Errors
        /// There is no room for the slice. The closure is not called.
        ///
        /// # Examples
        ///
        /// ```
        /// let arena = memscope::arena::Arena::new();
        /// assert!(arena.try_alloc_slice_fill_with(usize::MAX, |_| 0_u64).is_err());
        /// ```
        #[inline(always)]
        pub fn try_alloc_slice_fill_with<T>(
            &self,
            len: usize,
            make: impl FnMut(usize) -> T,
        ) -> Result<&$r mut [T], ArenaError> {
            has_no_destructor!(T);
            self.try_put_slice(len, make)
        }

        /// Puts all values of an iterator into the arena, as a slice. For types without a destructor.
        ///
        /// What the iterator says of its length is taken as a hint. The slice grows in place, as
        /// long as nothing else is allocated here meanwhile, which the iterator may do.
        ///
        /// # Panics
        /// There is no room; see [`try_alloc_from_iter`](Self::try_alloc_from_iter).
        ///
        /// # Examples
        ///
        /// ```
        /// let arena = memscope::arena::Arena::new();
        /// let even = arena.alloc_from_iter((0..10).filter(|it| it % 2 == 0));
        /// assert_eq!(even, [0, 2, 4, 6, 8]);
        /// ```
        #[track_caller]
        pub fn alloc_from_iter<T>(&self, values: impl IntoIterator<Item = T>) -> &$r mut [T] {
            has_no_destructor!(T);
            or_panic(self.try_collect(values.into_iter()))
        }

        /// Puts all values of an iterator into the arena, as [`alloc_from_iter`](Self::alloc_from_iter).
        ///
        /// # Errors
        /// There is no room for the values. What the iterator has given is lost.
        ///
        /// # Examples
        ///
        /// ```
        /// use memscope::arena::{Arena, Config};
        ///
        /// let arena = Arena::with_config(Config::new().limit(1 << 16));
        /// assert!(arena.try_alloc_from_iter(0_u64..).is_err());
        /// ```
        pub fn try_alloc_from_iter<T>(
            &self,
            values: impl IntoIterator<Item = T>,
        ) -> Result<&$r mut [T], ArenaError> {
            has_no_destructor!(T);
            self.try_collect(values.into_iter())
        }
    };
}

impl<A: Source> Arena<A> {
    allocation_methods!('_);
}

impl<'r, A: Source> Region<'r, A> {
    allocation_methods!('r);
}
