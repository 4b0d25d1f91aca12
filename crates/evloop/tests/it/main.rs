//! The loop, by its public interface.

mod drops;
mod io;
mod model;
mod order;
mod remote;
mod signals;
mod simulation;
mod timers;
