//! References that are to be released as often as they are created.

use memscope::{Balance, Scope, checkpoint, set_scope_budget};

#[test]
fn a_reference_that_is_not_released_is_told_with_the_line_that_created_it() {
    static JOBS: Balance = Balance::new("job");
    static TIMERS: Balance = Balance::new("timer");
    let scope = Scope::new("scope");
    let created: Vec<_> = (0..3)
        .map(|_| scope.run(|| (JOBS.created(), line!())))
        .collect();
    scope.run(|| TIMERS.created().released());
    let leak = scope.check_neutral().unwrap_err();
    let told = leak.references();
    assert_eq!((told.len(), told[0].name, told[0].count), (1, "job", 3));
    assert_eq!(told[0].created_at.line(), created[0].1);
    let line = format!("3 references `job` created at {}:", file!());
    assert!(leak.to_string().contains(&line), "{leak}");
    assert_eq!((JOBS.live(), TIMERS.live()), (3, 0));
    drop(created);
    scope.end().unwrap();
}

#[test]
fn a_reference_is_released_in_its_scope_wherever_its_token_is_dropped() {
    static JOBS: Balance = Balance::new("job of two threads");
    let (first, second) = (Scope::new("first"), Scope::new("second"));
    let job = first.run(|| JOBS.created());
    first.check_neutral().unwrap_err();
    second.check_neutral().unwrap();
    let inside = second.handle();
    std::thread::spawn(move || inside.run(|| drop(job)))
        .join()
        .unwrap();
    first.end().unwrap();
    second.end().unwrap();
}

#[test]
fn references_of_scopes_inside_are_told_at_those_around_and_after_their_end() {
    static JOBS: Balance = Balance::new("job inside");
    let outer = Scope::new("outer");
    let inner = outer.run(|| Scope::new("inner"));
    let job = inner.run(|| JOBS.created());
    inner.end().unwrap_err();
    assert_eq!(outer.check_neutral().unwrap_err().references()[0].count, 1);
    drop(job);
    outer.end().unwrap();
}

#[test]
fn a_checkpoint_compares_references_with_those_that_were() {
    static JOBS: Balance = Balance::new("job before");
    let scope = Scope::new("scope");
    let before = scope.run(|| JOBS.created());
    let warm = scope.run(checkpoint);
    warm.check_neutral().unwrap();
    let since = scope.run(|| JOBS.created());
    assert_eq!(warm.check_neutral().unwrap_err().references()[0].count, 1);
    warm.check_not_grown().unwrap_err();
    drop((before, since));
    warm.check_not_grown().unwrap();
    let fewer = warm.check_neutral().unwrap_err();
    assert_eq!(fewer.references()[0].count, -1);
}

#[test]
fn a_budget_of_blocks_is_none_of_references() {
    static JOBS: Balance = Balance::new("job beside a budget");
    set_scope_budget("with jobs", memscope::Budget::blocks(5));
    let scope = Scope::new("with jobs");
    let job = scope.run(|| JOBS.created());
    scope.check_neutral().unwrap_err();
    drop(job);
    scope.end().unwrap();
}
