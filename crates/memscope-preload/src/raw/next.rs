//! The allocator that stands behind this library, and memory for the time before it is known.

use core::ffi::{CStr, c_int, c_void};

use super::exports;
use crate::sync::{AtomicU32, AtomicU64, AtomicUsize, Ordering};
use crate::tracker;

/// A function of the next allocator; 0 before it is known, and where there is none.
pub(crate) struct Next(AtomicUsize);

macro_rules! next {
    ($($(#[$doc:meta])* $name:ident, $symbol:literal, fn($($argument:ident: $type:ty),*), $result:ty, $without:expr;)*) => {
        struct All { $($name: Next,)* }

        static ALL: All = All { $($name: Next(AtomicUsize::new(0)),)* };

        impl All {
            fn resolve(&self) {
                $(self.$name.0.store(symbol(libc::RTLD_NEXT, $symbol), Ordering::Relaxed);)*
            }
        }

        $(
            $(#[$doc])*
            ///
            /// # Safety
            /// - As for the C function of that name.
            #[inline]
            pub(crate) unsafe fn $name($($argument: $type),*) -> $result {
                let address = ALL.$name.0.load(Ordering::Relaxed);
                if address == 0 {
                    $without
                } else {
                    let pointer = std::ptr::with_exposed_provenance::<c_void>(address);
                    // SAFETY: the address is that of the function of this name, whose signature the C standard or the
                    // C library's manual gives.
                    let function = unsafe {
                        std::mem::transmute::<*const c_void, unsafe extern "C" fn($($type),*) -> $result>(pointer)
                    };
                    // SAFETY: by the caller's contract.
                    unsafe { function($($argument),*) }
                }
            }
        )*
    };
}

next! {
    /// `malloc`.
    malloc, c"malloc", fn(bytes: usize), *mut c_void, std::ptr::null_mut();
    /// `calloc`.
    calloc, c"calloc", fn(count: usize, bytes: usize), *mut c_void, std::ptr::null_mut();
    /// `realloc`.
    realloc, c"realloc", fn(block: *mut c_void, bytes: usize), *mut c_void, std::ptr::null_mut();
    /// `free`.
    free, c"free", fn(block: *mut c_void), (), {};
    /// `posix_memalign`.
    posix_memalign, c"posix_memalign", fn(place: *mut *mut c_void, alignment: usize, bytes: usize), c_int, libc::ENOMEM;
    /// `aligned_alloc`.
    aligned_alloc, c"aligned_alloc", fn(alignment: usize, bytes: usize), *mut c_void, std::ptr::null_mut();
    /// `memalign`.
    memalign, c"memalign", fn(alignment: usize, bytes: usize), *mut c_void, std::ptr::null_mut();
    /// `valloc`.
    valloc, c"valloc", fn(bytes: usize), *mut c_void, std::ptr::null_mut();
    /// `pvalloc`.
    pvalloc, c"pvalloc", fn(bytes: usize), *mut c_void, std::ptr::null_mut();
}

/// C++'s `operator new`, whose way to fail is an exception.
static NEW: Next = Next(AtomicUsize::new(0));
static IS_OF_LIBC: AtomicU32 = AtomicU32::new(0);

const UNKNOWN: u32 = 0;
const LOOKING: u32 = 1;
const KNOWN: u32 = 2;
static STATE: AtomicU32 = AtomicU32::new(UNKNOWN);

/// Whether the next allocator is known. The first call looks for it; calls meanwhile get `false`.
#[inline]
pub(crate) fn is_known() -> bool {
    // ORDERING: Acquire; the partner is the last store of `look`.
    STATE.load(Ordering::Acquire) == KNOWN || look()
}

#[expect(
    clippy::fn_to_numeric_cast_any,
    reason = "an address inside this library"
)]
#[cold]
fn look() -> bool {
    let first = STATE.compare_exchange(UNKNOWN, LOOKING, Ordering::Acquire, Ordering::Acquire);
    if first.is_err() {
        return first == Err(KNOWN);
    }
    ALL.resolve();
    let of_libc = symbol(libc::RTLD_DEFAULT, c"__libc_malloc");
    let is_it = of_libc != 0 && of_libc == ALL.malloc.0.load(Ordering::Relaxed);
    IS_OF_LIBC.store(u32::from(is_it), Ordering::Relaxed);
    let has_operators = has_own_operators();
    let own: extern "C" fn(usize) -> *mut c_void = exports::allocate;
    tracker::begin(own as usize, has_operators);
    // ORDERING: Release; the partner is `is_known`.
    STATE.store(KNOWN, Ordering::Release);
    true
}

/// Whether the next allocator is the C library's, which ends the process at a pointer that it doesn't know.
pub(crate) fn is_of_libc() -> bool {
    IS_OF_LIBC.load(Ordering::Relaxed) == 1
}

fn symbol(scope: *mut c_void, name: &CStr) -> usize {
    // SAFETY: a scope of the loader's, and a name that ends with a zero byte.
    unsafe { libc::dlsym(scope, name.as_ptr()) }.expose_provenance()
}

/// Whether the process has `operator new` and `operator delete` of this library. It is asked before anything is recorded:
/// the loader allocates its message that a C program has none.
#[expect(clippy::fn_to_numeric_cast_any, reason = "addresses are compared")]
fn has_own_operators() -> bool {
    NEW.0
        .store(symbol(libc::RTLD_NEXT, c"_Znwm"), Ordering::Relaxed);
    let new: unsafe extern "C-unwind" fn(usize) -> *mut c_void = exports::operators::_Znwm;
    let delete: unsafe extern "C-unwind" fn(*mut c_void) = exports::operators::_ZdlPv;
    symbol(libc::RTLD_DEFAULT, c"_Znwm") == new as usize
        && symbol(libc::RTLD_DEFAULT, c"_ZdlPv") == delete as usize
}

/// `operator new` where `malloc` has failed: it calls the handlers, and throws.
pub(crate) fn operator_new(bytes: usize) -> *mut c_void {
    let address = NEW.0.load(Ordering::Relaxed);
    if address == 0 {
        return std::ptr::null_mut();
    }
    let pointer = std::ptr::with_exposed_provenance::<c_void>(address);
    // SAFETY: the address is that of `operator new(unsigned long)`, of which this is the signature.
    let function = unsafe {
        std::mem::transmute::<*const c_void, unsafe extern "C-unwind" fn(usize) -> *mut c_void>(
            pointer,
        )
    };
    // SAFETY: it has no condition.
    unsafe { function(bytes) }
}

const EARLY_WORDS: usize = 8192;
static EARLY: Early = Early([const { AtomicU64::new(0) }; EARLY_WORDS]);
static EARLY_USED: AtomicUsize = AtomicUsize::new(0);

#[repr(align(16))]
struct Early([AtomicU64; EARLY_WORDS]);

/// Zeroed memory for who asks before the next allocator is known: the loader may, when it is asked for it.
#[cold]
pub(crate) fn early(bytes: usize) -> *mut c_void {
    let words = bytes.max(1).div_ceil(16).saturating_mul(2);
    let at = EARLY_USED.fetch_add(words, Ordering::Relaxed);
    match EARLY.0.get(at..at.saturating_add(words)) {
        Some(words) => words.as_ptr().cast_mut().cast(),
        None => std::ptr::null_mut(),
    }
}

/// Whether a block came from [`early`]: the bytes from it to the end of that memory.
#[inline]
pub(crate) fn early_bytes(block: *mut c_void) -> Option<usize> {
    let offset = block.addr().checked_sub(EARLY.0.as_ptr().addr())?;
    (EARLY_WORDS * 8)
        .checked_sub(offset)
        .filter(|left| *left > 0)
}
