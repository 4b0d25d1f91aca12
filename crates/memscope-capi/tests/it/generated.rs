//! Single faults by seeds: how many of them are reported, with file and line.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use crate::bed::{Bed, Link};

/// Each kind, and the words of its report.
const KINDS: [(&str, &[&str]); 7] = [
    ("leak", &["leak:", "not neutral"]),
    ("double_free", &["double free"]),
    ("overrun", &["overrun of"]),
    ("wrong_side", &["wrong side", "bytes into a block"]),
    ("use_after_reset", &["use after reset"]),
    ("escaped_pointer", &["escaped pointer"]),
    ("unbalanced_reference", &["unbalanced reference"]),
];
const SEEDS: u32 = 50;

/// A fault that was not reported as it should be.
struct Survivor {
    kind: &'static str,
    seed: u32,
    told: String,
    stderr: String,
}

#[test]
fn of_generated_faults_99_in_100_are_reported_with_file_and_line() {
    let bed = Bed::new();
    let Some(program) = bed.compile("generated.c", Link::Shared, &[]) else {
        return;
    };
    let mut survivors = Vec::new();
    for (kind, words) in KINDS {
        survivors.extend((0..SEEDS).filter_map(|seed| survivor(&program, kind, words, seed)));
    }
    for seed in 0..SEEDS {
        let output = Command::new(&program)
            .args(["none", &seed.to_string()])
            .output();
        let output = output.expect("it starts");
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.success() && text.is_empty(),
            "no fault, seed {seed}: {text}"
        );
    }
    let report = report(&survivors);
    if let Some(path) = std::env::var_os("MEMSCOPE_FAULTS") {
        std::fs::write(path, &report).expect("it is writable");
    }
    let all = KINDS.len() * SEEDS as usize;
    assert!(survivors.len() * 100 <= all, "{report}");
}

/// Runs one; what came out if it was not reported.
fn survivor(program: &Path, kind: &'static str, words: &[&str], seed: u32) -> Option<Survivor> {
    let output = Command::new(program)
        .args([kind, &seed.to_string()])
        .output();
    let output = output.expect("it starts");
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    let line = told.lines().next().unwrap_or_default();
    let of_line = |text: &str| text.contains(&format!("{line}:")) || ends_a_word(text, line);
    let is_told = stderr.contains("memscope: ")
        && words.iter().any(|word| stderr.contains(word))
        && !line.is_empty()
        && of_line(&stderr);
    (!is_told || output.status.success()).then_some(Survivor {
        kind,
        seed,
        told,
        stderr,
    })
}

/// Whether a line number ends there: `a.c:12` is not in `a.c:123`.
fn ends_a_word(text: &str, line: &str) -> bool {
    let ends = |rest: &str| !rest.starts_with(|c: char| c.is_ascii_digit());
    text.match_indices(line)
        .any(|(at, _)| ends(&text[at + line.len()..]))
}

fn report(survivors: &[Survivor]) -> String {
    let mut text = String::from(
        "# Faults that memscope's C interface reports\n\n\
         Each run is a process of `crates/memscope-capi/tests/c/generated.c` with one fault in the middle of a random\n\
         workload. A fault is reported if the process fails, and its report names the kind of the fault and the file and\n\
         line that the program wrote down before. 50 runs without a fault are silent.\n\n\
         What is generated: leaks; second frees, also after other allocations; writes of 1 to 64 bytes from a block's end\n\
         on; frees of memory that is malloc's, static, on the stack or inside a block, and plain `free` of a block\n\
         (`MS_CHECK_FREE`); writes of a byte to an arena after a reset or a rewind; pointers to the begin of an\n\
         allocation of a worker's arena, kept in a block or a static variable; references not released, created or\n\
         released twice. Not in it, and not seen without a sanitizer: reads out of bounds, uses after a free, writes that\n\
         jump over the guards, pointers into the middle of an allocation.\n\n\
         ```console\n\
         $ MEMSCOPE_FAULTS=$PWD/docs/audits/memscope-faults.md cargo test -p memscope-capi --test it generated\n\
         ```\n\n| fault | runs | reported |\n|---|---|---|\n",
    );
    for (kind, _) in KINDS {
        let missed = survivors.iter().filter(|it| it.kind == kind).count();
        // Writing to a string does not fail.
        let _ = writeln!(
            text,
            "| {} | {SEEDS} | {} |",
            kind.replace('_', " "),
            SEEDS as usize - missed
        );
    }
    let all = KINDS.len() * SEEDS as usize;
    let _ = writeln!(text, "| all | {all} | {} |", all - survivors.len());
    if !survivors.is_empty() {
        text.push_str("\n## Not reported\n\n");
    }
    for it in survivors {
        let told = it.told.trim().replace('\n', ", ");
        let stderr = it.stderr.lines().next().unwrap_or("nothing");
        let _ = writeln!(text, "- `{} {}` ({told}): `{stderr}`", it.kind, it.seed);
    }
    text
}
