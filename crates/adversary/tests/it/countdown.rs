//! The countdown finds what a panic leaves behind, at every call and at no other.

use crate::planted::{clones, retain};
use adversary::countdown::{Fault, Injected, for_each_call, paused, run_armed, run_counted, tick};
use adversary::drops::{Ledger, Token};
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

fn list() -> (Ledger, Vec<Token>) {
    let ledger = Ledger::new();
    let list = (0..5).map(|_| ledger.token()).collect();
    (ledger, list)
}

/// Whether every panic leaves the ledger without a double drop, and how many there were.
fn sweep(operation: impl Fn(&mut Vec<Token>)) -> Result<u64, String> {
    catch_unwind(AssertUnwindSafe(|| {
        for_each_call(
            list,
            |(_, list)| operation(list),
            |(ledger, list), _| {
                drop(list);
                ledger.assert_sound();
            },
        )
    }))
    .map_err(text)
}

fn text(payload: Box<dyn Any + Send>) -> String {
    *payload.downcast().expect("the kit's panics have text")
}

fn odd(token: &Token) -> bool {
    tick();
    token.serial() % 2 == 1
}

#[test]
fn a_retain_that_shortens_at_the_end_drops_a_value_twice() {
    let found = sweep(|list| retain::retain_then_shorten(list, odd)).unwrap_err();
    assert!(found.contains("value 0 was dropped 2 times"), "{found}");
    // Five calls of the closure and three drops.
    assert_eq!(sweep(|list| retain::shorten_then_retain(list, odd)), Ok(8));
}

#[test]
fn a_truncate_that_shortens_at_the_end_drops_a_value_twice() {
    let found = sweep(|list| retain::drop_then_shorten(list, 2)).unwrap_err();
    assert_eq!(
        found,
        "with a panic in call 0 of 3: value 2 was dropped 2 times; value 3 was dropped 2 times; \
         value 4 was dropped 2 times"
    );
    assert_eq!(sweep(|list| retain::shorten_then_drop(list, 2)), Ok(3));
}

#[test]
fn a_clone_in_place_of_a_copy_drops_a_value_twice() {
    let found = sweep(|list| drop(clones::copy_then_clone(list))).unwrap_err();
    assert!(found.contains("was dropped 2 times"), "{found}");
    assert_eq!(sweep(|list| drop(clones::clone_and_own(list))), Ok(10));
}

#[test]
fn a_clone_that_owns_at_the_end_leaks() {
    let leaks = |clone: fn(&[Token]) -> Vec<Token>| {
        let (ledger, list) = list();
        let run = run_armed(Fault::Panic(3), || clone(&list));
        assert!(run.was_injected());
        drop(list);
        assert_eq!(ledger.unsound(), []);
        ledger.live()
    };
    assert_eq!(leaks(clones::clone_then_own), 3);
    assert_eq!(leaks(clones::clone_and_own), 0);
}

#[test]
fn std_stays_sound_when_anything_panics() {
    assert_eq!(sweep(|list| list.retain(odd)), Ok(8));
    assert_eq!(sweep(|list| list.truncate(1)), Ok(4));
    assert_eq!(sweep(|list| list.dedup_by(|a, b| odd(a) == odd(b))), Ok(8));
    assert_eq!(sweep(|list| drop(list.drain(1..3))), Ok(2));
    assert!(sweep(|list| list.sort_by_key(odd)).unwrap() >= 8);
}

#[test]
fn each_call_panics_once_and_the_calls_before_it_do_not() {
    let mut made = Vec::new();
    let mut runs = Vec::new();
    let faults = for_each_call(
        || (),
        |()| {
            made.push(0);
            for _ in 0..4 {
                *made.last_mut().unwrap() += 1;
                tick();
            }
        },
        |(), run| runs.push((run.calls, run.fired)),
    );
    assert_eq!(faults, 4);
    assert_eq!(made, [4, 1, 2, 3, 4]);
    assert_eq!(
        runs,
        [(4, false), (1, true), (2, true), (3, true), (4, true)]
    );
}

#[test]
fn an_operation_that_makes_other_calls_each_time_is_told_so() {
    let mut calls = 3;
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        for_each_call(
            || (),
            |()| {
                (0..calls).for_each(|_| tick());
                calls = 0;
            },
            |(), _| {},
        )
    }));
    assert_eq!(
        text(outcome.unwrap_err()),
        "a panic in call 0 was not reached: the run without a fault had 3, this one 0"
    );
}

#[test]
fn a_panic_of_the_operation_itself_is_no_fault_of_the_sweep() {
    let outcome = catch_unwind(|| for_each_call(|| (), |()| panic!("its own"), |(), _| {}));
    assert_eq!(*outcome.unwrap_err().downcast::<&str>().unwrap(), "its own");
}

#[test]
fn a_call_during_unwinding_counts_and_does_not_panic() {
    struct Ticks;
    impl Drop for Ticks {
        fn drop(&mut self) {
            tick();
        }
    }
    let run = run_armed(Fault::Panic(0), || {
        let _later = (Ticks, Ticks);
        tick();
    });
    assert_eq!(run.calls, 3);
    // The fault is due in the first of the two, while the thread unwinds from another panic.
    let run = run_armed(Fault::Panic(0), || {
        let _later = (Ticks, Ticks);
        std::panic::resume_unwind(Box::new("another"));
    });
    assert_eq!((run.calls, run.fired), (2, false));
    assert!(!run.was_injected());
}

#[test]
fn outside_of_a_run_and_while_paused_nothing_panics() {
    tick();
    let run = run_armed(Fault::Panic(0), || paused(tick));
    assert_eq!((run.calls, run.fired), (0, false));
    tick();
}

#[test]
fn a_pause_ends_with_a_panic() {
    let run = run_counted(|| {
        let inner = catch_unwind(|| paused(|| std::panic::resume_unwind(Box::new(()))));
        assert!(inner.is_err());
        tick();
    });
    assert_eq!(run.calls, 1);
}

#[test]
fn the_payload_says_which_fault_it_was() {
    let run = run_armed(Fault::Panic(0), tick);
    let payload = run.result.unwrap_err().downcast::<Injected>().unwrap();
    assert_eq!(*payload, Injected(Fault::Panic(0)));
}

#[test]
fn a_run_inside_of_a_run_is_refused() {
    let run = run_counted(|| run_counted(tick).calls);
    assert!(run.result.is_err());
    assert_eq!(run_counted(tick).calls, 1);
}
