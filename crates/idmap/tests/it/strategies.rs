//! Strategies that generate maps.

use crate::user::{User, user};
use idmap::internal::{ValidateChaos, ValidateCompact};
use idmap::{
    IdHashItem, IdHashMap, bi_hash_map, id_hash_map, id_index_map, id_ord_map, tri_hash_map,
};
use proptest::prelude::*;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;

fn users() -> impl Strategy<Value = User> {
    (0..20u32, 0..20u32, 0..20u32).prop_map(|(a, b, c)| user(&a.to_string(), b, &c.to_string()))
}

#[derive(Debug, Clone)]
struct Number(u16);

impl IdHashItem for Number {
    type Key<'a> = u16;

    fn key(&self) -> u16 {
        self.0
    }

    idmap::id_upcast!();
}

impl Arbitrary for Number {
    type Parameters = ();
    type Strategy = BoxedStrategy<Self>;

    fn arbitrary_with((): ()) -> Self::Strategy {
        any::<u16>().prop_map(Number).boxed()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(miri) { 1 } else { 32 }))]

    #[test]
    fn generated_maps_are_valid_and_no_larger_than_asked(
        id_hash in id_hash_map::prop_strategy(users(), 0..30),
        id_index in id_index_map::prop_strategy(users(), 0..30),
        id_ord in id_ord_map::prop_strategy(users(), 0..30),
        bi in bi_hash_map::prop_strategy(users(), 0..30),
        tri in tri_hash_map::prop_strategy_with_hasher(users(), 0..30, std::hash::RandomState::new()),
        any in any_with::<IdHashMap<Number>>(((1..5).into(), ())),
    ) {
        id_hash.validate(ValidateCompact::NonCompact)?;
        id_index.validate(ValidateCompact::NonCompact)?;
        id_ord.validate(ValidateCompact::NonCompact, ValidateChaos::No)?;
        bi.validate(ValidateCompact::NonCompact)?;
        tri.validate(ValidateCompact::NonCompact)?;
        prop_assert!([id_hash.len(), id_index.len(), id_ord.len(), bi.len(), tri.len()].into_iter().all(|len| len < 30));
        prop_assert!((1..5).contains(&any.len()));
    }
}

#[test]
fn a_map_shrinks_to_the_fewest_records_that_fail() {
    let mut runner = TestRunner::deterministic();
    let strategy = id_hash_map::prop_strategy(any::<Number>(), 10..40);
    let mut tree = strategy.new_tree(&mut runner).unwrap();
    let fails = |map: &IdHashMap<Number>| map.len() >= 10;
    assert!(fails(&tree.current()));
    while tree.simplify() {
        while !fails(&tree.current()) && tree.complicate() {}
    }
    assert_eq!(tree.current().len(), 10);
}

#[test]
fn each_map_has_a_strategy_of_its_own() {
    fn tree<S: Strategy>(strategy: S) -> S::Value {
        strategy
            .new_tree(&mut TestRunner::deterministic())
            .unwrap()
            .current()
    }
    let one = || Just(user("a", 1, "b"));
    let maps: [usize; 5] = [
        tree(id_hash_map::prop_strategy(one(), 3)).len(),
        tree(id_index_map::prop_strategy(one(), 3)).len(),
        tree(id_ord_map::prop_strategy(one(), 3)).len(),
        tree(bi_hash_map::prop_strategy(one(), 3)).len(),
        tree(tri_hash_map::prop_strategy(one(), 3)).len(),
    ];
    assert_eq!(maps, [1; 5], "records with the same keys are one");
}
