//! A record with keys of each kind.
#![cfg_attr(
    not(feature = "daft"),
    expect(dead_code, reason = "for tests of features")
)]

use idmap::{BiHashItem, IdHashItem, IdOrdItem, TriHashItem, bi_upcast, id_upcast, tri_upcast};

#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "schemars08",
    derive(schemars08::JsonSchema),
    schemars(crate = "schemars08")
)]
pub(crate) struct User {
    pub(crate) name: String,
    pub(crate) id: u32,
    pub(crate) email: String,
}

pub(crate) fn user(name: &str, id: u32, email: &str) -> User {
    User {
        name: name.to_owned(),
        id,
        email: email.to_owned(),
    }
}

impl IdHashItem for User {
    type Key<'a> = &'a str;

    fn key(&self) -> &str {
        &self.name
    }

    id_upcast!();
}

impl IdOrdItem for User {
    type Key<'a> = &'a str;

    fn key(&self) -> &str {
        &self.name
    }

    id_upcast!();
}

impl BiHashItem for User {
    type K1<'a> = &'a str;
    type K2<'a> = u32;

    fn key1(&self) -> &str {
        &self.name
    }

    fn key2(&self) -> u32 {
        self.id
    }

    bi_upcast!();
}

impl TriHashItem for User {
    type K1<'a> = &'a str;
    type K2<'a> = u32;
    type K3<'a> = &'a str;

    fn key1(&self) -> &str {
        &self.name
    }

    fn key2(&self) -> u32 {
        self.id
    }

    fn key3(&self) -> &str {
        &self.email
    }

    tri_upcast!();
}
