//! Under each tool the probe counts and adds no report of its own.

use crate::allocating::ALLOC;
use crate::bed::{DEBUG, Flavour, Hits, not_run, run, text};
use std::path::Path;
use std::process::{Command, Output};

const TRIPLE: &str = if cfg!(target_arch = "aarch64") {
    "aarch64-unknown-linux-gnu"
} else {
    "x86_64-unknown-linux-gnu"
};

const ASAN: Flavour = Flavour {
    name: "asan",
    toolchain: None,
    flags: "-Zsanitizer=address",
    arguments: &["--target", TRIPLE],
};

/// Both at once: the canaries hide the sanitizer's red zones, but neither may report the other.
const ASAN_ALLOC: Flavour = Flavour {
    name: "asan-alloc",
    toolchain: None,
    flags: "-Zsanitizer=address --cfg assay_alloc",
    arguments: &["--target", TRIPLE],
};

const TSAN: Flavour = Flavour {
    name: "tsan",
    toolchain: None,
    flags: "-Zsanitizer=thread -Cunsafe-allow-abi-mismatch=sanitizer",
    arguments: &["--target", TRIPLE],
};

const TSAN_STD: Flavour = Flavour {
    name: "tsan-std",
    toolchain: Some("nightly"),
    flags: "-Zsanitizer=thread --cfg assay_alloc",
    arguments: &["--target", TRIPLE, "-Zbuild-std"],
};

pub(crate) const MIRI: Flavour = Flavour {
    name: "miri",
    toolchain: Some("nightly"),
    flags: "",
    arguments: &[],
};

/// What the way `threads` of `survive` counts, with this second argument.
fn threads(each: u64) -> Vec<(usize, u64)> {
    let own = (4..12).map(|site| (site, each));
    let shared = (16..32).map(|site| (site, 8 * each));
    [(0, 1), (1, 1)]
        .into_iter()
        .chain(own)
        .chain(shared)
        .collect()
}

/// What the way `sites` counts.
const SITES: &[(usize, u64)] = &[
    (0, 1),
    (1, 1),
    (10, 1),
    (11, 1),
    (12, 1),
    (20, 1),
    (21, 1),
    (22, 1),
];

fn answers(command: &mut Command) -> bool {
    command.output().is_ok_and(|output| output.status.success())
}

/// Whether the toolchain ships the runtime of this sanitizer.
fn has_runtime(sanitizer: &str) -> bool {
    let output = Command::new("rustc").args(["--print", "sysroot"]).output();
    let Ok(output) = output else { return false };
    let folder = Path::new(text(&output.stdout).trim()).join("lib/rustlib");
    let end = format!("_rt.{sanitizer}.a");
    std::fs::read_dir(folder.join(TRIPLE).join("lib")).is_ok_and(|entries| {
        entries
            .flatten()
            .any(|entry| entry.file_name().to_string_lossy().ends_with(&end))
    })
}

pub(crate) fn has_nightly(component: &str) -> bool {
    let list = ["component", "list", "--installed", "--toolchain", "nightly"];
    Command::new("rustup")
        .args(list)
        .output()
        .is_ok_and(|output| {
            text(&output.stdout)
                .lines()
                .any(|line| line.starts_with(component))
        })
}

fn quiet(output: &Output, what: &str) {
    let said = text(&output.stderr);
    assert!(output.status.success(), "{what}: {said}");
    assert_eq!(said, "", "{what}");
}

#[test]
fn address_sanitizer_reports_the_planted_read_alone() {
    if !has_runtime("asan") {
        return not_run("address sanitizer", "the toolchain has no runtime for it");
    }
    let survive = ASAN.program("survive");
    for (way, expected) in [("threads", threads(8000)), ("sites", SITES.to_vec())] {
        let hits = Hits::new(64);
        quiet(&run(&survive, &[way], &hits), way);
        assert_eq!(hits.counts(), expected);
    }
    let hits = Hits::new(64);
    let said = text(&run(&survive, &["asan"], &hits).stderr);
    assert!(said.contains("ERROR: AddressSanitizer: heap-"), "{said}");
    assert_eq!(hits.counts(), [(0, 1)]);
    let output = run(&ASAN_ALLOC.program("allocate"), &["threads"], &hits);
    quiet(&output, "the checking allocator");
}

#[test]
fn thread_sanitizer_over_the_prebuilt_std_names_no_function_of_the_probe() {
    if !has_runtime("tsan") {
        return not_run("thread sanitizer", "the toolchain has no runtime for it");
    }
    let survive = TSAN.program("survive");
    for (way, expected) in [("threads", threads(8000)), ("sites", SITES.to_vec())] {
        let hits = Hits::new(64);
        let said = text(&run(&survive, &[way], &hits).stderr);
        assert!(!said.contains("assay_probe"), "{said}");
        assert_eq!(hits.counts(), expected);
    }
}

#[test]
fn thread_sanitizer_over_an_instrumented_std_is_silent() {
    if !has_nightly("rust-src") {
        return not_run(
            "thread sanitizer, instrumented std",
            "no nightly with rust-src",
        );
    }
    let survive = match TSAN_STD.build("survive") {
        Ok(program) => program,
        Err(said) if said.contains("--offline") || said.contains("offline") => {
            let reason = "the dependencies of std are not on this machine";
            return not_run("thread sanitizer, instrumented std", reason);
        }
        Err(said) => panic!("{said}"),
    };
    for (way, expected) in [("threads", threads(8000)), ("sites", SITES.to_vec())] {
        let hits = Hits::new(64);
        quiet(&run(&survive, &[way], &hits), way);
        assert_eq!(hits.counts(), expected);
    }
    let hits = Hits::new(64);
    let output = run(&TSAN_STD.program("allocate"), &["threads"], &hits);
    quiet(&output, "the checking allocator");
}

#[test]
fn memcheck_is_silent() {
    if !answers(Command::new("valgrind").arg("--version")) {
        return not_run("memcheck", "no valgrind");
    }
    for (program, way, counts) in [
        (DEBUG.program("survive"), "sites", SITES.to_vec()),
        (DEBUG.program("survive"), "threads", threads(500)),
        (ALLOC.program("allocate"), "threads", vec![(0, 1), (1, 1)]),
    ] {
        let hits = Hits::new(64);
        let mut command = Command::new("valgrind");
        command
            .args(["-q", "--error-exitcode=99", "--fair-sched=yes"])
            .arg(program)
            .args([way, "500"])
            .env("ASSAY_HITS", hits.path());
        quiet(&command.output().unwrap(), way);
        assert_eq!(hits.counts(), counts);
    }
}

#[test]
fn a_process_that_memcheck_does_not_follow_does_not_count_as_its_own() {
    if !answers(Command::new("valgrind").arg("--version")) {
        return not_run("memcheck", "no valgrind");
    }
    let survive = DEBUG.program("survive");
    let survive = survive.to_string_lossy();
    // The shell starts the program: as a process that is followed, and as one that is not.
    for (follows, counts) in [("yes", SITES.to_vec()), ("no", Vec::new())] {
        let hits = Hits::new(64);
        let mut command = Command::new("valgrind");
        command
            .args(["-q", &format!("--trace-children={follows}")])
            .args(["sh", "-c", "\"$0\" sites; true", &survive])
            .env("ASSAY_HITS_UNDER", "vgpreload_memcheck")
            .env("ASSAY_HITS", hits.path());
        quiet(&command.output().unwrap(), follows);
        assert_eq!(hits.counts(), counts, "{follows}");
    }
}

#[test]
fn miri_tells_each_site_once_a_process_under_both_models() {
    if !has_nightly("miri") || !has_nightly("rust-src") {
        return not_run("miri", "no nightly with miri and rust-src");
    }
    for model in ["", "-Zmiri-tree-borrows"] {
        for (way, expected) in [("sites", SITES.to_vec()), ("threads", threads(10))] {
            let mut command = MIRI.cargo("miri");
            command.args(["run", "--bin", "survive", "--", way, "10"]);
            let output = command.env("MIRIFLAGS", model).output().unwrap();
            let said = text(&output.stderr);
            assert!(output.status.success(), "{model} {way}: {said}");
            let mut told: Vec<&str> = said
                .lines()
                .filter(|line| line.starts_with("assay-hit "))
                .collect();
            told.sort_unstable();
            let mut lines: Vec<String> = expected
                .iter()
                .map(|(site, _)| format!("assay-hit {site}"))
                .collect();
            lines.sort_unstable();
            assert_eq!(told, lines, "{model} {way}: {said}");
        }
    }
}

#[test]
fn a_hit_costs_a_handful_of_instructions() {
    if !answers(Command::new("valgrind").arg("--version")) {
        return not_run("callgrind", "no valgrind");
    }
    let release = Flavour {
        name: "release",
        arguments: &["--profile", "release"],
        ..DEBUG
    };
    let program = release.program("cost");
    let empty = instructions_per_turn(&program, "empty", 1000, None);
    let saturation = u32::try_from(assay_probe::SATURATION).unwrap();
    let [counting, saturated, without] = [
        (1000, Some(4)),
        (saturation * 2 + 1000, Some(4)),
        (1000, None),
    ]
    .map(|(from, counters)| instructions_per_turn(&program, "hit", from, counters) - empty);
    println!(
        "instructions a hit: {counting} counting, {saturated} saturated, {without} without a file"
    );
    assert!(counting <= 12 && saturated <= 10 && without <= 6);
}

/// Instructions of one turn of the loop in `cost`, by callgrind: two runs of `from` and 100,000
/// turns more, so that start and end of the process cancel out.
fn instructions_per_turn(program: &Path, what: &str, from: u32, counters: Option<u32>) -> u64 {
    let instructions = |turns: u32| -> u64 {
        let hits = counters.map(Hits::new);
        let mut command = Command::new("valgrind");
        command
            .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
            .arg(program)
            .args([&turns.to_string(), what])
            .env_remove("ASSAY_HITS");
        if let Some(hits) = &hits {
            command.env("ASSAY_HITS", hits.path());
        }
        let said = text(&command.output().expect("valgrind starts").stderr);
        let line = said.lines().find(|line| line.contains("Collected : "));
        let count = line.and_then(|line| line.rsplit(' ').next());
        let count = count.and_then(|count| count.parse().ok());
        count.unwrap_or_else(|| panic!("{said}"))
    };
    (instructions(from + 100_000) - instructions(from)) / 100_000
}
