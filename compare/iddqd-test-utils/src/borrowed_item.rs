//! A record that borrows all it has.

use iddqd::{BiHashItem, IdHashItem, IdOrdItem, TriHashItem, bi_upcast, id_upcast, tri_upcast};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::path::Path;

/// Three keys, none of them owned by the record.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct BorrowedItem<'a> {
    #[serde(borrow)]
    pub key1: &'a str,
    // Not borrowed from the input: JSON has no bytes.
    pub key2: Cow<'a, [u8]>,
    #[serde(borrow)]
    pub key3: &'a Path,
}

impl<'a> IdHashItem for BorrowedItem<'a> {
    type Key<'k>
        = &'k str
    where
        Self: 'k;

    fn key(&self) -> Self::Key<'_> {
        self.key1
    }

    id_upcast!();
}

impl<'a> IdOrdItem for BorrowedItem<'a> {
    type Key<'k>
        = &'k str
    where
        Self: 'k;

    fn key(&self) -> Self::Key<'_> {
        self.key1
    }

    id_upcast!();
}

impl<'a> BiHashItem for BorrowedItem<'a> {
    type K1<'k>
        = &'k str
    where
        Self: 'k;
    type K2<'k>
        = &'k [u8]
    where
        Self: 'k;

    fn key1(&self) -> Self::K1<'_> {
        self.key1
    }

    fn key2(&self) -> Self::K2<'_> {
        &self.key2
    }

    bi_upcast!();
}

impl<'a> TriHashItem for BorrowedItem<'a> {
    type K1<'k>
        = &'k str
    where
        Self: 'k;
    type K2<'k>
        = &'k [u8]
    where
        Self: 'k;
    type K3<'k>
        = &'k Path
    where
        Self: 'k;

    fn key1(&self) -> Self::K1<'_> {
        self.key1
    }

    fn key2(&self) -> Self::K2<'_> {
        &self.key2
    }

    fn key3(&self) -> Self::K3<'_> {
        self.key3
    }

    tri_upcast!();
}
