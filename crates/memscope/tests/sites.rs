//! Leaks are told with the call that allocated: a program of its own, for its allocator notes stacks.

use std::io::Write as _;

use memscope::{Budget, NotNeutral, Scope, Scoped, Stacks, checkpoint};

#[global_allocator]
static ALLOCATOR: Scoped = Scoped::system().with_stacks(Stacks::Unwind);

#[inline(never)]
fn first(bytes: usize) -> Vec<u8> {
    std::hint::black_box(Vec::with_capacity(bytes))
}

#[inline(never)]
fn second(bytes: usize) -> Box<[u8]> {
    std::hint::black_box(vec![1_u8; bytes].into_boxed_slice())
}

/// The numbers of blocks and bytes, by the function that the location names.
fn told(leak: &NotNeutral) -> Vec<(String, u64, u64)> {
    let sites = leak.sites().iter();
    sites
        .map(|site| {
            let location = site.location.clone().unwrap_or_default();
            assert!(location.contains("tests/sites.rs:"), "{leak}");
            // With line tables alone the function has no path.
            let name = location.rsplit(['(', ':']).next().unwrap_or_default();
            (
                name.trim_end_matches(')').to_owned(),
                site.blocks,
                site.bytes,
            )
        })
        .collect()
}

fn skipped() -> bool {
    let skipped = cfg!(miri) || cfg!(not(unix));
    if skipped {
        let text = b"not run: needs an unwinder\n";
        std::io::stderr()
            .write_all(text)
            .expect("standard error is open");
    }
    skipped
}

#[test]
fn each_site_of_a_leak_is_told_with_its_blocks_and_bytes() {
    if skipped() {
        return;
    }
    let scope = Scope::new("scope");
    let kept = scope.run(|| {
        drop((first(70), second(80)));
        ([first(10), first(20)], second(100))
    });
    let leak = scope.end().unwrap_err();
    // The two calls of `first` are two sites of one function: their frames differ further out.
    let mut sites = told(&leak);
    sites.sort();
    let (firsts, seconds): (Vec<_>, Vec<_>) = sites.into_iter().partition(|site| site.0 == "first");
    assert_eq!(firsts.iter().map(|site| site.1).sum::<u64>(), 2, "{leak}");
    assert_eq!(firsts.iter().map(|site| site.2).sum::<u64>(), 30, "{leak}");
    assert_eq!(seconds, [("second".to_owned(), 1, 100)], "{leak}");
    drop(kept);
}

#[test]
fn many_blocks_of_one_site_are_one_entry() {
    if skipped() {
        return;
    }
    let scope = Scope::new("scope");
    let mut kept = Vec::with_capacity(50);
    scope.run(|| (0..50).for_each(|_| kept.push(first(8))));
    let leak = scope.end().unwrap_err();
    assert_eq!(told(&leak), [("first".to_owned(), 50, 400)]);
    drop(kept);
}

#[test]
fn a_block_that_another_thread_frees_is_taken_from_its_site() {
    if skipped() {
        return;
    }
    let scope = Scope::new("scope");
    let (gone, kept) = scope.run(|| (first(10), second(20)));
    std::thread::spawn(move || drop(gone)).join().unwrap();
    let leak = scope.end().unwrap_err();
    assert_eq!(told(&leak), [("second".to_owned(), 1, 20)]);
    drop(kept);
}

#[test]
fn a_block_that_grew_is_told_with_its_size() {
    if skipped() {
        return;
    }
    let scope = Scope::new("scope");
    let mut kept = scope.run(|| first(10));
    kept.reserve_exact(1000);
    let leak = scope.end().unwrap_err();
    assert_eq!(told(&leak), [("first".to_owned(), 1, 1000)]);
}

#[test]
fn a_block_that_moves_takes_its_site_along() {
    if skipped() {
        return;
    }
    let (from, to) = (Scope::new("from"), Scope::new("to"));
    let (left, kept, gone) = from.run(|| (second(20), first(10), second(30)));
    let (kept, gone) = to.adopt((kept, gone));
    drop(gone);
    let expected = [("second".to_owned(), 1, 20)];
    assert_eq!(told(&from.end().unwrap_err()), expected);
    let expected = [("first".to_owned(), 1, 10)];
    assert_eq!(told(&to.end().unwrap_err()), expected);
    drop((left, kept));
}

#[test]
fn a_site_may_leave_what_it_has_a_budget_for() {
    if skipped() {
        return;
    }
    #[inline(never)]
    fn third(bytes: usize) -> Vec<u8> {
        std::hint::black_box(Vec::with_capacity(bytes))
    }
    memscope::set_site_budget("third)", Budget::blocks(2).and_bytes(100));
    let scope = Scope::new("scope");
    let kept = scope.run(|| (third(60), third(40)));
    scope.check_neutral().unwrap();
    // Another site is told, with what the budget is for beside it.
    let other = scope.run(|| first(10));
    assert_eq!(told(&scope.check_neutral().unwrap_err()).len(), 3);
    drop(other);
    scope.check_neutral().unwrap();
    let above = scope.run(|| third(1));
    scope.check_neutral().unwrap_err();
    drop((kept, above));
}

#[test]
fn what_two_budgets_allow_hides_no_other_leak() {
    if skipped() {
        return;
    }
    #[inline(never)]
    fn cached(bytes: usize) -> Vec<u8> {
        std::hint::black_box(Vec::with_capacity(bytes))
    }
    memscope::set_site_budget("cached)", Budget::blocks(1));
    memscope::set_site_budget(
        "what_two_budgets_allow_hides_no_other_leak",
        Budget::blocks(1),
    );
    let scope = Scope::new("scope");
    let kept = scope.run(|| cached(40));
    scope.check_neutral().unwrap();
    // Both budgets are for the first block; together they are for no second one.
    let other = scope.run(|| first(40));
    scope.end().unwrap_err();
    drop((kept, other));
}

#[test]
fn a_checkpoint_tells_what_came_since() {
    if skipped() {
        return;
    }
    let scope = Scope::new("scope");
    scope.run(|| {
        let before = first(10);
        let checkpoint = checkpoint();
        let since = second(20);
        let leak = checkpoint.check_neutral().unwrap_err();
        assert_eq!(told(&leak), [("second".to_owned(), 1, 20)]);
        drop((before, since));
    });
}

#[test]
fn a_leak_of_a_scope_inside_is_told_at_both() {
    if skipped() {
        return;
    }
    let outer = Scope::new("outer");
    let inner = outer.run(|| Scope::new("inner"));
    let kept = inner.run(|| first(30));
    let expected = [("first".to_owned(), 1, 30)];
    assert_eq!(told(&inner.end().unwrap_err()), expected);
    assert_eq!(told(&outer.end().unwrap_err()), expected);
    drop(kept);
}
