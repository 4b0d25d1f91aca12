//! Numbers that agree with the order of keys, so that most comparisons look at no record.

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::string::String;
#[cfg(target_has_atomic = "ptr")]
use alloc::sync::Arc;
use alloc::vec::Vec;
use castaway::cast;
use shared::eight;
pub(crate) use shared::{Mark, Shared};

mod print;
mod shared;
// Safe code by itself; under Miri the tests of the maps run, on keys and allocators that are not.
#[cfg(all(test, not(miri)))]
mod tests;

/// What is known of a key without a look at its record: how it stands to others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prefix<'k>(Of<'k>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Of<'k> {
    /// A number in the order of keys; keys are equal where it is.
    Exact(u64),
    /// The same of the first sixteen bytes; keys may differ where it is equal.
    First(u128),
    /// All bytes. Keys that differ in bytes are in the order of those, `[]` before `[0]`.
    Bytes(&'k [u8]),
    /// The same of a first field: keys may differ where this is equal.
    Field(&'k [u8]),
}

impl<'k> Prefix<'k> {
    pub(crate) const fn exact(number: u64) -> Self {
        Self(Of::Exact(number))
    }

    const fn first(bytes: u128) -> Self {
        Self(Of::First(bytes))
    }

    const fn bytes(bytes: &'k [u8]) -> Self {
        Self(Of::Bytes(bytes))
    }

    /// Whether keys are equal where their prefixes are.
    #[inline]
    pub(crate) const fn is_exact(self) -> bool {
        matches!(self.0, Of::Exact(_))
    }

    /// The same of a key that goes on: keys may differ where this is equal.
    #[inline]
    pub(crate) const fn of_beginning(self) -> Self {
        match self.0 {
            Of::Exact(number) => Self::first((number as u128) << 64),
            Of::Bytes(bytes) => Self(Of::Field(bytes)),
            Of::First(_) | Of::Field(_) => self,
        }
    }

    /// A number that is equal for equal keys alone, if this is one.
    pub(crate) fn number(self) -> Option<u64> {
        match self.0 {
            Of::Exact(number) => Some(number),
            _ => None,
        }
    }

    /// The first sixteen bytes, those that are missing being 0.
    fn wide(self) -> u128 {
        match self.0 {
            Of::Exact(number) => u128::from(number) << 64,
            Of::First(bytes) => bytes,
            Of::Bytes(bytes) | Of::Field(bytes) => {
                let (first, then) = (eight(bytes, 0), eight(bytes, bytes.len().min(8)));
                u128::from(first) << 64 | u128::from(then)
            }
        }
    }
}

mod sealed {
    #[expect(unnameable_types, reason = "nobody is to name it")]
    pub trait Sealed {}
}

/// Keys of which a prefix is known. Sealed: keys and what looks for them must agree on the number.
pub trait HasPrefix: sealed::Sealed {
    /// The prefix.
    fn prefix(&self) -> Prefix<'_>;
}

macro_rules! has_prefix {
    ($([$($generic:tt)*] $type:ty, $key:ident => $prefix:expr;)+) => { $(
        impl<$($generic)*> sealed::Sealed for $type {}
        impl<$($generic)*> HasPrefix for $type {
            #[inline]
            fn prefix(&self) -> Prefix<'_> {
                let $key = self;
                $prefix
            }
        }
    )+ };
}

const SIGN: u64 = 1 << 63;
const WIDE_SIGN: u128 = 1 << 127;

has_prefix! {
    [] bool, key => Prefix::exact(u64::from(*key));
    [] char, key => Prefix::exact(u64::from(*key));
    [] u8, key => Prefix::exact(u64::from(*key));
    [] u16, key => Prefix::exact(u64::from(*key));
    [] u32, key => Prefix::exact(u64::from(*key));
    [] u64, key => Prefix::exact(*key);
    [] usize, key => Prefix::exact(*key as u64);
    [] u128, key => Prefix::first(*key);
    [] i8, key => Prefix::exact(*key as u64 ^ SIGN);
    [] i16, key => Prefix::exact(*key as u64 ^ SIGN);
    [] i32, key => Prefix::exact(*key as u64 ^ SIGN);
    [] i64, key => Prefix::exact(*key as u64 ^ SIGN);
    [] isize, key => Prefix::exact(*key as u64 ^ SIGN);
    [] i128, key => Prefix::first(*key as u128 ^ WIDE_SIGN);
    [] str, key => Prefix::bytes(key.as_bytes());
    [] String, key => Prefix::bytes(key.as_bytes());
    [] [u8], key => Prefix::bytes(key);
    [] Vec<u8>, key => Prefix::bytes(key);
    [const N: usize] [u8; N], key => Prefix::bytes(key);
    [A: HasPrefix + ?Sized] &A, key => (**key).prefix();
    [A: HasPrefix + ?Sized] Box<A>, key => (**key).prefix();
    [A: HasPrefix + ?Sized] Rc<A>, key => (**key).prefix();
    [] Cow<'_, str>, key => Prefix::bytes(key.as_bytes());
    [A: HasPrefix] (A,), key => key.0.prefix();
    [A: HasPrefix, B] (A, B), key => key.0.prefix().of_beginning();
    [A: HasPrefix, B, C] (A, B, C), key => key.0.prefix().of_beginning();
    [A: HasPrefix, B, C, D] (A, B, C, D), key => key.0.prefix().of_beginning();
    [A: HasPrefix] Option<A>, key => key.as_ref().map_or(Prefix::first(0), |some| Prefix::first(some.prefix().wide() >> 1 | WIDE_SIGN));
}

#[cfg(target_has_atomic = "ptr")]
has_prefix! {
    [A: HasPrefix + ?Sized] Arc<A>, key => (**key).prefix();
}

/// The prefix of what somebody looks for: of the types that a standard key can lend itself as.
#[inline]
pub(crate) fn of_query<Q: ?Sized>(query: &Q) -> Option<Prefix<'_>> {
    macro_rules! try_types {
        ($($type:ty),+) => { $( if let Ok(query) = cast!(query, &$type) { return Some(HasPrefix::prefix(query)); } )+ };
    }
    try_types!(
        str,
        String,
        u64,
        u32,
        i64,
        i32,
        usize,
        isize,
        u8,
        u16,
        i8,
        i16,
        u128,
        i128,
        char,
        bool,
        [u8],
        Vec<u8>
    );
    None
}

/// Where [`id_upcast!`](crate::id_upcast) looks whether a key has a prefix: method calls take the first of the two
/// traits that fits, so no bound is needed.
#[derive(Debug)]
pub struct Probe<K>(pub K);

/// The first: for keys that have one.
pub trait Known<'k> {
    /// The prefix.
    fn prefix(&self) -> Option<Prefix<'k>>;
}

impl<'k, K: HasPrefix + ?Sized> Known<'k> for Probe<&'k K> {
    #[inline]
    fn prefix(&self) -> Option<Prefix<'k>> {
        Some(self.0.prefix())
    }
}

/// The second: for all others.
pub trait Unknown {
    /// None.
    fn prefix(&self) -> Option<Prefix<'static>>;
}

impl<K> Unknown for &Probe<K> {
    #[inline]
    fn prefix(&self) -> Option<Prefix<'static>> {
        None
    }
}
