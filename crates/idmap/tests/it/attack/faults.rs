//! Panics, lies and failures of memory in a map with an index of each kind.

use adversary::alloc::Scripted;
use adversary::countdown::{self, Fault, Run};
use adversary::drops::Ledger;
use adversary::liar::script::random;
use adversary::liar::{Liar, Lie};
use allocator_api2::alloc::Global;
use idmap::index::{HashKey, Hashed, HashedMulti, OrdKey, Ordered, OrderedMulti};
use idmap::internal::ValidateCompact;
use idmap::{Handle, IndexedMap};
use std::cmp::Ordering::{Equal, Greater, Less};
use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, DefaultHasher};

#[derive(Clone, Debug)]
struct Order {
    id: Liar<u32>,
    place: Liar<u32>,
    group: Liar<u32>,
    price: Liar<u32>,
}

impl PartialEq for Order {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id && self.price == other.price
    }
}

fn order(n: u32, ledger: &Ledger) -> Order {
    let key = |value| Liar::new(value).counted(ledger);
    Order {
        id: key(n),
        place: key(1000_u32.wrapping_sub(n)),
        group: key(n % 3),
        price: key(n % 5),
    }
}

macro_rules! keys {
    ($($name:ident $trait:ident $field:ident;)+) => { $(
        struct $name;
        impl $trait<Order> for $name {
            type Key<'a> = &'a Liar<u32>;
            fn key(order: &Order) -> &Liar<u32> {
                &order.$field
            }
        }
    )+ };
}

keys! {
    Id HashKey id;
    Place OrdKey place;
    Group HashKey group;
    Price OrdKey price;
}

type Orders = IndexedMap<
    Order,
    (
        Hashed<Id>,
        Ordered<Place>,
        HashedMulti<Group>,
        OrderedMulti<Price>,
    ),
    BuildHasherDefault<DefaultHasher>,
    Scripted<Global>,
>;

struct State {
    ledger: Ledger,
    map: Orders,
    handles: Vec<Handle>,
}

fn setup(records: u32) -> State {
    let ledger = Ledger::new();
    let mut map = Orders::with_hasher_in(BuildHasherDefault::default(), Scripted::new(Global));
    let mut handles = Vec::new();
    for n in 0..records {
        let handle = map.insert_unique_handle(order(n * 2, &ledger));
        handles.push(handle.expect("nobody is in the way"));
    }
    State {
        ledger,
        map,
        handles,
    }
}

fn check<R>(mut state: State, _: Run<R>) {
    let map = &mut state.map;
    map.validate_structural(ValidateCompact::NonCompact)
        .expect("it is whole");
    assert_eq!(map.iter().count(), map.len());
    map.shrink_to_fit();
    map.validate_structural(ValidateCompact::Compact)
        .expect("it is packed");
    for n in 2000..2008 {
        map.insert_unique(order(n - 1999 + 500, &state.ledger))
            .expect("nobody is in the way");
    }
    map.validate(ValidateCompact::NonCompact)
        .expect("each record is where its keys say");
    assert_eq!(
        map.by(Group).get_all(&Liar::new(1)).count(),
        map.iter().filter(|it| *it.group.get() == 1).count()
    );
    drop(state.map);
    state.ledger.assert_clean();
}

type Operation = fn(&mut State);

const OPERATIONS: [Operation; 14] = [
    |state| drop(state.map.insert_unique(order(7, &state.ledger))),
    |state| drop(state.map.insert_unique(order(8, &state.ledger))),
    |state| state.map.extend([order(9, &state.ledger)]),
    |state| {
        // It is in the way of two.
        let mut new = order(6, &state.ledger);
        new.place = Liar::new(1000 - 2).counted(&state.ledger);
        state.map.extend([new, order(11, &state.ledger)]);
    },
    |state| {
        let change = |it: &mut Order| it.group = Liar::new(9);
        drop(state.map.update_by_handle(state.handles[2], change));
    },
    |state| {
        let change = |it: &mut Order| it.place = Liar::new(2000);
        drop(state.map.update_by_handle(state.handles[1], change));
    },
    |state| {
        let change = |it: &mut Order| it.id = Liar::new(4);
        drop(state.map.update_by_handle(state.handles[1], change));
    },
    |state| drop(state.map.remove_by_handle(state.handles[1])),
    |state| drop(state.map.clone()),
    |state| {
        state.map.remove_by_handle(state.handles[0]);
        state.map.shrink_to_fit();
    },
    |state| state.map.clear(),
    |state| drop(state.map.drain().nth(1)),
    |state| drop(state.map.try_reserve(50)),
    |state| {
        let _ = state.map == state.map.clone();
    },
];

#[test]
fn a_panic_in_each_call_of_each_operation_leaves_all_indexes_whole() {
    let records = if cfg!(miri) { 3 } else { 20 };
    let swept: u64 = OPERATIONS
        .iter()
        .map(|operation| countdown::for_each_call(|| setup(records), operation, check))
        .sum();
    assert!(swept > 100, "{swept}");
}

#[test]
fn a_panic_of_the_allocator_leaves_all_indexes_whole() {
    let sizes: &[u32] = if cfg!(miri) {
        &[4]
    } else {
        &[4, 16, 32, 64, 90]
    };
    let mut swept = 0;
    for operation in OPERATIONS {
        for records in sizes {
            swept += countdown::for_each(Fault::AllocPanics, || setup(*records), operation, check);
        }
    }
    assert!(swept > 10, "{swept}");
}

#[test]
fn all_indexes_stay_whole_whatever_the_keys_say() {
    let seeds = if cfg!(miri) { 2 } else { 300 };
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    for seed in 0..seeds {
        let mut state = setup(if cfg!(miri) { 6 } else { 40 });
        let lies = [
            Lie::ord(random(seed, [Less, Equal, Greater])),
            Lie::eq(random(seed + 1, [true, false])),
            Lie::hash(random(seed + 2, [0, 1, u64::MAX])),
        ];
        for operation in OPERATIONS
            .iter()
            .cycle()
            .skip(seed as usize % 7)
            .step_by(3 + seed as usize % 5)
            .take(30)
        {
            let caught =
                std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| operation(&mut state)));
            drop(caught);
            state
                .map
                .validate_structural(ValidateCompact::NonCompact)
                .unwrap();
        }
        drop(lies);
        let (len, drained) = (state.map.len(), state.map.drain().len());
        assert_eq!(len, drained);
        state.ledger.assert_clean();
    }
    std::panic::set_hook(hook);
}

struct Random(u64);
impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}

/// A handle gives the record that it was made for, or none, whatever has become of its slot.
#[test]
fn a_handle_never_gives_another_record() {
    let ledger = Ledger::new();
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    let mut issued: HashMap<Handle, u32> = HashMap::new();
    let mut map = setup(0).map;
    let mut next = 0;
    let mut live = HashSet::new();
    for _ in 0..if cfg!(miri) { 60 } else { 4000 } {
        match random.below(40) {
            0 => {
                map.clear();
                live.clear();
            }
            1 => {
                drop(map.drain());
                live.clear();
            }
            2 => map.shrink_to_fit(),
            3 => map.reserve(random.below(50) as usize),
            4..20 => {
                next += 1;
                let mut new = order(next, &ledger);
                new.place = Liar::new(next);
                let handle = map.insert_unique_handle(new).unwrap();
                assert_eq!(
                    issued.insert(handle, next),
                    None,
                    "{handle:?} is given twice"
                );
                live.insert(next);
            }
            _ => {
                let place = random.below(issued.len() as u64 + 1) as usize;
                if let Some((handle, id)) = issued.iter().nth(place)
                    && let Some(removed) = map.remove_by_handle(*handle)
                {
                    assert_eq!(removed.id.get(), id);
                    live.remove(id);
                }
            }
        }
        for (handle, id) in &issued {
            if let Some(found) = map.get_by_handle(*handle) {
                assert_eq!(found.id.get(), id);
                assert!(live.contains(id));
            }
        }
        for (handle, item) in map.iter_handles() {
            issued.entry(handle).or_insert(*item.id.get());
        }
        issued.retain(|_, id| next - *id < 200);
        assert_eq!(map.len(), live.len());
    }
}

/// What is reserved is enough, in trees of any shape: ones that were split, thinned, packed, and filled again.
#[test]
fn what_is_reserved_is_enough_for_maps_of_any_shape() {
    #[derive(Debug)]
    struct Number(u64);
    impl idmap::IdOrdItem for Number {
        type Key<'a> = u64;
        fn key(&self) -> u64 {
            self.0
        }
        idmap::id_upcast!();
    }
    let mut random = Random(7);
    for round in 0..if cfg!(miri) { 2 } else { 400 } {
        let mut map = idmap::IdOrdMap::<Number, _>::new_in(Scripted::new(Global));
        let size = 1 + random.below(if cfg!(miri) { 100 } else { 6000 });
        (0..size).for_each(|n| drop(map.insert_unique(Number(n << 20))));
        for _ in 0..random.below(4) {
            match random.below(5) {
                0 => {
                    let by = 2 + random.below(30);
                    map.retain(|it| (it.0 >> 20) % by == 0);
                }
                1 => {
                    let (by, length) = (1 + random.below(60), 1 + random.below(30));
                    let gone: Vec<_> = map
                        .keys()
                        .filter(|it| (it >> 20) / length % by != 0)
                        .collect();
                    for key in gone {
                        map.remove(key);
                    }
                }
                2 => drop(map.split_off(random.below(size) << 20)),
                3 => {
                    let from = random.below(size);
                    for n in 0..random.below(900) {
                        drop(map.insert_unique(Number((from << 20) + n)));
                    }
                }
                _ => {
                    for _ in 0..random.below(3000) {
                        map.remove(random.below(size) << 20);
                    }
                }
            }
        }
        let keys: Vec<u64> = map.keys().collect();
        let extra = 1 + random.below(if cfg!(miri) { 30 } else { 2500 });
        let how = random.below(6);
        let mut new = Vec::new();
        for n in 0..extra {
            new.push(match how {
                0 => (size + n) << 20,
                1 => {
                    keys.get((n * 16) as usize % keys.len().max(1))
                        .copied()
                        .unwrap_or(0)
                        + 1
                        + n
                }
                2 => (random.below(size) << 20) + 1 + random.below(1 << 19),
                3 => 1 + n,
                4 => (extra - n) + ((size / 2) << 20),
                _ => {
                    keys.get((n * 31) as usize % keys.len().max(1))
                        .copied()
                        .unwrap_or(0)
                        + 1
                        + (n << 8)
                }
            });
        }
        map.try_reserve(new.len()).unwrap();
        let run = countdown::run_counted(|| {
            new.into_iter()
                .for_each(|key| drop(map.insert_unique(Number(key))));
        });
        assert_eq!(
            run.allocations, 0,
            "round {round}: {size} records, {extra} more in the way {how}"
        );
        map.validate_structural(ValidateCompact::NonCompact)
            .unwrap();
    }
}
