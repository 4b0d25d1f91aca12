//! Keys whose types cannot be keys, and queries that an index cannot answer: the messages are at the field or the call.

use idmap::{IdHashItem, IdMap, Indexed};

#[derive(IdHashItem)]
struct Priced {
    #[key]
    price: f64,
}

#[derive(Indexed)]
struct Order {
    #[index(hash, unique)]
    id: u64,
}

fn main() {
    let orders = IdMap::<Order>::default();
    orders.by(order::Id).range(3..);
}
