//! Random sequences beside a record of what is live: no overlap, aligned, and with its content.

use adversary::oracle::ShadowHeap;
use allocator_api2::alloc::Allocator;
use memscope::arena::{Arena, Config, Mark, Region};
use proptest::prelude::*;
use std::alloc::Layout;
use std::ptr::NonNull;

/// Miri interprets each byte that is compared.
const CASES: u32 = if cfg!(miri) { 4 } else { 400 };
const STEPS_MAX: usize = if cfg!(miri) { 20 } else { 80 };

#[derive(Clone, Debug)]
enum Step {
    Block {
        size: usize,
        align: usize,
    },
    Resize {
        which: usize,
        size: usize,
        align: usize,
    },
    Free {
        which: usize,
    },
    Mark,
    Rewind {
        which: usize,
    },
    Reset,
}

fn align() -> impl Strategy<Value = usize> {
    prop_oneof![8 => 0..6_u32, 1 => 6..13_u32].prop_map(|it| 1 << it)
}

fn step() -> impl Strategy<Value = Step> {
    let size = || prop_oneof![8 => 0..100_usize, 1 => 100..2000_usize];
    prop_oneof![
        12 => (size(), align()).prop_map(|(size, align)| Step::Block { size, align }),
        8 => (any::<usize>(), size(), align())
            .prop_map(|(which, size, align)| Step::Resize { which, size, align }),
        4 => any::<usize>().prop_map(|which| Step::Free { which }),
        3 => Just(Step::Mark),
        2 => any::<usize>().prop_map(|which| Step::Rewind { which }),
        1 => Just(Step::Reset),
    ]
}

struct Block {
    start: NonNull<u8>,
    layout: Layout,
    byte: u8,
}

/// An arena beside what it should be.
struct Model {
    arena: Arena,
    heap: ShadowHeap,
    /// In the order in which they were handed out, or moved.
    blocks: Vec<Block>,
    /// With the number of blocks that were there.
    marks: Vec<(Mark, usize)>,
    bytes: u8,
}

impl Model {
    fn step(&mut self, step: Step) {
        let count = self.blocks.len();
        match step {
            Step::Block { size, align } => self.allocate(layout(size, align)),
            Step::Resize { which, size, align } if count > 0 => {
                self.resize(which % count, layout(size, align));
            }
            Step::Free { which } if count > 0 => self.free(which % count),
            Step::Mark => self.marks.push((self.arena.mark(), count)),
            Step::Rewind { which } if !self.marks.is_empty() => {
                self.rewind(which % self.marks.len());
            }
            Step::Reset => {
                self.arena.reset();
                self.forget_from(0);
                for (mark, _) in self.marks.drain(..) {
                    assert!(self.arena.rewind(mark).is_err());
                }
            }
            _ => {}
        }
        self.check();
    }

    fn allocate(&mut self, layout: Layout) {
        let start = (&self.arena).allocate(layout).unwrap().cast();
        self.note(start, layout);
    }

    fn note(&mut self, start: NonNull<u8>, layout: Layout) {
        self.bytes = self.bytes.wrapping_add(1);
        // SAFETY: the arena says that the block is there; the record says whether it is another's too.
        unsafe { start.write_bytes(self.bytes, layout.size()) };
        self.heap.allocated(start.addr().get(), layout);
        self.blocks.push(Block {
            start,
            layout,
            byte: self.bytes,
        });
    }

    /// A block that stays where it is keeps its age; one that moves is as a new one to the marks.
    fn resize(&mut self, which: usize, new: Layout) {
        let Block {
            start,
            layout: old,
            byte,
        } = self.blocks[which];
        let arena = &self.arena;
        let moved = if new.size() >= old.size() {
            // SAFETY: the block is live and has this layout; the new one is not smaller.
            unsafe { arena.grow(start, old, new) }
        } else {
            // SAFETY: the block is live and has this layout; the new one is not larger.
            unsafe { arena.shrink(start, old, new) }
        };
        let moved = moved.unwrap().cast::<u8>();
        let kept = old.size().min(new.size());
        // SAFETY: the contract of both says that these bytes are there, and initialised.
        let content = unsafe { std::slice::from_raw_parts(moved.as_ptr(), kept) };
        assert!(content.iter().all(|it| *it == byte));
        self.heap.freed(start.addr().get(), old);
        if moved == start {
            // SAFETY: the block has the new size.
            unsafe { moved.write_bytes(byte, new.size()) };
            self.heap.allocated(moved.addr().get(), new);
            self.blocks[which] = Block {
                start: moved,
                layout: new,
                byte,
            };
        } else {
            self.remove(which);
            self.note(moved, new);
        }
    }

    fn free(&mut self, which: usize) {
        let Block { start, layout, .. } = self.blocks[which];
        self.heap.freed(start.addr().get(), layout);
        self.remove(which);
        // SAFETY: the block is live, has this layout and is forgotten.
        unsafe { (&self.arena).deallocate(start, layout) };
    }

    fn remove(&mut self, which: usize) {
        self.blocks.remove(which);
        for (_, count) in &mut self.marks {
            *count -= usize::from(*count > which);
        }
    }

    fn rewind(&mut self, which: usize) {
        let (mark, count) = self.marks[which];
        self.arena.rewind(mark).unwrap();
        self.forget_from(count);
        for (stale, _) in self.marks.drain(which + 1..) {
            assert!(self.arena.rewind(stale).is_err());
        }
    }

    fn forget_from(&mut self, count: usize) {
        for block in self.blocks.drain(count..) {
            self.heap.freed(block.start.addr().get(), block.layout);
        }
    }

    fn check(&self) {
        assert_eq!(self.heap.violations(), []);
        let mut live = 0;
        for block in &self.blocks {
            // SAFETY: the block is live, and was written to.
            let content =
                unsafe { std::slice::from_raw_parts(block.start.as_ptr(), block.layout.size()) };
            assert!(content.iter().all(|it| *it == block.byte));
            live += block.layout.size();
        }
        let stats = self.arena.stats();
        assert!(live <= stats.used && stats.used <= stats.peak.min(stats.held));
    }
}

fn layout(size: usize, align: usize) -> Layout {
    Layout::from_size_align(size, align).unwrap()
}

/// A region's life: slices, and children that have the same.
#[derive(Clone, Debug)]
enum Life {
    Slice(usize),
    Promoted(usize),
    Child(Vec<Life>),
}

fn life() -> impl Strategy<Value = Life> {
    let leaf = prop_oneof![
        4 => (0..200_usize).prop_map(Life::Slice),
        1 => (0..200_usize).prop_map(Life::Promoted),
    ];
    leaf.prop_recursive(4, 40, 8, |inner| {
        proptest::collection::vec(inner, 0..8).prop_map(Life::Child)
    })
}

fn live(region: &mut Region<'_>, lives: &[Life], byte: u8) {
    let mut own: Vec<&mut [u8]> = Vec::new();
    for life in lives {
        match life {
            Life::Slice(len) => own.push(region.alloc_slice_fill_with(*len, |_| byte)),
            Life::Promoted(len) => own.push(region.promote_slice(|child| {
                child.alloc_drop(vec![byte; 3]);
                child.alloc_slice_fill_with(*len, |_| byte)
            })),
            Life::Child(lives) => region.scope(|child| live(child, lives, byte.wrapping_add(1))),
        }
        assert!(own.iter().all(|it| it.iter().all(|it| *it == byte)));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: CASES, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn blocks_are_apart_and_keep_their_content(
        first_chunk in 0..600_usize,
        steps in proptest::collection::vec(step(), 1..STEPS_MAX),
    ) {
        let mut model = Model {
            arena: Arena::with_config(Config::new().first_chunk(first_chunk)),
            heap: ShadowHeap::new(),
            blocks: Vec::new(),
            marks: Vec::new(),
            bytes: 0,
        };
        steps.into_iter().for_each(|step| model.step(step));
    }

    #[test]
    fn regions_keep_their_values_across_their_children(
        lives in proptest::collection::vec(life(), 1..10),
    ) {
        let mut arena = Arena::with_config(Config::new().first_chunk(100));
        for _ in 0..2 {
            live(&mut arena.as_region(), &lives, 1);
            arena.reset();
            prop_assert_eq!(arena.stats().used, 0);
        }
    }
}
