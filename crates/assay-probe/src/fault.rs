//! What the checking allocator found, and how it is told.

use block_guard::Violation;
use core::alloc::Layout;
use core::fmt;

/// What the allocator was asked for when it found a violation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    Alloc,
    Dealloc,
    Realloc,
    /// Nothing: a freed block was looked at again.
    Recheck,
}

/// A violation with what is known about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) operation: Operation,
    pub(crate) found: Found,
    /// The layout that the caller passed.
    pub(crate) claimed: Option<Layout>,
    /// The layout of the block, where there is one.
    pub(crate) block: Option<Layout>,
    /// Where the block was allocated and freed.
    pub(crate) history: History,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// A layout of no bytes was passed to the global allocator.
    Empty,
    Violation(Violation),
}

/// Numbers of stacks in the depot; 0 is no stack.
///
/// It travels in the owner's word of a guarded block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct History {
    pub(crate) allocated: u32,
    pub(crate) freed: u32,
}

impl Fault {
    /// The class by its name in the evidence model.
    pub(crate) fn class(&self) -> &'static str {
        match self.found {
            Found::Empty => "precondition",
            // Whatever is wrong with a block that was whole when it was freed was done to it since.
            Found::Violation(_) if self.operation == Operation::Recheck => "use-after-free",
            Found::Violation(violation) => match violation {
                Violation::FrontCanary { .. } | Violation::BackCanary { .. } => "out-of-bounds",
                Violation::WrongSize { .. } | Violation::WrongAlign { .. } => "wrong-layout",
                Violation::Overwritten { .. } => "use-after-free",
                _ => "invalid-free",
            },
        }
    }
}

/// The first two lines of the report.
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "assay-alloc: {} ", self.class())?;
        match self.found {
            Found::Empty => write!(f, "a layout of no bytes was passed to the allocator")?,
            Found::Violation(Violation::NotABlock) if self.operation == Operation::Recheck => {
                write!(f, "the header of a freed block was overwritten")?;
            }
            Found::Violation(violation) => write!(f, "{violation}")?,
        }
        write!(f, "\nassay-alloc: ")?;
        if let Some(block) = self.block {
            let (size, align) = (block.size(), block.align());
            write!(f, "allocated {size} bytes aligned to {align}, ")?;
        }
        let operation = match self.operation {
            Operation::Alloc => "allocated",
            Operation::Dealloc => "freed",
            Operation::Realloc => "reallocated",
            Operation::Recheck => return writeln!(f, "freed, found later"),
        };
        match self.claimed {
            Some(claimed) => {
                let (size, align) = (claimed.size(), claimed.align());
                writeln!(f, "{operation} as {size} bytes aligned to {align}")
            }
            None => writeln!(f, "{operation}"),
        }
    }
}

impl From<u64> for History {
    fn from(word: u64) -> Self {
        let [a, b, c, d, e, f, g, h] = word.to_ne_bytes();
        Self {
            allocated: u32::from_ne_bytes([a, b, c, d]),
            freed: u32::from_ne_bytes([e, f, g, h]),
        }
    }
}

impl From<History> for u64 {
    fn from(history: History) -> Self {
        let ([a, b, c, d], [e, f, g, h]) =
            (history.allocated.to_ne_bytes(), history.freed.to_ne_bytes());
        Self::from_ne_bytes([a, b, c, d, e, f, g, h])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    fn fault(operation: Operation, violation: Violation) -> Fault {
        Fault {
            operation,
            found: Found::Violation(violation),
            claimed: Layout::from_size_align(12, 4).ok(),
            block: Layout::from_size_align(24, 8).ok(),
            history: History::default(),
        }
    }

    #[test]
    fn the_first_line_has_the_class_and_the_second_both_layouts() {
        let wrong = Violation::WrongSize {
            allocated: 24,
            claimed: 12,
        };
        assert_eq!(
            fault(Operation::Dealloc, wrong).to_string(),
            "assay-alloc: wrong-layout a block of 24 bytes was claimed to have 12 bytes\n\
             assay-alloc: allocated 24 bytes aligned to 8, freed as 12 bytes aligned to 4\n"
        );
    }

    #[test]
    fn damage_of_a_freed_block_is_a_use_after_free_wherever_it_lies() {
        let back = Violation::BackCanary {
            size: 24,
            offset: 24,
        };
        assert_eq!(fault(Operation::Dealloc, back).class(), "out-of-bounds");
        assert_eq!(fault(Operation::Recheck, back).class(), "use-after-free");
        let gone = fault(Operation::Recheck, Violation::NotABlock);
        assert_eq!(gone.class(), "use-after-free");
        assert!(gone.to_string().contains("the header of a freed block"));
    }

    #[test]
    fn a_history_survives_the_word() {
        let history = History {
            allocated: 7,
            freed: u32::MAX,
        };
        assert_eq!(History::from(u64::from(history)), history);
        assert_eq!(u64::from(History::default()), 0);
    }
}
