//! Tests that the attribute makes: each of them is one.

use std::cell::RefCell;
use std::future::Future;
use std::pin::pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use memscope::ScopeHandle;

/// Leaves a block that no test frees, in a place where a checker of leaks sees that somebody has it.
fn leaked(bytes: usize) {
    static KEPT: Mutex<Vec<Box<[u8]>>> = Mutex::new(Vec::new());
    let block = vec![0_u8; bytes].into_boxed_slice();
    let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    memscope::outside(|| kept.push(block));
}

#[memscope_macros::test]
fn a_test_that_leaves_nothing_passes() {
    drop(vec![0_u8; 100]);
}

#[memscope_macros::test]
#[should_panic(
    expected = "1 block of 7 bytes in all did not come back in scope `it::attribute::a_test_that_leaves_"
)]
fn a_test_that_leaves_a_block_fails() {
    leaked(7);
}

#[memscope_macros::test]
fn a_test_may_answer_a_result() -> Result<(), std::num::ParseIntError> {
    let text = String::from("12");
    text.parse::<u8>().map(|_| ())
}

#[memscope_macros::test(budget = "1 KiB")]
fn a_test_may_leave_its_budget() {
    leaked(1000);
    leaked(24);
}

#[memscope_macros::test(budget = "1 KiB")]
#[should_panic(expected = "1 block of 1025 bytes")]
fn a_test_that_leaves_more_than_its_budget_fails() {
    leaked(1025);
}

#[memscope_macros::test(budget = 100, blocks = 1)]
#[should_panic(expected = "2 blocks of 2 bytes")]
fn blocks_have_a_budget_too() {
    leaked(1);
    leaked(1);
}

#[memscope_macros::test(within = "60 s")]
fn frees_of_other_threads_are_waited_for() {
    let block = vec![0_u8; 100];
    // Not joined, and not of this scope: it may free after the test's end.
    memscope::outside(|| drop(std::thread::spawn(move || drop(block))));
}

#[memscope_macros::test(warm_up = 1)]
fn what_is_made_once_is_made_before() {
    thread_local! {
        static BUFFER: RefCell<Vec<u8>> = RefCell::default();
    }
    BUFFER.with_borrow_mut(|buffer| buffer.resize(100, 0));
}

/// Polls until it is done; what waits here wakes itself.
fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(answer) = future
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()))
        {
            return answer;
        }
    }
}

#[memscope_macros::test(block_on = block_on)]
async fn a_future_is_in_the_scope_of_its_test() {
    std::future::ready(()).await;
    let scope = ScopeHandle::current().unwrap();
    let path = memscope::outside(|| scope.path());
    assert_eq!(path, "it::attribute::a_future_is_in_the_scope_of_its_test");
}

#[memscope_macros::test(block_on = block_on)]
#[should_panic(expected = "1 block of 5 bytes")]
async fn a_future_that_leaves_a_block_fails() {
    std::future::ready(()).await;
    leaked(5);
}
