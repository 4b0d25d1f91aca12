//! tracking-allocator: each block to the group that the thread is in, told to a tracker that sums up by group.
#![forbid(unsafe_code)]

use compare_mem::contender::{self, Contender, PLAIN, Work};
use std::alloc::System;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use tracking_allocator::{
    AllocationGroupId, AllocationGroupToken, AllocationRegistry, AllocationTracker, Allocator,
};

#[global_allocator]
static ALLOCATOR: Allocator<System> = Allocator::system();

/// Groups by number; more than there are here share one.
static LIVE: [AtomicU64; 64] = [const { AtomicU64::new(0) }; 64];

struct Sums;

impl AllocationTracker for Sums {
    fn allocated(&self, _: usize, _: usize, wrapped: usize, group: AllocationGroupId) {
        LIVE[group.as_usize().get() % LIVE.len()].fetch_add(wrapped as u64, Relaxed);
    }

    fn deallocated(
        &self,
        _: usize,
        _: usize,
        wrapped: usize,
        group: AllocationGroupId,
        _: AllocationGroupId,
    ) {
        LIVE[group.as_usize().get() % LIVE.len()].fetch_sub(wrapped as u64, Relaxed);
    }
}

fn token() -> AllocationGroupToken {
    AllocationGroupToken::register().expect("some groups are left")
}

fn on(work: Work<'_>) {
    AllocationRegistry::enable_tracking();
    let mut token = token();
    let _entered = token.enter();
    work();
}

fn off(work: Work<'_>) {
    AllocationRegistry::disable_tracking();
    work();
}

fn guard(times: u32) {
    let mut token = token();
    (0..times).for_each(|_| drop(token.enter()));
}

fn main() -> ExitCode {
    if AllocationRegistry::set_global_tracker(Sums).is_err() {
        return ExitCode::FAILURE;
    }
    contender::main(&Contender {
        on,
        off: Some(off),
        guard: Some(guard),
        ..PLAIN
    })
}
