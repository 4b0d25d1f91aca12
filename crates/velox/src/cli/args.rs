//! The arguments.

use std::net::SocketAddr;
use std::num::NonZeroU64;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use velox::affinity;
use velox::pipeline::{Layout, OnFull, Wait};

/// An order-flow pipeline: market data in, exact order books, bundles out, every transaction accounted for
///
/// Exit codes: 0 done, also after SIGINT or SIGTERM, which drain; 2 the arguments or the configuration are wrong;
/// 3 the input is malformed; 4 a file or an address cannot be used; 5 the machine does not do what was asked;
/// 70 the program is wrong; 130 a second SIGINT ended it at once.
#[derive(Debug, Parser)]
#[command(version, args_override_self = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Runs a pipeline, on a synthetic flow or a recorded day
    #[command(args_override_self = true)]
    Run(Box<Run>),
    /// Runs a pipeline on a recorded day
    #[command(args_override_self = true)]
    Replay(Box<Replay>),
    /// Writes a synthetic day as an ITCH 5.0 file
    #[command(args_override_self = true)]
    Gen(Generate),
    /// Measures this machine
    #[command(subcommand)]
    Bench(Bench),
}

#[derive(Debug, Args)]
pub(crate) struct Run {
    /// Where transactions come from: `synthetic`, or `itch:FILE`
    #[arg(long, default_value = "synthetic", value_parser = from)]
    pub(crate) source: From,
    /// Transactions a second of the synthetic source, such as 250k or 1M
    #[arg(long, default_value = "1M", value_parser = rate)]
    pub(crate) rate: NonZeroU64,
    /// How the synthetic transactions follow each other
    #[arg(long, value_enum, default_value = "uniform")]
    pub(crate) arrivals: Arrivals,
    /// The seed of the synthetic source
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    #[command(flatten)]
    pub(crate) flow: Flow,
}

#[derive(Debug, Args)]
pub(crate) struct Replay {
    /// The ITCH 5.0 file
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) flow: Flow,
}

impl Replay {
    pub(crate) fn into_run(self) -> Run {
        Run {
            source: From::Itch(self.file),
            rate: NonZeroU64::MIN,
            arrivals: Arrivals::Uniform,
            seed: 0,
            flow: self.flow,
        }
    }
}

/// What both kinds of runs have.
#[derive(Debug, Args)]
pub(crate) struct Flow {
    /// A file with options, as TOML: `rate = "2M"`. Options on the command line win
    #[arg(long)]
    pub(crate) config: Option<PathBuf>,
    /// How fast a recorded day goes: `recorded`, `max`, or a factor such as 2x or 0.5x
    #[arg(long, default_value = "recorded", value_parser = speed)]
    pub(crate) speed: Speed,
    /// Ends after so long, such as 10s or 500ms
    #[arg(long, value_parser = duration)]
    pub(crate) duration: Option<Duration>,
    /// Ends after so many transactions
    #[arg(long, value_parser = count)]
    pub(crate) count: Option<u64>,
    /// Threads: 4, 2 or fused; auto is 4 where there are as many processors, else fused
    #[arg(long, value_enum, default_value = "auto")]
    pub(crate) stages: Stages,
    /// Keeps the threads on processors: `--pin` for all that there are, or `--pin=0,2`
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "", value_parser = pin)]
    pub(crate) pin: Option<Processors>,
    /// What a thread does while it has nothing to do
    #[arg(long, value_enum, default_value = "yield")]
    pub(crate) wait: WaitArg,
    /// What happens when the first ring is full
    #[arg(long, value_enum, default_value = "block")]
    pub(crate) on_full: OnFullArg,
    /// The transactions that a ring holds
    #[arg(long, default_value_t = 1024)]
    pub(crate) ring: usize,
    /// The most transactions in a bundle
    #[arg(long, default_value_t = 16)]
    pub(crate) bundle_max: usize,
    /// How long a transaction waits at most for its bundle to fill
    #[arg(long, default_value = "100us", value_parser = duration)]
    pub(crate) bundle_timeout: Duration,
    /// What follows input that is malformed, or that the books refuse though nothing was dropped
    #[arg(long, value_enum, default_value = "stop")]
    pub(crate) on_fault: OnFault,
    /// Writes a line of JSON each interval, and one at the end, to the standard output
    #[arg(long, conflicts_with = "tui")]
    pub(crate) json: bool,
    /// How often
    #[arg(long, default_value = "1s", value_parser = duration)]
    pub(crate) interval: Duration,
    /// Serves the metrics for Prometheus there, at /metrics; the address is the loopback where it is only a port
    #[arg(long, value_parser = address)]
    pub(crate) metrics_addr: Option<SocketAddr>,
    /// Shows what happens, live
    #[arg(long)]
    pub(crate) tui: bool,
    /// The instrument whose best prices are shown
    #[arg(long, default_value_t = 1)]
    pub(crate) instrument: u16,
    /// Writes the end-to-end latencies to this file, in the format of HdrHistogram's plotter
    #[arg(long)]
    pub(crate) hgrm: Option<PathBuf>,
    /// Times nothing
    #[arg(long)]
    pub(crate) no_telemetry: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Generate {
    /// The file to write
    pub(crate) file: PathBuf,
    /// A file with options, as TOML
    #[arg(long)]
    pub(crate) config: Option<PathBuf>,
    /// The messages of the day
    #[arg(long, default_value = "1M", value_parser = count)]
    pub(crate) messages: u64,
    /// The seed
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Events a second
    #[arg(long, default_value = "1M", value_parser = rate)]
    pub(crate) rate: NonZeroU64,
    /// How they follow each other
    #[arg(long, value_enum, default_value = "hawkes")]
    pub(crate) arrivals: Arrivals,
    /// The instruments of the day
    #[arg(long, default_value_t = 8)]
    pub(crate) instruments: u16,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Bench {
    /// The limits of this machine: what a look at the clock and a hop of a cache line cost
    Floor(Floor),
    /// How far the clock drifts from the system's
    Clock(ClockBench),
}

#[derive(Debug, Args)]
pub(crate) struct Floor {
    /// Exchanges between two processors
    #[arg(long, default_value_t = 100_000)]
    pub(crate) rounds: u32,
    /// Writes a line of JSON instead
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ClockBench {
    /// How long it is watched
    #[arg(long, default_value = "60s", value_parser = duration)]
    pub(crate) duration: Duration,
}

/// Where transactions come from.
#[derive(Clone, Debug)]
pub(crate) enum From {
    Synthetic,
    Itch(PathBuf),
}

/// How fast a recorded day goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Speed {
    /// Thousandths of the recorded speed.
    Times(NonZeroU64),
    Max,
}

/// Processors; none for all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Processors(pub(crate) Vec<usize>);

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Arrivals {
    /// Equally spaced
    Uniform,
    /// At random, independently of each other
    Poisson,
    /// In clusters: each makes others likelier
    Hawkes,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Stages {
    Auto,
    #[value(name = "4")]
    Four,
    #[value(name = "2")]
    Two,
    Fused,
}

impl Stages {
    pub(crate) fn layout(self) -> Layout {
        match self {
            Self::Auto if affinity::processors().len() >= Layout::Four.threads() => Layout::Four,
            Self::Auto | Self::Fused => Layout::Fused,
            Self::Four => Layout::Four,
            Self::Two => Layout::Two,
        }
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum WaitArg {
    Spin,
    Yield,
    Park,
}

impl WaitArg {
    pub(crate) const fn wait(self) -> Wait {
        match self {
            Self::Spin => Wait::Spin,
            Self::Yield => Wait::Yield,
            Self::Park => Wait::Park,
        }
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum OnFullArg {
    /// The source waits
    Block,
    /// What comes is dropped
    DropNewest,
    /// What waited longest is dropped
    DropOldest,
}

impl OnFullArg {
    pub(crate) const fn on_full(self) -> OnFull {
        match self {
            Self::Block => OnFull::Block,
            Self::DropNewest => OnFull::DropNewest,
            Self::DropOldest => OnFull::DropOldest,
        }
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum OnFault {
    /// Ends there, with what came before put out, and exit code 3
    Stop,
    /// Goes on behind it, and counts it
    Resync,
}

fn from(text: &str) -> Result<From, String> {
    match text.split_once(':') {
        None if text == "synthetic" => Ok(From::Synthetic),
        Some(("itch", path)) if !path.is_empty() => Ok(From::Itch(path.into())),
        _ => Err("neither `synthetic` nor `itch:FILE`".to_owned()),
    }
}

/// A whole number, with k, M or G behind it for thousands, millions and thousands of millions.
fn count(text: &str) -> Result<u64, String> {
    let digits = text.trim_end_matches(['k', 'M', 'G']);
    let unit: u64 = match &text[digits.len()..] {
        "" => 1,
        "k" => 1_000,
        "M" => 1_000_000,
        "G" => 1_000_000_000,
        _ => return Err("a number with at most one of k, M and G behind it".to_owned()),
    };
    let number: u64 = digits
        .replace('_', "")
        .parse()
        .map_err(|_| "no whole number, such as 250k or 1M".to_owned())?;
    number
        .checked_mul(unit)
        .ok_or_else(|| "too large".to_owned())
}

fn rate(text: &str) -> Result<NonZeroU64, String> {
    NonZeroU64::new(count(text)?).ok_or_else(|| "a rate is at least 1".to_owned())
}

fn duration(text: &str) -> Result<Duration, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit: u64 = match &text[digits.len()..] {
        "ns" => 1,
        "us" => 1_000,
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        "m" => 60_000_000_000,
        "h" => 3_600_000_000_000,
        _ => return Err("no unit: ns, us, ms, s, m or h".to_owned()),
    };
    let number: u64 = digits
        .parse()
        .map_err(|_| "no whole number and unit, such as 10s or 500ms".to_owned())?;
    number
        .checked_mul(unit)
        .map(Duration::from_nanos)
        .ok_or_else(|| "too long".to_owned())
}

fn speed(text: &str) -> Result<Speed, String> {
    const THOUSAND: NonZeroU64 = NonZeroU64::new(1_000).expect("it is not 0");
    match text {
        "recorded" => return Ok(Speed::Times(THOUSAND)),
        "max" => return Ok(Speed::Max),
        _ => {}
    }
    let wrong = || "neither `recorded`, `max` nor a factor such as 2x or 0.5x".to_owned();
    let factor = text.strip_suffix('x').ok_or_else(wrong)?;
    let (whole, part) = factor.split_once('.').unwrap_or((factor, ""));
    if part.len() > 3 || !part.bytes().all(|it| it.is_ascii_digit()) {
        return Err("a factor has at most three digits behind its point".to_owned());
    }
    let thousandths = format!("{whole}{part:0<3}").parse().map_err(|_| wrong())?;
    NonZeroU64::new(thousandths)
        .map(Speed::Times)
        .ok_or_else(|| "a day does not end that stands still".to_owned())
}

fn pin(text: &str) -> Result<Processors, String> {
    if text.is_empty() {
        return Ok(Processors(affinity::processors()));
    }
    let numbers = text.split(',').map(str::parse);
    let numbers: Result<_, _> = numbers.collect();
    numbers
        .map(Processors)
        .map_err(|_| "no list of processors, such as 0,2".to_owned())
}

fn address(text: &str) -> Result<SocketAddr, String> {
    if let Ok(port) = text.trim_start_matches(':').parse::<u16>() {
        return Ok(SocketAddr::from(([127, 0, 0, 1], port)));
    }
    text.parse()
        .map_err(|_| "neither a port nor an address with a port".to_owned())
}

#[cfg(test)]
mod tests {
    use super::{Cli, Processors, Speed, address, count, duration, pin, speed};
    use clap::CommandFactory;
    use std::time::Duration;

    #[test]
    fn the_arguments_are_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn numbers_have_units() {
        assert_eq!(count("250k"), Ok(250_000));
        assert_eq!(count("1_000"), Ok(1_000));
        assert!(count("1kM").is_err() && count("").is_err() && count("99999999999G").is_err());
        assert_eq!(duration("500ms"), Ok(Duration::from_millis(500)));
        assert!(duration("5").is_err() && duration("s").is_err());
    }

    #[test]
    fn a_speed_is_a_factor_or_a_name() {
        let times = |text| match speed(text) {
            Ok(Speed::Times(times)) => times.get(),
            other => panic!("{other:?}"),
        };
        assert_eq!(
            (
                times("recorded"),
                times("2x"),
                times("0.5x"),
                times("1.25x")
            ),
            (1_000, 2_000, 500, 1_250)
        );
        assert_eq!(speed("max"), Ok(Speed::Max));
        assert!(
            speed("0x").is_err()
                && speed("2").is_err()
                && speed("1.2345x").is_err()
                && speed("-1x").is_err()
        );
    }

    #[test]
    fn a_port_alone_is_on_the_loopback() {
        assert_eq!(address("9100").unwrap().to_string(), "127.0.0.1:9100");
        assert_eq!(address(":9100").unwrap().to_string(), "127.0.0.1:9100");
        assert_eq!(address("0.0.0.0:9100").unwrap().to_string(), "0.0.0.0:9100");
        assert!(address("somewhere").is_err());
    }

    #[test]
    fn processors_are_a_list() {
        assert_eq!(pin("0,2"), Ok(Processors(vec![0, 2])));
        assert!(pin("a").is_err());
    }
}
