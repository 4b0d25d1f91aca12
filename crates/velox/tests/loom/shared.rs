//! Two writers and a reader on one shared book, and every result of theirs put in order.

use crate::bounded;
use crate::linear::Step::{self, Add, Quantity, Remove, Top};
use crate::linear::check;
use velox::Side::{Ask, Bid};

/// The last program runs on the first thread, and so before the others at first. Who only looks stands before it: loom
/// remembers one access of each atomic, and if that is the writer's own load it forgets that another thread has looked
/// before the writer's exchange, and does not try it the other way round.
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
        &[&[Top, Top], &[Add(Bid, 0, 1), Top], &[Add(Bid, 1, 1), Top]],
    );
}

#[test]
fn the_level_behind_one_that_goes_is_seen() {
    let before = &[Add(Bid, 1, 1)];
    explore(
        3,
        2,
        before,
        &[
            &[Top, Top],
            &[Add(Bid, 0, 1), Top],
            &[Remove(Bid, 1, 1), Top],
        ],
    );
}

#[test]
fn a_level_that_comes_and_goes_hides_no_other() {
    explore(
        3,
        2,
        &[],
        &[
            &[Top],
            &[Add(Bid, 0, 1), Top],
            &[Add(Bid, 1, 1), Remove(Bid, 1, 1)],
        ],
    );
}

#[test]
fn a_refresh_by_others_covers_what_failed_twice() {
    explore(
        2,
        2,
        &[],
        &[
            &[Add(Bid, 0, 1), Top],
            &[Add(Ask, 1, 1)],
            &[Add(Bid, 1, 1), Remove(Bid, 1, 1)],
        ],
    );
}

#[test]
fn an_update_of_a_level_that_another_has_just_made_returns_when_the_top_has_it() {
    explore(4, 2, &[], &[&[Add(Bid, 1, 2), Top], &[Add(Bid, 1, 1)]]);
}

#[test]
fn a_look_at_a_level_that_another_has_just_made_returns_when_the_top_has_it() {
    explore(4, 2, &[], &[&[Quantity(Bid, 1), Top], &[Add(Bid, 1, 1)]]);
}

#[test]
fn a_refusal_by_a_level_that_another_has_just_emptied_returns_when_the_top_has_it() {
    explore(
        4,
        2,
        &[Add(Bid, 1, 1)],
        &[&[Remove(Bid, 1, 1), Top], &[Remove(Bid, 1, 1)]],
    );
}

#[test]
fn who_has_seen_a_best_price_finds_its_level() {
    explore(4, 2, &[], &[&[Top, Quantity(Bid, 1)], &[Add(Bid, 1, 1)]]);
}

/// The third thread climbs on its own side, and publishes a node whose leaf it has never looked at.
#[test]
fn who_has_seen_a_best_price_that_another_thread_published_finds_its_level() {
    explore(
        3,
        4,
        &[],
        &[
            &[Top, Quantity(Bid, 3)],
            &[Add(Ask, 0, 1)],
            &[Add(Bid, 3, 1)],
        ],
    );
}

/// What a thread that has nothing to bring to the root finds there when it has read that nobody else has.
#[test]
fn who_finds_that_nobody_climbs_finds_the_root_as_they_left_it() {
    explore(
        4,
        2,
        &[],
        &[
            &[Quantity(Bid, 1), Top, Quantity(Bid, 1), Top],
            &[Add(Bid, 1, 1), Remove(Bid, 1, 1)],
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
        4,
        2,
        &[Add(Bid, 0, 1)],
        &[&[Top, Top], &[Add(Ask, 1, 1), Remove(Bid, 0, 1)]],
    );
}

#[test]
fn levels_under_one_node_are_both_seen_above_it() {
    explore(
        2,
        4,
        &[],
        &[
            &[Top],
            &[Add(Bid, 2, 1), Top],
            &[Add(Bid, 3, 1), Remove(Bid, 3, 1)],
        ],
    );
}

#[test]
fn a_node_that_another_thread_wrote_is_seen_above_it() {
    let before = &[Add(Bid, 3, 1)];
    explore(
        2,
        4,
        before,
        &[
            &[Add(Bid, 0, 1), Top],
            &[Add(Bid, 2, 1), Top],
            &[Remove(Bid, 3, 1), Top],
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

/// The third thread has read that leaf itself, after its own fence.
#[test]
fn who_has_seen_a_best_price_that_another_thread_read_finds_its_level() {
    explore(
        3,
        2,
        &[],
        &[
            &[Top, Quantity(Bid, 1)],
            &[Add(Ask, 0, 1)],
            &[Add(Bid, 1, 1)],
        ],
    );
}

#[test]
fn who_has_published_a_node_of_another_thread_finds_its_level() {
    explore(
        4,
        4,
        &[],
        &[&[Add(Ask, 0, 1), Top, Quantity(Bid, 3)], &[Add(Bid, 3, 1)]],
    );
}

/// The second thread writes the node, from a leaf of the third one.
#[test]
fn who_has_published_a_node_of_two_others_finds_its_level() {
    explore(
        3,
        4,
        &[],
        &[
            &[Add(Ask, 0, 1), Top, Quantity(Bid, 3)],
            &[Add(Bid, 2, 1)],
            &[Add(Bid, 3, 1)],
        ],
    );
}

#[test]
fn a_node_whose_value_comes_back_is_not_taken_for_an_old_one() {
    explore(
        4,
        4,
        &[Add(Bid, 2, 1)],
        &[&[Add(Bid, 2, 1), Top], &[Remove(Bid, 2, 1)]],
    );
}

#[test]
fn a_level_that_has_gone_and_come_back_is_in_the_top_for_who_adds_to_it() {
    explore(
        4,
        2,
        &[Add(Bid, 1, 5)],
        &[&[Add(Bid, 1, 3), Top], &[Remove(Bid, 1, 5), Add(Bid, 1, 5)]],
    );
}

#[test]
fn who_sees_an_update_sees_those_before_it() {
    let before = &[Add(Bid, 0, 1), Add(Bid, 1, 1)];
    explore(
        4,
        2,
        before,
        &[
            &[Quantity(Bid, 1), Quantity(Bid, 0)],
            &[Add(Bid, 0, 1), Add(Bid, 1, 1)],
        ],
    );
}

#[test]
fn one_of_two_that_change_a_level_and_look_at_the_other_one_sees_both() {
    let before = &[Add(Bid, 0, 1), Add(Bid, 1, 1)];
    explore(
        4,
        2,
        before,
        &[
            &[Add(Bid, 0, 1), Quantity(Bid, 1)],
            &[Add(Bid, 1, 1), Quantity(Bid, 0)],
        ],
    );
}

#[test]
fn a_new_level_is_in_the_top_or_its_maker_sees_the_other_update() {
    let before = &[Add(Ask, 1, 1)];
    explore(
        4,
        2,
        before,
        &[&[Add(Bid, 0, 1), Quantity(Ask, 1)], &[Add(Ask, 1, 1), Top]],
    );
}

#[test]
fn of_two_new_levels_one_maker_sees_both() {
    explore(
        4,
        2,
        &[],
        &[&[Add(Bid, 0, 1), Quantity(Ask, 1)], &[Add(Ask, 1, 1), Top]],
    );
}
