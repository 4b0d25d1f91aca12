//! What phases with a name left behind.

use crate::raw::LiveTotals;
use crate::raw::lock::Lock;

/// Names beyond this many are not recorded.
const NAMES_MAX: usize = 64;

/// The runs of the phases of one name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NamedPhase {
    /// The name.
    pub name: &'static str,
    /// How often it ran to its end.
    pub runs: usize,
    /// Objects of the region that were live after it and not before, over all runs; less than 0 if it
    /// freed more than it left.
    pub kept_objects: i64,
    /// The same in bytes.
    pub kept_bytes: i64,
}

pub(crate) static NAMED: Lock<[Option<NamedPhase>; NAMES_MAX]> = Lock::new([None; NAMES_MAX]);

/// What the phases of each name left, for up to 64 names in the order of their first ends.
///
/// # Examples
///
/// ```
/// # #[global_allocator] static A: phase_alloc::PhaseAlloc = phase_alloc::PhaseAlloc::new();
/// phase_alloc::named_phase("prove", || drop(vec![0; 1000]));
/// let prove = phase_alloc::named_phases().next().unwrap();
/// assert_eq!((prove.name, prove.runs, prove.kept_objects), ("prove", 1, 0));
/// ```
pub fn named_phases() -> impl Iterator<Item = NamedPhase> {
    let table = NAMED.with(|table| *table);
    table.into_iter().flatten()
}

pub(crate) fn record(name: &'static str, before: LiveTotals, after: LiveTotals) {
    let more =
        |after: usize, before: usize| after.cast_signed() as i64 - before.cast_signed() as i64;
    NAMED.with(|table| {
        let slot = table
            .iter_mut()
            .find(|slot| slot.is_none_or(|phase| phase.name == name));
        let Some(slot) = slot else { return };
        let phase = slot.get_or_insert(NamedPhase {
            name,
            runs: 0,
            kept_objects: 0,
            kept_bytes: 0,
        });
        phase.runs += 1;
        phase.kept_objects += more(after.objects, before.objects);
        phase.kept_bytes += more(after.bytes, before.bytes);
    });
}
