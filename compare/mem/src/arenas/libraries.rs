//! Pools of C libraries that are loaded where the machine has them.

use super::contenders::{Bump, Line};
use libloading::Library;
use std::alloc::Layout;
use std::ffi::{CStr, c_char, c_int, c_void};
use std::marker::PhantomData;
use std::ptr::{self, NonNull};
use std::slice;
use std::sync::OnceLock;

type Handle = *mut c_void;

/// A library with pools.
pub trait Pools: Sized + 'static {
    const NAME: &str;
    const FILE: &str;

    /// Finds the functions, and initialises the library.
    fn load(library: &Library) -> Result<Self, libloading::Error>;
    fn create(&self) -> Handle;
    fn alloc(&self, pool: Handle, size: usize) -> *mut c_void;
    fn clear(&self, pool: Handle);
    fn destroy(&self, pool: Handle);
    fn loaded() -> &'static OnceLock<Result<Self, String>>;
}

/// The library, or why it is not there.
pub fn get<L: Pools>() -> Result<&'static L, String> {
    let loaded = L::loaded().get_or_init(|| {
        // SAFETY: these libraries run no code of their own when they are loaded.
        let library = unsafe { Library::new(L::FILE) };
        // It stays for good: its functions are kept.
        let library = library.map(Box::new).map(Box::leak);
        let loaded = library.and_then(|it| L::load(it));
        loaded.map_err(|error| format!("{}: {error}", L::NAME))
    });
    loaded.as_ref().map_err(Clone::clone)
}

/// A pool.
pub struct Pool<L: Pools> {
    library: &'static L,
    pool: Handle,
    of: PhantomData<L>,
}

impl<L: Pools> Pool<L> {
    #[inline]
    fn put<T: Copy>(&self, value: T) -> &T {
        let block = self.block(Layout::new::<T>()).cast::<T>();
        // SAFETY: the block is aligned to 8 as `T` is here, as long as `T`, fresh, and lives until the pool is cleared,
        // for which nothing may be borrowed from it.
        unsafe {
            block.write(value);
            block.as_ref()
        }
    }

    #[inline]
    fn copy<T: Copy>(&self, values: &[T]) -> &[T] {
        let block = self.block(Layout::for_value(values)).cast::<T>();
        // SAFETY: as for `put`.
        unsafe {
            ptr::copy_nonoverlapping(values.as_ptr(), block.as_ptr(), values.len());
            slice::from_raw_parts(block.as_ptr(), values.len())
        }
    }
}

impl<L: Pools> Bump for Pool<L> {
    const NAME: &str = L::NAME;

    fn fresh() -> Self {
        let library = get::<L>().expect("it was looked for before");
        Self {
            library,
            pool: library.create(),
            of: PhantomData,
        }
    }
    fn number(&self, value: u64) -> &u64 {
        self.put(value)
    }
    fn line(&self, value: Line) -> &Line {
        self.put(value)
    }
    fn block(&self, layout: Layout) -> NonNull<u8> {
        let block = self.library.alloc(self.pool, layout.size());
        NonNull::new(block.cast()).expect("there is memory")
    }
    fn text<'a>(&'a self, text: &str) -> &'a str {
        std::str::from_utf8(self.copy(text.as_bytes())).expect("a copy of a text")
    }
    fn numbers<'a>(&'a self, values: &[u32]) -> &'a [u32] {
        self.copy(values)
    }
    fn reset(&mut self) {
        self.library.clear(self.pool);
    }
}

impl<L: Pools> Drop for Pool<L> {
    fn drop(&mut self) {
        self.library.destroy(self.pool);
    }
}

/// The pools of the Apache Portable Runtime.
pub struct Apr {
    create: unsafe extern "C" fn(*mut Handle, Handle, Handle, Handle) -> c_int,
    alloc: unsafe extern "C" fn(Handle, usize) -> *mut c_void,
    clear: unsafe extern "C" fn(Handle),
    destroy: unsafe extern "C" fn(Handle),
}

impl Pools for Apr {
    const NAME: &str = "APR pool";
    const FILE: &str = "libapr-1.so.0";

    fn load(library: &Library) -> Result<Self, libloading::Error> {
        // SAFETY: the types are those of apr_pools.h and apr_general.h.
        unsafe {
            let initialize = library.get::<unsafe extern "C" fn() -> c_int>(b"apr_initialize\0")?;
            initialize();
            Ok(Self {
                create: *library.get(b"apr_pool_create_ex\0")?,
                alloc: *library.get(b"apr_palloc\0")?,
                clear: *library.get(b"apr_pool_clear\0")?,
                destroy: *library.get(b"apr_pool_destroy\0")?,
            })
        }
    }

    fn create(&self) -> Handle {
        let none = ptr::null_mut();
        let mut pool = none;
        // SAFETY: without a parent, a function for failures and an allocator, it makes its own.
        unsafe { (self.create)(&raw mut pool, none, none, none) };
        pool
    }

    fn alloc(&self, pool: Handle, size: usize) -> *mut c_void {
        // SAFETY: the pool lives.
        unsafe { (self.alloc)(pool, size) }
    }

    fn clear(&self, pool: Handle) {
        // SAFETY: the pool lives, and nothing of it is borrowed.
        unsafe { (self.clear)(pool) }
    }

    fn destroy(&self, pool: Handle) {
        // SAFETY: the pool lives until now.
        unsafe { (self.destroy)(pool) }
    }

    fn loaded() -> &'static OnceLock<Result<Self, String>> {
        static LOADED: OnceLock<Result<Apr, String>> = OnceLock::new();
        &LOADED
    }
}

/// The pools of Samba's talloc, whose blocks can each be freed and be parents.
pub struct Talloc {
    pool: unsafe extern "C" fn(Handle, usize) -> Handle,
    named: unsafe extern "C" fn(Handle, usize, *const c_char) -> *mut c_void,
    free_children: unsafe extern "C" fn(Handle),
    free: unsafe extern "C" fn(Handle, *const c_char) -> c_int,
}

const HERE: &CStr = c"compare-mem";

impl Pools for Talloc {
    const NAME: &str = "talloc pool";
    const FILE: &str = "libtalloc.so.2";

    fn load(library: &Library) -> Result<Self, libloading::Error> {
        // SAFETY: the types are those of talloc.h.
        unsafe {
            Ok(Self {
                pool: *library.get(b"talloc_pool\0")?,
                named: *library.get(b"talloc_named_const\0")?,
                free_children: *library.get(b"talloc_free_children\0")?,
                free: *library.get(b"_talloc_free\0")?,
            })
        }
    }

    fn create(&self) -> Handle {
        // SAFETY: a context without a parent.
        unsafe { (self.pool)(ptr::null_mut(), 4 << 20) }
    }

    fn alloc(&self, pool: Handle, size: usize) -> *mut c_void {
        // SAFETY: the pool lives, and the name for good.
        unsafe { (self.named)(pool, size, HERE.as_ptr()) }
    }

    fn clear(&self, pool: Handle) {
        // SAFETY: the pool lives, and nothing of it is borrowed.
        unsafe { (self.free_children)(pool) }
    }

    fn destroy(&self, pool: Handle) {
        // SAFETY: the pool lives until now.
        unsafe { (self.free)(pool, HERE.as_ptr()) };
    }

    fn loaded() -> &'static OnceLock<Result<Self, String>> {
        static LOADED: OnceLock<Result<Talloc, String>> = OnceLock::new();
        &LOADED
    }
}
