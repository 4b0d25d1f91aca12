//! Places in the program that allocate: a number for each stack, and what stands behind the number.

use crate::ledger::SiteId;
use crate::raw::directory::Directory;
use crate::raw::stack::{self, Memory};
use crate::stacks::Stacks;
use crate::sync::{AtomicU32, AtomicU64, AtomicUsize, Mutex, MutexGuard, Ordering, lock};

/// Return addresses, innermost first; 0 where there are no more.
pub(crate) type Frames = [usize; 24];

pub(crate) const NO_FRAMES: Frames = [0; 24];

const CHUNKS: usize = 1024;
const SITES: usize = CHUNKS * 1024;
const BUCKETS: usize = 1 << 14;

/// A stack that was seen. Written once, before its number is given out.
#[derive(Debug, Default)]
struct Site {
    hash: AtomicU64,
    frames: [AtomicUsize; 24],
    /// The next of the same bucket.
    next: AtomicU32,
}

static STACKS: Directory<Site, CHUNKS, 1024> = Directory::new();
/// The first site of each bucket; 0 is none.
static FIRST: [AtomicU32; BUCKETS] = [const { AtomicU32::new(0) }; BUCKETS];
/// How many sites there are, number 0 included.
static COUNT: Mutex<u32> = Mutex::new(1);

thread_local! {
    static MEMORY: Memory = const { Memory::new() };
}

/// The number of the caller's stack.
#[inline]
pub(crate) fn here(stacks: Stacks) -> SiteId {
    match stacks {
        Stacks::None => SiteId::NONE,
        Stacks::FramePointers => {
            let number = MEMORY.with(|memory| memory.number(|frames| number_of(frames).to_bits()));
            SiteId::from_bits(number)
        }
        Stacks::Unwind => number_of(&stack::unwind()),
    }
}

/// The number of a stack; [`SiteId::NONE`] of an empty one, and of new ones when there are a million already.
#[cold]
fn number_of(frames: &Frames) -> SiteId {
    if frames[0] == 0 {
        return SiteId::NONE;
    }
    let hash = hash(frames);
    let bucket = &FIRST[(hash >> 50) as usize % BUCKETS];
    if let Some(known) = find(bucket, hash, frames) {
        return known;
    }
    let mut count = lock(&COUNT);
    // Somebody may have been first.
    find(bucket, hash, frames)
        .or_else(|| {
            let number = *count;
            let site = STACKS.get_or_make(number as usize)?;
            *count += 1;
            site.hash.store(hash, Ordering::Relaxed);
            for (place, frame) in site.frames.iter().zip(frames) {
                place.store(*frame, Ordering::Relaxed);
            }
            site.next
                .store(bucket.load(Ordering::Relaxed), Ordering::Relaxed);
            // ORDERING: Release; the partner is the load of `find`. Who sees the number sees the frames.
            bucket.store(number, Ordering::Release);
            Some(SiteId::from_bits(number))
        })
        .unwrap_or(SiteId::NONE)
}

fn find(bucket: &AtomicU32, hash: u64, frames: &Frames) -> Option<SiteId> {
    // ORDERING: Acquire; the partner is the store of `number_of`.
    let mut number = bucket.load(Ordering::Acquire);
    while number != 0 {
        let site = STACKS.get(number as usize)?;
        if site.hash.load(Ordering::Relaxed) == hash && frames_of(site) == *frames {
            return Some(SiteId::from_bits(number));
        }
        number = site.next.load(Ordering::Relaxed);
    }
    None
}

fn frames_of(site: &Site) -> Frames {
    std::array::from_fn(|at| site.frames[at].load(Ordering::Relaxed))
}

/// FNV-1a (Fowler, Noll, Vo) over words, mixed once more so that its upper bits depend on the last word.
fn hash(frames: &Frames) -> u64 {
    let sum = frames.iter().fold(0xCBF2_9CE4_8422_2325, |sum, frame| {
        (sum ^ *frame as u64).wrapping_mul(0x0000_0100_0000_01B3)
    });
    (sum ^ (sum >> 32)).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

/// The stack behind a number.
pub(crate) fn frames(site: SiteId) -> Frames {
    STACKS
        .get(site.to_bits() as usize)
        .map_or(NO_FRAMES, frames_of)
}

/// Keeps other threads from new numbers.
pub(crate) fn hold() -> MutexGuard<'static, u32> {
    lock(&COUNT)
}

/// The numbers that were given out, without 0.
pub(crate) fn all() -> impl Iterator<Item = SiteId> + Clone {
    let count = (*lock(&COUNT)).min(SITES as u32);
    (1..count).map(SiteId::from_bits)
}
