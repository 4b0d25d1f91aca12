//! The stacks that were seen: a number for each, with its counters, in the record file.

use crate::modules;
use crate::raw::pages::Words;
use crate::record::{self, PIECE_WORDS, PIECES, Word};
use crate::sync::{AtomicU32, AtomicU64, Lock, Ordering};

pub(crate) const DEPTH_MAX: usize = 24;

/// Return addresses, innermost first; 0 where there are no more.
pub(crate) type Frames = [usize; DEPTH_MAX];

const STACK_WORDS: usize = 32;
const PER_PIECE: usize = PIECE_WORDS / STACK_WORDS;
const BUCKETS: usize = 1 << 13;

const ALLOCATIONS: usize = 0;
const BYTES: usize = 1;
const FREES: usize = 2;
const BYTES_FREED: usize = 3;
/// The next of the same bucket; the depth in the upper half.
const LINK: usize = 4;
const AT_DOUBLING: usize = 5;
const FRAMES: usize = 8;

/// The first of each bucket; 0 is none.
static FIRST: [AtomicU32; BUCKETS] = [const { AtomicU32::new(0) }; BUCKETS];
/// Guards what is added to the record: stacks, pieces, modules, faults.
pub(crate) static LOCK: Lock = Lock::new();

/// Makes stack 0, that of allocations without one.
pub(crate) fn begin() -> Option<()> {
    record::grow()?;
    record::set(Word::Stacks, 1);
    Some(())
}

/// The number of a stack; 0 of an empty one, and of a new one where there is no room.
pub(crate) fn number_of(frames: &Frames) -> u32 {
    if frames[0] == 0 {
        return 0;
    }
    let bucket = &FIRST[hash(frames) as usize % BUCKETS];
    find(bucket, frames).unwrap_or_else(|| {
        LOCK.with(|| {
            // Somebody may have been first.
            find(bucket, frames)
                .or_else(|| add(bucket, frames))
                .unwrap_or_else(|| {
                    record::add(Word::NoRoom, 1);
                    0
                })
        })
    })
}

fn find(bucket: &AtomicU32, frames: &Frames) -> Option<u32> {
    // ORDERING: Acquire; the partner is the store of `add`.
    let mut number = bucket.load(Ordering::Acquire);
    while number != 0 {
        let stack = stack(number)?;
        let noted = stack[FRAMES..]
            .iter()
            .map(|word| word.load(Ordering::Relaxed));
        if noted.eq(frames.iter().map(|frame| *frame as u64)) {
            return Some(number);
        }
        number = stack[LINK].load(Ordering::Relaxed) as u32;
    }
    None
}

fn add(bucket: &AtomicU32, frames: &Frames) -> Option<u32> {
    let number = u32::try_from(record::value(Word::Stacks)).ok()?;
    if number as usize / PER_PIECE >= record::value(Word::Pieces) as usize {
        record::grow()?;
    }
    let stack = stack(number)?;
    let depth = frames.iter().take_while(|frame| **frame != 0).count() as u64;
    for (word, frame) in stack[FRAMES..].iter().zip(frames) {
        word.store(*frame as u64, Ordering::Relaxed);
    }
    let next = u64::from(bucket.load(Ordering::Relaxed));
    stack[LINK].store(next | depth << 32, Ordering::Relaxed);
    modules::note(frames);
    record::set(Word::Stacks, u64::from(number) + 1);
    // ORDERING: Release; the partner is the load of `find`: who sees the number sees the frames.
    bucket.store(number, Ordering::Release);
    Some(number)
}

/// FNV-1a (Fowler, Noll, Vo) over words, its upper half last.
fn hash(frames: &Frames) -> u64 {
    let sum = frames.iter().fold(0xCBF2_9CE4_8422_2325_u64, |sum, frame| {
        (sum ^ *frame as u64).wrapping_mul(0x0000_0100_0000_01B3)
    });
    sum ^ sum >> 32
}

#[inline]
fn stack(number: u32) -> Option<Words> {
    let number = number as usize;
    let piece = record::piece(number / PER_PIECE)?;
    let at = number % PER_PIECE * STACK_WORDS;
    piece.get(at..at + STACK_WORDS)
}

fn all() -> impl Iterator<Item = Words> {
    let count = record::value(Word::Stacks).min((PIECES * PER_PIECE) as u64);
    (0..count as u32).map_while(stack)
}

#[inline]
pub(crate) fn allocated(number: u32, bytes: u64) {
    count(number, ALLOCATIONS, bytes);
}

#[inline]
pub(crate) fn freed(number: u32, bytes: u64) {
    count(number, FREES, bytes);
}

#[inline]
fn count(number: u32, which: usize, bytes: u64) {
    if let Some(stack) = stack(number) {
        stack[which].fetch_add(1, Ordering::Relaxed);
        stack[which + 1].fetch_add(bytes, Ordering::Relaxed);
    }
}

/// Notes what each stack has live, at a moment that the head names.
pub(crate) fn note_doubling() {
    for stack in all() {
        let get = |at: usize| stack[at].load(Ordering::Relaxed);
        stack[AT_DOUBLING].store(
            get(BYTES).saturating_sub(get(BYTES_FREED)),
            Ordering::Relaxed,
        );
    }
}

/// Counts from nothing, in a child of `fork`.
pub(crate) fn reset() {
    for stack in all() {
        let counters: [&AtomicU64; 5] =
            [ALLOCATIONS, BYTES, FREES, BYTES_FREED, AT_DOUBLING].map(|at| &stack[at]);
        for counter in counters {
            counter.store(0, Ordering::Relaxed);
        }
    }
}
