//! Two writers and a reader on one shared book, and every result of theirs put in order.

use crate::bounded;
use crate::linear::Step::{self, Add, Quantity, Remove, Top};
use crate::linear::check;
use velox::Side::{Ask, Bid};

fn explore(
    preemptions: usize,
    slots: usize,
    before: &'static [Step],
    programs: &'static [&'static [Step]],
) {
    bounded(preemptions, move || check(slots, before, programs));
}

#[test]
fn levels_that_two_writers_make_are_both_seen() {
    explore(
        3,
        2,
        &[],
        &[&[Add(Bid, 0, 1), Top], &[Add(Bid, 1, 1), Top], &[Top, Top]],
    );
}

#[test]
fn the_level_behind_one_that_goes_is_seen() {
    explore(
        3,
        2,
        &[Add(Bid, 1, 1)],
        &[&[Remove(Bid, 1, 1), Top], &[Add(Bid, 0, 1), Top], &[Top]],
    );
}

#[test]
fn a_level_that_comes_and_goes_hides_no_other() {
    explore(
        3,
        2,
        &[],
        &[
            &[Add(Bid, 1, 1), Remove(Bid, 1, 1)],
            &[Add(Bid, 0, 1), Top],
            &[Top],
        ],
    );
}

#[test]
fn a_refresh_by_others_covers_what_failed_twice() {
    explore(
        3,
        2,
        &[],
        &[
            &[Add(Bid, 1, 1), Remove(Bid, 1, 1)],
            &[Add(Ask, 1, 1)],
            &[Add(Bid, 0, 1), Top],
        ],
    );
}

#[test]
fn an_update_of_a_level_that_another_has_just_made_returns_when_the_top_has_it() {
    explore(3, 2, &[], &[&[Add(Bid, 1, 1)], &[Add(Bid, 1, 2), Top]]);
}

#[test]
fn a_look_at_a_level_that_another_has_just_made_returns_when_the_top_has_it() {
    explore(3, 2, &[], &[&[Add(Bid, 1, 1)], &[Quantity(Bid, 1), Top]]);
}

#[test]
fn a_refusal_by_a_level_that_another_has_just_emptied_returns_when_the_top_has_it() {
    explore(
        3,
        2,
        &[Add(Bid, 1, 1)],
        &[&[Remove(Bid, 1, 1)], &[Remove(Bid, 1, 1), Top]],
    );
}

#[test]
fn who_has_seen_a_best_price_finds_its_level() {
    explore(3, 2, &[], &[&[Add(Bid, 1, 1)], &[Top, Quantity(Bid, 1)]]);
}

#[test]
fn who_has_seen_a_best_price_that_another_thread_published_finds_its_level() {
    explore(
        3,
        4,
        &[],
        &[
            &[Add(Bid, 3, 1)],
            &[Add(Bid, 2, 1)],
            &[Top, Quantity(Bid, 3)],
        ],
    );
}

#[test]
fn nothing_is_lost_when_two_writers_change_one_level() {
    explore(
        3,
        2,
        &[],
        &[
            &[Add(Ask, 0, 1), Remove(Ask, 0, 1)],
            &[Add(Ask, 0, 2), Remove(Ask, 0, 1)],
        ],
    );
}

#[test]
fn both_sides_are_of_one_moment() {
    explore(
        3,
        2,
        &[Add(Bid, 0, 1)],
        &[&[Add(Ask, 1, 1), Remove(Bid, 0, 1)], &[Top, Top]],
    );
}

#[test]
fn levels_under_one_node_are_both_seen_above_it() {
    explore(
        2,
        4,
        &[],
        &[
            &[Add(Bid, 2, 1), Top],
            &[Add(Bid, 3, 1), Remove(Bid, 3, 1)],
            &[Top],
        ],
    );
}

#[test]
fn a_node_that_another_thread_wrote_is_seen_above_it() {
    explore(
        2,
        4,
        &[Add(Bid, 3, 1)],
        &[
            &[Remove(Bid, 3, 1), Top],
            &[Add(Bid, 2, 1), Top],
            &[Add(Bid, 0, 1), Top],
        ],
    );
}

/// What the fence after each level of the tree is for: the other thread refreshes the root twice from a node that it
/// read before this one wrote it, and this one looks at a root from before both.
#[test]
fn a_change_of_one_side_is_not_lost_behind_two_of_the_other() {
    explore(
        3,
        4,
        &[],
        &[&[Add(Ask, 0, 1), Remove(Ask, 0, 1)], &[Add(Bid, 2, 1), Top]],
    );
}
