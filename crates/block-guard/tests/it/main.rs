//! The blocks as an allocator uses them: through the public API, on memory from the heap.
//!
//! Every case runs for sizes and alignments from none to more than a page.
mod memory;

use block_guard::{FRESH_BYTE, GuardedLayout, RETIRED_BYTE, Violation};
use memory::{Memory, layouts};
use proptest::prelude::*;
use std::alloc::Layout;

/// Sizes and alignments that every case is tried with.
fn for_each_block(mut case: impl FnMut(Memory)) {
    for layout in layouts() {
        case(Memory::armed(layout));
    }
}

#[test]
fn a_fresh_block_is_aligned_and_whole() {
    for_each_block(|block| {
        assert_eq!(block.address() % block.layout.align(), 0);
        assert_eq!(block.check(), Ok(block.guarded));
        assert_eq!(block.check_without_claim(), Ok(block.guarded));
    });
}

#[test]
fn every_user_byte_can_be_written_without_a_violation() {
    for_each_block(|block| {
        for at in 0..block.layout.size() {
            block.write(at.cast_signed(), 0xEE);
        }
        assert_eq!(block.check(), Ok(block.guarded));
    });
}

#[test]
fn the_first_byte_written_behind_the_block_is_named() {
    for_each_block(|block| {
        let size = block.layout.size();
        for past in (0..16).rev() {
            block.write((size + past).cast_signed(), 0);
            assert_eq!(
                block.check(),
                Err(Violation::BackCanary {
                    size,
                    offset: size + past
                })
            );
        }
    });
}

#[test]
fn the_nearest_byte_written_in_front_of_the_block_is_named() {
    for_each_block(|block| {
        let size = block.layout.size();
        for before in (1..=16).rev() {
            block.write(-before, 0xFF);
            assert_eq!(
                block.check(),
                Err(Violation::FrontCanary {
                    size,
                    before: before.unsigned_abs()
                })
            );
        }
    });
}

#[test]
fn a_destroyed_header_is_no_block() {
    for_each_block(|block| {
        for at in 0..32 {
            let fresh = Memory::armed(block.layout);
            fresh.write(at - 48, fresh.header()[at.unsigned_abs()] ^ 0x40);
            // The owner's word is no guard, nor is the padding of a 32-bit header.
            let noted = (8..16).contains(&at);
            let padding = size_of::<usize>() == 4 && at >= 24;
            if !noted && !padding {
                assert_eq!(fresh.check(), Err(Violation::NotABlock), "{at}");
            }
        }
    });
}

#[test]
fn a_claim_of_another_size_or_alignment_is_refused() {
    for_each_block(|block| {
        let (size, align) = (block.layout.size(), block.layout.align());
        let longer = Layout::from_size_align(size + 1, align).unwrap();
        assert_eq!(
            block.check_as(longer),
            Err(Violation::WrongSize {
                allocated: size,
                claimed: size + 1
            })
        );
        let coarser = Layout::from_size_align(size, align * 2).unwrap();
        assert_eq!(
            block.check_as(coarser),
            Err(Violation::WrongAlign {
                allocated: align,
                claimed: align * 2
            })
        );
    });
}

#[test]
fn a_pointer_into_a_block_is_no_block() {
    let block = Memory::armed(Layout::from_size_align(256, 16).unwrap());
    for at in 0..256 {
        block.write(at, 0);
    }
    for at in 48..200 {
        let inside = block.check_inside(at);
        assert_eq!(inside, Err(Violation::NotABlock), "{at}");
    }
}

#[test]
fn a_retired_block_is_refused_and_keeps_its_fill() {
    for_each_block(|block| {
        let size = block.layout.size();
        block.retire(5);
        assert_eq!(block.check(), Err(Violation::Retired { size }));
        assert_eq!(block.check_retired(), Ok(block.guarded));
        assert_eq!(block.note(), 5);
        for at in 0..size {
            assert_eq!(block.read(at), RETIRED_BYTE);
        }
    });
}

#[test]
fn the_first_byte_written_to_a_retired_block_is_named() {
    for_each_block(|block| {
        let size = block.layout.size();
        block.retire(0);
        for offset in (0..size).rev().step_by(if cfg!(miri) { 97 } else { 1 }) {
            block.write(offset.cast_signed(), 0);
            let expected = Violation::Overwritten {
                size,
                offset,
                found: 0,
            };
            assert_eq!(block.check_retired(), Err(expected));
        }
    });
}

#[test]
fn guards_of_a_retired_block_are_checked_too() {
    for_each_block(|block| {
        let size = block.layout.size();
        block.retire(0);
        block.write(size.cast_signed(), 0);
        assert_eq!(
            block.check_retired(),
            Err(Violation::BackCanary { size, offset: size })
        );
    });
}

#[test]
fn a_live_block_is_not_taken_for_a_retired_one() {
    for_each_block(|block| {
        let size = block.layout.size();
        assert_eq!(block.check_retired(), Err(Violation::NotRetired { size }));
    });
}

#[test]
fn a_disarmed_block_is_no_block_and_gives_its_start_back() {
    for_each_block(|block| {
        assert_eq!(block.disarm(), block.start);
        assert_eq!(block.check(), Err(Violation::NotABlock));
        assert_eq!(block.check_retired(), Err(Violation::NotABlock));
    });
}

#[test]
fn a_fresh_fill_covers_the_user_bytes_and_no_guard() {
    for_each_block(|block| {
        block.fill_fresh();
        assert_eq!(block.check(), Ok(block.guarded));
        for at in 0..block.layout.size() {
            assert_eq!(block.read(at), FRESH_BYTE);
        }
    });
}

#[test]
fn a_violation_is_told_in_one_line() {
    let back = Violation::BackCanary {
        size: 24,
        offset: 25,
    };
    assert_eq!(
        back.to_string(),
        "the byte at offset 25 of a block of 24 bytes was overwritten"
    );
    let error: &dyn std::error::Error = &back;
    assert!(error.source().is_none());
}

#[test]
fn a_block_that_does_not_fit_the_address_space_has_no_layout() {
    let largest = isize::MAX.unsigned_abs();
    let layout = Layout::from_size_align(largest - 63, 1).unwrap();
    assert!(GuardedLayout::new(layout).is_none());
    let layout = Layout::from_size_align(0, 1 << (usize::BITS - 1)).unwrap();
    assert!(GuardedLayout::new(layout).is_none());
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: if cfg!(miri) { 8 } else { 256 },
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn any_single_write_near_a_block_is_judged_as_the_picture_says(
        size in 0..2000_usize, shift in 0..13_u32, at in -16_isize..2016, value: u8,
    ) {
        prop_assume!(at < size.cast_signed() + 16);
        let block = Memory::armed(Layout::from_size_align(size, 1 << shift).unwrap());
        let before = block.read_at(at);
        block.write(at, value);
        let expected = if (0..size.cast_signed()).contains(&at) || before == Some(value) {
            Ok(block.guarded)
        } else if at < 0 {
            Err(Violation::FrontCanary { size, before: at.unsigned_abs() })
        } else {
            Err(Violation::BackCanary { size, offset: at.unsigned_abs() })
        };
        prop_assert_eq!(block.check(), expected);
    }
}

#[test]
fn neighbours_do_not_see_each_other() {
    let layout = Layout::from_size_align(40, 8).unwrap();
    let guarded = GuardedLayout::new(layout).unwrap();
    let stride = guarded.whole().pad_to_align().size();
    let both = Memory::raw(Layout::from_size_align(stride * 2, 16).unwrap());
    let (left, right) = (both.arm_at(0, layout, 1), both.arm_at(stride, layout, 2));
    assert_eq!((left.check(), right.check()), (Ok(guarded), Ok(guarded)));
    assert_eq!((left.note(), right.note()), (1, 2));
}
