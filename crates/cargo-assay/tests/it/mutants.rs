//! `mutate` on one library with two suites of tests: what the weak one leaves open is marked in the library, and the
//! strong one leaves nothing open.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use assay_evidence::{
    BaselineStatus, Evidence, Fate, LayerName, Operator, Said, exit_code, render,
};

/// What `mutate` left of one package.
struct Mutated {
    code: Option<i32>,
    evidence: Evidence,
    stderr: String,
}

fn scratch() -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("mutants")
}

fn testdata() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../testdata/mutants")
}

/// The command on `testdata/mutants/<suite>`, which it must not change; builds of a suite share a folder, so they
/// take turns.
fn run(suite: &str, words: &[&str]) -> std::process::Output {
    static TURNS: [Mutex<()>; 2] = [const { Mutex::new(()) }; 2];
    let turn = &TURNS[usize::from(suite == "strong")];
    let _turn = turn.lock().unwrap_or_else(PoisonError::into_inner);
    Command::new(env!("CARGO_BIN_EXE_cargo-assay"))
        .args(["mutate", "--format", "json", "--manifest-path"])
        .arg(testdata().join(suite).join("Cargo.toml"))
        .arg("--out")
        .arg(scratch().join(suite))
        .args(words)
        .output()
        .unwrap()
}

fn mutate(suite: &str, words: &[&str]) -> Mutated {
    let output = run(suite, words);
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    let stdout = String::from_utf8(output.stdout).unwrap();
    let evidence = Evidence::from_json(&stdout);
    Mutated {
        code: output.status.code(),
        evidence: evidence.unwrap_or_else(|error| panic!("{error}\n{stderr}")),
        stderr,
    }
}

impl Mutated {
    /// Whether the layer was asked. If not, says so and why.
    fn asked(&self, layer: LayerName) -> bool {
        let mut baselines = self.evidence.baselines.iter();
        let baseline = baselines.find(|b| b.layer == layer).unwrap();
        if baseline.status == BaselineStatus::Passed {
            return true;
        }
        use std::io::Write as _;
        let told = format!("{layer}: not run: {:?}\n", baseline.status);
        std::io::stderr().write_all(told.as_bytes()).unwrap();
        false
    }

    /// The operators of open mutants, by line.
    fn open(&self) -> Vec<(u32, Operator)> {
        let evidence = &self.evidence;
        let open = evidence
            .mutants
            .iter()
            .filter(|m| evidence.fate(m).is_open());
        let mut open: Vec<_> = open.map(|m| (m.span.line, m.operator)).collect();
        open.sort_unstable();
        open
    }

    fn fate(&self, line: u32, operator: Operator) -> &'static str {
        let mut mutants = self.evidence.mutants.iter();
        let is_it = |m: &&assay_evidence::Mutant| m.span.line == line && m.operator == operator;
        self.evidence.fate(mutants.find(is_it).unwrap()).as_str()
    }

    fn told(&self) -> String {
        render::mutation(&self.evidence, render::Layout::default()) + &self.stderr
    }
}

/// What the library marks as open under the weak tests.
fn marked() -> Vec<(u32, Operator)> {
    let text = std::fs::read_to_string(testdata().join("weak/src/lib.rs")).unwrap();
    let mut marked = Vec::new();
    // The comment stands above the line that it is about.
    for (number, line) in (2..).zip(text.lines()) {
        let Some((_, names)) = line.split_once("// OPEN ") else {
            continue;
        };
        for name in names.split(", ") {
            let operator = Operator::ALL.into_iter().find(|o| o.as_str() == name);
            marked.push((number, operator.unwrap_or_else(|| panic!("{name}"))));
        }
    }
    marked.sort_unstable();
    marked
}

fn line_of(words: &str) -> u32 {
    let text = std::fs::read_to_string(testdata().join("weak/src/lib.rs")).unwrap();
    let line = text.lines().position(|line| line.contains(words)).unwrap();
    u32::try_from(line + 1).unwrap()
}

const LAYERS: [&str; 2] = ["--layers", "unit,miri"];

#[test]
fn both_suites_test_the_same_library() {
    let read = |suite: &str| std::fs::read_to_string(testdata().join(suite).join("src/lib.rs"));
    assert_eq!(read("weak").unwrap(), read("strong").unwrap());
}

#[test]
fn weak_tests_leave_the_marked_mutants_open_and_no_others() {
    let mutated = mutate("weak", &LAYERS);
    if !mutated.asked(LayerName::Miri) {
        return;
    }
    assert_eq!(mutated.open(), marked(), "{}", mutated.told());
    assert_eq!(mutated.code, Some(exit_code::INCOMPLETE.into()));
    let never = line_of("bytes.as_ptr().add(index)");
    assert_eq!(mutated.fate(never, Operator::OffByOne), "unreached");
    let store = line_of("store(true, Ordering::Release)");
    assert_eq!(mutated.fate(store, Operator::WeakenOrdering), "survived");
}

#[test]
fn strong_tests_leave_nothing_open() {
    let mutated = mutate("strong", &LAYERS);
    if !mutated.asked(LayerName::Miri) {
        return;
    }
    assert_eq!(mutated.open(), [], "{}", mutated.told());
    assert_eq!(
        mutated.code,
        Some(exit_code::SUPPORTED.into()),
        "{}",
        mutated.told()
    );
    let evidence = &mutated.evidence;
    let count = |word: &str| {
        let fates = evidence.mutants.iter().map(|m| evidence.fate(m).as_str());
        fates.filter(|fate| *fate == word).count()
    };
    assert_eq!(
        (count("killed"), count("equivalent"), count("unviable")),
        (27, 1, 2)
    );
    let killer = |operator| {
        let mut mutants = evidence.mutants.iter().filter(|m| m.operator == operator);
        match evidence.fate(mutants.next().unwrap()) {
            Fate::Killed(answer) => answer.layer,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(killer(Operator::WeakenOrdering), LayerName::Miri);
    assert_eq!(killer(Operator::RemoveBound), LayerName::Unit);
}

#[test]
fn a_layer_that_cannot_see_a_weaker_ordering_is_not_asked_about_it() {
    let mutated = mutate("strong", &["--layers", "unit"]);
    let orderings = mutated.evidence.mutants.iter();
    let orderings = orderings.filter(|m| m.operator == Operator::WeakenOrdering);
    for mutant in orderings {
        assert_eq!(mutant.answers, []);
        assert_eq!(mutated.evidence.fate(mutant).as_str(), "not seen");
    }
    assert_eq!(mutated.code, Some(exit_code::INCOMPLETE.into()));
}

#[test]
fn every_layer_is_asked_on_request_and_the_first_that_noticed_is_the_last_else() {
    let all = mutate("strong", &["--layers", "unit,alloc", "--all-layers"]);
    let first = mutate("strong", &["--layers", "unit,alloc"]);
    let answers = |mutated: &Mutated| -> usize {
        let mutants = mutated.evidence.mutants.iter();
        mutants.map(|m| m.answers.len()).sum()
    };
    assert!(answers(&all) > answers(&first) + 10, "{}", all.told());
    let of = |mutated: &Mutated, layer| {
        let answers = mutated
            .evidence
            .mutants
            .iter()
            .flat_map(|m| m.answers.clone());
        answers
            .filter(|a| a.layer == layer && matches!(a.said, Said::Killed { .. }))
            .count()
    };
    assert_eq!(of(&first, LayerName::Unit), of(&all, LayerName::Unit));
    assert!(of(&all, LayerName::Alloc) > 10, "{}", all.told());
}

#[test]
fn a_second_call_takes_the_answers_of_the_first() {
    let first = mutate("strong", &["--layers", "unit", "--verbose"]);
    let again = mutate("strong", &["--layers", "unit", "--verbose"]);
    let is_same = again.evidence.mutants == first.evidence.mutants;
    assert!(is_same, "{}\n{}", first.told(), again.told());
    assert!(
        !again.stderr.contains("unit       killed"),
        "{}",
        again.stderr
    );
    let anew = mutate("strong", &["--layers", "unit", "--verbose", "--no-cache"]);
    assert!(anew.stderr.contains("unit       killed"), "{}", anew.stderr);
}

#[test]
fn a_list_of_equivalents_that_is_wrong_is_told() {
    let list = scratch().join("list.toml");
    std::fs::create_dir_all(scratch()).unwrap();
    let with = |mutant: &str| {
        let entry = format!(
            "[[equivalent]]\nmutant = \"{mutant}\"\nreason = \"r\"\nreviewer = \"n\"\ndate = \"d\"\n"
        );
        std::fs::write(&list, entry).unwrap();
        let list = list.to_str().unwrap().to_owned();
        mutate("strong", &["--layers", "unit", "--equivalents", &list])
    };
    let unknown = with("000000000000");
    assert!(
        unknown.told().contains("there is none of that name"),
        "{}",
        unknown.told()
    );
    assert_eq!(unknown.code, Some(exit_code::INCOMPLETE.into()));
    let killed = |m: &&assay_evidence::Mutant| matches!(unknown.evidence.fate(m), Fate::Killed(_));
    let killed = unknown.evidence.mutants.iter().find(killed).unwrap();
    let noticed = with(&killed.id);
    assert!(noticed.told().contains("; unit: "), "{}", noticed.told());
    std::fs::write(&list, "[[equivalent]]\nmutant = \"1\"\n").unwrap();
    let output = run("strong", &["--equivalents", list.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(exit_code::USAGE.into()));
}

#[test]
fn the_mutants_are_listed_without_asking() {
    let output = run("weak", &["--list"]);
    assert_eq!(output.status.code(), Some(0));
    let listed: Vec<assay_evidence::Mutant> = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(listed.len(), 30);
    assert!(
        listed
            .iter()
            .all(|m| m.answers.is_empty() && !m.sites.is_empty())
    );
    assert!(Path::new(&listed[0].span.file).ends_with("lib.rs"));
}
