//! The shadow heap finds what is wrong with an allocator, and the naive maps are maps.

use crate::planted::pool::{Bug, Pool};
use crate::planted::twofold::{Record, Twofold};
use adversary::oracle::{HeapViolation, NaiveMap, NaiveMultiMap, NaiveRecords, ShadowHeap};
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

/// The first step at which a map by two keys and naive records do not agree.
fn first_difference(careless: bool) -> Option<u32> {
    let mut naive = NaiveRecords::<Record, 2>::new([|a, b| a.0 == b.0, |a, b| a.1 == b.1]);
    let mut map = Twofold::new(careless);
    (0..300u32).find(|step| {
        let number = (step * 7 % 5) as u8;
        let letter = char::from(b'a' + (step * 11 % 6) as u8);
        let same = match step % 4 {
            0 | 1 => map.insert((number, letter)) == naive.insert((number, letter)),
            2 => {
                let replaced = naive.replace(|record| record.0 == number, (number, letter));
                map.replace(number, letter) == replaced
            }
            _ => {
                let removed = naive.remove_all(|record| record.0 == number);
                map.remove(number) == removed.first().copied()
            }
        };
        let found = |letter| map.by_letter(letter) == naive.find(|record| record.1 == letter);
        !same || !('a'..='f').all(found)
    })
}

#[test]
fn an_index_that_keeps_a_key_that_was_changed_is_told() {
    assert!(first_difference(true).is_some_and(|step| step < 100));
    assert_eq!(first_difference(false), None);
}

#[test]
fn naive_records_put_out_all_that_are_in_the_way_of_one() {
    let mut records = NaiveRecords::<[u8; 3], 3>::new([
        |a, b| a[0] == b[0],
        |a, b| a[1] == b[1],
        |a, b| a[2] == b[2],
    ]);
    for n in 0..5 {
        records.insert([n; 3]).unwrap();
    }
    assert_eq!(records.in_the_way(&[3, 1, 9]), [&[1; 3], &[3; 3]]);
    assert_eq!(records.insert([9, 9, 4]), Err([9, 9, 4]));
    let copy = records.clone();
    assert_eq!(records.overwrite([3, 1, 9]), [[1; 3], [3; 3]]);
    assert!(records.iter().eq(&[[0; 3], [2; 3], [4; 3], [3, 1, 9]]));
    assert_eq!((copy.len(), records.len()), (5, 4));
    assert_eq!(
        format!("{records:?}"),
        "[[0, 0, 0], [2, 2, 2], [4, 4, 4], [3, 1, 9]]"
    );
}
