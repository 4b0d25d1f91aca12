//! Folded stacks.

use crate::{report_of, without_stacks};

#[test]
fn each_line_is_a_stack_from_the_outermost_and_its_bytes() {
    if without_stacks() {
        return;
    }
    let report = report_of("folded");
    let folded = report.to_folded();
    let mut sum = 0;
    for line in folded.lines() {
        let (stack, bytes) = line.rsplit_once(' ').unwrap();
        assert!(!stack.is_empty());
        sum += bytes.parse::<u64>().unwrap();
    }
    let told: u64 = report.sites().iter().map(|site| site.bytes).sum();
    assert_eq!(sum, told + report.untold().bytes);
    let line = folded.lines().find(|line| line.contains("report_of;"));
    let frames: Vec<&str> = line.unwrap().split(';').collect();
    let place = |part: &str| frames.iter().position(|frame| frame.contains(part));
    assert!(place("report_of") < place("buffer"), "{folded}");
    assert!(place("buffer") < Some(frames.len() - 1), "{folded}");
}
