//! phase-alloc against other allocators.
//!
//! Each allocator is linked to a program of its own. In each round every program does every
//! workload once, in an order that rotates; the table has medians over the rounds, and each value
//! by glibc's of the same round. Time is processor time, of all threads, as the system counts it.
//! Every proof is verified; those that do not are counted.
#![forbid(unsafe_code)]

mod contenders;
mod report;

use compare_phase::micro;
use compare_phase::prove::{Outcome, Proof};
use contenders::{ALL, Broken, Contender};
use report::{Report, Samples};
use std::collections::BTreeMap;
use std::process::ExitCode;

/// The command line.
struct Options {
    rounds: usize,
    proofs: usize,
    airs: Vec<(String, String)>,
    configs: Vec<String>,
    /// Contenders whose name holds one of these words, all without any.
    only: Vec<String>,
    micro: bool,
    prove: bool,
    tracing: bool,
    out: Option<String>,
}

impl Options {
    const USAGE: &str = "usage: compare-phase [--rounds N] [--proofs N] [--airs NAME:LOG_ROWS,..] \
                         [--configs reused,fresh] [--only WORD,..] [--part all|prove|micro] \
                         [--tracing yes|no] [--out FILE]";

    fn parse(mut args: impl Iterator<Item = String>) -> Option<Self> {
        let mut options = Self {
            rounds: 5,
            proofs: 5,
            airs: airs("poseidon2:15,keccak:14")?,
            configs: list("reused,fresh"),
            only: Vec::new(),
            micro: true,
            prove: true,
            tracing: false,
            out: None,
        };
        while let Some(name) = args.next() {
            let value = args.next()?;
            match name.as_str() {
                "--rounds" => options.rounds = value.parse().ok()?,
                "--proofs" => options.proofs = value.parse().ok()?,
                "--airs" => options.airs = airs(&value)?,
                "--configs" => options.configs = list(&value),
                "--only" => options.only = list(&value),
                "--part" => {
                    options.micro = value != "prove";
                    options.prove = value != "micro";
                }
                "--tracing" => options.tracing = value == "yes",
                "--out" => options.out = Some(value),
                _ => return None,
            }
        }
        (options.rounds > 0 && options.proofs > 0).then_some(options)
    }

    fn takes(&self, contender: &Contender) -> bool {
        let named = |word: &String| contender.name.contains(word.as_str());
        self.only.is_empty() || self.only.iter().any(named)
    }
}

fn list(text: &str) -> Vec<String> {
    text.split(',').map(str::to_owned).collect()
}

fn airs(text: &str) -> Option<Vec<(String, String)>> {
    let pair = |word: &str| {
        let (name, rows) = word.split_once(':')?;
        Some((name.to_owned(), rows.to_owned()))
    };
    text.split(',').map(pair).collect()
}

fn main() -> ExitCode {
    let Some(options) = Options::parse(std::env::args().skip(1)) else {
        eprintln!("{}", Options::USAGE);
        return ExitCode::from(2);
    };
    let contenders: Vec<_> = ALL.iter().filter(|it| options.takes(it)).collect();
    let mut samples = Samples::default();
    for round in 0..options.rounds {
        eprintln!("round {} of {}", round + 1, options.rounds);
        for turn in 0..contenders.len() {
            let contender = contenders[(turn + round) % contenders.len()];
            if let Err(missing) = one_turn(&options, contender, round, &mut samples) {
                eprintln!("{missing}");
                return ExitCode::FAILURE;
            }
        }
    }
    let report = Report::new(options.rounds, samples);
    print!("{}", report.table());
    if let Some(path) = options.out
        && let Err(error) = report.write(&path)
    {
        eprintln!("failed to write {path}: {error}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// Everything that one contender does in a round.
fn one_turn(
    options: &Options,
    contender: &Contender,
    round: usize,
    samples: &mut Samples,
) -> Result<(), String> {
    let missing = |path: &std::path::Path| {
        let path = path.display();
        format!("{path} is missing: build with `cargo build --release -p compare-phase --bins`")
    };
    let groups = micro::groups().filter(|_| options.micro && contender.operates);
    for group in groups {
        match contender.run::<BTreeMap<String, f64>>(&["micro".to_owned(), group.to_owned()]) {
            Ok(times) => {
                for (operation, time) in times {
                    samples.add("operations, ns", &operation, contender.name, round, time);
                }
            }
            Err(Broken::Missing(path)) => return Err(missing(&path)),
            Err(broken) => eprintln!("{}, {group}: {broken}", contender.name),
        }
    }
    if !options.prove || !contender.proves {
        return Ok(());
    }
    for (air, rows) in &options.airs {
        for config in &options.configs {
            let mut arguments = vec![
                "prove".to_owned(),
                air.clone(),
                rows.clone(),
                options.proofs.to_string(),
                config.clone(),
            ];
            arguments.extend(options.tracing.then(|| "tracing".to_owned()));
            let workload = format!("{air} 2^{rows}, {config} config");
            match contender.run::<Outcome>(&arguments) {
                Ok(outcome) => add_outcome(samples, &workload, contender.name, round, &outcome),
                Err(Broken::Missing(path)) => return Err(missing(&path)),
                Err(broken) => {
                    let validity = samples.validity(&workload, contender.name);
                    validity.proofs += options.proofs;
                    validity.invalid += options.proofs;
                    validity.broken_runs.push(broken.to_string());
                }
            }
        }
    }
    Ok(())
}

fn add_outcome(
    samples: &mut Samples,
    workload: &str,
    contender: &'static str,
    round: usize,
    outcome: &Outcome,
) {
    let mut add =
        |measure: &str, value: f64| samples.add(workload, measure, contender, round, value);
    let (first, warm) = outcome
        .proofs
        .split_first()
        .expect("a run proves at least once");
    add("cold proof, processor ms", first.cpu_us() as f64 / 1e3);
    add("cold proof, page faults", first.faults as f64);
    if !warm.is_empty() {
        let ms = |us: i64| us as f64 / 1e3;
        add(
            "warm proof, processor ms",
            middle(warm, |it| ms(it.cpu_us())),
        );
        add("warm proof, system ms", middle(warm, |it| ms(it.system_us)));
        add(
            "warm proof, elapsed ms",
            middle(warm, |it| it.wall_us as f64 / 1e3),
        );
        add(
            "warm proof, page faults",
            middle(warm, |it| it.faults as f64),
        );
    }
    add("peak resident, MiB", outcome.peak_kib as f64 / 1024.0);
    add("resident at the end, MiB", outcome.last_kib as f64 / 1024.0);
    let invalid = outcome.proofs.iter().filter(|proof| !proof.valid).count();
    let validity = samples.validity(workload, contender);
    validity.proofs += outcome.proofs.len();
    validity.invalid += invalid;
}

fn middle(proofs: &[Proof], value: impl Fn(&Proof) -> f64) -> f64 {
    let mut values: Vec<f64> = proofs.iter().map(value).collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
