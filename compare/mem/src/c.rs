//! The C interface beside plain `malloc`, both called as C calls them, with the accounts of `memscope-capi`.

use crate::Options;
use compare_harness::{Samples, turns};
use compare_mem::work::{handed_over_of, pair_of};
use memscope_capi::{ms_alloc_at, ms_free_at};
use std::alloc::{GlobalAlloc, Layout};
use std::ffi::{CStr, c_void};

/// A block of 64 bytes, and back.
pub const PAIR: &str = "C: 64 B pair";
/// As many blocks on each of two threads, which free those of the other.
pub const HANDED: &str = "C: 64 B pair, freed by the other thread";
pub const NS: &str = "ns";
pub const OURS: &str = "ms_alloc, ms_free";

const PASSES: usize = 15;
const FILE: &CStr = c"compare.c";

struct Contender {
    name: &'static str,
    round: fn() -> [f64; 2],
}

const CONTENDERS: [Contender; 2] = [
    Contender {
        name: "malloc, free",
        round: || both(Malloc),
    },
    Contender {
        name: OURS,
        round: || both(Traced),
    },
];

fn both(allocator: impl GlobalAlloc + Sync) -> [f64; 2] {
    [
        pair_of(&allocator, PASSES),
        handed_over_of(&allocator, PASSES),
    ]
}

pub fn run(options: &Options, samples: &mut Samples) -> Vec<String> {
    for round in 0..options.rounds {
        for which in turns(CONTENDERS.len(), round) {
            let Contender { name, round } = &CONTENDERS[which];
            let [pair, handed] = round();
            samples.add(PAIR, NS, name, pair);
            samples.add(HANDED, NS, name, handed);
        }
    }
    Vec::new()
}

unsafe extern "C" {
    // SAFETY: the C library's own.
    fn malloc(size: usize) -> *mut c_void;
    fn free(block: *mut c_void);
}

struct Malloc;

// SAFETY: malloc's blocks are aligned to 16, and this module asks for no more.
unsafe impl GlobalAlloc for Malloc {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: any size will do.
        unsafe { malloc(layout.size()).cast() }
    }

    unsafe fn dealloc(&self, block: *mut u8, _: Layout) {
        // SAFETY: the block is of `alloc`, by the caller's word.
        unsafe { free(block.cast()) }
    }
}

/// The functions behind `ms_alloc` and `ms_free`, which pass the line.
struct Traced;

// SAFETY: blocks are aligned to 16, and this module asks for no more.
unsafe impl GlobalAlloc for Traced {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the name is static.
        unsafe { ms_alloc_at(layout.size(), FILE.as_ptr(), 1).cast() }
    }

    unsafe fn dealloc(&self, block: *mut u8, _: Layout) {
        // SAFETY: the name is static; the block is of `alloc`, by the caller's word.
        unsafe { ms_free_at(block.cast(), FILE.as_ptr(), 2) }
    }
}
