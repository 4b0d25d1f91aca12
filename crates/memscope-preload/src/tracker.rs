//! What is done at each allocation and release.

use crate::blocks::{self, Block, Family};
use crate::modules;
use crate::raw::os::{self, File};
use crate::raw::unwind;
use crate::record::{self, FAULTS, SAMPLES, Word};
use crate::stacks::{self, DEPTH_MAX, LOCK};
use crate::sync::{AtomicU8, AtomicU32, AtomicU64, AtomicUsize, Ordering};

static IS_ON: AtomicU32 = AtomicU32::new(0);
static DEPTH: AtomicUsize = AtomicUsize::new(DEPTH_MAX);
/// The addresses of this library.
static OWN: [AtomicUsize; 2] = [const { AtomicUsize::new(0) }; 2];
static LIVE_BYTES: AtomicU64 = AtomicU64::new(0);
static LIVE_BLOCKS: AtomicU64 = AtomicU64::new(0);
/// Blocks that the tables had no room for: a free of what is not in them proves nothing then.
static UNNOTED: AtomicU64 = AtomicU64::new(0);
static GENERATION: AtomicU8 = AtomicU8::new(0);

const SAMPLE_WORDS: usize = 3;
const SAMPLES_MAX: u64 = 1024;
const FAULT_WORDS: usize = 8;
const FAULTS_MAX: u64 = 256;

/// What was done wrong with a block.
#[derive(Clone, Copy, Debug)]
enum Fault {
    NeverAllocated = 1,
    FreedTwice = 2,
    OtherFamily = 3,
}

/// Begins a record if the environment asks for one. Only the C library's own environment is not there yet when the first
/// block is allocated.
///
/// `own` is an address of this library; `families` says whether C++'s operators are its own.
pub(crate) fn begin(own: usize, families: bool) {
    let mut folder = [0_u8; 512];
    let mut depth = [0_u8; 4];
    let folder_length = variable(b"MEMSCOPE_TRACK=", &mut folder);
    let depth_length = variable(b"MEMSCOPE_TRACK_DEPTH=", &mut depth);
    let Some(folder) = folder
        .get(..folder_length)
        .filter(|folder| !folder.is_empty())
    else {
        return;
    };
    let depth = depth
        .get(..depth_length)
        .and_then(|text| std::str::from_utf8(text).ok());
    if let Some(depth) = depth.and_then(|text| text.parse::<usize>().ok()) {
        DEPTH.store(depth.clamp(1, DEPTH_MAX), Ordering::Relaxed);
    }
    if record::begin(folder)
        .and_then(|()| stacks::begin())
        .is_none()
    {
        return;
    }
    record::set(Word::Families, u64::from(families));
    modules::look();
    let (low, high) = modules::range_of(own).unwrap_or_default();
    OWN[0].store(low, Ordering::Relaxed);
    OWN[1].store(high, Ordering::Relaxed);
    // ORDERING: Release; the partner is `is_on`.
    IS_ON.store(1, Ordering::Release);
}

/// The value of a variable that the process began with; its length, cut to the room there is.
fn variable(name: &[u8], value: &mut [u8]) -> usize {
    let Some(file) = File::read(c"/proc/self/environ") else {
        return 0;
    };
    let mut matched = 0;
    let mut is_candidate = true;
    let mut length = None;
    file.pieces(|piece| {
        for byte in piece {
            if *byte == 0 {
                is_candidate = matched < name.len();
                matched = if is_candidate { 0 } else { matched };
            } else if !is_candidate {
            } else if matched == name.len() {
                let at = length.get_or_insert(0);
                if let Some(place) = value.get_mut(*at) {
                    *place = *byte;
                    *at += 1;
                }
            } else if name.get(matched) == Some(byte) {
                matched += 1;
            } else {
                is_candidate = false;
            }
        }
    });
    length.unwrap_or(0)
}

#[inline]
pub(crate) fn is_on() -> bool {
    // ORDERING: Acquire; the partner is the store of `begin`.
    IS_ON.load(Ordering::Acquire) != 0
}

fn here() -> u32 {
    let own = (
        OWN[0].load(Ordering::Relaxed),
        OWN[1].load(Ordering::Relaxed),
    );
    stacks::number_of(&unwind::stack(DEPTH.load(Ordering::Relaxed), own))
}

/// A block was allocated.
pub(crate) fn allocated(address: usize, bytes: usize, family: Family) {
    let block = Block {
        bytes: bytes as u64,
        stack: here(),
        family,
        generation: GENERATION.load(Ordering::Relaxed),
    };
    note(address, block);
    stacks::allocated(block.stack, block.bytes);
    record::add(Word::Bytes, block.bytes);
    let blocks = LIVE_BLOCKS.fetch_add(1, Ordering::Relaxed) + 1;
    let live = LIVE_BYTES.fetch_add(block.bytes, Ordering::Relaxed) + block.bytes;
    if live > record::value(Word::Peak) {
        record::set(Word::Peak, live);
        record::set(Word::PeakBlocks, blocks);
    }
    look_around(record::add(Word::Allocations, 1), live, blocks);
}

/// Puts a block into the table.
pub(crate) fn note(address: usize, block: Block) {
    if !blocks::insert(address, block) {
        UNNOTED.fetch_add(1, Ordering::Relaxed);
        record::add(Word::NoRoom, 1);
    }
}

/// Notes that a block is of another family than it seemed.
pub(crate) fn change_family(address: usize, family: Family) {
    if let Some(block) = blocks::remove(address) {
        note(address, Block { family, ..block });
    }
}

/// Takes a block out of the table before it goes back to its allocator, which may give its address to another thread.
///
/// `None` if there is none: the fault is noted then.
pub(crate) fn take(address: usize, family: Family) -> Option<Block> {
    let block = blocks::remove(address);
    match block {
        Some(block) if block.family != family && record::value(Word::Families) == 1 => {
            fault(Fault::OtherFamily, address, &block, family);
        }
        Some(_) => {}
        None if UNNOTED.load(Ordering::Relaxed) > 0 => {}
        None => {
            let before = blocks::freed_lately(address);
            let kind = before.map_or(Fault::NeverAllocated, |_| Fault::FreedTwice);
            let was = Block {
                bytes: 0,
                stack: before.unwrap_or(0),
                family,
                generation: 0,
            };
            fault(kind, address, &was, family);
        }
    }
    block
}

/// Whether a pointer that is in no table may be the allocator's all the same.
pub(crate) fn may_be_unnoted() -> bool {
    UNNOTED.load(Ordering::Relaxed) > 0
}

/// Counts what [`take`] took, once it is gone.
pub(crate) fn freed(block: &Block) {
    if block.generation != GENERATION.load(Ordering::Relaxed) {
        record::add(Word::InheritedFreed, 1);
        record::add(Word::InheritedFreedBytes, block.bytes);
        return;
    }
    stacks::freed(block.stack, block.bytes);
    record::add(Word::Frees, 1);
    record::add(Word::BytesFreed, block.bytes);
    LIVE_BLOCKS.fetch_sub(1, Ordering::Relaxed);
    LIVE_BYTES.fetch_sub(block.bytes, Ordering::Relaxed);
}

/// Samples, and what the stacks have live, from time to time.
fn look_around(allocations: u64, live: u64, blocks: u64) {
    if allocations.is_multiple_of(record::value(Word::Interval).max(1)) {
        LOCK.with(|| sample(live, blocks));
    }
    if allocations >= 1024 && allocations.is_power_of_two() {
        stacks::note_doubling();
        record::set(Word::Doubling, allocations);
    }
}

fn sample(live: u64, blocks: u64) {
    let Some(head) = record::head() else { return };
    if record::value(Word::Samples) >= SAMPLES_MAX {
        // Every second one stays.
        for at in 0..SAMPLES_MAX as usize / 2 * SAMPLE_WORDS {
            let from = at / SAMPLE_WORDS * 2 * SAMPLE_WORDS + at % SAMPLE_WORDS;
            let kept = head[SAMPLES + from + SAMPLE_WORDS].load(Ordering::Relaxed);
            head[SAMPLES + at].store(kept, Ordering::Relaxed);
        }
        record::set(Word::Samples, SAMPLES_MAX / 2);
        record::set(Word::Interval, record::value(Word::Interval) * 2);
    }
    let count = record::value(Word::Samples);
    let at = SAMPLES + count as usize * SAMPLE_WORDS;
    let values = [record::since_begin_ns(), live, blocks];
    for (word, value) in head[at..].iter().zip(values) {
        word.store(value, Ordering::Relaxed);
    }
    record::set(Word::Samples, count + 1);
}

/// Notes a fault, or counts it where the same stacks had it before.
#[cold]
fn fault(kind: Fault, address: usize, block: &Block, release: Family) {
    let here = here();
    let Some(head) = record::head() else { return };
    LOCK.with(|| {
        let count = record::value(Word::Faults).min(FAULTS_MAX);
        let key = [kind as u64, u64::from(block.stack), u64::from(here)];
        for number in 0..count as usize {
            let words = &head[FAULTS + number * FAULT_WORDS..][..FAULT_WORDS];
            if words
                .iter()
                .zip(key)
                .all(|(word, key)| word.load(Ordering::Relaxed) == key)
            {
                words[5].fetch_add(1, Ordering::Relaxed);
                return;
            }
        }
        if count == FAULTS_MAX {
            return;
        }
        let [kind, allocation, here] = key;
        let (family, release) = (block.family as u64, release as u64);
        let values = [
            kind,
            allocation,
            here,
            address as u64,
            block.bytes,
            1,
            family,
            release,
        ];
        let words = &head[FAULTS + count as usize * FAULT_WORDS..];
        for (word, value) in words.iter().zip(values) {
            word.store(value, Ordering::Relaxed);
        }
        record::set(Word::Faults, count + 1);
    });
}

/// Before `fork`: nothing is then half done in the child.
pub(crate) fn before_fork() {
    LOCK.close();
    blocks::close_all();
}

/// In the parent.
pub(crate) fn after_fork() {
    blocks::open_all();
    LOCK.open();
}

/// In the child: a record of its own, which counts from nothing and knows what it inherited.
pub(crate) fn in_child() {
    if !record::separate() {
        // Nothing may be written to the parent's.
        IS_ON.store(0, Ordering::Relaxed);
    } else if is_on() {
        GENERATION.fetch_add(1, Ordering::Relaxed);
        let live = (
            LIVE_BLOCKS.swap(0, Ordering::Relaxed),
            LIVE_BYTES.swap(0, Ordering::Relaxed),
        );
        let gone = (
            record::value(Word::InheritedFreed),
            record::value(Word::InheritedFreedBytes),
        );
        record::set(
            Word::Inherited,
            live.0 + record::value(Word::Inherited) - gone.0,
        );
        record::set(
            Word::InheritedBytes,
            live.1 + record::value(Word::InheritedBytes) - gone.1,
        );
        for word in [
            Word::Ended,
            Word::Elapsed,
            Word::Allocations,
            Word::Frees,
            Word::Bytes,
            Word::BytesFreed,
            Word::Peak,
            Word::PeakBlocks,
            Word::Faults,
            Word::Samples,
            Word::NoRoom,
            Word::InheritedFreed,
            Word::InheritedFreedBytes,
            Word::Doubling,
        ] {
            record::set(word, 0);
        }
        stacks::reset();
    }
    after_fork();
}

/// At an end by `exit` or from `main`.
pub(crate) fn end() {
    os::keeping_errno(|| {
        record::set(Word::Elapsed, record::since_begin_ns());
        record::set(Word::Ended, 1);
    });
}
