//! Arenas on the accounts of scopes.

use memscope::Scope;
use memscope::arena::{Arena, ArenaPool, Config, worker};

#[test]
fn the_chunks_of_an_arena_are_on_the_account_of_the_scope_that_took_them() {
    let scope = Scope::new("request");
    let arena = scope.run(Arena::new);
    scope.run(|| arena.alloc_str("text").len());
    assert_eq!(scope.usage().live(), 1);
    drop(arena);
    scope.end().unwrap();
}

#[test]
fn a_request_with_an_arena_of_a_pool_is_neutral() {
    let pool = ArenaPool::new(2, Config::new());
    for round in 0..3_u32 {
        let scope = Scope::for_request("request", round.into());
        let sum = scope.run(|| {
            pool.scope(|region| {
                let numbers = region.alloc_slice_fill_with(10_000, |at| at as u64);
                numbers.iter().sum::<u64>()
            })
        });
        assert_eq!(sum, 49_995_000);
        // Not even in between: chunks are the pool's.
        assert_eq!(scope.end().unwrap().allocs, 0);
    }
    assert_eq!(pool.idle(), 1);
}

#[test]
fn work_on_an_arena_of_the_thread_is_neutral() {
    for _ in 0..3 {
        let scope = Scope::new("work");
        scope.run(|| {
            worker(|outer| worker(|inner| outer.alloc_str("a").len() + inner.alloc_str("b").len()))
        });
        scope.end().unwrap();
    }
}
