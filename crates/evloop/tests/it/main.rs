//! The loop, by its public interface.
#![cfg(not(loom))]

mod allocations;
mod drops;
mod embed;
mod faults;
mod io;
mod kinds;
mod model;
mod order;
mod published;
mod remote;
mod signals;
mod simulation;
mod sockets;
mod timers;
