//! Attacks on the kit: what it should find and does not, what it blames that is right, what it stops at.

use adversary::countdown;
use adversary::drops::Ledger;
use adversary::liar::{Liar, Lie, LyingIter, Shelf, for_each_lie};
use adversary::model::Runner;
use adversary::oracle::{HeapViolation, ShadowHeap};
use std::alloc::Layout;
use std::cell::{Cell, OnceCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::{Rc, Weak};

#[test]
fn a_sweep_goes_over_an_operation_that_catches_its_own_panic() {
    let swept = countdown::for_each_call(
        Ledger::new,
        |ledger| {
            let token = ledger.token();
            let caught = catch_unwind(AssertUnwindSafe(|| {
                let _dropped_while_it_unwinds = token;
                std::panic::resume_unwind(Box::new("its own"));
            }));
            assert!(caught.is_err());
            countdown::tick();
        },
        |ledger, _| ledger.assert_clean(),
    );
    assert_eq!(swept, 1);
}

#[test]
fn a_sweep_of_lies_says_so_when_a_call_is_not_made_again() {
    let first = Cell::new(true);
    let swept = catch_unwind(AssertUnwindSafe(|| {
        for_each_lie(
            Lie::eq,
            &[true, false],
            || (),
            |()| {
                if first.replace(false) {
                    let _ = Liar::new(1) == Liar::new(2);
                }
            },
            |()| {},
        )
    }));
    assert!(swept.is_err());
}

#[test]
fn a_script_may_ask_the_shelf_that_it_is_of() {
    let own: Rc<OnceCell<Weak<Shelf<u8>>>> = Rc::default();
    let seen = Rc::clone(&own);
    let shelf = Rc::new(Shelf::new([10, 20]).script(move |_, honest| {
        let shelf = seen.get().and_then(Weak::upgrade).unwrap();
        usize::from(shelf[honest] == 10)
    }));
    own.set(Rc::downgrade(&shelf)).unwrap();
    assert_eq!((shelf[0], shelf[1]), (20, 10));
}

#[test]
fn a_script_may_ask_the_iterator_that_it_is_of() {
    let own: Rc<OnceCell<Weak<LyingIter<std::ops::Range<u8>>>>> = Rc::default();
    let seen = Rc::clone(&own);
    let iter = Rc::new(
        LyingIter::new(0..3)
            .len_script(move |_, _| seen.get().and_then(Weak::upgrade).unwrap().len() * 2),
    );
    own.set(Rc::downgrade(&iter)).unwrap();
    assert_eq!(iter.len(), 6);
}

#[test]
fn a_failing_sequence_has_no_operation_that_it_does_not_need() {
    // The second operation needs the first; neither is needed for the failure.
    for seed in 0..if cfg!(miri) { 3 } else { 50 } {
        let failure = Runner::new().seed(seed).check(
            &(0..3_u8),
            || (false, false),
            |(first, broken), op| match op {
                0 => *first = true,
                1 => *broken |= !*first,
                _ => assert!(*broken, "it fails"),
            },
        );
        if let Err(failure) = failure {
            assert_eq!(failure.ops, [2], "seed {seed}");
        }
    }
}

#[test]
fn a_block_at_the_end_of_memory_is_one() {
    let mut heap = ShadowHeap::new();
    heap.allocated(usize::MAX - 7, Layout::new::<u64>());
    assert!(heap.accessed(usize::MAX - 7, 8));
    assert!(!heap.accessed(usize::MAX - 7, 9));
}

#[test]
fn blocks_without_bytes_share_none() {
    let mut heap = ShadowHeap::new();
    let none = Layout::new::<()>();
    heap.allocated(0x10, none);
    heap.allocated(0x10, none);
    heap.allocated(0x10, Layout::new::<u64>());
    heap.freed(0x10, none);
    heap.freed(0x10, none);
    heap.freed(0x10, Layout::new::<u64>());
    assert_eq!(heap.violations(), []);
    heap.freed(0x10, none);
    assert_eq!(
        heap.violations(),
        [HeapViolation::NotLive { address: 0x10 }]
    );
}

#[cfg(feature = "shuttle")]
#[test]
fn a_program_without_threads_is_told_that_there_is_nothing_to_schedule() {
    let failure = adversary::schedule::Explorer::new()
        .check(|| {})
        .unwrap_err();
    assert!(failure.message.contains("concurrency"), "{failure}");
}

#[cfg(feature = "allocator-api2")]
#[test]
fn a_watching_allocator_can_be_printed_into_its_own_memory() {
    use adversary::alloc::Shadowed;
    use allocator_api2::{alloc::Global, vec::Vec};
    use std::fmt::{self, Write};

    struct Text<'a>(Vec<u8, &'a Shadowed<Global>>);
    impl Write for Text<'_> {
        fn write_str(&mut self, text: &str) -> fmt::Result {
            self.0.extend_from_slice(text.as_bytes());
            Ok(())
        }
    }
    let heap = Shadowed::new(Global);
    let mut text = Text(Vec::new_in(&heap));
    write!(text, "{heap:?}").unwrap();
    assert!(!text.0.is_empty());
}

#[test]
fn a_failure_names_no_place_of_another_panic() {
    let failure = Runner::new()
        .check(
            &(0..1_u8),
            || (),
            |(), _| {
                let caught = catch_unwind(|| panic!("one that is caught"));
                assert!(caught.is_err());
                std::panic::resume_unwind(Box::new("one that is passed on"));
            },
        )
        .unwrap_err();
    assert_eq!(failure.message, "one that is passed on");
}
