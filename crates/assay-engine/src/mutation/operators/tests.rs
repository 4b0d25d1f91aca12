//! What each operator finds in small functions.

use std::collections::HashMap;

use assay_evidence::{Built, Operator, Probe, SeenBy, Site, SiteId};

use crate::inventory::cfg::CfgSet;
use crate::inventory::source::Source;
use crate::inventory::syntax::scan;
use crate::inventory::{ScannedFile, Sources};
use crate::mutation::candidate::{Candidate, Form};
use crate::mutation::functions::regions;

/// One file as an inventory would know it, every site built and counted.
pub(crate) fn sources(text: &str) -> (Sources, Vec<Site>) {
    let source = Source::new("src/lib.rs".to_owned(), text.to_owned()).expect("lexes");
    let scan = scan(&source, &[]);
    let mut numbers = HashMap::new();
    let mut sites = Vec::new();
    for (index, raw) in scan.sites.iter().enumerate() {
        let id = SiteId(format!("s{index}"));
        numbers.insert((0, index), id.clone());
        sites.push(Site {
            id,
            kind: raw.kind,
            item: raw.item.clone(),
            span: source.span(source.start(raw.from), source.end(raw.to - 1)),
            expansion: None,
            operations: Vec::new(),
            safety: None,
            built: Built::Yes,
            probe: Probe::Counted,
            seen_by: SeenBy::Both,
        });
    }
    let file = ScannedFile {
        absolute: "/src/lib.rs".into(),
        source,
        scan,
        cfgs: Vec::new(),
    };
    let mut cfgs = CfgSet::default();
    cfgs.insert("unix");
    let sources = Sources {
        files: vec![file],
        sites: numbers,
        cfgs,
    };
    (sources, sites)
}

fn found(text: &str) -> Vec<Candidate> {
    let (sources, sites) = sources(text);
    let regions = regions(&sources, &sites);
    super::candidates("fixture", &sources, &sites, &regions)
}

/// The changes of one operator, as `original -> replacement`.
fn changes(operator: Operator, text: &str) -> Vec<String> {
    let of = |c: &Candidate| format!("{} -> {}", c.mutant.original, c.mutant.replacement);
    let found = found(text);
    let mut own: Vec<&Candidate> = found.iter().filter(|c| c.operator == operator).collect();
    own.sort_by_key(|c| c.from);
    own.into_iter().map(of).collect()
}

/// A function with a site, and this code in front of it.
fn before_a_site(code: &str) -> String {
    format!("fn f() {{ {code} unsafe {{ read() }} }}")
}

#[test]
fn an_ordering_becomes_the_next_weaker_ones_that_its_operation_accepts() {
    let cases = [
        ("a.load(Ordering::Acquire)", vec!["Ordering::Relaxed"]),
        ("a.load(Ordering::SeqCst)", vec!["Ordering::Acquire"]),
        ("a.store(1, Ordering::SeqCst)", vec!["Ordering::Release"]),
        (
            "a.swap(1, atomic::Ordering::AcqRel)",
            vec!["atomic::Ordering::Acquire", "atomic::Ordering::Release"],
        ),
        ("a.load(Ordering::Relaxed)", vec![]),
        ("fence(Ordering::SeqCst)", vec!["Ordering::AcqRel"]),
        ("fence(Ordering::Acquire)", vec![]),
        (
            "self.change(A, B, Ordering::Release)",
            vec!["Ordering::Relaxed"],
        ),
        (
            "a.load(SeqCst)",
            vec!["core::sync::atomic::Ordering::Acquire"],
        ),
        ("if o == cmp::Ordering::Less { g() }", vec![]),
        (
            "match o { Ordering::Acquire => 1, Ordering::SeqCst | Ordering::AcqRel => 2 }",
            vec![],
        ),
    ];
    for (code, wanted) in cases {
        let found = changes(
            Operator::WeakenOrdering,
            &before_a_site(&format!("{code};")),
        );
        let found: Vec<&str> = found
            .iter()
            .filter_map(|c| Some(c.split_once(" -> ")?.1))
            .collect();
        assert_eq!(found, wanted, "{code}");
    }
}

#[test]
fn the_second_ordering_of_an_exchange_is_that_of_a_load() {
    let code = "a.compare_exchange(0, 1, Ordering::AcqRel, Ordering::SeqCst);";
    assert_eq!(
        changes(Operator::WeakenOrdering, &before_a_site(code)),
        [
            "Ordering::AcqRel -> Ordering::Acquire",
            "Ordering::AcqRel -> Ordering::Release",
            "Ordering::SeqCst -> Ordering::Acquire"
        ]
    );
}

#[test]
fn a_fence_is_taken_out_and_a_hint_to_the_compiler_is_not() {
    let code = "atomic::fence(Ordering::SeqCst); compiler_fence(Ordering::SeqCst);";
    let found = changes(Operator::DropFence, &before_a_site(code));
    assert_eq!(found, ["atomic::fence(Ordering::SeqCst) -> "]);
}

#[test]
fn assertions_of_every_build_are_dropped_and_turned_round() {
    let code = "assert!(n <= self.len, \"{n}\"); assert_eq!(a, b); debug_assert!(c);";
    assert_eq!(
        changes(Operator::DropCheck, &before_a_site(code)),
        [
            "assert!(n <= self.len, \"{n}\") -> ",
            "assert_eq!(a, b) -> "
        ]
    );
    assert_eq!(
        changes(Operator::NegateCheck, &before_a_site(code)),
        ["n <= self.len -> !(n <= self.len)"]
    );
}

#[test]
fn a_change_inside_an_assertion_is_a_change_of_all_of_it() {
    let text = before_a_site("assert!(n < len);");
    let found = found(&text);
    let shift = found
        .iter()
        .find(|c| c.operator == Operator::ShiftComparison);
    let shift = shift.expect("there");
    assert_eq!(shift.mutated, "assert!(n <= len)");
    assert_eq!(&text[shift.from..shift.to], "assert!(n < len)");
    assert_eq!(shift.mutant.original, "n < len");
}

#[test]
fn conditions_that_leave_early_or_guard_a_site_are_checks_and_others_are_not() {
    let drops = |code: &str| changes(Operator::DropCheck, &before_a_site(code));
    assert_eq!(drops("if n >= len { return None; }"), ["n >= len -> false"]);
    assert_eq!(drops("if n < len { unsafe { g() } }"), ["n < len -> true"]);
    assert_eq!(
        drops("if n == 0 { g() } else { unsafe { g() } }"),
        ["n == 0 -> false"]
    );
    assert_eq!(drops("if n == 0 { g() }"), [""; 0]);
    assert_eq!(drops("if let Some(n) = m { return; }"), [""; 0]);
    assert_eq!(
        drops("match m { Some(n) if n > 1 => { return } _ => {} }"),
        [""; 0]
    );
    let negates = |code: &str| changes(Operator::NegateCheck, &before_a_site(code));
    assert_eq!(
        negates("while a != b { unsafe { g() } }"),
        ["a != b -> !(a != b)"]
    );
}

#[test]
fn comparisons_are_told_from_type_arguments_and_shifted_as_a_whole() {
    let shifts = |code: &str| changes(Operator::ShiftComparison, &before_a_site(code));
    assert_eq!(
        shifts("if a.len() - 1 < b[i] && c >= d as usize {}"),
        [
            "a.len() - 1 < b[i] -> a.len() - 1 <= b[i]",
            "c >= d as usize -> c > d as usize"
        ]
    );
    assert_eq!(
        shifts("let x: Vec<u8> = Vec::<u8>::new(); let f: fn() -> u8 = g;"),
        [""; 0]
    );
    assert_eq!(shifts("while i < n { i += 2; }"), ["i < n -> i <= n"]);
    assert_eq!(
        shifts("let all = v.iter().all(|x| *x > 1);"),
        ["*x > 1 -> *x >= 1"]
    );
    assert_eq!(shifts("if a << 1 == b >> 2 {}"), [""; 0]);
}

#[test]
fn indices_lengths_and_steps_become_one_larger() {
    let larger = |code: &str| changes(Operator::OffByOne, &before_a_site(code));
    assert_eq!(larger("a[i]"), ["i -> i + 1"]);
    assert_eq!(larger("a[..i * 2]"), ["i * 2 -> (i * 2) + 1"]);
    assert_eq!(
        larger("a[..]; let [b] = c; let d = [0; 3]; vec![1, 2];"),
        [""; 0]
    );
    assert_eq!(larger("p.add(n)"), ["n -> n + 1"]);
    assert_eq!(
        larger("slice::from_raw_parts::<u8>(p, a - b)"),
        ["a - b -> (a - b) + 1"]
    );
    assert_eq!(
        larger("i += 1; j = k - 1; m = 1 + n; r = -1;"),
        ["1 -> 2", "1 -> 0"]
    );
    assert_eq!(larger("#[cfg(windows)] p.add(n);"), [""; 0], "compiled out");
}

#[test]
fn a_store_that_publishes_changes_places_with_the_write_before_it() {
    let swaps = |text: &str| changes(Operator::PublishBeforeWrite, text);
    let direct = before_a_site("p.write(1); self.n.store(2, Ordering::Release);");
    let wanted = "p.write(1); self.n.store(2, Ordering::Release); -> \
                  self.n.store(2, Ordering::Release); p.write(1);";
    assert_eq!(swaps(&direct), [wanted]);
    let helper = "fn publish(&self, n: usize) { self.n.store(n, Ordering::Release); }
        fn f(&self) { unsafe { p.write(1) }; self.n += 1; self.publish(2); }";
    let wanted = "unsafe { p.write(1) }; self.n += 1; self.publish(2); -> \
                  self.n += 1; self.publish(2); unsafe { p.write(1) };";
    assert_eq!(swaps(helper), [wanted]);
    let relaxed = before_a_site("p.write(1); self.n.store(2, Ordering::Relaxed);");
    assert_eq!(swaps(&relaxed), [""; 0]);
}

#[test]
fn a_length_changes_places_with_the_write_before_it() {
    let swaps = |code: &str| changes(Operator::LengthBeforeWrite, &before_a_site(code));
    assert_eq!(
        swaps("unsafe { p.write(1) }; self.len += 1;"),
        ["unsafe { p.write(1) }; self.len += 1; -> self.len += 1; unsafe { p.write(1) };"]
    );
    assert_eq!(swaps("p.write(1); v.set_len(2);").len(), 1);
    assert_eq!(swaps("p.write(1); let len = 2;").len(), 0);
    assert_eq!(swaps("g(); self.len += 1;").len(), 0, "nothing is written");
}

#[test]
fn a_drop_changes_places_with_the_statement_before_it() {
    let text = before_a_site("self.next = next; unsafe { slot.drop_in_place() };");
    let (operator, wanted) = (
        Operator::DropOrder,
        "self.next = next; unsafe { slot.drop_in_place() }; -> \
         unsafe { slot.drop_in_place() }; self.next = next;",
    );
    assert_eq!(changes(operator, &text), [wanted]);
    let declared = found(&before_a_site("let a = b(); drop(a);"));
    let own: Vec<_> = declared.iter().filter(|c| c.operator == operator).collect();
    assert_eq!(own.len(), 1);
    assert_eq!(
        own[0].form,
        Form::Alone,
        "the declaration must stay in its block"
    );
}

#[test]
fn what_was_forgotten_is_dropped() {
    let text = before_a_site("mem::forget(guard); let a = ManuallyDrop::new(b); a.forget(c);");
    assert_eq!(
        changes(Operator::RemoveForget, &text),
        [
            "mem::forget(guard) -> core::mem::drop(guard)",
            "ManuallyDrop::new(b) -> b"
        ]
    );
}

#[test]
fn each_bound_of_an_unsafe_impl_is_taken_out_alone() {
    let of = |text: &str| changes(Operator::RemoveBound, text);
    assert_eq!(
        of("unsafe impl<T: Send, const N: usize> Sync for A<T, N> {}"),
        [
            "unsafe impl<T: Send, const N: usize> Sync for A<T, N> -> unsafe impl<T, const N: usize> Sync for A<T, N>"
        ]
    );
    let two = of("unsafe impl<T> Send for A<T> where T: Send + 'static, T: Copy + Sync {}");
    let after: Vec<&str> = two
        .iter()
        .filter_map(|c| Some(c.split_once(" -> ")?.1))
        .collect();
    assert_eq!(
        after,
        [
            "unsafe impl<T> Send for A<T> where T: 'static, T: Copy + Sync",
            "unsafe impl<T> Send for A<T> where T: Send + 'static, T: Copy"
        ]
    );
    assert_eq!(of("unsafe impl Send for A {}"), [""; 0]);
}

#[test]
fn identifiers_survive_moves_and_tell_equal_changes_apart() {
    let ids =
        |text: &str| -> Vec<String> { found(text).iter().map(|c| c.mutant.id.clone()).collect() };
    let before = ids("fn f() { a[i]; a[i]; unsafe { g() } }");
    assert_eq!(before.len(), 2);
    assert_ne!(before[0], before[1]);
    let after =
        ids("// moved\nfn other() {}\nfn f() {\n  a[i];\n\n  a[i]; // again\n unsafe { g() } }");
    assert_eq!(before, after);
    assert_ne!(before, ids("fn f() { a[j]; a[j]; unsafe { g() } }"));
}
