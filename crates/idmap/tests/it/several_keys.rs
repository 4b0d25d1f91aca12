//! Maps with indexes of the user's choice.

use crate::bi_tri::panic_text;
use adversary::model::Runner;
use idmap::IndexedMap;
use idmap::index::{HashKey, Hashed, HashedMulti, OrdKey, Ordered, OrderedMulti};
use idmap::internal::ValidateCompact;
use proptest::prelude::*;
use std::ops::Bound;

#[derive(Clone, Debug, PartialEq)]
struct Order {
    id: u32,
    price: u32,
    trader: String,
    /// Unique, and ordered.
    sequence: (u8, u32),
}

struct Id;
impl HashKey<Order> for Id {
    type Key<'a> = u32;
    fn key(order: &Order) -> u32 {
        order.id
    }
}

struct Price;
impl OrdKey<Order> for Price {
    type Key<'a> = u32;
    fn key(order: &Order) -> u32 {
        order.price
    }
}

struct Trader;
impl HashKey<Order> for Trader {
    type Key<'a> = &'a str;
    fn key(order: &Order) -> &str {
        &order.trader
    }
}

struct Sequence;
impl OrdKey<Order> for Sequence {
    type Key<'a> = (u8, u32);
    fn key(order: &Order) -> (u8, u32) {
        order.sequence
    }
}

type Orders = IndexedMap<
    Order,
    (
        Hashed<Id>,
        OrderedMulti<Price>,
        HashedMulti<Trader>,
        Ordered<Sequence>,
    ),
>;

fn order(id: u32, price: u32, trader: u32, sequence: u32) -> Order {
    Order {
        id,
        price,
        trader: format!("trader {trader}"),
        sequence: ((sequence % 3) as u8, sequence),
    }
}

#[test]
fn an_order_table_is_found_by_each_of_its_keys() {
    let mut orders = Orders::default();
    for n in 0..100 {
        orders
            .insert_unique(order(n, n % 10 * 5, n % 7, 1000 - n))
            .unwrap();
    }
    assert_eq!(orders.by(Id).get(&42).map(|order| order.price), Some(10));
    assert_eq!(
        orders
            .by(Price)
            .get_all(&20)
            .map(|order| order.id)
            .collect::<Vec<_>>(),
        [4, 14, 24, 34, 44, 54, 64, 74, 84, 94]
    );
    assert_eq!(
        orders.by(Price).range(40..).map(|order| order.price).min(),
        Some(40)
    );
    assert_eq!(
        orders
            .by(Price)
            .range((Bound::Excluded(40), Bound::Unbounded))
            .count(),
        10
    );
    let mut range = orders.by(Price).range(10..20);
    assert_eq!(
        (
            range.next().map(|order| order.price),
            range.next_back().map(|order| order.price)
        ),
        (Some(10), Some(15))
    );
    assert_eq!(range.count(), 18);
    #[expect(clippy::reversed_empty_ranges, reason = "what it does is the question")]
    let reversed = orders.by(Price).range(30..10);
    assert_eq!(reversed.count(), 0);
    assert_eq!(orders.by(Trader).get_all("trader 3").count(), 14);
    assert_eq!(
        orders.by(Sequence).get(&(1, 901)).map(|order| order.id),
        Some(99)
    );
    assert_eq!(
        orders.by(Sequence).first().map(|order| order.sequence),
        Some((0, 903))
    );

    assert_eq!(orders.iter().map(|order| order.id).sum::<u32>(), 4950);
    assert!(format!("{orders:?}").starts_with("{Order { id: 0,"));
    assert_eq!(orders.clone(), orders);

    let handle = orders.by(Id).handle(&42).unwrap();
    orders
        .update_by_handle(handle, |order| order.price = 7)
        .unwrap()
        .unwrap();
    assert_eq!(
        orders
            .by(Price)
            .get_all(&7)
            .map(|order| order.id)
            .collect::<Vec<_>>(),
        [42]
    );
    let taken = orders
        .update_by_handle(handle, |order| order.id = 43)
        .unwrap()
        .unwrap_err();
    assert_eq!(
        taken
            .duplicates()
            .iter()
            .map(|order| order.id)
            .collect::<Vec<_>>(),
        [43]
    );
    let trader: Vec<_> = orders.by(Trader).handles("trader 0").collect();
    trader
        .into_iter()
        .for_each(|handle| drop(orders.remove_by_handle(handle)));
    assert_eq!(
        (orders.len(), orders.by(Trader).contains("trader 0")),
        (85, false)
    );
    orders
        .validate_structural(ValidateCompact::NonCompact)
        .unwrap();
}

#[derive(Clone, Debug)]
enum Op {
    Insert(u32, u32, u32, u32),
    Update(u32, u32, u32, u32),
    Remove(u32),
    RemoveTrader(u32),
    Range(u32, u32),
    Shrink,
}

fn ops() -> impl Strategy<Value = Op> {
    let (id, price, trader, sequence) = (|| 0..16_u32, || 0..6_u32, || 0..4_u32, || 0..16_u32);
    prop_oneof![
        6 => (id(), price(), trader(), sequence()).prop_map(|(id, p, t, s)| Op::Insert(id, p, t, s)),
        4 => (id(), price(), trader(), sequence()).prop_map(|(id, p, t, s)| Op::Update(id, p, t, s)),
        4 => id().prop_map(Op::Remove),
        1 => trader().prop_map(Op::RemoveTrader),
        3 => (price(), price()).prop_map(|(from, to)| Op::Range(from, to)),
        1 => Just(Op::Shrink),
    ]
}

/// The records in no order; they are found by looking at each.
fn step((map, list): &mut (Orders, Vec<Order>), op: &Op) {
    match *op {
        Op::Insert(id, price, trader, sequence) => {
            let new = order(id, price, trader, sequence);
            let free = list
                .iter()
                .all(|kept| kept.id != new.id && kept.sequence != new.sequence);
            assert_eq!(map.insert_unique(new.clone()).is_ok(), free);
            if free {
                list.push(new);
            }
        }
        Op::Update(id, price, trader, sequence) => {
            let new = order((id + trader) % 16, price, trader, sequence);
            let free = list
                .iter()
                .all(|kept| kept.id == id || (kept.id != new.id && kept.sequence != new.sequence));
            let handle = map.by(Id).handle(&id);
            let changed = handle
                .and_then(|handle| map.update_by_handle(handle, |order| *order = new.clone()));
            let kept = list.iter_mut().find(|kept| kept.id == id);
            assert_eq!(
                changed.map(|changed| changed.is_ok()),
                kept.as_ref().map(|_| free)
            );
            if free && let Some(kept) = kept {
                *kept = new;
            }
        }
        Op::Remove(id) => {
            let handle = map.by(Id).handle(&id);
            let removed = handle.and_then(|handle| map.remove_by_handle(handle));
            assert_eq!(
                removed,
                list.iter()
                    .position(|kept| kept.id == id)
                    .map(|at| list.swap_remove(at))
            );
        }
        Op::RemoveTrader(trader) => {
            let trader = format!("trader {trader}");
            let handles: Vec<_> = map.by(Trader).handles(&*trader).collect();
            let removed = handles
                .into_iter()
                .filter_map(|handle| map.remove_by_handle(handle))
                .count();
            let before = list.len();
            list.retain(|kept| kept.trader != trader);
            assert_eq!(removed, before - list.len());
        }
        Op::Range(from, to) => {
            let mut found: Vec<(u32, u32)> = map
                .by(Price)
                .range(from..to)
                .map(|order| (order.price, order.id))
                .collect();
            assert!(found.is_sorted_by_key(|(price, _)| *price));
            found.sort_unstable();
            let kept = list.iter().filter(|kept| (from..to).contains(&kept.price));
            let mut expected: Vec<_> = kept.map(|kept| (kept.price, kept.id)).collect();
            expected.sort_unstable();
            assert_eq!(found, expected);
        }
        Op::Shrink => map.shrink_to_fit(),
    }
    map.validate_structural(ValidateCompact::NonCompact)
        .expect("the structure is whole");
    assert_eq!(map.len(), list.len());
    for kept in &*list {
        assert_eq!(map.by(Id).get(&kept.id), Some(kept));
        assert_eq!(map.by(Sequence).get(&kept.sequence), Some(kept));
        assert!(
            map.by(Price)
                .get_all(&kept.price)
                .any(|order| order == kept)
        );
        assert!(
            map.by(Trader)
                .get_all(&*kept.trader)
                .any(|order| order == kept)
        );
    }
}

#[test]
fn sequences_answer_as_a_list_does() {
    let cases = if cfg!(miri) { 1 } else { 10_000 };
    Runner::new()
        .cases(cases)
        .steps(16)
        .run(&ops(), || (Orders::default(), Vec::new()), step);
}

#[test]
fn a_map_by_ordered_keys_is_changed_in_place_and_told_when_a_key_changes() {
    let mut orders = Orders::with_capacity(4);
    orders.extend((0..10).map(|n| order(n, n, n, n)));
    orders.retain(|order| order.id % 2 == 0);
    let removed: Vec<u32> = orders
        .extract_if(|order| order.id > 4)
        .map(|order| order.id)
        .collect();
    assert_eq!((removed, orders.len()), (vec![6, 8], 3));
    let changes: [fn(&mut Order); 4] = [
        |order| order.id += 10,
        |order| order.price += 10,
        |order| order.trader.push('x'),
        |order| order.sequence.1 += 10,
    ];
    for (at, change) in changes.into_iter().enumerate() {
        let handle = orders.by(Id).handle(&2).unwrap();
        let mut orders = orders.clone();
        let text = panic_text(|| change(&mut orders.get_mut_by_handle(handle).unwrap()));
        assert_eq!(text, format!("key{} changed during RefMut borrow", at + 1));
    }
}

#[test]
fn a_map_of_any_keys_is_made_in_each_way() {
    use idmap::internal::Global;
    use std::hash::RandomState;
    type In<S> = IndexedMap<Order, (OrderedMulti<Price>,), S, Global>;

    let hasher = RandomState::new;
    let maps: [In<RandomState>; 4] = [
        In::with_hasher(hasher()),
        In::with_hasher_in(hasher(), Global),
        In::with_capacity_and_hasher(9, hasher()),
        In::try_with_capacity_and_hasher_in(9, hasher(), Global).unwrap(),
    ];
    assert!(maps[2].capacity() >= 9 && maps[3].capacity() >= 9);
    assert!(In::<RandomState>::try_with_capacity_and_hasher(usize::MAX, hasher()).is_err());
    let maps: [In<idmap::DefaultHashBuilder>; 4] = [
        In::new(),
        In::new_in(Global),
        In::with_capacity_in(9, Global),
        In::try_with_capacity(9).unwrap(),
    ];
    assert!(maps[2].capacity() >= 9 && maps[3].capacity() >= 9);
    for mut map in maps {
        map.extend([order(1, 2, 3, 4), order(2, 1, 3, 5)]);
        assert!(map.iter().map(|order| order.id).eq([1, 2]));
    }
}

#[test]
fn a_record_is_changed_by_any_of_its_unique_keys() {
    let mut orders: Orders = (0..4).map(|n| order(n, n, n, n)).collect();
    let by_both = |orders: &mut Orders, n: u32| {
        let id = orders.by_mut(Id).get_mut(&n).map(|order| order.id);
        let sequence = orders.by_mut(Sequence).get_mut(&((n % 3) as u8, n));
        assert_eq!(id, sequence.map(|order| order.id));
        id
    };
    assert_eq!([3, 4].map(|n| by_both(&mut orders, n)), [Some(3), None]);

    let lent = orders.by_mut(Id).get_disjoint_mut([&2, &7, &0, &2]);
    assert_eq!(
        lent.map(|order| order.map(|order| order.id)),
        [Some(2), None, Some(0), None]
    );
    let [Some(mut first), Some(mut last)] =
        orders.by_mut(Sequence).get_disjoint_mut([&(0, 0), &(0, 3)])
    else {
        panic!("both are there")
    };
    std::mem::swap(&mut first.price, &mut last.price);
    let text = panic_text(|| drop((first, last)));
    assert_eq!(text, "key2 changed during RefMut borrow");

    let mut orders: Orders = (0..4).map(|n| order(n, n, n, n)).collect();
    orders
        .by_mut(Id)
        .update(&2, |order| order.id = 9)
        .unwrap()
        .unwrap();
    let error = orders
        .by_mut(Sequence)
        .update(&(2, 2), |order| order.id = 3);
    assert_eq!(error.unwrap().unwrap_err().duplicates()[0].id, 3);
    assert!(orders.by_mut(Id).update(&2, |_| ()).is_none());
    assert_eq!(
        orders
            .by_mut(Sequence)
            .remove(&(2, 2))
            .map(|order| order.id),
        Some(9)
    );
    assert!(orders.by_mut(Id).remove(&9).is_none());
    assert_eq!(orders.len(), 3);
    orders.validate(ValidateCompact::NonCompact).unwrap();
}

#[test]
fn an_entry_by_one_key_of_several_takes_what_is_in_nobodys_way() {
    let mut orders: Orders = (0..4).map(|n| order(n, n, n, n)).collect();
    let kept = orders
        .by_mut(Id)
        .entry(&2)
        .or_insert_with(|| unreachable!());
    assert_eq!(kept.price, 2);
    drop(kept);
    orders
        .by_mut(Sequence)
        .entry(&(1, 7))
        .or_insert(order(7, 7, 7, 7));
    assert_eq!(orders.by(Id).get(&7).map(|order| order.price), Some(7));
    // Of another, by another key.
    let text = panic_text(|| drop(orders.by_mut(Id).entry(&8).or_insert(order(8, 8, 8, 7))));
    assert_eq!(text, "key already present in map");
    assert_eq!(orders.len(), 5);
    let idmap::entry::Entry::Occupied(entry) = orders.by_mut(Sequence).entry(&(1, 7)) else {
        panic!("it is there")
    };
    assert_eq!(entry.remove().id, 7);
    orders.validate(ValidateCompact::NonCompact).unwrap();
}

#[test]
fn a_map_whose_only_index_is_ordered_goes_in_its_order() {
    type BySequence = IndexedMap<Order, (Ordered<Sequence>,)>;
    let make = |keys: &[u32]| -> BySequence { keys.iter().map(|n| order(*n, 0, 0, *n)).collect() };
    let ids = |map: &BySequence| map.iter().map(|order| order.id).collect::<Vec<_>>();
    let mut map = make(&[5, 1, 4, 0, 3, 2]);
    assert_eq!(ids(&map), [0, 3, 1, 4, 2, 5]);
    assert_eq!(
        (&map).into_iter().rev().map(|order| order.id).next(),
        Some(5)
    );
    assert!(format!("{map:?}").starts_with("{Order { id: 0, "));
    assert!(map == make(&[0, 1, 2, 3, 4, 5]) && map != make(&[0, 1, 2, 3, 4]));
    for mut order in &mut map {
        order.price += order.id;
    }
    assert!(map.iter().all(|order| order.price == order.id));
    let text = panic_text(|| map.iter_mut().for_each(|mut order| order.sequence.0 += 1));
    assert_eq!(text, "key changed during RefMut borrow");
    let mut map = make(&[5, 1, 4, 0, 3, 2]);
    map.retain(|order| order.id % 3 != 1);
    assert_eq!(ids(&map), [0, 3, 2, 5]);
    let mut rest = map.into_iter();
    assert_eq!(rest.next_back().map(|order| order.id), Some(5));
    assert!(rest.map(|order| order.id).eq([0, 3, 2]));
}
