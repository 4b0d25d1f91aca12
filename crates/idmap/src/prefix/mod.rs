//! Numbers that agree with the order of keys, so that most comparisons look at no record.

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use castaway::cast;
use core::cmp::Ordering;

// Safe code by itself; under Miri the tests of the maps run, on keys and allocators that are not.
#[cfg(all(test, not(miri)))]
mod tests;

/// The beginning of a key: `a < b` where it is less in `a` than in `b`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prefix {
    pub(crate) bits: u64,
    /// What follows.
    rest: u64,
    /// Whether keys are equal where `bits` are.
    pub(crate) exact: bool,
}

impl Prefix {
    pub(crate) const fn exact(bits: u64) -> Self {
        Self {
            bits,
            rest: 0,
            exact: true,
        }
    }

    const fn begin(wide: u128) -> Self {
        Self {
            bits: (wide >> 64) as u64,
            rest: wide as u64,
            exact: false,
        }
    }

    /// The same of a key that goes on: keys may differ where this is equal.
    pub(crate) const fn of_beginning(self) -> Self {
        Self {
            exact: false,
            ..self
        }
    }

    const fn wide(self) -> u128 {
        (self.bits as u128) << 64 | self.rest as u128
    }
}

/// The bytes that all keys of a tree begin with, eight at most. Entries have what follows.
///
/// It can only become shorter while a tree has entries; what they have can be told then without a look at a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shared {
    /// The bits behind `len` are 0.
    bits: u64,
    /// In bits.
    len: u32,
}

impl Shared {
    pub(crate) const NOTHING: Self = Self { bits: 0, len: 0 };

    /// For a tree with one key.
    pub(crate) const fn of(prefix: Prefix) -> Self {
        if prefix.exact {
            Self::NOTHING
        } else {
            Self {
                bits: prefix.bits,
                len: 64,
            }
        }
    }

    /// What follows in a key, or how one that begins otherwise stands to the keys of the tree.
    #[inline]
    pub(crate) fn strip(self, prefix: Prefix) -> Result<u64, Ordering> {
        if self.len == 0 {
            return Ok(prefix.bits);
        }
        match self.head(prefix).cmp(&self.bits) {
            Ordering::Equal => Ok((prefix.wide() << self.len >> 64) as u64),
            side => Err(side),
        }
    }

    #[inline]
    fn head(self, prefix: Prefix) -> u64 {
        prefix.bits & !u64::MAX.checked_shr(self.len).unwrap_or(0)
    }

    /// What this and a key have in common.
    pub(crate) fn with(self, prefix: Prefix) -> Self {
        let len = (self.head(prefix) ^ self.bits)
            .leading_zeros()
            .min(self.len)
            & !7;
        let shorter = Self { len, ..self };
        Self {
            bits: shorter.head(Prefix::exact(self.bits)),
            len,
        }
    }

    /// What an entry is to have, of what it had while more was shared.
    pub(crate) fn convert(self, longer: Self, bits: u64) -> u64 {
        let before = u128::from(longer.bits) << 64 | u128::from(bits) << 64 >> longer.len;
        (before << self.len >> 64) as u64
    }
}

mod sealed {
    #[expect(unnameable_types, reason = "nobody is to name it")]
    pub trait Sealed {}
}

/// Keys of which a prefix is known. Sealed: keys and what looks for them must agree on the number.
pub trait HasPrefix: sealed::Sealed {
    /// The prefix.
    fn prefix(&self) -> Prefix;
}

macro_rules! has_prefix {
    ($([$($generic:tt)*] $type:ty, $key:ident => $prefix:expr;)+) => { $(
        impl<$($generic)*> sealed::Sealed for $type {}
        impl<$($generic)*> HasPrefix for $type {
            #[inline]
            fn prefix(&self) -> Prefix {
                let $key = self;
                $prefix
            }
        }
    )+ };
}

/// A string of bytes compares as the number that its first sixteen make, the missing ones being 0.
#[inline]
fn of_bytes(bytes: &[u8]) -> Prefix {
    if let Some(first) = bytes.first_chunk::<16>() {
        return Prefix::begin(u128::from_be_bytes(*first));
    }
    let mut first = [0; 16];
    first[..bytes.len()].copy_from_slice(bytes);
    Prefix::begin(u128::from_be_bytes(first))
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
    [] u128, key => Prefix::begin(*key);
    [] i8, key => Prefix::exact(*key as u64 ^ SIGN);
    [] i16, key => Prefix::exact(*key as u64 ^ SIGN);
    [] i32, key => Prefix::exact(*key as u64 ^ SIGN);
    [] i64, key => Prefix::exact(*key as u64 ^ SIGN);
    [] isize, key => Prefix::exact(*key as u64 ^ SIGN);
    [] i128, key => Prefix::begin(*key as u128 ^ WIDE_SIGN);
    [] str, key => of_bytes(key.as_bytes());
    [] String, key => of_bytes(key.as_bytes());
    [] [u8], key => of_bytes(key);
    [] Vec<u8>, key => of_bytes(key);
    [const N: usize] [u8; N], key => of_bytes(key);
    [A: HasPrefix + ?Sized] &A, key => (**key).prefix();
    [A: HasPrefix + ?Sized] Box<A>, key => (**key).prefix();
    [A: HasPrefix + ?Sized] Rc<A>, key => (**key).prefix();
    [A: HasPrefix + ?Sized] Arc<A>, key => (**key).prefix();
    [] Cow<'_, str>, key => of_bytes(key.as_bytes());
    [A: HasPrefix] (A,), key => key.0.prefix();
    [A: HasPrefix, B] (A, B), key => Prefix::begin(key.0.prefix().wide());
    [A: HasPrefix, B, C] (A, B, C), key => Prefix::begin(key.0.prefix().wide());
    [A: HasPrefix, B, C, D] (A, B, C, D), key => Prefix::begin(key.0.prefix().wide());
    [A: HasPrefix] Option<A>, key => key.as_ref().map_or(Prefix::begin(0), |some| Prefix::begin(some.prefix().wide() >> 1 | WIDE_SIGN));
}

/// The prefix of what somebody looks for: of the types that a standard key can lend itself as.
#[inline]
pub(crate) fn of_query<Q: ?Sized>(query: &Q) -> Option<Prefix> {
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
pub trait Known {
    /// The prefix.
    fn prefix(&self) -> Option<Prefix>;
}

impl<K: HasPrefix + ?Sized> Known for Probe<&K> {
    #[inline]
    fn prefix(&self) -> Option<Prefix> {
        Some(self.0.prefix())
    }
}

/// The second: for all others.
pub trait Unknown {
    /// None.
    fn prefix(&self) -> Option<Prefix>;
}

impl<K> Unknown for &Probe<K> {
    #[inline]
    fn prefix(&self) -> Option<Prefix> {
        None
    }
}
