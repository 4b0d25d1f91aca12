//! The heap over time.

use memscope::Scope;
use memscope::report::Growth;

use crate::buffer;

#[test]
fn ticks_see_what_is_live_and_allocate_nothing() {
    let mut growth = Growth::new(3);
    let scope = Scope::new("growth");
    scope.run(|| {
        for _ in 0..50 {
            growth.tick();
        }
    });
    assert_eq!(scope.end().unwrap().allocs, 0);
    let block = buffer(10_000_000);
    growth.tick();
    let points = growth.points();
    assert!(points.len() <= 3);
    let last = points.last().unwrap();
    assert!(last.most_live_bytes >= 10_000_000 && last.live_blocks > 0);
    assert!(points.is_sorted_by_key(|point| point.at));
    drop(block);
}
