//! Allocation failure, and panics in the allocator, at every index.

use adversary::alloc::{Scripted, Shadowed};
use adversary::countdown::{Fault, for_each};
use adversary::drops::Ledger;
use allocator_api2::alloc::{Allocator, Global};
use memscope::arena::{Arena, ArenaError, Config};

/// Enough to need several chunks; Miri interprets each access.
const MANY: usize = if cfg!(miri) { 50 } else { 5000 };

/// Some of everything, stopping at the first error.
fn everything<A: Allocator>(arena: &mut Arena<A>, ledger: &Ledger) -> Result<(), ArenaError> {
    arena.try_alloc([1_u8; 50])?;
    arena.try_alloc_drop((ledger.token(), [0_u64; 20]))?;
    drop(arena.try_alloc_owned((ledger.token(), [0_u64; 40]))?);
    arena.try_alloc_slice_copy(&[2_u16; 300])?;
    arena.try_alloc_from_iter(0..MANY / 5)?;
    arena.try_alloc_slice_fill_with(MANY, |index| index)?;
    let mut region = arena.as_region();
    let mut child = region.child();
    child
        .enter()
        .try_alloc_drop((ledger.token(), [0_u64; 2 * MANY]))?;
    Ok(())
}

#[test]
fn an_allocation_that_fails_leaves_the_arena_as_it_was() {
    let heap = Shadowed::new(Global);
    for kind in [Fault::AllocFails, Fault::AllocFailsFrom, Fault::AllocPanics] {
        let setup = || {
            let source = Scripted::new(&heap);
            (
                Ledger::new(),
                Arena::with_source(Config::new().first_chunk(64), source),
            )
        };
        let failures = for_each(
            kind,
            setup,
            |(ledger, arena)| everything(arena, ledger),
            |(ledger, mut arena), run| {
                let memory = matches!(run.result, Ok(Err(ArenaError::Memory { .. })));
                // A chunk of twice the size that fails is tried again with the least size, so that one
                // failure alone may do no harm.
                assert!(run.fired || !memory);
                everything(&mut arena, &ledger).unwrap();
                arena.reset();
                ledger.assert_clean();
            },
        );
        assert!(failures >= 3, "{failures}");
    }
    heap.assert_clean();
}

#[test]
fn an_allocation_falls_back_to_the_least_chunk() {
    let faults = for_each(
        Fault::AllocFails,
        || Arena::with_source(Config::new().first_chunk(4096), Scripted::new(Global)),
        |arena| arena.try_alloc([0_u64; 4]).is_ok(),
        |arena, run| {
            assert!(run.result.unwrap());
            assert_eq!(arena.stats().held < 4096, run.fired);
        },
    );
    assert_eq!(faults, 1);
}

#[test]
fn the_limit_is_met_at_every_allocation_and_costs_no_value() {
    let ledger = Ledger::new();
    let mut errors = 0;
    for limit in (0..30 * MANY).step_by(if cfg!(miri) { 199 } else { 499 }) {
        let mut arena = Arena::with_source(Config::new().first_chunk(64).limit(limit), Global);
        let result = everything(&mut arena, &ledger);
        errors += usize::from(matches!(result, Err(ArenaError::Limit { .. })));
        drop(arena);
        ledger.assert_clean();
    }
    assert!(errors > 3);
}
