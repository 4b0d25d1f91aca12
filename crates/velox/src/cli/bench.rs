//! `velox bench`: what this machine can do at best.

use std::hint::black_box;
use std::thread;
use std::time::{Duration, Instant};

use velox::affinity;
use velox::clock::{Clock, Skew, Time, exchange};

use super::args::{ClockBench, Floor};
use super::{Failure, print};

/// Calls that are timed together, and how often that is done: the median of these is told.
const CALLS: u32 = 10_000;
const ROUNDS: usize = 101;

/// Exchanges before those that count: the threads find each other.
const WARM_UP: usize = 1_000;

/// The cost of one call, in picoseconds.
fn cost_ps<R>(mut call: impl FnMut() -> R) -> u64 {
    let mut round = || {
        let start = Instant::now();
        for _ in 0..CALLS {
            black_box(call());
        }
        start.elapsed().as_nanos() as u64 * 1_000 / u64::from(CALLS)
    };
    let mut rounds: Vec<_> = (0..ROUNDS).map(|_| round()).collect();
    rounds.sort_unstable();
    rounds[ROUNDS / 2]
}

struct Hop {
    cpus: (usize, usize),
    /// There, in nanoseconds: half of there and back.
    median_ns: u64,
    least_ns: u64,
    skew: Option<Skew>,
}

fn hop(clock: &Clock, cpus: (usize, usize), rounds: u32) -> Result<Hop, Failure> {
    let exchanges = exchange(cpus.0, cpus.1, rounds.saturating_add(WARM_UP as u32))
        .map_err(|error| Failure::Machine(error.to_string()))?;
    let exchanges = &exchanges[WARM_UP..];
    let mut ticks: Vec<_> = exchanges
        .iter()
        .map(|it| it.received.wrapping_sub(it.sent))
        .collect();
    ticks.sort_unstable();
    let ns = |ticks: u64| clock.calibration().scale().ns(ticks) / 2;
    Ok(Hop {
        cpus,
        median_ns: ticks.get(ticks.len() / 2).map_or(0, |it| ns(*it)),
        least_ns: ticks.first().map_or(0, |it| ns(*it)),
        skew: Skew::from_rounds(exchanges.iter().copied()),
    })
}

pub(crate) fn floor(arguments: &Floor) -> Result<(), Failure> {
    let clock = Clock::calibrated_for(Duration::from_millis(200));
    let clock_ps = cost_ps(|| clock.now_ns());
    let system_ps = cost_ps(Instant::now);
    let cpus = affinity::processors();
    let pairs = cpus.windows(2).map(|it| (it[0], it[1]));
    let hops: Result<Vec<_>, _> = pairs
        .map(|pair| hop(&clock, pair, arguments.rounds.max(1)))
        .collect();
    let hops = hops?;
    let calibration = clock.calibration();
    if arguments.json {
        let hops: Vec<_> = hops
            .iter()
            .map(|it| {
                serde_json::json!({
                    "from": it.cpus.0, "to": it.cpus.1, "median_ns": it.median_ns, "least_ns": it.least_ns,
                    "skew_ticks": it.skew.map(|skew| [skew.ticks_min, skew.ticks_max]),
                })
            })
            .collect();
        let line = serde_json::json!({
            "schema_version": 1,
            "clock": format!("{:?}", clock.source()).to_lowercase(),
            "hertz": calibration.hertz(),
            "error_ppb": calibration.error_ppb(),
            "clock_ps": clock_ps,
            "system_clock_ps": system_ps,
            "hops": hops,
        });
        return print(&line.to_string());
    }
    print(&format!(
        "clock        {:?}, {} Hz, measured to {} ppb\na look at it {} ns; at the system's clock {} ns",
        clock.source(),
        calibration.hertz(),
        calibration.error_ppb(),
        tenths(clock_ps),
        tenths(system_ps),
    ))?;
    for it in &hops {
        let skew = it
            .skew
            .map_or("the counters' offset is not constant".to_owned(), |skew| {
                format!(
                    "counters apart by {} to {} ticks",
                    skew.ticks_min, skew.ticks_max
                )
            });
        print(&format!(
            "a hop of a cache line from processor {} to {}: {} ns, at least {} ns; {skew}",
            it.cpus.0, it.cpus.1, it.median_ns, it.least_ns
        ))?;
    }
    if hops.is_empty() {
        print("a hop of a cache line: not run: it takes two processors")?;
    }
    Ok(())
}

fn tenths(ps: u64) -> String {
    format!("{}.{}", ps / 1_000, ps % 1_000 / 100)
}

pub(crate) fn clock(arguments: &ClockBench) -> Result<(), Failure> {
    let clock = Clock::new();
    let calibration = clock.calibration();
    print(&format!(
        "{:?}, {} Hz, measured for {} ms to {} ppb",
        clock.source(),
        calibration.hertz(),
        Clock::SPAN.as_millis(),
        calibration.error_ppb()
    ))?;
    let mut renewed = clock;
    let (mine, system) = (clock.now_ns(), Instant::now());
    thread::sleep(arguments.duration);
    let (mine, system) = (clock.now_ns() - mine, system.elapsed().as_nanos() as u64);
    renewed.recalibrate();
    let apart = i128::from(mine) - i128::from(system);
    let ppb = apart * 1_000_000_000 / i128::from(system.max(1));
    print(&format!(
        "after {system} ns of the system's clock it is {apart} ns apart: {ppb} ppb\nmeasured anew: {} Hz to {} ppb",
        renewed.calibration().hertz(),
        renewed.calibration().error_ppb()
    ))
}
