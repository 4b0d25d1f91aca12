//! What may stay live: by scope, by warm-up, and in checks.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::time::Duration;

use memscope::{Budget, Check, Scope, checkpoint, set_scope_budget, warm_up};

/// What the report says of work that leaves too much.
fn told(work: impl FnOnce()) -> String {
    let panic = catch_unwind(AssertUnwindSafe(work)).expect_err("it leaves too much");
    *panic.downcast::<String>().expect("panics are told by text")
}

#[test]
fn a_scope_may_leave_what_its_name_has_a_budget_for() {
    set_scope_budget("with a budget", Budget::blocks(2).and_bytes(100));
    let scope = Scope::new("with a budget");
    let before = scope.run(checkpoint);
    let one = scope.run(|| vec![0_u8; 60]);
    scope.check_neutral().unwrap();
    before.assert_neutral();
    let two = scope.run(|| vec![0_u8; 41]);
    let report = before.check_neutral().unwrap_err().to_string();
    assert!(
        report.contains(", of a budget of 2 blocks and 100 bytes"),
        "{report}"
    );
    drop(two);
    let three = scope.run(|| [Box::new(1_u8), Box::new(2)]);
    scope.check_neutral().unwrap_err();
    drop(three);
    assert_eq!(scope.end().unwrap().live(), 1);
    // Others have none.
    let other = Scope::new("without a budget");
    let left = other.run(|| Box::new(1_u8));
    other.end().unwrap_err();
    // And it can be taken back.
    set_scope_budget("with a budget", Budget::NONE);
    let scope = Scope::new("with a budget");
    let again = scope.run(|| Box::new(1_u8));
    scope.end().unwrap_err();
    drop((one, left, again));
}

#[test]
fn fewer_blocks_than_before_are_within_no_budget() {
    set_scope_budget("shrinking", Budget::blocks(5));
    let scope = Scope::new("shrinking");
    let kept = scope.run(|| std::hint::black_box(Box::new(1_u8)));
    let before = scope.run(checkpoint);
    drop(kept);
    before.check_neutral().unwrap_err();
    before.check_not_grown().unwrap();
}

#[test]
fn work_may_keep_what_its_first_runs_made_and_no_more() {
    let outer = Scope::new("outer");
    let mut cache: Vec<Box<u8>> = Vec::new();
    let mut fill = || {
        if cache.len() < 3 {
            cache.push(Box::new(1));
        }
    };
    let used = outer.run(|| {
        // The third run makes the last block.
        warm_up(1, &mut fill).unwrap_err();
        warm_up(1, &mut fill).unwrap()
    });
    assert_eq!(used.allocs, 0);
    // Nothing of it is on the account of the scope that asked.
    assert!(cache.len() == 3 && outer.usage().live() == 0);
    outer.end().unwrap();
}

#[test]
fn work_that_replaces_what_it_keeps_does_not_grow() {
    let mut kept = vec![0_u8; 10];
    let used = warm_up(1, || kept = vec![1_u8; 10]).unwrap();
    assert_eq!((used.allocs, used.frees), (1, 1));
}

#[test]
fn a_check_tells_what_is_left_and_where_it_was_opened() {
    let mut kept = Vec::with_capacity(1);
    let text = told(|| Check::new("check").run(|| kept.push(Box::new(1_u8))));
    assert!(
        text.starts_with("1 block of 1 bytes in all did not come back in scope `check`"),
        "{text}"
    );
    assert!(text.contains("tests/it/budgets.rs:"), "{text}");
}

#[test]
fn a_check_allows_its_budget_and_no_more() {
    let check = Check::new("check").budget(Budget::bytes(10));
    let kept = Mutex::new(Vec::with_capacity(2));
    let keep = |bytes: u8| kept.lock().unwrap().push(vec![0_u8; usize::from(bytes)]);
    check.run(|| keep(10));
    told(|| check.run(|| keep(11)));
}

#[test]
fn a_check_answers_what_the_work_answers_and_leaves_failures_alone() {
    let check = Check::new("check").warm_up(5);
    check.run(|| Ok::<(), String>(())).unwrap();
    let mut runs = 0;
    let failed = check.run(|| {
        runs += 1;
        Err::<(), _>("an error that lives".to_owned())
    });
    let mut kept = Vec::with_capacity(1);
    told(|| {
        let succeeded = Check::new("check").run(|| {
            kept.push(Box::new(1_u8));
            Ok::<(), String>(())
        });
        succeeded.unwrap();
    });
    assert_eq!(
        (failed.unwrap_err().as_str(), runs),
        ("an error that lives", 1)
    );
}

#[test]
fn a_check_waits_for_threads_that_are_about_to_free() {
    // With room from the start, so that sending allocates nothing.
    let (sender, receiver) = std::sync::mpsc::sync_channel::<Vec<u8>>(2);
    let (go, gone) = std::sync::mpsc::sync_channel::<()>(1);
    let worker = std::thread::spawn(move || {
        gone.recv().unwrap();
        receiver.into_iter().for_each(drop);
    });
    Check::new("check").within(Duration::from_secs(60)).run(|| {
        sender.send(vec![0; 100]).unwrap();
        sender.send(vec![0; 100]).unwrap();
        go.send(()).unwrap();
    });
    drop(sender);
    worker.join().unwrap();
}

#[test]
fn checks_beside_each_other_do_not_meet() {
    let rounds = if cfg!(miri) { 1 } else { 20 };
    std::thread::scope(|threads| {
        for at in 0..8_usize {
            threads.spawn(move || {
                for _ in 0..rounds {
                    let mut kept = Vec::with_capacity(1);
                    if at % 2 == 0 {
                        Check::new("clean").run(|| drop(vec![0_u8; at + 1]));
                    } else {
                        let text = told(|| Check::new("leak").run(|| kept.push(vec![0_u8; at])));
                        assert!(
                            text.starts_with(&format!("1 block of {at} bytes")),
                            "{text}"
                        );
                    }
                }
            });
        }
    });
}

#[test]
fn what_a_checked_test_prints_is_not_its_leak() {
    Check::new("loud").run(|| println!("{}", "printed ".repeat(1000)));
}
