// What the examples of the documentation are about: a record, of maps with one key.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct User {
    pub name: &'static str,
    pub age: u8,
}

impl idmap::IdHashItem for User {
    type Key<'a> = &'a str;
    fn key(&self) -> &str {
        self.name
    }
    idmap::id_upcast!();
}

impl idmap::IdOrdItem for User {
    type Key<'a> = &'a str;
    fn key(&self) -> &str {
        self.name
    }
    idmap::id_upcast!();
}

/// Three of them, in no order.
pub fn users<M: FromIterator<User>>() -> M {
    [("eve", 41), ("ada", 36), ("bob", 4)].map(|(name, age)| User { name, age }).into_iter().collect()
}
