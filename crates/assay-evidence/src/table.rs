//! Which operation can produce which class of bug, which layer sees it, and which layer could notice
//! which kind of mutant.
//!
//! The tables are the only place where this knowledge stands. The first two are deliberately about what
//! a layer *reports by its own checks*: a wrong value that makes a test fail is seen by every layer
//! that runs the test, and counts for none. The third is about tests too: it asks whether a test of the
//! right kind would fail.

use crate::BugClass::{
    Aliasing, DataRace, Deadlock, InvalidFree, InvalidValue, Leak, MemoryFault, Misaligned,
    OtherUndefined, OutOfBounds, Precondition, UninitialisedRead, UseAfterFree, WrongLayout,
};
use crate::{BugClass, LayerName, Operation, Operator, Site};

/// Layer -> the classes that its own checks report.
#[rustfmt::skip]
const SEES: [(LayerName, &[BugClass]); 8] = [
    // Debug assertions: std's precondition checks, rustc's alignment check on dereference; a fault ends the process.
    (LayerName::Unit,     &[Precondition, Misaligned, MemoryFault]),
    // Layout record, canaries, quarantine with fill. Writes only: a stray read leaves no trace.
    (LayerName::Alloc,    &[WrongLayout, OutOfBounds, InvalidFree, UseAfterFree, MemoryFault]),
    // Shadow memory for heap, stack and globals; LeakSanitizer at exit. Not the layout of a dealloc.
    (LayerName::Asan,     &[OutOfBounds, UseAfterFree, InvalidFree, MemoryFault, Leak]),
    // Happens-before on the executions that were made; a free is a write to the whole block, and a fault is reported.
    (LayerName::Tsan,     &[DataRace, UseAfterFree, MemoryFault]),
    // Definedness bits and heap addressability. Not stack or global bounds.
    (LayerName::Memcheck, &[OutOfBounds, UseAfterFree, InvalidFree, UninitialisedRead, MemoryFault, Leak]),
    // The abstract machine itself, on the executions that were made.
    (LayerName::Miri,     &[OutOfBounds, UseAfterFree, InvalidFree, WrongLayout, UninitialisedRead, DataRace, Aliasing,
                            Misaligned, InvalidValue, Precondition, OtherUndefined, Leak, Deadlock]),
    // Every interleaving and every allowed load value within the model's bounds.
    (LayerName::Loom,     &[DataRace, Deadlock, Leak]),
    // Sequentially consistent schedules: assertions and deadlocks, no weak memory.
    (LayerName::Shuttle,  &[Deadlock]),
];

/// Operation -> the classes that a wrong use of it can produce.
#[rustfmt::skip]
const CAUSES: [(Operation, &[BugClass]); 19] = [
    (Operation::RawDeref,          &[OutOfBounds, UseAfterFree, UninitialisedRead, DataRace, Aliasing, Misaligned, InvalidValue, MemoryFault]),
    (Operation::PointerRead,       &[OutOfBounds, UseAfterFree, UninitialisedRead, InvalidFree, DataRace, Aliasing, Misaligned, InvalidValue, Precondition, MemoryFault]),
    (Operation::PointerWrite,      &[OutOfBounds, UseAfterFree, DataRace, Aliasing, Misaligned, Precondition, MemoryFault, Leak]),
    (Operation::PointerArithmetic, &[OutOfBounds, Precondition, MemoryFault]),
    (Operation::UncheckedIndex,    &[OutOfBounds, UseAfterFree, UninitialisedRead, Precondition, MemoryFault]),
    (Operation::FromRaw,           &[OutOfBounds, UseAfterFree, InvalidFree, WrongLayout, UninitialisedRead, Aliasing, Misaligned, InvalidValue, Precondition, MemoryFault]),
    (Operation::AssumeInit,        &[UninitialisedRead, InvalidValue, InvalidFree, OutOfBounds, Precondition]),
    (Operation::Reinterpret,       &[InvalidValue, UninitialisedRead, Misaligned, OutOfBounds, UseAfterFree, Aliasing]),
    (Operation::Allocation,        &[WrongLayout, InvalidFree, UseAfterFree, OutOfBounds, UninitialisedRead, Precondition, MemoryFault, Leak]),
    (Operation::UncheckedClaim,    &[Precondition, InvalidValue, OutOfBounds, OtherUndefined]),
    (Operation::StaticMut,         &[DataRace, Aliasing]),
    (Operation::CellAccess,        &[DataRace, Aliasing, UseAfterFree]),
    (Operation::ManualDrop,        &[InvalidFree, UseAfterFree, UninitialisedRead, Aliasing, Leak]),
    (Operation::InlineAsm,         &[OutOfBounds, MemoryFault, OtherUndefined]),
    (Operation::ForeignCall,       ANY_MEMORY),
    (Operation::UnsafeCall,        ANY_MEMORY),
    (Operation::ImplSend,          &[DataRace]),
    (Operation::ImplSync,          &[DataRace]),
    (Operation::ImplOther,         ANY_MEMORY),
];

/// Operator -> the layers under which a test of the right kind can notice such a mutant.
#[rustfmt::skip]
const NOTICES: [(Operator, &[LayerName]); 11] = [
    // Shuttle is sequentially consistent, and the hardware that runs the native layers is nearly so: x86 orders what
    // these ask for and more. TSan, Miri and loom keep the orderings' own account.
    (Operator::WeakenOrdering,     &[LayerName::Tsan, LayerName::Miri, LayerName::Loom]),
    // TSan has no account of fences.
    (Operator::DropFence,          &[LayerName::Miri, LayerName::Loom]),
    // A wrong value, a wrong address or a second drop shows under every layer that executes it, if a test looks.
    (Operator::DropCheck,          EVERY_LAYER),
    (Operator::NegateCheck,        EVERY_LAYER),
    (Operator::ShiftComparison,    EVERY_LAYER),
    (Operator::OffByOne,           EVERY_LAYER),
    (Operator::PublishBeforeWrite, EVERY_LAYER),
    (Operator::LengthBeforeWrite,  EVERY_LAYER),
    (Operator::DropOrder,          EVERY_LAYER),
    (Operator::RemoveForget,       EVERY_LAYER),
    // A program that should not compile does; nothing that runs tells.
    (Operator::RemoveBound,        &[LayerName::Unit]),
];

const EVERY_LAYER: &[LayerName] = &LayerName::ALL;

/// Code whose contract this table can't know: every soundness class.
const ANY_MEMORY: &[BugClass] = &[
    OutOfBounds,
    UseAfterFree,
    InvalidFree,
    WrongLayout,
    UninitialisedRead,
    DataRace,
    Aliasing,
    Misaligned,
    InvalidValue,
    Precondition,
    MemoryFault,
    OtherUndefined,
];

impl LayerName {
    /// The classes of bug that the layer's own checks report.
    ///
    /// ```
    /// use assay_evidence::{BugClass, LayerName};
    /// assert!(LayerName::Tsan.classes().contains(&BugClass::DataRace));
    /// assert!(!LayerName::Shuttle.classes().contains(&BugClass::DataRace));
    /// ```
    #[must_use]
    pub fn classes(self) -> &'static [BugClass] {
        lookup(&SEES, self)
    }

    /// Whether the other layer runs the same tests and reports every class of bug that this one reports; that a
    /// process dies is no class of its own here. The model checkers run tests of their own.
    ///
    /// ```
    /// use assay_evidence::LayerName;
    /// assert!(LayerName::Memcheck.is_covered_by(LayerName::Miri));
    /// assert!(!LayerName::Memcheck.is_covered_by(LayerName::Asan), "uninitialised reads");
    /// assert!(!LayerName::Loom.is_covered_by(LayerName::Miri));
    /// ```
    #[must_use]
    pub fn is_covered_by(self, other: Self) -> bool {
        let models = [Self::Loom, Self::Shuttle];
        let reported = |class: &BugClass| *class == MemoryFault || other.classes().contains(class);
        !models.contains(&self) && !models.contains(&other) && self.classes().iter().all(reported)
    }

    /// Whether the layer can see a bug that the site's operations can produce.
    ///
    /// ```
    /// use assay_evidence::{Evidence, LayerName};
    /// let site = &Evidence::example().sites[0]; // it reads through a raw pointer
    /// assert!(LayerName::Asan.can_judge(site));
    /// assert!(!LayerName::Shuttle.can_judge(site));
    /// ```
    #[must_use]
    pub fn can_judge(self, site: &Site) -> bool {
        let seen = self.classes();
        site.possible_classes().iter().any(|c| seen.contains(c))
    }
}

impl Operation {
    /// The classes of bug that a wrong use of the operation can produce.
    ///
    /// ```
    /// use assay_evidence::{BugClass, Operation};
    /// assert_eq!(Operation::StaticMut.classes(), [BugClass::DataRace, BugClass::Aliasing]);
    /// ```
    #[must_use]
    pub fn classes(self) -> &'static [BugClass] {
        lookup(&CAUSES, self)
    }
}

impl Operator {
    /// The layers under which a test of the right kind can notice such a mutant, in their order.
    ///
    /// ```
    /// use assay_evidence::{LayerName, Operator};
    /// assert!(Operator::WeakenOrdering.layers().contains(&LayerName::Loom));
    /// assert!(!Operator::WeakenOrdering.layers().contains(&LayerName::Shuttle));
    /// ```
    #[must_use]
    pub fn layers(self) -> &'static [LayerName] {
        let row = NOTICES.iter().find(|(operator, _)| *operator == self);
        row.map_or(&[], |(_, layers)| layers)
    }
}

impl Site {
    /// The classes of bug that the site's operations can produce, sorted; every soundness class
    /// where the operations are not known.
    ///
    /// ```
    /// use assay_evidence::{BugClass, Evidence};
    /// let mut site = Evidence::example().sites[0].clone();
    /// site.operations.clear();
    /// assert!(site.possible_classes().contains(&BugClass::OtherUndefined));
    /// ```
    #[must_use]
    pub fn possible_classes(&self) -> Vec<BugClass> {
        let mut classes: Vec<BugClass> = if self.operations.is_empty() {
            ANY_MEMORY.to_vec()
        } else {
            self.operations
                .iter()
                .flat_map(|o| o.classes())
                .copied()
                .collect()
        };
        classes.sort_unstable();
        classes.dedup();
        classes
    }
}

fn lookup<K: Copy + PartialEq>(
    table: &'static [(K, &'static [BugClass])],
    key: K,
) -> &'static [BugClass] {
    table
        .iter()
        .find(|(k, _)| *k == key)
        .map_or(&[], |(_, classes)| classes)
}

#[cfg(test)]
mod tests {
    use super::{CAUSES, NOTICES, SEES};
    use crate::{LayerName, Operator, Severity};

    #[test]
    fn every_operator_has_a_row_of_layers_in_order() {
        let rows: Vec<Operator> = NOTICES.iter().map(|(operator, _)| *operator).collect();
        assert_eq!(rows, Operator::ALL);
        for (operator, layers) in NOTICES {
            assert!(layers.is_sorted() && !layers.is_empty(), "{operator}");
        }
    }

    #[test]
    fn every_layer_has_a_row() {
        let rows: Vec<LayerName> = SEES.iter().map(|(l, _)| *l).collect();
        assert_eq!(rows, LayerName::ALL);
    }

    #[test]
    fn no_operation_has_two_rows_and_the_rows_are_in_order() {
        assert!(CAUSES.is_sorted_by(|a, b| a.0 < b.0));
    }

    #[test]
    fn every_operation_causes_a_soundness_class_that_a_layer_sees() {
        for (operation, classes) in CAUSES {
            let visible = classes.iter().any(|c| {
                c.severity() == Severity::Soundness && SEES.iter().any(|(_, s)| s.contains(c))
            });
            assert!(visible, "{operation:?}");
        }
    }
}
