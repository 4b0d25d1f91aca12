//! Every recorded output of the fixtures, with what its parser must make of it.

use assay_evidence::BugClass::{self, *};

use super::{RawFinding, alloc, asan, libtest, memcheck, miri, model, panic, recorded, tsan};

fn classes(found: &[RawFinding]) -> Vec<BugClass> {
    let mut classes: Vec<BugClass> = found.iter().map(|finding| finding.class).collect();
    classes.dedup();
    classes
}

#[track_caller]
fn check(folder: &str, read: impl Fn(&str) -> Vec<RawFinding>, expected: &[(&str, &[BugClass])]) {
    for (file, wanted) in expected {
        let found = read(&recorded(&format!("{folder}/{file}")));
        assert_eq!(classes(&found), *wanted, "{folder}/{file}: {found:#?}");
    }
}

/// Whether a finding's first stack runs through the library of the package.
fn points_at_the_library(finding: &RawFinding) -> bool {
    let frames = finding
        .stacks
        .first()
        .into_iter()
        .flat_map(|stack| &stack.frames);
    frames
        .filter_map(|frame| frame.file.as_deref())
        .any(|file| file.ends_with("src/lib.rs"))
}

#[test]
fn asan_recordings_have_their_class() {
    let expected: &[(&str, &[BugClass])] = &[
        ("clean.txt", &[]),
        ("double-free.txt", &[InvalidFree]),
        ("heap-over-read.txt", &[OutOfBounds]),
        ("heap-over-read-unsymbolised.txt", &[OutOfBounds]),
        ("heap-over-write.txt", &[OutOfBounds]),
        ("leak-on-unwind.txt", &[Leak]),
        ("leak.txt", &[Leak]),
        ("over-reporting-read.txt", &[OutOfBounds]),
        ("panic-safety.txt", &[InvalidFree]),
        ("path-with-spaces.txt", &[OutOfBounds]),
        ("stack-over-write.txt", &[OutOfBounds]),
        ("unsafe-in-macro.txt", &[OutOfBounds]),
        ("use-after-free.txt", &[UseAfterFree]),
    ];
    check("asan", asan::findings, expected);
    for (file, wanted) in expected {
        let found = asan::findings(&recorded(&format!("asan/{file}")));
        let lines = !file.contains("unsymbolised") && !wanted.is_empty();
        assert_eq!(found.iter().any(points_at_the_library), lines, "{file}");
    }
}

#[test]
fn tsan_recordings_have_their_class() {
    check(
        "tsan",
        tsan::findings,
        &[
            ("clean.txt", &[]),
            ("data-race.txt", &[DataRace]),
            ("data-race-prebuilt-std.txt", &[DataRace]),
            ("false-race-prebuilt-std.txt", &[DataRace]),
            ("relaxed-publication.txt", &[DataRace]),
            ("send-without-bound.txt", &[DataRace]),
            ("shared-push.txt", &[DataRace]),
            ("sound-prebuilt-std.txt", &[DataRace]),
            ("use-after-free.txt", &[UseAfterFree]),
        ],
    );
}

fn every_report(xml: &str) -> Vec<RawFinding> {
    memcheck::findings(xml, None)
}

#[test]
fn memcheck_recordings_have_their_class() {
    let read = |text: &str| {
        let mut found = every_report(text);
        memcheck::refine(&mut found);
        found
    };
    check(
        "memcheck",
        read,
        &[
            ("clean.xml", &[]),
            ("double-free.xml", &[InvalidFree]),
            ("heap-over-read.xml", &[OutOfBounds]),
            ("leak.xml", &[Leak]),
            ("uninitialised-read.xml", &[UninitialisedRead]),
            ("use-after-free.xml", &[UseAfterFree]),
        ],
    );
}

#[test]
fn miri_recordings_have_their_class() {
    check(
        "miri",
        miri::findings,
        &[
            ("aliasing-stacked.txt", &[Aliasing]),
            ("aliasing-tree.txt", &[Aliasing]),
            ("clean.txt", &[]),
            ("data-race.txt", &[DataRace]),
            ("double-free.txt", &[UseAfterFree]),
            ("extended-iter-mut-stacked.txt", &[Aliasing]),
            ("extended-iter-mut-tree.txt", &[Aliasing]),
            ("heap-over-read.txt", &[OutOfBounds]),
            ("inline-asm.txt", &[]),
            ("leak.txt", &[Leak]),
            ("misaligned.txt", &[Misaligned]),
            ("over-reporting-read.txt", &[OutOfBounds]),
            ("panic-safety.txt", &[UseAfterFree]),
            ("reborrow-between-stacked.txt", &[Aliasing]),
            ("relaxed-publication.txt", &[DataRace]),
            ("send-without-bound.txt", &[DataRace]),
            ("stack-over-write.txt", &[OutOfBounds]),
            ("test-fails.txt", &[]),
            ("unchecked-index.txt", &[Precondition]),
            ("uninitialised-read.txt", &[UninitialisedRead]),
            ("unsafe-in-macro.txt", &[OutOfBounds]),
            ("use-after-free.txt", &[UseAfterFree]),
            ("wrong-layout.txt", &[WrongLayout]),
        ],
    );
    assert!(miri::unsupported(&recorded("miri/inline-asm.txt")).is_some());
}

#[test]
fn recordings_of_the_plain_tests_have_their_class() {
    check(
        "unit",
        panic::findings,
        &[
            ("double-free-signal.txt", &[InvalidFree]),
            ("misaligned.txt", &[Misaligned]),
            ("passes.txt", &[]),
            ("precondition.txt", &[Precondition]),
            ("test-fails.txt", &[]),
        ],
    );
    assert!(!libtest::listed(&recorded("unit/list.txt")).is_empty());
    let failing = libtest::Report::read(&recorded("unit/test-fails.txt"));
    assert!(
        failing.finished && failing.count(libtest::Result::Failed) == 1,
        "{failing:?}"
    );
    let hanging = libtest::Report::read(&recorded("unit/hang.txt"));
    assert!(!hanging.finished && hanging.open.is_some(), "{hanging:?}");
    let empty = libtest::Report::read(&recorded("unit/no-tests.txt"));
    assert!(empty.finished && empty.results.is_empty());
}

#[test]
fn recordings_of_the_model_checkers_have_their_class() {
    let class = |verdict| match verdict {
        Some(model::Verdict::Found(finding)) => Some(finding),
        _ => None,
    };
    let loom = |file: &str| class(model::loom(&recorded(&format!("loom/{file}"))));
    assert_eq!(loom("clean.txt"), None);
    assert_eq!(loom("lock-order.txt").map(|f| f.class), Some(Deadlock));
    assert_eq!(
        loom("relaxed-publication.txt").map(|f| f.class),
        Some(DataRace)
    );
    let located = loom("relaxed-publication-located.txt").expect("a finding");
    let labels: Vec<&str> = located
        .stacks
        .iter()
        .map(|stack| stack.label.as_str())
        .collect();
    assert_eq!(labels, ["read", "write", "created", "fault"]);
    assert_eq!(located.stacks[0].frames[0].line, Some(41));
    let shuttle = |file: &str| class(model::shuttle(&recorded(&format!("shuttle/{file}"))));
    assert_eq!(shuttle("clean.txt"), None);
    assert_eq!(shuttle("lost-wakeup.txt").map(|f| f.class), Some(Deadlock));
}

#[test]
fn no_parser_stumbles_over_the_others_output_or_over_a_part_of_its_own() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/recorded");
    for entry in walkdir::WalkDir::new(root)
        .into_iter()
        .flatten()
        .filter(|e| e.file_type().is_file())
    {
        let text =
            String::from_utf8_lossy(&std::fs::read(entry.path()).expect("a file")).into_owned();
        let ends = [text.len() / 3, text.len() / 2, text.len()];
        for end in ends.map(|end| {
            (0..=end)
                .rev()
                .find(|end| text.is_char_boundary(*end))
                .unwrap_or(0)
        }) {
            let part = &text[..end];
            for parse in [
                alloc::findings,
                asan::findings,
                tsan::findings,
                miri::findings,
                every_report,
                panic::findings,
            ] {
                parse(part);
            }
            model::loom(part);
            model::shuttle(part);
            libtest::Report::read(part);
        }
    }
}
