//! Small bugs, each beside its repair; the tests are about the tools that find them.
//!
//! No planted bug is undefined behaviour when it strikes: duplicated values are plain integers, and
//! where the real bug would leave its bounds the planted one asks [`Region`], which counts instead.

pub(crate) mod arena;
pub(crate) mod buffered;
pub(crate) mod clones;
pub(crate) mod collect;
pub(crate) mod double_fetch;
pub(crate) mod pool;
pub(crate) mod records;
pub(crate) mod retain;
#[cfg(all(feature = "model", not(miri)))]
pub(crate) mod sorted;
pub(crate) mod twofold;
pub(crate) mod unguarded;

/// Memory of a fixed size, written without a bounds check: what goes past its end is counted.
#[derive(Debug)]
pub(crate) struct Region<T> {
    slots: Vec<Option<T>>,
    pub(crate) escapes: usize,
}

impl<T> Region<T> {
    pub(crate) fn new(size: usize) -> Self {
        Self {
            slots: std::iter::repeat_with(|| None).take(size).collect(),
            escapes: 0,
        }
    }

    pub(crate) fn write_unchecked(&mut self, index: usize, value: T) {
        match self.slots.get_mut(index) {
            Some(slot) => *slot = Some(value),
            None => self.escapes += 1,
        }
    }

    pub(crate) fn read_unchecked(&mut self, index: usize) -> Option<&T> {
        let inside = index < self.slots.len();
        self.escapes += usize::from(!inside);
        self.slots.get(index)?.as_ref()
    }

    pub(crate) fn len(&self) -> usize {
        self.slots.len()
    }

    /// Slots that nobody wrote, and that a length set beforehand would have made values of.
    pub(crate) fn holes(&self) -> usize {
        self.slots.iter().filter(|it| it.is_none()).count()
    }
}
