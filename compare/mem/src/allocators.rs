//! Allocators that count, each as the global allocator of a program of its own.

use crate::Options;
use compare_harness::{Samples, turns};
use compare_mem::{PAIR, PROGRAM, TWO};
use std::path::PathBuf;
use std::process::Command;

pub const NS: &str = "ns";
/// Nanoseconds more than the system's allocator takes in the same round.
pub const MORE: &str = "ns more than System";
/// Percent more than the program takes with the system's allocator in the same round.
pub const COST: &str = "% more than System";
/// By the same on one thread.
pub const BY_ONE: &str = "x one thread";

const SYSTEM: &str = "System";
pub const SCOPES: &str = "memscope";
pub const STACKS: &str = "memscope, stacks";
pub const OFF: &str = "memscope, off at run time";

struct Contender {
    name: &'static str,
    program: &'static str,
    mode: &'static str,
}

const fn contender(name: &'static str, program: &'static str, mode: &'static str) -> Contender {
    Contender {
        name,
        program,
        mode,
    }
}

const CONTENDERS: [Contender; 12] = [
    contender(SYSTEM, "mem_with_system", "on"),
    contender(SCOPES, "mem_with_memscope", "on"),
    contender(STACKS, "mem_with_memscope_stacks", "on"),
    contender("stats_alloc", "mem_with_stats_alloc", "on"),
    contender("tracking-allocator", "mem_with_tracking", "on"),
    contender("cap", "mem_with_cap", "on"),
    contender("dhat", "mem_with_dhat", "on"),
    contender("mockalloc", "mem_with_mockalloc", "on"),
    contender(OFF, "mem_with_memscope", "off"),
    contender(
        "tracking-allocator, off at run time",
        "mem_with_tracking",
        "off",
    ),
    contender("dhat, idle", "mem_with_dhat", "off"),
    contender("mockalloc, idle", "mem_with_mockalloc", "off"),
];

/// All rounds; what did not run, and why.
pub fn run(options: &Options, samples: &mut Samples) -> Vec<String> {
    let mut not_run = Vec::new();
    for round in 0..options.rounds {
        eprintln!("allocators: round {} of {}", round + 1, options.rounds);
        let mut figures: [Figures; CONTENDERS.len()] = Default::default();
        for which in turns(CONTENDERS.len(), round) {
            match CONTENDERS[which].round() {
                Ok(found) => figures[which] = found,
                Err(reason) if round == 0 => not_run.push(reason),
                Err(_) => {}
            }
        }
        let system = figures[0].clone();
        for (contender, figures) in CONTENDERS.iter().zip(figures) {
            add(samples, contender.name, &figures, &system);
        }
    }
    not_run
}

/// Workloads and nanoseconds.
type Figures = Vec<(String, f64)>;

fn add(samples: &mut Samples, name: &'static str, figures: &Figures, system: &Figures) {
    let of = |figures: &Figures, workload: &str| {
        let found = figures.iter().find(|it| it.0 == workload);
        found.map(|it| it.1)
    };
    for (workload, ns) in figures {
        samples.add(workload, NS, name, *ns);
        let Some(system) = of(system, workload).filter(|_| name != SYSTEM) else {
            continue;
        };
        if workload == PROGRAM {
            samples.add(workload, COST, name, 100.0 * (ns / system - 1.0));
        } else {
            samples.add(workload, MORE, name, ns - system);
        }
    }
    if let (Some(one), Some(two)) = (of(figures, PAIR), of(figures, TWO)) {
        samples.add(TWO, BY_ONE, name, two / one);
    }
}

impl Contender {
    /// Runs the program, and reads what it prints.
    fn round(&self) -> Result<Figures, String> {
        let program = beside(self.program);
        let output = Command::new(&program)
            .arg(self.mode)
            .output()
            .map_err(|error| {
                let (name, path) = (self.name, program.display());
                format!("{name}: {path}: {error}; run cargo build --release --manifest-path compare/Cargo.toml -p compare-mem")
            })?;
        if !output.status.success() {
            let told = String::from_utf8_lossy(&output.stderr);
            return Err(format!("{}: {}: {told}", self.name, output.status));
        }
        let text = String::from_utf8_lossy(&output.stdout);
        let line = |line: &str| {
            let (workload, ns) = line.split_once('\t')?;
            Some((workload.to_owned(), ns.parse().ok()?))
        };
        Ok(text.lines().filter_map(line).collect())
    }
}

fn beside(program: &str) -> PathBuf {
    let mut path = std::env::current_exe().unwrap_or_default();
    // A test stands in a folder of its own, one deeper.
    if path.parent().is_some_and(|folder| folder.ends_with("deps")) {
        path.pop();
    }
    path.set_file_name(program);
    path
}
