//! Trees beside a plain vector of the same entries, with comparisons that are honest and with some that are not.

use super::node::FULL;
use super::{Cursor, Entry, NIL, Path, Span, Tree};
use crate::allocator::Allocator;
use crate::slab::Position;
use adversary::alloc::Scripted;
use adversary::countdown::{Fault, for_each};
use alloc::vec;
use alloc::vec::Vec;
use allocator_api2::alloc::Global;
use core::cmp::Ordering;
use core::ops::Range;
use proptest::prelude::*;

type Plain = Tree<Global>;

const EMPTY: Plain = Tree::new_in(Global, Global);

impl<A: Allocator> Tree<A> {
    /// Where the first entry is that is not less than a key, or with `after_equal` the first that is greater: there, or
    /// at the end of the leaf before. Logarithmic time.
    ///
    /// The other arguments are those of [`search`](Self::search).
    fn bound(
        &self,
        prefix: Option<u64>,
        after_equal: bool,
        mut compare: impl FnMut(Position) -> Ordering,
    ) -> Path {
        let side = if after_equal {
            Ordering::Greater
        } else {
            Ordering::Less
        };
        match self.search(prefix, |position| compare(position).then(side)) {
            Ok(path) | Err(path) => path,
        }
    }
}

/// How much of a key its prefix tells.
#[derive(Clone, Copy, Debug)]
enum Prefixes {
    None,
    Exact,
    /// Many keys have the same.
    Coarse,
    /// All keys have the greatest there is, which also stands behind the last entry of a node.
    Greatest,
}

impl Prefixes {
    const ALL: [Self; 4] = [Self::None, Self::Exact, Self::Coarse, Self::Greatest];

    fn of(self, key: u32) -> Option<u64> {
        match self {
            Self::None => None,
            Self::Exact => Some(key.into()),
            Self::Coarse => Some(u64::from(key) >> 6),
            Self::Greatest => Some(u64::MAX),
        }
    }
}

/// A tree whose key at position `p` is `p` itself.
fn search(tree: &Tree<impl Allocator>, prefixes: Prefixes, key: u32) -> Result<Path, Path> {
    tree.search(prefixes.of(key), |position| key.cmp(&position))
}

fn entry(prefixes: Prefixes, key: u32) -> Entry {
    Entry {
        prefix: prefixes.of(key).unwrap_or(0),
        position: key,
    }
}

fn insert(tree: &mut Tree<impl Allocator>, prefixes: Prefixes, key: u32) -> bool {
    tree.try_reserve(1).expect("there is memory");
    let path = search(tree, prefixes, key);
    if let Err(path) = path {
        tree.insert(&path, entry(prefixes, key));
    }
    path.is_err()
}

fn remove(tree: &mut Plain, prefixes: Prefixes, key: u32) -> bool {
    search(tree, prefixes, key).is_ok_and(|path| {
        assert_eq!(tree.position(&path), key);
        tree.remove(&path);
        true
    })
}

#[track_caller]
fn assert_is(tree: &Tree<impl Allocator>, expected: &[Position]) {
    tree.check().expect("the structure holds");
    assert_eq!(tree.len(), expected.len());
    assert!(tree.positions().eq(expected.iter().copied()));
    assert!(tree.positions().rev().eq(expected.iter().rev().copied()));
    assert!(
        tree.entries()
            .map(|entry| entry.position)
            .eq(expected.iter().copied())
    );
}

/// Numbers below `len`, each once, in an order that looks random.
fn shuffled(len: u32) -> impl Iterator<Item = u32> {
    // 6151 is a prime that is no factor of the lengths in use.
    (0..len).map(move |at| (u64::from(at) * 6151 % u64::from(len)) as u32)
}

#[test]
fn sorted_reverse_and_shuffled_keys_are_found_and_removed_down_to_nothing() {
    const LEN: u32 = 40_000;
    let orders: [fn() -> Vec<u32>; 3] = [
        || (0..LEN).collect(),
        || (0..LEN).rev().collect(),
        || shuffled(LEN).collect(),
    ];
    let all: Vec<_> = (0..LEN).collect();
    for (prefixes, order) in Prefixes::ALL
        .into_iter()
        .flat_map(|prefixes| orders.map(|order| (prefixes, order)))
    {
        let mut tree = EMPTY;
        order()
            .into_iter()
            .for_each(|key| assert!(insert(&mut tree, prefixes, key)));
        assert!(tree.height >= 2);
        assert_is(&tree, &all);
        all.iter()
            .for_each(|key| assert!(!insert(&mut tree, prefixes, *key)));
        for (count, key) in shuffled(LEN).enumerate() {
            assert!(remove(&mut tree, prefixes, key));
            if count % 5003 == 0 {
                tree.check().expect("the structure holds");
            }
        }
        assert_is(&tree, &[]);
        assert_eq!(
            (tree.height, tree.leaves.len() - tree.spare_leaves as usize),
            (0, 1)
        );
        order()
            .into_iter()
            .for_each(|key| assert!(insert(&mut tree, prefixes, key)));
        assert_is(&tree, &all);
    }
}

#[test]
fn sorted_keys_fill_leaves_and_nodes() {
    let mut tree = EMPTY;
    (0..100_000).for_each(|key| tree.push(entry(Prefixes::Exact, key)));
    tree.check().expect("the structure holds");
    assert_eq!(tree.leaves.len(), 100_000 / FULL);
    assert_eq!(tree.height, 3);
    assert!(tree.inners.len() <= tree.leaves.len() / (FULL - 3));
}

#[test]
fn nodes_that_split_between_others_are_halved() {
    let mut tree = EMPTY;
    (0..10_000).for_each(|key| tree.push(entry(Prefixes::Exact, 2 * key)));
    let mut parents: Vec<u32> = tree.leaves.iter().map(|leaf| leaf.parent).collect();
    parents.dedup();
    assert!(parents.len() > 8 && tree.height == 2);
    for parent in parents {
        let node = tree.inners[parent as usize].children();
        // The first leaf splits, which makes the node full, and then the last.
        for leaf in [node[0], node[node.len() - 1]] {
            let key = tree.leaves[leaf as usize].entry(0).position + 1;
            assert!(insert(&mut tree, Prefixes::Exact, key));
        }
    }
    tree.check().expect("the structure holds");
    let few = |inner: &&super::node::Inner| inner.children().len() < FULL / 2;
    // The last node of a level has what came last.
    assert!(tree.inners.iter().filter(few).count() <= 2);
}

#[derive(Clone, Debug)]
enum Step {
    Insert(u32),
    Remove(u32),
    /// By a scan, as if the key were not found.
    RemoveScanned(u32),
    Push,
    RetainModulo(u32),
    Shrink,
    /// Adds to each position; keys and positions are the same thing here, so only with prefixes that do not tell.
    Reverse,
    Clear,
    Reserve(usize),
    Truncate(u32),
    Range(Range<u32>),
    InsertMany(u32),
    RemoveMany(u32),
}

fn step() -> impl Strategy<Value = Step> {
    let key = 0..2000_u32;
    prop_oneof![
        8 => key.clone().prop_map(Step::Insert),
        8 => key.clone().prop_map(Step::Remove),
        2 => key.clone().prop_map(Step::RemoveScanned),
        3 => Just(Step::Push),
        1 => (2..20_u32).prop_map(Step::RetainModulo),
        1 => Just(Step::Shrink),
        1 => Just(Step::Reverse),
        1 => prop::bool::weighted(0.1).prop_map(|clear| if clear { Step::Clear } else { Step::Shrink }),
        1 => (0..200_usize).prop_map(Step::Reserve),
        1 => key.clone().prop_map(Step::Truncate),
        2 => (key.clone(), key.clone()).prop_map(|(from, to)| Step::Range(from..to)),
        4 => key.clone().prop_map(Step::InsertMany),
        4 => key.prop_map(Step::RemoveMany),
    ]
}

/// Does a step to a tree and to a sorted vector.
fn apply(tree: &mut Plain, model: &mut Vec<u32>, prefixes: Prefixes, step: Step) {
    match step {
        Step::Insert(key) => {
            let added = insert(tree, prefixes, key);
            let at = model.binary_search(&key);
            assert_eq!(added, at.is_err());
            if let Err(at) = at {
                model.insert(at, key);
            }
        }
        Step::Remove(key) => {
            let at = model.binary_search(&key);
            assert_eq!(remove(tree, prefixes, key), at.is_ok());
            if let Ok(at) = at {
                model.remove(at);
            }
        }
        Step::RemoveScanned(key) => {
            let at = model.binary_search(&key);
            let path = tree.scan(key);
            assert_eq!(path.is_some(), at.is_ok());
            if let (Some(path), Ok(at)) = (path, at) {
                tree.remove(&path);
                model.remove(at);
            }
        }
        Step::Push => {
            let key = model.last().map_or(0, |last| last + 1);
            tree.try_reserve(1).expect("there is memory");
            tree.push(entry(prefixes, key));
            model.push(key);
        }
        Step::RetainModulo(modulus) => {
            let capacities = (tree.leaves.capacity(), tree.inners.capacity());
            tree.retain(|position| position % modulus != 0);
            model.retain(|position| position % modulus != 0);
            assert_eq!(capacities, (tree.leaves.capacity(), tree.inners.capacity()));
        }
        Step::Shrink => {
            tree.shrink();
            assert_eq!(tree.leaves.len(), model.len().div_ceil(FULL));
        }
        Step::Reverse => {
            // There and back again, so that separators are looked at too.
            tree.remap(|position| !position);
            tree.check().expect("the structure holds");
            tree.remap(|position| !position);
        }
        Step::Clear => {
            tree.clear();
            model.clear();
        }
        Step::Reserve(additional) => {
            tree.try_reserve(additional).expect("there is memory");
        }
        Step::Truncate(key) => {
            let path = tree.bound(prefixes.of(key), false, |position| key.cmp(&position));
            tree.truncate(&path);
            model.truncate(model.partition_point(|found| *found < key));
        }
        Step::Range(range) => assert_range(tree, model, prefixes, range),
        Step::InsertMany(from) => {
            for key in (from..from + 150).step_by(3) {
                apply(tree, model, prefixes, Step::Insert(key));
            }
        }
        Step::RemoveMany(from) => {
            for key in (from..from + 150).rev().step_by(2) {
                apply(tree, model, prefixes, Step::Remove(key));
            }
        }
    }
}

/// The span of a range has what the model has there, from both ends and from one after the other.
fn assert_range(tree: &Plain, model: &[u32], prefixes: Prefixes, range: Range<u32>) {
    let bound = |key: u32| tree.bound(prefixes.of(key), false, |position| key.cmp(&position));
    let span = tree.span_between(bound(range.start).cursor(), bound(range.end).cursor());
    let from = model.partition_point(|key| *key < range.start);
    let to = model.partition_point(|key| *key < range.end).max(from);
    let expected = &model[from..to];
    assert!(tree.walk(span).eq(expected.iter().copied()));
    assert!(tree.walk(span).rev().eq(expected.iter().rev().copied()));
    assert_eq!(
        tree.walk(span).fold(0, |count, _| count + 1),
        expected.len()
    );
    let (mut walk, mut steps, mut model) = (tree.walk(span), span, expected.iter().copied());
    for turn in 0.. {
        let (found, stepped, expected) = if turn % 3 == 0 {
            (walk.next_back(), steps.next_back(tree), model.next_back())
        } else {
            (walk.next(), steps.next(tree), model.next())
        };
        assert_eq!(found, expected);
        assert_eq!(stepped.map(|entry| entry.position), expected);
        if expected.is_none() {
            break;
        }
    }
    assert_eq!((walk.next(), walk.next_back()), (None, None));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: if cfg!(miri) { 2 } else { 96 }, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_tree_does_what_a_sorted_vector_does(
        prefixes in prop::sample::select(&Prefixes::ALL[..]),
        steps in prop::collection::vec(step(), 1..if cfg!(miri) { 10 } else { 120 }),
    ) {
        let (mut tree, mut model) = (EMPTY, Vec::new());
        for step in steps {
            apply(&mut tree, &mut model, prefixes, step);
            assert_is(&tree, &model);
        }
    }

    #[test]
    fn comparisons_and_prefixes_that_lie_misplace_entries_and_no_more(
        seed in any::<u64>(),
        steps in prop::collection::vec((0..10_u8, any::<u32>()), 1..if cfg!(miri) { 40 } else { 1500 }),
    ) {
        let mut random = seed | 1;
        let (mut tree, mut there) = (EMPTY, Vec::new());
        for (next, (kind, choice)) in steps.into_iter().enumerate() {
            lie(&mut tree, &mut there, next as u32, kind, choice, &mut random);
            if next % 16 == 0 {
                assert_has(&tree, &there);
            }
        }
        assert_has(&tree, &there);
        while let Some(position) = there.pop() {
            let path = tree.scan(position).expect("the position is there");
            tree.remove(&path);
        }
        assert_is(&tree, &[]);
    }

    #[test]
    fn what_was_reserved_for_is_inserted_without_allocating(
        before in 0..3000_u32,
        packed in any::<bool>(),
        thinned in 1..5_u32,
        stride in prop::sample::select(vec![1, 2, 31, 32, 33, 64, 1024]),
        count in 1..300_usize,
        ends in any::<bool>(),
    ) {
        let mut tree = EMPTY;
        (0..before).map(|key| key * 64).for_each(|key| assert!(insert(&mut tree, Prefixes::Exact, key)));
        tree.retain(|position| position / 64 % thinned == 0);
        if packed {
            tree.shrink();
        }
        tree.try_reserve(count).expect("there is memory");
        let capacities = (tree.leaves.capacity(), tree.inners.capacity());
        for at in 0..count as u32 {
            // Each into another full leaf; or behind all and into the last leaves by turns.
            let key = if ends && at % 2 == 0 { before * 64 + at * 64 } else if ends { (before * 64).saturating_sub(at * 63 % 64) } else { at * stride * 64 + 1 + at % 63 };
            let path = match search(&tree, Prefixes::Exact, key) { Ok(path) | Err(path) => path };
            tree.insert(&path, entry(Prefixes::Exact, key));
        }
        tree.check().expect("the structure holds");
        prop_assert_eq!(capacities, (tree.leaves.capacity(), tree.inners.capacity()));
    }
}

fn draw(random: &mut u64) -> u64 {
    *random ^= *random << 13;
    *random ^= *random >> 7;
    *random ^= *random << 17;
    *random
}

/// One operation, in which whatever the tree asks is answered at random.
fn lie(tree: &mut Plain, there: &mut Vec<u32>, next: u32, kind: u8, choice: u32, random: &mut u64) {
    let prefix = match choice % 3 {
        0 => None,
        1 => Some(draw(random) % 4),
        _ => Some(draw(random)),
    };
    let mut compare =
        |_| [Ordering::Less, Ordering::Equal, Ordering::Greater][(draw(random) % 3) as usize];
    match kind {
        0..=5 => {
            tree.try_reserve(1).expect("there is memory");
            let (Ok(path) | Err(path)) = tree.search(prefix, compare);
            tree.insert(
                &path,
                Entry {
                    prefix: prefix.unwrap_or(0),
                    position: next,
                },
            );
            there.push(next);
        }
        6 => {
            if let Ok(path) = tree.search(prefix, compare) {
                let gone = tree.position(&path);
                tree.remove(&path);
                there.retain(|position| *position != gone);
            }
        }
        7 if !there.is_empty() => {
            let gone = there.swap_remove(choice as usize % there.len());
            let path = tree.scan(gone).expect("the position is there");
            tree.remove(&path);
        }
        8 => {
            let (from, to) = (
                tree.bound(prefix, false, &mut compare),
                tree.bound(prefix, true, &mut compare),
            );
            let span = tree.span_between(from.cursor(), to.cursor());
            let mut met: Vec<_> = tree.walk(span).collect();
            let mut back: Vec<_> = tree.walk(span).rev().collect();
            back.reverse();
            assert_eq!(met, back);
            met.sort_unstable();
            met.dedup();
            assert_eq!(met.len(), back.len());
        }
        9 if choice.is_multiple_of(64) => {
            let (Ok(path) | Err(path)) = tree.search(prefix, compare);
            tree.truncate(&path);
            let left: Vec<_> = tree.positions().collect();
            there.retain(|position| left.contains(position));
        }
        _ => tree.retain(|_| true),
    }
}

/// Each position once, in whatever order.
fn assert_has(tree: &Plain, there: &[u32]) {
    tree.check().expect("the structure holds");
    let mut found: Vec<_> = tree.positions().collect();
    let mut expected = there.to_vec();
    found.sort_unstable();
    expected.sort_unstable();
    assert_eq!(found, expected);
}

#[test]
fn a_span_whose_ends_are_the_wrong_way_round_is_empty() {
    let mut tree = EMPTY;
    (0..5000).for_each(|key| tree.push(entry(Prefixes::Exact, key)));
    let at = |key| match search(&tree, Prefixes::Exact, key) {
        Ok(path) | Err(path) => path.cursor(),
    };
    for (from, to) in [
        (4999, 0),
        (5000, 0),
        (5000, 4999),
        (7, 6),
        (40, 31),
        (1024, 1023),
        (3000, 1000),
    ] {
        let reversed = tree.span_between(at(from), at(to));
        assert_eq!(reversed.front, reversed.back);
        assert_eq!(tree.walk(reversed).count(), 0);
        let span = tree.span_between(at(to), at(from));
        assert_eq!(tree.walk(span).count(), (from - to) as usize);
    }
    assert_eq!(
        tree.walk(tree.span_between(at(33), Cursor::END)).count(),
        5000 - 33
    );
    // A span that nobody put right ends too, and has nothing twice.
    let reversed = Span {
        front: at(4000),
        back: at(1000),
    };
    let mut steps = reversed;
    assert_eq!(core::iter::from_fn(|| steps.next(&tree)).count(), 1000);
    assert_eq!(core::iter::from_fn(|| steps.next_back(&tree)).count(), 1000);
    let mut walk = tree.walk(reversed);
    let mut met: Vec<_> =
        core::iter::from_fn(|| walk.next_back().or_else(|| walk.next())).collect();
    met.sort_unstable();
    assert!(met.iter().copied().eq((0..1000).chain(4000..5000)));
}

#[test]
fn cursors_step_over_the_ends_of_leaves() {
    let mut tree = EMPTY;
    assert_eq!(
        (tree.first(), tree.before(Cursor::END)),
        (Cursor::END, None)
    );
    (0..100).for_each(|key| tree.push(entry(Prefixes::Exact, key)));
    let mut at = tree.first();
    for key in 0..100 {
        assert_eq!(tree.entry(at), Some(entry(Prefixes::Exact, key)));
        assert_eq!(
            tree.before(at),
            (key > 0).then(|| search(&tree, Prefixes::Exact, key - 1)
                .expect("there")
                .cursor())
        );
        at = tree.after(at);
    }
    assert_eq!(at, Cursor::END);
    assert_eq!(tree.entry(at), None);
    assert_eq!(tree.after(at), Cursor::END);
}

#[test]
fn no_memory_for_a_node_leaves_the_tree_as_it_was() {
    for kind in [Fault::AllocFails, Fault::AllocPanics] {
        for before in [0, 1, 31, 32, 33, 1023, 1024, 1025] {
            for wanted in [1, 40, 3000] {
                for_each(
                    kind,
                    || {
                        let mut tree = Tree::new_in(Scripted::new(Global), Scripted::new(Global));
                        (0..before).for_each(|key| tree.push(entry(Prefixes::Exact, key * 2)));
                        tree.shrink();
                        tree
                    },
                    |tree| tree.try_reserve(wanted),
                    |mut tree, run| {
                        assert_is(&tree, &(0..before).map(|key| key * 2).collect::<Vec<_>>());
                        assert_eq!(run.fired, !matches!(run.result, Ok(Ok(()))));
                        (0..before).for_each(|key| {
                            assert!(insert(&mut tree, Prefixes::Exact, key * 2 + 1));
                        });
                        assert_is(&tree, &(0..before * 2).collect::<Vec<_>>());
                    },
                );
            }
        }
    }
}

#[test]
fn no_memory_to_shrink_into_leaves_the_entries_there() {
    for_each(
        Fault::AllocPanics,
        || {
            let mut tree = Tree::new_in(Scripted::new(Global), Scripted::new(Global));
            (0..3000).for_each(|key| assert!(insert(&mut tree, Prefixes::Exact, key)));
            tree
        },
        |tree| tree.shrink(),
        |tree, _| assert_is(&tree, &(0..3000).collect::<Vec<_>>()),
    );
}

#[test]
fn memory_is_reserved_for_little_more_than_can_come() {
    let mut tree = EMPTY;
    tree.try_reserve(10_000).expect("there is memory");
    // 625 leaves that are halved, and a few; a node for 16 of them, and some on each of four levels.
    let capacities = (tree.leaves.capacity(), tree.inners.capacity());
    assert!((625..635).contains(&capacities.0), "{capacities:?}");
    assert!((40..60).contains(&capacities.1), "{capacities:?}");
}

#[test]
fn what_is_wrong_with_a_tree_is_said() {
    type Break = fn(&mut Plain);
    let breaks: [(Break, &str); 12] = [
        (|_| (), ""),
        (
            |tree| tree.len += 1,
            "the tree counts 101 entries and has 100",
        ),
        (
            |tree| tree.leaves[1].before = NIL,
            "leaf 1 has the wrong neighbour",
        ),
        (
            |tree| tree.last = 2,
            "the chain of leaves has a cycle, or ends too early",
        ),
        (
            |tree| tree.leaves[2].parent = NIL,
            "leaf 2 has the wrong parent",
        ),
        (
            |tree| tree.inners[0].parent = 0,
            "node 0 has the wrong parent",
        ),
        (
            |tree| tree.inners[0].set_separator(1, entry(Prefixes::Exact, 65)),
            "separator 1 of node 0 is not the first entry at its right",
        ),
        (|tree| tree.inners[0].truncate(1), "the root has one child"),
        (
            |tree| {
                tree.leaves[1].set_len(0);
                tree.len -= FULL as u32;
            },
            "leaf 1 is empty",
        ),
        (
            |tree| {
                tree.first = 1;
                tree.leaves[1].before = NIL;
                tree.len -= FULL as u32;
            },
            "the chain of leaves is not that of the tree",
        ),
        (
            |tree| tree.spare_leaves = 1,
            "0 leaves and 0 nodes are free, of (1, 0)",
        ),
        (
            |tree| tree.inners.push(tree.inners[0].clone()),
            "4 leaves and 1 nodes are used, 0 and 0 are free, of (4, 2)",
        ),
    ];
    for (break_it, expected) in breaks {
        let mut tree = EMPTY;
        (0..100).for_each(|key| tree.push(entry(Prefixes::Exact, key)));
        assert_eq!((tree.leaves.len(), tree.inners.len()), (4, 1));
        break_it(&mut tree);
        assert_eq!(tree.check().err().unwrap_or_default(), expected);
    }
}

#[test]
fn nodes_that_lose_most_of_what_they_have_are_merged() {
    let mut tree = EMPTY;
    (0..40_000).for_each(|key| tree.push(entry(Prefixes::Exact, key)));
    for key in shuffled(40_000).filter(|key| key % 100 != 0) {
        assert!(remove(&mut tree, Prefixes::Exact, key));
    }
    assert_is(&tree, &(0..400).map(|n| n * 100).collect::<Vec<_>>());
    // Of 1250 and 43.
    let leaves = tree.leaves.len() - tree.spare_leaves as usize;
    let inners = tree.inners.len() - tree.spare_inners as usize;
    assert!(leaves < 60 && inners < 10, "{leaves} and {inners}");

    // A node that has lost most, beside one that is full, stays.
    let mut tree = EMPTY;
    (0..40_000).for_each(|key| tree.push(entry(Prefixes::Exact, key)));
    (0..900).for_each(|key| assert!(remove(&mut tree, Prefixes::Exact, key)));
    assert_is(&tree, &(900..40_000).collect::<Vec<_>>());
}
