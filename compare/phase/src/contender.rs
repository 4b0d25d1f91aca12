//! The command line of a contender.

use crate::prove::{self, Proving};
use crate::{micro, provers};
use serde::Serialize;
use std::process::ExitCode;
use tracing_subscriber::util::SubscriberInitExt as _;

/// How an allocator's phases begin and end.
#[derive(Clone, Copy)]
pub struct Phases {
    pub begin: fn(),
    pub end: fn(),
}

/// For an allocator without phases.
pub const NONE: Phases = Phases {
    begin: || (),
    end: || (),
};

/// Something that ends a phase, when a proof panics too.
pub struct Running(Phases);

impl Phases {
    pub fn start(self) -> Running {
        (self.begin)();
        Running(self)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        (self.0.end)();
    }
}

const USAGE: &str = "usage: with_* prove AIR LOG_ROWS PROOFS reused|fresh [phases] [tracing] \
                     [strict] | with_* micro GROUP [phases]";

/// Does what the arguments say, and prints one line of JSON. With `strict`, a proof that does not
/// verify fails the program.
pub fn main(phases: Phases) -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    let phases = if words.contains(&"phases") {
        phases
    } else {
        NONE
    };
    match words.as_slice() {
        ["prove", air, log_rows, proofs, config, options @ ..] => {
            let (Ok(log_rows), Ok(proofs)) = (log_rows.parse(), proofs.parse()) else {
                return usage();
            };
            if options.contains(&"tracing") {
                tracing_subscriber::registry().init();
            }
            let proving = Proving {
                log_rows,
                proofs,
                reused: *config == "reused",
                phases,
            };
            let Some(outcome) = prove_air(air, proving) else {
                return usage();
            };
            let valid = outcome.proofs.iter().all(|proof| proof.valid);
            print(&outcome);
            if options.contains(&"strict") && !valid {
                return ExitCode::FAILURE;
            }
        }
        ["micro", group, ..] => match micro::run(group, phases) {
            Some(times) => print(&times),
            None => return usage(),
        },
        _ => return usage(),
    }
    ExitCode::SUCCESS
}

fn usage() -> ExitCode {
    eprintln!("{USAGE}");
    ExitCode::from(2)
}

fn print(outcome: &impl Serialize) {
    let line = serde_json::to_string(outcome);
    println!("{}", line.expect("numbers and names are JSON"));
}

fn prove_air(air: &str, proving: Proving) -> Option<prove::Outcome> {
    Some(match air {
        "poseidon2" => prove::run::<provers::poseidon2::KoalaBearProver>(proving),
        "keccak" => prove::run::<provers::keccak::KoalaBearProver>(proving),
        "poseidon1" => prove::run::<provers::poseidon1::BabyBearProver>(proving),
        "poseidon2-zk" => prove::run::<provers::hiding::BabyBearProver>(proving),
        _ => return None,
    })
}
