//! The layers on real packages: the fixtures, copied, without probes.

mod exercises;
mod hangs;
mod harnesses;

use std::path::{Path, PathBuf};
use std::time::Duration;

use assay_evidence::{
    BugClass, Built, Exercise, Finding, LayerName, LayerStatus, Operation, Outcome, Probe, SeenBy,
    Site, SiteId, SiteKind, Span, TestStatus,
};
use cargo_metadata::MetadataCommand;

use crate::cache::Cache;
use crate::drive::Tree;
use crate::instrument::Columns;
use crate::layers::{LayerRecords, Workbench, run_layers};
use crate::tools::Tools;
use crate::{Cancel, Event, Limits};

/// A package in a folder of its own, audited in place.
struct Stand {
    folder: tempfile::TempDir,
    exercise: Exercise,
    limits: Limits,
    sites: Vec<Site>,
    cache: Option<Cache>,
    cancel: Cancel,
    /// The library of the copy without probes, where it differs.
    original: Option<&'static str>,
    /// Takes tools away.
    without: fn(&mut Tools),
}

impl Stand {
    fn fixture(name: &str) -> Self {
        let from = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../../testdata")
            .join(name);
        let stand = Self::empty();
        for entry in walkdir::WalkDir::new(&from).into_iter().flatten() {
            let to = stand
                .package()
                .join(entry.path().strip_prefix(&from).expect("a prefix"));
            if entry.file_type().is_dir() {
                std::fs::create_dir_all(&to).expect("a folder");
            } else {
                std::fs::copy(entry.path(), &to).expect("a copy");
            }
        }
        stand
    }

    /// A package `own` with this library.
    fn library(text: &str) -> Self {
        let stand = Self::empty();
        std::fs::create_dir_all(stand.package().join("src")).expect("a folder");
        let manifest =
            "[package]\nname = \"own\"\nversion = \"0.1.0\"\nedition = \"2021\"\n[workspace]\n";
        std::fs::write(stand.package().join("Cargo.toml"), manifest).expect("a manifest");
        std::fs::write(stand.package().join("src/lib.rs"), text).expect("a library");
        stand
    }

    fn empty() -> Self {
        Self {
            folder: tempfile::tempdir().expect("a folder"),
            exercise: Exercise::Tests,
            limits: Limits {
                test: Duration::from_secs(60),
                repeats: 5,
                ..Limits::default()
            },
            sites: Vec::new(),
            cache: None,
            cancel: Cancel::default(),
            original: None,
            without: |_| {},
        }
    }

    fn package(&self) -> PathBuf {
        self.folder.path().join("the package")
    }

    /// Runs these layers; `None` where one of them cannot run here, which is said.
    fn run(&self, layers: &[LayerName]) -> Option<LayerRecords> {
        let records = self.run_any(layers);
        let missing = records.layers.iter().find_map(|layer| match &layer.status {
            LayerStatus::NotRun { reason } if layers.contains(&layer.name) => {
                Some((layer.name, reason))
            }
            _ => None,
        });
        if let Some((name, reason)) = missing {
            println!("not run: {name}: {reason}");
            return None;
        }
        Some(records)
    }

    fn original_of(&self, tree: &Tree) -> Tree {
        let Some(text) = self.original else {
            return tree.clone();
        };
        let folder = self.folder.path().join("original");
        std::fs::create_dir_all(folder.join("src")).expect("a folder");
        std::fs::copy(&tree.driver_manifest, folder.join("Cargo.toml")).expect("a copy");
        std::fs::write(folder.join("src/lib.rs"), text).expect("a library");
        Tree {
            root: folder.clone(),
            driver_manifest: folder.join("Cargo.toml"),
            idle: Vec::new(),
            driver_dir: folder,
            ..tree.clone()
        }
    }

    fn run_any(&self, layers: &[LayerName]) -> LayerRecords {
        let package = self.package();
        let metadata = MetadataCommand::new()
            .manifest_path(package.join("Cargo.toml"))
            .exec()
            .expect("metadata");
        let driver = metadata.root_package().expect("a package");
        let tree = Tree {
            root: package.clone(),
            driver_dir: package.clone(),
            driver_manifest: package.join("Cargo.toml"),
            idle: Vec::new(),
            cargo_args: Vec::new(),
            env: Vec::new(),
            target_root: self.folder.path().join("build"),
        };
        let logs = self.folder.path().join("logs");
        std::fs::create_dir_all(&logs).expect("a folder");
        let root = package.canonicalize().expect("a path");
        let map = |path: &str| {
            let path = path.strip_prefix("./").unwrap_or(path);
            let relative = Path::new(path)
                .strip_prefix(&root)
                .unwrap_or(Path::new(path));
            let known = !relative.is_absolute() && root.join(relative).is_file();
            known.then(|| relative.to_string_lossy().into_owned())
        };
        let mut tools = Tools::find(&package).expect("tools");
        (self.without)(&mut tools);
        let original = self.original_of(&tree);
        let bench = Workbench {
            metadata: &metadata,
            driver,
            exercise: &self.exercise,
            feature_args: Vec::new(),
            user_flags: &[],
            original: &original,
            instrumented: &tree,
            counters: &[],
            sites: &self.sites,
            atomics: &[],
            map: &map,
            columns: &Columns::default(),
            tools: &tools,
            limits: self.limits,
            cancel: &self.cancel,
            cache: self.cache.as_ref(),
            logs: &logs,
            selected: Some(layers),
        };
        run_layers(&bench, &mut |_: Event| {})
    }
}

/// A block from a line to a line of `src/lib.rs`.
fn block(id: &str, item: &str, line: u32, end_line: u32) -> Site {
    Site {
        id: SiteId(id.to_owned()),
        kind: SiteKind::Block,
        item: item.to_owned(),
        span: Span {
            file: "src/lib.rs".to_owned(),
            line,
            column: 1,
            end_line,
            end_column: 200,
        },
        expansion: None,
        operations: vec![Operation::RawDeref],
        safety: None,
        built: Built::Yes,
        probe: Probe::Counted,
        seen_by: SeenBy::Both,
    }
}

#[track_caller]
fn assert_awake(records: &LayerRecords) {
    assert!(!records.controls.is_empty(), "{records:?}");
    for control in &records.controls {
        assert!(control.caught, "{control:?}");
    }
}

fn classes(records: &LayerRecords) -> Vec<BugClass> {
    records
        .findings
        .iter()
        .map(|finding| finding.class)
        .collect()
}

#[track_caller]
fn only(records: &LayerRecords) -> &Finding {
    assert_eq!(records.findings.len(), 1, "{:#?}", records.findings);
    &records.findings[0]
}

const FIVE: &str = "
#[test] fn a_passes() {}
#[test] fn b_breaks() { let v = [1u8]; let i = std::hint::black_box(1); unsafe { std::hint::black_box(*v.get_unchecked(i)); } }
#[test] fn c_fails() { assert_eq!(1, 2, \"one is not two\"); }
#[test] #[ignore] fn d_is_ignored() {}
#[test] fn e_hangs() { loop { std::thread::park() } }
";

#[test]
fn one_bad_test_does_not_keep_the_others_from_running() {
    let mut stand = Stand::library(FIVE);
    stand.limits.test = Duration::from_secs(2);
    stand.sites = vec![block("s1", "b_breaks", 3, 3)];
    let records = stand.run_any(&[LayerName::Unit]);
    assert_awake(&records);
    let debug = &records.runs[0];
    assert_eq!(debug.outcome, Outcome::Failed);
    let counts = debug.tests;
    assert_eq!(
        (
            counts.passed,
            counts.failed,
            counts.ignored,
            counts.timed_out
        ),
        (1, 2, 1, 1)
    );
    let case = |name: &str| {
        debug
            .cases
            .iter()
            .find(|case| case.name == name)
            .map(|case| case.status)
    };
    assert_eq!(case("lib::b_breaks"), Some(TestStatus::Failed));
    assert_eq!(case("lib::e_hangs"), Some(TestStatus::TimedOut));
    let mut found = classes(&records);
    found.sort();
    assert_eq!(
        found,
        [
            BugClass::Precondition,
            BugClass::Hang,
            BugClass::TestFailure
        ]
    );
    let broken = records
        .findings
        .iter()
        .find(|f| f.class == BugClass::Precondition)
        .expect("it");
    assert_eq!(broken.sites, [SiteId("s1".to_owned())]);
    assert_eq!(broken.span.as_ref().map(|span| span.line), Some(3));
    // Debug and release see it; without the assertions nothing does.
    assert_eq!(broken.sightings.len(), 2, "{broken:#?}");
    let command = broken.reproduce.as_ref().expect("a command").argv.join(" ");
    assert_eq!(command, "cargo test -p own --lib -- b_breaks --exact");
}

#[test]
fn a_memory_fault_without_a_report_is_a_finding_of_the_unit_layer() {
    let text = "#[test] fn faults() { unsafe { (8 as *const u8).read_volatile(); } }";
    let records = Stand::library(text).run_any(&[LayerName::Unit]);
    assert_eq!(only(&records).class, BugClass::MemoryFault);
    assert_eq!(only(&records).sightings.len(), 3);
}

#[test]
fn doctests_and_tests_without_a_harness_run() {
    let stand = Stand::library(
        "//! ```\n//! assert_eq!(own::two(), 2);\n//! ```\npub fn two() -> u8 { 2 }\n/// ```\n/// assert_eq!(own::three(), 4, \"three is four\");\n/// ```\npub fn three() -> u8 { 3 }\n",
    );
    let tests = stand.package().join("tests");
    std::fs::create_dir_all(&tests).expect("a folder");
    std::fs::write(
        tests.join("bare.rs"),
        "fn main() { assert_eq!(own::two(), 2); }",
    )
    .expect("a test");
    let manifest = stand.package().join("Cargo.toml");
    let text = std::fs::read_to_string(&manifest).expect("a manifest");
    std::fs::write(
        &manifest,
        format!("{text}\n[[test]]\nname = \"bare\"\nharness = false\n"),
    )
    .expect("a manifest");
    let records = stand.run_any(&[LayerName::Unit]);
    assert_awake(&records);
    assert_eq!(records.runs[0].tests.passed, 2, "{:#?}", records.runs[0]);
    let finding = only(&records);
    assert_eq!(finding.class, BugClass::TestFailure);
    assert!(finding.title.contains("three is four"), "{finding:?}");
    assert_eq!(records.runs[1].tests.passed, 1);
}

#[test]
fn a_package_that_does_not_build_says_the_first_error() {
    let records = Stand::library("pub fn f() -> u8 { \"text\" }").run_any(&[LayerName::Unit]);
    let Outcome::DidNotBuild { error } = &records.runs[0].outcome else {
        panic!("{:?}", records.runs[0]);
    };
    assert!(error.contains("mismatched types"), "{error}");
    assert!(records.controls.iter().all(|control| !control.caught));
}

#[test]
fn a_request_to_stop_leaves_what_there_is() {
    let stand = Stand::library("#[test] fn t() {}");
    stand.cancel.request();
    let records = stand.run_any(&[LayerName::Unit]);
    assert!(records.interrupted && records.runs.is_empty());
    assert!(matches!(
        records.layers[0].status,
        LayerStatus::NotRun { .. }
    ));
}

#[test]
fn an_unchanged_package_is_taken_from_the_cache() {
    let mut stand = Stand::library("#[test] fn t() {}");
    let folder = tempfile::tempdir().expect("a folder");
    stand.cache = Some(Cache::open(folder.path()));
    let first = stand.run_any(&[LayerName::Unit]);
    let second = stand.run_any(&[LayerName::Unit]);
    assert!(first.runs.iter().all(|run| !run.cached) && second.runs.iter().all(|run| run.cached));
    assert_eq!(first.controls, second.controls);
    std::fs::write(stand.package().join("src/lib.rs"), "#[test] fn t() { }").expect("a change");
    let third = stand.run_any(&[LayerName::Unit]);
    assert!(third.runs.iter().all(|run| !run.cached));
}

#[test]
fn asan_names_the_site_of_an_over_read_and_is_quiet_on_the_twin() {
    let stand = Stand::fixture("heap-over-read/broken");
    let Some(records) = stand.run(&[LayerName::Asan]) else {
        return;
    };
    assert_awake(&records);
    assert!(
        classes(&records).contains(&BugClass::OutOfBounds),
        "{records:#?}"
    );
    assert!(
        records
            .findings
            .iter()
            .all(|f| f.span.as_ref().is_some_and(|s| s.file == "src/lib.rs"))
    );
    let twin = Stand::fixture("heap-over-read/sound")
        .run(&[LayerName::Asan])
        .expect("asan");
    assert_awake(&twin);
    assert_eq!(twin.findings, []);
}

#[test]
fn what_passes_in_the_original_is_the_probes_fault() {
    let mut stand =
        Stand::library("#[test] fn t() { assert!(false) } #[test] fn u() { assert!(false) }");
    stand.original = Some("#[test] fn t() {} #[test] fn u() { assert!(false) }");
    let records = stand.run_any(&[LayerName::Unit]);
    let finding = only(&records);
    assert!(
        finding.title.starts_with("test `lib::u` failed"),
        "{finding:?}"
    );
    for run in &records.runs {
        let statuses: Vec<_> = run
            .cases
            .iter()
            .map(|case| (case.name.as_str(), case.status))
            .collect();
        let expected = [
            ("lib::t", TestStatus::ProbeFailure),
            ("lib::u", TestStatus::Failed),
        ];
        assert_eq!(statuses, expected);
    }
}

#[test]
fn without_an_instrumented_std_no_race_is_sure() {
    let mut stand = Stand::fixture("data-race/broken");
    stand.without = |tools| tools.nightly = Err("taken away".to_owned());
    let Some(records) = stand.run(&[LayerName::Tsan]) else {
        return;
    };
    assert_awake(&records);
    let races = records
        .findings
        .iter()
        .filter(|f| f.class == BugClass::DataRace);
    let doubted = |f: &Finding| {
        matches!(
            f.confidence,
            assay_evidence::Confidence::Inconclusive { .. }
        )
    };
    assert!(
        races.clone().count() > 0 && races.clone().all(doubted),
        "{records:#?}"
    );
    assert!(records.layers[3].notes[0].ends_with("taken away"));
}

#[test]
fn a_layer_without_its_tool_does_not_run_and_says_why() {
    let mut stand = Stand::library("#[test] fn t() {}");
    stand.without = |tools| {
        let gone = || "taken away".to_owned();
        tools.nightly = Err(gone());
        tools.valgrind = Err(gone());
        tools.asan = Err(gone());
        tools.tsan = Err(gone());
    };
    let layers = [
        LayerName::Asan,
        LayerName::Tsan,
        LayerName::Memcheck,
        LayerName::Miri,
    ];
    let records = stand.run_any(&layers);
    for layer in records
        .layers
        .iter()
        .filter(|layer| layers.contains(&layer.name))
    {
        let expected = LayerStatus::NotRun {
            reason: "taken away".to_owned(),
        };
        assert_eq!(layer.status, expected, "{}", layer.name);
    }
    assert!(records.runs.is_empty() && records.findings.is_empty());
}

#[test]
fn asan_tells_of_a_leak() {
    let Some(records) = Stand::fixture("leak/broken").run(&[LayerName::Asan]) else {
        return;
    };
    assert_awake(&records);
    assert_eq!(only(&records).class, BugClass::Leak);
}

#[test]
fn memcheck_sees_what_was_never_written() {
    let Some(records) = Stand::fixture("uninitialised-read/broken").run(&[LayerName::Memcheck])
    else {
        return;
    };
    assert_awake(&records);
    assert!(
        classes(&records).contains(&BugClass::UninitialisedRead),
        "{records:#?}"
    );
}

#[test]
fn miri_tells_aliasing_errors_and_cuts_what_it_does_not_support() {
    let text = "
#[test] fn aliases() { let mut x = 1u8; let p: *mut u8 = &mut x; let r = unsafe { &mut *p }; *r = 2; unsafe { *p = 3 }; *r = 4; }
#[test] fn starts_a_process() { let _ = std::process::Command::new(\"true\").status(); }
#[test] fn passes() {}
";
    let Some(records) = Stand::library(text).run(&[LayerName::Miri]) else {
        return;
    };
    assert_awake(&records);
    assert_eq!(only(&records).class, BugClass::Aliasing);
    assert_eq!(only(&records).sightings.len(), 2);
    let counts = records.runs[0].tests;
    assert_eq!(
        (counts.passed, counts.failed, counts.cut),
        (1, 1, 1),
        "{:#?}",
        records.runs[0]
    );
}

#[test]
fn loom_finds_a_publication_that_is_relaxed() {
    let Some(records) = Stand::fixture("relaxed-publication/broken").run(&[LayerName::Loom]) else {
        return;
    };
    assert_awake(&records);
    assert!(
        classes(&records).contains(&BugClass::DataRace),
        "{records:#?}"
    );
}

#[test]
fn shuttle_finds_a_lost_wakeup() {
    let Some(records) = Stand::fixture("lost-wakeup/broken").run(&[LayerName::Shuttle]) else {
        return;
    };
    assert_awake(&records);
    assert!(
        classes(&records).contains(&BugClass::Deadlock),
        "{records:#?}"
    );
}
