// What the examples of the documentation are about: a record with several keys, and a map by them.

pub use idmap::index::{HashKey, Hashed, HashedMulti, Inserted, OrdKey, Ordered, OrderedMulti};

#[derive(Clone, Debug, PartialEq)]
pub struct Order {
    pub id: u64,
    pub price: u32,
    pub trader: &'static str,
}

pub struct Id;
pub struct Price;
pub struct Trader;

impl HashKey<Order> for Id {
    type Key<'a> = u64;
    fn key(order: &Order) -> u64 {
        order.id
    }
}

impl OrdKey<Order> for Price {
    type Key<'a> = u32;
    fn key(order: &Order) -> u32 {
        order.price
    }
}

impl HashKey<Order> for Trader {
    type Key<'a> = &'a str;
    fn key(order: &Order) -> &str {
        order.trader
    }
}

pub type Orders = idmap::IndexedMap<Order, (Hashed<Id>, OrderedMulti<Price>, HashedMulti<Trader>)>;

/// Of ids 0 to 5 and prices 100 to 95, by two traders in turn.
pub fn orders() -> Orders {
    (0..6).map(|id| Order { id, price: 100 - id as u32, trader: ["ada", "bob"][id as usize % 2] }).collect()
}
