//! The ledger sees double drops, leaks and late uses.
#![expect(unsafe_code, reason = "values are duplicated bit by bit")]
#![expect(clippy::mem_forget, reason = "leaks are part of what is tested")]

use adversary::drops::{Ledger, Token, Violation};
use std::mem::{self, MaybeUninit};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;

/// A bitwise copy: two integers, of which the drop of either is on the books.
fn copy(token: &Token) -> Token {
    // SAFETY: a token owns nothing, so a copy of its bits is a token.
    unsafe { ptr::read(token) }
}

#[test]
fn a_second_drop_is_on_the_books() {
    let ledger = Ledger::new();
    let token = ledger.token();
    drop(copy(&token));
    drop(token);
    let again = Violation::DroppedAgain {
        serial: 0,
        times: 2,
    };
    assert_eq!(ledger.violations(), [again]);
}

#[test]
fn a_use_after_the_drop_is_on_the_books() {
    let ledger = Ledger::new();
    let token = ledger.token();
    drop(copy(&token));
    let clone = token.clone();
    mem::forget(token);
    drop(clone);
    assert_eq!(
        ledger.violations(),
        [Violation::UsedAfterDrop { serial: 0 }]
    );
}

#[test]
fn a_leak_is_on_the_books_and_is_no_unsoundness() {
    let ledger = Ledger::new();
    mem::forget(ledger.token());
    assert_eq!(ledger.violations(), [Violation::Leaked { serial: 0 }]);
    ledger.assert_sound();
    assert!(catch_unwind(AssertUnwindSafe(|| ledger.assert_clean())).is_err());
}

#[test]
fn memory_that_never_was_a_token_is_told_apart() {
    // SAFETY: a token is two integers, for which zero is a value.
    let token: Token = unsafe { MaybeUninit::zeroed().assume_init() };
    assert!(catch_unwind(AssertUnwindSafe(|| drop(token))).is_err());
}

#[test]
fn ledgers_do_not_see_each_other() {
    let (first, second) = (Ledger::new(), Ledger::new());
    let token = first.token();
    assert_eq!((first.live(), second.live()), (1, 0));
    drop(token);
    first.assert_clean();
    second.assert_clean();
}

#[test]
fn a_token_may_outlive_its_ledger_and_its_thread() {
    let token = Ledger::new().token();
    std::thread::spawn(move || drop(token.clone()))
        .join()
        .unwrap();
}

#[test]
fn tokens_are_counted_on_any_thread() {
    let ledger = Ledger::new();
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| (0..10).for_each(|_| drop(ledger.token())));
        }
    });
    assert_eq!(ledger.made(), 30);
    ledger.assert_clean();
}
