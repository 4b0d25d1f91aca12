//! Values that are moved to another scope's account.
#![expect(clippy::unwrap_used, reason = "what a test cannot go on from fails it")]

use std::collections::VecDeque;
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use memscope::{Scope, ScopeHandle, Transfer, Usage};

fn live(usage: Usage) -> (u64, u64) {
    (usage.live(), usage.live_bytes())
}

/// Two scopes, and a value of the first that the second adopts; blocks and bytes of it.
fn moves<T: Transfer>(make: impl Fn() -> T) -> (u64, u64) {
    let (from, to) = (Scope::new("from"), Scope::new("to"));
    let value = from.run(&make);
    let made = live(from.usage());
    let value = to.adopt(value);
    let moved = to.usage();
    assert_eq!(live(from.usage()), (0, 0));
    assert_eq!(live(moved), made);
    assert_eq!((moved.allocs, moved.bytes_allocated), made);
    from.end().unwrap();
    drop(value);
    to.end().unwrap();
    made
}

#[test]
fn every_block_of_a_value_moves() {
    assert_eq!(moves(|| Box::new(7_u64)), (1, 8));
    assert_eq!(moves(|| Vec::<u32>::with_capacity(10)), (1, 40));
    assert_eq!(
        moves(|| vec![String::from("one"), String::new(), String::from("three")]),
        (3, 8 + 3 * size_of::<String>() as u64)
    );
    assert_eq!(moves(|| Box::<str>::from("text")), (1, 4));
    assert_eq!(moves(|| OsString::from("text")), (1, 4));
    assert_eq!(moves(|| PathBuf::from("a/b")), (1, 3));
    assert_eq!(moves(|| Box::<[Box<u8>]>::from([Box::new(1)])), (2, 9));
    assert_eq!(moves(|| Some((Box::new(1_u8), [Box::new(2_u16)]))), (2, 3));
    assert_eq!(moves(|| Err::<u8, _>(Box::new(1_u8))), (1, 1));
    assert_eq!(moves(|| Box::new(Box::new(1_u8))), (2, 9));
}

#[test]
fn values_without_blocks_move_nothing() {
    assert_eq!(moves(Vec::<String>::new), (0, 0));
    assert_eq!(moves(|| Box::new(())), (0, 0));
    assert_eq!(moves(|| vec![(); 5]), (0, 0));
    assert_eq!(moves(Box::<[u8]>::default), (0, 0));
}

#[test]
fn what_is_moved_keeps_its_content_and_its_place() {
    #[repr(align(256))]
    #[derive(Debug, PartialEq)]
    struct Wide([u8; 300]);
    impl Transfer for Wide {
        fn transfer(&mut self, _to: &ScopeHandle) {}
    }
    let (from, to) = (Scope::new("from"), Scope::new("to"));
    let wide = from.run(|| Box::new(Wide([9; 300])));
    let mut turned: VecDeque<u8> = from.run(|| (0..8).collect());
    turned.rotate_left(3);
    turned.push_back(100);
    let expected = turned.clone();
    let at = std::ptr::from_ref(&*wide);
    let (wide, turned) = to.adopt((wide, TurnedOnce(turned)));
    assert_eq!((&*wide, std::ptr::from_ref(&*wide)), (&Wide([9; 300]), at));
    assert_eq!(turned.0, expected);
    from.end().unwrap();
}

/// Of a type whose fields move.
struct TurnedOnce(VecDeque<u8>);

impl Transfer for TurnedOnce {
    fn transfer(&mut self, to: &ScopeHandle) {
        self.0.transfer(to);
    }
}

#[test]
fn a_block_may_move_again_and_counts_once_where_it_is() {
    let scopes = ["first", "second", "third"].map(Scope::new);
    let mut value = scopes[0].run(|| vec![0_u8; 10]);
    for scope in [&scopes[1], &scopes[1], &scopes[2], &scopes[0], &scopes[0]] {
        value = scope.adopt(value);
        let all: u64 = scopes.iter().map(|scope| scope.usage().live()).sum();
        assert_eq!((all, live(scope.usage())), (1, (1, 10)));
    }
    assert_eq!(scopes.each_ref().map(|it| it.usage().allocs), [2, 1, 1]);
    drop(value);
    for scope in scopes {
        scope.end().unwrap();
    }
}

#[test]
fn a_value_moves_to_the_scope_around_or_to_the_process() {
    let outer = Scope::new("outer");
    let inner = outer.run(|| Scope::new("inner"));
    let innermost = inner.run(|| Scope::new("innermost"));
    let kept = innermost.run(|| vec![0_u8; 10]);
    // The scope between has no owner any more.
    inner.end().unwrap_err();
    let around = innermost.handle().parent().unwrap();
    assert_eq!(around.path(), "outer");
    let kept = around.adopt(kept);
    innermost.end().unwrap();
    assert_eq!(live(outer.usage()), (1, 10));
    let process = around.parent().unwrap();
    assert_eq!(process.path(), "process");
    assert!(process.parent().is_none());
    let kept = ScopeHandle::process().unwrap().adopt(kept);
    drop(around);
    outer.end().unwrap();
    drop(kept);
}

#[test]
fn a_block_that_moved_stays_with_its_scope_when_it_grows_and_when_it_is_freed_elsewhere() {
    let (from, to) = (Scope::new("from"), Scope::new("to"));
    let mut value = to.adopt(from.run(|| vec![0_u8; 10]));
    from.run(|| value.reserve_exact(990));
    assert_eq!(live(to.usage()), (1, 1000));
    std::thread::spawn(move || drop(value)).join().unwrap();
    assert_eq!(from.end().unwrap().bytes_allocated, 10);
    assert_eq!(to.end().unwrap().bytes_freed, 1010);
}

#[test]
fn blocks_of_an_ended_scope_move_and_let_it_finish() {
    let (outer, cache) = (Scope::new("outer"), Scope::new("cache"));
    let ended = outer.run(|| Scope::new("ended"));
    let value = ended.run(|| Box::new(1_u8));
    ended.end().unwrap_err();
    let value = cache.adopt(value);
    outer.end().unwrap();
    drop(value);
}

#[test]
fn values_move_while_other_threads_free_and_allocate() {
    let rounds = if cfg!(miri) { 10 } else { 2_000 };
    let (from, to) = (Scope::new("from"), Scope::new("to"));
    let (sender, receiver) = std::sync::mpsc::channel::<Vec<Box<u64>>>();
    std::thread::scope(|threads| {
        threads.spawn(|| receiver.into_iter().for_each(drop));
        for _ in 0..2 {
            let (sender, from, to) = (sender.clone(), from.handle(), to.handle());
            threads.spawn(move || {
                for round in 0..rounds {
                    let value = from.run(|| vec![Box::new(round), Box::new(round)]);
                    // Some are freed over there where they were made, some where they went to.
                    let value = if round % 3 == 0 {
                        value
                    } else {
                        to.adopt(value)
                    };
                    sender.send(value).unwrap();
                }
            });
        }
        drop(sender);
    });
    let patience = Duration::from_secs(60);
    let (from, to) = (from.end_within(patience), to.end_within(patience));
    let (from, to) = (from.unwrap(), to.unwrap());
    let moved = (0..rounds).filter(|round| round % 3 != 0).count() as u64 * 2;
    assert_eq!((from.allocs, to.allocs), (rounds * 6, moved * 3));
}

#[test]
fn a_sum_over_scopes_never_misses_a_block_that_moves_between_them() {
    let rounds = if cfg!(miri) { 50 } else { 20_000 };
    let outer = Scope::new("outer");
    let inside = outer.run(|| ["first", "second"].map(Scope::new));
    let mut value = inside[0].run(|| Box::new(1_u8));
    std::thread::scope(|threads| {
        let mover = threads.spawn(|| {
            for round in 0..rounds {
                value = inside[(round + 1) % 2].adopt(value);
            }
            value
        });
        while !mover.is_finished() {
            assert_ne!(outer.usage().live(), 0);
        }
        drop(mover.join().unwrap());
    });
}
