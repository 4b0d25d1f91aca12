//! Small and middling objects.

use crate::support::{Object, PLAIN, alone, fresh_phase};
use phase_alloc::{stats, survivors};
use std::collections::BTreeSet;

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
    let rounds = if cfg!(miri) { 4 } else { 40 };
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
/// bump pointer of an empty chunk stands there. Freed now, the object must not move that pointer: what is
/// allocated behind it would lie in the old chunk and be counted in the new one, and each free of it would
/// be taken for one of the old chunk, until that seems empty with others live in it.
#[test]
fn an_object_at_a_chunk_border_does_not_take_the_bump_pointer_back_over_it() {
    let _alone = alone();
    let _phase = fresh_phase();
    const SIZE: usize = 256;
    const CHUNKFUL: usize = CHUNK / SIZE;
    let object = |n: usize| Object::new(&PLAIN, SIZE, 8, n as u8);
    // Until one begins a chunk, just behind the last one of the chunk before.
    let mut objects = vec![object(0)];
    loop {
        let border = objects[objects.len() - 1].address() + SIZE;
        objects.push(object(objects.len()));
        let newest = &objects[objects.len() - 1];
        if newest.address() == border && border.is_multiple_of(CHUNK) {
            break;
        }
    }
    for _ in 0..2 {
        objects.pop().unwrap().free(&PLAIN);
    }
    // Each of these would be counted out of the chunk before.
    (0..CHUNKFUL).for_each(|n| object(n).free(&PLAIN));
    // What is allocated now lies on nothing that is live.
    let live: BTreeSet<usize> = objects.iter().map(Object::address).collect();
    let more: Vec<_> = (0..2 * CHUNKFUL).map(object).collect();
    for new in &more {
        let near = live.range(new.address() - SIZE + 1..new.address() + SIZE);
        assert_eq!(near.count(), 0, "{new:?} lies on a live object");
    }
    objects.iter().for_each(Object::check);
    let all = more.into_iter().chain(objects);
    all.for_each(|object| object.free(&PLAIN));
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
