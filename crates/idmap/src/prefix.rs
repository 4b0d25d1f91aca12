//! Numbers that agree with the order of keys, so that most comparisons look at no record.

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use castaway::cast;

/// The beginning of a key: `a < b` where it is less in `a` than in `b`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prefix {
    pub(crate) bits: u64,
    /// Whether keys are equal where their prefixes are.
    pub(crate) exact: bool,
}

impl Prefix {
    pub(crate) const fn exact(bits: u64) -> Self {
        Self { bits, exact: true }
    }

    const fn begin(bits: u64) -> Self {
        Self { bits, exact: false }
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

/// A string of bytes compares as the number that its first eight make, the missing ones being 0.
#[inline]
fn of_bytes(bytes: &[u8]) -> Prefix {
    if let Some(first) = bytes.first_chunk::<8>() {
        return Prefix::begin(u64::from_be_bytes(*first));
    }
    let mut first = [0; 8];
    first[..bytes.len()].copy_from_slice(bytes);
    Prefix::begin(u64::from_be_bytes(first))
}

const SIGN: u64 = 1 << 63;

has_prefix! {
    [] bool, key => Prefix::exact(u64::from(*key));
    [] char, key => Prefix::exact(u64::from(*key));
    [] u8, key => Prefix::exact(u64::from(*key));
    [] u16, key => Prefix::exact(u64::from(*key));
    [] u32, key => Prefix::exact(u64::from(*key));
    [] u64, key => Prefix::exact(*key);
    [] usize, key => Prefix::exact(*key as u64);
    [] u128, key => Prefix::begin((*key >> 64) as u64);
    [] i8, key => Prefix::exact(*key as u64 ^ SIGN);
    [] i16, key => Prefix::exact(*key as u64 ^ SIGN);
    [] i32, key => Prefix::exact(*key as u64 ^ SIGN);
    [] i64, key => Prefix::exact(*key as u64 ^ SIGN);
    [] isize, key => Prefix::exact(*key as u64 ^ SIGN);
    [] i128, key => Prefix::begin((*key >> 64) as u64 ^ SIGN);
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
    [A: HasPrefix, B] (A, B), key => Prefix::begin(key.0.prefix().bits);
    [A: HasPrefix, B, C] (A, B, C), key => Prefix::begin(key.0.prefix().bits);
    [A: HasPrefix, B, C, D] (A, B, C, D), key => Prefix::begin(key.0.prefix().bits);
    [A: HasPrefix] Option<A>, key => key.as_ref().map_or(Prefix::begin(0), |some| Prefix::begin(some.prefix().bits >> 1 | SIGN));
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
