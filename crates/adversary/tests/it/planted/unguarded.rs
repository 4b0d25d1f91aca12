//! The insertion of a sort that needs no bounds check, because the first value is the least.

use super::Region;

/// Moves the last value down to its place. The caller has seen to it that `list[0]` is the least; but
/// that was an answer of `Ord`.
pub(crate) fn insert_trusting_the_sentinel<T: Ord>(list: &mut [T]) -> Region<()> {
    insert(list, |_| true)
}

/// The same with a check.
pub(crate) fn insert_guarded<T: Ord>(list: &mut [T]) -> Region<()> {
    insert(list, |index| index > 0)
}

/// `Region` has a slot for each place of the list, so that it counts the steps that leave it.
fn insert<T: Ord>(list: &mut [T], guard: fn(usize) -> bool) -> Region<()> {
    let mut memory = Region::new(list.len());
    let least = (0..list.len()).min_by(|a, b| list[*a].cmp(&list[*b]));
    list.swap(0, least.unwrap_or(0));
    let mut index = list.len() - 1;
    while guard(index) {
        // Before the first place this is where the real code reads `list[-1]`.
        let before = index.wrapping_sub(1);
        memory.read_unchecked(before);
        if memory.escapes > 0 || list[before] <= list[index] {
            break;
        }
        list.swap(before, index);
        index = before;
    }
    memory
}
