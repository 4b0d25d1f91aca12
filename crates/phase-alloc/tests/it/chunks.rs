//! Small and middling objects.

use crate::support::{Object, PLAIN, alone, fresh_phase};
use phase_alloc::{stats, survivors};

const CHUNK: usize = if cfg!(miri) { 8 << 10 } else { 1 << 20 };

#[test]
fn objects_of_every_size_and_alignment_are_apart_and_keep_their_bytes() {
    let _alone = alone();
    let _phase = fresh_phase();
    let mut objects = Vec::new();
    for size in [
        1,
        7,
        8,
        9,
        24,
        100,
        1000,
        1024,
        1025,
        5000,
        16 << 10,
        100_000,
        128 << 10,
    ] {
        for align in [1, 2, 8, 16, 64, 512, 4096, 64 << 10] {
            if cfg!(miri) && size.max(align) > 2 << 10 {
                continue;
            }
            objects.push(Object::new(&PLAIN, size, align, objects.len() as u8));
            objects.push(Object::new_zeroed(&PLAIN, size, align, objects.len() as u8));
        }
    }
    assert_eq!(survivors().count(), objects.len());
    assert_eq!(
        survivors().bytes(),
        objects.iter().map(Object::counted).sum()
    );
    objects.into_iter().for_each(|object| object.free(&PLAIN));
    survivors().assert_none();
}

#[test]
fn memory_is_used_again_within_a_phase() {
    let _alone = alone();
    let _phase = fresh_phase();
    let used = stats().chunk_bytes_used + stats().chunk_bytes_free;
    let rounds = if cfg!(miri) { 4 } else { 200 };
    for _ in 0..rounds {
        let objects: Vec<_> = (0..CHUNK / 100)
            .map(|n| Object::new(&PLAIN, 100, 4, n as u8))
            .collect();
        objects.into_iter().for_each(|object| object.free(&PLAIN));
    }
    let more = stats().chunk_bytes_used + stats().chunk_bytes_free - used;
    assert!(more <= 3 * CHUNK, "{more} bytes more");
    survivors().assert_none();
}

#[test]
fn the_last_object_gives_its_memory_back_at_once() {
    let _alone = alone();
    let _phase = fresh_phase();
    let kept = Object::new(&PLAIN, 40, 8, 1);
    let first = Object::new(&PLAIN, 40, 8, 2);
    let address = first.address();
    first.free(&PLAIN);
    let second = Object::new(&PLAIN, 40, 8, 3);
    assert_eq!(second.address(), address);
    second.free(&PLAIN);
    kept.free(&PLAIN);
}

/// A chunk is filled to its last byte, so that its last object ends where the next chunk begins, and the
/// bump pointer of an empty chunk stands there. Freed now, the object must not move that pointer: it
/// would go into the old chunk, in which others are live.
#[test]
fn an_object_at_a_chunk_border_does_not_take_the_bump_pointer_back_over_it() {
    let _alone = alone();
    let _phase = fresh_phase();
    let size = 256;
    // Twice as many as a chunk holds, so that the border of two neighbours is among them.
    let mut objects: Vec<_> = (0..4 * CHUNK / size)
        .map(|n| Object::new(&PLAIN, size, 8, n as u8))
        .collect();
    let mut borders = 0;
    while let Some(object) = objects.pop() {
        let at_border = (object.address() + size).is_multiple_of(CHUNK);
        object.free(&PLAIN);
        if !at_border {
            continue;
        }
        borders += 1;
        // What is allocated now lies on nothing that is live.
        let more: Vec<_> = (0..4).map(|n| Object::new(&PLAIN, size, 8, !n)).collect();
        for new in &more {
            let overlap = objects
                .iter()
                .any(|old| old.address().abs_diff(new.address()) < size);
            assert!(!overlap, "{new:?} lies on a live object");
        }
        objects.iter().for_each(Object::check);
        more.into_iter().for_each(|object| object.free(&PLAIN));
    }
    assert!(borders >= 3, "{borders} borders");
    survivors().assert_none();
}

#[test]
fn a_survivor_pins_its_own_stream_alone() {
    let _alone = alone();
    let _phase = fresh_phase();
    let before = stats();
    let mut kept = Vec::new();
    let (rounds, large) = if cfg!(miri) {
        (8, 1500)
    } else {
        (100, 100_000)
    };
    for round in 0..rounds {
        kept.push(Object::new(&PLAIN, 40, 8, round));
        for n in 0..2 * CHUNK / large {
            Object::new(&PLAIN, large, 8, n as u8).free(&PLAIN);
        }
    }
    let after = stats();
    let grown = (after.chunk_bytes_used + after.chunk_bytes_free)
        .saturating_sub(before.chunk_bytes_used + before.chunk_bytes_free);
    assert!(grown <= 4 * CHUNK, "{grown} bytes more");
    assert_eq!(survivors().count(), usize::from(rounds));
    kept.into_iter().for_each(|object| object.free(&PLAIN));
}
