//! Records that borrow, under lifetimes of any name.

use idmap::{IdHashItem, IdHashMap, IdOrdItem, IdOrdMap, id_upcast};

struct Keyed<'key>(&'key str);

impl<'key> IdOrdItem for Keyed<'key> {
    type Key<'a>
        = &'key str
    where
        Self: 'a;
    fn key(&self) -> &'key str {
        self.0
    }
    id_upcast!();
}

struct Item<'item>(&'item str);

impl<'item> IdHashItem for Item<'item> {
    type Key<'a>
        = &'item str
    where
        Self: 'a;
    fn key(&self) -> &'item str {
        self.0
    }
    id_upcast!();
}

#[test]
fn a_key_may_live_longer_than_the_map() {
    let text = String::from("a key");
    let (found, hashed) = {
        let map: IdOrdMap<Keyed<'_>> = [Keyed(&text)].into_iter().collect();
        let hashed: IdHashMap<Item<'_>> = [Item(&text)].into_iter().collect();
        (
            map.get(&*text).map(|it| it.0),
            hashed.get(&*text).map(|it| it.0),
        )
    };
    assert_eq!((found, hashed), (Some("a key"), Some("a key")));
}

#[cfg(feature = "derive")]
#[test]
fn an_ordered_index_may_borrow_what_its_records_borrow() {
    use idmap::{IdMap, Indexed};

    #[derive(Debug, Indexed)]
    #[index(Both = (name, r#type), ord)]
    struct Crate<'k, const N: usize, T: Ord + std::hash::Hash = u8> {
        #[index(ord, unique)]
        name: &'k str,
        #[index(ord)]
        r#type: T,
        #[index(hash)]
        self_: [u8; N],
    }

    let text = String::from("x");
    let item = Crate {
        name: &text,
        r#type: 2,
        self_: [1, 2],
    };
    let map: IdMap<Crate<'_, 2>> = [item].into_iter().collect();
    assert_eq!(map.by(crate_::Name).get("x").map(|it| it.r#type), Some(2));
    assert_eq!(map.by(crate_::Type).range(1..).count(), 1);
    assert_eq!(map.by(crate_::Both).starting_with(&"x").count(), 1);
    assert_eq!(map.by(crate_::Self_).get_all(&&[1, 2]).count(), 1);
}
