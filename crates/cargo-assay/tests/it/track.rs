//! `track`, on programs that are compiled here and on some of the distribution's.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use assay_evidence::exit_code;
use serde_json::Value;

const LEAK: &str = r#"#include <stdio.h>
#include <stdlib.h>
#include <string.h>
static char *keep(const char *text) {
    return strdup(text);
}
int main(void) {
    for (int i = 0; i < 3; i++)
        if (!keep("hello leak")) return 1;
    puts("done");
    return 7;
}
"#;

const FAULTS: &str = r#"#include <stdlib.h>
int main(void) {
    void *volatile twice = malloc(40);
    free(twice);
    free(twice);
    int here = 0;
    void *volatile never = &here;
    free(never);
    return 0;
}
"#;

const FAMILIES: &str = r#"#include <cstdlib>
int main() {
    int *volatile one = new int(1);
    std::free(one);
    char *volatile many = new char[10];
    delete many;
    void *volatile plain = std::malloc(5);
    operator delete(plain);
    delete new int(2);
    delete[] new int[3];
    return 0;
}
"#;

const COUNTS: &str = r#"#define _GNU_SOURCE
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
int main(void) {
    void *p = malloc(1), *q;
    p = realloc(p, 1000);
    free(p);
    free(calloc(3, 5));
    if (posix_memalign(&q, 64, 10)) return 1;
    free(q);
    free(aligned_alloc(64, 128));
    free(memalign(32, 7));
    free(valloc(8));
    free(pvalloc(9));
    free(reallocarray(0, 4, 5));
    free(strdup("four"));
    free(malloc(0));
    free(0);
    p = malloc(6);
    /* More than there is: the block stays. */
    if (realloc(p, (size_t)1 << 62)) return 1;
    q = malloc(3);
    if (realloc(q, (size_t)1 << 62)) return 1;
    free(q);
    if (calloc((size_t)1 << 62, 8)) return 1;
    return p == 0;
}
"#;

const THREADS: &str = r#"#include <pthread.h>
#include <stdlib.h>
static void *work(void *unused) {
    for (int i = 0; i < 5000; i++) {
        void *volatile block = malloc(16 + i % 64);
        free(block);
    }
    void *volatile kept = malloc(100);
    (void)kept;
    return unused;
}
int main(void) {
    pthread_t thread[4];
    for (int i = 0; i < 4; i++) pthread_create(&thread[i], 0, work, 0);
    for (int i = 0; i < 4; i++) pthread_join(thread[i], 0);
    return 0;
}
"#;

const MANY: &str = r#"#include <stdlib.h>
#include <string.h>
static char *block[20000];
int main(void) {
    unsigned random = 1;
    for (int i = 0; i < 60000; i++) {
        random = random * 1664525 + 1013904223;
        char **place = &block[(random >> 8) % 20000];
        if (*place) {
            if (strcmp(*place, "kept")) return 1;
            if (random >> 31) { free(*place); *place = 0; }
            else if (!(*place = realloc(*place, 5 + (random >> 20) % 3000))) return 1;
        } else if ((*place = malloc(5 + (random >> 24)))) strcpy(*place, "kept");
    }
    for (int i = 0; i < 20000; i++) if (i != 77) free(block[i]);
    free(block[77]);
    return malloc(11) == 0;
}
"#;

const ENDS: &str = r#"#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
static void *volatile kept;
int main(int count, char **words) {
    const char *how = count > 1 ? words[1] : "";
    kept = malloc(123);
    if (!strcmp(how, "descriptors")) {
        for (int i = 0; i < 1000; i++) close(i);
        for (int i = 0; i < 2000; i++) kept = malloc(1);
        return 0;
    }
    if (!strcmp(how, "_exit")) _exit(5);
    if (!strcmp(how, "signal")) kill(getpid(), SIGKILL);
    if (!strcmp(how, "fork")) {
        if (fork() == 0) {
            free(kept);
            kept = malloc(45);
            _exit(0);
        }
        wait(0);
    }
    if (!strcmp(how, "exec")) execl(words[0], words[0], "_exit", (char *)0);
    return 0;
}
"#;

const RUST: &str = "fn main() {
    for number in 0..5_u64 {
        keep(number);
    }
}

#[inline(never)]
fn keep(number: u64) {
    std::mem::forget(Box::new([number; 100]));
}
";

/// The library, built once.
fn library() -> &'static Path {
    static LIBRARY: OnceLock<PathBuf> = OnceLock::new();
    LIBRARY.get_or_init(|| {
        let built = Command::new(env!("CARGO"))
            .args([
                "build",
                "--package",
                "memscope-preload",
                "--message-format=json",
            ])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&built.stderr);
        assert!(built.status.success(), "{told}");
        let lines = built.stdout.split(|byte| *byte == b'\n');
        let messages = lines.filter_map(|line| serde_json::from_slice::<Value>(line).ok());
        let mut files =
            messages.filter_map(|message| message["filenames"][0].as_str().map(PathBuf::from));
        files
            .find(|file| file.ends_with("libmemscope_preload.so"))
            .expect(&told)
    })
}

fn folder() -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("track");
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// Compiles a program, in a folder of its own: tests run side by side.
fn compiled(name: &str, text: &str, compiler: &str, options: &[&str]) -> PathBuf {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let folder = folder().join(number.to_string());
    std::fs::create_dir_all(&folder).unwrap();
    let source = folder.join(name);
    let program = source.with_extension("program");
    std::fs::write(&source, text).unwrap();
    let output = Command::new(compiler)
        .args(options)
        .args([source.as_os_str(), "-o".as_ref(), program.as_os_str()])
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    program
}

fn c(name: &str, text: &str) -> PathBuf {
    compiled(name, text, "cc", &["-g", "-O0", "-w", "-pthread"])
}

fn assay(words: &[&str], program: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_cargo-assay"))
        .arg("track")
        .args(words)
        .arg("--")
        .args(program)
        .env_remove("LD_PRELOAD")
        .envs(VARIABLES)
        .output()
        .unwrap()
}

/// A program that was tracked with the library.
struct Tracked {
    code: Option<i32>,
    stdout: String,
    report: Value,
}

fn tracked(words: &[&str], program: &[&str]) -> Tracked {
    let library = library().to_str().unwrap();
    let output = assay(
        &[&["--json", "--library", library], words].concat(),
        program,
    );
    let said = String::from_utf8_lossy(&output.stderr);
    Tracked {
        code: output.status.code(),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        report: serde_json::from_str(&said).expect(&said),
    }
}

impl Tracked {
    fn process(&self) -> &Value {
        &self.report["processes"][0]
    }

    /// Allocations, frees, bytes and live bytes of a process.
    fn totals(&self, process: usize) -> [u64; 4] {
        let totals = &self.report["processes"][process]["totals"];
        ["allocations", "frees", "bytes", "live_bytes"].map(|name| totals[name].as_u64().unwrap())
    }
}

/// The leak of so many blocks and bytes.
fn leak(process: &Value, blocks: u64, bytes: u64) -> &Value {
    let mut leaks = process["leaks"].as_array().unwrap().iter();
    let found = leaks.find(|leak| leak["blocks"] == blocks && leak["bytes"] == bytes);
    found.unwrap_or_else(|| panic!("{process:#}"))
}

/// File name and line of the frames that have them.
fn lines(stack: &Value) -> Vec<(String, u64)> {
    let frames = stack.as_array().unwrap().iter();
    let placed = frames.filter_map(|frame| {
        let file = frame["file"].as_str()?.rsplit('/').next()?.to_owned();
        Some((file, frame["line"].as_u64()?))
    });
    placed.collect()
}

#[test]
fn a_leak_of_a_c_program_is_named_by_line() {
    let program = c("leak.c", LEAK);
    let tracked = tracked(&[], &[program.to_str().unwrap()]);
    assert_eq!((tracked.code, tracked.stdout.as_str()), (Some(7), "done\n"));
    let stack = &leak(tracked.process(), 3, 33)["stack"];
    assert_eq!(stack[0]["function"], "strdup");
    let own = [("leak.c".to_owned(), 5), ("leak.c".to_owned(), 9)];
    assert_eq!(lines(stack)[..2], own, "{stack:#}");
}

#[test]
fn a_leak_of_a_rust_program_is_named_by_line() {
    let program = compiled("forgets.rs", RUST, "rustc", &["-g"]);
    let tracked = tracked(&[], &[program.to_str().unwrap()]);
    let stack = &leak(tracked.process(), 5, 4000)["stack"];
    let mut own = lines(stack);
    own.retain(|(file, _)| file == "forgets.rs");
    assert_eq!(own[0], ("forgets.rs".to_owned(), 9), "{stack:#}");
    let text = assay(
        &["--library", library().to_str().unwrap()],
        &[program.to_str().unwrap()],
    );
    let text = String::from_utf8_lossy(&text.stderr).into_owned();
    assert!(text.contains("forgets.rs:9 (forgets::keep)"), "{text}");
}

#[test]
fn a_second_free_and_one_of_no_block_are_told_and_the_program_goes_on() {
    let program = c("faults.c", FAULTS);
    let tracked = tracked(&["--fail-on-leaks"], &[program.to_str().unwrap()]);
    assert_eq!(tracked.code, Some(exit_code::REFUTED.into()));
    let faults = &tracked.process()["faults"];
    assert_eq!(faults[0]["kind"], "freed-twice");
    assert_eq!(lines(&faults[0]["stacks"][0][1])[0].1, 5);
    assert_eq!(lines(&faults[0]["stacks"][1][1])[0].1, 3);
    assert_eq!(faults[1]["kind"], "never-allocated");
    assert_eq!(lines(&faults[1]["stacks"][0][1])[0].1, 8);
    assert_eq!(faults.as_array().unwrap().len(), 2);
}

#[test]
fn a_release_by_another_family_is_told_with_both_lines() {
    let program = compiled("families.cc", FAMILIES, "c++", &["-g", "-O0", "-w"]);
    let tracked = tracked(&[], &[program.to_str().unwrap()]);
    let faults = tracked.process()["faults"].as_array().unwrap();
    let told: Vec<_> = faults
        .iter()
        .map(|fault| {
            let line = |stack: usize| lines(&fault["stacks"][stack][1])[0].1;
            (fault["title"].as_str().unwrap(), line(0), line(1))
        })
        .collect();
    let expected = [
        ("free of a block of 4 bytes from new", 4, 3),
        ("delete of a block of 10 bytes from new[]", 6, 5),
        ("delete of a block of 5 bytes from malloc", 8, 7),
    ];
    assert_eq!(told, expected);
}

#[test]
fn every_function_that_allocates_is_counted_once() {
    let program = c("counts.c", COUNTS);
    let tracked = tracked(&[], &[program.to_str().unwrap()]);
    let bytes = 1 + 1000 + 15 + 10 + 128 + 7 + 8 + 9 + 20 + 5 + 6 + 3;
    assert_eq!(
        (tracked.code, tracked.totals(0)),
        (Some(0), [13, 12, bytes, 6])
    );
    leak(tracked.process(), 1, 6);
    assert_eq!(tracked.process()["faults"].as_array().unwrap().len(), 0);
}

#[test]
fn of_many_blocks_in_any_order_none_is_forgotten_or_invented() {
    let program = c("many.c", MANY);
    let tracked = tracked(&[], &[program.to_str().unwrap()]);
    assert_eq!(tracked.code, Some(0));
    assert_eq!(tracked.process()["faults"].as_array().unwrap().len(), 0);
    let [allocations, frees, _, live] = tracked.totals(0);
    assert_eq!((allocations - frees, live), (1, 11));
    assert!(allocations > 20_000, "{allocations}");
}

#[test]
fn threads_are_counted_exactly() {
    let program = c("threads.c", THREADS);
    let tracked = tracked(&[], &[program.to_str().unwrap()]);
    leak(tracked.process(), 4, 400);
    let [allocations, frees, ..] = tracked.totals(0);
    // The C library keeps some for each thread. Stacks and totals are counted apart.
    assert!(frees >= 20_000, "{frees}");
    let leaks = tracked.process()["leaks"].as_array().unwrap();
    let live: u64 = leaks
        .iter()
        .map(|leak| leak["blocks"].as_u64().unwrap())
        .sum();
    assert_eq!(allocations - frees, live);
    assert!(!tracked.process()["growth"].as_array().unwrap().is_empty());
}

#[test]
fn a_record_survives_whatever_ends_the_process() {
    let program = c("ends.c", ENDS);
    let program = program.to_str().unwrap();
    for (how, code) in [("_exit", 5), ("signal", 128 + 9)] {
        let tracked = tracked(&[], &[program, how]);
        assert_eq!(tracked.code, Some(code), "{how}");
        assert_eq!(
            lines(&leak(tracked.process(), 1, 123)["stack"])[0].1,
            9,
            "{how}"
        );
    }
    let tracked = tracked(&[], &[program, "descriptors"]);
    assert_eq!(
        (tracked.code, tracked.totals(0)),
        (Some(0), [2001, 0, 2123, 2123])
    );
}

#[test]
fn a_child_has_a_record_of_its_own() {
    let program = c("ends.c", ENDS);
    let program = program.to_str().unwrap();
    let forked = tracked(&[], &[program, "fork"]);
    assert_eq!(forked.totals(0), [1, 0, 123, 123]);
    assert_eq!(forked.totals(1), [1, 0, 45, 45]);
    let inherited = &forked.report["processes"][1]["totals"]["inherited_blocks"];
    assert_eq!(*inherited, 0, "the child freed it");
    leak(&forked.report["processes"][1], 1, 45);
    let replaced = tracked(&[], &[program, "exec"]);
    assert_eq!(
        (replaced.code, replaced.totals(1)),
        (Some(5), [1, 0, 123, 123])
    );
}

#[test]
fn suppressions_hide_what_they_match_and_those_that_match_nothing_are_named() {
    let program = c("leak.c", LEAK);
    let program = program.to_str().unwrap();
    assert_eq!(
        tracked(&["--fail-on-leaks"], &[program]).code,
        Some(exit_code::INCOMPLETE.into())
    );
    let file = folder().join("suppressions");
    let text = "{\n strdup\n Memcheck:Leak\n match-leak-kinds: definite\n fun:malloc\n fun:strdup\n fun:keep\n}\n\
                {\n buffer\n Track:Leak\n ...\n fun:puts\n}\n\
                {\n nowhere\n Track:Leak\n fun:no_such\n}\n";
    std::fs::write(&file, text).unwrap();
    let suppressed = tracked(
        &["--fail-on-leaks", "--suppressions", file.to_str().unwrap()],
        &[program],
    );
    assert_eq!(suppressed.code, Some(7), "{:#}", suppressed.report);
    let unmatched = suppressed.report["unmatched_suppressions"]
        .as_array()
        .unwrap();
    assert_eq!(unmatched.len(), 1);
    assert!(unmatched[0].as_str().unwrap().ends_with(": nowhere"));
}

#[test]
fn folded_stacks_begin_with_the_outermost_function() {
    let program = c("leak.c", LEAK);
    let library = library().to_str().unwrap();
    let output = assay(
        &["--folded", "--library", library],
        &[program.to_str().unwrap()],
    );
    let text = String::from_utf8_lossy(&output.stderr);
    let line = text
        .lines()
        .find(|line| line.ends_with(";main;keep;strdup 33"));
    assert!(
        line.is_some_and(|line| line.starts_with("leak.program-")),
        "{text}"
    );
}

#[test]
fn what_cannot_be_tracked_says_what_to_do() {
    let told = |words: &[&str], program: &[&str]| {
        let output = assay(words, program);
        (
            output.status.code().unwrap(),
            String::from_utf8_lossy(&output.stderr).into_owned(),
        )
    };
    let library = library().to_str().unwrap();
    let (code, said) = told(&["--library", "/nowhere.so"], &["true"]);
    assert_eq!(code, i32::from(exit_code::USAGE), "{said}");
    assert!(
        said.contains("cargo build --release -p memscope-preload"),
        "{said}"
    );
    let (code, said) = told(&["--library", library], &["assay-no-such-program"]);
    assert_eq!(code, i32::from(exit_code::USAGE), "{said}");
    assert!(
        said.contains("failed to start `assay-no-such-program`"),
        "{said}"
    );
    let fixed = compiled("static.c", LEAK, "cc", &["-static", "-w"]);
    let (code, said) = told(&["--library", library], &[fixed.to_str().unwrap()]);
    assert_eq!(code, i32::from(exit_code::INCOMPLETE), "{said}");
    assert!(said.contains("linked statically"), "{said}");
}

#[test]
fn valgrind_tells_the_same_in_the_same_form() {
    if !has_valgrind() {
        println!("not run: Valgrind is not on PATH; `apt-get install valgrind` makes it available");
        return;
    }
    let program = c("leak.c", LEAK);
    let output = assay(&["--valgrind", "--json"], &[program.to_str().unwrap()]);
    let said = String::from_utf8_lossy(&output.stderr);
    let report: Value = serde_json::from_str(&said).expect(&said);
    assert_eq!(
        (output.status.code(), &*output.stdout),
        (Some(7), &b"done\n"[..])
    );
    let lost = leak(&report["processes"][0], 3, 33);
    assert_eq!(lost["kind"], "lost");
    assert!(
        lines(&lost["stack"]).contains(&("leak.c".to_owned(), 5)),
        "{lost:#}"
    );
}

#[test]
fn without_valgrind_its_mode_is_not_run() {
    let output = Command::new(env!("CARGO_BIN_EXE_cargo-assay"))
        .args(["track", "--valgrind", "--", "true"])
        .env("PATH", folder())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("not run: Valgrind is not on PATH"), "{said}");
    assert_eq!(output.status.code(), Some(exit_code::INCOMPLETE.into()));
}

#[test]
fn totals_of_the_distributions_programs_are_valgrinds() {
    if !has_valgrind() {
        println!("not run: Valgrind is not on PATH; `apt-get install valgrind` makes it available");
        return;
    }
    let select = "create table t(a,b); with recursive c(x) as (select 1 union all select x+1 from c where x<500) \
                  insert into t select x, 'row '||x from c; select count(*), sum(length(b)) from t group by a%10;";
    let programs: [&[&str]; 3] = [
        &["sqlite3", ":memory:", select],
        &[
            "jq",
            "-n",
            "[range(300)|{a:., b:\"s\\(.)\"}]|map(select(.a%3==0))|length",
        ],
        &["tmux", "-V"],
    ];
    for program in programs {
        if Command::new(program[0]).arg("-V").output().is_err() {
            println!("not run: {} is not installed", program[0]);
            continue;
        }
        let [allocations, frees, bytes, _] = tracked(&[], program).totals(0);
        let theirs = by_valgrind(program);
        let ours = [allocations, frees, bytes];
        if program[0] == "tmux" {
            // It copies its environment, five blocks a variable, and the tools don't set the same ones.
            assert!(allocations.abs_diff(theirs[0]) <= 10, "{ours:?} {theirs:?}");
            assert!(frees.abs_diff(theirs[1]) <= 4, "{ours:?} {theirs:?}");
        } else {
            assert_eq!(ours, theirs, "{}", program[0]);
        }
    }
}

/// Both tools bring variables: for programs that copy them, each has those of the other too.
const VARIABLES: [(&str, &str); 4] = [
    ("MEMSCOPE_TRACK", "/"),
    ("MEMSCOPE_TRACK_DEPTH", "24"),
    ("GLIBCPP_FORCE_NEW", "1"),
    ("GLIBCXX_FORCE_NEW", "1"),
];

/// Allocations, frees and bytes. What the C library frees under Valgrind alone is left where it is.
fn by_valgrind(program: &[&str]) -> [u64; 3] {
    let output = Command::new("valgrind")
        .args(["--run-libc-freeres=no", "--run-cxx-freeres=no"])
        .args(program)
        .env_remove("LD_PRELOAD")
        .envs(VARIABLES)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    let line = said.lines().find(|line| line.contains("total heap usage"));
    let after = line
        .and_then(|line| line.split_once("usage: "))
        .expect(&said)
        .1;
    let numbers = after.split(", ").map(|part| {
        let digits: String = part.chars().filter(char::is_ascii_digit).collect();
        digits.parse().unwrap()
    });
    numbers.collect::<Vec<u64>>().try_into().unwrap()
}

fn has_valgrind() -> bool {
    Command::new("valgrind").arg("--version").output().is_ok()
}
