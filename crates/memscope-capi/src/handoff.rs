//! Values that change sides by a call that says so: a `Box` that C frees, and a block of C's that Rust drops.
//!
//! Without such a call each side frees what it made, and what the other side frees is told with both lines.
//!
//! ```
//! use memscope_capi::{handoff, ms_alloc, ms_free};
//!
//! // C gets a value of Rust's, and frees it as any block of its own; the destructor runs then.
//! let name = handoff::give(Box::new(String::from("a name")));
//! // The pointer is C's, which frees it once.
//! unsafe { ms_free(name.cast()) };
//!
//! // Rust gets a block of C's, and drops it as any value of its own.
//! let counter: *mut u64 = ms_alloc(8).cast();
//! // The block is large enough, and nobody uses it meanwhile.
//! unsafe { counter.write(7) };
//! let mut counter = unsafe { handoff::take(counter) }?;
//! *counter += 1;
//! assert_eq!(*counter, 8);
//! # Ok::<(), handoff::Refused>(())
//! ```
//!
//! A handoff is kept in a table behind a lock, of logarithmic complexity; blocks that stay on their side cost nothing more.

use std::any::{TypeId, type_name};
use std::collections::BTreeMap;
use std::fmt;
use std::fmt::Write as _;
use std::ops::{Deref, DerefMut};
use std::panic::Location;

use crate::block;
use crate::registry::{self, Block};
use crate::report::{self, Misuse};
use crate::site::Site;
use crate::sync::{Mutex, MutexGuard, lock};

pub(crate) type Moved = BTreeMap<usize, Side>;

/// What was made on one side and is the other's now, by address.
static MOVED: Mutex<Moved> = Mutex::new(BTreeMap::new());

/// Keeps other threads from it.
pub(crate) fn hold() -> MutexGuard<'static, Moved> {
    lock(&MOVED)
}

/// Whose a block is now.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Side {
    C(Given),
    Rust { block: Block, taken: Site },
}

/// A value that C has.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Given {
    value: *mut u8,
    destroy: unsafe fn(*mut u8),
    of: TypeId,
    name: &'static str,
    size: usize,
    given: Site,
}

// SAFETY: `give` takes values that may be dropped on any thread, and nothing here is used for anything else.
unsafe impl Send for Given {}

/// Gives a value to C, which frees it by `ms_free`: the destructor runs then, on the thread that frees. The block stays
/// where it is, and on the account that it is on.
///
/// What C does not free is told at the end of the process with the line of this call. C can only free it: `ms_realloc`,
/// `ms_transfer` and `ms_keep` tell a fault. A destructor that panics ends the process, for nothing unwinds into C.
///
/// ```
/// use memscope_capi::{handoff, ms_free};
///
/// let text = handoff::give(Box::new(String::from("text")));
/// // The pointer is C's, which frees it once.
/// unsafe { ms_free(text.cast()) };
/// ```
///
/// A value without bytes has no block to free, and does not compile:
///
/// ```compile_fail
/// memscope_capi::handoff::give(Box::new(()));
/// ```
#[track_caller]
#[must_use = "what C does not get it cannot free"]
pub fn give<T: Send + 'static>(value: Box<T>) -> *mut T {
    const { assert!(size_of::<T>() != 0, "a value without bytes has no block") };
    let value = Box::into_raw(value);
    let given = Given {
        value: value.cast(),
        destroy: destroy::<T>,
        of: TypeId::of::<T>(),
        name: type_name::<T>(),
        size: size_of::<T>(),
        given: Site::of_rust(Location::caller()),
    };
    memscope::outside(|| hold().insert(value.addr(), Side::C(given)));
    value
}

/// # Safety
/// - `value` came from `Box::<T>::into_raw`, and nobody uses it after.
unsafe fn destroy<T>(value: *mut u8) {
    // SAFETY: the caller's contract.
    drop(unsafe { Box::from_raw(value.cast::<T>()) });
}

/// Takes back a value that [`give`] gave, and that C has not freed.
///
/// # Errors
/// The address is of no value of this type that C has.
///
/// ```
/// use memscope_capi::handoff;
///
/// let given = handoff::give(Box::new(7_u64));
/// assert!(handoff::take_back(given.cast::<i64>()).is_err());
/// assert_eq!(*handoff::take_back(given)?, 7);
/// assert!(handoff::take_back(given).is_err());
/// # Ok::<(), handoff::Refused>(())
/// ```
pub fn take_back<T: Send + 'static>(pointer: *mut T) -> Result<Box<T>, Refused> {
    let mut moved = hold();
    match moved.get(&pointer.addr()) {
        Some(Side::C(given)) if given.of == TypeId::of::<T>() => {
            let value = given.value.cast::<T>();
            moved.remove(&pointer.addr());
            // SAFETY: `give` has it from `Box::into_raw`, of this type; with its entry gone nobody frees it again.
            Ok(unsafe { Box::from_raw(value) })
        }
        _ => Err(Refused::NotGiven),
    }
}

/// Takes a live block that C made as a value of Rust's: it is dropped, and the block freed, when the answer is. The block
/// stays on the account of the scope that C made it in. An `ms_free` of it is told as a fault from now on.
///
/// # Errors
/// No block begins there, or it is too small or not aligned for a `T`; it is C's then, as before.
///
/// # Safety
/// - The block holds a valid `T`, which nobody uses but by way of the answer.
///
/// ```
/// use memscope_capi::{handoff, ms_alloc};
///
/// let pair: *mut [u32; 2] = ms_alloc(8).cast();
/// // The block is large enough, and nobody else has it.
/// let pair = unsafe {
///     pair.write([1, 2]);
///     handoff::take(pair)?
/// };
/// assert_eq!(pair.iter().sum::<u32>(), 3);
/// # Ok::<(), handoff::Refused>(())
/// ```
#[track_caller]
pub unsafe fn take<T>(pointer: *mut T) -> Result<Taken<T>, Refused> {
    let user = pointer.cast::<u8>();
    let taken = Site::of_rust(Location::caller());
    let (entry, block) = block::found(user).ok_or(Refused::NoBlock)?;
    if block.size < size_of::<T>() {
        return Err(Refused::TooSmall { size: block.size });
    }
    if !pointer.is_aligned() {
        return Err(Refused::NotAligned);
    }
    block::check(user, block, "handoff::take", taken);
    // Before C's next free can look: one of them gets the block.
    memscope::outside(|| hold().insert(user.addr(), Side::Rust { block, taken }));
    entry.set_freed(block.site, taken);
    Ok(Taken { pointer })
}

/// A block of C's with a value that is Rust's.
///
/// ```
/// use memscope_capi::{handoff, ms_calloc, ms_free};
///
/// let numbers: *mut [u32; 3] = ms_calloc(3, 4).cast();
/// // Zeroes are numbers, and nobody else has them.
/// let mut numbers = unsafe { handoff::take(numbers)? };
/// numbers[0] = 7;
/// let numbers = numbers.give_back();
/// // It is C's again.
/// unsafe { ms_free(numbers.cast()) };
/// # Ok::<(), handoff::Refused>(())
/// ```
///
/// # Invariants
/// 1. `pointer` is a block of C's whose entry in the table says that it is Rust's, with a valid value of which this is the
///    one owner.
pub struct Taken<T> {
    pointer: *mut T,
}

// SAFETY: as a `Box<T>`, by invariant 1: the value has one owner, and `ms_free` takes blocks from any thread.
unsafe impl<T: Send> Send for Taken<T> {}
// SAFETY: as a `Box<T>`: a shared reference gives shared references to the value alone.
unsafe impl<T: Sync> Sync for Taken<T> {}

impl<T> Taken<T> {
    /// Gives the block back to C, with the value in it: C frees it, and nobody drops the value.
    #[must_use = "what C does not get it cannot free"]
    pub fn give_back(self) -> *mut T {
        let this = std::mem::ManuallyDrop::new(self);
        this.leave();
        this.pointer
    }

    /// The block is C's again, in the table too.
    fn leave(&self) -> Site {
        let moved = memscope::outside(|| hold().remove(&self.pointer.addr()));
        let entry = registry::find(self.pointer.addr());
        let (Some(entry), Some(Side::Rust { block, taken })) = (entry, moved) else {
            unreachable!("invariant 1: the table has every taken block");
        };
        entry.set_live(block);
        taken
    }
}

impl<T> Deref for Taken<T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: invariant 1, and the reference ends before this does.
        unsafe { &*self.pointer }
    }
}

impl<T> DerefMut for Taken<T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: invariant 1, and the reference ends before this does.
        unsafe { &mut *self.pointer }
    }
}

impl<T> Drop for Taken<T> {
    fn drop(&mut self) {
        /// Frees the block though the destructor panics.
        struct Free<'a, T>(&'a Taken<T>);
        impl<T> Drop for Free<'_, T> {
            fn drop(&mut self) {
                let taken = self.0.leave();
                block::free(self.0.pointer.cast(), taken);
            }
        }
        let free = Free(self);
        // SAFETY: invariant 1; nobody uses the value after.
        unsafe { free.0.pointer.drop_in_place() };
    }
}

impl<T: fmt::Debug> fmt::Debug for Taken<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Taken").field(&**self).finish()
    }
}

/// Why a value stays on its side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refused {
    /// C has no value of this type at the address.
    NotGiven,
    /// No live block of C's begins at the address.
    NoBlock,
    /// The block has fewer bytes than the value.
    TooSmall {
        /// The block's, in bytes.
        size: usize,
    },
    /// The value wants a larger alignment than the block has.
    NotAligned,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotGiven => f.write_str("no value of this type was given to C at this address"),
            Self::NoBlock => f.write_str("no live block of ms_alloc begins at this address"),
            Self::TooSmall { size } => {
                write!(f, "the block has {size} bytes, fewer than the value")
            }
            Self::NotAligned => f.write_str("the block is not aligned for the value"),
        }
    }
}

impl std::error::Error for Refused {}

/// Frees a value that C was given; whether there was one.
#[cold]
pub(crate) fn free(user: *mut u8, site: Site) -> bool {
    let Some(given) = remove_given(user.addr()) else {
        return false;
    };
    // A second free is told with both lines. Blocks of Rust's may begin where none of C's can.
    if user.addr().is_multiple_of(registry::ALIGN)
        && let Some(entry) = registry::find_or_make(user.addr())
    {
        entry.set_freed(given.given, site);
    }
    // SAFETY: `give` made the pair, and whoever removes it is the one to free it.
    unsafe { (given.destroy)(given.value) };
    true
}

fn remove_given(address: usize) -> Option<Given> {
    memscope::outside(|| {
        let mut moved = hold();
        let Side::C(given) = *moved.get(&address)? else {
            return None;
        };
        moved.remove(&address);
        Some(given)
    })
}

/// What is wrong with a call for an address whose value is the other side's.
#[cold]
pub(crate) fn misuse_of(address: usize) -> Option<Misuse> {
    Some(match *hold().get(&address)? {
        Side::C(Given { name, given, .. }) => Misuse::Given { name, given },
        Side::Rust { block, taken } => Misuse::Taken { block, taken },
    })
}

/// Tells of everything that is on the other side when the process ends.
pub(crate) fn check_at_end() {
    let text = memscope::outside(left);
    if !text.is_empty() {
        let text =
            format!("memscope: leak: handed over, and not freed before the process ended:{text}\n");
        report::write(text.as_bytes());
        report::failed();
    }
}

fn left() -> String {
    let mut text = String::new();
    for side in hold().values() {
        // Writing to a string does not fail.
        let _ = match side {
            Side::C(Given {
                name, size, given, ..
            }) => write!(
                text,
                "\n  {}: `{name}` of {size} bytes, given to C",
                given.line()
            ),
            Side::Rust { block, taken } => write!(
                text,
                "\n  {}: a block of {} bytes allocated at {}, taken by Rust",
                taken.line(),
                block.size,
                block.site.line()
            ),
        };
    }
    text
}
