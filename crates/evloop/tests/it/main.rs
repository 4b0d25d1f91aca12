//! The loop, by its public interface.

mod drops;
mod embed;
mod io;
mod kinds;
mod model;
mod order;
mod remote;
mod signals;
mod simulation;
mod sockets;
mod timers;
