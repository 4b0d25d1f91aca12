//! The library as C programs use it: compiled by the system's compiler, linked, run, and asked for their exit code.

mod bed;
mod faults;
mod header;
mod off;
