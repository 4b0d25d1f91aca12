//! rayon's and crossbeam's own memory: injector blocks, deques, bags of garbage.

use super::support::{Block, check_all, overwrite, overwrite_a_little};
use crate::subject::phase;
use crossbeam_epoch as epoch;
use rayon::{ThreadPool, ThreadPoolBuilder};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Deep recursion in debug builds needs more than the usual stack.
const STACK_BYTES: usize = 64 << 20;
const WORKERS: usize = 4;

fn pool() -> ThreadPool {
    let builder = ThreadPoolBuilder::new()
        .num_threads(WORKERS)
        .stack_size(STACK_BYTES);
    builder.build().expect("four threads can be started")
}

/// The registry, the threads' records and the first deques are made in a phase and used in later ones.
pub(crate) fn pool_built_in_a_phase() {
    let pool = phase(pool);
    for turn in 0..20u64 {
        overwrite();
        let sum: u64 = phase(|| {
            pool.install(|| {
                use rayon::prelude::*;
                (0..2_000u64)
                    .into_par_iter()
                    .map(|it| vec![it + turn; 50][49])
                    .sum()
            })
        });
        assert_eq!(sum, 1_999_000 + turn * 2_000);
    }
}

/// Joins within joins: every level leaves a job in the worker's deque, which doubles its buffer.
fn deep(levels: usize) -> usize {
    if levels == 0 {
        return 0;
    }
    let (one, other) = rayon::join(|| deep(levels - 1), || std::hint::black_box(1));
    one + other
}

/// The grown buffer belongs to one phase, the pushes to it to the next.
pub(crate) fn deep_joins() {
    let pool = pool();
    for turn in 0..20 {
        let levels = 128 << (turn % 4);
        assert_eq!(phase(|| pool.install(|| deep(levels))), levels);
        overwrite_a_little();
        // Memory that the workers own, where an early reuse would put the deque's next push.
        let canaries = phase(|| pool.broadcast(|it| Block::new(it.index(), 256 << 10)));
        assert_eq!(pool.install(|| deep(levels)), levels);
        assert_eq!(phase(|| pool.install(|| deep(levels))), levels);
        check_all(&canaries);
    }
}

/// The program by which the original's first fault was found: jobs from outside the pool fill
/// the blocks of its injector.
pub(crate) fn canary() {
    let pool = pool();
    for turn in 0..100 {
        phase(|| (0..200).for_each(|_| _ = pool.install(|| rayon::join(|| (), || ()))));
        let canary = phase(|| {
            let canary = Block::new(turn, 65_536);
            pool.install(|| rayon::join(|| (), || ()));
            canary
        });
        pool.install(|| rayon::join(|| (), || ()));
        canary.check();
    }
}

static FREED: AtomicUsize = AtomicUsize::new(0);

/// Garbage of one phase waits in a bag until another thread, phases later, runs its destructors.
pub(crate) fn epoch_bags() {
    const TURNS: usize = 30;
    const EACH: usize = 200;
    let deferred = Arc::new(AtomicUsize::new(0));
    thread::scope(|scope| {
        for thread in 0..2 {
            let deferred = Arc::clone(&deferred);
            scope.spawn(move || {
                for turn in 0..TURNS {
                    phase(|| {
                        let guard = epoch::pin();
                        for number in 0..EACH {
                            let block = Block::new(number + thread, 20 + (number * turn) % 6_000);
                            guard.defer(move || {
                                block.check();
                                FREED.fetch_add(1, Ordering::Relaxed);
                            });
                            deferred.fetch_add(1, Ordering::Relaxed);
                        }
                    });
                    overwrite_a_little();
                    epoch::pin().flush();
                }
            });
        }
    });
    // The bags of the threads that ended are in the global queue; each flush collects some.
    while FREED.load(Ordering::Relaxed) < deferred.load(Ordering::Relaxed) {
        overwrite_a_little();
        epoch::pin().flush();
        thread::yield_now();
    }
    assert_eq!(FREED.load(Ordering::Relaxed), 2 * TURNS * EACH);
}
