//! Where blocks are put: limits of memory, alignment, the edges of chunks.

use super::runner::{self, Configuration};
use super::support::{Block, Random, check_all, overwrite, overwrite_a_little, resident_bytes};
use crate::subject::phase;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::hint::black_box;

/// Every phase leaves one block behind, among a megabyte of smaller and larger ones that it frees.
pub(crate) fn one_survivor_a_phase() {
    const RESIDENT_MAX: usize = 64 << 20;
    survivors(|number| match number % 3 {
        0 => touched(16 << (number % 7)),
        1 => touched(600),
        _ => touched(17_000 << (number % 2)),
    });
    let Some(resident) = resident_bytes() else {
        return;
    };
    // ThreadSanitizer and an emulator have memory of their own, several times the program's.
    let is_shadowed = ["TSAN_OPTIONS", "PHASE_ALLOC_TEST_RUNNER"]
        .iter()
        .any(|name| std::env::var_os(name).is_some());
    assert!(
        resident < RESIDENT_MAX || is_shadowed,
        "2000 survivors of 5 KB hold {} MiB",
        resident >> 20
    );
}

/// The same where what is freed is as large as what is kept, so that a survivor may pin what lies around it.
pub(crate) fn survivor_among_its_like() {
    survivors(|number| touched(1_100 << (number % 4)));
}

/// Two thousand phases, each with 100 blocks of these sizes and a survivor.
fn survivors(around: impl Fn(usize) -> Vec<u8>) {
    let mut kept = Vec::with_capacity(2_000);
    for turn in 0..2_000 {
        phase(|| {
            let before: Vec<Vec<u8>> = (0..50).map(&around).collect();
            kept.push(Block::new(turn, 5_000));
            let after: Vec<Vec<u8>> = (0..50).map(&around).collect();
            black_box((before, after, touched(200_000)));
        });
        if turn % 200 == 0 {
            check_all(&kept);
        }
    }
    check_all(&kept);
}

/// A block of which only the first byte is written.
fn touched(size: usize) -> Vec<u8> {
    let mut block = Vec::with_capacity(size);
    block.push(1);
    black_box(block)
}

/// The newest blocks are freed and taken again at every place, the edges of chunks included. An allocator
/// that rewinds there must see that the block is not in its current chunk.
pub(crate) fn rewind_at_a_border() {
    for size in [16, 48, 1_000, 1_024, 4_096, 16_384, 65_536, 131_072] {
        phase(|| rewind(size));
        overwrite_a_little();
        rewind(size);
    }
    let mut random = Random::new(24);
    let mut live: Vec<Block> = Vec::with_capacity(4_000);
    for turn in 0..20_000 {
        if random.below(5) < 3 && live.len() < 4_000 {
            live.push(Block::new(turn, 16 + random.below(3_000)));
        } else {
            live.pop();
        }
        if turn % 1_000 == 0 {
            check_all(&live);
        }
    }
    check_all(&live);
}

/// Fills some chunks with threes of `size` bytes, of which the last two are freed, the newest first, and
/// replaced by one of half the size and one of one and a half. Where the two lay on both sides of a border, an
/// allocator that has moved its bump pointer back over it counts in one chunk what it uncounts in the
/// other, and has a chunk empty while one block of it is live.
fn rewind(size: usize) {
    let threes = (12 << 20) / size / 3;
    let mut first: Vec<Option<Block>> = Vec::with_capacity(threes);
    let mut second: Vec<Block> = Vec::with_capacity(2 * threes);
    for number in 0..threes {
        first.push(Some(Block::new(number, size)));
        let (older, newer) = (Block::new(1, size), Block::new(2, size));
        drop(newer);
        drop(older);
        second.push(Block::new(number + 40, size / 2));
        second.push(Block::new(number + 50, size + size / 2));
    }
    check_all(first.iter().flatten());
    check_all(&second);
    // About one block a chunk stays.
    drop(second);
    let in_a_chunk = ((1 << 20) / size / 3).max(1);
    for (number, block) in first.iter_mut().enumerate() {
        block.take_if(|_| number % in_a_chunk != in_a_chunk / 2);
    }
    let other: Vec<Block> = (0..2 * threes)
        .map(|number| Block::new(number + 11, size))
        .collect();
    check_all(first.iter().flatten());
    check_all(&other);
}

/// Memory that was written before is zero again when zeroed memory is asked for.
pub(crate) fn zeroed_is_zero() {
    for turn in 0..20 {
        overwrite();
        phase(|| {
            for size in [
                1,
                15,
                100,
                1_000,
                5_000,
                70_000,
                400_000,
                3_000_000 >> (turn % 3),
            ] {
                // Freed at once, so that the next request finds it.
                drop(black_box(vec![0x55u8; size]));
                let zeroed = black_box(vec![0u8; size]);
                let zero = zeroed[0] == 0 && zeroed[1..] == zeroed[..size - 1];
                assert!(zero, "{size} bytes that should be zero are not");
            }
        });
    }
}

#[repr(align(64))]
struct Align64(u64);
#[repr(align(8192))]
struct Align8K(u64);
#[repr(align(65536))]
struct Align64K(u64);
#[repr(align(1048576))]
struct Align1M(u64);

/// Alignments over a page, kept over phases, grown by `realloc`.
pub(crate) fn over_aligned() {
    // Such values pass through the stack.
    let builder = std::thread::Builder::new().stack_size(256 << 20);
    let spawned = builder.spawn(|| {
        for _ in 0..3 {
            aligned(Align64, |it| it.0);
            aligned(Align8K, |it| it.0);
            aligned(Align64K, |it| it.0);
            aligned(Align1M, |it| it.0);
        }
    });
    let joined = spawned.expect("a thread can be started").join();
    joined.expect("every block is aligned and keeps its values");
}

fn aligned<T: Send>(make: impl Fn(u64) -> T + Sync, value: impl Fn(&T) -> u64) {
    let check = |kept: &[T]| {
        for (number, it) in kept.iter().enumerate() {
            assert_eq!(std::ptr::from_ref(it).addr() % align_of::<T>(), 0);
            assert_eq!(value(it), number as u64);
        }
    };
    let mut vector: Vec<T> = Vec::new();
    let mut boxes: Vec<Box<T>> = Vec::new();
    for number in 0..6 {
        phase(|| {
            vector.push(make(number));
            boxes.push(Box::new(make(number)));
            // A small one beside it, so that the next is not aligned by chance.
            black_box(vec![0x55u8; 24]);
        });
        overwrite_a_little();
        check(&vector);
        for (number, it) in boxes.iter().enumerate() {
            assert_eq!(std::ptr::from_ref(&**it).addr() % align_of::<T>(), 0);
            assert_eq!(value(it), number as u64);
        }
    }
    phase(|| vector.truncate(2));
    vector.shrink_to_fit();
    check(&vector);
}

/// Requests that cannot be met fail and damage nothing; what is freed then can be had again.
pub(crate) fn out_of_memory() {
    let mut none: Vec<u8> = Vec::new();
    let too_much = usize::MAX / 2;
    assert!(phase(|| none.try_reserve_exact(too_much)).is_err());
    assert!(none.try_reserve_exact(too_much - 4_096).is_err());
    let Some(mapped) = mapped_bytes() else { return };
    // Within a small limit from outside this goes on until a request fails. Otherwise the allocator may have
    // reserved more addresses than there is memory, and enough is enough.
    let limit = getrlimit(Resource::As).current;
    let limited = limit.is_some_and(|bytes| bytes <= 1 << 30);
    let enough = if limited { usize::MAX } else { 192 << 20 };
    if !limited {
        limit_address_space(mapped + (128 << 20));
    }
    let before: Vec<Block> = phase(|| {
        (0..50)
            .map(|number| Block::new(number, 1_000 + number * 100))
            .collect()
    });
    for _ in 0..3 {
        let mut live: Vec<Vec<u8>> = Vec::with_capacity(200_000);
        let failed = phase(|| exhaust(&mut live, enough));
        assert!(failed || !limited, "half a gigabyte held more than that");
        check_all(&before);
        for (number, bytes) in live.iter().enumerate() {
            assert!(bytes.iter().all(|byte| *byte == mark(number)));
        }
        drop(live);
        // What was freed is there again.
        let mut again: Vec<u8> = Vec::new();
        assert!(phase(|| again.try_reserve_exact(32 << 20)).is_ok());
        drop(again);
        overwrite_a_little();
    }
    check_all(&before);
}

fn mark(number: usize) -> u8 {
    u8::try_from(number % 251).expect("251 fits")
}

/// Fills `live` with blocks, smaller and smaller ones, until every size has failed or it is enough.
fn exhaust(live: &mut Vec<Vec<u8>>, enough: usize) -> bool {
    let (mut taken, mut failed) = (0, false);
    for size in [16 << 20, 1 << 20, 140_000, 20_000, 3_000] {
        let share = enough / 5;
        let start = taken;
        while taken - start < share && live.len() < live.capacity() {
            let mut bytes: Vec<u8> = Vec::new();
            if bytes.try_reserve_exact(size).is_err() {
                failed = true;
                break;
            }
            // Writing it all would take real memory.
            bytes.resize(64, mark(live.len()));
            live.push(bytes);
            taken += size;
        }
    }
    failed
}

/// The whole program in half a gigabyte of addresses: less than the allocator would like to reserve.
pub(crate) fn small_address_space() {
    const LIMIT_BYTES: usize = 512 << 20;
    // A sanitizer maps its shadow memory before this program starts, and cannot in less.
    if mapped_bytes().is_none_or(|mapped| mapped > LIMIT_BYTES / 2) {
        return;
    }
    limit_address_space(LIMIT_BYTES);
    // Limits are inherited, and the region is reserved after them in a program started now.
    for name in [
        "h01_vec_kept_and_grown",
        "h18_shrunk_and_regrown",
        "out_of_memory",
    ] {
        let outcome = runner::run(name, &Configuration::inherited());
        assert!(
            outcome.is_ok(),
            "{name}: {}",
            outcome.expect_err("it is not")
        );
    }
}

fn limit_address_space(bytes: usize) {
    let maximum = getrlimit(Resource::As).maximum;
    let limit = Rlimit {
        current: Some(bytes as u64),
        maximum,
    };
    setrlimit(Resource::As, limit).expect("a limit can be lowered");
}

/// The addresses that are mapped now.
fn mapped_bytes() -> Option<usize> {
    let pages = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: usize = pages.split_whitespace().next()?.parse().ok()?;
    Some(pages * rustix::param::page_size())
}
