//! What is measured, one function a row.

use super::contenders::Bump;
use compare_harness::timed;
use std::alloc::Layout;
use std::hint::black_box;
use std::time::Duration;

/// Allocations in a pass; the arena is reset after each, so all memory is in the cache.
pub const COUNT: usize = 2000;
const RESETS: usize = 200;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Row {
    Number,
    Line,
    Mixed,
    Text,
    Slice,
    Reset,
    Fresh,
}

impl Row {
    pub const ALL: [Self; 7] = [
        Self::Number,
        Self::Line,
        Self::Mixed,
        Self::Text,
        Self::Slice,
        Self::Reset,
        Self::Fresh,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Number => "u64",
            Self::Line => "64 B",
            Self::Mixed => "blocks of 1 to 256 B",
            Self::Text => "texts of 1 to 40 B",
            Self::Slice => "slices of 16 u32",
            Self::Reset => "reset after 10 u64",
            Self::Fresh => "new arena, 10 u64, drop",
        }
    }

    /// Operations in one pass.
    pub fn operations(self) -> usize {
        match self {
            Self::Reset | Self::Fresh => RESETS,
            _ => COUNT,
        }
    }

    /// One pass; the time is that of all its operations, and for an allocation without the reset.
    pub fn pass<B: Bump>(self, arena: &mut B, data: &Data) -> Duration {
        let elapsed = match self {
            Self::Number => numbers(arena),
            Self::Line => lines(arena),
            Self::Mixed => blocks(arena, &data.layouts),
            Self::Text => texts(arena, &data.texts),
            Self::Slice => slices(arena, &data.numbers),
            Self::Reset => return resets(arena),
            Self::Fresh => return fresh::<B>(),
        };
        arena.reset();
        elapsed
    }
}

/// What the rows allocate.
pub struct Data {
    layouts: Vec<Layout>,
    texts: Vec<String>,
    numbers: [u32; 16],
}

impl Data {
    pub fn new() -> Self {
        // Knuth's multiplier for a sequence that looks random; its high bits are used.
        let mut state = 1_u64;
        let mut next = |bound: usize| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            1 + (state >> 33) as usize % bound
        };
        let aligned = |size| Layout::from_size_align(size, 8).expect("a small size");
        Self {
            layouts: (0..COUNT).map(|_| aligned(next(256))).collect(),
            texts: (0..COUNT).map(|_| "x".repeat(next(40))).collect(),
            numbers: std::array::from_fn(|index| index as u32),
        }
    }
}

#[inline(never)]
fn numbers<B: Bump>(arena: &B) -> Duration {
    timed(|| {
        for value in 0..COUNT as u64 {
            black_box(arena.number(value));
        }
    })
    .0
}

#[inline(never)]
fn lines<B: Bump>(arena: &B) -> Duration {
    timed(|| {
        for value in 0..COUNT as u64 {
            black_box(arena.line([value; 8]));
        }
    })
    .0
}

#[inline(never)]
fn blocks<B: Bump>(arena: &B, layouts: &[Layout]) -> Duration {
    timed(|| {
        for layout in layouts {
            black_box(arena.block(*layout));
        }
    })
    .0
}

#[inline(never)]
fn texts<B: Bump>(arena: &B, texts: &[String]) -> Duration {
    timed(|| {
        for text in texts {
            black_box(arena.text(text));
        }
    })
    .0
}

#[inline(never)]
fn slices<B: Bump>(arena: &B, values: &[u32; 16]) -> Duration {
    timed(|| {
        for _ in 0..COUNT {
            black_box(arena.numbers(black_box(values)));
        }
    })
    .0
}

#[inline(never)]
fn resets<B: Bump>(arena: &mut B) -> Duration {
    timed(|| {
        for _ in 0..RESETS {
            for value in 0..10 {
                black_box(arena.number(value));
            }
            arena.reset();
        }
    })
    .0
}

#[inline(never)]
fn fresh<B: Bump>() -> Duration {
    timed(|| {
        for _ in 0..RESETS {
            let arena = B::fresh();
            for value in 0..10 {
                black_box(arena.number(value));
            }
        }
    })
    .0
}

/// typed-arena has no reset and one type an arena, so it has rows of its own: a new arena with room
/// for a pass, filled.
#[inline(never)]
pub fn typed() -> Duration {
    let arena = typed_arena::Arena::with_capacity(COUNT);
    timed(|| {
        for value in 0..COUNT as u64 {
            black_box(arena.alloc(value));
        }
    })
    .0
}
