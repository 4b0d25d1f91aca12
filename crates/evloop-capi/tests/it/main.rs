//! The library as C programs use it: compiled by the system's compiler, linked, and run.

mod bed;
mod handle;
mod libevent;
