//! The tree of scopes, and which sites are theirs.

use memscope::report::{Report, ScopeEntry};
use memscope::{Scope, ScopeHandle};

use crate::{buffer, without_stacks};

fn entry<'report>(report: &'report Report, name: &str) -> &'report ScopeEntry {
    let mut found = report.scopes().iter().filter(|scope| scope.name == name);
    let entry = found.next().expect("the scope is unfinished");
    assert!(found.next().is_none());
    entry
}

#[test]
fn scopes_are_told_with_their_place_in_the_tree() {
    let outer = Scope::for_request("outer of tree", 3);
    let inner = outer.run(|| Scope::new("inner of tree"));
    let kept = (outer.run(|| buffer(100)), inner.run(|| buffer(20)));
    let gone = outer.run(|| Scope::new("gone of tree"));
    gone.run(|| drop(buffer(5000)));
    gone.end().unwrap();
    let report = Report::take();
    let (told, innermost) = (
        entry(&report, "outer of tree"),
        entry(&report, "inner of tree"),
    );
    assert_eq!(
        (told.own.live_bytes(), told.inclusive.live_bytes()),
        (100, 120)
    );
    assert_eq!(told.inclusive.bytes_freed, 5000);
    assert_eq!(
        (told.request, told.depth, told.has_ended),
        (Some(3), 1, false)
    );
    assert_eq!(told.opened_at.unwrap().file(), file!());
    assert_eq!(innermost.path, "outer of tree#3 > inner of tree");
    assert_eq!(innermost.depth, 2);
    let parent = &report.scopes()[innermost.parent.unwrap()];
    assert_eq!(parent.path, told.path);
    assert_eq!(report.scopes()[told.parent.unwrap()].name, "process");
    drop(kept);
    inner.end().unwrap();
    outer.end().unwrap();
}

#[test]
fn each_scope_after_siblings_with_children_has_its_own_parent() {
    let first = Scope::new("first sibling");
    let nephew = first.run(|| Scope::new("nephew"));
    let second = Scope::new("second sibling");
    let report = Report::take();
    let names = |name| {
        let parent = entry(&report, name).parent;
        report.scopes()[parent.unwrap()].name
    };
    let parents = ["first sibling", "nephew", "second sibling"].map(names);
    assert_eq!(parents, ["process", "first sibling", "process"]);
    drop((nephew, first, second));
}

#[test]
fn a_scope_that_waits_for_its_last_block_has_ended() {
    let scope = Scope::new("lingering");
    let kept = scope.run(|| buffer(9));
    scope.end().unwrap_err();
    let report = Report::take();
    assert!(entry(&report, "lingering").has_ended);
    drop(kept);
}

#[test]
fn a_report_that_is_taken_in_a_scope_is_nobodys_leak() {
    let scope = Scope::new("taking");
    let report = scope.run(|| {
        let report = Report::take();
        assert_eq!(ScopeHandle::current().unwrap().path(), "taking");
        report
    });
    let pages = scope.run(|| memscope::report::Counters::take().names.len());
    assert!(pages > 0);
    scope.end().unwrap();
    drop(report);
}

#[test]
fn sites_are_told_by_scope_in_all_and_by_file() {
    if without_stacks() {
        return;
    }
    let (first, second) = (Scope::new("first of sites"), Scope::new("second of sites"));
    let mut kept = Vec::with_capacity(2);
    for scope in [&first, &second] {
        kept.push(scope.run(|| buffer(3000)));
    }
    let report = Report::take();
    let shares = ["first of sites", "second of sites"].map(|name| entry(&report, name).sites[0]);
    // One call in a loop: one site, of which each scope has a share.
    assert_eq!(shares[0].site, shares[1].site);
    assert_eq!((shares[0].blocks, shares[0].bytes), (1, 3000));
    let site = &report.sites()[shares[0].site];
    assert_eq!((site.blocks, site.bytes), (2, 6000));
    let location = site.location().unwrap();
    assert!(location.contains("tests/report/main.rs:"), "{location}");
    assert!(location.ends_with("buffer)"), "{location}");
    // The allocator's own calls are left out.
    let innermost = site.frames[0].name();
    assert!(
        !innermost.contains("memscope") && !innermost.contains("__rust"),
        "{innermost}"
    );
    let files = report.files();
    let file = files
        .iter()
        .find(|file| file.file.as_deref() == site.file());
    assert!(file.unwrap().bytes >= 6000);
    drop(kept);
    first.end().unwrap();
    second.end().unwrap();
}

macro_rules! four {
    ($($call:tt)*) => {
        $($call)*; $($call)*; $($call)*; $($call)*
    };
}

#[test]
fn blocks_of_too_many_sites_are_counted_as_untold() {
    if without_stacks() {
        return;
    }
    let scope = Scope::new("many sites");
    let mut kept = Vec::with_capacity(256);
    scope.run(|| {
        four!(four!(four!(four!(kept.push(buffer(10))))));
    });
    let report = Report::take();
    let told = entry(&report, "many sites");
    let blocks: u64 = told.sites.iter().map(|share| share.blocks).sum();
    assert_eq!(told.own.live(), 256);
    assert!(blocks < 200, "{blocks}");
    assert!(report.untold().blocks >= 256 - blocks, "{blocks}");
    drop(kept);
    scope.end().unwrap();
}
