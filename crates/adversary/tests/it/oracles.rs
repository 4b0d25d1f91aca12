//! The shadow heap finds what is wrong with an allocator, and the naive maps are maps.

use crate::planted::pool::{Bug, Pool};
use adversary::oracle::{HeapViolation, NaiveMap, NaiveMultiMap, ShadowHeap};
use std::alloc::Layout;
use std::collections::BTreeMap;

/// Some blocks from a pool, on the record of a heap.
fn violations(bug: Bug) -> Vec<HeapViolation> {
    let mut pool = Pool::with(bug);
    let mut heap = ShadowHeap::new();
    let mut live = Vec::new();
    for step in 0..40 {
        let layout = [Layout::new::<[u64; 3]>(), Layout::new::<[u8; 5]>()][step % 2];
        let address = pool.allocate(layout);
        heap.allocated(address, layout);
        live.push((address, layout));
        if step % 3 == 0 {
            let (address, layout) = live.swap_remove(step / 2 % live.len());
            pool.free(address, layout);
            heap.freed(address, layout);
        }
    }
    assert_eq!(heap.live().count(), live.len());
    heap.violations().to_vec()
}

#[test]
fn a_pool_that_gives_out_too_little_overlaps_itself() {
    let found = violations(Bug::RoundsDown);
    assert!(
        matches!(found[0], HeapViolation::Overlap { .. }),
        "{found:?}"
    );
}

#[test]
fn a_pool_that_gives_a_slot_out_twice_overlaps_itself() {
    // Its bug makes two live blocks of one address, of which the second is no longer live when freed.
    let mut pool = Pool::with(Bug::FreesWhatItGives);
    let mut heap = ShadowHeap::new();
    let layout = Layout::new::<u64>();
    let blocks = [pool.allocate(layout), pool.allocate(layout)];
    blocks.iter().for_each(|it| heap.allocated(*it, layout));
    let [address, live] = blocks;
    assert_eq!(
        heap.violations(),
        [HeapViolation::Overlap { address, live }]
    );
}

#[test]
fn a_pool_that_forgets_alignment_is_told() {
    let found = violations(Bug::ForgetsAlignment);
    assert!(
        matches!(found[0], HeapViolation::Misaligned { .. }),
        "{found:?}"
    );
}

#[test]
fn a_pool_without_a_bug_is_left_alone() {
    assert_eq!(violations(Bug::None), []);
}

#[test]
fn memory_that_must_rest_may_come_back_when_others_were_freed() {
    let layout = Layout::new::<u64>();
    let mut heap = ShadowHeap::resting(2);
    let mut cycle = |address| {
        heap.allocated(address, layout);
        heap.freed(address, layout);
        heap.violations().len()
    };
    assert_eq!([0x10, 0x20, 0x30, 0x10, 0x20].map(&mut cycle), [0; 5]);
    assert_eq!(cycle(0x10), 1);
}

#[test]
fn blocks_that_touch_do_not_overlap() {
    let mut heap = ShadowHeap::new();
    let layout = Layout::new::<u64>();
    for address in [0x20, 0x10, 0x18, 0x28] {
        heap.allocated(address, layout);
    }
    assert_eq!(heap.violations(), []);
    heap.allocated(0x14, Layout::new::<u32>());
    assert_eq!(heap.violations().len(), 1);
}

#[test]
fn a_naive_map_is_a_map() {
    let (mut naive, mut map) = (NaiveMap::new(), BTreeMap::new());
    for step in 0..200u32 {
        let key = step * 7 % 13;
        if step % 3 == 0 {
            assert_eq!(naive.remove(&key), map.remove(&key));
        } else {
            assert_eq!(naive.insert(key, step), map.insert(key, step));
        }
        assert_eq!(naive.len(), map.len());
        assert!(map.iter().eq(naive.sorted()));
    }
    naive.retain(|key, _| *key < 5);
    map.retain(|key, _| *key < 5);
    assert!(map.iter().eq(naive.sorted()));
}

#[test]
fn a_naive_multi_map_keeps_what_is_equal() {
    let mut map = NaiveMultiMap::new();
    for value in 0..6 {
        map.insert(value % 2, value);
    }
    assert!(map.get(&1).eq(&[1, 3, 5]));
    assert!(map.remove(&1, &3) && !map.remove(&1, &3));
    assert_eq!(map.remove_all(&1), [1, 5]);
    assert_eq!(map.sorted(), [(&0, &0), (&0, &2), (&0, &4)]);
}
