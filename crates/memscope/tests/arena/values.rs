//! Values, slices and blocks, and what an arena says it holds.

use adversary::alloc::Shadowed;
use adversary::liar::LyingIter;
use allocator_api2::alloc::Global;
use memscope::arena::{Arena, ArenaError, Config};
use std::alloc::Layout;
use std::panic::{AssertUnwindSafe, catch_unwind};

#[repr(align(4096))]
#[derive(Clone, Copy)]
struct Page(u8);

fn address<T: ?Sized>(value: &T) -> usize {
    (&raw const *value).cast::<u8>().addr()
}

#[test]
fn values_keep_their_content_across_chunks() {
    let arena = Arena::with_config(Config::new().first_chunk(64));
    let values: Vec<&mut u64> = (0..1000).map(|it| arena.alloc(it)).collect();
    assert!(values.iter().map(|it| **it).eq(0..1000));
    assert!(arena.stats().chunks > 3);
}

#[test]
fn over_aligned_values_are_aligned_wherever_they_come() {
    let arena = Arena::with_config(Config::new().first_chunk(64));
    for offset in 0..20_u8 {
        arena.alloc(offset);
        let page = arena.alloc(Page(offset));
        assert_eq!((address(page) % 4096, page.0), (0, offset));
        assert_eq!(
            address(arena.alloc(u128::from(offset))) % align_of::<u128>(),
            0
        );
    }
}

#[test]
fn values_without_size_take_no_memory() {
    #[repr(align(64))]
    struct Wide;
    let arena = Arena::new();
    assert_eq!(address(arena.alloc(Wide)) % 64, 0);
    assert_eq!(arena.alloc_slice_fill_with(1000, |_| ()).len(), 1000);
    assert_eq!(arena.alloc_from_iter([(); 1000]).len(), 1000);
    assert_eq!(arena.alloc_slice_copy(&[(); 7]).len(), 7);
    for align in [1, 8, 16, 4096] {
        let block = arena.alloc_layout(Layout::from_size_align(0, align).unwrap());
        assert!(block.addr().get().is_multiple_of(align));
    }
    assert_eq!(arena.stats().held, 0);
    arena.alloc(1_u8);
    assert!(arena.alloc_str("").is_empty());
    assert!(arena.alloc_slice_copy::<u64>(&[]).is_empty());
    assert!(arena.alloc_from_iter([0_u64; 0]).is_empty());
    assert_eq!(arena.stats().used, 8);
}

#[test]
fn sizes_beyond_the_address_space_are_errors() {
    let arena = Arena::new();
    arena.alloc(1_u8);
    let max = isize::MAX.unsigned_abs();
    for (size, align) in [
        (max, 1),
        (max - 7, 8),
        (max - 15, 16),
        (max - 4095, 4096),
        (max / 2 + 1, max / 2 + 1),
    ] {
        let layout = Layout::from_size_align(size, align).unwrap();
        assert!(arena.try_alloc_layout(layout).is_err(), "{layout:?}");
    }
    assert_eq!(
        arena.try_alloc_slice_fill_with(max, |_| 0_u16).err(),
        Some(ArenaError::TooLarge)
    );
    assert!(
        catch_unwind(AssertUnwindSafe(
            || arena.alloc_slice_fill_with(max, |_| 0_u8)
        ))
        .is_err()
    );
    assert_eq!(arena.stats().used, 8);
    assert_eq!(*arena.alloc(2), 2);
}

#[test]
fn an_iterator_may_say_any_length() {
    let arena = Arena::with_config(Config::new().first_chunk(64));
    for hint in [0, 1, 99, 100, 101, 10_000, usize::MAX] {
        let lying = LyingIter::new(0..100_u32).hint_is(hint, None);
        assert!(arena.alloc_from_iter(lying).iter().copied().eq(0..100));
    }
}

#[test]
fn an_iterator_may_allocate_in_the_arena() {
    let arena = Arena::with_config(Config::new().first_chunk(64));
    let words = arena.alloc_from_iter((0..100).map(|it| &*arena.alloc_str(&it.to_string())));
    assert!(
        words
            .iter()
            .enumerate()
            .all(|(index, word)| *word == index.to_string())
    );
}

#[test]
fn a_closure_may_allocate_in_the_arena() {
    let arena = Arena::with_config(Config::new().first_chunk(64));
    let outer = arena.alloc_with(|| {
        let inner = arena.alloc_with(|| [1_u64; 9]);
        [inner[0] + 1; 9]
    });
    let slice = arena.alloc_slice_fill_with(20, |index| &*arena.alloc(index));
    assert_eq!(*outer, [2; 9]);
    assert!(slice.iter().enumerate().all(|(index, it)| index == **it));
}

#[test]
fn a_growing_slice_gives_back_what_it_did_not_need() {
    let arena = Arena::new();
    arena.alloc_from_iter((0..100_u8).filter(|it| it % 10 == 0));
    assert_eq!(arena.stats().used, 16);
}

#[test]
fn statistics_count_bytes_in_use_and_the_most_ever_in_use() {
    let mut arena = Arena::with_config(Config::new().first_chunk(128));
    arena.alloc([0_u8; 5]);
    arena.scope(|region| region.alloc([0_u64; 100]).len());
    let stats = arena.stats();
    assert_eq!(
        (stats.used, stats.peak, stats.chunks, stats.resets),
        (8, 808, 2, 0)
    );
    arena.alloc(0_u64);
    arena.reset();
    arena.alloc(0_u32);
    let stats = arena.stats();
    assert_eq!((stats.used, stats.peak, stats.resets), (8, 808, 1));
}

#[test]
fn an_arena_never_holds_more_than_its_limit() {
    for limit in [0, 31, 32, 48, 100, 1000, 5000, 20_000] {
        let arena = Arena::with_config(Config::new().limit(limit));
        let mut fitted = 0;
        while arena.try_alloc([0_u64; 4]).is_ok() {
            fitted += 32;
        }
        let held = arena.stats().held;
        assert!(held <= limit && fitted <= held);
        // Nearly all of the limit can be used: what is lost is a header and a rest for each chunk.
        assert!(
            fitted + (arena.stats().chunks + 1) * 80 >= limit,
            "{fitted} of {limit}"
        );
        let error = arena.try_alloc([0_u64; 4]).unwrap_err();
        assert!(matches!(error, ArenaError::Limit { .. }));
        assert!(error.to_string().contains(&limit.to_string()));
    }
}

/// The allocator is asked in the first rounds and not again.
#[test]
fn a_reset_in_the_steady_state_neither_frees_nor_allocates() {
    let heap = Shadowed::new(Global);
    let mut arena = Arena::with_source(Config::new().first_chunk(256), &heap);
    let round = |arena: &mut Arena<&Shadowed<Global>>| {
        for size in 0..50 {
            arena.alloc_slice_fill_with(size, |index| index);
        }
        arena.alloc_slice_copy(&[0_u8; 3000]);
        arena.reset();
    };
    round(&mut arena);
    let held = heap.live();
    for _ in 0..5 {
        round(&mut arena);
        assert_eq!(heap.live(), held);
    }
    drop(arena);
    heap.assert_clean();
}

#[test]
fn a_reset_keeps_no_more_than_the_cap() {
    let heap = Shadowed::new(Global);
    for keep in [0, 255, 256, 1000, 100_000] {
        let mut arena = Arena::with_source(Config::new().first_chunk(256).keep(keep), &heap);
        for _ in 0..3 {
            arena.alloc_slice_copy(&[0_u8; 3000]);
            for value in 0..100 {
                arena.alloc([value; 10]);
            }
            arena.reset();
            assert!(arena.stats().held <= keep);
            let live: usize = heap.live().iter().map(|it| it.1.size()).sum();
            assert_eq!(live, arena.stats().held);
        }
    }
    heap.assert_clean();
}

#[test]
fn a_reset_keeps_what_is_as_large_as_the_cap() {
    let mut arena = Arena::with_config(Config::new().first_chunk(256).keep(256));
    arena.alloc(1);
    arena.alloc_slice_copy(&[0_u8; 3000]);
    arena.reset();
    assert_eq!(arena.stats().held, 256);
}

#[test]
fn what_is_taken_back_is_filled_in_debug_builds() {
    let mut arena = Arena::with_config(Config::new().first_chunk(128));
    // Pointers to blocks, not to values: those end with the borrow, which Miri would report.
    let put = |_| {
        let block = arena
            .alloc_layout(Layout::new::<[u64; 4]>())
            .cast::<[u64; 4]>();
        // SAFETY: the block is for such a value.
        unsafe { block.write([7; 4]) };
        block
    };
    let stale: Vec<_> = (0..20).map(put).collect();
    arena.reset();
    // A checker that is told of the memory would report the reads below.
    let told = cfg!(memscope_asan) || cfg!(feature = "valgrind");
    if cfg!(debug_assertions) && !told {
        let filled = u64::from_ne_bytes([block_guard_byte(); 8]);
        for block in stale {
            // SAFETY: the chunks are kept, so the memory is there, and it is initialised.
            assert_eq!(unsafe { block.read() }, [filled; 4]);
        }
    }
}

/// What `block_guard::RETIRED_BYTE` is; a change of it changes what people look for in a debugger.
const fn block_guard_byte() -> u8 {
    0xDB
}
