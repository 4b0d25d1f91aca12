//! One binary whose allocator counts, as that of a program would.

mod arenas;
mod attribute;
mod balance;
mod budgets;
mod checkpoints;
mod compile_fail;
mod faults;
mod frames;
mod futures;
mod model;
mod off;
mod scopes;
#[path = "../support/mod.rs"]
mod support;
mod threads;
mod transfer;

use memscope::Scoped;
use support::not_run;

#[global_allocator]
static ALLOCATOR: Scoped = Scoped::system();
