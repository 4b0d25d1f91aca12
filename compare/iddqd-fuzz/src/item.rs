//! Records that are items of both crates, and hashers for them.

use equivalent::{Comparable, Equivalent};
use foldhash::fast::{FixedState, FoldHasher};
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use std::fmt::Debug;
use std::hash::{BuildHasher, Hash, Hasher};

/// A kind of key: what a record keeps, and what is borrowed from it.
pub(crate) trait Field {
    type Own: Clone + Debug + PartialEq + Serialize;
    type Key<'a>: Copy + Debug + Hash + Ord;
    /// What maps are asked with: not the key itself, where that is possible.
    type Query: ?Sized;

    /// Whether idmap tells such a key by what it is where iddqd does by its hash, in maps by one key.
    const IS_NUMBER: bool = false;

    /// Key `n` of as many different ones.
    fn own(n: u32) -> Self::Own;
    fn lend(own: &Self::Own) -> Self::Key<'_>;
    fn query(own: &Self::Own) -> &Self::Query;
}

/// Integers at both ends of their range.
pub(crate) struct Number;

impl Field for Number {
    const IS_NUMBER: bool = true;

    type Own = u64;
    type Key<'a> = u64;
    type Query = u64;

    fn own(n: u32) -> u64 {
        if n.is_multiple_of(2) {
            n.into()
        } else {
            u64::MAX - u64::from(n)
        }
    }

    fn lend(own: &u64) -> u64 {
        *own
    }

    fn query(own: &u64) -> &u64 {
        own
    }
}

/// Strings: short ones, ones with a long beginning in common, one that is empty, some that begin another.
pub(crate) struct Text;

impl Field for Text {
    type Own = String;
    type Key<'a> = &'a str;
    type Query = str;

    fn own(n: u32) -> String {
        match n % 4 {
            0 if n == 0 => String::new(),
            0 => "n".repeat(n as usize / 4),
            1 => format!("{n}"),
            2 => format!("rack/0000000000/sled/{n:04}"),
            _ => format!("z\u{e9}\0{n}"),
        }
    }

    fn lend(own: &String) -> &str {
        own
    }

    fn query(own: &String) -> &str {
        own
    }
}

/// A key of two fields, one of them borrowed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct Place<'a> {
    rack: &'a str,
    slot: u16,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub(crate) struct PlaceBuf {
    rack: String,
    slot: u16,
}

impl Equivalent<Place<'_>> for PlaceBuf {
    fn equivalent(&self, key: &Place<'_>) -> bool {
        Places::lend(self) == *key
    }
}

impl Comparable<Place<'_>> for PlaceBuf {
    fn compare(&self, key: &Place<'_>) -> Ordering {
        Places::lend(self).cmp(key)
    }
}

/// [`Place`]s, looked for by [`PlaceBuf`]s.
pub(crate) struct Places;

impl Field for Places {
    type Own = PlaceBuf;
    type Key<'a> = Place<'a>;
    type Query = PlaceBuf;

    fn own(n: u32) -> PlaceBuf {
        let rack = format!("rack-{}", n / 3);
        let slot = (n % 3) as u16;
        PlaceBuf { rack, slot }
    }

    fn lend(own: &PlaceBuf) -> Place<'_> {
        let rack = &own.rack;
        Place {
            rack,
            slot: own.slot,
        }
    }

    fn query(own: &PlaceBuf) -> &PlaceBuf {
        own
    }
}

/// A number that has one hash for all.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub(crate) struct Blunt(u32);

impl Hash for Blunt {
    fn hash<H: Hasher>(&self, state: &mut H) {
        0_u8.hash(state);
    }
}

/// Keys of which no hash tells that they have changed.
pub(crate) struct Blunts;

impl Field for Blunts {
    type Own = Blunt;
    type Key<'a> = Blunt;
    type Query = Blunt;

    fn own(n: u32) -> Blunt {
        Blunt(n.reverse_bits())
    }

    fn lend(own: &Blunt) -> Blunt {
        *own
    }

    fn query(own: &Blunt) -> &Blunt {
        own
    }
}

/// A record to be made: the numbers of its keys, and what it is told from others by.
#[derive(Clone, Debug)]
pub struct Row {
    pub keys: [u32; 3],
    pub tag: u32,
}

macro_rules! upcast_and_keys {
    ($lib:ident, $Item:ident, $K1:ident $K2:ident $K3:ident) => {
        impl $lib::IdHashItem for $Item {
            type Key<'a> = <$K1 as Field>::Key<'a>;

            fn key(&self) -> Self::Key<'_> {
                <$K1>::lend(&self.key1)
            }

            $lib::id_upcast!();
        }

        impl $lib::IdOrdItem for $Item {
            type Key<'a> = <$K1 as Field>::Key<'a>;

            fn key(&self) -> Self::Key<'_> {
                <$K1>::lend(&self.key1)
            }

            $lib::id_upcast!();
        }

        impl $lib::BiHashItem for $Item {
            type K1<'a> = <$K1 as Field>::Key<'a>;
            type K2<'a> = <$K2 as Field>::Key<'a>;

            fn key1(&self) -> Self::K1<'_> {
                <$K1>::lend(&self.key1)
            }

            fn key2(&self) -> Self::K2<'_> {
                <$K2>::lend(&self.key2)
            }

            $lib::bi_upcast!();
        }

        impl $lib::TriHashItem for $Item {
            type K1<'a> = <$K1 as Field>::Key<'a>;
            type K2<'a> = <$K2 as Field>::Key<'a>;
            type K3<'a> = <$K3 as Field>::Key<'a>;

            fn key1(&self) -> Self::K1<'_> {
                <$K1>::lend(&self.key1)
            }

            fn key2(&self) -> Self::K2<'_> {
                <$K2>::lend(&self.key2)
            }

            fn key3(&self) -> Self::K3<'_> {
                <$K3>::lend(&self.key3)
            }

            $lib::tri_upcast!();
        }
    };
}

macro_rules! item {
    ($Item:ident: $K1:ident $K2:ident $K3:ident) => {
        #[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
        pub(crate) struct $Item {
            key1: <$K1 as Field>::Own,
            key2: <$K2 as Field>::Own,
            key3: <$K3 as Field>::Own,
            pub(crate) tag: u32,
            pub(crate) count: u32,
        }

        impl Eq for $Item {}

        impl $Item {
            pub(crate) fn new(row: &Row) -> Self {
                Self {
                    key1: <$K1>::own(row.keys[0]),
                    key2: <$K2>::own(row.keys[1]),
                    key3: <$K3>::own(row.keys[2]),
                    tag: row.tag,
                    count: 0,
                }
            }

            /// Changes a key.
            pub(crate) fn set(&mut self, by: usize, to: u32) {
                match by {
                    0 => self.key1 = <$K1>::own(to),
                    1 => self.key2 = <$K2>::own(to),
                    _ => self.key3 = <$K3>::own(to),
                }
            }
        }

        upcast_and_keys!(idmap, $Item, $K1 $K2 $K3);
        upcast_and_keys!(iddqd, $Item, $K1 $K2 $K3);
    };
}

item!(Numbers: Number Number Number);
item!(Texts: Text Text Text);
item!(Composites: Places Places Places);
item!(Blunted: Blunts Blunts Blunts);
item!(Mixed: Text Number Places);

/// Hashes that differ where keys do.
#[derive(Clone, Default)]
pub(crate) struct Spread;

impl BuildHasher for Spread {
    type Hasher = FoldHasher<'static>;

    fn build_hasher(&self) -> Self::Hasher {
        FixedState::with_seed(1).build_hasher()
    }
}

/// Hashes of which there are three.
#[derive(Clone, Default)]
pub(crate) struct Shared;

pub(crate) struct Few(FoldHasher<'static>);

impl BuildHasher for Shared {
    type Hasher = Few;

    fn build_hasher(&self) -> Few {
        Few(Spread.build_hasher())
    }
}

impl Hasher for Few {
    fn finish(&self) -> u64 {
        (self.0.finish() % 3) << 62 | 1
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0.write(bytes);
    }
}

/// What a hasher of the maps is.
pub(crate) trait Hashes: BuildHasher + Clone + Default {
    /// Whether keys share hashes.
    const SHARED: bool;
}

impl Hashes for Spread {
    const SHARED: bool = false;
}

impl Hashes for Shared {
    const SHARED: bool = true;
}
