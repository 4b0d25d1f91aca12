//! Published panic-safety and lying-trait bugs, each found by a harness of ten lines or fewer.
//!
//! What is dropped twice here are tokens, which bear it. One bug overflows a heap block; the global
//! allocator has put a zone behind it.

use adversary::alloc::Shadowed;
use adversary::countdown::for_each_call;
use adversary::drops::{Ledger, Token};
use adversary::liar::LyingIter;
use adversary::oracle::HeapViolation;
use std::panic::{AssertUnwindSafe, catch_unwind};

#[global_allocator]
static HEAP: Shadowed = Shadowed::system();

fn tokens(ledger: &Ledger, count: usize) -> Vec<Token> {
    (0..count).map(|_| ledger.token()).collect()
}

fn sound_after<T>(dropped: T, ledger: &Ledger) {
    drop(dropped);
    ledger.assert_sound();
}

/// What a sweep has found, or how many panics it has injected.
fn outcome(sweep: impl FnOnce() -> u64) -> Result<u64, String> {
    let text = |payload: Box<dyn std::any::Any + Send>| match payload.downcast::<String>() {
        Ok(text) => *text,
        Err(_) => "a panic without text".to_owned(),
    };
    catch_unwind(AssertUnwindSafe(sweep)).map_err(text)
}

macro_rules! insert_a_row {
    ($toodee:path) => {
        outcome(|| {
            for_each_call(
                || {
                    let ledger = Ledger::new();
                    let table = <$toodee>::from_vec(2, 2, tokens(&ledger, 4));
                    let row = tokens(&ledger, 2);
                    (ledger, table, Some(row))
                },
                |(_, table, row)| table.insert_row(0, LyingIter::new(row.take().unwrap())),
                |(ledger, table, _), _| sound_after(table, &ledger),
            )
        })
    };
}

/// RUSTSEC-2021-0028.
#[test]
fn toodee_0_2_1_drops_twice_when_the_iterator_of_a_row_panics() {
    let found = insert_a_row!(toodee::TooDee<Token>).unwrap_err();
    assert!(found.contains("was dropped 2 times"), "{found}");
    let repaired = insert_a_row!(toodee_repaired::TooDee<Token>);
    assert!(repaired.is_ok_and(|panics| panics >= 3));
}

/// RUSTSEC-2021-0042.
#[test]
fn insert_many_0_1_1_drops_twice_when_its_iterator_panics() {
    use insert_many::InsertMany;
    let sweep = || {
        for_each_call(
            || {
                let ledger = Ledger::new();
                (tokens(&ledger, 3), tokens(&ledger, 1), ledger)
            },
            |(list, new, _)| list.insert_many(0, LyingIter::new(std::mem::take(new))),
            |(list, _, ledger), _| sound_after(list, &ledger),
        )
    };
    let found = outcome(sweep).unwrap_err();
    assert!(found.contains("value 0 was dropped 2 times"), "{found}");
}

/// RUSTSEC-2021-0033.
#[test]
fn stack_dst_0_6_0_drops_what_was_never_cloned() {
    type Stack = stack_dst::StackA<[Token], [usize; 16]>;
    let sweep = || {
        for_each_call(
            || (Ledger::new(), Stack::new()),
            |(ledger, stack)| stack.push_cloned(&tokens(ledger, 3)),
            |(ledger, stack), _| sound_after(stack, &ledger),
        )
    };
    let found = outcome(sweep).unwrap_err();
    assert!(found.contains("never was a token"), "{found}");
}

/// RUSTSEC-2021-0052.
#[test]
fn id_map_0_2_1_drops_twice_when_a_drop_panics() {
    if cfg!(debug_assertions) {
        println!("not run: the crate reads past the length of a `Vec`, where checked builds abort");
        return;
    }
    let sweep = || {
        for_each_call(
            || {
                let ledger = Ledger::new();
                let map: id_map::IdMap<_> = tokens(&ledger, 3).into_iter().collect();
                (map, ledger)
            },
            |(map, _)| map.clear(),
            |(map, ledger), _| sound_after(map, &ledger),
        )
    };
    let found = outcome(sweep).unwrap_err();
    assert!(found.contains("was dropped 2 times"), "{found}");
}

macro_rules! insert_more_than_the_hint {
    ($smallvec:path) => {{
        let mut list: $smallvec = (0..8).collect();
        let blocks = HEAP.live();
        list.insert_many(0, LyingIter::new(8..40).hint_is(0, None));
        let own = blocks.into_iter().find(|it| it.0 == list.as_ptr().addr());
        let damaged = own.map(|(address, _)| HeapViolation::Damaged { address });
        damaged.is_some_and(|it| HEAP.violations().contains(&it))
    }};
}

/// RUSTSEC-2021-0003.
#[test]
fn smallvec_0_6_13_leaves_its_block_when_an_iterator_has_more_than_it_said() {
    assert!(insert_more_than_the_hint!(smallvec::SmallVec<[u8; 4]>));
    assert!(!insert_more_than_the_hint!(
        smallvec_repaired::SmallVec<[u8; 4]>
    ));
}
