//! zk-alloc, the original that `phase-alloc` answers.
#![forbid(unsafe_code)]

use compare_phase::contender::{self, Phases};
use std::process::ExitCode;

#[global_allocator]
static ALLOC: zk_alloc::ZkAllocator = zk_alloc::ZkAllocator;

const PHASES: Phases = Phases {
    begin: zk_alloc::begin_phase,
    end: zk_alloc::end_phase,
};

fn main() -> ExitCode {
    contender::main(PHASES)
}
