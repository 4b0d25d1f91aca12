//! The blocks that are live: tables by address, each with a lock of its own, in memory of this process alone.

use crate::raw::pages::{self, Place, Words};
use crate::sync::{AtomicU32, AtomicU64, AtomicUsize, Lock, Ordering};

/// Who hands out and takes back a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    Malloc = 0,
    New = 1,
    NewArray = 2,
}

/// What is known of a block.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Block {
    pub(crate) bytes: u64,
    pub(crate) stack: u32,
    pub(crate) family: Family,
    /// How many forks there were when it was allocated, modulo 256.
    pub(crate) generation: u8,
}

const SHARDS: usize = 64;
const ENTRY_WORDS: usize = 4;
const FIRST_WORDS: usize = 512;
/// Freed blocks that each shard remembers, to tell a second free from one of what never was a block.
const REMEMBERED: usize = 256;

struct Shard {
    lock: Lock,
    table: Place,
    used: AtomicUsize,
    next_freed: AtomicUsize,
    /// Address and stack.
    freed: [(AtomicUsize, AtomicU32); REMEMBERED],
}

static SHARD: [Shard; SHARDS] = [const {
    Shard {
        lock: Lock::new(),
        table: Place::new(),
        used: AtomicUsize::new(0),
        next_freed: AtomicUsize::new(0),
        freed: [const { (AtomicUsize::new(0), AtomicU32::new(0)) }; REMEMBERED],
    }
}; SHARDS];

/// Notes a block. `false` where there is no memory for it.
pub(crate) fn insert(address: usize, block: Block) -> bool {
    let shard = shard_of(address);
    shard.lock.with(|| shard.insert(address, block))
}

/// Forgets a block, and tells what it was.
pub(crate) fn remove(address: usize) -> Option<Block> {
    let shard = shard_of(address);
    shard.lock.with(|| {
        let block = shard.remove(address)?;
        let place = shard.next_freed.load(Ordering::Relaxed) % REMEMBERED;
        shard.next_freed.store(place + 1, Ordering::Relaxed);
        shard.freed[place].0.store(address, Ordering::Relaxed);
        shard.freed[place].1.store(block.stack, Ordering::Relaxed);
        Some(block)
    })
}

/// The stack that allocated a block which was freed lately.
pub(crate) fn freed_lately(address: usize) -> Option<u32> {
    let shard = shard_of(address);
    shard.lock.with(|| {
        let next = shard.next_freed.load(Ordering::Relaxed) % REMEMBERED;
        let (newer, older) = shard.freed.split_at(next);
        let mut freed = newer.iter().rev().chain(older.iter().rev());
        freed
            .find(|(freed, _)| freed.load(Ordering::Relaxed) == address)
            .map(|(_, stack)| stack.load(Ordering::Relaxed))
    })
}

/// Before `fork`: no table is then half changed in the child.
pub(crate) fn close_all() {
    SHARD.iter().for_each(|shard| shard.lock.close());
}

/// After it, in both.
pub(crate) fn open_all() {
    SHARD.iter().for_each(|shard| shard.lock.open());
}

fn mix(address: usize) -> u64 {
    (address as u64 >> 4).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

fn shard_of(address: usize) -> &'static Shard {
    &SHARD[(mix(address) >> 58) as usize % SHARDS]
}

impl Shard {
    fn insert(&self, address: usize, block: Block) -> bool {
        let Some(table) = self.with_room() else {
            return false;
        };
        let entry = Entry::find(table, address);
        if !entry.is_of(address) {
            self.used.fetch_add(1, Ordering::Relaxed);
        }
        entry.write(address as u64, block);
        true
    }

    /// The table, with more entries than half if it had less than a quarter of them free.
    fn with_room(&self) -> Option<Words> {
        let table = self.table.get();
        let words = table.map_or(0, <[AtomicU64]>::len);
        if self.used.load(Ordering::Relaxed) * ENTRY_WORDS < words / 4 * 3 {
            return table;
        }
        let larger = pages::anonymous((words * 2).max(FIRST_WORDS));
        let Some(larger) = larger else {
            // The old one serves while an entry is free, so that a search ends.
            return table.filter(|_| (self.used.load(Ordering::Relaxed) + 1) * ENTRY_WORDS < words);
        };
        for entry in table
            .into_iter()
            .flat_map(|table| table.chunks_exact(ENTRY_WORDS))
        {
            let entry = Entry(entry);
            if let (address @ 1.., block) = entry.read() {
                Entry::find(larger, address as usize).write(address, block);
            }
        }
        self.table.set(larger);
        if let Some(old) = table {
            pages::retire(old);
        }
        Some(larger)
    }

    fn remove(&self, address: usize) -> Option<Block> {
        let table = self.table.get()?;
        let entry = Entry::find(table, address);
        if !entry.is_of(address) {
            return None;
        }
        let (_, block) = entry.read();
        self.used.fetch_sub(1, Ordering::Relaxed);
        close_gap(table, entry.index_in(table));
        Some(block)
    }
}

/// Moves entries back into a hole until none is behind it that could not be found any more.
fn close_gap(table: Words, mut hole: usize) {
    let mask = table.len() / ENTRY_WORDS - 1;
    let mut at = hole;
    loop {
        at = (at + 1) & mask;
        let entry = Entry::at(table, at);
        let (address @ 1.., block) = entry.read() else {
            break;
        };
        let home = home(table, address as usize);
        if (at.wrapping_sub(home) & mask) >= (at.wrapping_sub(hole) & mask) {
            Entry::at(table, hole).write(address, block);
            hole = at;
        }
    }
    Entry::at(table, hole).clear();
}

fn home(table: Words, address: usize) -> usize {
    // The shard took the upper bits.
    (mix(address) >> 20) as usize & (table.len() / ENTRY_WORDS - 1)
}

/// Words of a table: address, bytes, stack with family and generation, and one that is not used.
#[derive(Clone, Copy)]
struct Entry(Words);

impl Entry {
    fn at(table: Words, index: usize) -> Self {
        Self(&table[index * ENTRY_WORDS..][..ENTRY_WORDS])
    }

    /// The entry of `address`, or the free one where it would be.
    fn find(table: Words, address: usize) -> Self {
        let mask = table.len() / ENTRY_WORDS - 1;
        let mut at = home(table, address);
        loop {
            let entry = Self::at(table, at);
            if entry.is_of(0) || entry.is_of(address) {
                return entry;
            }
            at = (at + 1) & mask;
        }
    }

    fn index_in(self, table: Words) -> usize {
        (self.0.as_ptr().addr() - table.as_ptr().addr()) / (ENTRY_WORDS * 8)
    }

    fn is_of(self, address: usize) -> bool {
        self.0[0].load(Ordering::Relaxed) == address as u64
    }

    fn read(self) -> (u64, Block) {
        let get = |at: usize| self.0[at].load(Ordering::Relaxed);
        let packed = get(2);
        let family = match (packed >> 32) as u8 {
            0 => Family::Malloc,
            1 => Family::New,
            _ => Family::NewArray,
        };
        let block = Block {
            bytes: get(1),
            stack: packed as u32,
            family,
            generation: (packed >> 40) as u8,
        };
        (get(0), block)
    }

    fn write(self, address: u64, block: Block) {
        let packed = u64::from(block.stack)
            | (block.family as u64) << 32
            | u64::from(block.generation) << 40;
        for (at, value) in [address, block.bytes, packed].into_iter().enumerate() {
            self.0[at].store(value, Ordering::Relaxed);
        }
    }

    fn clear(self) {
        self.0[0].store(0, Ordering::Relaxed);
    }
}
