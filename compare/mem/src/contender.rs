//! The command line of a contender.

use crate::work;
use crate::{GUARD, HANDED, MIXED, PAIR, PROGRAM, TWO};
use std::process::ExitCode;

/// Something that can be done several times.
pub type Work<'a> = &'a mut dyn FnMut();

/// How the accounting of an allocator is used.
pub struct Contender {
    /// Does the work while everything is counted.
    pub on: fn(Work<'_>),
    /// The same while nothing is, where the program can choose.
    pub off: Option<fn(Work<'_>)>,
    /// Answers one request, on an account of its own where there are some.
    pub request: fn(Work<'_>),
    /// Enters and leaves an account so often.
    pub guard: Option<fn(u32)>,
    /// Operations are counted in thousands of nanoseconds, so that there are fewer of them.
    pub is_slow: bool,
}

/// Without accounts, and counting whether one wants it or not.
pub const PLAIN: Contender = Contender {
    on: |work| work(),
    off: None,
    request: |work| work(),
    guard: None,
    is_slow: false,
};

/// Does what the command line says, `on` or `off`, and prints a line for each workload: its name, a tab, and what an
/// operation takes in nanoseconds of processor time.
pub fn main(contender: &Contender) -> ExitCode {
    let mode = std::env::args().nth(1).unwrap_or_default();
    let passes = if contender.is_slow { 1 } else { 15 };
    let report = |workload: &str, ns: f64| println!("{workload}\t{ns}");
    match (mode.as_str(), contender.off) {
        ("on", _) => {
            let mut figures = Vec::with_capacity(8);
            (contender.on)(&mut || {
                figures.push((PAIR, work::pair(passes)));
                figures.push((TWO, work::two_threads(passes)));
                figures.push((HANDED, work::handed_over(passes)));
                figures.push((MIXED, work::mixed(passes)));
                figures.push((PROGRAM, work::program(passes, contender.request)));
            });
            for (workload, ns) in figures {
                report(workload, ns);
            }
            if let Some(guard) = contender.guard {
                report(GUARD, work::guard(passes, guard));
            }
        }
        ("off", Some(off)) => {
            let mut ns = 0.0;
            off(&mut || ns = work::pair(passes));
            report(PAIR, ns);
        }
        _ => {
            eprintln!("usage: on | off");
            return ExitCode::from(2);
        }
    }
    ExitCode::SUCCESS
}
