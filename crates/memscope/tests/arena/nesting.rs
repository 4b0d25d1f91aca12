//! Children, marks, and what comes out of a child.

use memscope::arena::{Arena, Config, Region};
use std::mem;

fn small() -> Arena {
    Arena::with_config(Config::new().first_chunk(64))
}

#[test]
fn the_values_of_a_parent_outlive_its_children() {
    let mut arena = small();
    let mut region = arena.as_region();
    let mut kept = Vec::new();
    for round in 0..20_u64 {
        kept.push(region.alloc(round));
        let sum = region.scope(|child| {
            let copies = child.alloc_from_iter(kept.iter().map(|it| **it));
            *kept[0] += 1;
            copies.iter().sum::<u64>()
        });
        assert!(sum >= round);
    }
    assert_eq!(*kept[0], 20);
    assert!(kept[1..].iter().map(|it| **it).eq(1..20));
}

#[test]
fn a_child_takes_back_what_it_allocated_over_any_number_of_chunks() {
    let mut arena = small();
    let before = arena.stats().used;
    for depth in 1..10_usize {
        arena.scope(|region| descend(region, depth));
        assert_eq!(arena.stats().used, before);
    }
}

fn descend(region: &mut Region<'_>, depth: usize) {
    let own = region.alloc_slice_fill_with(depth * 10, |index| index);
    if depth > 0 {
        region.scope(|child| descend(child, depth - 1));
    }
    region.alloc(depth);
    assert!(own.iter().copied().eq(0..depth * 10));
}

#[test]
fn a_chunk_that_was_too_small_is_used_again_after_a_child() {
    let mut arena = small();
    arena.scope(|region| region.alloc_slice_copy(&[0_u8; 40]).len());
    arena.scope(|region| {
        for value in 0..40_u64 {
            region.alloc(value);
        }
    });
    let chunks = arena.stats().chunks;
    for _ in 0..3 {
        arena.scope(|region| {
            // Passes the first chunks over.
            region.alloc_slice_copy(&[0_u8; 250]);
            region.alloc(1_u8);
        });
        arena.scope(|region| {
            for value in 0..40_u64 {
                region.alloc(value);
            }
        });
        assert_eq!(arena.stats().chunks, chunks);
    }
}

#[test]
fn marks_are_refused_once_the_arena_has_gone_back_past_them() {
    let mut arena = small();
    let marks: Vec<_> = (0..5)
        .map(|it| {
            arena.alloc_slice_copy(&[it; 30]);
            arena.mark()
        })
        .collect();
    assert!(arena.rewind(marks[3]).is_ok());
    assert!(arena.rewind(marks[4]).is_err());
    assert!(arena.rewind(marks[3]).is_ok());
    // A new mark at the address of the stale one is another one.
    arena.alloc_slice_copy(&[4; 30]);
    let again = arena.mark();
    assert!(arena.rewind(marks[4]).is_err());
    assert!(arena.rewind(again).is_ok());
    assert!(arena.rewind(marks[0]).is_ok());
    assert!(marks[1..].iter().all(|mark| arena.rewind(*mark).is_err()));
    arena.reset();
    assert!(marks.iter().all(|mark| arena.rewind(*mark).is_err()));
}

#[test]
fn a_mark_of_another_arena_is_refused() {
    let (mut one, mut two) = (small(), small());
    let (of_one, of_two) = (one.mark(), two.mark());
    assert!(one.rewind(of_two).is_err() && two.rewind(of_one).is_err());
    mem::swap(&mut one, &mut two);
    assert!(one.rewind(of_two).is_ok() && two.rewind(of_one).is_ok());
    // An arena whose first chunk lies where that of a dropped one was.
    let stale = one.mark();
    drop(one);
    let mut next = small();
    next.mark();
    assert!(next.rewind(stale).is_err());
}

#[test]
fn a_mark_before_the_first_chunk_can_be_gone_back_to() {
    let mut arena = small();
    let mark = arena.mark();
    arena.alloc([0_u8; 500]);
    arena.rewind(mark).unwrap();
    assert_eq!(arena.stats().used, arena.stats().peak - 504);
}

#[test]
fn what_is_promoted_has_the_content_it_had_in_the_child() {
    let mut arena = small();
    let mut region = arena.as_region();
    let numbers = region.promote_slice(|child| {
        child.alloc([0_u8; 100]);
        let list = child.alloc_from_iter((0..100_u32).rev());
        list.sort();
        list
    });
    let text = region.promote_str(|child| child.alloc_str("kept"));
    let single = region.promote(|child| *child.alloc(7));
    assert!(numbers.iter().copied().eq(0..100));
    assert_eq!((&*text, *single), ("kept", 7));
    assert_eq!(arena.stats().used, 400 + 8 + 8);
}

/// The slice lies in a value whose destructor the end of the child runs.
#[test]
fn what_is_promoted_may_be_in_a_value_that_the_child_drops() {
    let mut arena = small();
    let mut region = arena.as_region();
    let kept = region.promote_slice(|child| &child.alloc_drop(vec![1, 2, 3])[1..]);
    assert_eq!(kept, [2, 3]);
    assert_eq!(region.copy_out(|child| child.alloc_str("out")), "out");
}

#[test]
fn arenas_and_children_that_are_swapped_take_back_their_own() {
    let (mut one, mut two) = (small(), small());
    one.alloc_str("one");
    {
        let (mut left, mut right) = (one.child(), two.child());
        left.enter().alloc([1_u8; 100]);
        mem::swap(&mut left, &mut right);
        left.enter().alloc([2_u8; 200]);
        drop(left);
        assert_eq!(right.enter().alloc_str("right"), "right");
    }
    assert_eq!((one.stats().used, two.stats().used), (8, 0));
}
