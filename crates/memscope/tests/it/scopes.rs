//! Scopes on one thread.

use memscope::{Scope, ScopeHandle, Usage};

fn live(usage: Usage) -> (u64, u64) {
    (usage.live(), usage.live_bytes())
}

#[test]
fn a_scope_counts_what_is_allocated_inside_it_and_nothing_else() {
    let outside = vec![0_u8; 64];
    let scope = Scope::new("scope");
    let inside = scope.run(|| vec![0_u8; 100]);
    let later = vec![0_u8; 32];
    assert_eq!(live(scope.usage()), (1, 100));
    drop((outside, inside, later));
    let usage = scope.end().unwrap();
    assert_eq!((usage.allocs, usage.frees), (1, 1));
    assert_eq!((usage.bytes_allocated, usage.bytes_freed), (100, 100));
    assert_eq!(usage.peak_bytes, 100);
}

#[test]
fn a_block_that_grows_stays_with_its_scope() {
    let outer = Scope::new("outer");
    let inner = outer.run(|| Scope::new("inner"));
    let mut block = outer.run(|| Vec::<u8>::with_capacity(10));
    inner.run(|| block.reserve_exact(1000));
    assert_eq!(inner.usage(), Usage::default());
    assert_eq!(live(outer.usage()), (1, 1000));
    inner.run(|| block.shrink_to(20));
    assert_eq!(live(outer.usage()), (1, 20));
    assert_eq!(outer.usage().peak_bytes, 1000);
    drop(block);
    inner.end().unwrap();
    outer.end().unwrap();
}

#[test]
fn zeroed_blocks_are_counted_and_zero() {
    let scope = Scope::new("scope");
    let block = scope.run(|| vec![0_u8; 5000]);
    assert!(block.iter().all(|byte| *byte == 0));
    assert_eq!(live(scope.usage()), (1, 5000));
    drop(block);
    scope.end().unwrap();
}

#[test]
fn alignment_is_what_was_asked_for() {
    #[repr(align(4096))]
    struct Page([u8; 4096]);
    let scope = Scope::new("scope");
    let page = scope.run(|| Box::new(Page([1; 4096])));
    assert_eq!(std::ptr::from_ref(&*page).addr() % 4096, 0);
    assert_eq!(page.0[4095], 1);
    drop(page);
    scope.end().unwrap();
}

#[test]
fn a_scope_inside_another_counts_for_both() {
    let outer = Scope::new("outer");
    let (inner, kept) = outer.run(|| {
        let inner = Scope::new("inner");
        let kept = inner.run(|| vec![0_u8; 10]);
        (inner, kept)
    });
    assert_eq!(live(inner.usage()), (1, 10));
    assert_eq!(live(outer.usage()), (1, 10));
    let leak = inner.end().unwrap_err();
    assert_eq!(leak.path(), "outer > inner");
    let leak = outer.check_neutral().unwrap_err();
    assert!(
        leak.to_string()
            .contains("`outer > inner`: 1 block, 10 bytes live"),
        "{leak}"
    );
    drop(kept);
    assert_eq!(outer.usage().allocs, 1);
    outer.end().unwrap();
}

#[test]
fn what_a_finished_scope_did_stays_on_the_account_around_it() {
    let outer = Scope::new("outer");
    for _ in 0..10 {
        let inner = outer.run(|| Scope::new("inner"));
        inner.run(|| drop(vec![0_u8; 7]));
        inner.end().unwrap();
    }
    let usage = outer.end().unwrap();
    assert_eq!((usage.allocs, usage.bytes_freed), (10, 70));
}

#[test]
fn a_free_after_the_end_is_credited_and_makes_room() {
    let outer = Scope::new("outer");
    let inner = outer.run(|| Scope::new("inner"));
    let block = inner.run(|| vec![0_u8; 10]);
    inner.end().unwrap_err();
    // Others come and go meanwhile, and get none of it.
    for _ in 0..100 {
        let other = outer.run(|| Scope::new("other"));
        assert_eq!(other.end().unwrap(), Usage::default());
    }
    assert_eq!(live(outer.usage()), (1, 10));
    drop(block);
    outer.end().unwrap();
}

#[test]
fn the_thread_goes_back_to_the_scope_before() {
    let outer = Scope::new("outer");
    let inner = Scope::new("inner");
    let in_outer = outer.enter();
    let in_inner = inner.enter();
    assert_eq!(ScopeHandle::current().unwrap().path(), "inner");
    drop(in_inner);
    assert_eq!(ScopeHandle::current().unwrap().path(), "outer");
    drop(in_outer);
    assert_eq!(ScopeHandle::current().unwrap().path(), "process");
}

#[test]
fn a_scope_may_be_entered_twice_at_once() {
    let scope = Scope::new("scope");
    let first = scope.enter();
    let second = scope.enter();
    drop(second);
    let block = vec![0_u8; 10];
    drop(first);
    assert_eq!(live(scope.usage()), (1, 10));
    drop(block);
}

#[test]
fn guards_that_are_dropped_out_of_turn_lead_nowhere_that_is_not_entered() {
    let first = Scope::new("first");
    let second = Scope::new("second");
    let in_first = first.enter();
    let in_second = second.enter();
    drop(in_first);
    drop(in_second);
    assert_eq!(ScopeHandle::current().unwrap().path(), "process");
}

#[test]
#[expect(clippy::mem_forget, reason = "that is what is tested")]
fn a_guard_that_is_forgotten_keeps_the_account_open() {
    let outer = Scope::new("outer");
    let around = outer.handle();
    std::thread::spawn(move || {
        let scope = around.run(|| Scope::new("scope"));
        std::mem::forget(scope.enter());
        scope.end().unwrap();
        // Nobody else gets the slot: what is allocated now is on the account of the ended scope, and so of that around it.
        let other = Scope::new("other");
        let block = vec![0_u8; 10];
        assert_eq!(other.usage(), Usage::default());
        assert_eq!(live(around.usage()), (1, 10));
        drop(block);
        assert_eq!(live(around.usage()), (0, 0));
    })
    .join()
    .unwrap();
    drop(outer);
}

#[test]
fn a_handle_outlives_its_scope() {
    let outer = Scope::new("outer");
    let scope = outer.run(|| Scope::new("scope"));
    let handle = scope.handle();
    scope.end().unwrap();
    let block = handle.run(|| vec![0_u8; 10]);
    assert_eq!(live(outer.usage()), (1, 10));
    drop(handle);
    drop(block);
    outer.end().unwrap();
}

#[test]
fn slots_are_used_again() {
    let rounds = if cfg!(miri) { 20 } else { 300_000 };
    for _ in 0..rounds {
        let scope = Scope::new("scope");
        drop(scope.run(|| Box::new(1_u8)));
        scope.end().unwrap();
    }
}

#[test]
fn slots_of_ended_scopes_are_used_again_when_their_last_block_is_gone() {
    let (rounds, kept) = if cfg!(miri) { (2, 10) } else { (4, 100_000) };
    for _ in 0..rounds {
        let mut blocks = Vec::with_capacity(kept);
        for _ in 0..kept {
            let scope = Scope::try_new("scope").unwrap();
            blocks.push(scope.run(|| Box::new(1_u8)));
            scope.end().unwrap_err();
        }
        // The process has an account too, which is nobody's to give back.
        drop(ScopeHandle::process());
        drop(blocks);
    }
}

#[test]
fn blocks_from_before_and_after_the_switch_are_freed_as_they_were_made() {
    // In a process of its own, since the switch is the process's.
    if std::env::var_os("MEMSCOPE_SWITCH").is_none() {
        return crate::faults::in_a_process(
            "scopes::blocks_from_before_and_after_the_switch_are_freed_as_they_were_made",
            "MEMSCOPE_SWITCH",
        );
    }
    let scope = Scope::new("scope");
    let counted = scope.run(|| vec![0_u8; 10]);
    assert!(memscope::set_accounting(false));
    let mut uncounted = scope.run(|| vec![0_u8; 20]);
    drop(counted);
    assert_eq!(scope.usage().allocs, 1);
    assert!(!memscope::set_accounting(true));
    uncounted.reserve_exact(100);
    drop(uncounted);
    let usage = scope.end().unwrap();
    assert_eq!((usage.allocs, usage.bytes_freed), (1, 10));
}
