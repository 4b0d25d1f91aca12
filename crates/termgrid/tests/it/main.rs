//! The grid and the terminal, by their public interfaces.

mod allocations;
mod behaviour;
mod bytes;
mod frames;
mod model;
mod reflow;
mod support;
