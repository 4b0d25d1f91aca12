//! The collections of allocator-api2, and of others, in an arena.

use adversary::alloc::Shadowed;
use adversary::drops::Ledger;
use allocator_api2::alloc::{Allocator, Global};
use allocator_api2::boxed::Box;
use allocator_api2::vec::Vec;
use memscope::arena::{Arena, Config};
use std::alloc::Layout;

#[test]
fn a_vector_that_is_alone_grows_and_shrinks_in_place() {
    let arena = Arena::with_config(Config::new().first_chunk(1 << 16));
    let mut list = Vec::new_in(&arena);
    list.push(0_u64);
    let start = list.as_ptr();
    list.extend(1..1000);
    assert_eq!(list.as_ptr(), start);
    list.truncate(10);
    list.shrink_to_fit();
    assert_eq!((list.as_ptr(), arena.stats().used), (start, 80));
    drop(list);
    assert_eq!((arena.stats().used, arena.stats().chunks), (0, 1));
}

#[test]
fn vectors_that_grow_beside_each_other_keep_their_content() {
    let arena = Arena::with_config(Config::new().first_chunk(100));
    let (mut one, mut two) = (Vec::new_in(&arena), Vec::new_in(&arena));
    for value in 0..500_u32 {
        one.push(value);
        two.push(value.to_string());
    }
    assert!(one.iter().copied().eq(0..500));
    assert!(
        two.iter()
            .enumerate()
            .all(|(index, it)| *it == index.to_string())
    );
}

#[test]
fn boxes_drop_their_values() {
    let ledger = Ledger::new();
    let mut arena = Arena::new();
    let boxed = Box::new_in(ledger.token(), &arena);
    let list: Vec<_, _> = {
        let mut list = Vec::new_in(&arena);
        list.extend((0..5).map(|_| ledger.token()));
        list
    };
    assert_eq!(ledger.live(), 6);
    drop((boxed, list));
    ledger.assert_clean();
    arena.reset();
}

#[test]
fn a_region_is_an_allocator_too() {
    let mut arena = Arena::new();
    let kept = arena.scope(|region| {
        let mut list = Vec::new_in(&*region);
        list.extend(0..100);
        let sum: i32 = list.iter().sum();
        drop(list);
        // The list is gone, so there may be a child.
        region.scope(|child| *child.alloc(sum))
    });
    assert_eq!(kept, 4950);
}

#[test]
fn a_leaked_vector_lives_as_long_as_the_arena_is_borrowed() {
    let mut arena = Arena::new();
    let leaked = {
        let mut list = Vec::new_in(&arena);
        list.extend([1, 2, 3]);
        Vec::leak(list)
    };
    arena.alloc([0_u8; 5000]);
    assert_eq!(leaked, [1, 2, 3]);
    arena.reset();
}

#[test]
fn an_arena_takes_its_chunks_from_another() {
    let heap = Shadowed::new(Global);
    let outer = Arena::with_source(Config::new(), &heap);
    let inner = Arena::with_source(Config::new().first_chunk(64), &outer);
    for value in 0..100 {
        assert_eq!(*inner.alloc(value), value);
    }
    drop(inner);
    drop(outer);
    heap.assert_clean();
}

#[test]
fn a_block_that_needs_another_alignment_moves() {
    let arena = Arena::new();
    let allocator = &arena;
    let small = Layout::from_size_align(24, 8).unwrap();
    let wide = Layout::from_size_align(24, 1024).unwrap();
    for _ in 0..3 {
        let block = allocator.allocate(small).unwrap().cast::<u8>();
        // SAFETY: the block was just made with this layout.
        let grown = unsafe { allocator.grow_zeroed(block, small, wide) }
            .unwrap()
            .cast::<u8>();
        assert!(grown.addr().get().is_multiple_of(1024));
        // SAFETY: the block was just made with this layout; the new one is not larger.
        let shrunk = unsafe { allocator.shrink(grown, wide, small) }.unwrap();
        assert_eq!(shrunk.cast(), grown);
    }
}

#[test]
fn grown_bytes_are_zero_when_asked_for() {
    let arena = Arena::new();
    let allocator = &arena;
    let layout = |size| Layout::from_size_align(size, 1).unwrap();
    let dirty = allocator.allocate(layout(64)).unwrap().cast::<u8>();
    // SAFETY: the block has 64 bytes.
    unsafe { dirty.write_bytes(0xff, 64) };
    // SAFETY: the block was just made with this layout.
    unsafe { allocator.deallocate(dirty, layout(64)) };
    let block = allocator.allocate_zeroed(layout(10)).unwrap().cast::<u8>();
    // SAFETY: the block was just made with this layout; the new one is larger.
    let grown = unsafe { allocator.grow_zeroed(block, layout(10), layout(60)) }.unwrap();
    // SAFETY: the block has 60 bytes, all written.
    assert!(unsafe { grown.as_ref() }.iter().all(|it| *it == 0));
}
