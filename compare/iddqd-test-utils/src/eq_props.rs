//! Equality both ways round.

use std::fmt::Debug;

/// Both are equal, whoever is asked.
#[track_caller]
#[expect(clippy::eq_op, reason = "reflexivity is what is asserted")]
pub fn assert_eq_props<T: PartialEq + Debug>(one: T, other: T) {
    assert_eq!(one, one, "equality is reflexive");
    assert_eq!(other, other, "equality is reflexive");
    assert_eq!(one, other);
    assert_eq!(other, one, "equality is symmetric");
}

/// They differ, whoever is asked.
#[track_caller]
pub fn assert_ne_props<T: PartialEq + Debug>(one: T, other: T) {
    assert_ne!(one, other);
    assert_ne!(other, one, "inequality is symmetric");
}
