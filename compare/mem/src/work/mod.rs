//! What is measured. Every figure is the median over some passes, in nanoseconds of the processor time of the thread that
//! works.

mod program;

pub use program::program;

use crate::contender::Work;
use compare_harness::processor_time;
use std::alloc::{GlobalAlloc, Layout};
use std::hint::black_box;
use std::sync::{Barrier, Mutex, PoisonError};
use std::thread;

const OPERATIONS: usize = 20_000;
/// More of them, for they take nanoseconds: a pass is longer than what disturbs it.
const PAIRS: usize = 200_000;
const LIVE: usize = 256;
const LINE: Layout = match Layout::from_size_align(64, 8) {
    Ok(layout) => layout,
    Err(_) => unreachable!(),
};

/// The allocator that the program names.
#[derive(Clone, Copy)]
struct Global;

// SAFETY: all calls are those of the program's allocator, with the caller's own arguments.
unsafe impl GlobalAlloc for Global {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's contract is the same.
        unsafe { std::alloc::alloc(layout) }
    }

    #[inline]
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the caller's contract is the same.
        unsafe { std::alloc::dealloc(block, layout) }
    }
}

/// The median over the passes.
fn median(passes: usize, operations: usize, mut pass: impl FnMut()) -> f64 {
    let mut times: Vec<f64> = (0..passes)
        .map(|_| {
            let start = processor_time();
            pass();
            (processor_time() - start).as_nanos() as f64 / operations as f64
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// A block from `allocator`, and back.
#[inline(always)]
fn once(allocator: &impl GlobalAlloc, layout: Layout) {
    // SAFETY: the layout is not of size 0; the block, if there is one, goes back where it came from, with its layout.
    unsafe {
        let block = black_box(allocator.alloc(layout));
        assert!(!block.is_null(), "out of memory");
        allocator.dealloc(block, layout);
    }
}

/// A block of 64 bytes, and back.
pub fn pair(passes: usize) -> f64 {
    pair_of(&Global, passes)
}

/// The same from an allocator that need not be the program's.
pub fn pair_of(allocator: &impl GlobalAlloc, passes: usize) -> f64 {
    median(passes, PAIRS, || {
        (0..PAIRS).for_each(|_| once(allocator, black_box(LINE)));
    })
}

/// The same on two threads at the same time, by thread.
pub fn two_threads(passes: usize) -> f64 {
    let start = Barrier::new(2);
    let alone = || {
        start.wait();
        pair(passes)
    };
    thread::scope(|scope| {
        let other = scope.spawn(alone);
        let own = alone();
        let other = other.join().unwrap_or(f64::NAN);
        f64::midpoint(own, other)
    })
}

/// A live block, which one thread has at a time.
struct Block(*mut u8);

// SAFETY: who has it has the block to itself.
unsafe impl Send for Block {}

/// Two threads allocate as many blocks each, change them for those of the other, and free them. By thread.
pub fn handed_over(passes: usize) -> f64 {
    handed_over_of(&Global, passes)
}

/// The same from an allocator that need not be the program's.
pub fn handed_over_of(allocator: &(impl GlobalAlloc + Sync), passes: usize) -> f64 {
    let baskets: [Mutex<Vec<Block>>; 2] =
        std::array::from_fn(|_| Mutex::new(Vec::with_capacity(OPERATIONS)));
    let meet = Barrier::new(2);
    let worker = |own: usize| {
        let basket = |which: usize| {
            baskets[which]
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
        };
        median(passes, OPERATIONS, || {
            basket(own).extend((0..OPERATIONS).map(|_| filled(allocator)));
            meet.wait();
            for block in basket(1 - own).drain(..) {
                // SAFETY: of this allocator and this layout, and in no basket any more.
                unsafe { allocator.dealloc(block.0, LINE) };
            }
            meet.wait();
        })
    };
    thread::scope(|scope| {
        let other = scope.spawn(|| worker(1));
        let own = worker(0);
        let other = other.join().unwrap_or(f64::NAN);
        f64::midpoint(own, other)
    })
}

/// A block of 64 bytes that was written to.
#[inline(always)]
fn filled(allocator: &impl GlobalAlloc) -> Block {
    // SAFETY: the layout is not of size 0.
    let block = unsafe { allocator.alloc(black_box(LINE)) };
    assert!(!block.is_null(), "out of memory");
    // SAFETY: fresh memory of this size.
    unsafe { block.write_bytes(1, LINE.size()) };
    Block(block)
}

/// Blocks of many sizes take the places of others at random.
pub fn mixed(passes: usize) -> f64 {
    let mut live: Vec<Vec<u8>> = (0..LIVE).map(|_| Vec::with_capacity(16)).collect();
    // Knuth's multiplier for a sequence that looks random; its high bits are used.
    let mut state = 1_u64;
    let mut next = |bound: usize| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 33) as usize % bound
    };
    median(passes, OPERATIONS, || {
        for _ in 0..OPERATIONS {
            live[next(LIVE)] = black_box(Vec::with_capacity(16 + next(1009)));
        }
    })
}

/// Entering a scope and leaving it, the loop included.
pub fn guard(passes: usize, guard: fn(u32)) -> f64 {
    median(passes, OPERATIONS, || guard(OPERATIONS as u32))
}

/// A request as the program's accounts take it.
pub type Request = fn(Work<'_>);
