//! The arenas, behind one interface.

use super::by_hand::ByHand;
use bump_scope::alloc::Global;
use bump_scope::settings::BumpSettings;
use bump_scope::traits::BumpAllocatorTyped;
use std::alloc::Layout;
use std::ptr::NonNull;

/// A value of a cache line.
pub type Line = [u64; 8];

/// What every arena here can do.
pub trait Bump {
    const NAME: &str;

    /// One that has room for what a pass needs, or gets it in the first pass.
    fn fresh() -> Self;
    fn number(&self, value: u64) -> &u64;
    fn line(&self, value: Line) -> &Line;
    fn block(&self, layout: Layout) -> NonNull<u8>;
    fn text<'a>(&'a self, text: &str) -> &'a str;
    fn numbers<'a>(&'a self, values: &[u32]) -> &'a [u32];
    fn reset(&mut self);
}

impl Bump for ByHand {
    const NAME: &str = super::BY_HAND;

    fn fresh() -> Self {
        Self::new(4 << 20)
    }
    fn number(&self, value: u64) -> &u64 {
        self.put(value)
    }
    fn line(&self, value: Line) -> &Line {
        self.put(value)
    }
    fn block(&self, layout: Layout) -> NonNull<u8> {
        self.block(layout)
    }
    fn text<'a>(&'a self, text: &str) -> &'a str {
        self.text(text)
    }
    fn numbers<'a>(&'a self, values: &[u32]) -> &'a [u32] {
        self.copy(values)
    }
    fn reset(&mut self) {
        self.reset();
    }
}

impl Bump for memscope::arena::Arena {
    const NAME: &str = super::OURS;

    fn fresh() -> Self {
        Self::new()
    }
    fn number(&self, value: u64) -> &u64 {
        self.alloc(value)
    }
    fn line(&self, value: Line) -> &Line {
        self.alloc(value)
    }
    fn block(&self, layout: Layout) -> NonNull<u8> {
        self.alloc_layout(layout)
    }
    fn text<'a>(&'a self, text: &str) -> &'a str {
        self.alloc_str(text)
    }
    fn numbers<'a>(&'a self, values: &[u32]) -> &'a [u32] {
        self.alloc_slice_copy(values)
    }
    fn reset(&mut self) {
        self.reset();
    }
}

impl Bump for bumpalo::Bump {
    const NAME: &str = "bumpalo";

    fn fresh() -> Self {
        Self::new()
    }
    fn number(&self, value: u64) -> &u64 {
        self.alloc(value)
    }
    fn line(&self, value: Line) -> &Line {
        self.alloc(value)
    }
    fn block(&self, layout: Layout) -> NonNull<u8> {
        self.alloc_layout(layout)
    }
    fn text<'a>(&'a self, text: &str) -> &'a str {
        self.alloc_str(text)
    }
    fn numbers<'a>(&'a self, values: &[u32]) -> &'a [u32] {
        self.alloc_slice_copy(values)
    }
    fn reset(&mut self) {
        self.reset();
    }
}

/// bumpalo whose blocks begin at multiples of 8, as those of memscope and of the one by hand do.
pub type Bumpalo8 = bumpalo::Bump<8>;

impl Bump for Bumpalo8 {
    const NAME: &str = "bumpalo, aligned to 8";

    fn fresh() -> Self {
        Self::with_min_align()
    }
    fn number(&self, value: u64) -> &u64 {
        self.alloc(value)
    }
    fn line(&self, value: Line) -> &Line {
        self.alloc(value)
    }
    fn block(&self, layout: Layout) -> NonNull<u8> {
        self.alloc_layout(layout)
    }
    fn text<'a>(&'a self, text: &str) -> &'a str {
        self.alloc_str(text)
    }
    fn numbers<'a>(&'a self, values: &[u32]) -> &'a [u32] {
        self.alloc_slice_copy(values)
    }
    fn reset(&mut self) {
        self.reset();
    }
}

/// bump-scope as it comes, and aligned to 8.
pub type BumpScope = bump_scope::Bump;
pub type BumpScope8 = bump_scope::Bump<Global, BumpSettings<8>>;

macro_rules! bump_scope {
    ($type:ty, $name:literal) => {
        impl Bump for $type {
            const NAME: &str = $name;

            fn fresh() -> Self {
                Self::new()
            }
            fn number(&self, value: u64) -> &u64 {
                self.alloc(value).into_ref()
            }
            fn line(&self, value: Line) -> &Line {
                self.alloc(value).into_ref()
            }
            fn block(&self, layout: Layout) -> NonNull<u8> {
                self.allocate_layout(layout)
            }
            fn text<'a>(&'a self, text: &str) -> &'a str {
                self.alloc_str(text).into_ref()
            }
            fn numbers<'a>(&'a self, values: &[u32]) -> &'a [u32] {
                self.alloc_slice_copy(values).into_ref()
            }
            fn reset(&mut self) {
                self.reset();
            }
        }
    };
}

bump_scope!(BumpScope, "bump-scope");
bump_scope!(BumpScope8, "bump-scope, aligned to 8");

impl Bump for blink_alloc::Blink {
    const NAME: &str = "blink-alloc";

    fn fresh() -> Self {
        Self::new()
    }
    fn number(&self, value: u64) -> &u64 {
        self.put_no_drop(value)
    }
    fn line(&self, value: Line) -> &Line {
        self.put_no_drop(value)
    }
    fn block(&self, layout: Layout) -> NonNull<u8> {
        let block = self.allocator().allocate(layout);
        block.expect("there is memory").cast()
    }
    fn text<'a>(&'a self, text: &str) -> &'a str {
        self.copy_str(text)
    }
    fn numbers<'a>(&'a self, values: &[u32]) -> &'a [u32] {
        self.copy_slice(values)
    }
    fn reset(&mut self) {
        self.reset();
    }
}
