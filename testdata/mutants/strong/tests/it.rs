//! Tests that notice every mutant that can be noticed.

use std::cell::Cell;
use std::marker::PhantomData;
use std::rc::Rc;
use std::sync::Arc;
use std::thread;

use mutants::{Mailbox, Stack, Used, most, never, replace};

#[test]
fn a_stack_takes_four_values_and_gives_the_fifth_back() {
    let mut stack = Stack::new();
    for value in 0..4 {
        assert_eq!(stack.push(value), Ok(()));
    }
    assert_eq!(stack.push(4), Err(4));
    assert!((0..4).all(|index| *stack.get(index) == index));
}

#[test]
fn what_is_above_the_top_cannot_be_had() {
    let mut stack = Stack::new();
    stack.push(1).unwrap();
    assert_eq!(*stack.get(0), 1);
    assert!(std::panic::catch_unwind(|| *stack.get(1)).is_err());
}

/// Counts itself in the cell when it is dropped, and panics if it is told to.
struct Noisy<'a>(&'a Cell<u32>, bool);

impl Drop for Noisy<'_> {
    fn drop(&mut self) {
        self.0.set(self.0.get() + 1);
        assert!(!self.1, "as told");
    }
}

#[test]
fn every_value_is_dropped_once() {
    let drops = Cell::new(0);
    let mut stack = Stack::new();
    (0..3).for_each(|_| assert!(stack.push(Noisy(&drops, false)).is_ok()));
    stack.clear();
    assert_eq!(drops.get(), 3);
    assert!(stack.push(Noisy(&drops, false)).is_ok());
    drop(stack);
    assert_eq!(drops.get(), 4);
}

#[test]
fn a_value_whose_drop_panics_is_not_dropped_again() {
    let drops = Cell::new(0);
    let mut stack = Stack::new();
    assert!(stack.push(Noisy(&drops, true)).is_ok());
    let clear = std::panic::AssertUnwindSafe(|| stack.clear());
    assert!(std::panic::catch_unwind(clear).is_err());
    drop(stack);
    assert_eq!(drops.get(), 1);
}

#[test]
fn a_letter_arrives_in_another_thread() {
    for letter in 0..if cfg!(miri) { 3 } else { 50 } {
        let mailbox = Arc::new(Mailbox::new());
        let other = Arc::clone(&mailbox);
        // SAFETY: called once.
        let thread = thread::spawn(move || unsafe { other.put(Box::new(letter)) });
        let came = loop {
            // SAFETY: one thread calls it.
            match unsafe { mailbox.take() } {
                Some(came) => break came,
                None => thread::yield_now(),
            }
        };
        assert_eq!(*came, letter);
        thread.join().unwrap();
    }
}

#[test]
fn an_empty_mailbox_has_no_letter() {
    // SAFETY: one thread calls it.
    assert_eq!(unsafe { Mailbox::<u8>::new().take() }, None);
}

/// `Is::<T>::SYNC` is the inherent constant where there is one, and else the trait's.
struct Is<T>(PhantomData<T>);

trait IsNot {
    const SYNC: bool = false;
}

impl<T> IsNot for Is<T> {}

impl<T: Sync> Is<T> {
    const SYNC: bool = true;
}

#[test]
fn a_mailbox_is_shared_only_for_values_that_can_be_sent() {
    const { assert!(Is::<Mailbox<Box<u8>>>::SYNC) };
    let shared_for_rc = Is::<Mailbox<Rc<u8>>>::SYNC;
    assert!(!shared_for_rc);
}

#[test]
fn a_value_is_replaced() {
    let mut value = Box::new(1);
    replace(&mut value, |old| Box::new(*old + 1));
    assert_eq!(*value, 2);
}

#[test]
fn an_unused_value_does_not_count_as_used() {
    let uses = Rc::new(Cell::new(0));
    assert_eq!(Used(3, Rc::clone(&uses)).unused(), 3);
    assert_eq!((uses.get(), Rc::strong_count(&uses)), (0, 1));
    drop(Used(3, Rc::clone(&uses)));
    assert_eq!(uses.get(), 1);
}

#[test]
fn the_most_is_the_most() {
    let pair = [1, 20, 0];
    let pair = pair.first_chunk().unwrap();
    assert_eq!(most(&[("most", 9)].into(), pair), 20);
}

#[test]
fn a_byte_is_the_one_at_its_index() {
    assert_eq!(never(&[1, 2, 3], 1), 2);
}
