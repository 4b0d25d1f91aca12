//! The command line.

use std::ffi::OsString;
use std::num::NonZero;
use std::path::PathBuf;
use std::time::Duration;

use assay_engine::{AuditOptions, Features, Limits, MutateOptions, Selection, TrackOptions};
use assay_evidence::{Exercise, LayerName};
use clap::builder::PossibleValuesParser;
use clap::builder::TypedValueParser as _;
use clap::{Args, Parser, Subcommand, ValueEnum};

/// What to do and how to show it.
#[derive(Debug, Parser)]
#[command(
    name = "cargo assay",
    bin_name = "cargo assay",
    version,
    about = "Audits unsafe code: which layer executed which site, and what each one found",
    after_help = EXIT_CODES
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) verb: Verb,
    /// Whether to use colour
    #[arg(
        long,
        global = true,
        value_enum,
        default_value_t,
        env = "CARGO_TERM_COLOR"
    )]
    pub(crate) color: Colour,
    /// Print no progress
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
    /// Print each step on a line of its own, also where standard error is no terminal
    #[arg(short, long, global = true, conflicts_with = "quiet")]
    pub(crate) verbose: bool,
}

const EXIT_CODES: &str = "Exit codes:
    0  the verdict is SUPPORTED, or the verb did what was asked
    2  the command line, the manifest's path or the allow-list is wrong
    4  the verdict is INCOMPLETE, a mutant is open, a gate is not met, something is worse
   70  an internal fault of this tool
  100  the verdict is REFUTED
  101  the package, or the workspace around it, does not build";

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Find every unsafe site, run every layer, and compute the verdict
    Audit(AuditArguments),
    /// Find out whether the tests can fail: put small faults beside the unsafe code, and ask every layer
    Mutate(MutateArguments),
    /// List the unsafe sites and the atomic operations, without running anything
    Inventory(InventoryArguments),
    /// List the layers: what can run here, why not, and what each one sees
    Layers,
    /// Render an evidence file
    Report(ReportArguments),
    /// Hold evidence against the thresholds of a gate file
    Gate(GateArguments),
    /// Compare two evidence files of one package
    Diff(DiffArguments),
    /// Show one finding with its source, its stacks and how to repeat it
    Explain(ExplainArguments),
    /// Run any program, and tell which blocks it did not give back, and what it did wrong with blocks
    Track(TrackArguments),
}

#[derive(Debug, Args)]
pub(crate) struct SubjectArguments {
    /// Path to the Cargo.toml of the package or workspace
    #[arg(long, value_name = "PATH")]
    pub(crate) manifest_path: Option<PathBuf>,
    /// The package to look at: a member, or any dependency, as NAME or NAME@VERSION
    #[arg(short, long, value_name = "NAME")]
    package: Option<String>,
    /// Features of the driving package, separated by commas or spaces
    #[arg(short = 'F', long, value_name = "FEATURES", value_delimiter = ',')]
    features: Vec<String>,
    /// Every feature of the driving package
    #[arg(long)]
    all_features: bool,
    /// Leave out the `default` feature
    #[arg(long)]
    no_default_features: bool,
    /// What drives the audited code: `tests`, `bin:NAME`, `example:NAME` or `cmd:COMMAND LINE`
    #[arg(long, value_name = "WHAT", default_value = "tests", value_parser = parse_exercise)]
    exercise: Exercise,
}

#[derive(Debug, Args)]
pub(crate) struct AuditArguments {
    #[command(flatten)]
    pub(crate) subject: SubjectArguments,
    /// Only these layers, separated by commas; the others are recorded as not run
    #[arg(long, value_name = "LAYERS", value_delimiter = ',', value_parser = layer_parser())]
    layers: Option<Vec<LayerName>>,
    /// How to print the result
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
    /// Where reports, logs and scratch copies go [default: target/assay of the workspace]
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
    /// Findings that are accepted, with reasons [default: assay.toml beside the manifest]
    #[arg(long, value_name = "FILE")]
    allow: Option<PathBuf>,
    /// Seconds for one test; slow layers multiply it
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    timeout: u64,
    /// Seconds for one run of a layer over all tests, its build not counted
    #[arg(long, value_name = "SECONDS", default_value_t = 900, value_parser = clap::value_parser!(u64).range(1..=604_800))]
    run_timeout: u64,
    /// Memory for one test process, in MiB
    #[arg(long, value_name = "MIB", default_value_t = 8192, value_parser = clap::value_parser!(u64).range(64..=1_048_576))]
    memory: u64,
    /// How often layers that depend on chance repeat the tests; after --run-timeout no repeat begins
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    repeats: u32,
    /// Run everything again, whatever has been run before
    #[arg(long)]
    no_cache: bool,
}

#[derive(Debug, Args)]
pub(crate) struct MutateArguments {
    #[command(flatten)]
    pub(crate) subject: SubjectArguments,
    /// Only these layers, separated by commas
    #[arg(long, value_name = "LAYERS", value_delimiter = ',', value_parser = layer_parser())]
    layers: Option<Vec<LayerName>>,
    /// List the mutants with their ids, and ask nothing
    #[arg(long)]
    pub(crate) list: bool,
    /// Ask every layer about every mutant, also when another one has noticed it
    #[arg(long)]
    all_layers: bool,
    /// Mutants that are asked about at the same time [default: one for each processor]
    #[arg(short, long, value_name = "N")]
    jobs: Option<NonZero<usize>>,
    /// Seconds for the tests of one mutant under one layer, by what they take without it; the quickest are run
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=604_800))]
    budget: u64,
    /// The reviewed list of equivalent mutants [default: assay-mutants.toml beside the manifest]
    #[arg(long, value_name = "FILE")]
    equivalents: Option<PathBuf>,
    /// How to print the result
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
    /// Where reports, logs and scratch copies go [default: target/assay of the workspace]
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
    /// Most seconds for one test; slow layers multiply it
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    timeout: u64,
    /// Ask again about everything, whatever has been asked before
    #[arg(long)]
    no_cache: bool,
}

#[derive(Debug, Args)]
pub(crate) struct InventoryArguments {
    #[command(flatten)]
    pub(crate) subject: SubjectArguments,
    /// Print the sites and atomics as JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Measure the syntax scan on one thread and on all, and print lines a second
    #[arg(long)]
    pub(crate) timing: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ReportArguments {
    /// An evidence file, or `-` for standard input
    pub(crate) evidence: PathBuf,
    /// How to print it
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
    /// Write to this file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct GateArguments {
    /// The gate file
    #[arg(long, value_name = "FILE", default_value = "assay-gate.toml")]
    pub(crate) gate: PathBuf,
    /// Only the gate of this package
    #[arg(short, long, value_name = "NAME")]
    pub(crate) package: Option<String>,
    /// An evidence file; can be repeated [default: target/assay/PACKAGE/evidence.json of each gate]
    #[arg(long, value_name = "FILE")]
    pub(crate) evidence: Vec<PathBuf>,
    /// A file of figures that a benchmark wrote; can be repeated
    #[arg(long, value_name = "FILE")]
    pub(crate) figures: Vec<PathBuf>,
    /// Store the evidence as the baseline that later audits are compared with
    #[arg(long)]
    pub(crate) save_baseline: bool,
}

#[derive(Debug, Args)]
pub(crate) struct DiffArguments {
    /// The older evidence file
    pub(crate) old: PathBuf,
    /// The newer evidence file
    pub(crate) new: PathBuf,
}

#[derive(Debug, Args)]
#[command(after_help = TRACK_EXIT_CODES)]
pub(crate) struct TrackArguments {
    /// The program and its arguments
    #[arg(last = true, required = true, value_name = "COMMAND")]
    command: Vec<OsString>,
    /// Run it under Valgrind's memcheck instead of with the library
    #[arg(long)]
    valgrind: bool,
    /// The library that is loaded before the program's allocator [default: beside this program]
    #[arg(long, value_name = "FILE", conflicts_with = "valgrind")]
    library: Option<PathBuf>,
    /// Return addresses that are kept of a stack
    #[arg(long, value_name = "N", default_value_t = 24, value_parser = clap::value_parser!(u8).range(1..=24))]
    depth: u8,
    /// What is not to be told, in Valgrind's notation; can be repeated
    #[arg(long, value_name = "FILE")]
    suppressions: Vec<PathBuf>,
    /// Write the report to this file instead of standard error
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Report as JSON
    #[arg(long, conflicts_with = "folded")]
    pub(crate) json: bool,
    /// Report as folded stacks, a line for each, with its live bytes: for flame graphs
    #[arg(long)]
    pub(crate) folded: bool,
    /// Stacks that the report shows of each process; the rest is summed up
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub(crate) top: usize,
    /// End with 100 where blocks were misused and with 4 where they leak, instead of the program's exit code
    #[arg(long)]
    pub(crate) fail_on_leaks: bool,
}

const TRACK_EXIT_CODES: &str = "Exit codes:
  that of the program; 128 and the signal's number where one ended it
    2  the command line is wrong, the library is missing, or the program cannot be started
    4  there is nothing to report on: no record was left, or Valgrind is not there; with --fail-on-leaks also a leak
  100  with --fail-on-leaks: a block was freed twice, or by the wrong function, or never was one";

#[derive(Debug, Args)]
pub(crate) struct ExplainArguments {
    /// The finding's id, or the first characters of it
    pub(crate) finding: String,
    /// The evidence file [default: the newest below target/assay]
    #[arg(long, value_name = "FILE")]
    pub(crate) evidence: Option<PathBuf>,
}

/// How a result is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For a person at a terminal
    #[default]
    Human,
    /// The evidence itself, with the verdict
    Json,
    /// Markdown
    Md,
    /// One HTML page
    Html,
    /// SARIF 2.1.0
    Sarif,
}

/// Whether output is coloured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Colour {
    /// Where the output is a terminal
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

impl SubjectArguments {
    /// The audit that these arguments ask for, everything else at its default.
    pub(crate) fn options(self) -> AuditOptions {
        AuditOptions {
            manifest: self.manifest_path,
            selection: self.package.map_or(Selection::Root, Selection::Package),
            features: Features {
                all: self.all_features,
                no_default: self.no_default_features,
                named: self.features.iter().flat_map(|f| words(f)).collect(),
            },
            exercise: self.exercise,
            layers: None,
            limits: Limits::default(),
            out: None,
            allow: None,
            use_cache: true,
        }
    }
}

impl AuditArguments {
    pub(crate) fn options(self) -> AuditOptions {
        AuditOptions {
            layers: self.layers,
            limits: Limits {
                test: Duration::from_secs(self.timeout),
                run: Duration::from_secs(self.run_timeout),
                memory_bytes: self.memory << 20,
                repeats: self.repeats,
            },
            out: self.out,
            allow: self.allow,
            use_cache: !self.no_cache,
            ..self.subject.options()
        }
    }
}

impl TrackArguments {
    pub(crate) fn options(&self) -> TrackOptions {
        TrackOptions {
            command: self.command.clone(),
            library: self.library.clone(),
            suppressions: self.suppressions.clone(),
            depth: self.depth,
            valgrind: self.valgrind,
        }
    }
}

impl MutateArguments {
    pub(crate) fn options(self) -> MutateOptions {
        MutateOptions {
            audit: AuditOptions {
                layers: self.layers,
                limits: Limits {
                    test: Duration::from_secs(self.timeout),
                    ..Limits::default()
                },
                out: self.out,
                use_cache: !self.no_cache,
                ..self.subject.options()
            },
            all_layers: self.all_layers,
            equivalents: self.equivalents,
            jobs: self.jobs,
            budget: Duration::from_secs(self.budget),
        }
    }
}

fn words(list: &str) -> Vec<String> {
    list.split_whitespace().map(str::to_owned).collect()
}

fn parse_exercise(text: &str) -> Result<Exercise, String> {
    let wrong =
        || format!("`{text}` is not `tests`, `bin:NAME`, `example:NAME` or `cmd:COMMAND LINE`");
    if text == "tests" {
        return Ok(Exercise::Tests);
    }
    let (kind, rest) = text.split_once(':').ok_or_else(wrong)?;
    let rest = Some(rest.trim().to_owned())
        .filter(|r| !r.is_empty())
        .ok_or_else(wrong)?;
    match kind {
        "bin" => Ok(Exercise::Bin { name: rest }),
        "example" => Ok(Exercise::Example { name: rest }),
        "cmd" => Ok(Exercise::Command { line: rest }),
        _ => Err(wrong()),
    }
}

/// Layer names; `lsan` is a name for `asan`, which runs both.
fn layer_parser() -> impl clap::builder::TypedValueParser<Value = LayerName> {
    let names = LayerName::ALL
        .map(LayerName::as_str)
        .into_iter()
        .chain(["lsan"]);
    PossibleValuesParser::new(names.collect::<Vec<_>>()).map(|name| {
        let named = LayerName::ALL
            .into_iter()
            .find(|layer| layer.as_str() == name);
        named.unwrap_or(LayerName::Asan)
    })
}

/// The arguments without the `assay` that cargo passes to a subcommand.
pub(crate) fn without_subcommand(mut words: Vec<OsString>) -> Vec<OsString> {
    if words.get(1).is_some_and(|word| word == "assay") {
        words.remove(1);
    }
    words
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory as _, Parser as _};

    use super::*;

    fn audit(words: &[&str]) -> AuditOptions {
        let all = ["cargo-assay", "audit"].iter().chain(words);
        match Cli::try_parse_from(all).unwrap().verb {
            Verb::Audit(arguments) => arguments.options(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_definition_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn lsan_is_a_name_for_the_layer_that_runs_it() {
        let options = audit(&["--layers", "unit,lsan"]);
        assert_eq!(options.layers, Some(vec![LayerName::Unit, LayerName::Asan]));
    }

    #[test]
    fn an_unknown_layer_is_a_usage_error() {
        let wrong = Cli::try_parse_from(["cargo-assay", "audit", "--layers", "psychic"]);
        assert_eq!(wrong.unwrap_err().exit_code(), 2);
    }

    #[test]
    fn features_are_split_at_commas_and_spaces() {
        assert_eq!(audit(&["-F", "a,b c"]).features.named, ["a", "b", "c"]);
    }

    #[test]
    fn an_exercise_names_its_kind() {
        assert_eq!(parse_exercise("tests"), Ok(Exercise::Tests));
        assert_eq!(
            parse_exercise("bin:x"),
            Ok(Exercise::Bin {
                name: "x".to_owned()
            })
        );
        assert!(parse_exercise("bin:").is_err());
        assert!(parse_exercise("benches").is_err());
    }

    #[test]
    fn cargo_passes_the_subcommand_first() {
        let words = ["cargo-assay", "assay", "audit"].map(OsString::from);
        assert_eq!(without_subcommand(words.to_vec()), ["cargo-assay", "audit"]);
    }
}
