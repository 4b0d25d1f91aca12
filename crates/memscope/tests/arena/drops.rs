//! Destructors: once, in order, and what a panic leaves.

use adversary::countdown::for_each_call;
use adversary::drops::{Ledger, Token};
use memscope::arena::{Arena, Config};
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};

type Log = Arc<Mutex<Vec<u32>>>;

struct Logged(u32, Log);

impl Drop for Logged {
    fn drop(&mut self) {
        self.1.lock().unwrap().push(self.0);
    }
}

fn small() -> Arena {
    Arena::with_config(Config::new().first_chunk(64))
}

#[test]
fn destructors_run_newest_first_at_a_reset_and_with_the_arena() {
    let log = Log::default();
    let mut arena = small();
    for number in 0..5 {
        arena.alloc_drop(Logged(number, Arc::clone(&log)));
        arena.alloc(number);
    }
    arena.reset();
    assert_eq!(*log.lock().unwrap(), [4, 3, 2, 1, 0]);
    arena.alloc_drop(Logged(7, Arc::clone(&log)));
    arena.reset();
    arena.alloc_drop(Logged(8, Arc::clone(&log)));
    arena.alloc_drop(Logged(9, Arc::clone(&log)));
    drop(arena);
    assert_eq!(*log.lock().unwrap(), [4, 3, 2, 1, 0, 7, 9, 8]);
}

#[test]
fn a_child_runs_its_own_destructors_alone() {
    let log = Log::default();
    let mut arena = small();
    arena.alloc_drop(Logged(0, Arc::clone(&log)));
    let mut region = arena.as_region();
    region.alloc_drop(Logged(1, Arc::clone(&log)));
    region.scope(|child| {
        child.alloc_drop(Logged(2, Arc::clone(&log)));
        child.scope(|grandchild| {
            grandchild.alloc_drop(Logged(3, Arc::clone(&log)));
        });
        child.alloc_drop(Logged(4, Arc::clone(&log)));
    });
    assert_eq!(*log.lock().unwrap(), [3, 4, 2]);
    drop(arena);
    assert_eq!(*log.lock().unwrap(), [3, 4, 2, 1, 0]);
}

#[test]
fn a_rewind_runs_the_destructors_since_the_mark() {
    let log = Log::default();
    let mut arena = small();
    arena.alloc_drop(Logged(0, Arc::clone(&log)));
    let mark = arena.mark();
    for round in 1..4 {
        arena.alloc_drop(Logged(round, Arc::clone(&log)));
        arena.mark();
        arena.rewind(mark).unwrap();
    }
    assert_eq!(*log.lock().unwrap(), [1, 2, 3]);
}

#[test]
fn a_value_with_a_destructor_and_no_size_is_dropped_once() {
    thread_local! {
        static DROPS: RefCell<usize> = const { RefCell::new(0) };
    }
    struct Unit;
    impl Drop for Unit {
        fn drop(&mut self) {
            DROPS.with_borrow_mut(|it| *it += 1);
        }
    }
    let mut arena = small();
    for _ in 0..10 {
        arena.alloc_drop(Unit);
    }
    drop(arena.alloc_owned(Unit));
    arena.reset();
    assert_eq!(DROPS.with_borrow(|it| *it), 11);
}

/// Each destructor panics in turn: all others run, and the arena is as it should be.
#[test]
fn a_panicking_destructor_leaves_nothing_behind() {
    let ways: [fn(&mut Arena); 3] = [
        Arena::reset,
        |arena| *arena = small(),
        |arena| {
            arena.scope(|child| {
                let ledger = Ledger::new();
                child.alloc_drop((ledger.token(), ledger));
                child.alloc([0_u8; 100]);
            });
            arena.reset();
        },
    ];
    for way in ways {
        let panics = for_each_call(
            || {
                let ledger = Ledger::new();
                let arena = small();
                for _ in 0..4 {
                    arena.alloc_drop((ledger.token(), [0_u64; 5]));
                }
                (ledger, arena)
            },
            |(_, arena)| way(arena),
            |(ledger, mut arena), run| {
                if run.result.is_err() {
                    // A panic in the child's destructor is not the arena's.
                    arena.reset();
                }
                ledger.assert_clean();
                assert_eq!(arena.stats().used, 0);
                assert_eq!(*arena.alloc(5), 5);
                arena.reset();
                ledger.assert_clean();
            },
        );
        assert!(panics >= 4);
    }
}

#[test]
fn a_rewind_with_a_panicking_destructor_has_gone_back() {
    let swept = for_each_call(
        || {
            let ledger = Ledger::new();
            let arena = small();
            arena.alloc_drop(ledger.token());
            let mark = arena.mark();
            let used = arena.stats().used;
            for _ in 0..3 {
                arena.alloc_drop((ledger.token(), [0_u64; 9]));
            }
            (ledger, arena, mark, used)
        },
        |(_, arena, mark, _)| arena.rewind(*mark),
        |(ledger, mut arena, mark, used), _| {
            assert_eq!((ledger.live(), arena.stats().used), (1, used));
            arena.rewind(mark).unwrap();
            drop(arena);
            ledger.assert_clean();
        },
    );
    assert_eq!(swept, 3);
}

#[test]
fn a_closure_that_panics_loses_no_value_and_drops_none_twice() {
    let swept = for_each_call(
        || (Ledger::new(), small()),
        |(ledger, arena)| {
            arena.alloc_drop(ledger.token());
            arena.alloc_with(|| {
                arena.alloc_drop(ledger.token().clone());
                adversary::countdown::tick();
                1
            });
            let _owned = arena.alloc_owned(ledger.token().clone());
            arena.alloc_slice_fill_with(3, |index| {
                adversary::countdown::tick();
                index
            });
            arena.alloc_from_iter((0..3).inspect(|_| adversary::countdown::tick()));
        },
        |(ledger, mut arena), _| {
            arena.reset();
            ledger.assert_clean();
        },
    );
    assert!(swept > 7);
}

#[test]
fn an_owned_value_is_dropped_with_its_handle_or_by_who_takes_it() {
    let ledger = Ledger::new();
    let mut arena = small();
    {
        let handle = arena.alloc_owned(ledger.token());
        let taken = arena.alloc_owned(ledger.token()).into_inner();
        let mut list = arena.alloc_owned(vec![ledger.token()]);
        list.push(ledger.token());
        assert_eq!(ledger.live(), 4);
        drop((handle, taken));
        assert_eq!(list.len(), ledger.live());
    }
    ledger.assert_clean();
    arena.reset();
    ledger.assert_clean();
}

#[test]
fn an_owned_value_may_borrow_what_it_is_given() {
    let arena = small();
    let text = String::from("a b");
    let words = arena.alloc_owned(text.split(' ').collect::<Vec<_>>());
    let nested = arena.alloc_owned(vec![&*words]);
    assert_eq!(nested[0], &["a", "b"]);
}

#[test]
fn a_leaked_child_is_dropped_by_its_parent() {
    let ledger = Ledger::new();
    let mut arena = small();
    arena.alloc_drop(ledger.token());
    let mut child = arena.child();
    child.enter().alloc_drop(ledger.token());
    std::mem::forget(child);
    assert_eq!((ledger.live(), *arena.alloc(1)), (2, 1));
    arena.reset();
    ledger.assert_clean();
}

#[test]
fn an_arena_can_be_sent_with_its_values() {
    let ledger = Ledger::new();
    let arena = small();
    arena.alloc_drop(ledger.token());
    std::thread::spawn(move || drop(arena)).join().unwrap();
    ledger.assert_clean();
}

/// A second panic while the first unwinds would abort, as it does for `Vec`: this one has one panic.
#[test]
fn the_arena_of_a_panicking_closure_is_empty_after_it() {
    let ledger = Ledger::new();
    let mut arena = small();
    let caught = catch_unwind(AssertUnwindSafe(|| {
        arena.scope(|child| {
            let token: &mut Token = child.alloc_drop(ledger.token());
            token.touch();
            std::panic::resume_unwind(Box::new("on purpose"));
        })
    }));
    assert!(caught.is_err());
    ledger.assert_clean();
    assert_eq!(arena.stats().used, 0);
}
