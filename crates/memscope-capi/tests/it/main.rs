//! The library as C programs use it: compiled by the system's compiler, linked, run, and asked for their exit code.

mod arenas;
mod bed;
mod examples;
mod faults;
mod forks;
mod generated;
mod header;
mod off;
mod program;
