//! What a user who means harm can do in safe code.

use adversary::drops::Ledger;
use allocator_api2::alloc::{AllocError, Allocator, Global};
use memscope::arena::{Arena, Config, Owned, Region};
use std::alloc::Layout;
use std::cell::{Cell, RefCell};
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::NonNull;
use std::sync::{Arc, Mutex, Weak};

thread_local! {
    static BORROWED: RefCell<Option<Arena>> = const { RefCell::new(None) };
    static TAKEN: Cell<Option<Arena>> = const { Cell::new(None) };
}

/// A destructor that reaches for the arena that is just running it.
#[test]
fn a_destructor_cannot_reach_its_arena_through_a_cell() {
    struct Reaches;
    impl Drop for Reaches {
        fn drop(&mut self) {
            assert!(
                BORROWED
                    .try_with(|it| it.try_borrow_mut().is_err())
                    .unwrap()
            );
            assert!(TAKEN.take().is_none());
        }
    }
    let arena = Arena::new();
    arena.alloc_drop(Reaches);
    BORROWED.set(Some(arena));
    BORROWED.with_borrow_mut(|it| it.as_mut().unwrap().reset());
    TAKEN.set(BORROWED.take());
    let mut arena = TAKEN.take().unwrap();
    arena.alloc_drop(Reaches);
    BORROWED.set(Some(Arena::new()));
    BORROWED.with_borrow_mut(|_| arena.reset());
}

/// A destructor that puts another arena in the place of one that is borrowed by nobody.
#[test]
fn a_destructor_may_replace_an_arena_that_it_can_reach() {
    struct Replaces(Ledger);
    impl Drop for Replaces {
        fn drop(&mut self) {
            let next = Arena::new();
            next.alloc_drop(self.0.token());
            TAKEN.set(Some(next));
        }
    }
    let mut arena = Arena::new();
    for _ in 0..3 {
        arena.alloc_drop(Replaces(Ledger::new()));
    }
    arena.reset();
    assert!(TAKEN.take().is_some());
}

#[test]
fn an_arena_in_a_cycle_with_its_values_is_leaked_or_gone() {
    struct Holds(Weak<Mutex<Arena>>);
    impl Drop for Holds {
        fn drop(&mut self) {
            // While the arena resets it is locked; while it is dropped nobody can have it.
            let shared = self.0.upgrade();
            assert!(shared.is_none_or(|it| it.try_lock().is_err()));
        }
    }
    let shared = Arc::new(Mutex::new(Arena::new()));
    let put = || {
        let value = Holds(Arc::downgrade(&shared));
        shared.lock().unwrap().alloc_drop(value);
    };
    put();
    shared.lock().unwrap().reset();
    put();
    drop(shared);
}

/// `'static` values can be had from an arena that is never dropped; such a one is never reset either.
#[test]
fn a_leaked_arena_has_values_for_ever() {
    let boxed = Box::into_raw(Box::new(Arena::new()));
    // SAFETY: the arena is there until the test's end, and this is the one reference to it.
    let arena: &'static mut Arena = unsafe { &mut *boxed };
    let mut region: Region<'static> = arena.as_region();
    let first: &'static mut u32 = region.alloc(1);
    let ledger = Ledger::new();
    {
        let mut child = region.child();
        let inner = child.enter();
        // A value with a destructor that has a reference to one without, which outlives it.
        inner.alloc_drop((&*first, ledger.token()));
    }
    ledger.assert_clean();
    assert_eq!(*region.alloc(2), 2);
    // SAFETY: nothing of the arena is used after this; it was made by `Box` above.
    drop(unsafe { Box::from_raw(boxed) });
}

#[test]
fn a_region_can_be_exchanged_for_one_of_the_same_lifetime_alone() {
    fn exchange<'r>(one: &mut Region<'r>, two: &mut Region<'r>) -> (&'r mut u64, &'r mut u64) {
        mem::swap(one, two);
        (one.alloc(1), two.alloc(2))
    }
    let (mut left, mut right) = (Arena::new(), Arena::new());
    {
        let (mut one, mut two) = (left.as_region(), right.as_region());
        let (a, b) = exchange(&mut one, &mut two);
        one.scope(|child| child.alloc([0_u8; 100]).len());
        assert_eq!((*a, *b), (1, 2));
    }
    assert_eq!((left.stats().peak, right.stats().peak), (8, 112));
}

#[test]
fn leaked_guards_of_any_depth_are_taken_back_by_who_is_left() {
    let ledger = Ledger::new();
    let mut arena = Arena::with_config(Config::new().first_chunk(64));
    {
        let mut outer = arena.child();
        let mut region = outer.enter();
        region.alloc_drop((ledger.token(), [0_u64; 20]));
        let mut inner = region.child();
        inner.enter().alloc_drop((ledger.token(), [0_u64; 200]));
        mem::forget(inner);
        region.alloc_drop(ledger.token());
        assert_eq!(ledger.live(), 3);
    }
    ledger.assert_clean();
    assert_eq!(arena.stats().used, 0);
}

#[test]
fn a_forgotten_owned_value_is_leaked_and_its_memory_is_not() {
    let mut arena = Arena::new();
    for _ in 0..3 {
        mem::forget::<Owned<'_, _>>(arena.alloc_owned([1_u64; 8]));
        arena.reset();
    }
    assert_eq!((arena.stats().peak, arena.stats().chunks), (64, 1));
}

/// The iterator's own drop comes when the slice is there already.
#[test]
fn an_iterator_that_allocates_in_its_destructor_harms_no_slice() {
    struct Allocates<'a>(&'a Arena, u32);
    impl Iterator for Allocates<'_> {
        type Item = u32;
        fn next(&mut self) -> Option<u32> {
            self.1 = self.1.checked_sub(1)?;
            Some(*self.0.alloc(self.1))
        }
    }
    impl Drop for Allocates<'_> {
        fn drop(&mut self) {
            self.0.alloc([u64::MAX; 30]);
        }
    }
    let arena = Arena::with_config(Config::new().first_chunk(64));
    let slices: Vec<&mut [u32]> = (0..20)
        .map(|len| arena.alloc_from_iter(Allocates(&arena, len)))
        .collect();
    for (len, slice) in (0..20).zip(slices) {
        assert!(slice.iter().copied().eq((0..len).rev()));
    }
}

#[test]
fn a_comparison_that_panics_in_a_child_ends_the_child() {
    let mut arena = Arena::new();
    let mut region = arena.as_region();
    let kept = region.alloc_str("kept");
    let caught = catch_unwind(AssertUnwindSafe(|| {
        region.promote_slice(|child| {
            let list = child.alloc_slice_copy(&[3, 2, 1]);
            list.sort_by(|_, _| std::panic::resume_unwind(Box::new("on purpose")));
            list
        });
    }));
    assert!(caught.is_err());
    assert_eq!(*region.alloc(7), 7);
    assert_eq!(kept, "kept");
    assert_eq!(arena.stats().used, 16);
}

thread_local! {
    static GROWS: Cell<Option<&'static Arena<ComesBack>>> = const { Cell::new(None) };
}

/// A source that allocates in the arena that is just asking it for a chunk.
#[derive(Clone, Copy)]
struct ComesBack;

// SAFETY: the blocks are those of `Global`.
unsafe impl Allocator for ComesBack {
    fn allocate(&self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        if let Some(arena) = GROWS.take() {
            let inner = arena.try_alloc_slice_fill_with(3000, |_| 7_u8);
            assert!(inner.is_ok_and(|inner| inner.iter().all(|it| *it == 7)));
        }
        Global.allocate(layout)
    }

    unsafe fn deallocate(&self, block: NonNull<u8>, layout: Layout) {
        // SAFETY: the caller's promise is the same.
        unsafe { Global.deallocate(block, layout) };
    }
}

#[test]
fn a_source_that_comes_back_to_its_arena_harms_no_block_and_no_limit() {
    let config = Config::new().limit(10_000);
    let owner = Box::into_raw(Box::new(Arena::with_source(config, ComesBack)));
    // SAFETY: it lives until the end of this test, after the last use of the reference.
    let arena: &'static Arena<ComesBack> = unsafe { &*owner };
    let mut kept = Vec::new();
    for round in 0..10_u8 {
        GROWS.set((round < 2).then_some(arena));
        if let Ok(block) = arena.try_alloc_slice_fill_with(2000, |_| round) {
            kept.push((round, block));
        }
        let held = arena.stats().held;
        assert!(held <= 10_000, "{held} bytes");
    }
    for (round, block) in kept {
        assert!(block.iter().all(|it| *it == round));
    }
    // SAFETY: of `into_raw`, and the last references were used above.
    drop(unsafe { Box::from_raw(owner) });
}
