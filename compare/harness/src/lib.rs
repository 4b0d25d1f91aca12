//! What the comparisons of this workspace share.
//!
//! In each round every contender does the same work, in an order that rotates ([`turns`]). What the rounds gave
//! ([`Samples`]) becomes medians with the quartiles beside them, and ratios, which are medians of the ratios of each round
//! ([`Spread`]). [`Run`] says what was run, where and how, a [`Goal`] what it was to reach, and a [`Report`] has all of it
//! as a table, as rows of a README, and as a data file.
#![deny(unsafe_code)]

pub mod callgrind;
pub mod counting;
mod goal;
mod machine;
mod report;
mod samples;
mod time;

pub use goal::{Bound, Goal};
pub use machine::{Run, commit, load_average, processor, versions};
pub use report::Report;
pub use samples::{Samples, Series, Spread};
pub use time::{processor_time, timed};

use serde::Serialize;

/// The contenders of a round by their numbers, beginning with another one each round.
pub fn turns(contenders: usize, round: usize) -> impl Iterator<Item = usize> {
    (0..contenders).map(move |turn| (turn + round) % contenders)
}

/// A report as it is written to a data file.
///
/// # Panics
/// If it is not made of numbers, strings, lists and structs.
pub fn json(report: &impl Serialize) -> String {
    let text = serde_json::to_string_pretty(report).expect("numbers and strings");
    text + "\n"
}

#[cfg(test)]
mod tests {
    use super::turns;

    #[test]
    fn each_contender_has_a_turn_in_each_round_and_another_one_begins() {
        let rounds: Vec<Vec<usize>> = (0..4).map(|round| turns(3, round).collect()).collect();
        assert_eq!(rounds, [[0, 1, 2], [1, 2, 0], [2, 0, 1], [0, 1, 2]]);
    }
}
