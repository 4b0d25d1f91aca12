//! Allocations fail where they are told to, and what is done with blocks is on record.
#![expect(unsafe_code, reason = "allocators are called by hand")]

use crate::planted::arena::Arena;
use adversary::alloc::{Scripted, Shadowed};
use adversary::countdown::{Fault, for_each, paused, run_armed, run_counted};
use adversary::oracle::HeapViolation;
use std::alloc::{GlobalAlloc, Layout, System};

#[global_allocator]
static GLOBAL: Scripted = Scripted::system();

const LAYOUT: Layout = Layout::new::<[u8; 24]>();

fn allocate(heap: &impl GlobalAlloc) -> *mut u8 {
    // SAFETY: the layout has a size.
    unsafe { heap.alloc(LAYOUT) }
}

fn free(heap: &Shadowed, block: *mut u8, layout: Layout) {
    // SAFETY: the block is one of the heap's, which bears to be told what is wrong about it.
    unsafe { heap.dealloc(block, layout) };
}

/// What leaves its memory, and what was pushed by then, for a failure of each allocation.
fn failures(arena: fn() -> Arena) -> Vec<(usize, usize)> {
    let mut met = Vec::new();
    for_each(
        Fault::AllocFails,
        arena,
        |arena| (0..20).for_each(|it| drop(arena.try_push(it))),
        |arena, _| met.push((arena.escapes, arena.len())),
    );
    met
}

#[test]
fn an_arena_that_counts_on_its_memory_leaves_it_when_an_allocation_fails() {
    let hasty = failures(Arena::hasty);
    assert!(hasty.len() == 5 && hasty[0].0 == 0, "{hasty:?}");
    // No failure is harmless: each next push is outside.
    assert!(
        hasty[1..].iter().all(|(escapes, _)| *escapes > 0),
        "{hasty:?}"
    );
    // One push of 20 fails, and no more.
    let careful = failures(Arena::careful);
    assert_eq!(careful, [(0, 20), (0, 19), (0, 19), (0, 19), (0, 19)]);
}

#[test]
fn no_memory_from_one_allocation_on_is_no_memory_for_the_rest() {
    let run = run_armed(Fault::AllocFailsFrom(1), || {
        [1, 2, 3].map(|it| Vec::<u64>::new().try_reserve(it).is_ok())
    });
    assert_eq!(run.result.ok(), Some([true, false, false]));
}

#[test]
fn reallocations_count_and_fail_like_allocations() {
    let run = run_counted(|| {
        let mut list = Vec::<u8>::new();
        list.try_reserve_exact(1)?;
        list.try_reserve_exact(100)
    });
    assert_eq!(run.allocations, 2);
    let mut list = vec![7; 3];
    let run = run_armed(Fault::AllocFails(0), || list.try_reserve(1000).is_err());
    assert!(run.result.unwrap());
    assert_eq!(list, [7; 3]);
}

#[test]
fn a_pause_and_another_thread_are_left_alone() {
    let run = run_armed(Fault::AllocFailsFrom(0), || paused(|| vec![0; 100].len()));
    assert_eq!((run.result.unwrap(), run.fired), (100, false));
    let thread = std::thread::spawn(|| vec![0; 100].len());
    assert_eq!(thread.join().unwrap(), 100);
}

#[test]
fn a_global_allocator_does_not_panic() {
    let run = run_armed(Fault::AllocPanics(0), || vec![0; 100].len());
    assert_eq!((run.result.unwrap(), run.fired), (100, false));
}

#[test]
fn a_block_that_is_freed_twice_is_on_record() {
    let heap = Shadowed::system();
    let block = allocate(&heap);
    free(&heap, block, LAYOUT);
    heap.assert_clean();
    free(&heap, block, LAYOUT);
    let address = block.addr();
    assert_eq!(heap.violations(), [HeapViolation::NotLive { address }]);
}

#[test]
fn a_block_that_is_freed_with_another_layout_is_on_record() {
    let heap = Shadowed::system();
    let block = allocate(&heap);
    free(&heap, block, Layout::new::<[u64; 3]>());
    let text = heap.violations()[0].to_string();
    assert!(
        text.ends_with("was freed as 24 bytes aligned to 8 and allocated as 24 bytes aligned to 1")
    );
    assert_eq!(heap.live(), []);
}

#[test]
fn a_block_that_is_not_freed_is_on_record() {
    let heap = Shadowed::system();
    let block = allocate(&heap);
    assert_eq!(heap.live(), [(block.addr(), LAYOUT)]);
    let leak = std::panic::catch_unwind(|| heap.assert_clean());
    assert!(leak.is_err());
    free(&heap, block, LAYOUT);
    heap.assert_clean();
}

#[test]
fn a_write_past_either_end_is_on_record() {
    for index in [-64, -1, 24, 87] {
        let heap = Shadowed::system();
        let block = allocate(&heap);
        // SAFETY: 64 bytes on either side of the 24 are the heap's zones.
        let past = unsafe { block.offset(index) };
        // SAFETY: the zones may be written to, and that is on record.
        unsafe { past.write(0) };
        let damaged = [HeapViolation::Damaged {
            address: block.addr(),
        }];
        assert_eq!(heap.violations(), damaged, "{index}");
        free(&heap, block, LAYOUT);
        assert_eq!(heap.violations(), damaged, "{index}");
    }
}

#[test]
fn a_write_within_the_block_is_not_on_record() {
    let heap = Shadowed::system();
    let block = allocate(&heap);
    // SAFETY: the block has 24 bytes.
    unsafe { block.write_bytes(0, 24) };
    free(&heap, block, LAYOUT);
    heap.assert_clean();
}

#[test]
fn blocks_grow_and_shrink_with_their_bytes() {
    let heap = Shadowed::system();
    let block = allocate(&heap);
    // SAFETY: the block has 24 bytes.
    unsafe { block.write_bytes(3, 24) };
    // SAFETY: the block is the heap's.
    let large = unsafe { heap.realloc(block, LAYOUT, 1000) };
    // SAFETY: the block has 1000 bytes, which the heap has written, or the test.
    let bytes = unsafe { std::slice::from_raw_parts(large, 25) };
    assert_eq!((bytes[23], bytes[24]), (3, 0xA5));
    let layout = Layout::from_size_align(1000, 1).unwrap();
    // SAFETY: the block is the heap's.
    let small = unsafe { heap.realloc(large, layout, 2) };
    free(&heap, small, Layout::new::<[u8; 2]>());
    heap.assert_clean();
}

#[test]
fn alignments_above_the_zones_are_kept() {
    let heap = Shadowed::system();
    for align in [1, 64, 256, 4096] {
        let layout = Layout::from_size_align(10, align).unwrap();
        // SAFETY: the layout has a size.
        let block = unsafe { heap.alloc(layout) };
        assert!(block.addr().is_multiple_of(align));
        free(&heap, block, layout);
    }
    heap.assert_clean();
}

#[test]
fn a_failing_allocator_over_a_watching_one_is_both() {
    let heap = Scripted::new(Shadowed::new(System));
    let run = run_armed(Fault::AllocFails(1), || [allocate(&heap), allocate(&heap)]);
    let [first, second] = run.result.unwrap();
    assert!(!first.is_null() && second.is_null());
    assert_eq!(heap.inner().live().len(), 1);
    free(heap.inner(), first, LAYOUT);
    heap.inner().assert_clean();
}

#[cfg(feature = "allocator-api2")]
mod api2 {
    use super::*;
    use adversary::drops::Ledger;
    use allocator_api2::alloc::Allocator;
    use allocator_api2::vec::Vec as VecIn;

    #[test]
    fn a_list_stays_whole_when_its_allocator_fails_or_panics() {
        let kinds = [Fault::AllocFails, Fault::AllocFailsFrom, Fault::AllocPanics];
        for kind in kinds {
            let heap = Shadowed::system();
            let faults = for_each(
                kind,
                || (Ledger::new(), VecIn::new_in(Scripted::new(&heap))),
                |(ledger, list)| {
                    for _ in 0..10 {
                        if list.try_reserve(1).is_ok() {
                            list.push(ledger.token());
                        }
                    }
                },
                |(ledger, list), _| {
                    drop(list);
                    ledger.assert_clean();
                },
            );
            assert_eq!(faults, 3);
            heap.assert_clean();
        }
    }

    /// A block that grows, with zeros behind what it had, and shrinks: its length where it ends, and its first bytes.
    fn grown_and_shrunk(alloc: &impl Allocator) -> Option<(usize, [u8; 3])> {
        let layouts = [
            Layout::new::<[u8; 2]>(),
            Layout::new::<[u8; 64]>(),
            Layout::new::<[u8; 3]>(),
        ];
        let mut block = alloc.allocate(layouts[0]).ok()?.cast::<u8>();
        // SAFETY: the block has two bytes.
        unsafe { block.cast::<[u8; 2]>().write([7, 8]) };
        let mut layout = layouts[0];
        // SAFETY: the block is of the allocator and of that layout; the new one is larger.
        if let Ok(grown) = unsafe { alloc.grow_zeroed(block, layout, layouts[1]) } {
            (block, layout) = (grown.cast(), layouts[1]);
        }
        if layout.size() > layouts[2].size() {
            // SAFETY: the block is of the allocator and of that layout; the new one is smaller.
            if let Ok(shrunk) = unsafe { alloc.shrink(block, layout, layouts[2]) } {
                (block, layout) = (shrunk.cast(), layouts[2]);
            }
        }
        let kept = layout.size().min(3);
        let mut bytes = [0xFF; 3];
        // SAFETY: the block has so many bytes, all written: two here, the others with zeros.
        unsafe { block.as_ptr().copy_to(bytes.as_mut_ptr(), kept) };
        // SAFETY: the block is of the allocator and of that layout.
        unsafe { alloc.deallocate(block, layout) };
        Some((layout.size(), bytes))
    }

    #[test]
    fn a_block_that_cannot_grow_or_shrink_stays_as_it_is() {
        let mut ends = Vec::new();
        let faults = for_each(
            Fault::AllocFails,
            || Scripted::new(Shadowed::system()),
            |heap| grown_and_shrunk(heap),
            |heap, run| {
                ends.push(run.result.unwrap());
                heap.inner().assert_clean();
            },
        );
        assert_eq!(faults, 3);
        let whole = Some((3, [7, 8, 0]));
        assert_eq!(
            ends,
            [whole, None, Some((2, [7, 8, 0xFF])), Some((64, [7, 8, 0]))]
        );
        assert_eq!(grown_and_shrunk(&Shadowed::system()), whole);
    }

    #[test]
    fn memory_that_was_never_written_is_recognised() {
        let heap = Shadowed::system();
        let block = heap.allocate(LAYOUT).unwrap().cast::<u8>();
        // SAFETY: the heap has filled the block.
        assert_eq!(unsafe { block.read() }, 0xA5);
        // SAFETY: the block is the heap's.
        unsafe { heap.deallocate(block, LAYOUT) };
        heap.assert_clean();
    }
}
