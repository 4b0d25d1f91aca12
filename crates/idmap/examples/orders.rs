//! A table of orders: by id, by price in order, and by trader, who has many.

#![expect(
    clippy::print_stdout,
    reason = "an example prints, and knows what it has put in"
)]

use idmap::{IdMap, Indexed};

#[derive(Clone, Debug, Indexed)]
struct Order {
    #[index(hash, unique)]
    id: u64,
    #[index(ord)]
    price: u32,
    #[index(hash)]
    trader: String,
    quantity: u32,
}

fn main() {
    let mut orders = IdMap::<Order>::default();
    let book = [
        (1, 101, "ada", 5),
        (2, 99, "bob", 7),
        (3, 101, "bob", 1),
        (4, 104, "cy", 2),
        (5, 97, "ada", 9),
    ];
    for (id, price, trader, quantity) in book {
        orders
            .insert_unique(Order {
                id,
                price,
                trader: trader.into(),
                quantity,
            })
            .expect("each id is new");
    }

    let best = orders.by(order::Price).last().expect("there are orders");
    println!("best bid: {} at {}", best.quantity, best.price);
    assert_eq!((best.quantity, best.price), (2, 104));

    let above: u32 = orders
        .by(order::Price)
        .range(100..)
        .map(|order| order.quantity)
        .sum();
    println!("quantity at 100 and above: {above}");
    assert_eq!(above, 8);

    // A new price takes the order to its new level; the other indexes stay as they are.
    orders
        .by_mut(order::Id)
        .update(&5, |order| order.price = 105)
        .expect("it is there")
        .expect("the id is as it was");
    let levels: Vec<_> = orders
        .by(order::Price)
        .iter()
        .rev()
        .map(|order| (order.price, order.id))
        .collect();
    println!("levels from the top: {levels:?}");
    assert!(levels.is_sorted_by(|a, b| a.0 >= b.0));
    assert_eq!(levels[0], (105, 5));

    // A trader leaves.
    let theirs: Vec<_> = orders.by(order::Trader).handles("bob").collect();
    let cancelled: u32 = theirs
        .into_iter()
        .filter_map(|handle| orders.remove_by_handle(handle))
        .map(|order| order.quantity)
        .sum();
    println!(
        "cancelled for bob: {cancelled}, orders left: {}",
        orders.len()
    );
    assert_eq!((cancelled, orders.len()), (8, 3));
    assert!(!orders.by(order::Trader).contains("bob"));
}
