//! The pooled and the per-thread form.

use adversary::alloc::Shadowed;
use adversary::drops::Ledger;
use allocator_api2::alloc::Global;
use memscope::arena::{Arena, ArenaPool, Config, PooledArena, worker};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;

#[test]
fn an_arena_of_a_pool_comes_back_warm_and_empty() {
    let heap = Shadowed::new(Global);
    let pool = ArenaPool::with_source(2, Config::new(), &heap);
    for _ in 0..5 {
        let arena = pool.get();
        arena.alloc_str("request");
        assert_eq!((arena.stats().used, heap.live().len()), (8, 1));
    }
    assert_eq!(pool.idle(), 1);
    drop(pool);
    heap.assert_clean();
}

#[test]
fn a_pool_keeps_no_more_than_it_may() {
    let heap = Shadowed::new(Global);
    let pool = ArenaPool::with_source(2, Config::new().keep(8192), &heap);
    let arenas: Vec<_> = (0..5).map(|_| pool.get()).collect();
    for arena in &arenas {
        arena.alloc_slice_copy(&[0_u8; 5000]);
        arena.alloc_slice_copy(&[0_u8; 50_000]);
    }
    drop(arenas);
    assert_eq!((pool.idle(), heap.live().len()), (2, 2));
    let none = ArenaPool::with_source(0, Config::new(), &heap);
    none.get().alloc(1);
    assert_eq!((none.idle(), heap.live().len()), (0, 2));
}

#[test]
fn requests_on_many_threads_do_not_see_each_other() {
    let pool = Arc::new(ArenaPool::new(3, Config::new().first_chunk(64)));
    let rounds = if cfg!(miri) { 5 } else { 200 };
    let threads = (0..4_u64).map(|own| {
        let pool = Arc::clone(&pool);
        std::thread::spawn(move || {
            for round in 0..rounds {
                let list = pool.scope(|region| {
                    let list = region.alloc_slice_fill_with(50, |_| own);
                    list.fill(own + round);
                    list.iter().all(|it| *it == own + round)
                });
                assert!(list);
            }
        })
    });
    let threads: Vec<_> = threads.collect();
    threads.into_iter().for_each(|it| it.join().unwrap());
    assert!((1..=3).contains(&pool.idle()));
}

#[test]
fn a_request_goes_on_on_another_thread() {
    let pool = ArenaPool::new(1, Config::new());
    let arena: PooledArena<'_> = pool.get();
    let text = arena.alloc_str("moved");
    std::thread::scope(|threads| drop(threads.spawn(move || text.make_ascii_uppercase())));
    std::thread::scope(|threads| drop(threads.spawn(move || drop(arena))));
    assert_eq!(pool.idle(), 1);
}

#[test]
fn an_arena_whose_destructor_panics_is_not_put_back() {
    struct Panics;
    impl Drop for Panics {
        fn drop(&mut self) {
            resume_unwind(Box::new("on purpose"));
        }
    }
    let (ledger, pool) = (Ledger::new(), ArenaPool::new(4, Config::new()));
    let caught = catch_unwind(AssertUnwindSafe(|| {
        let arena = pool.get();
        arena.alloc_drop(ledger.token());
        arena.alloc_drop(Panics);
    }));
    assert!(caught.is_err() && pool.idle() == 0);
    ledger.assert_clean();
    assert_eq!(*pool.get().alloc(1), 1);
}

#[test]
fn an_exchanged_arena_is_kept_in_the_place_of_the_other() {
    let pool = ArenaPool::new(1, Config::new());
    let mut arena = pool.get();
    let out = std::mem::replace(&mut *arena, Arena::new());
    drop(arena);
    out.alloc(1);
    assert_eq!((pool.idle(), pool.get().stats().chunks), (1, 0));
}

#[test]
fn a_destructor_may_use_the_pool_that_its_arena_is_of() {
    struct Uses(Arc<ArenaPool>);
    impl Drop for Uses {
        fn drop(&mut self) {
            self.0.scope(|region| region.alloc(1_u32).count_ones());
        }
    }
    let pool = Arc::new(ArenaPool::new(2, Config::new()));
    pool.scope(|region| {
        region.alloc_drop(Uses(Arc::clone(&pool)));
    });
    assert_eq!(pool.idle(), 2);
}

#[test]
fn work_within_work_has_an_arena_of_its_own() {
    fn nest(depth: usize) -> usize {
        worker(|region| {
            let own = region.alloc_slice_fill_with(100, |index| index + depth);
            let below = if depth == 0 { 0 } else { nest(depth - 1) };
            assert!(
                own.iter()
                    .enumerate()
                    .all(|(index, it)| *it == index + depth)
            );
            below + 1
        })
    }
    for _ in 0..3 {
        assert_eq!(nest(7), 8);
    }
}

#[test]
fn work_that_panics_gives_its_arena_back() {
    let ledger = Ledger::new();
    for _ in 0..3 {
        let caught = catch_unwind(AssertUnwindSafe(|| {
            worker(|region| {
                region.alloc_drop(ledger.token());
                resume_unwind(Box::new("on purpose"));
            })
        }));
        assert!(caught.is_err());
        ledger.assert_clean();
    }
}

#[test]
fn a_destructor_may_do_work_also_when_its_thread_ends() {
    struct Works;
    impl Drop for Works {
        fn drop(&mut self) {
            assert_eq!(worker(|region| region.alloc_str("late").len()), 4);
        }
    }
    thread_local! {
        static LATE: std::cell::RefCell<Option<Works>> = const { std::cell::RefCell::new(None) };
    }
    worker(|region| {
        region.alloc_drop(Works);
    });
    let thread = std::thread::spawn(|| {
        LATE.set(Some(Works));
        worker(|region| *region.alloc(1))
    });
    assert_eq!(thread.join().unwrap(), 1);
}
