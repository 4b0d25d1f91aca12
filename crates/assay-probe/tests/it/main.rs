//! The probe as the engine links it: unpacked sources, small programs, real tools.
#![cfg(all(target_os = "linux", target_pointer_width = "64", not(miri)))]

mod allocating;
mod bed;
mod counting;
mod mutants;
mod tools;
