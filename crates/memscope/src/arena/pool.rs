//! Arenas that are used again: one a request.

use super::Config;
use crate::raw::arena::{Arena, Heap, Region, Source};
use crate::sync::{Mutex, lock};
use core::fmt;
use core::ops::{Deref, DerefMut};

/// Arenas that wait, with their chunks, for the next request.
///
/// It is shared by reference. The lock is held to take an arena out or to put one in; an arena is
/// reset before it is put in. The arena that was put in last goes out first, as it is the one that is
/// most likely still in the cache.
///
/// # Examples
///
/// ```
/// use memscope::arena::{ArenaPool, Config};
///
/// let pool = ArenaPool::new(8, Config::new().keep(1 << 20));
/// std::thread::scope(|threads| {
///     for request in 0..4 {
///         let pool = &pool;
///         threads.spawn(move || {
///             let arena = pool.get();
///             let line = arena.alloc_str("GET /");
///             assert_eq!(line.len() + request, 5 + request);
///         });
///     }
/// });
/// assert!((1..=4).contains(&pool.idle()));
/// ```
pub struct ArenaPool<A: Source = Heap> {
    /// Has its capacity from the beginning, so that nothing is allocated under the lock.
    idle: Mutex<Vec<Arena<A>>>,
    idle_max: usize,
    config: Config,
    source: A,
}

/// An arena of a pool, which goes back when this is dropped.
///
/// It can be sent to another thread, as a task is at an `await`.
///
/// # Examples
///
/// ```
/// use memscope::arena::{ArenaPool, Config};
///
/// let pool = ArenaPool::new(1, Config::new());
/// let mut request = pool.get();
/// request.alloc(1);
/// request.scope(|region| *region.alloc(2) + 1);
/// drop(request);
/// assert_eq!(pool.idle(), 1);
/// ```
pub struct PooledArena<'p, A: Source + Clone = Heap> {
    pool: &'p ArenaPool<A>,
    /// Is there until this is dropped.
    arena: Option<Arena<A>>,
}

impl ArenaPool {
    /// A pool that keeps at most `idle_max` arenas over the program's allocator.
    ///
    /// How much each of them keeps is [`Config::keep`]; the two bound what an idle pool holds.
    ///
    /// # Examples
    ///
    /// ```
    /// use memscope::arena::{ArenaPool, Config};
    ///
    /// let pool = ArenaPool::new(4, Config::new().keep(64 * 1024));
    /// assert_eq!(pool.idle(), 0);
    /// ```
    #[must_use]
    pub fn new(idle_max: usize, config: Config) -> Self {
        Self::with_source(idle_max, config, Heap)
    }
}

impl<A: Source + Clone> ArenaPool<A> {
    /// A pool of arenas that take their chunks from clones of `source`.
    ///
    /// # Examples
    ///
    /// ```
    /// use memscope::arena::{ArenaPool, Config, Heap};
    ///
    /// let pool = ArenaPool::with_source(4, Config::new(), Heap);
    /// assert_eq!(*pool.get().alloc(1), 1);
    /// ```
    pub fn with_source(idle_max: usize, config: Config, source: A) -> Self {
        Self {
            idle: Mutex::new(Vec::with_capacity(idle_max)),
            idle_max,
            config: config.outside_scopes(),
            source,
        }
    }

    /// An arena: one that waits, or a new one. It is empty.
    ///
    /// # Examples
    ///
    /// ```
    /// use memscope::arena::{ArenaPool, Config};
    ///
    /// let pool = ArenaPool::new(4, Config::new());
    /// pool.get().alloc(1);
    /// let warm = pool.get();
    /// assert_eq!((warm.stats().used, warm.stats().chunks), (0, 1));
    /// ```
    pub fn get(&self) -> PooledArena<'_, A> {
        let idle = lock(&self.idle).pop();
        let fresh = || Arena::with_source(self.config, self.source.clone());
        PooledArena {
            pool: self,
            arena: Some(idle.unwrap_or_else(fresh)),
        }
    }

    /// Runs a closure with the region of an arena of the pool.
    ///
    /// # Examples
    ///
    /// ```
    /// use memscope::arena::{ArenaPool, Config};
    ///
    /// let pool = ArenaPool::new(4, Config::new());
    /// let len = pool.scope(|region| region.alloc_str("request").len());
    /// assert_eq!((len, pool.idle()), (7, 1));
    /// ```
    pub fn scope<R>(&self, f: impl for<'c> FnOnce(&mut Region<'c, A>) -> R) -> R {
        f(&mut self.get().as_region())
    }

    /// How many arenas wait.
    ///
    /// # Examples
    ///
    /// ```
    /// use memscope::arena::{ArenaPool, Config};
    ///
    /// let pool = ArenaPool::new(1, Config::new());
    /// let (one, two) = (pool.get(), pool.get());
    /// drop((one, two));
    /// assert_eq!(pool.idle(), 1);
    /// ```
    pub fn idle(&self) -> usize {
        lock(&self.idle).len()
    }

    /// Takes an empty arena back, or returns it when there are enough.
    fn put(&self, arena: Arena<A>) -> Option<Arena<A>> {
        let mut idle = lock(&self.idle);
        if idle.len() < self.idle_max {
            idle.push(arena);
            return None;
        }
        Some(arena)
    }
}

const THERE: &str = "the arena is there until it is dropped";

impl<A: Source + Clone> Deref for PooledArena<'_, A> {
    type Target = Arena<A>;

    fn deref(&self) -> &Arena<A> {
        self.arena.as_ref().expect(THERE)
    }
}

impl<A: Source + Clone> DerefMut for PooledArena<'_, A> {
    fn deref_mut(&mut self) -> &mut Arena<A> {
        self.arena.as_mut().expect(THERE)
    }
}

impl<A: Source + Clone> Drop for PooledArena<'_, A> {
    fn drop(&mut self) {
        let Some(mut arena) = self.arena.take() else {
            return;
        };
        // If a destructor panics here, the arena is dropped and not put back.
        arena.reset();
        // One too many is dropped when the lock is free.
        drop(self.pool.put(arena));
    }
}

impl<A: Source> fmt::Debug for ArenaPool<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ArenaPool")
            .field("idle_max", &self.idle_max)
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}

impl<A: Source + Clone> fmt::Debug for PooledArena<'_, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}
