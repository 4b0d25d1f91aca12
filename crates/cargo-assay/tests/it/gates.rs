//! `gate` and `diff`, on evidence that lies in a folder.

use std::path::{Path, PathBuf};
use std::process::Command;

use assay_evidence::{Better, CommandLine, Evidence, Figure, Measurement, Measurements, exit_code};

/// A folder with the evidence of one package, `ring`, where an audit would leave it.
struct Audited(PathBuf);

impl Audited {
    fn new(name: &str) -> Self {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
            .join("gates")
            .join(name);
        if folder.exists() {
            std::fs::remove_dir_all(&folder).unwrap();
        }
        let this = Self(folder);
        this.write(
            "target/assay/ring/evidence.json",
            &Evidence::example().to_json(),
        );
        this
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.0.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// Runs a verb: the exit code and both streams.
    fn run(&self, words: &[&str]) -> (i32, String) {
        let output = Command::new(env!("CARGO_BIN_EXE_cargo-assay"))
            .args(words)
            .current_dir(&self.0)
            .output()
            .unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let said = text(&output.stdout) + &text(&output.stderr);
        (output.status.code().unwrap(), said)
    }

    fn gate(&self, gate: &str) -> (i32, String) {
        self.write("assay-gate.toml", gate);
        self.run(&["gate"])
    }
}

const MET: i32 = exit_code::SUPPORTED as i32;
const NOT_MET: i32 = exit_code::INCOMPLETE as i32;
const WRONG: i32 = exit_code::USAGE as i32;

#[test]
fn a_gate_that_is_met_ends_with_0() {
    let audited = Audited::new("met");
    let (code, said) =
        audited.gate("[gate.ring]\nmax-unsafe-sites = 2\nmax-open-mutants = 1\nmax-leaks = 0\n");
    assert_eq!((code, said.as_str()), (MET, "ring: met\n"));
}

#[test]
fn a_gate_that_is_broken_on_purpose_fails_and_says_what_to_do() {
    let audited = Audited::new("broken");
    let (code, said) =
        audited.gate("[gate.ring]\nmin-mutants-killed-percent = 90\nmax-unsafe-sites = 1\n");
    assert_eq!(code, NOT_MET);
    let wanted = "ring: not met
- max-unsafe-sites: 2 unsafe sites are there, and at most 1 is asked for
  to do: take the new site out, or raise the number in the same change, where it can be reviewed
- min-mutants-killed-percent: 50.0 % of the mutants (1 of 2) were killed, and at least 90 % are asked for
    77a1b2 off-by-one in ring::Slot<T> (src/slot.rs:9)
  to do: write a test that fails with each, or list it with its reason in assay-mutants.toml; \
`cargo assay mutate -p ring` asks again
";
    assert_eq!(said, wanted);
}

#[test]
fn a_package_without_evidence_does_not_pass() {
    let audited = Audited::new("absent");
    let (code, said) = audited.gate("[gate.other]\nmax-leaks = 0\n");
    assert_eq!(code, NOT_MET);
    assert!(said.contains("cargo assay audit -p other"), "{said}");
}

#[test]
fn a_gate_file_that_says_something_else_is_a_usage_error() {
    let audited = Audited::new("wrong");
    for (gate, wanted) in [
        ("[gate.ring]\nmax-leeks = 0\n", "max-leeks"),
        ("", "missing field `gate`"),
        ("[gate]\n", "it has no gate"),
        ("[gate.ring]\nverdict = \"fine\"\n", "fine"),
    ] {
        let (code, said) = audited.gate(gate);
        assert_eq!(code, WRONG, "{gate}: {said}");
        assert!(said.contains(wanted), "{said}");
    }
    let (code, said) = audited.run(&["gate", "--gate", "nowhere.toml"]);
    assert_eq!(code, WRONG, "{said}");
    audited.write("assay-gate.toml", "[gate.ring]\n");
    assert_eq!(audited.run(&["gate", "-p", "other"]).0, WRONG);
}

#[test]
fn figures_of_a_benchmark_are_taken_beside_the_evidence() {
    let audited = Audited::new("figures");
    let gate = "[[gate.ring.ratio]]\nof = \"ring\"\nto = \"rival\"\nmin = 1.05\n";
    let (code, said) = audited.gate(gate);
    assert_eq!(code, NOT_MET, "{said}");
    assert!(said.contains("there is no figure `ring`"), "{said}");
    let figure = |name: &str, value| Measurement {
        name: name.to_owned(),
        unit: "items/s".to_owned(),
        value: Figure::new(value).unwrap(),
        better: Better::Higher,
        command: CommandLine {
            env: Vec::new(),
            argv: ["cargo", "bench"].map(str::to_owned).to_vec(),
        },
    };
    let measured = |ring| {
        let figures = vec![figure("ring", ring), figure("rival", 100.0)];
        audited.write(
            "figures.json",
            &Measurements::new("ring", figures).to_json(),
        );
        audited.run(&["gate", "--figures", "figures.json"])
    };
    assert_eq!(measured(106.0).0, MET);
    let (code, said) = measured(104.0);
    assert_eq!(code, NOT_MET);
    assert!(
        said.contains("ring / rival is 1.040, and at least 1.05 is asked for"),
        "{said}"
    );
    assert!(said.contains("measure again: cargo bench"), "{said}");
}

#[test]
fn a_baseline_is_stored_and_compared_with() {
    let audited = Audited::new("baseline");
    let gate = "[gate.ring]\nbaseline = \"baselines/ring.json\"\n";
    let (code, said) = audited.gate(gate);
    assert_eq!(code, NOT_MET);
    assert!(said.contains("cargo assay gate --save-baseline"), "{said}");
    assert_eq!(audited.run(&["gate", "--save-baseline"]).0, MET);
    let stored = std::fs::read_to_string(audited.0.join("baselines/ring.json")).unwrap();
    assert!(Evidence::from_json(&stored).unwrap().files.is_empty());
    assert_eq!(audited.run(&["gate"]).0, MET);
    let mut worse = Evidence::example();
    worse.hits.retain(|hit| hit.run.0 != "asan/debug");
    audited.write("target/assay/ring/evidence.json", &worse.to_json());
    let (code, said) = audited.run(&["gate"]);
    assert_eq!(code, NOT_MET);
    assert!(
        said.contains("no longer executed by asan: ring::Slot<T>::read"),
        "{said}"
    );
}

#[test]
fn diff_tells_what_is_worse_by_its_exit_code() {
    let audited = Audited::new("diff");
    let old = Evidence::example();
    audited.write("old.json", &old.to_json());
    let diff = |new: &Evidence| {
        audited.write("new.json", &new.to_json());
        audited.run(&["diff", "old.json", "new.json"])
    };
    assert_eq!(diff(&old), (MET, "no difference\n".to_owned()));
    let mut fewer = old.clone();
    fewer.hits.retain(|hit| hit.run.0 != "unit/debug");
    let (code, said) = diff(&fewer);
    assert_eq!(code, NOT_MET);
    assert_eq!(
        said,
        "- no longer executed by unit: ring::Slot<T>::read (src/slot.rs:4)\n"
    );
    let mut broken = old.clone();
    broken.findings[0].class = assay_evidence::BugClass::OutOfBounds;
    broken.findings[0].severity = assay_evidence::Severity::Soundness;
    broken.findings[0].id = "oob-1".to_owned();
    broken.findings[0].allowed_by = None;
    broken.allowances.clear();
    broken.sort();
    let (code, said) = diff(&broken);
    assert_eq!(code, i32::from(exit_code::REFUTED), "{said}");
    let mut other = old;
    other.subject.package = "other".to_owned();
    assert_eq!(diff(&other).0, WRONG);
}

#[test]
fn the_file_in_the_documentation_is_a_gate_file() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/gates.md");
    let page = std::fs::read_to_string(page).unwrap();
    let (_, rest) = page.split_once("```toml\n").unwrap();
    let (example, _) = rest.split_once("```").unwrap();
    let audited = Audited::new("documented");
    let (code, said) = audited.gate(example);
    assert_eq!(
        code, NOT_MET,
        "it is read, and asks for what is not there: {said}"
    );
}
