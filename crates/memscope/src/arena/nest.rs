//! Arenas that are made, parts of them that end with a closure, and what comes out of those.

use super::{Config, Mark};
use crate::raw::arena::{Arena, Heap, Region, Source};

impl Arena {
    /// An empty arena over the program's allocator. It allocates nothing yet.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(memscope::arena::Arena::new().stats().held, 0);
    /// ```
    #[must_use]
    pub const fn new() -> Self {
        Self::with_config(Config::new())
    }

    /// An empty arena over the program's allocator, set up otherwise. It allocates nothing yet.
    ///
    /// # Examples
    ///
    /// ```
    /// use memscope::arena::{Arena, Config};
    ///
    /// let arena = Arena::with_config(Config::new().limit(0));
    /// assert!(arena.try_alloc(1).is_err());
    /// ```
    #[must_use]
    pub const fn with_config(config: Config) -> Self {
        Self::with_source(config, Heap)
    }
}

impl Default for Arena {
    fn default() -> Self {
        Self::new()
    }
}

impl<A: Source> Arena<A> {
    /// Makes a mark here, to [go back](Self::rewind) to. It takes 32 bytes of the arena.
    ///
    /// # Panics
    /// There is no room for it.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut arena = memscope::arena::Arena::new();
    /// let mark = arena.mark();
    /// arena.alloc_str("a try that failed");
    /// arena.rewind(mark)?;
    /// # Ok::<(), memscope::arena::StaleMark>(())
    /// ```
    #[track_caller]
    pub fn mark(&self) -> Mark {
        match self.try_put_mark() {
            Ok(mark) => mark,
            Err(error) => error.raise(),
        }
    }

    /// Runs a closure with a child of this arena, and takes back what it allocated.
    ///
    /// Nothing of the child can leave the closure: its lifetime is known to the closure alone.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut arena = memscope::arena::Arena::new();
    /// let sum: u64 = arena.scope(|region| region.alloc_from_iter(1..=100).iter().sum());
    /// assert_eq!((sum, arena.stats().used), (5050, 0));
    /// ```
    ///
    /// ```compile_fail
    /// let mut arena = memscope::arena::Arena::new();
    /// let escaped = arena.scope(|region| region.alloc(1));
    /// ```
    pub fn scope<R>(&mut self, f: impl for<'c> FnOnce(&mut Region<'c, A>) -> R) -> R {
        f(&mut self.child().enter())
    }

    /// Runs a closure with a child of this arena, and returns a copy on the heap of what it gives.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut arena = memscope::arena::Arena::new();
    /// let name: String = arena.copy_out(|region| region.alloc_str("name"));
    /// assert_eq!(name, "name");
    /// ```
    pub fn copy_out<T: ToOwned + ?Sized>(
        &mut self,
        f: impl for<'c> FnOnce(&mut Region<'c, A>) -> &'c T,
    ) -> T::Owned {
        f(&mut self.child().enter()).to_owned()
    }
}

impl<'r, A: Source> Region<'r, A> {
    /// Runs a closure with a child of this region, and takes back what it allocated.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut arena = memscope::arena::Arena::new();
    /// let mut region = arena.as_region();
    /// let list = region.alloc_slice_copy(&[3, 1, 2]);
    /// let sum: i32 = region.scope(|child| child.alloc_slice_copy(list).iter().sum());
    /// assert_eq!(sum, 6);
    /// ```
    pub fn scope<R>(&mut self, f: impl for<'c> FnOnce(&mut Region<'c, A>) -> R) -> R {
        f(&mut self.child().enter())
    }

    /// Runs a closure with a child of this region, and returns a copy on the heap of what it gives.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut arena = memscope::arena::Arena::new();
    /// let list = arena.as_region().copy_out(|child| child.alloc_slice_copy(&[1, 2]));
    /// assert_eq!(list, vec![1, 2]);
    /// ```
    pub fn copy_out<T: ToOwned + ?Sized>(
        &mut self,
        f: impl for<'c> FnOnce(&mut Region<'c, A>) -> &'c T,
    ) -> T::Owned {
        f(&mut self.child().enter()).to_owned()
    }

    /// Runs a closure with a child of this region, and puts the value that it returns into this one.
    ///
    /// # Panics
    /// There is no room for it.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut arena = memscope::arena::Arena::new();
    /// let mut region = arena.as_region();
    /// let largest: &mut i32 = region.promote(|child| {
    ///     *child.alloc_from_iter([3, 9, 4]).iter().max().unwrap()
    /// });
    /// assert_eq!(*largest, 9);
    /// ```
    #[track_caller]
    pub fn promote<T>(&mut self, f: impl for<'c> FnOnce(&mut Region<'c, A>) -> T) -> &'r mut T {
        let value = self.scope(f);
        self.alloc(value)
    }

    /// Runs a closure with a child of this region, and puts a copy of the slice that it gives into
    /// this one. The copy goes by way of the heap: it lies where the child's memory was.
    ///
    /// # Panics
    /// There is no room for it.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut arena = memscope::arena::Arena::new();
    /// let mut region = arena.as_region();
    /// let sorted = region.promote_slice(|child| {
    ///     let list = child.alloc_slice_copy(&[3, 1, 2]);
    ///     list.sort();
    ///     list
    /// });
    /// assert_eq!(sorted, [1, 2, 3]);
    /// ```
    #[track_caller]
    pub fn promote_slice<T: Copy>(
        &mut self,
        f: impl for<'c> FnOnce(&mut Region<'c, A>) -> &'c [T],
    ) -> &'r mut [T] {
        let values = self.copy_out(f);
        self.alloc_slice_copy(&values)
    }

    /// Runs a closure with a child of this region, and puts a copy of the text that it gives into
    /// this one, as [`promote_slice`](Self::promote_slice).
    ///
    /// # Panics
    /// There is no room for it.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut arena = memscope::arena::Arena::new();
    /// let mut region = arena.as_region();
    /// let name = region.promote_str(|child| &child.alloc_str("a long line")[2..6]);
    /// assert_eq!(name, "long");
    /// ```
    #[track_caller]
    pub fn promote_str(
        &mut self,
        f: impl for<'c> FnOnce(&mut Region<'c, A>) -> &'c str,
    ) -> &'r mut str {
        let text = self.copy_out(f);
        self.alloc_str(&text)
    }
}
