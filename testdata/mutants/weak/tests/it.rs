//! Tests that execute nearly everything, and look at little.

use mutants::{Mailbox, Stack, Used, most, replace};

#[test]
fn a_stack_takes_a_value() {
    let mut stack = Stack::new();
    assert_eq!(stack.push(7), Ok(()));
    assert_eq!(*stack.get(0), 7);
    stack.clear();
}

#[test]
fn a_letter_arrives() {
    let mailbox = Mailbox::new();
    // SAFETY: called once.
    unsafe { mailbox.put(7) };
    // SAFETY: one thread calls it.
    assert_eq!(unsafe { mailbox.take() }, Some(7));
}

#[test]
fn a_value_is_replaced() {
    let mut value = 1;
    replace(&mut value, |old| old + 1);
    assert_eq!(value, 2);
}

#[test]
fn an_unused_value_is_what_it_was() {
    assert_eq!(Used(3, Default::default()).unused(), 3);
}

#[test]
fn the_most_is_the_most() {
    assert_eq!(most(&[("most", 9)].into(), &[1, 2]), 9);
}
