//! phase-alloc with huge pages.
#![forbid(unsafe_code)]

use compare_phase::contender::{self, Phases};
use phase_alloc::PhaseAlloc;
use std::process::ExitCode;

#[global_allocator]
static ALLOC: PhaseAlloc = PhaseAlloc::builder().huge_pages(true).build();

const PHASES: Phases = Phases {
    begin: phase_alloc::begin_phase,
    end: phase_alloc::end_phase,
};

fn main() -> ExitCode {
    contender::main(PHASES)
}
